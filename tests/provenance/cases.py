"""One file for each state of docs/verification.md, right, copied, forged, changed or expired, and its verdict."""

from __future__ import annotations

import datetime
import json
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from provenance.forger import CAPTURED, SIDE, Workshop

from animate.core.types import Photo
from animate.provenance import citation
from animate.provenance.badge import Badge


@dataclass(frozen=True)
class Case:
    """One file: how it is made, the photograph asked about, the states of every table in order, and the exit code."""

    title: str
    make: Callable[[Workshop], Path]
    states: tuple[str, str, str, str, str, str, str]
    exit: int
    photo: str = ""  # "photo", "other", "other scan"

    def asked(self, shop: Workshop) -> Photo | None:
        if self.photo == "other scan":
            return replace(shop.photo, sha256="ef" * 32)
        return getattr(shop, self.photo) if self.photo else None


def _own(shop: Workshop) -> Path:
    return shop.cite(shop.sign(shop.save(shop.marked())))


def _other_computer(shop: Workshop) -> Path:
    return shop.cite(_signed_by_stranger(shop, Photo(shop.marked())))


def _signed_by_stranger(shop: Workshop, photo: Photo) -> Path:
    return shop.sign(shop.save(photo.pixels), signer=shop.stranger)


def _sent_on(shop: Workshop) -> Path:
    """Re-encoded by a messenger, the slip sent along."""
    original = _own(shop)
    with Image.open(original) as picture:
        sent = shop.save(np.asarray(picture.convert("RGB")), ".jpg")
    return shop.cite(sent, digest=citation.sha256(original))


def _expired(shop: Workshop) -> Path:
    left = shop.brief_until - datetime.datetime.now(datetime.UTC)
    time.sleep(max(left.total_seconds() + 1.0, 0.0))
    return shop.cite(shop.brief_file)


def _chunk(png: bytes) -> slice:
    """Where the account is in a PNG."""
    start = png.index(b"caBX") - 4
    return slice(start, start + 12 + struct.unpack(">I", png[start : start + 4])[0])


def _account_copied(shop: Workshop) -> Path:
    """The chunk with the account, cut out of a clip and put into other footage."""
    content, footage = _own(shop).read_bytes(), shop.save(shop.other.pixels)
    plain = footage.read_bytes()
    footage.write_bytes(plain[:33] + content[_chunk(content)] + plain[33:])
    return footage


def _account_edited(shop: Workshop) -> Path:
    path = _own(shop)
    content = path.read_bytes()
    where = _chunk(content)
    body = content[where][4:-4].replace(b"smile", b"weeps")
    chunk = content[where][:4] + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(content[: where.start] + chunk + content[where.stop :])
    return path


