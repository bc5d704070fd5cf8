"""What the marks of a clip record, and what is found of them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Edit:
    """A change of the photograph before it was animated.

    kind is orientation, inverted, tone, damage, grain or detail; description a plain sentence; parameters are texts
    and numbers.
    """

    kind: str
    description: str
    parameters: Mapping[str, str | float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class FurtherPhoto:
    """A further photograph of the person: its file's name (for the slip alone) and SHA-256, and how many percent of the
    drawn face it gave, averaged over the frames."""

    name: str
    sha256: str
    percent: float


@dataclass(frozen=True)
class Provenance:
    """What was done, once: everything that the marks and the slip record about a clip."""

    program: str  # "keepsake 0.1.0"
    model: str  # "keepsake <weights id>"
    photo: str  # file name
    photo_sha256: str
    photo_size: tuple[int, int]  # width, height
    gestures: Mapping[int, str]  # face number -> gesture or driver name
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    synthesized: float = 0.0  # percent of the moved face that was painted, not moved, in the frame where it was most
    notes: tuple[str, ...] = ()
    created: str = ""  # ISO 8601, UTC
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # title, names, source, consent
    edits: tuple[Edit, ...] = ()  # what was done to the photograph first
    more: tuple[FurtherPhoto, ...] = ()  # of the person in `photo`, in the order in which they were given


@dataclass(frozen=True)
class Verdict:
    """What `verify` found; `lines` are plain sentences in the order to read them (docs/verification.md)."""

    file: str
    manifest: str  # valid | untrusted | expired | altered | absent | unreadable
    invisible: str  # found | not found | cannot tell
    mark_id: str  # 12 hexadecimal digits or ""
    confidence: float  # 0..1
    icon: str  # found | not found | cannot tell
    slip: str  # matches | unconfirmed | contradicts | same mark | differs | unreadable | absent
    photo: str  # matches | claimed | alike | differs | cannot tell | not asked
    lines: tuple[str, ...] = ()
    conclusion: str = "nothing"  # animation | claims | badge | altered | no pictures | uncertain | nothing
    contradictions: tuple[str, ...] = ()  # of manifest, invisible, slip, photo: those that do not fit
