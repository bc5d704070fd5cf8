"""Drawn things for the matte network's scenes: cloth, backdrops, hats. Of what is drawn the matte is exactly known.

Conventions: pictures are (h, w, 3) float32 RGB in 0..255, mattes (h, w) float32 in 0..1; every function takes a numpy
Generator first. Training heads end at the collar and seldom wear hats; old photographs show trunks, hats and painted
walls.
"""

from __future__ import annotations

import cv2
import numpy as np

_FINE = 4  # bits of a fraction of a pixel in OpenCV's polygons


def clouds(rng: np.random.Generator, shape: tuple[int, int], finest: int = 6) -> np.ndarray:
    """Fractal noise (h, w) float32 of about mean 0 and deviation 1; `finest` octaves, each half as strong as the one
    before or nearly."""
    keep, total = rng.uniform(0.35, 0.9), np.zeros(shape, np.float32)
    stretch = np.exp(rng.normal(0, 0.4))
    for octave in range(rng.integers(1, 3), finest + 1):
        cells = (max(2, round(2**octave * stretch)), max(2, round(2**octave / stretch)))
        noise = rng.standard_normal(cells, dtype=np.float32)
        total += keep**octave * cv2.resize(noise, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return (total - total.mean()) / (total.std() + 1e-6)


def colour(rng: np.random.Generator) -> np.ndarray:
    """A colour (3,) that is often grey, often nearly black or white."""
    grey = rng.choice([rng.uniform(0, 60), rng.uniform(0, 255), rng.uniform(190, 255)], p=[0.3, 0.45, 0.25])
    return np.clip(grey + rng.normal(0, rng.choice([4.0, 30.0])) * rng.normal(0, 1, 3), 0, 255).astype(np.float32)


def cloth(rng: np.random.Generator, shape: tuple[int, int], base: np.ndarray | None = None) -> np.ndarray:
    """Woven, folded or furry stuff (h, w, 3): a colour with broad folds, and at times stripes, checks, dots or fine
    noise."""
    base, full = colour(rng) if base is None else base, shape
    shape = (max(2, full[0] // 2), max(2, full[1] // 2))  # made at half the size: four times as fast
    folds = clouds(rng, shape, int(rng.integers(3, 7))) * rng.uniform(3, 30)
    pattern = np.zeros(shape, np.float32)
    if rng.random() < 0.28:
        rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        angle, period = rng.uniform(0, np.pi), rng.uniform(3, 14)
        along = (columns * np.cos(angle) + rows * np.sin(angle)) * (2 * np.pi / period)
        across = (rows * np.cos(angle) - columns * np.sin(angle)) * (2 * np.pi / period)
        wave = np.sin(along) if rng.random() < 0.5 else np.maximum(np.sin(along), np.sin(across))
        pattern = np.clip((wave - rng.uniform(-0.3, 0.9)) * 4, 0, 1) * rng.choice([-1, 1]) * rng.uniform(15, 120)
    if rng.random() < 0.3:
        pattern += cv2.GaussianBlur(
            rng.standard_normal(shape, dtype=np.float32), (0, 0), rng.uniform(0.3, 1.0)
        ) * rng.uniform(10, 70)
    tint = base / max(float(base.mean()), 30.0)
    stuff = np.clip(base + (folds + pattern.astype(np.float32))[..., None] * tint, 0, 255)
    return cv2.resize(stuff, full[::-1], interpolation=cv2.INTER_LINEAR)


def backdrop(rng: np.random.Generator, size: int) -> np.ndarray:
    """A drawn background (size, size, 3): a plain or painted wall, boards or bricks, leaves, a wall above a floor,
    things over things, or windows."""
    kind = rng.choice(7, p=[0.22, 0.25, 0.13, 0.15, 0.09, 0.1, 0.06])
    if kind == 0:  # a wall in uneven light
        return np.clip(colour(rng) + clouds(rng, (size, size), 2)[..., None] * rng.uniform(0, 25), 0, 255)
    if kind == 1:  # a painted studio backdrop
        return np.clip(colour(rng) + clouds(rng, (size, size))[..., None] * rng.uniform(5, 45), 0, 255)
    if kind == 2:
        return _boards(rng, size)
    if kind == 3:  # leaves: hard light and shadow
        leaves = (
            np.clip(clouds(rng, (size, size), 7) * rng.uniform(0.5, 2) + rng.normal(0, 0.5), -1, 1)[..., None] * 0.5
            + 0.5
        )
        return colour(rng) * leaves + colour(rng) * (1 - leaves)
    if kind == 5:
        return _dead_leaves(rng, size)
    if kind == 6:
        return _windows(rng, size)
    high = int(rng.uniform(0.3, 0.9) * size)
    return np.concatenate([cloth(rng, (high, size)), cloth(rng, (size - high, size))])


def _boards(rng: np.random.Generator, size: int) -> np.ndarray:
    """Boards or bricks: a grid of joints over stained wood or stone."""
    picture = colour(rng) + clouds(rng, (size, size))[..., None] * rng.uniform(3, 25)
    step, depth = rng.uniform(12, 70), rng.uniform(-120, 60)
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    lay = [rows, columns][rng.integers(2)] + rng.normal(0, 0.03) * columns
    joint = np.clip(rng.uniform(1, 3) - np.abs((lay % step) - step / 2), 0, 1)
    if rng.random() < 0.4:
        other = columns if lay is not columns else rows
        offset = (np.floor(lay / step) % 2) * step
        joint = np.maximum(joint, np.clip(1.5 - np.abs(((other + offset) % (2 * step)) - step), 0, 1))
    return np.clip(picture + joint[..., None] * depth, 0, 255)


def _dead_leaves(rng: np.random.Generator, size: int) -> np.ndarray:
    """Things over things until nothing else is seen, small ones far more often than large ones: the dead leaves model,
    which has the statistics of natural pictures (Lee, Mumford and Huang 2001)."""
    picture = np.empty((size, size, 3), np.float32)
    picture[:] = colour(rng)
    tints, spread = [colour(rng) for _ in range(rng.integers(2, 5))], rng.uniform(5, 45)
    least, most = rng.uniform(0.006, 0.04) * size, rng.uniform(0.08, 0.5) * size
    shape, count = rng.uniform(0, 1), int(rng.integers(150, 700))
    radii = 1 / np.sqrt(rng.uniform(1 / most**2, 1 / least**2, count))  # density of the radius r as 1 / r^3
    lean = np.exp(np.abs(rng.normal(0, rng.uniform(0.1, 1.0), count)))  # twice as long as wide, or ten times
    for radius, long in zip(np.sort(radii)[::-1], lean, strict=True):
        tint = tints[rng.integers(len(tints))] + rng.normal(0, spread)
        middle, turn = rng.uniform(0, size, 2), rng.uniform(0, np.pi)
        if rng.random() < shape:
            outline = ellipse(middle, (radius * long, radius), turn=turn)
        else:
            outline = ellipse(middle, (radius * long, radius), turn=turn)[:: int(rng.integers(6, 14))]
        points = np.round(outline * (1 << _FINE)).astype(np.int32)
        cv2.fillPoly(picture, [points], np.clip(tint, 0, 255).tolist(), cv2.LINE_AA, _FINE)
    return picture


def _windows(rng: np.random.Generator, size: int) -> np.ndarray:
    """A wall with windows, or a fence: panes or pickets at even steps."""
    picture, pane = cloth(rng, (size, size)), colour(rng)
    step = rng.uniform(0.05, 0.4, 2) * size
    gap = rng.uniform(0.1, 0.6, 2) * (1, 1 if rng.random() < 0.7 else 0)
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    lean = rng.normal(0, 0.08)
    along = columns + lean * rows, rows - lean * columns
    inside = np.ones((size, size), np.float32)
    for axis, one, part in zip(along, step.tolist(), gap.tolist(), strict=True):
        to_joint = np.abs((axis + rng.uniform(0, one)) % one - one / 2)
        inside *= np.clip(to_joint - part * one / 2 + 0.5, 0, 1)
    return np.clip(picture + inside[..., None] * (pane - picture), 0, 255)


def bar(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """The matte (h, w) of a pole, a branch or an edge that runs through the picture."""
    high, wide = shape
    middle, angle = rng.uniform(0.1, 0.9, 2) * (wide, high), rng.choice([0, 0.5]) * np.pi + rng.normal(0, 0.35)
    way = np.array([np.cos(angle), np.sin(angle)])
    ends = middle + np.outer(rng.uniform((-1.2, 0.1), (-0.1, 1.2)), way) * max(shape)
    half = np.outer(rng.uniform(0.004, 0.06, 2) * max(shape), [-way[1], way[0]])
    return fill(shape, np.concatenate([ends + half, (ends - half)[::-1]]))


def blob(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """The matte (h, w) of some thing: a rectangle, an ellipse or a crooked outline, anywhere."""
    high, wide = shape
    middle, reach = rng.uniform(0, (wide, high)), rng.uniform(0.05, 0.45, 2) * (wide, high)
    corners = int(rng.choice([4, 5, 7, 30]))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners)) if corners < 30 else np.linspace(0, 2 * np.pi, corners)
    if corners == 4:
        angles = np.array([0.25, 0.75, 1.25, 1.75]) * np.pi + rng.normal(0, 0.08)
    return fill(
        shape, middle + np.stack([np.cos(angles), np.sin(angles)], 1) * reach * np.sqrt(2 if corners == 4 else 1)
    )


def fill(shape: tuple[int, int], outline: np.ndarray) -> np.ndarray:
    """The matte (h, w) of the polygon through the points (P, 2), edges about a pixel soft."""
    mask = np.zeros(shape, np.uint8)
    points = np.round(np.clip(outline, -4e3, 4e3) * (1 << _FINE)).astype(np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, _FINE)
    return mask.astype(np.float32) / 255


def ellipse(
    middle: np.ndarray, radii: tuple[float, float], *, turn: float = 0.0, arc: tuple[float, float] = (0, 2 * np.pi)
) -> np.ndarray:
    """Points (40, 2) on an ellipse, turned by `turn` radians."""
    angle = np.linspace(*arc, 40)
    points = np.stack([np.cos(angle) * radii[0], np.sin(angle) * radii[1]], 1)
    cos, sin = np.cos(turn), np.sin(turn)
    return middle + points @ np.array([[cos, sin], [-sin, cos]])


def hat(
    rng: np.random.Generator, shape: tuple[int, int], eyes: np.ndarray, unit: float, top: float
) -> list[tuple[np.ndarray, np.ndarray]]:
    """A hat on a head as layers (picture, matte) from back to front: crown, brim, at times feathers or flowers.

    `eyes` (2,) is the middle between the eyes, `unit` their distance, `top` the row where the head ends.
    """
    rim = eyes + [rng.normal(0, 0.08) * unit, -rng.uniform(0.65, 1.2) * unit]
    high = max(rim[1] - top, 0.9 * unit) + rng.uniform(-0.1, 0.9) * unit
    wide, turn = rng.uniform(1.05, 1.4) * unit, rng.normal(0, 0.08)
    stuff = colour(rng)
    kind = rng.choice(["dome", "box", "cap", "broad"], p=[0.35, 0.15, 0.25, 0.25])
    if kind == "box":
        flare = rng.uniform(0.85, 1.15)
        crown = rim + np.array([[-wide, 0], [-wide * flare, -high * 1.3], [wide * flare, -high * 1.3], [wide, 0]])
    elif kind == "cap":
        crown = ellipse(
            rim - [0, high * 0.6],
            (wide * rng.uniform(1.1, 1.5), max(high * rng.uniform(0.45, 0.7), 0.3 * unit)),
            turn=turn,
        )
        crown = cv2.convexHull(np.concatenate([crown, rim + [[-wide, 0], [wide, 0]]]).astype(np.float32))[:, 0]
    else:
        crown = ellipse(rim, (wide, high * 1.05), turn=turn, arc=(np.pi, 2 * np.pi))
    layers = [(cloth(rng, shape, stuff), fill(shape, crown))]
    if kind != "cap" or rng.random() < 0.5:
        reach = rng.uniform(1.7, 3.0) if kind == "broad" else rng.uniform(1.15, 1.9)
        brim = ellipse(rim, (reach * unit, rng.uniform(0.12, 0.3) * reach * unit * 0.6), turn=turn)
        layers.append((cloth(rng, shape, stuff if rng.random() < 0.7 else colour(rng)), fill(shape, brim)))
    for _ in range(rng.integers(1, 6) if rng.random() < (0.5 if kind == "broad" else 0.12) else 0):
        layers.append((cloth(rng, shape), _feather(rng, shape, rim - [0, high * rng.uniform(0, 0.8)], unit)))
    return layers


def _feather(rng: np.random.Generator, shape: tuple[int, int], root: np.ndarray, unit: float) -> np.ndarray:
    """A feather or a flower that stands on a hat."""
    if rng.random() < 0.35:
        return fill(shape, ellipse(root + rng.normal(0, 0.5, 2) * unit, tuple(rng.uniform(0.15, 0.5, 2) * unit)))
    angle, bend, length = rng.uniform(-np.pi, 0), rng.normal(0, 0.6), rng.uniform(0.8, 2.4) * unit
    along = np.linspace(0, 1, 14)
    spine = root + length * np.stack([np.cos(angle + bend * along), np.sin(angle + bend * along)], 1) * along[:, None]
    half = rng.uniform(0.06, 0.3) * unit * np.sin(np.pi * np.clip(along * 0.9 + 0.1, 0, 1))[:, None]
    normal = np.array([-np.sin(angle), np.cos(angle)]) * half
    return fill(shape, np.concatenate([spine + normal, (spine - normal)[::-1]]))


def halo(
    rng: np.random.Generator, shape: tuple[int, int], eyes: np.ndarray, unit: float, tint: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Surroundings of a face, as layers (picture, matte) to lie behind the person: more hair, a bonnet, a
    shawl, feathers."""
    kind = rng.choice(["hair", "bonnet", "feathers"], p=[0.45, 0.3, 0.25])
    if kind == "feathers":
        root = eyes + [rng.normal(0, 0.3) * unit, -rng.uniform(0.2, 1.4) * unit]
        stuff = cloth(rng, shape), cloth(rng, shape)
        return [(stuff[i % 2], _feather(rng, shape, root, unit * 1.5)) for i in range(rng.integers(4, 14))]
    middle, radii = (
        eyes + [rng.normal(0, 0.1) * unit, rng.uniform(-0.5, 0.5) * unit],
        rng.uniform((1.4, 1.7), (2.2, 2.6)) * unit,
    )
    outline = ellipse(middle, tuple(radii))
    if kind == "hair":
        outline = middle + (outline - middle) * (1 + 0.05 * rng.standard_normal((len(outline), 1)))
    soft = 1.5 if kind == "hair" else 0.6
    return [(cloth(rng, shape, tint if kind == "hair" else None), cv2.GaussianBlur(fill(shape, outline), (0, 0), soft))]
