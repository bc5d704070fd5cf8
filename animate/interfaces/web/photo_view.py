"""The left side of the page as HTML: the place where a photograph is dropped, then the photograph with its faces.

Conventions: `assets/photo.js` makes it live. Every rendering carries a new number, so that the browser takes each
of them, also one with the same words as before.
"""

from __future__ import annotations

from html import escape
from itertools import count
from pathlib import Path
from urllib.parse import quote

from animate.interfaces.web import findings
from animate.interfaces.web.session import Session

KINDS = "image/*,.avif,.heic,.heif,.tif,.tiff,.webp,.bmp,.jp2,.psd,.gif"
THUMB = 64  # pixels of a face's thumbnail
AROUND = 1.7  # side of the square around a face in its thumbnail, in sides of the face's box

_turn = count(1)


def url(path: str | Path) -> str:
    """Where the browser finds a file of the page's folder."""
    return f"/gradio_api/file={quote(str(path))}"


def turn() -> str:
    """An attribute that makes this rendering differ from every other."""
    return f"data-turn='{next(_turn)}'"


def drop_zone(ask: str, kinds: str, *, failure: str = "") -> str:
    """A place to drop a file or choose one, and below it what went wrong with the last one."""
    note = f"<p class='failure' role='alert'>{escape(failure)}</p>" if failure else ""
    return (
        f"<div class='drop' {turn()}><label><input type='file' accept='{kinds}'><span class='shown'></span>"
        f"<span class='ask'>{ask}</span></label><p class='state' role='status'></p>{note}</div>"
    )


def empty(*, failure: str = "", example: bool = False) -> str:
    """The page without a photograph."""
    offer = "<button type='button' class='quiet' id='sample'>No photograph at hand? Try an example</button>"
    zone = drop_zone("Drop a photograph here,<br>or click to choose one", KINDS, failure=failure)
    return zone + (f"<p class='below'>{offer}</p>" if example else "")


def html(session: Session, *, failure: str = "") -> str:
    """The photograph with an outline to click on over every face, thumbnails of the faces, and what can be done."""
    width, height = session.photo.width, session.photo.height
    outlines = "".join(_outline(session, number) for number in range(1, len(session.portraits) + 1))
    picture = f"<img src='{escape(url(session.preview))}' alt='the photograph' draggable='false'>"
    over = f"<svg viewBox='0 0 {width} {height}' preserveAspectRatio='none'>{outlines}<rect class='band'/></svg>"
    canvas = f"<div class='canvas'>{picture}{over}</div>"
    mode = "" if session.portraits else " class='by-hand'"
    wrong = f"<p class='failure' role='alert'>{escape(failure)}</p>" if failure else ""
    pane = f"<div class='print'><div class='window'>{canvas}</div>{_zoom()}</div>"
    return (
        f"<figure{mode} {turn()} data-key='{session.key}'>{pane}"
        f"<figcaption><p role='status'>{session.advice()}</p>{wrong}{_thumbs(session)}"
        f"<p class='actions'>{_actions(session)}</p>{findings.html(session)}</figcaption></figure>"
    )


def _zoom() -> str:
    buttons = (("out", "−", "Smaller"), ("in", "+", "Larger"), ("fit", "Whole", "Show the whole photograph"))
    return "<div class='zoom'>" + "".join(
        f"<button type='button' data-zoom='{how}' aria-label='{label}' title='{label}'>{sign}</button>"
        for how, sign, label in buttons
    ) + "</div>"  # fmt: skip


def _actions(session: Session) -> str:
    mark = "<button type='button' class='mark' aria-pressed='false'>Outline a face by hand</button>"
    undo = "<button type='button' data-do='undo'>Take the frame away</button>" if session.drawn else ""
    return f"{mark}{undo}<button type='button' data-do='another' id='another'>Choose another photograph</button>"


def _thumbs(session: Session) -> str:
    """A row of the faces, to choose them by, for photographs of several people."""
    if len(session.portraits) < 2:
        return ""
    faces = "".join(_thumb(session, number) for number in range(1, len(session.portraits) + 1))
    both = "<button type='button' data-do='all'>All</button><button type='button' data-do='none'>None</button>"
    return f"<div class='people'><div class='thumbs'>{faces}</div><p>{both}</p></div>"


def _thumb(session: Session, number: int) -> str:
    x, y, width, height = session.boxes[number - 1]
    share = THUMB / (max(width, height) * AROUND)
    left, top = THUMB / 2 - (x + width / 2) * share, THUMB / 2 - (y + height / 2) * share
    place = (
        f"background-image:url({url(session.preview)});background-size:{session.photo.width * share:.1f}px "
        f"{session.photo.height * share:.1f}px;background-position:{left:.1f}px {top:.1f}px"
    )
    return f"<button type='button' {_state(session, number, 'thumb')} style='{escape(place)}'><b>{number}</b></button>"


def _state(session: Session, number: int, kind: str) -> str:
    """The attributes of what stands for a face."""
    chosen = number in session.chosen
    named = f"role='checkbox' aria-checked='{str(chosen).lower()}' aria-label='Face {number}'"
    return f"class='{kind}{' chosen' if chosen else ''}' data-face='{number}' {named}"


def _outline(session: Session, number: int) -> str:
    x, y, width, height = session.boxes[number - 1]
    size = max(session.photo.width, session.photo.height)
    badge = max(min(width, height) * 0.13, size * 0.008)
    right, top = x + width, y - badge  # beside the face, never over it
    return (
        f"<g {_state(session, number, 'face')} tabindex='0'>"
        f"<rect x='{x}' y='{y}' width='{width}' height='{height}' rx='{round(min(width, height) * 0.12)}'/>"
        f"<circle cx='{right}' cy='{round(top)}' r='{round(badge)}'/>"
        f"<text x='{right}' y='{round(top)}' font-size='{round(badge * 1.2)}'>{number}</text></g>"
    )
