"""Which picture format a file has; what is no photograph is refused by name, with advice that fits.

`head` is the file's first `core.file_type.HEAD` bytes; kinds are Pillow's names of formats ("JPEG", "PNG", ...).
"""

from __future__ import annotations

from animate.core.errors import UnreadablePhoto
from animate.core.file_type import FileType, detect

_EXPORT = "open it in a picture viewer and export it as JPEG or PNG"
_VIDEO = "give a photograph here; a video of a face can be what moves it"
_UNPACK = "unpack it first and give one of the pictures inside"

_REFUSED = {  # name -> what it is, advice
    "PDF": ("a PDF document", "export the page as a PNG or JPEG picture (300 dpi or more)"),
    "PostScript": ("a PostScript drawing", "export it as a PNG or JPEG picture"),
    "JPEG XL": ("a JPEG XL picture, which cannot be read here", _EXPORT),
    "ZIP": ("an archive or an office document", _UNPACK),
    "GZIP": ("a packed file", _UNPACK),
    "archive": ("an archive", _UNPACK),
    "AVI": ("a video or a sound recording", _VIDEO),
    "RIFF": ("a video or a sound recording", _VIDEO),
    "WAVE": ("a video or a sound recording", _VIDEO),
    "HEIC": (
        "a HEIC picture, as phones save them, which cannot be read here",
        'save it as JPEG: on an iPhone set Camera > Formats > "Most Compatible", or use Preview > Export on a Mac, '
        "Photos > Save as on Windows",
    ),
    "SVG": ("an SVG drawing, not a photograph", "export it as PNG, at least 1000 pixels high"),
    "HTML": (
        "a web page saved under a picture's name",
        "open the page and save the picture itself (right click, Save image as)",
    ),
    "text": ("text, not a picture", "give a photograph: JPEG, PNG, TIFF, WebP, AVIF, BMP or GIF"),
}


def sniff(head: bytes, what: str) -> str:
    """The picture format that `head` begins; raises UnreadablePhoto, with a hint that fits, for anything else."""
    found = detect(head)
    if found is None:
        raise UnreadablePhoto(
            f"{what} is not a picture of a kind known here",
            hint="JPEG, PNG, TIFF, WebP, AVIF, BMP and GIF can be read; " + _EXPORT,
        )
    if found.family == "picture" and found.name not in _REFUSED:
        return found.name
    noun, hint = _advice(found)
    raise UnreadablePhoto(f"{what} is {noun}", hint=hint)


def _advice(found: FileType) -> tuple[str, str]:
    return _REFUSED.get(found.name, ("a video", _VIDEO))
