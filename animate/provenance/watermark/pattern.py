"""The keyed pattern of the invisible mark: one square tile, described by its Fourier coefficients.

A tile is a real, periodic texture with T samples a side; only coefficients in a ring of middle frequencies are used,
away from both axes (the picture's own edges and the blocks of a codec live there). All have the same size; their
*phases* carry the mark: `SYNC` of them have phases that the key alone decides (they mark where a tile begins), the
others each carry two coded bits in the signs of real and imaginary part, every coded bit several times, scrambled by
the key. The key's random numbers are SHAKE-256 of it, so they are the same on every machine and in every version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from animate.provenance.watermark.ecc import CODED

TILE = 128  # side of a tile in pixels for frames up to 1,024 pixels long; longer frames scale it along
INNER, OUTER = 8, 24  # the ring: cycles a tile
SYNC = 0.2  # share of the coefficients that mark where a tile begins
KEY = b"keepsake invisible mark, version 1"


@dataclass(frozen=True, eq=False)
class Layout:
    """Where everything is: u, v (N,) cycles a tile across and down (v >= 0); known (N,) complex phases of unit size,
    zero for carriers of bits; slots (N, 2) the coded bit in real and imaginary part, signs (N, 2) of -1 and 1; -1 and
    0 where none."""

    u: np.ndarray
    v: np.ndarray
    known: np.ndarray
    slots: np.ndarray
    signs: np.ndarray

    @property
    def radius(self) -> np.ndarray:
        """(N,) cycles a tile."""
        return np.hypot(self.u, self.v)


@lru_cache(maxsize=4)
def layout(key: bytes = KEY) -> Layout:
    """The layout that a key decides."""
    u, v = (axis.ravel() for axis in np.meshgrid(np.arange(-OUTER, OUTER + 1), np.arange(0, OUTER + 1)))
    radius = np.hypot(u, v)
    inside = (radius >= INNER) & (radius <= OUTER) & (np.abs(u) >= 2) & (v >= 2)
    u, v = u[inside], v[inside]
    order = np.argsort(_numbers(key + b"order", len(u)))
    syncs, carriers = np.split(order, [int(SYNC * len(u))])
    known = np.zeros(len(u), dtype=np.complex128)
    known[syncs] = np.exp(2j * np.pi * _numbers(key + b"sync", len(syncs)) / 2.0**64)
    slots = np.full((len(u), 2), -1)
    slots[carriers] = (np.arange(2 * len(carriers)) % CODED).reshape(-1, 2)
    signs = np.zeros((len(u), 2))
    signs[carriers] = np.where(_numbers(key + b"signs", 2 * len(carriers)).reshape(-1, 2) % 2, 1.0, -1.0)
    return Layout(u, v, known, slots, signs)


def phases(bits: np.ndarray, key: bytes = KEY, gains: np.ndarray | None = None) -> np.ndarray:
    """(N,) complex coefficients for coded bits (252,) of 0 and 1: of unit size, or each bit's part times its gain
    (252,)."""
    order = layout(key)
    values = (2.0 * np.asarray(bits) - 1.0) / np.sqrt(2.0) * (1.0 if gains is None else gains)
    parts = values[order.slots] * order.signs
    return order.known + parts[:, 0] + 1j * parts[:, 1]


def tile(bits: np.ndarray, size: int, key: bytes = KEY, gains: np.ndarray | None = None) -> np.ndarray:
    """(size, size) float32 tile of mean 0 and standard deviation 1; size is at least 2 OUTER + 2."""
    order = layout(key)
    spectrum = np.zeros((size, size), dtype=np.complex128)
    spectrum[order.v, order.u] = phases(bits, key, gains)
    picture = np.fft.ifft2(spectrum).real
    return (picture / picture.std()).astype(np.float32)


def gather(coefficients: np.ndarray, key: bytes = KEY) -> np.ndarray:
    """(252,) soft bits, > 0 for 1: the sum over the carriers (N,) complex of each bit."""
    order = layout(key)
    parts = np.stack([coefficients.real, coefficients.imag], axis=1) * order.signs
    used = order.slots >= 0
    return np.bincount(order.slots[used], weights=parts[used], minlength=CODED)


def _numbers(seed: bytes, count: int) -> np.ndarray:
    """(count,) uint64 that the seed decides."""
    return np.frombuffer(hashlib.shake_256(seed).digest(8 * count), dtype="<u8")
