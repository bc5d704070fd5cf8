"""Drawn bodies for the matte network's scenes: training heads end at the collar, people in photographs do not.

Conventions: as in `matte_props`; outlines (P, 2) are in pixels of the 256 px training picture until `matrix` takes them
into the scene, and `own` is the distance of its eyes. Heights below the eyes follow a standing adult of some 26 eye
distances, children down to half of it.
"""

from __future__ import annotations

import cv2
import numpy as np

from animate.train import matte_props as props

SIDE = 256  # of training pictures
_BOTTOM = 250  # the row whose ends say where the trunk goes on
Layer = tuple[np.ndarray, np.ndarray]  # picture (n, n, 3), matte (n, n)


def body(
    rng: np.random.Generator, frame: np.ndarray, matte: np.ndarray, five: np.ndarray, matrix: np.ndarray, size: int
) -> list[Layer]:
    """Layers from back to front of what lies below the head of a training picture: legs or a skirt, trunk, arms. Empty
    without shoulders."""
    row = np.flatnonzero(matte[_BOTTOM] > 127)
    if len(row) < 30:
        return []
    own, eyes = float(np.linalg.norm(five[0] - five[1])), five[:2].mean(0)
    grown = rng.uniform(0.8, 1.1) if rng.random() < 0.7 else rng.uniform(0.5, 0.8)
    shoulder = own * rng.uniform(2.5, 4.3) * grown**0.5
    ends = _anchor(matte, int(row[0]), 0), _anchor(matte, int(row[-1]), SIDE - 1)
    long = rng.random() < 0.4
    hip = eyes[1] + own * grown * rng.uniform(9, 13)
    foot = hip + 60 * own if long else max(hip, SIDE + own)
    waist = 1.0 if long else rng.uniform(0.6, 1.0)
    left = _flank(rng, ends[0], eyes[0] - shoulder, own, foot, waist)
    right = _flank(rng, ends[1], eyes[0] + shoulder, own, foot, waist)
    hidden = np.array(
        [right[0] + [-14, -26], left[0] + [14, -26]]
    )  # behind the picture, which runs out softly at its bottom
    outline = np.concatenate([left, right[::-1], hidden])
    stuff, reflected = _stuff(rng, frame, row, matrix, size)
    lower = [] if long else _lower(rng, outline[len(left) - 1], right[-1], own, grown)
    below = stuff if rng.random() < 0.4 else props.cloth(rng, (size, size))
    layers = [(below, _filled(rng, part, matrix, size)) for part in lower]
    layers.append(
        (stuff if reflected else _dressed(rng, stuff, _moved(outline, matrix)), _filled(rng, outline, matrix, size))
    )
    if rng.random() < 0.5:
        layers += [
            arm
            for side in (left, right)
            if rng.random() < 0.75
            for arm in _arm(rng, stuff, side, own * grown, matrix, size)
        ]
    return layers


