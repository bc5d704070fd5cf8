"""The page of an album: `index.html` beside the clips, with stills that move under the pointer. It works from the disk.

Nothing is fetched from elsewhere; every text in it is escaped. With reduced motion nothing moves by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

from animate.album.record import FAILED, MADE, Entry
from animate.core.files import write_text

PAGE = "index.html"
TITLE = "Photographs that move"
STATEMENT = "Illustrations, not evidence: the movements were invented by a program."

_STYLE = """
:root { color-scheme: light dark; --paper: #faf6ee; --ink: #2e2418; --quiet: #6d5f4d }
@media (prefers-color-scheme: dark) { :root { --paper: #1d1915; --ink: #efe6d8; --quiet: #b3a48e } }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 Georgia, serif }
main { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); align-items: start }
figure { margin: 0 }
video { display: block; width: 100%; border-radius: 4px; background: #0002 }
video:focus-visible { outline: 3px solid #b0702a }
figcaption, footer, details { font-size: .9rem; overflow-wrap: anywhere }
.quiet { color: var(--quiet) }
a { color: inherit }
"""
_SCRIPT = """
const still = matchMedia("(prefers-reduced-motion: reduce)");
for (const video of document.querySelectorAll("video")) {
  const play = () => { if (!still.matches) video.play().catch(() => {}); };
  const rest = () => { if (!still.matches) { video.pause(); video.load(); } };
  video.controls = still.matches;
  video.addEventListener("mouseenter", play);
  video.addEventListener("focus", play);
  video.addEventListener("mouseleave", rest);
  video.addEventListener("blur", rest);
  video.addEventListener("click", () => { if (!still.matches) video.paused ? play() : rest(); });
}
still.addEventListener("change", () => location.reload());
"""


def write_page(out: Path, entries: Iterable[Entry]) -> Path:
    """Write the page of the clips in folder `out`, whole, over an older one.

    Raises:
        OSError: when it cannot be written.
    """
    write_text(out / PAGE, page(entry for entry in entries if entry.state != MADE or (out / entry.clip).is_file()))
    return out / PAGE


def page(entries: Iterable[Entry]) -> str:
    """The page of these entries, by their labels."""
    ordered = sorted(entries, key=lambda entry: entry.photo)
    made = [entry for entry in ordered if entry.state == MADE]
    failed = [entry for entry in ordered if entry.state == FAILED]
    figures = "\n".join(map(_figure, made)) or '<p class="quiet">No clip has been made yet.</p>'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{TITLE}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{TITLE}</h1>
<p class="quiet">{STATEMENT}</p>
<main>
{figures}
</main>
{_failures(failed)}
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _figure(entry: Entry) -> str:
    clip, name = _address(entry.clip), entry.title or Path(entry.photo).stem
    lines = [f"<strong>{_text(name)}</strong>"]
    lines += [_text(text) for text in (entry.names, entry.date) if text]
    lines.append(f'<span class="quiet">{_text(entry.photo)}</span> <a href="{clip}.txt">about this clip</a>')
    poster = f' poster="{_address(entry.poster)}"' if entry.poster else ""
    return (
        f'<figure><video src="{clip}"{poster} muted loop playsinline preload="none" tabindex="0"'
        f' aria-label="{_text(name)}"></video>\n<figcaption>{"<br>".join(lines)}</figcaption></figure>'
    )


def _failures(failed: list[Entry]) -> str:
    if not failed:
        return ""
    rows = "\n".join(f"<li>{_text(e.photo)}: {_text('; '.join(filter(None, (e.reason, e.hint))))}</li>" for e in failed)
    return f"<details><summary>{len(failed)} could not be made</summary>\n<ul>\n{rows}\n</ul></details>"


def _text(text: str) -> str:
    """A text between tags or in an attribute; bytes of file names that are no UTF-8 become question marks."""
    return escape(text.encode("utf-8", "replace").decode("utf-8"))


def _address(place: str) -> str:
    return quote(os.fsencode(place))
