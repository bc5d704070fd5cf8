"""Captions, names, dates and origins of scans, as other programs write them, and what is damaged or none."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from animate.photo.captions import LONGEST, Captions, read_captions

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
 photoshop:DateCreated="1912-05" photoshop:Credit="Archive Meyer">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Anna am
 Brunnen</rdf:li></rdf:Alt></dc:description>
<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>Anna Gr\u00fcn</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>
<mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="Karl" mwg-rs:Type="Face"/></rdf:li>
<rdf:li><rdf:Description mwg-rs:Name="Rex" mwg-rs:Type="Pet"/></rdf:li></rdf:Bag></mwg-rs:RegionList>
<rdf:li MPReg:PersonDisplayName="Anna Gr\u00fcn"/>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""

PICTURE = Image.fromarray(np.full((48, 64, 3), 90, np.uint8))


def saved(tmp_path, name="scan.jpg", **info):
    PICTURE.save(tmp_path / name, **info)
    return tmp_path / name


def exif(**tags) -> Image.Exif:
    made = Image.Exif()
    for tag, value in tags.items():
        made[int(tag[1:])] = value
    return made


def with_iptc(path, *fields: tuple[int, int, bytes]):
    """A JPEG with an IPTC-IIM block, as Photoshop wraps it."""
    block = b"".join(struct.pack(">BBBH", 0x1C, record, number, len(text)) + text for record, number, text in fields)
    resource = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(block)) + block + b"\0" * (len(block) % 2)
    segment = b"Photoshop 3.0\0" + resource
    data = io.BytesIO()
    PICTURE.save(data, "JPEG")
    jpeg = data.getvalue()
    path.write_bytes(jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:])
    return path


@pytest.mark.parametrize("name", ["scan.jpg", "scan.tif", "scan.webp"])
def test_xmp_gives_caption_names_date_and_source(tmp_path, name):
    packet = XMP.encode()
    info = {"tiffinfo": {700: packet}} if name.endswith("tif") else {"xmp": packet}
    assert read_captions(saved(tmp_path, name, **info)) == Captions(
        "Anna am Brunnen", "Anna Grün, Karl", "1912-05", "Archive Meyer"
    )


@pytest.mark.parametrize("text", ["Anna Grün".encode(), "Anna Grün".encode("cp1252")])
def test_iptc_in_either_encoding(tmp_path, text):
    path = with_iptc(tmp_path / "a.jpg", (2, 120, text), (2, 55, b"19120500"), (2, 110, b"Archive"))
    assert read_captions(path) == Captions("Anna Grün", "", "1912-05", "Archive")


def test_exif_description_artist_and_date(tmp_path):
    tags = exif(t270="Anna Gr\u00fcn at the well".encode(), t315="Karl")
    tags.get_ifd(0x8769)[0x9003] = "1912:05:01 00:00:00"
    found = read_captions(saved(tmp_path, exif=tags))
    assert found == Captions("Anna Grün at the well", "", "1912-05-01", "Karl")
    windows = saved(tmp_path, "b.jpg", exif=exif(t40091="Анна\0".encode("utf-16-le")))
    assert read_captions(windows).title == "Анна"


@pytest.mark.parametrize("text", ["OLYMPUS DIGITAL CAMERA", "SONY DSC", "DCIM", "Created with GIMP", " "])
def test_what_devices_write_is_no_caption(tmp_path, text):
    assert read_captions(saved(tmp_path, exif=exif(t270=text))) == Captions()


def test_control_characters_and_endless_texts_do_not_get_through(tmp_path):
    title = read_captions(saved(tmp_path, exif=exif(t270="a\n0 @X1@ INDI\x1b[2J" + "b" * 5000))).title
    assert title.isprintable() and title.startswith("a 0 @X1@ INDI [2Jb") and len(title) == LONGEST


@pytest.mark.parametrize(
    "packet",
    [
        b"<!DOCTYPE x [<!ENTITY a 'boom'>]><x>&a;</x>",
        b"<x:xmpmeta",
        b"\xff\xfe\x00",
        XMP.replace("Anna", "&unknown;").encode(),
        b" " * 1_100_000,
    ],
)
def test_a_bad_packet_is_passed_over_and_exif_serves(tmp_path, packet):
    PICTURE.save(tmp_path / "a.webp", xmp=packet, exif=exif(t270="Anna"))
    assert read_captions(tmp_path / "a.webp") == Captions("Anna")


def test_no_photograph_has_no_captions(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    assert read_captions(tmp_path / "a.jpg") == read_captions(tmp_path / "missing.jpg") == Captions()


def test_no_pixels_are_decoded(tmp_path, monkeypatch):
    from PIL import ImageFile

    def load(image):
        raise AssertionError("decoded")

    path = saved(tmp_path, "a.png", exif=exif(t270="Anna"))
    plain = saved(tmp_path, "b.png")
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    assert read_captions(path).title == "Anna"
    assert read_captions(plain) == Captions()
