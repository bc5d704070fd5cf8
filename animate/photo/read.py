"""Reads a photograph, from a file, from bytes or from an array, into a Photo.

Pixels come out upright, RGB uint8, sRGB, without transparency; notes say what had to be done.
"""

from __future__ import annotations

import difflib
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from animate.core.budget import PHOTO, Budget
from animate.core.errors import UnreadablePhoto
from animate.core.types import Photo
from animate.photo import check
from animate.photo.decode import check_size, decode


def read_photo(source: str | Path | bytes | np.ndarray, *, page: int = 0, limits: Budget = PHOTO) -> Photo:
    """The photograph in a file (its suffix does not matter), in a file's bytes, or in an array.

    Args:
        source: a path, bytes, or an array, grey (H, W), RGB (H, W, 3) or RGBA (H, W, 4): uint8, uint16, or float in
            0..1; the Photo holds a copy.
        page: of a file that holds several, from 1 on; 0 takes the largest of a TIFF, else the first.
        limits: what may be read; asked before decoding.

    Returns:
        Photo, upright sRGB uint8 without transparency; its notes give the page that was taken, and what `check` found.

    Raises:
        UnreadablePhoto, PhotoTooLarge, PhotoTooSmall: each with a hint.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, limits)
    with _opened(source, limits) as (handle, name, size):
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        handle.seek(0)
        pixels, notes = decode(handle, name or "the picture", limits=limits, page=page)
    return Photo(pixels, name=name, sha256=digest, bytes=size, notes=(*notes, *check.notes(pixels)))


@contextmanager
def _opened(source: str | Path | bytes, limits: Budget) -> Iterator[tuple[BinaryIO, str, int]]:
    """(stream, file name or "", size in bytes)."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        _check_bytes(len(source), "the picture", limits)
        yield io.BytesIO(source), "", len(source)
    elif isinstance(source, (str, os.PathLike)):
        path = _existing(source)
        _check_bytes(path.stat().st_size, path.name, limits)
        with _open_file(path) as handle:
            yield handle, path.name, path.stat().st_size
    else:
        raise UnreadablePhoto(
            f"a photograph is a path, bytes or an array, not {type(source).__name__}",
            hint="for a Pillow image give np.asarray(image.convert('RGB'))",
        )


def _existing(source: str | os.PathLike) -> Path:
    """The path of an ordinary file; raises UnreadablePhoto for anything else."""
    text = os.fspath(source)
    if isinstance(text, bytes):
        text = os.fsdecode(text)
    if text.startswith(("http://", "https://")):
        raise UnreadablePhoto(
            f"{text} is an address on the web", hint="save the picture to a file first; nothing is fetched from here"
        )
    try:
        path = Path(text).expanduser()
        if path.is_file():
            return path
        folder, there = path.is_dir(), path.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise UnreadablePhoto(f"{text!r} cannot be opened ({error})", hint="check the file's name") from error
    if folder:
        raise UnreadablePhoto(
            f"{path} is a folder, not a photograph", hint="give one file of it; a folder is for an album"
        )
    if there:
        raise UnreadablePhoto(f"{path} is not an ordinary file", hint="give a photograph saved on the disk")
    raise UnreadablePhoto(f"there is no file {path}", hint=_meant(path))


def _meant(path: Path) -> str:
    """A guess at which file was meant."""
    try:
        alike = difflib.get_close_matches(path.name, os.listdir(path.parent), n=1)
    except OSError:
        return f"there is no folder {path.parent} either"
    return f"did you mean {path.parent / alike[0]}?" if alike else "check the spelling and the folder"


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except PermissionError as error:
        raise UnreadablePhoto(
            f"{path.name} may not be read by you", hint="change the file's permissions, or copy it"
        ) from error
    except OSError as error:
        raise UnreadablePhoto(
            f"{path.name} cannot be opened ({error.strerror})", hint="copy it to this computer's own disk"
        ) from error


def _check_bytes(size: int, what: str, limits: Budget) -> None:
    if size == 0:
        raise UnreadablePhoto(f"{what} is empty (0 bytes)", hint="copy or download it again")
    limits.check_bytes(size, what)


def _from_array(array: np.ndarray, limits: Budget) -> Photo:
    if array.ndim not in (2, 3) or array.ndim == 3 and array.shape[2] not in (1, 3, 4) or 0 in array.shape:
        raise UnreadablePhoto(
            f"an array of shape {array.shape} is not a photograph", hint="give (H, W), (H, W, 3) RGB or (H, W, 4) RGBA"
        )
    check_size(array.shape[1], array.shape[0], "the array", limits)
    pixels = np.atleast_3d(_eight_bit(array))
    if pixels.shape[2] == 4:
        alpha = pixels[:, :, 3:].astype(np.uint16)
        pixels = ((pixels[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return Photo(np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))).copy())


def _eight_bit(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return (array / np.float32(257) + np.float32(0.5)).astype(np.uint8)
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "f" and np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1:
        return (array * 255 + 0.5).astype(np.uint8)
    raise UnreadablePhoto(
        f"an array of {array.dtype} with values outside what was expected is not a photograph",
        hint="give uint8, uint16, or float between 0 and 1",
    )
