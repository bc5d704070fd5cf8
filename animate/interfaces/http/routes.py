"""The addresses of the server: what each takes and answers. The work behind them is the desk's.

FastAPI reads the annotations, so that they name real objects of this module.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, File, Form, HTTPException, Path, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse, JSONResponse

import animate
from animate.interfaces import answers
from animate.interfaces.http import failures, forms, models
from animate.interfaces.http.desk import Desk
from animate.interfaces.http.jobs import ENDED
from animate.interfaces.http.order import DEFAULT_GESTURE, ENDINGS, offered, values

HEALTH = "/health"
LONGEST_WAIT = 30.0  # seconds that a request for a job may wait for its end
_EVERY = 0.2  # seconds between two looks at the job
_OF_A_FACE = ("box", "finder", "page")
_MEDIA = {".mp4": "video/mp4", ".gif": "image/gif", ".webp": "image/webp", ".json": "application/json"}
_GESTURE = f"A name from `/v1/gestures`; {DEFAULT_GESTURE} if neither gesture nor driver is given."
_DRIVER = "A video of a face, or a gesture file (.card), to take the movement from."
_KINDS = {"enum": [*ENDINGS]}
Key = Annotated[str, Path(description="The job's `id`.", max_length=64)]


def open_routes(desk: Desk) -> APIRouter:
    """What anybody may ask who reaches the server."""
    router = APIRouter(tags=["server"])

    @router.get(HEALTH, response_model=models.Health, responses={503: {"model": models.Health}})
    async def health() -> Any:
        """Whether the server runs and can make clips. Needs no token."""
        alive = desk.workers.alive
        answer = {"status": "ok" if alive else "no worker", "version": animate.__version__}
        return JSONResponse(answer, 200 if alive else 503)

    return router


def look_routes(desk: Desk) -> APIRouter:
    """What is answered at once."""
    router = APIRouter(prefix="/v1")

    @router.get("/gestures", tags=["movements"], response_model=models.Gestures, responses=models.errors())
    def gestures() -> Any:
        """The movements that come with the program, as `keepsake gestures --json` lists them."""
        return answers.gestures()

    @router.post(
        "/faces", tags=["photographs"], response_model=models.Faces, responses=models.errors(413, 422, 503, 507)
    )
    @forms.with_choices(*_OF_A_FACE)
    async def faces(
        request: Request, photo: Annotated[UploadFile, File(description="The photograph.")], **fields: str
    ) -> Any:
        """The faces of a photograph, numbered as the option `faces` of a job counts them. Nothing is kept."""
        await forms.check_fields(request, ("photo", *_OF_A_FACE))

        def work() -> dict[str, Any]:
            from animate import api
            from animate.core.options import BUNDLED_MODEL
            from animate.interfaces.web.work import model

            chosen: dict[str, Any] = values(fields)
            with desk.held(photo=photo) as files:
                picture = api.read_photo(files["photo"], page=chosen.pop("page"))
                found = api.find_faces(picture, **chosen, model=model(BUNDLED_MODEL))
                return answers.faces(files["photo"].name, picture, found)

        return await desk.look(work)

    @router.post(
        "/verify", tags=["clips"], response_model=models.VerdictAnswer, responses=models.errors(413, 422, 503, 507)
    )
    async def verify(
        request: Request,
        file: Annotated[UploadFile, File(description="A clip or a picture, made by anyone.")],
        photo: Annotated[UploadFile | None, File(description="Also compare it with this photograph.")] = None,
        citation: Annotated[UploadFile | None, File(description="The citation beside the clip, NAME.json.")] = None,
    ) -> Any:
        """Which marks a clip or picture carries, as `keepsake verify --json` answers. Nothing is kept."""
        await forms.check_fields(request, ("file", "photo", "citation"))

        def work() -> dict[str, Any]:
            from animate import api

            with desk.held(file=file, photo=photo, citation=citation) as files:
                clip = files["file"]
                if citation:
                    shutil.move(files["citation"], clip.with_name(f"{clip.name}.json"))
                return asdict(api.verify(clip, photo=files.get("photo")))

        return await desk.look(work)

    return router


def job_routes(desk: Desk) -> APIRouter:
    """Photographs that become clips."""
    router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    _add_creation(router, desk)
    _add_questions(router, desk)
    _add_files(router, desk)
    return router


def _add_creation(router: APIRouter, desk: Desk) -> None:
    known = ("photo", "driver", "gesture", "format", *(name for name, *_ in offered()))

    @router.post("", status_code=202, response_model=models.JobAnswer, responses=models.errors(408, 413, 422, 503, 507))
    @forms.with_choices()
    async def create(
        request: Request,
        response: Response,
        photo: Annotated[UploadFile, File(description="The photograph.")],
        driver: Annotated[UploadFile | None, File(description=_DRIVER)] = None,
        gesture: Annotated[str, Form(description=_GESTURE)] = "",
        format: Annotated[str, Form(description="The kind of file.", json_schema_extra=_KINDS)] = "mp4",
        **fields: str,
    ) -> Any:
        """Hand in a photograph; the answer is a job, which says where to ask how far it is.

        A job that was answered with 202 is run even if the server is killed and started again. The fields beside
        `photo`, `driver`, `gesture` and `format` are the options of `keepsake photo`, with the same names and ranges.
        """
        await forms.check_fields(request, known)
        given = {name: text for name, text in fields.items() if name in await request.form()}
        asked = {"gesture": gesture, "format": format, **given}
        job = await anyio.to_thread.run_sync(desk.accept, asked, photo, driver)
        response.headers["location"] = f"/v1/jobs/{job.key}"
        return desk.answer(job)


def _add_questions(router: APIRouter, desk: Desk) -> None:
    @router.get("", response_model=models.Jobs, responses=models.errors())
    def newest(most: Annotated[int, Query(description="How many at most.", ge=1, le=1000)] = 100) -> Any:
        """The newest jobs first."""
        return {"jobs": [desk.answer(job) for job in desk.store.newest(most)]}

    @router.get("/{key}", response_model=models.JobAnswer, responses=models.errors(404))
    async def job(
        key: Key,
        wait: Annotated[
            float, Query(description="Seconds to wait for the job's end before answering.", ge=0, le=LONGEST_WAIT)
        ] = 0.0,
    ) -> Any:
        """How far a job is, and what became of it."""
        until = time.monotonic() + wait
        while True:
            found = await anyio.to_thread.run_sync(desk.job, key)
            left = until - time.monotonic()
            if found.state in ENDED or left <= 0:
                return desk.answer(found)
            await anyio.sleep(min(_EVERY, left))

    @router.delete("/{key}", status_code=204, responses=models.errors(404))
    def delete(key: Key) -> Response:
        """Stop a job if it is not finished, and delete everything about it: photograph, clip, citations."""
        desk.delete(key)
        return Response(status_code=204)


def _add_files(router: APIRouter, desk: Desk) -> None:
    about = models.errors(404, 409)
    videos: dict[str, Any] = {media: {"schema": {"type": "string", "format": "binary"}} for media in _MEDIA.values()}
    videos.pop("application/json")

    def file(key: str, ending: str = "") -> FileResponse:
        path = desk.made(key, ending)
        if not path.is_file():
            raise HTTPException(404, failures.failure("the file is no longer there", "hand the photograph in again"))
        kind = _MEDIA.get(path.suffix, "text/plain; charset=utf-8")
        return FileResponse(path, media_type=kind, filename=path.name)

    @router.get("/{key}/clip", response_class=FileResponse, responses=about | {200: {"content": videos}})
    def clip(key: Key) -> Any:
        """The finished clip: silent unless sound was asked for, marked and signed."""
        return file(key)

    @router.get("/{key}/citation.json", response_class=FileResponse, responses=about)
    def citation_json(key: Key) -> Any:
        """The citation that belongs beside the clip as NAME.mp4.json: what was made from what, for programs."""
        return file(key, ".json")

    @router.get("/{key}/citation.txt", response_class=FileResponse, responses=about)
    def citation_txt(key: Key) -> Any:
        """The citation that belongs beside the clip as NAME.mp4.txt: a footnote and GEDCOM, for people."""
        return file(key, ".txt")
