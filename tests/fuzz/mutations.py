"""Damage to files that knows how they are built: chunks lost, doubled, swapped, and numbers in them set to extremes.

`parts` finds a format's chunks; what has checksums gets them right again, so that the damage reaches the reader.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib

import numpy as np

Span = tuple[int, int]

_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**62, 2**64 - 1)
_ODD = (None, True, 0, -1, 1e308, 10**400, "", "x" * 10_000, "\n0 @X1@ INDI", "\x1b[2J", [], {}, [[[]]], "../x")
_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts", b"meta", b"iprp", b"ipco"}


def mutate(name: str, data: bytes, random: np.random.Generator) -> bytes:
    """`data`, a good file of the seed called `name`, with one to three kinds of damage."""
    for _ in range(int(random.integers(1, 4))):
        if not data:
            break
        data = _once(name, data, random)
    return data


def _once(name: str, data: bytes, random: np.random.Generator) -> bytes:
    ending = name.rsplit(".", 1)[-1] if not name.endswith("pth.tar") else "tar"
    if ending in ("json", "fields", "plan", "event", "page"):
        return _json(data, random)
    if ending == "jsonl" and random.random() < 0.7:
        return _lines(data, random)
    if ending == "pem" and random.random() < 0.7:
        return _pem(data, random)
    if ending == "safetensors" and random.random() < 0.7:
        return _safetensors(data, random)
    if ending == "card" and random.random() < 0.7:
        return _card(data, random)
    spans = parts(ending, data)
    if not spans or random.random() < 0.4:
        return damage_bytes(data, random)
    data = _chunks(data, spans, random)
    return _with_checksums(data) if ending == "png" else data


def damage_bytes(data: bytes, random: np.random.Generator) -> bytes:
    """A few bytes, a run of them, or a number anywhere, more often near the beginning or the end."""
    if not data:
        return data
    place = _place(len(data), random)
    length = int(random.integers(1, 64))
    changed = bytearray(data)
    match int(random.integers(6)):
        case 0:
            for _ in range(1 + length // 8):
                changed[_place(len(data), random)] = int(random.integers(256))
        case 1:
            del changed[place : place + length]
        case 2:
            changed[place:place] = changed[place : place + length]
        case 3:
            changed[place : place + length] = bytes(len(changed[place : place + length]))
        case 4:
            del changed[place:]
        case 5:
            _number(changed, place, random)
    return bytes(changed)


def _place(length: int, random: np.random.Generator) -> int:
    near = int(min(length, 600) * random.random())
    return (near, length - 1 - near, int(length * random.random()))[int(random.integers(3))]


def _number(changed: bytearray, place: int, random: np.random.Generator) -> None:
    """An integer of 1 to 8 bytes at `place` becomes an extreme."""
    size = int(random.choice([1, 2, 4, 8]))
    value = int(_EXTREMES[int(random.integers(len(_EXTREMES)))]) & (1 << 8 * size) - 1
    order = "little" if random.random() < 0.5 else "big"
    changed[place : place + size] = value.to_bytes(size, order)[: len(changed[place : place + size])]


def _chunks(data: bytes, spans: list[Span], random: np.random.Generator) -> bytes:
    begin, end = spans[int(random.integers(len(spans)))]
    other = spans[int(random.integers(len(spans)))]
    chunk = data[begin:end]
    match int(random.integers(7)):
        case 0:
            return data[:begin] + data[end:]
        case 1:
            return data[:end] + chunk * int(random.choice([1, 2, 50])) + data[end:]
        case 2:
            return data[: other[0]] + chunk + data[other[0] :]
        case 3:
            return data[:begin] + data[other[0] : other[1]] + data[end:]
        case 4:
            return data[:begin] + chunk[: len(chunk) // 2] + data[end:]
        case _:
            changed = bytearray(data)
            _number(changed, begin + int(min(len(chunk), 48) * random.random()), random)
            return bytes(changed)


def parts(ending: str, data: bytes) -> list[Span]:
    """Where the chunks of a file lie, as far as it can be followed; an empty list for formats without chunks."""
    if ending == "png":
        return _walk(data, 8, lambda at: 12 + int.from_bytes(data[at : at + 4], "big"))
    if ending in ("webp", "avi"):
        return _walk(data, 12, lambda at: 8 + (int.from_bytes(data[at + 4 : at + 8], "little") + 1 & ~1))
    if ending in ("mp4", "mov", "avif"):
        return _boxes(data, 0, len(data))
    if ending == "jpg":
        return _walk(data, 2, lambda at: 2 + int.from_bytes(data[at + 2 : at + 4], "big"))
    if ending == "gif":
        return _matches(rb"\x21[\xf9\xff\xfe]|\x2c", data, 18)
    if ending == "tif":
        return _tiff(data)
    if ending == "webm":
        return _matches(rb"[\x1a\x15\x16\x1f][\x41-\xef]{3}|\xae|\xe0|\xa3", data, 24)
    if ending == "form":
        return _between(rb"--0f1e2d", data)
    if ending == "yaml":
        return _between(rb"\n", data)
    if ending == "tar":
        return _matches(rb"PK\x01\x02|PK\x03\x04|ctorch|X", data[:200_000], 46)
    return []


def _matches(pattern: bytes, data: bytes, length: int) -> list[Span]:
    """`length` bytes from each place on that looks like the beginning of a chunk."""
    return [(found.start(), min(found.start() + length, len(data))) for found in re.finditer(pattern, data)]


def _between(pattern: bytes, data: bytes) -> list[Span]:
    """From each place that looks so to the next."""
    places = [found.start() for found in re.finditer(pattern, data)]
    return [*zip(places, [*places[1:], len(data)][: len(places)], strict=True)]


def _walk(data: bytes, at: int, length) -> list[Span]:
    spans = []
    while at + 4 < len(data) and len(spans) < 200:
        end = min(at + max(length(at), 2), len(data))
        spans.append((at, end))
        at = end
    return spans


def _boxes(data: bytes, at: int, end: int) -> list[Span]:
    spans = []
    while at + 8 <= end and len(spans) < 200:
        size = int.from_bytes(data[at : at + 4], "big")
        after = min(at + max(size, 8), end)
        spans.append((at, after))
        kind = data[at + 4 : at + 8]
        if kind in _CONTAINERS:
            spans += _boxes(data, at + (12 if kind == b"meta" else 8), after)
        at = after
    return spans


def _tiff(data: bytes) -> list[Span]:
    """The entries of every directory."""
    spans, at, seen = [], int.from_bytes(data[4:8], "little"), set()
    while 0 < at < len(data) - 2 and at not in seen:
        seen.add(at)
        count = int.from_bytes(data[at : at + 2], "little")
        spans += [(at + 2 + 12 * k, at + 14 + 12 * k) for k in range(min(count, 60))]
        after = at + 2 + 12 * count
        at = int.from_bytes(data[after : after + 4], "little")
    return [span for span in spans if span[1] <= len(data)]


def _with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks have the right check sums."""
    fixed = bytearray(data)
    for begin, end in parts("png", data):
        if end - begin >= 12:
            fixed[end - 4 : end] = struct.pack(">I", zlib.crc32(bytes(fixed[begin + 4 : end - 4])))
    return bytes(fixed)