def _no_record(shop: Workshop) -> Path:
    """Signed by somebody trusted, with another program."""
    path, signed = shop.save(shop.other.pixels), shop.folder / "signed.png"
    actions = {"actions": [{"action": "c2pa.created", "digitalSourceType": CAPTURED}]}
    definition = {
        "claim_generator_info": [{"name": "camera"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": actions}],
    }
    with open(path, "rb") as source, open(signed, "w+b") as target:
        shop.own.sign(definition, "image/png", source, target, {})
    return signed.replace(path)


def _other_mark(shop: Workshop) -> Path:
    """The frames of one clip, signed as another by a stranger."""
    return shop.sign(shop.save(shop.marked(shop.photo, shop.about_other)), signer=shop.stranger)


def _bare_slip(shop: Workshop) -> Path:
    """Two hashes are all that a slip needs to name a file and a photograph."""
    path = shop.save(shop.other.pixels)
    names = {"clip": {"sha256": citation.sha256(path)}, "photograph": {"sha256": shop.photo.sha256}}
    citation.paths(path)[0].write_text(json.dumps(names), encoding="utf-8")
    return path


def _slip_of_another(shop: Workshop) -> Path:
    return shop.cite(shop.sign(shop.save(shop.marked())), shop.about_other)


def _slip_garbled(shop: Workshop) -> Path:
    path = _own(shop)
    citation.paths(path)[0].write_bytes(b'{"clip": 3')
    return path


def _slip_moved(shop: Workshop) -> Path:
    return shop.cite(shop.save(shop.other.pixels), digest="ab" * 32)


def _stamped_with_slip(shop: Workshop) -> Path:
    """The mark of a clip copied onto other footage, and the clip's slip beside it."""
    return shop.cite(shop.save(shop.marked(shop.other)), digest="ab" * 32)


def _unknown_kind(shop: Workshop) -> Path:
    """A JPEG XL, which may hold an account and is not read here."""
    shop.count += 1
    path = shop.folder / f"file{shop.count}.jxl"
    path.write_bytes(b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100))
    return path


def _damaged(shop: Workshop) -> Path:
    shop.count += 1
    path = shop.folder / f"file{shop.count}.gif"
    path.write_bytes(b"GIF89a\xff")
    return path


def _padded(shop: Workshop) -> Path:
    path = shop.film()
    path.write_bytes(path.read_bytes() + struct.pack(">I4s", 5008, b"free") + b"anything" * 625)
    return path


def _other_header(shop: Workshop) -> Path:
    path = shop.film()
    content = bytearray(path.read_bytes())
    content[8:12] = b"zzzz"  # the brand in `ftyp`
    path.write_bytes(content)
    return path


def _frames_changed(shop: Workshop) -> Path:
    path = shop.film()
    content = bytearray(path.read_bytes())
    content[content.index(b"mdat") + 4000] ^= 1
    path.write_bytes(content)
    return path


CASES = {
    "own": Case(
        "a clip as it was saved on this computer", _own,
        ("animation", "valid", "recorded", "found", "found", "matches", "matches, account"), 0, "photo",
    ),
    "own-other-scan": Case(
        "the same, asked about another file of the same photograph", _own,
        ("animation", "valid", "recorded", "found", "found", "matches", "alike, other file"), 0, "other scan",
    ),
    "own-other-photo": Case(
        "the same, asked about another photograph", _own,
        ("animation", "valid", "recorded", "found", "found", "matches", "differs, other file"), 2, "other",
    ),
    "padding-appended": Case(
        "5,000 bytes appended to an MP4 in a `free` box", _padded,
        ("animation", "valid", "recorded", "found", "found", "same mark", "not asked"), 2,
    ),
    "header-changed": Case(
        "the brand in an MP4's `ftyp` box changed", _other_header,
        ("animation", "valid", "recorded", "found", "found", "same mark", "not asked"), 2,
    ),
    "frames-changed": Case(
        "one bit of an MP4's pictures changed", _frames_changed,
        ("claims", "altered", "", "found", "found", "same mark", "not asked"), 2,
    ),
    "other-computer": Case(
        "a clip made on another computer", _other_computer,
        ("claims", "untrusted", "recorded", "found", "found", "matches", "matches, mark"), 0, "photo",
    ),
    "expired": Case(
        "a clip of a trusted signer whose certificate has expired since", _expired,
        ("claims", "expired", "recorded", "found", "found", "matches", "matches, mark"), 0, "photo",
    ),
    "sent-on": Case(
        "a clip re-encoded by a messenger, its slip sent along", _sent_on,
        ("claims", "absent", "", "found", "found", "same mark", "matches, mark"), 2, "photo",
    ),
    "sent-on-alone": Case(
        "a clip re-encoded, without its slip", lambda shop: shop.save(shop.marked()),
        ("claims", "absent", "", "found", "found", "absent", "alike, picture"), 0, "photo",
    ),
    "footage-signed": Case(
        "other footage that a stranger signed with our record", lambda shop: _signed_by_stranger(shop, shop.other),
        ("claims", "untrusted", "recorded", "not found", "not found", "absent", "differs, claim"), 2, "photo",
    ),
    "footage-stamped": Case(
        "the invisible mark of a clip, put onto other footage", lambda shop: shop.save(shop.marked(shop.other)),
        ("claims", "absent", "", "found", "found", "absent", "differs, picture"), 2, "photo",
    ),
    "footage-stamped-slip": Case(
        "the same, with the clip's slip beside it", _stamped_with_slip,
        ("claims", "absent", "", "found", "found", "same mark", "not asked"), 2,
    ),
    "photo-signed": Case(
        "the bare photograph, signed by a stranger with our record", lambda shop: _signed_by_stranger(shop, shop.photo),
        ("claims", "untrusted", "recorded", "not found", "not found", "absent", "claimed"), 0, "photo",
    ),
    "account-copied": Case(
        "the account of a clip, put into other footage", _account_copied,
        ("altered", "altered", "", "not found", "not found", "absent", "not asked"), 2,
    ),
    "account-edited": Case(
        "another gesture written into the account", _account_edited,
        ("claims", "altered", "", "found", "found", "same mark", "not asked"), 2,
    ),
    "account-of-another": Case(
        "frames with one clip's mark, signed as another clip", _other_mark,
        ("claims", "untrusted", "recorded", "other clip", "found", "absent", "not asked"), 2,
    ),
    "other-program": Case(
        "a picture signed by another program, whose signer is trusted", _no_record,
        ("nothing", "valid", "foreign", "not found", "not found", "absent", "not asked"), 1,
    ),
    "slip-forged": Case(
        "other footage with a slip of two hashes", _bare_slip,
        ("nothing", "absent", "", "not found", "not found", "unconfirmed", "differs, picture"), 2, "photo",
    ),
    "slip-of-another": Case(
        "a clip whose slip names its hash, but another clip's making", _slip_of_another,
        ("animation", "valid", "recorded", "found", "found", "contradicts", "matches, account"), 2, "photo",
    ),
    "slip-moved": Case(
        "the slip of a clip beside other footage", _slip_moved,
        ("nothing", "absent", "", "not found", "not found", "differs", "not asked"), 2,
    ),
    "slip-garbled": Case(
        "a clip with a slip that is cut off", _slip_garbled,
        ("animation", "valid", "recorded", "found", "found", "unreadable", "not asked"), 2,
    ),
    "badge-drawn": Case(
        "the visible sign drawn into other footage", lambda shop: shop.save(Badge(SIDE, SIDE).stamp(shop.other.pixels)),
        ("badge", "absent", "", "not found", "found", "absent", "not asked"), 0,
    ),
    "plain": Case(
        "a picture without any mark", lambda shop: shop.save(shop.other.pixels),
        ("nothing", "absent", "", "not found", "not found", "absent", "not asked"), 1,
    ),
    "small": Case(
        "a picture too small for the invisible mark", lambda shop: shop.save(shop.other.pixels[:64, :64]),
        ("uncertain", "absent", "", "cannot tell", "not found", "absent", "not asked"), 1,
    ),
    "unknown-kind": Case(
        "a picture of a kind that is not read", _unknown_kind,
        ("no pictures", "unreadable", "", "cannot tell", "cannot tell", "absent", "not asked"), 1,
    ),
    "damaged": Case(
        "a file of which seven bytes are left", _damaged,
        ("no pictures", "unreadable", "", "cannot tell", "cannot tell", "absent", "cannot tell"), 1, "photo",
    ),
}  # fmt: skip
