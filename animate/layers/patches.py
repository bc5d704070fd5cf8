"""Holes filled with patches of what surrounds them, coarse to fine: where every hole pixel is copied from.

Conventions: a picture is (h, w, C) float32 in grey levels, `known` and `hole` are (h, w) bool and exclude each other;
what is neither is void: neither filled nor copied. A source map is (h, w) int: the flat index of the pixel that each
hole pixel is taken from. Method: patch matching by random search and propagation (Barnes et al., PatchMatch, 2009)
within the coarse-to-fine voting of Wexler et al., Space-Time Completion of Video, 2007; the coarsest level is peeled
from its border inwards, so that what reaches the hole (a stripe, a horizon) is continued.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_erosion, distance_transform_edt

RADIUS = 3  # of a patch: 7 x 7 pixels
COARSE = 3000  # hole pixels of the coarsest level
MOST_SOURCES = 3000  # that the coarsest level compares
TRUST = 1.15  # how much less a filled pixel counts for each pixel that it is farther in
NEARNESS = 60.0  # squared grey levels that a source costs more at the end of the reach
COHERENT = 1.12, 2.0  # a neighbour's source is kept if it costs no more than so many times as much, and squared levels
SEED = 20240518


@dataclass(eq=False)
class Level:
    """One size of the picture, with void borders of RADIUS: `flat` (N, C) colours, `step` the flat row length."""

    picture: np.ndarray
    known: np.ndarray
    hole: np.ndarray

    def __post_init__(self):
        self.picture = self.picture.copy()
        self.shape, self.step = self.known.shape, self.known.shape[1]
        self.flat = self.picture.reshape(-1, self.picture.shape[2])
        self.targets = np.flatnonzero(self.hole)
        patch = np.ones((2 * RADIUS + 1,) * 2, bool)
        self.whole = binary_erosion(self.known, patch)  # centres of patches that are known throughout
        reach = np.arange(-RADIUS, RADIUS + 1)
        self.patch = (reach[:, None] * self.step + reach).ravel()
        depth = distance_transform_edt(~self.known)
        self.trust = np.where(self.known | self.hole, TRUST**-depth, 0).astype(np.float32).ravel()


def fill(picture: np.ndarray, known: np.ndarray, hole: np.ndarray, reach: float) -> np.ndarray | None:
    """The source map of a hole.

    Args:
        picture: (h, w, C) float32.
        known, hole: (h, w) bool, exclusive.
        reach: pixels that a source may lie from its target.

    Returns:
        (h, w) int, -1 outside the hole; None if nothing is known that could be copied.
    """
    pad = [(RADIUS, RADIUS)] * 2
    level = Level(np.pad(picture, [*pad, (0, 0)], mode="edge"), np.pad(known, pad), np.pad(hole, pad))
    levels = [level]
    while len(levels[-1].targets) > COARSE and min(levels[-1].shape) > 48:
        smaller = _halved(levels[-1])
        if not smaller.whole.any():
            break
        levels.append(smaller)
    if not len(levels[-1].targets) or not levels[-1].whole.any():
        return None
    random = np.random.default_rng(SEED)
    sources = None
    for depth in reversed(range(len(levels))):
        level, far = levels[depth], max(reach / 2**depth, 4.0)
        if sources is None:
            sources = _peeled(level, far, random)
        else:
            sources = _doubled(levels[depth + 1], sources, level)
            _vote(level, sources)
        sources = _matched(level, sources, far, random)
        _vote(level, sources)
    mapped = np.full(level.shape, -1)
    mapped.ravel()[level.targets] = sources
    rows, columns = np.divmod(mapped, level.step)
    inner = slice(RADIUS, -RADIUS), slice(RADIUS, -RADIUS)
    flat = np.where(mapped >= 0, (rows - RADIUS) * known.shape[1] + columns - RADIUS, -1)
    return flat[inner]


def _halved(level: Level) -> Level:
    """A level of half the size: means over what is known."""
    inner = slice(RADIUS, -RADIUS), slice(RADIUS, -RADIUS)
    known, hole, picture = (a[inner] for a in (level.known, level.hole, level.picture))
    odd = [(0, size % 2) for size in known.shape]

    def mean(values: np.ndarray) -> np.ndarray:
        values = np.pad(values, odd + [(0, 0)] * (values.ndim - 2))
        return values.reshape(values.shape[0] // 2, 2, values.shape[1] // 2, 2, *values.shape[2:]).mean((1, 3))

    share = mean(known.astype(np.float32))
    colour = mean(picture * known[..., None]) / np.maximum(share, 1e-3)[..., None]
    sure = share > 0.5
    pad = [(RADIUS, RADIUS)] * 2
    missing = (mean(hole.astype(np.float32)) > 0) & ~sure
    return Level(np.pad(colour, [*pad, (0, 0)]), np.pad(sure, pad), np.pad(missing, pad))


def _peeled(level: Level, far: float, random: np.random.Generator) -> np.ndarray:
    """Sources of the coarsest level (T,): ring after ring from the border in, each from the patch that fits best."""
    choice = np.flatnonzero(level.whole)
    choice = random.permutation(choice)[:MOST_SOURCES]
    bank = level.flat[choice[:, None] + level.patch].reshape(len(choice), -1)  # (S, 49 C)
    channels, squares = level.flat.shape[1], (bank * bank).T
    done = level.known.ravel().copy()
    away = np.ceil(distance_transform_edt(~level.known)).ravel()[level.targets]
    sources = np.zeros(len(level.targets), int)
    for ring in np.unique(away):
        mine = np.flatnonzero(away == ring)
        at = level.targets[mine]
        near = at[:, None] + level.patch
        weight = np.repeat(done[near] * level.trust[near], channels, axis=1)
        wanted = level.flat[near].reshape(len(at), -1)
        total = np.maximum(weight.sum(1, keepdims=True) / channels, 1e-3)
        # the masked squared distance, multiplied out into two products of matrices
        cost = weight @ squares - 2 * (weight * wanted) @ bank.T + (weight * wanted * wanted).sum(1)[:, None]
        cost = cost / total + _distance(level, at[:, None], choice[None], far)
        best = choice[cost.argmin(1)]
        sources[mine] = best
        level.flat[at] = level.flat[best]
        done[at] = True
    return sources


def _distance(level: Level, targets: np.ndarray, sources: np.ndarray, far: float) -> np.ndarray:
    """What a source costs for lying far away; much beyond the reach."""
    (y, x), (v, u) = (np.float32(np.divmod(at, level.step)) / np.float32(far) for at in (targets, sources))
    way = np.square(y - v) + np.square(x - u)
    return NEARNESS * way + 1e4 * np.maximum(way - 1, 0)


def _doubled(coarse: Level, sources: np.ndarray, fine: Level) -> np.ndarray:
    """Sources of a finer level (T,) from those of the coarser one: the same offsets, twice as long."""
    offsets = np.zeros((*coarse.shape, 2), int)
    offsets.reshape(-1, 2)[coarse.targets] = np.stack(
        [sources // coarse.step - coarse.targets // coarse.step, sources % coarse.step - coarse.targets % coarse.step],
        1,
    )
    rows, columns = fine.targets // fine.step, fine.targets % fine.step
    above = (rows - RADIUS) // 2 + RADIUS, (columns - RADIUS) // 2 + RADIUS
    moved = 2 * offsets[above]
    rows = np.clip(rows + moved[:, 0], 0, fine.shape[0] - 1)
    columns = np.clip(columns + moved[:, 1], 0, fine.step - 1)
    wanted = rows * fine.step + columns
    nearest = distance_transform_edt(~fine.whole, return_distances=False, return_indices=True)
    return (nearest[0] * fine.step + nearest[1]).ravel()[wanted]


def _vote(level: Level, sources: np.ndarray) -> None:
    """Fills every hole pixel with the weighted mean of all patches that cover it."""
    weight, total = level.trust[level.targets], np.zeros(len(level.flat), np.float32)
    sums = np.zeros((level.flat.shape[1], len(level.flat)), np.float32)
    colours = level.flat.T.copy()
    for step in level.patch:
        at, of = level.targets + step, sources + step
        total[at] += weight
        for channel, colour in zip(sums, colours, strict=True):
            channel[at] += weight * colour.take(of)
    level.flat[level.targets] = (sums[:, level.targets] / total[level.targets]).T


def _matched(level: Level, sources: np.ndarray, far: float, random: np.random.Generator) -> np.ndarray:
    """Better sources (T,): tried are those of four neighbours, a step away and two, and random ones ever nearer."""
    near = level.targets[:, None] + level.patch
    colours = level.flat.T.copy()
    wanted, weight = colours.take(near, axis=1), level.trust.take(near)
    weight /= np.maximum(weight.sum(1, keepdims=True), 1e-6)
    place = np.full(len(level.flat), -1)
    place[level.targets] = np.arange(len(level.targets))
    whole = level.whole.ravel()

    def cost(chosen: np.ndarray, of: np.ndarray) -> np.ndarray:
        at, share = of[:, None] + level.patch, weight.take(chosen, 0)
        total = _distance(level, level.targets[chosen], of, far)
        for want, colour in zip(wanted, colours, strict=True):
            apart = want.take(chosen, 0) - colour.take(at)
            total = total + np.einsum("tp,tp,tp->t", share, apart, apart)
        return total

    best = cost(np.arange(len(sources)), sources)
    for slack in (False, True):
        for stride in (1, -1, level.step, -level.step):
            beside = place[level.targets - stride]
            proposed = np.where(beside >= 0, sources[beside] + stride, 0)
            _try(sources, best, proposed, whole, cost, slack)
        for reach in () if slack else (far, far / 4, far / 16):
            jump = np.rint(random.uniform(-reach, reach, (len(sources), 2))).astype(int)
            _try(sources, best, sources + jump[:, 0] * level.step + jump[:, 1], whole, cost, False)
    return sources


def _try(sources: np.ndarray, best: np.ndarray, proposed: np.ndarray, whole: np.ndarray, cost, slack: bool) -> None:
    """Takes proposed sources where they cost less, or with `slack` hardly more, in place."""
    proposed = np.clip(proposed, 0, len(whole) - 1)
    chosen = np.flatnonzero(whole[proposed] & (proposed != sources))
    if len(chosen):
        new = cost(chosen, proposed[chosen])
        better = new < (best[chosen] * COHERENT[0] + COHERENT[1] if slack else best[chosen])
        sources[chosen[better]] = proposed[chosen[better]]
        best[chosen[better]] = new[better]
