"""The caption, names, date and origin that a scan carries, as genealogy programs and archives write them into it.

Read from XMP (dc, photoshop, Iptc4xmpExt, MWG and Microsoft regions), IPTC-IIM and EXIF, in this order. Everything is
plain text of one line; what is damaged is passed over, as captions are no reason to refuse a photograph.
"""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as xml
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from animate.core.file_type import DAMAGE

if TYPE_CHECKING:
    from PIL import Image

LONGEST = 500  # characters of a text
PACKET = 1_000_000  # bytes of an XMP packet that is read
MOST_NAMES = 100

_DC = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_PERSON = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}PersonInImage"
_REGION = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_MICROSOFT = "{http://ns.microsoft.com/photo/1.2/t/Region#}PersonDisplayName"
_LI = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"

_EXIF_TITLE, _EXIF_DESCRIPTION, _EXIF_ARTIST, _EXIF_COPYRIGHT = 0x9C9B, 270, 315, 33432
_EXIF_IFD, _EXIF_TAKEN, _EXIF_COMMENT = 0x8769, 0x9003, 0x9C9C
_OF_DEVICES = re.compile(
    r"(olympus|sony|kodak|samsung|minolta|casio|konica).*(camera|dsc)|dcf?im|created with .*", re.I
)


@dataclass(frozen=True)
class Captions:
    """title a caption, names the people, date as it is written there, source whose or where the photograph is."""

    title: str = ""
    names: str = ""
    date: str = ""
    source: str = ""


def read_captions(path: str | Path) -> Captions:
    """What a scan says of itself; empty where it says nothing or is no photograph."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                found = [_from_xmp(image), _from_iptc(image), _from_exif(image)]
    except (*DAMAGE, Image.DecompressionBombError):
        return Captions()
    return Captions(*(next(filter(None, values), "") for values in zip(*found, strict=True)))


Fields = tuple[str, str, str, str]  # title, names, date, source
_NOTHING: Fields = ("", "", "", "")


def _from_xmp(image: Image.Image) -> Fields:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else bytes(packet)
    if not packet or len(packet) > PACKET or b"<!" in packet:  # no document type, so no entities
        return _NOTHING
    try:
        root = xml.fromstring(packet.strip(b"\0 \n\r\t"))
    except (xml.ParseError, *DAMAGE):
        return _NOTHING
    people = [*_texts(root, _PERSON), *_regions(root), *_texts(root, _MICROSOFT)]
    title = _first(_texts(root, _DC + "description")) or _first(_texts(root, _DC + "title"))
    source = _first(_texts(root, *(_PHOTOSHOP + name for name in ("Source", "Credit")), _DC + "source", _DC + "rights"))
    return title, _joined(people), _date(_first(_texts(root, _PHOTOSHOP + "DateCreated"))), source


def _texts(root: xml.Element, *tags: str) -> list[str]:
    """The texts of elements and attributes of these names, those of lists one by one."""
    found = []
    for tag in tags:
        for element in root.iter():
            if tag in element.attrib:
                found.append(_line(element.attrib[tag]))
            if element.tag == tag:
                items = [item.text for item in element.iter(_LI)] or [element.text]
                found += [_line(text) for text in items]
    return [text for text in found if text]


def _regions(root: xml.Element) -> list[str]:
    """Names of the regions that are faces."""
    found = []
    for element in root.iter():
        inner = {child.tag: child.text for child in element} | element.attrib
        if _REGION + "Name" in inner and _line(inner.get(_REGION + "Type", "Face")).lower() == "face":
            found.append(_line(inner[_REGION + "Name"]))
    return found


def _from_iptc(image: Image.Image) -> Fields:
    from PIL import IptcImagePlugin

    try:
        info: Mapping = IptcImagePlugin.getiptcinfo(image) or {}
    except DAMAGE:
        return _NOTHING

    def text(record: int, number: int) -> str:
        value = info.get((record, number), b"")
        return _line(_decoded(value[0] if isinstance(value, list) else value))

    source = text(2, 115) or text(2, 110) or text(2, 116)
    return text(2, 120) or text(2, 5), "", _date(text(2, 55)), source


def _from_exif(image: Image.Image) -> Fields:
    if image.format == "PNG" and "exif" not in image.info:  # Pillow would decode all pixels to search behind them
        return _NOTHING
    try:
        tags: Mapping = image.getexif()
        taken = str(tags.get_ifd(_EXIF_IFD).get(_EXIF_TAKEN, ""))
        written = (
            _decoded(tags.get(_EXIF_DESCRIPTION)),
            *(_wide(tags.get(tag)) for tag in (_EXIF_TITLE, _EXIF_COMMENT)),
        )
        title = _first(map(_caption, written))
        source = _first(_line(_decoded(tags.get(tag))) for tag in (_EXIF_COPYRIGHT, _EXIF_ARTIST))
    except DAMAGE:
        return _NOTHING
    return title, "", _date(taken), source


def _caption(text: str) -> str:
    """A caption as a person wrote it; what cameras and scanners put there is none."""
    line = _line(text)
    return "" if _OF_DEVICES.fullmatch(line) else line


def _wide(value: object) -> str:
    """A text as Windows writes it, UTF-16."""
    return bytes(value).decode("utf-16-le", "replace") if isinstance(value, (bytes, tuple)) else ""


def _decoded(value: object) -> str:
    if not isinstance(value, bytes):
        text = "" if value is None else str(value)
        try:  # Pillow reads EXIF texts as Latin-1, most programs write UTF-8
            return text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return text
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _date(text: str) -> str:
    """`1912:05:01 12:00:00`, `1912-05-01T12:00` and IPTC's `19120501` as 1912-05-01, and shorter without what is 0;
    other texts as they are."""
    parts = re.match(r"(\d{4})([:-]?)(\d\d)(?:\2(\d\d))?(?!\d)", text.strip())
    if not parts:
        return _line(text)
    year, _, month, day = parts.groups()
    return "" if year == "0000" else "-".join([year, *(part for part in (month, day) if part and part != "00")])


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _joined(names: Iterable[str]) -> str:
    return _line(", ".join([name for name in dict.fromkeys(names) if name][:MOST_NAMES]))


def _line(text: object) -> str:
    kept = "".join(char if char.isprintable() else " " for char in str(text or "")[: 4 * LONGEST])
    line = " ".join(kept.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
