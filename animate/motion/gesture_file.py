"""Motion cards: a movement in a few kilobytes, in a file that can be damaged or hostile without doing harm.

A card is, one after another (numbers little-endian):
  16 bytes       the magic b"keepsake-card-1\\n"; the digit is the format version
  uint32 x 3     bytes of the header, bytes of the packed part, CRC-32 of both together
  header         JSON: name, title, description, credit, licence, rank, fps, frames (T), parts (K), sizes (K numbers); where the
                 movement tells its light also lights (L), light_sizes (L numbers), parted; where the lips may part also mouth (0..1)
  packed part    zlib: 13 + K + L tracks of T int16, each the difference to the frame before; then K shapes of (478, 3) int8 and L
                 of (487,)
The tracks are: turn x, y, z (rotation vector, radians), logarithm of scale, shift x, y, lids of the left and right eye,
mouth, gaze of the left eye x, y and of the right eye x, y, all in steps of 1/10000; then the weights of the shapes, in
steps of 1/10000. A shape is its int8 values / 127 times its size. Expression = weights @ shapes, and so is light. Units are Motion's.
Nothing in a card is executed or unpickled, and every length is checked before memory is taken.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import numpy as np

from animate.core.errors import BadGestureFile
from animate.core.types import Motion
from animate.motion import landmarks, pose

MAGIC = b"keepsake-card-1\n"
SUFFIX = ".card"
STEP = 1e-4
MOST_BYTES, MOST_HEADER, MOST_FRAMES, MOST_PARTS, MOST_LIGHTS = 2_000_000, 16_384, 9_000, 12, 8
FINE, FINE_LIGHT = 0.003, 0.03  # outer-eye distances of expression, and logarithm of light, that may be lost in packing
_BOUNDS = (1.6, 1.6, 1.6, 0.7, 3.0, 3.0, 1.5, 1.5, 1.5, 1.0, 1.0, 1.0, 1.0)  # of the 13 tracks
_PREFIX = struct.Struct("<16sIII")
_HINT = "record the card again, or use one of the bundled ones"


@dataclass(frozen=True, eq=False)
class GestureFile:
    """A movement: name (for typing), title and description (for people), credit and licence of where it comes from."""

    name: str
    title: str
    description: str
    credit: str
    licence: str
    rank: int
    motion: Motion
    mouth: float = 0.0  # how far the lips may part, 0 as good as together, 1 as far as the movement parts them

    @property
    def seconds(self) -> float:
        return len(self.motion) / self.motion.fps


def list_gestures() -> tuple[tuple[str, str, str, float], ...]:
    """(name, title, description, seconds) of every bundled card, by rank: "classic" first."""
    heads = [_header(path.read_bytes(), path.name)[0] for path in _bundled().values()]
    heads.sort(key=lambda head: (head["rank"], head["name"]))
    return tuple((head["name"], head["title"], head["description"], head["frames"] / head["fps"]) for head in heads)


def load_gesture(name: str | Path) -> Motion:
    """The motion of a bundled card, or of the card file at a path ending in .card; raises BadCard."""
    return read_gesture(name).motion


def read_gesture(name: str | Path) -> GestureFile:
    """A bundled card by name, or the card file at a path ending in .card; raises BadCard."""
    known = _bundled()
    if str(name) in known:
        return unpack(known[str(name)].read_bytes(), str(name))
    path = Path(name)
    if path.suffix != SUFFIX:
        raise BadGestureFile(f"there is no gesture called {name}", hint="known gestures: " + ", ".join(known))
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadGestureFile(f"{path} cannot be read: {error.strerror}", hint="check the path of the card") from error
    return unpack(data, path.name)


def save_gesture(
    path: str | Path,
    motion: Motion,
    *,
    name: str,
    title: str,
    description: str = "",
    credit: str = "",
    licence: str = "",
    rank: int = 100,
    mouth: float = 0.0,
) -> Path:
    """Write `motion` as a card, beside and then into place; raises BadCard if it is too long for one."""
    path = Path(path)
    data = pack(GestureFile(name, title, description, credit, licence, rank, motion, mouth))
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    os.replace(beside, path)
    return path


def pack(card: GestureFile) -> bytes:
    """The bytes of a card; raises BadCard if its movement is outside what a card can hold."""
    motion = card.motion
    if not 1 <= len(motion) <= MOST_FRAMES:
        raise BadGestureFile(
            f"a card holds 1 to {MOST_FRAMES} frames, not {len(motion)}", hint="record a shorter piece"
        )
    weights, shapes = _shapes(np.asarray(motion.expression, np.float64).reshape(len(motion), -1), FINE, MOST_PARTS)
    shading = (
        np.zeros((len(motion), landmarks.SHADING_POINTS))
        if motion.shading is None
        else np.asarray(motion.shading, np.float64)
    )
    shine, lights = _shapes(shading, FINE_LIGHT, MOST_LIGHTS)
    tracks = np.column_stack(
        [
            pose.rotation_vector(motion.rotation),
            np.log(motion.scale),
            motion.translation,
            motion.lids,
            motion.mouth,
            np.reshape(motion.gaze, (len(motion), 4)),
            weights,
            shine,
        ]
    )
    sizes, light_sizes = (np.abs(part).max(axis=1) for part in (shapes, lights))
    bounds = np.array(_BOUNDS + (3.0,) * (len(sizes) + len(light_sizes)))
    steps = np.rint(np.clip(tracks, -bounds, bounds) / STEP).astype(np.int16).T
    deltas = np.diff(steps, axis=1, prepend=np.zeros((len(steps), 1), np.int16))  # wraps around, and back when summed
    small = b"".join(
        np.rint(part / size[:, None] * 127).astype(np.int8).tobytes()
        for part, size in ((shapes, sizes), (lights, light_sizes))
    )
    packed = zlib.compress(deltas.astype("<i2").tobytes() + small, 9)
    about = {key: getattr(card, key) for key in ("name", "title", "description", "credit", "licence", "rank")}
    about |= {
        "fps": motion.fps,
        "frames": len(motion),
        "parts": len(sizes),
        "sizes": [round(float(size), 6) for size in sizes],
    }
    if card.mouth:
        about |= {"mouth": round(float(card.mouth), 3)}
    if len(lights):
        about |= {
            "lights": len(lights),
            "light_sizes": [round(float(size), 6) for size in light_sizes],
            "parted": round(motion.parted, 4),
        }
    header = json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()
    if len(header) > MOST_HEADER:
        raise BadGestureFile(
            f"the texts of a card take {len(header)} bytes, at most {MOST_HEADER} fit", hint="shorten them"
        )
    return _PREFIX.pack(MAGIC, len(header), len(packed), zlib.crc32(header + packed)) + header + packed


def unpack(data: bytes, label: str = "the card") -> GestureFile:
    """The card in `data`; raises BadCard, naming `label`, if anything in it does not fit the format."""
    about, packed = _header(data, label)
    count, parts, lights = about["frames"], about["parts"], about.get("lights", 0)
    expected = (
        2 * count * (len(_BOUNDS) + parts + lights) + parts * landmarks.COUNT * 3 + lights * landmarks.SHADING_POINTS
    )
    try:
        raw = zlib.decompressobj().decompress(packed, expected + 1)
    except zlib.error as error:
        raise BadGestureFile(f"{label} is damaged: {error}", hint=_HINT) from error
    if len(raw) != expected:
        raise BadGestureFile(f"{label} unpacks to another length than its {expected} bytes", hint=_HINT)
    split = len(raw) - parts * landmarks.COUNT * 3 - lights * landmarks.SHADING_POINTS
    deltas = np.frombuffer(raw[:split], "<i2").reshape(-1, count)
    tracks = (np.cumsum(deltas, axis=1, dtype=np.int16) * STEP).T
    if (np.abs(tracks[:, : len(_BOUNDS)]) > np.array(_BOUNDS) + STEP).any():
        raise BadGestureFile(f"{label} moves further than a head can", hint=_HINT)
    small = np.frombuffer(raw[split:], np.int8) / 127
    shapes = small[: parts * landmarks.COUNT * 3].reshape(parts, landmarks.COUNT * 3) * np.array(
        about["sizes"], float
    ).reshape(parts, 1)
    shine = small[len(small) - lights * landmarks.SHADING_POINTS :].reshape(
        lights, landmarks.SHADING_POINTS
    ) * np.array(about.get("light_sizes", []), float).reshape(lights, 1)
    texts = {key: about[key] for key in ("name", "title", "description", "credit", "licence", "rank")}
    motion = _motion(tracks, shapes, about["fps"])
    if lights:
        motion = replace(
            motion,
            shading=(tracks[:, len(_BOUNDS) + parts :] @ shine).astype(np.float32),
            parted=float(about["parted"]),
        )
    return GestureFile(**texts, motion=motion, mouth=float(about.get("mouth", 0)))


def _motion(tracks: np.ndarray, shapes: np.ndarray, fps: float) -> Motion:
    count = len(tracks)
    expression = (tracks[:, len(_BOUNDS) : len(_BOUNDS) + len(shapes)] @ shapes).reshape(count, landmarks.COUNT, 3)
    return Motion(
        rotation=pose.rotation_matrix(tracks[:, :3]),
        scale=np.exp(tracks[:, 3]),
        translation=tracks[:, 4:6],
        expression=expression.astype(np.float32),
        lids=tracks[:, 6:8],
        mouth=tracks[:, 8],
        gaze=tracks[:, 9:13].reshape(count, 2, 2),
        fps=float(fps),
    )


def _shapes(values: np.ndarray, fine: float, most_parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (T, K) within -1..1 and shapes (K, N) whose product is `values` (T, N) but for `fine`, or as near as `most_parts` come.

    Principal components through the origin, so that rest stays exactly rest.
    """
    left, size, right = np.linalg.svd(values, full_matrices=False)
    for parts in range(min(most_parts, len(size)) + 1):
        weights = values @ right[:parts].T
        if np.abs(values - weights @ right[:parts]).max() <= fine:
            break
    most = np.maximum(np.abs(weights).max(axis=0), 1e-9)
    return weights / most, right[:parts] * most[:, None]


