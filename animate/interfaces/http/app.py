"""The server as one ASGI application: addresses, their OpenAPI description, and every error as JSON.

FastAPI's pages /docs and /redoc fetch their scripts from another server and are left out; the description itself is
at /openapi.json.
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

import animate
from animate.core.errors import KeepsakeError
from animate.interfaces.http import failures, job_routes, routes
from animate.interfaces.http.desk import Desk

DESCRIPTION = "/openapi.json"
OPEN = (routes.HEALTH, DESCRIPTION)  # what needs no token
ABOUT = """Animates the people in old photographs, on this computer.

Hand in a photograph at `POST /v1/jobs`, ask for the job until its `state` is `done` or `failed` (`wait` saves
questions), then fetch the clip and its citation. Every clip is marked as an animation. Errors are JSON with `error`,
`hint` and `kind`."""
TAGS = [
    {"name": "jobs", "description": "Photographs that become clips."},
    {"name": "photographs", "description": "What a photograph shows."},
    {"name": "movements", "description": "What a face can do."},
    {"name": "clips", "description": "Whether a clip was made by Keepsake."},
    {"name": "server", "description": "The server itself."},
]


def build(desk: Desk, *, token: bool) -> FastAPI:
    """The application behind a gate that asks for a `token` or for none."""
    pages: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": DESCRIPTION}
    named: dict[str, Any] = {"generate_unique_id_function": lambda route: route.name}
    app = FastAPI(title="Keepsake", version=animate.__version__, description=ABOUT, openapi_tags=TAGS, **pages, **named)
    bearer = HTTPBearer(auto_error=False, description="The token that the server printed when it started.")
    app.include_router(routes.open_routes(desk))
    for router in (job_routes.job_routes(desk), routes.look_routes(desk)):
        app.include_router(router, dependencies=[Depends(bearer)] * token)  # for the description; the gate asks for it
    app.add_exception_handler(KeepsakeError, _keepsake)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    return app


def _keepsake(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, KeepsakeError)
    return JSONResponse(failures.of(error), failures.status(error))


def _invalid(request: Request, error: Exception) -> JSONResponse:
    """A field that is missing or of the wrong kind; the first one is named."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name, words = str(first["loc"][-1]), str(first["msg"])
    wrong = "is no file" if "UploadFile" in words else f"is wrong: {words}"
    hint = f"{DESCRIPTION} describes what is asked for; files come as parts of multipart/form-data"
    message = f"{name} {'is missing' if first['type'] == 'missing' else wrong}"
    return JSONResponse(failures.failure(message, hint, "OptionError"), 422)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail: Any = error.detail
    if not isinstance(detail, dict):
        words = {404: "there is nothing at this address", 405: f"this address does not take {request.method}"}
        hint = f"{DESCRIPTION} describes the addresses and what they take"
        detail = failures.failure(words.get(error.status_code, str(detail)), hint)
    return JSONResponse(detail, error.status_code, dict(error.headers or {}))


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse(failures.of(error), 500)
