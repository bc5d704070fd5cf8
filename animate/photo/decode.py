"""An open picture file -> upright sRGB pixels; the limits are checked on the declared size, before decoding.

The formats' readers are called one by one rather than through Image.open: what is not a photograph never reaches a
parser, and Pillow's own process-wide pixel limit does not stand in the way of ours.
"""

from __future__ import annotations

import importlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from animate.core.errors import PhotoTooLarge, PhotoTooSmall, UnreadablePhoto
from animate.photo.colour import make_converter
from animate.photo.file_type import HEAD, sniff, webp_size
from animate.photo.orientation import as_stored, upright_size

if TYPE_CHECKING:
    from PIL import Image

LEAST_SIDE = 40  # pixels; no face in less can be animated

_READERS = {
    "JPEG": ("JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
    "WEBP": ("WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("AvifImagePlugin", "AvifImageFile"),
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "GIF": ("GifImagePlugin", "GifImageFile"),
    "JPEG2000": ("Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "PPM": ("PpmImagePlugin", "PpmImageFile"),
    "PSD": ("PsdImagePlugin", "PsdImageFile"),
}

# What Pillow's readers are known to raise on damaged files.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)
_AGAIN = "copy, download or scan it again"
_END = b"\xff\xd9"  # the marker that ends a JPEG
_ORIENTATION, _BITS, _PLANAR = 274, 258, 284  # EXIF and TIFF tags
_STRIP = 2_000_000  # pixels that are converted at a time


def decode(handle: BinaryIO, what: str, *, max_pixels: int) -> tuple[np.ndarray, list[str]]:
    """Upright sRGB pixels (H, W, 3) uint8 and notes in plain words; `what` names the file in messages.

    Raises UnreadablePhoto, PhotoTooLarge or PhotoTooSmall.
    """
    notes: list[str] = []
    head = handle.read(HEAD)
    kind = sniff(head, what)
    with _quiet(), _readable(what, kind):
        if kind == "WEBP":
            check_size(*webp_size(head, what), what, max_pixels=max_pixels)
        image = _open(handle, kind)
        check_size(*image.size, what, max_pixels=max_pixels)
        if getattr(image, "is_animated", False):
            notes.append("the file holds several pictures; the first was used")
        image, turned = _load(image, handle, kind, notes)
        return _develop(image, turned, notes), notes


def check_size(width: int, height: int, what: str, *, max_pixels: int) -> None:
    """Raises PhotoTooSmall or PhotoTooLarge."""
    if width * height > max_pixels:
        raise PhotoTooLarge(
            f"{what} has {width} x {height} pixels, the limit is {max_pixels / 1e6:g} megapixels",
            hint="save it smaller, for instance 6000 pixels on the longer side",
        )
    if min(width, height) < LEAST_SIDE:
        raise PhotoTooSmall(
            f"{what} has only {width} x {height} pixels, at least {LEAST_SIDE} on each side are needed",
            hint="look for a larger copy, or scan the print at 300 dpi or more",
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns about odd metadata; what a person should know is in the notes and errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _readable(what: str, kind: str) -> Iterator[None]:
    """Turns what a damaged file makes Pillow raise into UnreadablePhoto, and a lack of memory into PhotoTooLarge."""
    from PIL import Image

    try:
        yield
    except (MemoryError, Image.DecompressionBombError) as error:
        raise PhotoTooLarge(
            f"{what} is too large to be decoded here ({error or 'not enough memory'})",
            hint="save it smaller, for instance 6000 pixels on the longer side",
        ) from error
    except _DAMAGE as error:
        words = str(error).lower()
        if "pixel mode" in words:
            raise UnreadablePhoto(
                f"{what} is a {kind} picture of a rare kind that cannot be read here ({error})",
                hint="open it in an editor and save it as RGB with 8 or 16 bit a channel",
            ) from error
        state = "cut off" if "truncated" in words or isinstance(error, EOFError) else "damaged or cut off"
        raise UnreadablePhoto(f"{what} begins like a {kind} picture but is {state} ({error})", hint=_AGAIN) from error


def _open(handle: BinaryIO, kind: str) -> Image.Image:
    """The header, read; no pixels yet."""
    module, reader = _READERS[kind]
    handle.seek(0)
    image = getattr(importlib.import_module(f"PIL.{module}"), reader)(handle)
    if kind == "TIFF":
        _check_tiff(image)
    return image


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
    except _DAMAGE:
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
    except _DAMAGE:
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
