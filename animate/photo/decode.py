"""An open picture file -> upright sRGB pixels; the budget is asked of the declared size, before decoding.

What is not a photograph never reaches a parser: Pillow gets one format to try, the one that the first bytes name.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from animate.core.budget import Budget, in_pixels
from animate.core.errors import PhotoError, PhotoTooLarge, PhotoTooSmall, UnreadablePhoto
from animate.core.file_type import DAMAGE, HEAD, webp_size
from animate.photo import pages
from animate.photo.colour import make_converter
from animate.photo.file_type import sniff
from animate.photo.orientation import as_stored, upright_size

if TYPE_CHECKING:
    from PIL import Image

LEAST_SIDE = 40  # pixels; no face in less can be animated

_COST = {"WEBP": 16, "AVIF": 16, "JPEG2000": 24}  # bytes a pixel while decoding; measured, with what is made of it
_USUAL_COST = 7

_AGAIN = "copy, download or scan it again"
_END = b"\xff\xd9"  # the marker that ends a JPEG
_ORIENTATION, _BITS, _PLANAR = 274, 258, 284  # EXIF and TIFF tags
_STRIP = 2_000_000  # pixels that are converted at a time


def decode(handle: BinaryIO, what: str, *, limits: Budget, page: int = 0) -> tuple[np.ndarray, list[str]]:
    """The pixels of a picture file, upright, and what had to be done for them.

    Args:
        handle: the file, open and at its beginning.
        what: the file's name for messages.
        limits: what may be read.
        page: of a file of several, from 1 on; 0 takes the largest.

    Returns:
        (H, W, 3) uint8 sRGB, and notes in plain words.

    Raises:
        UnreadablePhoto, PhotoTooLarge, PhotoTooSmall: each with a hint; of several pages it gives the number.
    """
    notes: list[str] = []
    head = handle.read(HEAD)
    kind = sniff(head, what)
    if kind == "WEBP":
        _check_webp(head, what, limits)
    with _quiet():
        with _readable(what, kind, limits):
            image = _open(handle, kind)
            choice = pages.choose(image, page, what)
        try:
            with _readable(what, kind, limits):
                return _decode(image, handle, kind, what, limits, notes), [*choice.note, *notes]
        except PhotoError as error:
            error.hint += choice.advice
            raise


def check_size(width: int, height: int, what: str, limits: Budget) -> None:
    """Raises PhotoTooSmall or PhotoTooLarge."""
    limits.check_size(width, height, what)
    if min(width, height) < LEAST_SIDE:
        raise PhotoTooSmall(
            f"{what} has only {width} x {height} pixels, at least {LEAST_SIDE} on each side are needed",
            hint="find a larger copy, or scan the print at 300 dpi or more",
        )


def _check_webp(head: bytes, what: str, limits: Budget) -> None:
    size = webp_size(head)
    if size is None:
        raise UnreadablePhoto(f"{what} is a WebP picture, but cut off", hint=_AGAIN)
    check_size(*size, what, limits)
    limits.check_memory(*size, _COST["WEBP"], what)


def _decode(image: Image.Image, handle: BinaryIO, kind: str, what: str, limits: Budget, notes: list[str]) -> np.ndarray:
    check_size(*image.size, what, limits)
    limits.check_memory(*image.size, _COST.get(kind, _USUAL_COST), what)
    if kind == "TIFF":
        _check_tiff(image)
    image, turned = _load(image, handle, kind, notes)
    return _develop(image, turned, notes)


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns about odd metadata; what a person should know is in the notes and errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _readable(what: str, kind: str, limits: Budget) -> Iterator[None]:
    """Turns what a damaged file makes Pillow raise into UnreadablePhoto, and a lack of memory into PhotoTooLarge."""
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except Image.DecompressionBombError as error:
        most = in_pixels(limits.pixels)
        raise PhotoTooLarge(f"{what} declares too many pixels, the limit is {most}", hint=limits.hint) from error
    except MemoryError as error:
        raise PhotoTooLarge(f"there is not enough memory to decode {what}", hint=limits.hint) from error
    except UnidentifiedImageError as error:
        raise UnreadablePhoto(
            f"{what} begins like a {kind} picture but is damaged, cut off or of a rare kind",
            hint=f"{_AGAIN}, or save it as RGB with 8 or 16 bit a channel in an editor that opens it",
        ) from error
    except DAMAGE as error:
        raise _damaged(what, kind, error) from error


def _damaged(what: str, kind: str, error: Exception) -> UnreadablePhoto:
    message = str(error).lower()
    if "pixel mode" in message:
        return UnreadablePhoto(
            f"{what} is a {kind} picture of a rare kind that cannot be read here ({error})",
            hint="open it in an editor and save it as RGB with 8 or 16 bit a channel",
        )
    state = "cut off" if "truncated" in message or isinstance(error, EOFError) else "damaged or cut off"
    return UnreadablePhoto(f"{what} begins like a {kind} picture but is {state} ({error})", hint=_AGAIN)


def _open(handle: BinaryIO, kind: str) -> Image.Image:
    """The header, read; no pixels yet."""
    from PIL import Image

    handle.seek(0)
    return Image.open(handle, formats=[kind])


def _check_tiff(image: Image.Image) -> None:
    """Raises ValueError for the two kinds of TIFF that Pillow would take without a word and read wrongly."""
    deep = max(image.tag_v2.get(_BITS, (1,)))
    if deep > 8 and image.tag_v2.get(_PLANAR, 1) == 2 and image.tile and image.tile[0].codec_name == "raw":
        raise ValueError(f"unsupported pixel mode: {deep} bit in separate planes")
    if image.mode == "I" and deep == 32:
        raise ValueError("unsupported pixel mode: grey of 32 bit")


def _load(image: Image.Image, handle: BinaryIO, kind: str, notes: list[str]) -> tuple[Image.Image, int]:
    """The decoded picture and the orientation that is still to be undone."""
    # Pillow turns TIFFs upright by itself and forgets the tag.
    turned = getattr(image, "tag_v2", {}).get(_ORIENTATION, 1)
    try:
        image.load()
    except DAMAGE:
        if kind != "JPEG":
            raise
        image = _rescue(handle, notes)
    left = _orientation(image)
    if max(turned, left) > 1:
        notes.append(f"turned upright (EXIF orientation {max(turned, left)})")
    if kind == "JPEG" and image.mode == "CMYK" and "adobe" not in image.info:
        image = _positive(image)
    return image, left


def _orientation(image: Image.Image) -> int:
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except DAMAGE:
        return 1
    return orientation if orientation in range(1, 9) else 1


def _positive(image: Image.Image) -> Image.Image:
    """Pillow takes every CMYK JPEG for one of Adobe's, which store ink inverted; the others mean what they say."""
    from PIL import ImageChops

    profile = image.info.get("icc_profile")
    image = ImageChops.invert(image)
    if profile:
        image.info["icc_profile"] = profile
    return image


