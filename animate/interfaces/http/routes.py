"""What is answered at once: the server's health, the gestures, the faces of a photograph, the marks of a clip.

FastAPI reads the annotations of the functions here, so that they name objects of this module.
"""

from __future__ import annotations

import shutil
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import JSONResponse

import animate
from animate.interfaces import answers
from animate.interfaces.http import forms, look, models
from animate.interfaces.http.desk import Desk
from animate.interfaces.http.order import values

HEALTH = "/health"
_OF_A_FACE = ("box", "finder", "page")
_FILE = {"responses": models.errors(408, 413, 422, 503, 507)}


def open_routes(desk: Desk) -> APIRouter:
    """What anybody may ask who reaches the server."""
    router = APIRouter(tags=["server"])
    failing = {503: {"model": models.Health, "description": "It cannot make clips now."}}

    @router.get(HEALTH, response_model=models.Health, response_description="It can make clips.", responses=failing)
    async def get_health() -> Any:
        """Whether the server runs and can make clips. Needs no token."""
        alive = desk.workers.alive
        answer = {"status": "ok" if alive else "no worker", "version": animate.__version__}
        return JSONResponse(answer, 200 if alive else 503)

    return router


def look_routes(desk: Desk) -> APIRouter:
    """What needs the token and no job."""
    router = APIRouter(prefix="/v1")

    @router.get(
        "/gestures",
        tags=["movements"],
        response_model=models.Gestures,
        response_description="The gestures.",
        responses=models.errors(),
    )
    def list_gestures() -> Any:
        """The movements that come with the program, as `keepsake gestures --json` lists them."""
        return answers.gestures()

    @router.post(
        "/faces", tags=["photographs"], response_model=models.Faces, response_description="The faces.", **_FILE
    )
    @forms.with_choices(*_OF_A_FACE)
    async def find_faces(
        request: Request, photo: Annotated[UploadFile, File(description="The photograph.")], **fields: str
    ) -> Any:
        """The faces of a photograph, numbered as the option `faces` of a job counts them. Nothing is kept."""
        await forms.check_fields(request, ("photo", *_OF_A_FACE))
        return await desk.look(lambda: _faces(desk, photo, fields))

    @router.post(
        "/verify", tags=["clips"], response_model=models.VerdictAnswer, response_description="The marks.", **_FILE
    )
    async def verify_marks(
        request: Request,
        file: Annotated[UploadFile, File(description="A clip or a picture, made by anyone.")],
        photo: Annotated[UploadFile | None, File(description="Also compare it with this photograph.")] = None,
        citation: Annotated[UploadFile | None, File(description="The citation beside the clip, NAME.json.")] = None,
    ) -> Any:
        """Which marks a clip or picture carries, as `keepsake verify --json` answers. Nothing is kept."""
        await forms.check_fields(request, ("file", "photo", "citation"))
        return await desk.look(lambda: _verdict(desk, file, photo, citation))

    return router


def _faces(desk: Desk, photo: UploadFile, fields: dict[str, str]) -> dict[str, Any]:
    values(fields)  # a choice that makes no sense is found out before the process begins
    with desk.held(photo=photo) as files:
        return desk.looks.ask(look.faces, files["photo"], fields)


def _verdict(desk: Desk, file: UploadFile, photo: UploadFile | None, citation: UploadFile | None) -> dict[str, Any]:
    with desk.held(file=file, photo=photo, citation=citation) as files:
        clip = files["file"]
        if citation:
            shutil.move(files["citation"], clip.with_name(f"{clip.name}.json"))
        return desk.looks.ask(look.verdict, clip, files.get("photo"))