def _header(data: bytes, label: str) -> tuple[dict, bytes]:
    if len(data) > MOST_BYTES:
        raise BadGestureFile(f"{label} is larger than the {MOST_BYTES} bytes of a card", hint=_HINT)
    if len(data) < _PREFIX.size or not data.startswith(MAGIC):
        raise BadGestureFile(f"{label} is not a motion card of format 1", hint=_HINT)
    _, head, tail, checksum = _PREFIX.unpack_from(data)
    body = data[_PREFIX.size :]
    if head > MOST_HEADER or head + tail != len(body) or zlib.crc32(body) != checksum:
        raise BadGestureFile(f"{label} is damaged: its lengths or its checksum do not fit", hint=_HINT)
    try:
        about = json.loads(body[:head])
    except (ValueError, RecursionError) as error:
        raise BadGestureFile(f"{label} has an unreadable header", hint=_HINT) from error
    _check(about, label)
    return about, body[head:]


def _check(about: object, label: str) -> None:
    def number(value: object, kinds: type | tuple, low: float, high: float) -> bool:
        return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high

    fits = (
        isinstance(about, dict)
        and all(isinstance(about.get(key), str) for key in ("name", "title", "description", "credit", "licence"))
        and number(about.get("rank"), int, 0, 10_000)
        and number(about.get("fps"), (int, float), 1, 240)
        and number(about.get("frames"), int, 1, MOST_FRAMES)
        and number(about.get("parts"), int, 0, MOST_PARTS)
        and isinstance(about.get("sizes"), list)
        and len(about["sizes"]) == about["parts"]
        and all(number(size, (int, float), 0, 2) for size in about["sizes"])
        and number(about.get("mouth", 0), (int, float), 0, 1)
        and number(about.get("lights", 0), int, 0, MOST_LIGHTS)
        and isinstance(about.get("light_sizes", []), list)
        and len(about.get("light_sizes", [])) == about.get("lights", 0)
        and all(number(size, (int, float), 0, 50) for size in about.get("light_sizes", []))
        and number(about.get("parted", 0), (int, float), -1, 2)
        and ("parted" in about or not about.get("lights", 0))
    )
    if not fits:
        raise BadGestureFile(f"{label} has a header that does not fit the format", hint=_HINT)


def _bundled() -> dict[str, resources.abc.Traversable]:
    folder = resources.files("animate").joinpath("assets", "cards")
    return {
        path.name.removesuffix(SUFFIX): path
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(SUFFIX)
    }
