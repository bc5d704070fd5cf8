"""What is still to be made of the scans: each photograph once, what is finished not again, and the name of each clip.

Two clips are the same where the photograph's bytes and the settings are. Names keep the folders; a second scan of one
stem keeps its suffix: anna.jpg and anna.png become anna.mp4 and anna.png.mp4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from animate.album.record import FAILED, MADE, SKIPPED, Entry
from animate.album.scans import Scan
from animate.core import errors
from animate.core.options import Options, text

CLIP = ".mp4"
_WITHOUT_EFFECT = ("threads",)


@dataclass(frozen=True)
class Job:
    """One photograph to make.

    path      the scan; label and sha256 its own
    gesture   the movement
    options   every other choice
    out       the folder of the clips
    clip      the clip's path in it, with "/"
    replace   a clip that is there may be replaced
    """

    path: Path
    label: str
    sha256: str
    gesture: str
    options: Options
    out: Path
    clip: str
    replace: bool = False

    def settings(self) -> dict:
        return settings(self.gesture, self.options)


@dataclass
class Digests:
    """SHA-256 of files, computed again where size or time have changed."""

    known: dict[Path, tuple[tuple[int, int], str]] = field(default_factory=dict)

    def of(self, scan: Scan) -> str:
        """Hexadecimal; "" for a file that cannot be read."""
        state = scan.state()
        if scan.path not in self.known or self.known[scan.path][0] != state:
            try:
                with scan.path.open("rb") as file:
                    self.known[scan.path] = state, hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                return ""
        return self.known[scan.path][1]


def settings(gesture: str, options: Options) -> dict[str, str]:
    """Every choice that counts for a clip, as text."""
    chosen = {name: value for name, value in asdict(options).items() if name in options.changed()}
    return {"gesture": gesture} | {name: text(value) for name, value in chosen.items() if name not in _WITHOUT_EFFECT}


def plan(
    scans: Iterable[Scan],
    entries: Mapping[str, Entry],
    digests: Digests,
    *,
    gesture: str,
    options: Options,
    out: Path,
    force: bool = False,
    tried: Collection[tuple[str, str]] = (),
    on_settled: Callable[[Scan], None] = lambda scan: None,
) -> Iterator[Job | Entry]:
    """A Job for every photograph that is to be made, an Entry for every copy of one that is there already.

    Args:
        scans: all of them.
        entries: the record, by label.
        digests: of the scans.
        gesture: the movement.
        options: every other choice.
        out: the folder of the clips.
        force: what is finished is made again.
        tried: (label, sha256) of what this run had in work already.
        on_settled: called with every scan for which there is nothing to do.
    """
    chosen = settings(gesture, options)
    clips = {entry.clip.casefold(): entry.photo for entry in entries.values() if entry.clip}
    kept = [] if force else [entry for entry in entries.values() if _finished(entry, entry.sha256, chosen, out)]
    first = {entry.sha256: entry.photo for entry in kept}
    for scan in scans:
        digest, entry = digests.of(scan), entries.get(scan.label)
        settled = not force and entry and _settled(entry, digest, chosen, out)
        if settled or (scan.label, digest) in tried:
            first.setdefault(digest, scan.label)
            on_settled(scan)
            continue
        if digest and first.setdefault(digest, scan.label) != scan.label:
            if entry and entry.state == SKIPPED and entry.sha256 == digest:
                on_settled(scan)
            else:
                yield Entry(scan.label, SKIPPED, digest, reason=f"the same photograph as {first[digest]}")
            continue
        clip = _clip_name(scan, entry, clips)
        clips[clip.casefold()] = scan.label
        ours = force or bool(entry and entry.clip == clip)
        yield Job(scan.path, scan.label, digest, gesture, options, out, clip, replace=ours)


def _finished(entry: Entry, digest: str, chosen: dict, out: Path) -> bool:
    same = entry.state == MADE and entry.sha256 == digest and entry.settings == chosen
    return same and (out / entry.clip).is_file()


def _settled(entry: Entry, digest: str, chosen: dict, out: Path) -> bool:
    """Made already, or failed for what is in the photograph itself."""
    kind = getattr(errors, entry.kind, None)
    hopeless = entry.state == FAILED and isinstance(kind, type) and issubclass(kind, errors.PhotoError)
    failed = hopeless and entry.sha256 == digest and entry.settings == chosen
    return failed or _finished(entry, digest, chosen, out)


def _clip_name(scan: Scan, entry: Entry | None, clips: Mapping[str, str]) -> str:
    """The name that a scan's clip has, or the first one that no other scan's has."""
    if entry and entry.clip:
        return entry.clip
    number = 1
    while True:
        name = (scan.path.stem, scan.path.name)[number - 1] if number < 3 else f"{scan.path.name}-{number}"
        clip = (scan.folder / f"{name}{CLIP}").as_posix()
        if clips.get(clip.casefold(), scan.label) == scan.label:
            return clip
        number += 1
