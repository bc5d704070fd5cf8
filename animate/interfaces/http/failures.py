"""What goes wrong, as JSON: what came and was expected, what to do, the kind of error; never where the server lies."""

from __future__ import annotations

import re
from typing import Any

from animate.core.errors import (
    DriverError,
    KeepsakeError,
    MissingExtra,
    OptionError,
    OutputError,
    PhotoError,
    WeightsError,
)

SURPRISE = "this should not happen; the window that the server runs in shows where it did, please report it"
DIED = {
    "error": "the process that made the clip ended before it was whole, as happens where memory is short",
    "hint": "ask for a smaller size, or run the server with fewer workers",
    "kind": "WorkerDied",
}
_STATUS: tuple[tuple[type[KeepsakeError], int], ...] = (
    (PhotoError, 422),
    (DriverError, 422),
    (OptionError, 422),
    (OutputError, 507),
    (MissingExtra, 501),
    (WeightsError, 501),
)
_FOLDERS = re.compile(r"(?<![\w:/.])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:]+[/\\])+")  # of a path, all but its last part


def failure(message: str, hint: str = "", kind: str = "Refused") -> dict[str, str]:
    """An error as every answer of the server holds it."""
    return {"error": " ".join(message.split()), "hint": hint, "kind": kind}


def of(error: BaseException) -> dict[str, Any]:
    """What a program is told about an exception."""
    if not isinstance(error, KeepsakeError):
        return failure("something went wrong that should not", SURPRISE, "Unexpected")
    return failure(_FOLDERS.sub("", str(error)), _FOLDERS.sub("", error.hint), type(error).__name__)


def status(error: KeepsakeError) -> int:
    """The HTTP status of an error."""
    return next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
