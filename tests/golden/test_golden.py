"""Golden pictures: a few small frames that move only on purpose (`make golden`), so that nothing changes unnoticed.

A failure writes the picture that came and the difference, enlarged eight times, into `runs/golden/` for the eye.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from fomm_small import small
from PIL import Image
from skimage import data

from animate import api
from animate.core.options import Options
from animate.core.types import Photo

HERE = Path(__file__).parent
SEEN = Path("runs") / "golden"
MEAN, MOST = 1.0, 40  # of 255: mean error, and the largest in any 8 x 8 block's mean
CASES = {  # name: gesture, share of the clip, options
    "blink": ("blink", 0.5, {}),
    "smile": ("smile", 0.5, {}),
    "group": ("look-around", 0.35, {"faces": "all"}),
    "sepia": ("surprise", 0.5, {}),
    "vox": ("tilt", 0.5, {}),
}


@pytest.fixture(scope="module")
def model():
    return api.load()


def _photo(name: str) -> Photo:
    face = data.astronaut()[:256, 96:352].copy()
    if name == "group":
        face = np.concatenate([face, face[:, ::-1]], axis=1)
    if name == "sepia":
        grey = face.mean(-1, keepdims=True)
        face = np.clip(60 + grey * [0.62, 0.55, 0.42], 0, 255).astype(np.uint8)
    return Photo(face, f"{name}.png")


def _frame(name: str, model) -> np.ndarray:
    gesture, share, options = CASES[name]
    if name == "vox":
        model = api.Model("vox", "random", model.keypoints, fomm=_random_fomm())
    clip = api.clip(_photo(name), gesture, model=model, options=Options(threads=1, **options))
    wanted = int(share * clip.count)
    return next(frame for index, frame in enumerate(clip.frames()) if index == wanted)


def _random_fomm():
    from animate.fomm.model import Fomm

    return Fomm(small())


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_frames_are_the_golden_ones(name, model):
    frame, kept = _frame(name, model), HERE / f"{name}.png"
    if os.environ.get("KEEPSAKE_GOLDEN") == "write":
        Image.fromarray(frame).save(kept, optimize=True)
        return
    wanted = np.asarray(Image.open(kept))
    off = np.abs(frame.astype(int) - wanted).mean(-1)
    blocks = off[: len(off) // 8 * 8, : off.shape[1] // 8 * 8].reshape(len(off) // 8, 8, -1, 8).mean((1, 3))
    if off.mean() >= MEAN or blocks.max() >= MOST:
        SEEN.mkdir(parents=True, exist_ok=True)
        Image.fromarray(frame).save(SEEN / f"{name}.png")
        Image.fromarray(np.clip(8 * off, 0, 255).astype(np.uint8)).save(SEEN / f"{name}-difference.png")
    assert off.mean() < MEAN and blocks.max() < MOST, f"look at {SEEN}/{name}.png"
