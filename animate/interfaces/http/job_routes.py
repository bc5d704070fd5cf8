"""Photographs that become clips: hand one in, ask how far it is, fetch the clip and its citation, stop it.

FastAPI reads the annotations of the functions here, so that they name objects of this module.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, File, Form, HTTPException, Path, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse

from animate.interfaces.http import failures, forms, models
from animate.interfaces.http.desk import Desk
from animate.interfaces.http.jobs import ENDED
from animate.interfaces.http.order import DEFAULT_GESTURE, ENDINGS, offered

LONGEST_WAIT = 30.0  # seconds that a request for a job may wait for its end
_EVERY = 0.2  # seconds between two looks at the job
_MEDIA = {".mp4": "video/mp4", ".gif": "image/gif", ".webp": "image/webp", ".json": "application/json"}
_MEDIA |= {".txt": "text/plain; charset=utf-8"}

Photo = Annotated[UploadFile, File(description="The photograph.")]
DriverFile = Annotated[
    UploadFile | None, File(description="A video of a face, or a gesture file (.card), to take the movement from.")
]
Gesture = Annotated[
    str, Form(description=f"A name from `/v1/gestures`; {DEFAULT_GESTURE} if neither gesture nor driver is given.")
]
Kind = Annotated[str, Form(description="The kind of file.", json_schema_extra={"enum": [*ENDINGS]})]
Key = Annotated[str, Path(description="The job's `id`.", max_length=64)]
Wait = Annotated[float, Query(description="Seconds to wait for the job's end before answering.", ge=0, le=LONGEST_WAIT)]
Most = Annotated[int, Query(description="How many at most.", ge=1, le=1000)]


def job_routes(desk: Desk) -> APIRouter:
    """Everything about jobs."""
    router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    _add_creation(router, desk)
    _add_questions(router, desk)
    _add_files(router, desk)
    return router


def _add_creation(router: APIRouter, desk: Desk) -> None:
    known = ("photo", "driver", "gesture", "format", *(name for name, *_ in offered()))
    answer = {"response_model": models.JobAnswer, "response_description": "The job; it will be run."}

    @router.post("", status_code=202, **answer, responses=models.errors(408, 413, 422, 503, 507))
    @forms.with_choices()
    async def create_job(
        request: Request,
        response: Response,
        photo: Photo,
        driver: DriverFile = None,
        gesture: Gesture = "",
        format: Kind = "mp4",
        **fields: str,
    ) -> Any:
        """Hand in a photograph; the answer is a job, which says where to ask how far it is.

        A job that was answered with 202 is run even if the server is killed and started again. The fields beside
        `photo`, `driver`, `gesture` and `format` are the options of `keepsake photo`, with the same names and ranges.
        """
        await forms.check_fields(request, known)
        form = await request.form()
        given = {name: text for name, text in fields.items() if name in form}
        asked = {"gesture": gesture, "format": format, **given}
        job = await anyio.to_thread.run_sync(desk.accept, asked, photo, driver)
        response.headers["location"] = f"/v1/jobs/{job.key}"
        return desk.answer(job)


def _add_questions(router: APIRouter, desk: Desk) -> None:
    @router.get("", response_model=models.Jobs, response_description="The jobs.", responses=models.errors())
    def list_jobs(most: Most = 100) -> Any:
        """The newest jobs first."""
        return {"jobs": [desk.answer(job) for job in desk.store.newest(most)]}

    @router.get(
        "/{key}", response_model=models.JobAnswer, response_description="The job.", responses=models.errors(404)
    )
    async def get_job(key: Key, wait: Wait = 0.0) -> Any:
        """How far a job is, and what became of it."""
        until = time.monotonic() + wait
        while True:
            found = await anyio.to_thread.run_sync(desk.job, key)
            left = until - time.monotonic()
            if found.state in ENDED or left <= 0 or desk.stopping():
                return desk.answer(found)
            await anyio.sleep(min(_EVERY, left))

    @router.delete("/{key}", status_code=204, response_description="It is gone.", responses=models.errors(404))
    def delete_job(key: Key) -> Response:
        """Stop a job if it is not finished, and delete everything about it: photograph, clip, citations."""
        desk.delete(key)
        return Response(status_code=204)


def _add_files(router: APIRouter, desk: Desk) -> None:
    def answer(about: str, *endings: str) -> dict[str, Any]:
        content = {
            _MEDIA[ending].split(";")[0]: {"schema": {"type": "string", "format": "binary"}} for ending in endings
        }
        found: dict[int | str, dict[str, Any]] = {200: {"description": about, "content": content}}
        return {"response_class": FileResponse, "responses": models.errors(404, 409) | found}

    @router.get("/{key}/clip", **answer("The clip's file.", *ENDINGS.values()))
    def get_clip(key: Key) -> Any:
        """The finished clip: marked, signed, and silent unless sound was asked for."""
        return _file(desk, key)

    @router.get("/{key}/citation.json", **answer("The citation's file.", ".json"))
    def get_citation_json(key: Key) -> Any:
        """The citation that belongs beside the clip as NAME.mp4.json: what was made from what, for programs."""
        return _file(desk, key, ".json")

    @router.get("/{key}/citation.txt", **answer("The citation's file.", ".txt"))
    def get_citation_txt(key: Key) -> Any:
        """The citation that belongs beside the clip as NAME.mp4.txt: a footnote and GEDCOM, for people."""
        return _file(desk, key, ".txt")


def _file(desk: Desk, key: str, ending: str = "") -> FileResponse:
    path = desk.made(key, ending)
    if not path.is_file():
        raise HTTPException(404, failures.failure("the file is no longer there", "hand the photograph in again"))
    return FileResponse(path, media_type=_MEDIA[path.suffix], filename=path.name)
