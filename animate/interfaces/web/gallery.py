"""The clips made since the page was started: the one that is shown, beside its photograph, and a strip of all.

Conventions: `assets/result.js` makes it live. A clip is taken away with its folder, slips included.
"""

from __future__ import annotations

import shutil
import threading
import zipfile
from dataclasses import dataclass
from html import escape
from itertools import count
from pathlib import Path

from animate.interfaces.web.photo_view import turn, url
from animate.interfaces.web.work import Made

NOTICE = "This is an animation, not footage."


@dataclass(frozen=True)
class Entry:
    """One clip: its number, what it is made of, and the file that holds clip and citation slips."""

    number: int
    made: Made
    package: Path

    @property
    def label(self) -> str:
        return f"{self.made.name} · {self.made.movement}"


class Gallery:
    """All clips of this page; safe to use from several threads."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._number, self._lock = count(1), threading.Lock()

    def add(self, made: Made) -> Entry:
        """Keeps a clip, and packs it with its slips for saving."""
        package = made.path.with_suffix(".zip")
        with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as packed:
            for file in sorted(made.path.parent.glob(f"{made.path.name}*")):
                packed.write(file, file.name)
        with self._lock:
            entry = Entry(next(self._number), made, package)
            self._entries[entry.number] = entry
        return entry

    def remove(self, number: int) -> None:
        """Deletes a clip and its slips; nothing happens if there is none of that number."""
        with self._lock:
            entry = self._entries.pop(number, None)
        if entry:
            shutil.rmtree(entry.made.path.parent, ignore_errors=True)

    def html(self, number: int = 0) -> str:
        """The clip of that number, or else the newest, and the strip; "" without clips."""
        with self._lock:
            entries = list(self._entries.values())
        if not entries:
            return f"<div {turn()}></div>"
        shown = next((entry for entry in entries if entry.number == number), entries[-1])
        newest = f"data-newest='{entries[-1].number}'"
        return f"<div {turn()} {newest}>{_shown(shown)}{_strip(entries, shown) if len(entries) > 1 else ''}</div>"


def painted(synthesized: float) -> str:
    """What share of the moved face is no photograph, in words; "" for none."""
    return (
        f"At most {synthesized:.1f} % of the moved face is painted; all else is the photograph, moved."
        if synthesized
        else ""
    )


def _shown(entry: Entry) -> str:
    made = entry.made
    photo = f"<img src='{escape(url(made.photo))}' alt='the photograph'><figcaption>Photograph</figcaption>"
    clip = f"{_player(made)}<figcaption>Animation</figcaption>"
    slider = "<input type='range' min='0' max='100' value='50' aria-label='More of the photograph or of the clip'>"
    stage = (
        f"<div class='compare' data-view='clip' style='--ratio:{made.width / made.height:.4f}'>"
        f"<figure class='photo'>{photo}</figure><figure class='clip' id='clip'>{clip}</figure>"
        f"{_driver(made)}{slider}</div>"
    )
    words = " ".join(filter(None, (NOTICE, painted(made.synthesized))))
    notes = "".join(f"<p class='note'>{escape(note[:1].upper() + note[1:])}</p>" for note in made.notes)
    return (
        f"<h2><b>3</b> Your clip</h2><p class='made'>{escape(entry.label)}</p>{_views(made)}{stage}"
        f"<p class='notice'>{words}</p>{notes}{_saving(entry)}"
    )


def _driver(made: Made) -> str:
    """The video that was followed, for comparison."""
    if not made.driver:
        return ""
    video = f"<video class='driver' src='{escape(url(made.driver))}' controls muted loop playsinline></video>"
    return f"<figure class='driven'>{video}<figcaption>Your video</figcaption></figure>"


def _views(made: Made) -> str:
    views = [("clip", "Clip"), ("side", "Beside the photograph")]
    views += [("slider", "Slider")] if made.whole else []
    return "<div class='views' role='group' aria-label='How to look at it'>" + "".join(
        f"<button type='button' data-view='{view}' aria-pressed='{str(view == 'clip').lower()}'>{label}</button>"
        for view, label in views
    ) + "</div>"  # fmt: skip


def _player(made: Made) -> str:
    """The clip as the browser itself plays it: whatever ffmpeg is or is not on this computer takes no part."""
    where = escape(url(made.path))
    if made.path.suffix == ".mp4":
        size = f"width='{made.width}' height='{made.height}'"
        return f"<video src='{where}' {size} controls muted loop playsinline controlslist='nodownload'></video>"
    return f"<img src='{where}' width='{made.width}' height='{made.height}' alt='the animation'>"


def _saving(entry: Entry) -> str:
    clip = entry.made.path
    both = _download("save", "primary", entry.package, "Save the clip and its citation slip")
    only = _download("save-clip", "", clip, f"Only the clip ({clip.suffix[1:].upper()})")
    remove = f"<button type='button' data-remove='{entry.number}'>Delete it</button>"
    return f"<p class='saving'>{both}{only}{remove}</p>"


def _download(name: str, kind: str, file: Path, words: str) -> str:
    where = f"href='{escape(url(file))}' download='{escape(file.name)}'"
    return f"<a id='{name}' class='{kind}' {where}>{escape(words)}</a>"


def _strip(entries: list[Entry], shown: Entry) -> str:
    items = "".join(
        f"<button type='button' data-show='{entry.number}' aria-pressed='{str(entry is shown).lower()}' "
        f"title='{escape(entry.label, quote=True)}'>{_still(entry)}<span>{escape(entry.made.movement)}</span></button>"
        for entry in reversed(entries)
    )
    return f"<div class='strip'><p>Clips of this visit</p><div>{items}</div></div>"


def _still(entry: Entry) -> str:
    where = escape(url(entry.made.path))
    if entry.made.path.suffix == ".mp4":
        return f"<video src='{where}' muted playsinline preload='metadata'></video>"
    return f"<img src='{where}' alt=''>"