def _moved(outline: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return outline @ matrix[:, :2].T + matrix[:, 2]


def _filled(rng: np.random.Generator, outline: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """The matte of an outline, a little soft."""
    return cv2.GaussianBlur(props.fill((size, size), _moved(outline, matrix)), (0, 0), rng.uniform(0.4, 1.0))


def _stuff(
    rng: np.random.Generator, frame: np.ndarray, row: np.ndarray, matrix: np.ndarray, size: int
) -> tuple[np.ndarray, bool]:
    """Cloth of the picture itself, mirrored over and over, or drawn; and whether it is the former."""
    begin = int(rng.integers(row[0] + 2, row[-1] - 14))
    band = frame[SIDE - int(rng.integers(14, 40)) :, begin : begin + int(rng.integers(12, 60))]
    if rng.random() < 0.35:
        moved = matrix.copy()
        moved[:, 2] += matrix[:, :2] @ [begin, SIDE - len(band)]
        return cv2.warpAffine(band, moved, (size, size), borderMode=cv2.BORDER_REFLECT_101).astype(np.float32), True
    base = np.median(band, (0, 1)).astype(np.float32) if rng.random() < 0.5 else None
    return props.cloth(rng, (size, size), base), False


def _anchor(matte: np.ndarray, end: int, side: int) -> np.ndarray:
    """Where the drawn outline begins: the end of the bottom row, or the height at which the person leaves by the
    side."""
    if abs(end - side) > 8:
        return np.array([end, SIDE - 1.0])
    column = matte[:, abs(side - 2)] > 127
    gap = np.flatnonzero(~column)
    return np.array([side, max(float(gap[-1]) if len(gap) else 0.0, 0.55 * SIDE)])


def _flank(
    rng: np.random.Generator, start: np.ndarray, aim: float, own: float, foot: float, waist: float
) -> np.ndarray:
    """The outline (P, 2) of one side: along the shoulder, round its end, down to the row `foot`."""
    side = np.sign(aim - SIDE / 2)
    if (aim - start[0]) * side < 0.3 * own:  # the picture reaches farther than the shoulder would
        aim = start[0]
    drop = abs(aim - start[0]) * rng.uniform(0.15, 0.65)
    corner, below = np.array([aim, start[1] + drop]), np.array([aim, start[1] + drop + rng.uniform(0.6, 1.6) * own])
    t = np.linspace(0, 1, 12)[:, None]
    curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * below
    last = SIDE / 2 + (aim - SIDE / 2) * waist + side * rng.normal(0.1, 0.4) * own
    return np.concatenate([curve, [[last, max(foot, below[1])]]])


def _lower(rng: np.random.Generator, left: np.ndarray, right: np.ndarray, own: float, grown: float) -> list[np.ndarray]:
    """Outlines of what stands below the hips: a skirt, two legs, a lap with legs, or nothing."""
    kind = rng.choice(["skirt", "legs", "lap", "none"], p=[0.35, 0.35, 0.15, 0.15])
    length, above = own * grown * rng.uniform(7, 13), np.array([0, -own])
    if kind == "none":
        return []
    if kind == "skirt":
        flare = rng.uniform(0, 3.0) * own
        return [np.array([left + above, left + [-flare, length], right + [flare, length], right + above])]
    if kind == "lap":
        reach = rng.uniform(-0.5, 1.5) * own
        lap = np.array([left + above, left + [-reach, own * 3], right + [reach, own * 3], right + above])
        return [lap, *_legs(rng, left + [0, own * 2], right + [0, own * 2], own, length * 0.6)]
    return _legs(rng, left, right, own, length)


def _legs(rng: np.random.Generator, left: np.ndarray, right: np.ndarray, own: float, length: float) -> list[np.ndarray]:
    middle, result = (left + right) / 2, []
    for hip in (left, right):
        foot = middle + (hip - middle) * rng.uniform(0.4, 1.2) + [rng.normal(0, 0.5) * own, length]
        half = np.array([rng.uniform(0.6, 1.2) * own, 0])
        result.append(np.array([hip - [0, own], foot - half, foot + half, middle - [0, own]]))
    return result


def _arm(
    rng: np.random.Generator, stuff: np.ndarray, flank: np.ndarray, own: float, matrix: np.ndarray, size: int
) -> list[Layer]:
    """A sleeve from the shoulder over the elbow, and a hand at its end."""
    side = np.sign(flank[6, 0] - SIDE / 2)
    joint = flank[7] + [-side * 0.5 * own, 0.4 * own]
    elbow = joint + [side * rng.uniform(-0.3, 2.2) * own, rng.uniform(3.5, 5.5) * own]
    hand = elbow + [-side * rng.uniform(-1.5, 4.5) * own, rng.uniform(-3.5, 4.5) * own]
    points = np.round(_moved(np.stack([joint, elbow, hand]), matrix) * 16).astype(np.int32)
    scale, mask = np.sqrt(abs(np.linalg.det(matrix[:, :2]))), np.zeros((size, size), np.uint8)
    cv2.polylines(mask, [points], False, 255, max(1, round(rng.uniform(1.0, 1.7) * own * scale)), cv2.LINE_AA, 4)
    shade = np.clip(stuff * rng.uniform(0.75, 1.25) + rng.normal(0, 6), 0, 255).astype(np.float32)
    palm = props.ellipse(_moved(hand, matrix), tuple(rng.uniform(0.5, 0.9, 2) * own * scale))
    skin = np.broadcast_to(rng.uniform(90, 230) + np.array([18, 0, -15], np.float32), stuff.shape).astype(np.float32)
    return [(skin, props.fill((size, size), palm)), (shade, mask.astype(np.float32) / 255)]


def _dressed(rng: np.random.Generator, stuff: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Cloth with the lines of lapels, seams and belts upon it."""
    stuff = np.ascontiguousarray(stuff)
    low, high = outline.min(0), outline.max(0)
    unit = max(2.0, (high[0] - low[0]) / 7)
    for _ in range(rng.integers(0, 4)):
        x = rng.uniform(low[0], high[0])
        points = np.array(
            [
                [x, low[1]],
                [x + rng.normal(0, 0.6) * unit, low[1] + 2 * unit],
                [x + rng.normal(0, 1.5) * unit, low[1] + 6 * unit],
            ]
        )
        thick = int(rng.integers(1, max(2, round(unit / 6)) + 1))
        cv2.polylines(stuff, [np.round(points).astype(np.int32)], False, props.colour(rng).tolist(), thick, cv2.LINE_AA)
    return stuff
