"""Which readers a damaged file is given to, and what may come of it: a result, or an error with a hint, in time."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from animate.core import memory
from animate.core.errors import KeepsakeError

MOST_SECONDS, MOST_MB = 10.0, 1500.0
_STILL = ("jpg", "png", "tif", "webp", "gif", "avif", "bmp")


def _photo(path: Path) -> None:
    from animate.photo.read import read_photo

    read_photo(path)


def _driver(path: Path) -> None:
    from animate.media.read import open_video

    for _, _ in zip(range(40), open_video(path, longest=64, threads=1), strict=False):
        pass


def _verify(path: Path) -> None:
    from animate import api

    assert api.verify(path).lines


def _card(path: Path) -> None:
    from animate.motion.gesture_file import load_gesture

    load_gesture(path)


def _slip(path: Path) -> None:
    from animate.provenance import citation

    clip = path.with_suffix("")
    citation.read(clip)


def _weights(path: Path) -> None:
    from animate.fomm.checkpoint import import_checkpoint

    import_checkpoint(path)


def _ours(path: Path) -> None:
    from animate.model.checkpoint import read

    read(path, "fomm10")


def _keys(path: Path) -> None:
    from animate.provenance.c2pa import keys

    keys.signer(path, path)


def _anchors(path: Path) -> None:
    """A damaged file among the trusted authorities takes the trust from no other."""
    from fuzz.seeds import signed

    from animate.provenance.c2pa import manifest

    picture, authority = signed()
    whole = path.with_suffix(".png")
    whole.write_bytes(picture)
    state = manifest.read(whole, authority + b"\n" + path.read_bytes()).state
    whole.unlink()
    assert state == "valid", state


def _captions(path: Path) -> None:
    from animate.photo.captions import LONGEST, read_captions

    found = read_captions(path)
    for text in (found.title, found.names, found.date, found.source):
        assert (text.isprintable() or not text) and len(text) <= LONGEST, text


def _album(path: Path) -> None:
    """The record of an album, and the page that is made of it."""
    from animate.album import page, record

    html = page.page(record.read(path))
    assert "<script>alert" not in html


def _sizes(path: Path) -> None:
    from animate.fomm.config import read_config

    read_config(path)


def _fields(path: Path) -> None:
    """The fields of a form of the HTTP API; what is no text never comes so far."""
    from animate.interfaces.http.order import read_order

    try:
        fields = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    if isinstance(fields, dict):
        read_order(
            {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}, "a"
        )


def _plan(path: Path) -> None:
    """What a killed process may have left in a folder of clips."""
    from animate.core import files

    with tempfile.TemporaryDirectory() as folder:
        hidden = Path(folder) / ".keepsake-1-x"
        hidden.mkdir()
        (Path(folder) / "dear.txt").write_text("dear")
        for name in ("lock", "a.mp4", "a.mp4.txt"):
            (hidden / name).write_text("new")
        (hidden / "plan").write_bytes(path.read_bytes())
        files.sweep(folder)
        assert {file.name for file in Path(folder).iterdir()} <= {"dear.txt", "a.mp4", "a.mp4.txt"}
        assert (Path(folder) / "dear.txt").read_text() == "dear"


def _event(path: Path) -> None:
    from fuzz import doors

    doors.event(path.read_bytes())


def _page(path: Path) -> None:
    from fuzz import doors

    doors.page(path.read_bytes())


def _form(path: Path) -> None:
    from fuzz import doors

    number, address, _ = path.name.split(".")
    assert doors.form(address, path.read_bytes()) < 300 or number != "0", "a good form was refused"


def readers(name: str) -> list[Callable[[Path], None]]:
    """The readers for the seed called `name`."""
    ending = name.rsplit(".", 1)[-1]
    if ending in _STILL:
        return [_photo, _driver, _verify, _captions]
    return _SPECIAL.get(ending, [_driver, _verify])


_SPECIAL: dict[str, list[Callable[[Path], None]]] = {
    "card": [_card],
    "json": [_slip],
    "tar": [_weights],
    "safetensors": [_weights, _ours],
    "pem": [_keys, _anchors],
    "jsonl": [_album],
    "yaml": [_sizes],
    "fields": [_fields],
    "plan": [_plan],
    "event": [_event],
    "page": [_page],
    "form": [_form],
}


def fault(reader: Callable[[Path], None], path: Path) -> str:
    """What is wrong with how `reader` takes the file at `path`; "" when nothing is."""
    _reset_peak()
    begin = time.process_time()
    problem = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            reader(path)
    except KeepsakeError as error:
        if not error.hint or not str(error):
            problem = f"no hint: {error!r}"
    except Exception:
        problem = traceback.format_exc()
    seconds, most = time.process_time() - begin, memory.peak() if sys.platform == "linux" else 0.0
    if seconds > MOST_SECONDS:
        problem += f"\ntook {seconds:.1f} seconds"
    if most > MOST_MB:
        problem += f"\ntook {most:.0f} MB"
    return problem and f"{reader.__name__}: {problem}"


def _reset_peak() -> None:
    if sys.platform == "linux":
        memory.trim()
        Path("/proc/self/clear_refs").write_text("5")
