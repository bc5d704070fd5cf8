"""Who moves and how: turns what a person says about faces (`all`, `2`, `1=smile,3=blink`) into a gesture for each face."""

from __future__ import annotations

from animate.core.errors import OptionError

HINT = "say 1 for the largest face, 2 for the two largest, all, or a gesture for each: 1=smile,3=blink"


def assign_gestures(spec: str, default: str, count: int) -> dict[int, str]:
    """Face number (from 1, largest first) -> gesture, for `count` faces found; raises OptionError for words that do not fit."""
    spec = spec.strip().lower()
    if spec == "all":
        return dict.fromkeys(range(1, count + 1), default)
    if "=" in spec:
        return dict(_part(part, count) for part in spec.split(",") if part.strip())
    if not spec.isdigit() or int(spec) < 1:
        raise OptionError(f"faces is {spec!r}", hint=HINT)
    return dict.fromkeys(range(1, min(int(spec), count) + 1), default)


def how_many(spec: str) -> int | None:
    """How many of the largest faces `spec` asks for; None where all have to be known."""
    return int(spec) if spec.strip().isdigit() and int(spec) > 0 else None


def _part(part: str, count: int) -> tuple[int, str]:
    number, _, gesture = (piece.strip() for piece in part.partition("="))
    if not number.isdigit() or not gesture:
        raise OptionError(f"faces has {part.strip()!r}", hint=HINT)
    if not 1 <= int(number) <= count:
        raise OptionError(
            f"there is no face {number}; {count} found", hint="keepsake faces PHOTO lists them with their numbers"
        )
    return int(number), gesture
