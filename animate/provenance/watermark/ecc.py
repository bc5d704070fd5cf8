"""The error-correcting code of the invisible mark: 52 bits of message become 252 bits that still read when a third
are wrong.

Message: 4 bits version, 48 bits id; 24 bits CRC behind them (OpenPGP's CRC-24, RFC 4880 section 6.1), 8 bits of zeros
as the tail; then the rate 1/3 convolutional code of constraint length 9 with the generators 557, 663, 711 (octal;
Larsen 1973, free distance 18), read with soft decisions by the Viterbi algorithm. Bits travel as arrays of 0 and 1,
most significant first.
"""

from __future__ import annotations

from functools import cache

import numpy as np

VERSION_BITS, ID_BITS, CHECK_BITS, TAIL = 4, 48, 24, 8
MESSAGE = VERSION_BITS + ID_BITS + CHECK_BITS
CODED = 3 * (MESSAGE + TAIL)
_GENERATORS = (0o557, 0o663, 0o711)
_STATES = 1 << TAIL


def encode(version: int, identity: bytes) -> np.ndarray:
    """The (252,) coded bits of a version 0..15 and six bytes of id; ValueError for anything else."""
    if not 0 <= version < 16 or len(identity) != 6:
        raise ValueError(f"a mark carries a version 0..15 and 6 bytes, not {version} and {len(identity)} bytes")
    message = (version << ID_BITS) | int.from_bytes(identity, "big")
    word = (message << CHECK_BITS) | _crc(message)
    coded, register = [], 0
    for place in range(MESSAGE + TAIL):
        bit = (word >> (MESSAGE - 1 - place)) & 1 if place < MESSAGE else 0
        register = ((register << 1) | bit) & (2 * _STATES - 1)
        coded += [(register & generator).bit_count() & 1 for generator in _GENERATORS]
    return np.array(coded, dtype=np.uint8)


def decode(soft: np.ndarray) -> tuple[int, bytes] | None:
    """(version, id) of the likeliest message when its checksum holds, else None; soft (252,) is > 0 where a 1 is
    likelier."""
    word = _viterbi(np.asarray(soft, dtype=np.float64).reshape(-1, 3))
    message, check = word >> CHECK_BITS, word & ((1 << CHECK_BITS) - 1)
    if _crc(message) != check:
        return None
    return message >> ID_BITS, (message & ((1 << ID_BITS) - 1)).to_bytes(6, "big")


def _crc(message: int) -> int:
    register = 0xB704CE
    for byte in message.to_bytes(7, "big"):
        register ^= byte << 16
        for _ in range(8):
            register <<= 1
            if register & 0x1000000:
                register ^= 0x1864CFB
    return register


@cache
def _outputs() -> np.ndarray:
    """(512, 3) of -1 and 1: what the encoder sends when its register of nine bits holds the row's number."""
    registers = range(2 * _STATES)
    bits = [[(register & generator).bit_count() & 1 for generator in _GENERATORS] for register in registers]
    return 2.0 * np.array(bits) - 1.0


def _viterbi(soft: np.ndarray) -> int:
    """The likeliest message word, as one integer, for soft (84, 3)."""
    metric = np.full(_STATES, -1e9)
    metric[0] = 0.0
    came_from = []
    for step in soft:
        reached = np.tile(metric, (2, 1)).T.ravel() + _outputs() @ step  # by register: old state twice, new bit 0 and 1
        halves = reached.reshape(2, _STATES)  # the oldest bit of the register is what the new state forgets
        came_from.append(np.argmax(halves, axis=0))
        metric = halves.max(axis=0)
    state, word = 0, 0
    for place, oldest in reversed(list(enumerate(came_from))):
        if place < MESSAGE:
            word |= (state & 1) << (MESSAGE - 1 - place)
        state = (state >> 1) | (int(oldest[state]) << (TAIL - 1))
    return word
