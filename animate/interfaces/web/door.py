"""Where an event of the page meets a function: whatever goes wrong in it reaches the person as a plain sentence.

Conventions: a handler is called with what the event carries (a dict) and the values of its inputs. Gradio reads the
annotation of `event`, so it is a real object here, not the text that `from __future__ import annotations` makes of it.
"""

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator

from animate.core.errors import KeepsakeError, OptionError

UNEXPECTED = (
    "Something went wrong that should not. Load the page again; the window that Keepsake runs in shows what it was."
)


def guarded(gr, handle: Callable, failed: Callable[..., object] | None = None) -> Callable:
    """`handle` as Gradio calls it; `failed(sentence, *values)` gives the outputs that show what went wrong.

    Without `failed` the sentence is shown by Gradio, until it is read.
    """

    def answer(error: Exception, values: tuple) -> object:
        if not isinstance(error, KeepsakeError):
            traceback.print_exception(error, file=sys.stderr)
        if failed is None:
            raise gr.Error(sentence(error), duration=None, print_exception=False) from error
        return failed(sentence(error), *values)

    def plain(event: gr.EventData, request: gr.Request, *values):
        try:
            return handle(carried(event, request), *values)
        except Exception as error:
            return answer(error, values)

    def stepwise(event: gr.EventData, request: gr.Request, *values) -> Iterator:
        try:
            yield from handle(carried(event, request), *values)
        except Exception as error:
            yield answer(error, values)

    return stepwise if inspect.isgeneratorfunction(handle) else plain


def carried(event, request) -> dict:
    """What an event carries, and under "tab" which tab of the browser it comes from."""
    sent = getattr(event, "_data", None)
    return {**(sent if isinstance(sent, dict) else {}), "tab": getattr(request, "session_hash", None) or ""}


def sentence(error: Exception) -> str:
    """What went wrong and what to do, for a person."""
    if not isinstance(error, KeepsakeError):
        return UNEXPECTED
    return " ".join(f"{part[:1].upper()}{part[1:].rstrip('.')}." for part in (str(error), error.hint) if part)


def number(sent: dict, name: str) -> int:
    """The whole number that an event carries under `name`; raises OptionError if there is none."""
    value = sent.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise OptionError("the page sent something that it never sends", hint="load the page again")
    return value


def text(sent: dict, name: str) -> str:
    """The text that an event carries under `name`; raises OptionError if there is none."""
    value = sent.get(name)
    if not isinstance(value, str) or not value or len(value) > 4096:
        raise OptionError("the page sent something that it never sends", hint="load the page again")
    return value
