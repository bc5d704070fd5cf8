"""The bytes of a gesture file: a movement in a few kilobytes, which can be damaged or hostile without doing harm.

A gesture file is, one after another (numbers little-endian):
  16 bytes       the magic b"keepsake-card-1\\n"; the digit is the format version
  uint32 x 3     bytes of the header, bytes of the packed part, CRC-32 of both together
  header         JSON: name, title, description, credit, licence, rank, fps, frames (T), parts (K), sizes (K numbers);
                 with shading also lights (L), light_sizes (L numbers), parted; where lips may part also mouth (0..1)
  packed part    zlib: 13 + K + L tracks of T int16, each the difference to the frame before; then K shapes of
                 (478, 3) int8 and L of (487,)
The tracks are: turn x, y, z (rotation vector, radians), logarithm of scale, shift x, y, lids of the left and right eye,
mouth, gaze of the left eye x, y and of the right eye x, y, all in steps of 1/10000; then the weights of the shapes, in
steps of 1/10000. A shape is its int8 values / 127 times its size. Expression = weights @ shapes, and so is shading.
Units are Motion's.
Nothing in one is executed or unpickled, and every length is checked before memory is taken.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from animate.core.errors import BadGestureFile
from animate.core.types import Motion
from animate.motion import landmarks, pose

MAGIC = b"keepsake-card-1\n"
STEP = 1e-4
MOST_BYTES, MOST_HEADER, MOST_FRAMES, MOST_PARTS, MOST_SHADINGS = 2_000_000, 16_384, 9_000, 12, 8
# Outer-eye distances of expression, and logarithm of brightness, that may be lost in packing.
FINE, FINE_SHADING = 0.003, 0.03
_BOUNDS = (1.6, 1.6, 1.6, 0.7, 3.0, 3.0, 1.5, 1.5, 1.5, 1.0, 1.0, 1.0, 1.0)  # of the 13 tracks
_TEXTS = ("name", "title", "description", "credit", "licence")
_NUMBERS: tuple[tuple[str, type | tuple, float, float, Any], ...] = (  # key, type, lowest, highest, default
    ("rank", int, 0, 10_000, None),
    ("fps", (int, float), 1, 240, None),
    ("frames", int, 1, MOST_FRAMES, None),
    ("parts", int, 0, MOST_PARTS, None),
    ("lights", int, 0, MOST_SHADINGS, 0),
    ("parted", (int, float), -1, 2, 0),
    ("mouth", (int, float), 0, 1, 0),
)
_LISTS: tuple[tuple[str, str, float, Any], ...] = (  # key, key of its length, highest value, default
    ("sizes", "parts", 2.0, None),
    ("light_sizes", "lights", 50.0, ()),
)
_PREFIX = struct.Struct("<16sIII")
_HINT = "record the gesture again, or use one of the bundled ones"


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


def pack(gesture: GestureFile) -> bytes:
    """The bytes of a gesture file.

    Raises:
        BadGestureFile: the movement or the texts are too long for one.
    """
    motion = gesture.motion
    if not 1 <= len(motion) <= MOST_FRAMES:
        raise BadGestureFile(
            f"a gesture file holds 1 to {MOST_FRAMES} frames, not {len(motion)}", hint="record a shorter piece"
        )
    weights, shapes = _components(np.asarray(motion.expression, np.float64).reshape(len(motion), -1), FINE, MOST_PARTS)
    shading = np.zeros((len(motion), landmarks.SHADING_POINTS)) if motion.shading is None else motion.shading
    shading_weights, shadings = _components(np.asarray(shading, np.float64), FINE_SHADING, MOST_SHADINGS)
    sizes, shading_sizes = (np.abs(part).max(axis=1) for part in (shapes, shadings))
    packed = zlib.compress(
        _deltas(motion, weights, shading_weights) + _quantized(shapes, sizes) + _quantized(shadings, shading_sizes), 9
    )
    about = {key: getattr(gesture, key) for key in (*_TEXTS, "rank")}
    about |= {"fps": motion.fps, "frames": len(motion), "parts": len(sizes), "sizes": _rounded(sizes)}
    if len(shadings):
        about |= {"lights": len(shadings), "light_sizes": _rounded(shading_sizes), "parted": round(motion.parted, 4)}
    if gesture.mouth:
        about["mouth"] = round(float(gesture.mouth), 3)
    header = json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()
    if len(header) > MOST_HEADER:
        raise BadGestureFile(
            f"the texts of a gesture file take {len(header)} bytes, at most {MOST_HEADER} fit", hint="shorten them"
        )
    return _PREFIX.pack(MAGIC, len(header), len(packed), zlib.crc32(header + packed)) + header + packed


def unpack(data: bytes, label: str = "the gesture file") -> GestureFile:
    """The gesture in `data`.

    Raises:
        BadGestureFile: anything in it does not fit the format; the message names `label`.
    """
    about, packed = read_header(data, label)
    count, parts, shadings = about["frames"], about["parts"], about.get("lights", 0)
    small = parts * landmarks.COUNT * 3 + shadings * landmarks.SHADING_POINTS
    expected = 2 * count * (len(_BOUNDS) + parts + shadings) + small
    try:
        raw = zlib.decompressobj().decompress(packed, expected + 1)
    except zlib.error as error:
        raise BadGestureFile(f"{label} is damaged: {error}", hint=_HINT) from error
    if len(raw) != expected:
        raise BadGestureFile(f"{label} unpacks to another length than its {expected} bytes", hint=_HINT)
    deltas = np.frombuffer(raw[: expected - small], "<i2").reshape(-1, count)
    tracks = (np.cumsum(deltas, axis=1, dtype=np.int16) * STEP).T
    if (np.abs(tracks[:, : len(_BOUNDS)]) > np.array(_BOUNDS) + STEP).any():
        raise BadGestureFile(f"{label} moves further than a head can", hint=_HINT)
    values = np.frombuffer(raw[expected - small :], np.int8) / 127
    shapes, shading_shapes = np.split(values, [parts * landmarks.COUNT * 3])
    motion = _motion(tracks, _scaled(shapes, about["sizes"], landmarks.COUNT * 3), about["fps"])
    if shadings:
        scaled = _scaled(shading_shapes, about["light_sizes"], landmarks.SHADING_POINTS)
        shading = tracks[:, len(_BOUNDS) + parts :] @ scaled
        motion = replace(motion, shading=shading.astype(np.float32), parted=float(about["parted"]))
    texts = {key: about[key] for key in (*_TEXTS, "rank")}
    return GestureFile(**texts, motion=motion, mouth=float(about.get("mouth", 0)))


def read_header(data: bytes, label: str) -> tuple[dict, bytes]:
    """The checked header of a gesture file, and its packed part; raises BadGestureFile."""
    if len(data) > MOST_BYTES:
        raise BadGestureFile(f"{label} is larger than the {MOST_BYTES} bytes of a gesture file", hint=_HINT)
    if len(data) < _PREFIX.size or not data.startswith(MAGIC):
        raise BadGestureFile(f"{label} is not a gesture file of format 1", hint=_HINT)
    _, head, tail, checksum = _PREFIX.unpack_from(data)
    body = data[_PREFIX.size :]
    if head > MOST_HEADER or head + tail != len(body) or zlib.crc32(body) != checksum:
        raise BadGestureFile(f"{label} is damaged: its lengths or its checksum do not fit", hint=_HINT)
    try:
        about = json.loads(body[:head])
    except (ValueError, RecursionError) as error:
        raise BadGestureFile(f"{label} has an unreadable header", hint=_HINT) from error
    if not isinstance(about, dict) or not _fits(about):
        raise BadGestureFile(f"{label} has a header that does not fit the format", hint=_HINT)
    return about, body[head:]


def _fits(about: Mapping) -> bool:
    """Whether a header has what the format asks for, each value of its type and within its range."""
    if not all(isinstance(about.get(key), str) for key in _TEXTS):
        return False
    if not all(_within(about.get(key, default), kind, low, high) for key, kind, low, high, default in _NUMBERS):
        return False
    for key, length, high, default in _LISTS:
        values = about.get(key, default)
        if not isinstance(values, list | tuple) or len(values) != about.get(length, 0):
            return False
        if not all(_within(value, (int, float), 0, high) for value in values):
            return False
    return "parted" in about or not about.get("lights")


def _within(value: object, kind: type | tuple, low: float, high: float) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and low <= value <= high  # type: ignore[operator]


def _deltas(motion: Motion, weights: np.ndarray, shading_weights: np.ndarray) -> bytes:
    """All tracks as differences from frame to frame; they wrap around, and back when they are summed."""
    tracks = np.column_stack(
        [
            pose.rotation_vector(motion.rotation),
            np.log(motion.scale),
            motion.translation,
            motion.lids,
            motion.mouth,
            np.reshape(motion.gaze, (len(motion), 4)),
            weights,
            shading_weights,
        ]
    )
    bounds = np.array(_BOUNDS + (3.0,) * (tracks.shape[1] - len(_BOUNDS)))
    steps = np.rint(np.clip(tracks, -bounds, bounds) / STEP).astype(np.int16).T
    return np.diff(steps, axis=1, prepend=np.zeros((len(steps), 1), np.int16)).astype("<i2").tobytes()


def _quantized(shapes: np.ndarray, sizes: np.ndarray) -> bytes:
    return np.rint(shapes / sizes[:, None] * 127).astype(np.int8).tobytes()


def _scaled(values: np.ndarray, sizes: list[float], width: int) -> np.ndarray:
    """Shapes (K, width) from all their values in -1..1 and their sizes (K,)."""
    return values.reshape(len(sizes), width) * np.array(sizes, float).reshape(-1, 1)


def _rounded(sizes: np.ndarray) -> list[float]:
    return [round(float(size), 6) for size in sizes]


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


def _components(values: np.ndarray, fine: float, most_parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (T, K) within -1..1 and shapes (K, N) whose product is `values` (T, N) but for `fine`, or as near as
    `most_parts` come.

    Principal components through the origin, so that rest stays exactly rest.
    """
    left, size, right = np.linalg.svd(values, full_matrices=False)
    for parts in range(min(most_parts, len(size)) + 1):
        weights = values @ right[:parts].T
        if np.abs(values - weights @ right[:parts]).max() <= fine:
            break
    most = np.maximum(np.abs(weights).max(axis=0), 1e-9)
    return weights / most, right[:parts] * most[:, None]
