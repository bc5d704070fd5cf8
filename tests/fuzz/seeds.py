"""One small good file a format, for the fuzz tests to damage; made on the spot."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from media.videos import film, picture
from PIL import Image
from skimage.data import astronaut


def _face() -> np.ndarray:
    return np.ascontiguousarray(astronaut()[20:116, 170:242])  # (96, 72, 3)


def _picture(kind: str, mode: str = "RGB", **choices) -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    if kind in ("JPEG", "PNG", "WEBP", "AVIF"):
        choices["exif"] = exif
    Image.fromarray(_face()).convert(mode).save(stream, kind, **choices)
    return stream.getvalue()


def _animation(kind: str, **choices) -> bytes:
    stream = io.BytesIO()
    first, *others = (Image.fromarray(picture(index, 64, 48)) for index in range(5))
    first.save(stream, kind, save_all=True, append_images=others, duration=80, loop=0, **choices)
    return stream.getvalue()


def _pages() -> bytes:
    stream = io.BytesIO()
    face = _face()
    others = [Image.fromarray(face), Image.fromarray(face[:, :, 0].astype(np.uint16) * 257)]
    Image.fromarray(face[::2, ::2].copy()).save(stream, "TIFF", save_all=True, append_images=others)
    return stream.getvalue()


def _video(ending: str, codec: str, **choices) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        frames = [picture(index, 64, 48) for index in range(8)]
        return film(Path(folder) / f"a{ending}", frames, codec=codec, **choices).read_bytes()


def _card() -> bytes:
    from animate.motion import gesture_file

    return sorted(gesture_file._bundled().items())[0][1].read_bytes()


def _slip() -> bytes:
    slip = {
        "format": "keepsake slip 1",
        "clip": {"file": "a.mp4", "sha256": "0" * 64, "type": "video/mp4", "mark": "0" * 12},
        "photograph": {"file": "a.jpg", "sha256": "1" * 64, "width": 100, "height": 120},
        "made": {"date": "2026-01-01", "program": "keepsake", "options": {"head": 1.0}, "notes": ["a", "b"]},
    }
    return json.dumps(slip, indent=1).encode()


def _networks(save: Callable[[dict, Path], None]) -> bytes:
    from fomm_small import checkpoint, small

    with tempfile.TemporaryDirectory() as folder:
        save(checkpoint(small()), Path(folder) / "a")
        return (Path(folder) / "a").read_bytes()


def _pth(legacy: bool) -> bytes:
    import torch

    return _networks(lambda parts, file: torch.save(parts, file, _use_new_zipfile_serialization=not legacy))


def _safetensors() -> bytes:
    from safetensors.torch import save_file

    def save(parts: dict, file: Path) -> None:
        names = ("generator", "kp_detector")
        save_file({f"{part}.{key}": value for part in names for key, value in parts[part].items()}, file)

    return _networks(save)


def _pem() -> bytes:
    """A key and a chain of two certificates, as they lie in an installation's folder."""
    from animate.provenance.c2pa import keys

    with tempfile.TemporaryDirectory() as folder:
        keys.signer(config=Path(folder))
        return b"".join((Path(folder) / "signer" / name).read_bytes() for name in ("key.pem", "chain.pem"))


SEEDS: dict[str, Callable[[], bytes]] = {
    "jpg": lambda: _picture("JPEG"),
    "progressive.jpg": lambda: _picture("JPEG", progressive=True),
    "png": lambda: _picture("PNG"),
    "tif": lambda: _picture("TIFF", compression="tiff_lzw"),
    "pages.tif": _pages,
    "webp": lambda: _picture("WEBP"),
    "gif": lambda: _picture("GIF", "P"),
    "avif": lambda: _picture("AVIF", speed=10),
    "bmp": lambda: _picture("BMP"),
    "animated.gif": lambda: _animation("GIF"),
    "animated.webp": lambda: _animation("WEBP"),
    "animated.png": lambda: _animation("PNG"),
    "animated.avif": lambda: _animation("AVIF", speed=10),
    "mp4": lambda: _video(".mp4", "libx264", sound=True),
    "mov": lambda: _video(".mov", "mpeg4", options={}),
    "avi": lambda: _video(".avi", "mjpeg", pix_fmt="yuvj420p", options={}),
    "webm": lambda: _video(".webm", "libvpx", options={"crf": "10", "b": "1M"}),
    "card": _card,
    "json": _slip,
    "safetensors": _safetensors,
    "pth.tar": lambda: _pth(False),
    "legacy.pth.tar": lambda: _pth(True),
    "pem": _pem,
}


@cache
def seed(name: str) -> bytes:
    """The good file called so; made once a process."""
    return SEEDS[name]()
