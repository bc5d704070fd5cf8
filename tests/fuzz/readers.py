"""Which readers a damaged file is given to, and what may come of it: a result, or an error with a hint, in time."""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from animate.core import memory
from animate.core.errors import KeepsakeError

MOST_SECONDS, MOST_MB = 10.0, 1500.0
_STILL = ("jpg", "png", "tif", "webp", "gif", "avif", "bmp")


def _photo(path: Path) -> None:
    from animate.photo.read import read_photo

    read_photo(path)


def _driver(path: Path) -> None:
    from animate.media.read import open_video

    for _, _ in zip(range(40), open_video(path, longest=64, threads=1), strict=False):
        pass


def _verify(path: Path) -> None:
    from animate import api

    assert api.verify(path).lines


def _card(path: Path) -> None:
    from animate.motion.gesture_file import load_gesture

    load_gesture(path)


def _slip(path: Path) -> None:
    from animate.provenance import citation

    clip = path.with_suffix("")
    citation.read(clip)


def _weights(path: Path) -> None:
    from animate.fomm.checkpoint import import_checkpoint

    import_checkpoint(path)


def _ours(path: Path) -> None:
    from animate.model.checkpoint import read

    read(path, "fomm10")


def _keys(path: Path) -> None:
    from animate.provenance.c2pa import keys

    keys.signer(path, path)


def readers(name: str) -> list[Callable[[Path], None]]:
    """The readers for the seed called `name`."""
    ending = name.rsplit(".", 1)[-1]
    if ending in _STILL:
        return [_photo, _driver, _verify]
    special = {"card": [_card], "json": [_slip], "tar": [_weights], "safetensors": [_weights, _ours], "pem": [_keys]}
    return special.get(ending, [_driver, _verify])


def fault(reader: Callable[[Path], None], path: Path) -> str:
    """What is wrong with how `reader` takes the file at `path`; "" when nothing is."""
    _reset_peak()
    begin = time.process_time()
    problem = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            reader(path)
    except KeepsakeError as error:
        if not error.hint or not str(error):
            problem = f"no hint: {error!r}"
    except Exception:
        problem = traceback.format_exc()
    seconds, most = time.process_time() - begin, memory.peak() if sys.platform == "linux" else 0.0
    if seconds > MOST_SECONDS:
        problem += f"\ntook {seconds:.1f} seconds"
    if most > MOST_MB:
        problem += f"\ntook {most:.0f} MB"
    return problem and f"{reader.__name__}: {problem}"


def _reset_peak() -> None:
    if sys.platform == "linux":
        memory.trim()
        Path("/proc/self/clear_refs").write_text("5")