def _json(data: bytes, random: np.random.Generator) -> bytes:
    """A value anywhere becomes another kind of value; or some bytes change."""
    try:
        whole = json.loads(data)
    except ValueError:
        return damage_bytes(data, random)
    if random.random() < 0.3 or not isinstance(whole, dict):
        return damage_bytes(data, random)
    place = whole
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return json.dumps(whole).encode()
        key = keys[int(random.integers(len(keys)))]
        if isinstance(place[key], (dict, list)) and random.random() < 0.7:
            place = place[key]
            continue
        break
    place[key] = _ODD[int(random.integers(len(_ODD)))]
    return json.dumps(whole).encode()


def _lines(data: bytes, random: np.random.Generator) -> bytes:
    """One line of JSON changes."""
    lines = data.split(b"\n")
    chosen = int(random.integers(len(lines)))
    lines[chosen] = _json(lines[chosen], random)
    return b"\n".join(lines)


def _pem(data: bytes, random: np.random.Generator) -> bytes:
    """A block's DER gets damaged and is packed again, or blocks change places."""
    blocks = re.findall(rb"-----BEGIN [^-]+-----.*?-----END [^-]+-----\n?", data, re.S)
    if not blocks:
        return damage_bytes(data, random)
    chosen = int(random.integers(len(blocks)))
    if random.random() < 0.2:
        blocks.insert(int(random.integers(len(blocks))), blocks[chosen])
        return b"".join(blocks)
    found = re.fullmatch(rb"(-----[^\n]+-----\n)(.*?)(-----END.*)", blocks[chosen], re.S)
    if found is None:
        return damage_bytes(data, random)
    head, body, foot = found.groups()
    try:
        der = damage_bytes(base64.b64decode(body), random)
    except ValueError:
        return damage_bytes(data, random)
    blocks[chosen] = head + base64.encodebytes(der) + foot
    return b"".join(blocks)


def _safetensors(data: bytes, random: np.random.Generator) -> bytes:
    """The header's JSON changes, its length stays right."""
    size = int.from_bytes(data[:8], "little")
    if not 0 < size <= len(data) - 8:
        return damage_bytes(data, random)
    header = _json(data[8 : 8 + size], random)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]


def _card(data: bytes, random: np.random.Generator) -> bytes:
    """The header's JSON or the packed tracks change; lengths and check sum are right again."""
    if len(data) < 28:
        return damage_bytes(data, random)
    magic, size, packed, _ = struct.unpack_from("<16sIII", data)
    header, body = data[28 : 28 + size], data[28 + size : 28 + size + packed]
    if random.random() < 0.6:
        header = _json(header, random)
    else:
        try:
            body = zlib.compress(damage_bytes(zlib.decompress(body), random))
        except zlib.error:
            return damage_bytes(data, random)
    check = zlib.crc32(header + body)
    return struct.pack("<16sIII", magic, len(header), len(body), check) + header + body
