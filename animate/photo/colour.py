"""Any mode a picture file can have -> sRGB, 8 bit, without transparency, strip by strip.

A strip is a Pillow image of a few rows; what comes out is (h, W, 3) uint8. Strips keep a 50-megapixel scan from
being in memory three times over.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_GREY = ("1", "L", "LA", "La", *_DEEP)
_FEWER_BITS = {1023.0: 10, 4095.0: 12}  # white of scanners and cameras that store fewer bits in 16
_LINEAR = 0.25  # median over white below which such values are taken for linear light
_PHOTOMETRIC, _BITS = 262, 258  # TIFF tags


def make_converter(image: Image.Image, notes: list[str]) -> Callable[[Image.Image], np.ndarray]:
    """What turns a strip of the loaded `image` into sRGB (h, W, 3) uint8; what it will do goes into `notes`."""
    reduce = _reducer(image, notes)
    see_through = _see_through(image, notes)
    convert = _converter(image, notes)

    def develop(strip: Image.Image) -> np.ndarray:
        strip = reduce(strip)
        if not see_through:
            return np.asarray(convert(strip))
        strip = strip.convert("RGBA")
        return _on_white(np.asarray(convert(strip.convert("RGB"))), np.asarray(strip.getchannel("A")))

    return develop


def _reducer(image: Image.Image, notes: list[str]) -> Callable[[Image.Image], Image.Image]:
    """What takes a strip of more than 8 bit grey to 8 bit; Pillow's own conversion would only cut off at 255."""
    if image.mode not in _DEEP:
        return lambda strip: strip
    from PIL import Image

    white = _white(image)
    negative = getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0 and image.mode.startswith("I;16")
    linear = image.mode.startswith("I;16") and white in _FEWER_BITS and _median(image) / white < _LINEAR
    notes.append("grey of more than 8 bit reduced to 8 bit")
    if white in _FEWER_BITS and _declared_white(image) > white:
        notes.append(f"its values use {_FEWER_BITS[white]} of 16 bits and were scaled to all of them")
    if linear:
        notes.append("its values stood for light itself, as a sensor measures it, and were brightened to tones")

    def reduce(strip: Image.Image) -> Image.Image:
        share = np.nan_to_num(np.asarray(strip, dtype=np.float32) / np.float32(white)).clip(0, 1)
        if linear:
            share = _tone(share)
        return Image.fromarray(((1 - share if negative else share) * 255 + 0.5).astype(np.uint8))

    return reduce


def _white(image: Image.Image) -> float:
    """The value that means white: by the file's bits if nothing speaks against it, else the least usual one that
    nothing exceeds. Scanners store 10 or 12 bits in 16 and say 16."""
    brightest = float(np.nan_to_num(image.getextrema()[1]))
    if image.mode.startswith("I;16"):
        declared = _declared_white(image)
        return next((white for white in _FEWER_BITS if 255 < brightest <= white < declared), declared)
    usual = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    return next((value for value in usual if brightest <= value), brightest)


def _declared_white(image: Image.Image) -> float:
    bits = getattr(image, "tag_v2", {}).get(_BITS, (16,))[0]
    return float(2**bits - 1)


def _median(image: Image.Image) -> float:
    values = np.asarray(image)
    return float(np.median(values[:: max(1, len(values) // 500), :: max(1, values.shape[1] // 500)]))


def _tone(light: np.ndarray) -> np.ndarray:
    """Linear light 0..1 as sRGB values 0..1 (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055).astype(np.float32)


def _see_through(image: Image.Image, notes: list[str]) -> bool:
    if image.mode in _DEEP or not image.has_transparency_data:
        return False
    least, most = image.getchannel("A").getextrema() if "A" in image.getbands() else (0, 255)
    if most == 0:
        notes.append("the whole picture was marked transparent; that was ignored")
    elif least < 255:
        notes.append("transparent parts were laid on white")
    return most > 0 and least < 255


def _on_white(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[:, :, None].astype(np.uint16)
    return ((colours * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)


def _converter(image: Image.Image, notes: list[str]) -> Callable[[Image.Image], Image.Image]:
    """What takes an 8-bit strip to an RGB strip in sRGB, through the file's colour profile if it has a usable one."""
    found = _profile(image, notes)
    if found is None:
        if image.mode == "CMYK":
            notes.append("printing colours (CMYK) without a profile; converted by the plain formula")
        return lambda strip: strip.convert("RGB")
    from PIL import ImageCms

    transform, mode = found
    return lambda strip: ImageCms.applyTransform(strip.convert(mode), transform)


def _profile(image: Image.Image, notes: list[str]):
    """(transform to sRGB, the mode it takes), or None when the pixels are sRGB already or the profile is of no use."""
    from PIL import ImageCms

    icc = image.info.get("icc_profile")
    if not icc and image.mode != "LAB":
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc else ImageCms.createProfile("LAB")
        name = ImageCms.getProfileDescription(profile).strip() if icc else "Lab"
        mode = _takes(profile if icc else None, image.mode)
        if mode == "RGB" and "srgb" in name.lower():
            return None
        transform = _transform(profile, mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notes.append("its colour profile is damaged or does not fit the picture; it was ignored")
        return None
    notes.append(f"colours converted from the profile {name or 'in the file'} to sRGB")
    return transform, mode


def _takes(profile, mode: str) -> str:
    """The mode in which pixels of `mode` go through the profile; raises ValueError when they cannot."""
    space = "Lab" if profile is None else profile.profile.xcolor_space.strip()
    if space == "GRAY" and mode in _GREY:
        return "L"
    if space == "RGB" and mode not in ("CMYK", "LAB"):
        return "RGB"
    if (space, mode) in (("CMYK", "CMYK"), ("Lab", "LAB")):
        return mode
    raise ValueError(f"a profile for {space} in a picture of mode {mode}")


def _transform(profile, mode: str):
    from PIL import ImageCms

    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
