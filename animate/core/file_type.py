"""What a file is by its first bytes, whatever its name says; the only table of signatures.

Pictures have Pillow's names of formats ("JPEG", "PNG", ...); a file type unknown here is None.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096  # bytes that are enough to tell


@dataclass(frozen=True)
class FileType:
    """name of the format; family: picture, video, sound, document, archive or text; mime, "" where nobody needs it."""

    name: str
    family: str
    mime: str = ""


_JPEG = FileType("JPEG", "picture", "image/jpeg")
_TIFF = FileType("TIFF", "picture", "image/tiff")
_GIF = FileType("GIF", "picture", "image/gif")
_JPEG2000 = FileType("JPEG2000", "picture")
_JPEG_XL = FileType("JPEG XL", "picture")
_PPM = FileType("PPM", "picture")
_ARCHIVE = FileType("archive", "archive")
_QUICKTIME = FileType("QuickTime", "video", "video/quicktime")
_MPEG = FileType("MPEG", "video")
_WEBP = FileType("WEBP", "picture", "image/webp")
_AVIF = FileType("AVIF", "picture", "image/avif")
_HEIC = FileType("HEIC", "picture", "image/heic")
_MP4 = FileType("MP4", "video", "video/mp4")

_SIGNATURES = (  # offset, bytes there, type
    (0, b"\xff\xd8\xff", _JPEG),
    (0, b"\x89PNG\r\n\x1a\n", FileType("PNG", "picture", "image/png")),
    (0, b"II*\0", _TIFF),
    (0, b"MM\0*", _TIFF),
    (0, b"II+\0", _TIFF),
    (0, b"MM\0+", _TIFF),
    (0, b"GIF87a", _GIF),
    (0, b"GIF89a", _GIF),
    (0, b"BM", FileType("BMP", "picture", "image/bmp")),
    (0, b"\0\0\0\x0cjP  ", _JPEG2000),
    (0, b"\xff\x4f\xff\x51", _JPEG2000),
    (0, b"P4", _PPM),
    (0, b"P5", _PPM),
    (0, b"P6", _PPM),
    (0, b"8BPS", FileType("PSD", "picture")),
    (0, b"\xff\x0a", _JPEG_XL),
    (0, b"\0\0\0\x0cJXL ", _JPEG_XL),
    (0, b"%PDF", FileType("PDF", "document")),
    (0, b"%!PS", FileType("PostScript", "document")),
    (0, b"PK\x03\x04", FileType("ZIP", "archive")),
    (0, b"\x1f\x8b", FileType("GZIP", "archive")),
    (0, b"Rar!", _ARCHIVE),
    (0, b"7z\xbc\xaf", _ARCHIVE),
    (0, b"\x1aE\xdf\xa3", FileType("Matroska", "video", "video/x-matroska")),
    (0, b"OggS", FileType("Ogg", "video", "video/ogg")),
    (0, b"FLV\x01", FileType("FLV", "video")),
    (0, b"0&\xb2u\x8ef\xcf\x11", FileType("ASF", "video")),
    (0, b"\0\0\x01\xba", _MPEG),
    (0, b"\0\0\x01\xb3", _MPEG),
    *((4, box, _QUICKTIME) for box in (b"moov", b"mdat", b"wide", b"free", b"skip")),
)
_RIFF = {b"WEBP": _WEBP, b"AVI ": FileType("AVI", "video", "video/x-msvideo"), b"WAVE": FileType("WAVE", "sound")}
_SHORT = ("BMP", "PPM")  # two letters, with which a text may begin as well
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


def detect(head: bytes) -> FileType | None:
    """The type of the file that `head`, its first `HEAD` bytes or fewer, begins; None if it is not in the table."""
    found = _in_a_container(head) or _by_signature(head)
    if found is None or found.name in _SHORT:
        return _text(head) or found
    return found


def detect_file(path: str | Path) -> FileType | None:
    """`detect` for the file at `path`. Raises OSError."""
    with open(path, "rb") as file:
        return detect(file.read(HEAD))


def webp_size(head: bytes) -> tuple[int, int] | None:
    """Width and height that a WebP file declares, None if its header is cut off.

    Pillow's reader would already have set memory aside for them. Layout: RFC 9649, sections 2.5 to 2.7.
    """
    if len(head) < 30:
        return None
    chunk = head[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _by_signature(head: bytes) -> FileType | None:
    return next((kind for at, sign, kind in _SIGNATURES if head[at : at + len(sign)] == sign), None)


def _in_a_container(head: bytes) -> FileType | None:
    """RIFF, and the boxes that AVIF, HEIC and MP4 share, whose brands tell them apart (ISO/IEC 14496-12, `ftyp`)."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], FileType("RIFF", "video"))
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & _AVIF_BRANDS:
        return _AVIF
    return _HEIC if brands & _HEIC_BRANDS else _MP4


def _text(head: bytes) -> FileType | None:
    """SVG, a web page or plain text in UTF-8; a character cut in two at the end is forgiven."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return None
        text = head[: error.start].decode("utf-8")
    if not text or any(ord(character) < 32 and character not in "\t\r\n\f" for character in text):
        return None
    start = text.lstrip("\ufeff \t\r\n").lower()
    if "<svg" in start:
        return FileType("SVG", "text", "image/svg+xml")
    if start.startswith(("<!doctype html", "<html")) or "<body" in start or "<head" in start:
        return FileType("HTML", "text", "text/html")
    return FileType("text", "text", "text/plain")


# What Pillow's readers are known to raise on damaged files.
DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, EOFError,
    RuntimeError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
