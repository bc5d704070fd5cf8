"""Tells from a file's first bytes what it is, whatever its name says.

`head` is the first few thousand bytes; kinds are Pillow's names of formats ("JPEG", "PNG", ...).
"""

from __future__ import annotations

import struct

from animate.core.errors import UnreadablePhoto

HEAD = 4096  # bytes that are enough to tell

_PICTURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"\0\0\0\x0cjP  ", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"P4", "PPM"),
    (b"P5", "PPM"),
    (b"P6", "PPM"),
    (b"8BPS", "PSD"),
)

_EXPORT = "open it in a picture viewer and export it as JPEG or PNG"
_FILM = "give a photograph here; a film of a face can be the --driver"
_UNPACK = "unpack it first and give one of the pictures inside"

_OTHERS = (
    (b"%PDF", "a PDF document", "export the page as a PNG or JPEG picture (300 dpi or more)"),
    (b"%!PS", "a PostScript drawing", "export it as a PNG or JPEG picture"),
    (b"\xff\x0a", "a JPEG XL picture, which cannot be read here", _EXPORT),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture, which cannot be read here", _EXPORT),
    (b"PK\x03\x04", "an archive or an office document", _UNPACK),
    (b"\x1f\x8b", "a packed file", _UNPACK),
    (b"Rar!", "an archive", _UNPACK),
    (b"7z\xbc\xaf", "an archive", _UNPACK),
    (b"\x1aE\xdf\xa3", "a film", _FILM),
)

_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(head: bytes, what: str) -> str:
    """The picture format that `head` begins; raises UnreadablePhoto, with a hint that fits, for anything else."""
    for prefix, name, hint in _OTHERS:
        if head.startswith(prefix):
            raise UnreadablePhoto(f"{what} is {name}", hint=hint)
    _refuse_text(head, what)
    if head[:4] == b"RIFF":
        return _riff(head, what)
    if head[4:8] == b"ftyp":
        return _boxes(head, what)
    for prefix, kind in _PICTURES:
        if head.startswith(prefix):
            return kind
    raise UnreadablePhoto(
        f"{what} is not a picture of a kind known here",
        hint="JPEG, PNG, TIFF, WebP, AVIF, BMP and GIF can be read; " + _EXPORT,
    )


def webp_size(head: bytes, what: str) -> tuple[int, int]:
    """Width and height that a WebP file declares; Pillow's reader would already have set memory aside for them.

    Raises UnreadablePhoto when the header is cut off. Layout: RFC 9649, sections 2.5 to 2.7.
    """
    if len(head) < 30:
        raise UnreadablePhoto(f"{what} is a WebP picture, but cut off", hint="copy or download the file again")
    chunk = head[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _riff(head: bytes, what: str) -> str:
    if head[8:12] == b"WEBP":
        return "WEBP"
    raise UnreadablePhoto(f"{what} is a film or a sound recording", hint=_FILM)


def _boxes(head: bytes, what: str) -> str:
    """AVIF, HEIC and MP4 films share one container; its brands tell which it is (ISO/IEC 14496-12, `ftyp`)."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if brands & _HEIC:
        raise UnreadablePhoto(
            f"{what} is a HEIC picture, as phones save them, which cannot be read here",
            hint='save it as JPEG: on an iPhone set Camera > Formats > "Most Compatible", or use '
            "Preview > Export on a Mac, Photos > Save as on Windows",
        )
    raise UnreadablePhoto(f"{what} is a film", hint=_FILM)


def _refuse_text(head: bytes, what: str) -> None:
    text = _as_text(head)
    if text is None:
        return
    start = text.lstrip("\ufeff \t\r\n").lower()
    if "<svg" in start:
        raise UnreadablePhoto(
            f"{what} is an SVG drawing, not a photograph", hint="export it as PNG, at least 1000 pixels high"
        )
    if start.startswith(("<!doctype html", "<html")) or "<body" in start or "<head" in start:
        raise UnreadablePhoto(
            f"{what} is a web page saved under a picture's name",
            hint="open the page and save the picture itself (right click, Save image as)",
        )
    raise UnreadablePhoto(
        f"{what} is text, not a picture", hint="give a photograph: JPEG, PNG, TIFF, WebP, AVIF, BMP or GIF"
    )


def _as_text(head: bytes) -> str | None:
    """The text that `head` is, or None; a character cut in two at the end is forgiven."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return None
        text = head[: error.start].decode("utf-8")
    odd = sum(1 for character in text if ord(character) < 32 and character not in "\t\r\n\f")
    return text if text and not odd else None