def _rescue(handle: BinaryIO, notes: list[str]) -> Image.Image:
    """The whole rows at the top of a JPEG that is cut off; raises UnreadablePhoto if they are fewer than half.

    With an end marker behind it the decoder gives what there is and fills the rest with middle grey.
    """
    handle.seek(0)
    image = _open(io.BytesIO(handle.read() + _END), "JPEG")
    image.load()
    rows = _whole_rows(image)
    if 2 * rows < image.height:
        raise ValueError(f"truncated: only {rows} of {image.height} rows are there")
    lost = f"only {rows} of {image.height} rows are there" if rows < image.height else "its end is missing or coarse"
    notes.append(f"the file is cut off: {lost}")
    return image.crop((0, 0, image.width, rows))


def _whole_rows(image: Image.Image) -> int:
    """Rows before the filling: those whose right end is something else than flat middle grey."""
    end = np.asarray(image.crop((max(image.width - 8, 0), 0, image.width, image.height)), dtype=np.int16)
    filled = (np.abs(end.reshape(len(end), -1) - 128) <= 1).all(axis=1)
    there = np.flatnonzero(~filled)
    return int(there[-1]) + 1 if len(there) else 0


def _develop(image: Image.Image, orientation: int, notes: list[str]) -> np.ndarray:
    """The loaded picture as upright sRGB pixels, written strip by strip into one array."""
    width, height = upright_size(*image.size, orientation)
    pixels = np.empty((height, width, 3), np.uint8)
    stored = as_stored(pixels, orientation)
    develop = make_converter(image, notes)
    step = max(1, _STRIP // image.width)
    for top in range(0, image.height, step):
        bottom = min(top + step, image.height)
        stored[top:bottom] = develop(image.crop((0, top, image.width, bottom)))
    return pixels
