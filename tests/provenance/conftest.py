"""One small marked, sealed clip with its slip, made once for all tests of this room."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from animate.core.types import Photo, Provenance
from animate.media.read import open_video
from animate.media.write import write_clip
from animate.provenance import citation, seal
from animate.provenance.badge import Badge
from animate.provenance.c2pa import keys, manifest
from animate.provenance.watermark.embed import Watermark


@dataclass(frozen=True)
class Made:
    """Everything a test may ask about the clip."""

    path: Path
    record: Provenance
    photo: Photo
    mark_id: str
    config: Path
    notes: tuple[str, ...]


def frames(still: np.ndarray, count: int = 10):
    """The photograph, a patch of which changes a little."""
    for index in range(count):
        frame = still.copy()
        frame[100:200, 180:280] = np.roll(still[100:200, 180:280], index % 3, axis=1)
        yield frame


@pytest.fixture(scope="session")
def still() -> np.ndarray:
    """A photograph (512, 512, 3) in grey, like an old print."""
    return np.repeat(data.astronaut().mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)


@pytest.fixture(scope="session")
def made(still, tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    config = folder / "config"
    record = Provenance(
        program="keepsake 0.1.0",
        model="keepsake 1234",
        photo="Ännchen & Karl.jpg",
        photo_sha256="ab" * 32,
        photo_size=(512, 512),
        gestures={1: "smile"},
        options={"head": 1.0},
        synthesized=3.25,
        created="2025-03-04T05:06:07Z",
        extra={"title": "Anna, 1901", "names": "Anna\nMüller", "source": "Album of K. M.", "consent": "family"},
    )
    identity = seal.identity(record)
    mark, icon = Watermark(512, 512, identity, reference=still), Badge(512, 512)
    path = write_clip(
        folder / "anna.mp4", (mark.stamp(icon.stamp(frame)) for frame in frames(still)), width=512, height=512, fps=5
    )
    notes = seal.sign(path, record, photo=still, signer=keys.signer(config=config))
    kind = manifest.content_type(path)
    citation.write(path, citation.content(path.name, citation.sha256(path), record, identity.hex(), kind))
    return Made(
        path, record, Photo(still, name=record.photo, sha256=record.photo_sha256), identity.hex(), config, notes
    )


@pytest.fixture
def copy(made, tmp_path) -> Path:
    """The clip with its slips in a folder of the test's own."""
    for file in (made.path, *citation.paths(made.path)):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / made.path.name


@pytest.fixture
def opener():
    """What the pipeline gives `verify` to read frames with."""
    return lambda path: open_video(path, threads=1)
