"""Forms whose fields are the project's options: described from them, and nothing that is not known passes silently."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Annotated, Any

from fastapi import Form, Request

from animate.core.errors import OptionError
from animate.interfaces.http.order import offered

_TYPES = {float: "number", int: "integer", bool: "string", str: "string"}


def with_choices(*names: str) -> Callable[[Callable], Callable]:
    """Gives an endpoint a form field, as text, for each of these choices, or for all that programs have.

    The endpoint takes them as keywords.
    """

    def given(endpoint: Callable) -> Callable:
        signature = inspect.signature(endpoint)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        endpoint.__signature__ = signature.replace(parameters=[*own, *_parameters(names)])  # type: ignore[attr-defined]
        return endpoint

    return given


async def check_fields(request: Request, known: Collection[str]) -> None:
    """Raises OptionError for a field that is not known, or that came twice."""
    form = await request.form()
    for name in form:
        if name not in known:
            raise OptionError(f"there is no field called {name[:50]}", hint=f"known fields: {', '.join(known)}")
        if len(form.getlist(name)) > 1:
            raise OptionError(f"the field {name} came twice", hint="give it once")


def _parameters(names: Collection[str]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_written(default),
            annotation=Annotated[
                str, Form(description=_sentence(about["help"]), json_schema_extra=_schema(kind, default, about))
            ],
        )
        for name, kind, default, about in offered()
        if not names or name in names
    ]


def _written(default: Any) -> str:
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)


def _sentence(help: str) -> str:
    return f"{help[:1].upper()}{help[1:]}."


def _schema(kind: type, default: Any, about: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a choice: its type, range and default as `core.options` has them."""
    schema: dict[str, Any] = {"type": _TYPES[kind], "default": _written(default) if kind in (bool, str) else default}
    if about["low"] is not None:
        schema |= {"minimum": about["low"], "maximum": about["high"]}
    among = ("yes", "no") if kind is bool else about["among"]
    return schema | ({"enum": list(among)} if among else {})
