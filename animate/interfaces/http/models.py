"""The answers of the server, as its OpenAPI description shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Failure(BaseModel):
    """What went wrong."""

    error: str = Field(description="What came and what was expected.")
    hint: str = Field(description="What to do; may be empty.")
    kind: str = Field(description="The kind of error, such as NoFace or OptionError.")


class Health(BaseModel):
    """Whether the server can make clips."""

    status: Literal["ok", "no worker"] = Field(description="`no worker` while no process runs that makes clips.")
    version: str = Field(description="The version of Keepsake.")


class Gesture(BaseModel):
    """A movement that comes with the program."""

    name: str = Field(description="What to give as `gesture`.")
    title: str
    description: str
    seconds: float = Field(description="How long it takes.")


class Gestures(BaseModel):
    """The movements that come with the program, the gentlest first."""

    gestures: list[Gesture]


class Face(BaseModel):
    """A face in a photograph."""

    number: int = Field(description="Its number for `faces`; 1 is the largest.")
    box: list[int] = Field(description="x, y, width, height in pixels of the upright photograph.")
    score: float = Field(description="How sure the finder is, 0 to 1.")


class Faces(BaseModel):
    """The faces of a photograph, the largest first."""

    photo: str = Field(description="The name of the uploaded file.")
    width: int = Field(description="Pixels of the upright photograph.")
    height: int = Field(description="Pixels of the upright photograph.")
    faces: list[Face]
    notes: list[str] = Field(description="What reading the photograph had to do, in plain sentences.")


class Further(BaseModel):
    """A further photograph of the person."""

    photo: str = Field(description="The name of its file.")
    sha256: str
    percent: float = Field(description="Percent of the drawn face that it gave, averaged over the frames.")


class ClipAnswer(BaseModel):
    """A finished clip, as `keepsake photo --json` describes it."""

    clip: str = Field(description="The name of the clip's file.")
    photo: str = Field(description="The name of the uploaded photograph.")
    width: int
    height: int
    frames: int
    fps: float
    seconds: float = Field(description="How long it plays.")
    took: float = Field(description="Seconds that it took to make.")
    gestures: dict[str, str] = Field(description="The movement of each face that moves, by its number.")
    synthesized: float = Field(description="Percent of the moved face that is painted rather than moved, at most.")
    more: list[Further] = Field(description="Further photographs of the person, and what each gave.")
    notes: list[str] = Field(description="What there is to know about the clip, in plain sentences.")


class Progress(BaseModel):
    """How far a job is."""

    stage: str = Field(description="What is being done, in words; empty before the job runs.")
    done: int = Field(description="Pieces done.")
    total: int = Field(description="Pieces in all; 0 while nobody knows.")
    left: str = Field(description="The time left, in words; empty while nobody knows.")


class Links(BaseModel):
    """Where things are, as paths on this server."""

    job: str
    clip: str | None = Field(description="The clip, once the job is done.")
    citation_json: str | None = Field(description="The citation for programs, once the job is done.")
    citation_txt: str | None = Field(description="The citation for people, once the job is done.")


class JobAnswer(BaseModel):
    """A job: one photograph that is to become one clip."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    ahead: int = Field(description="Jobs that are before it in the queue.")
    photo: str = Field(description="The name of the uploaded photograph.")
    driver: str = Field(description="The name of the uploaded video or gesture file; empty for a bundled gesture.")
    gesture: str = Field(description="The bundled gesture; empty for an uploaded driver.")
    options: dict[str, str] = Field(description="The options that were given, as text.")
    created: str = Field(description="ISO 8601, UTC.")
    began: str | None
    ended: str | None
    expires: str | None = Field(description="When an ended job and its files are deleted.")
    progress: Progress
    result: ClipAnswer | None = Field(description="The clip of a job that is done.")
    error: Failure | None = Field(description="What went wrong in a job that failed.")
    links: Links


class Jobs(BaseModel):
    """The newest jobs first."""

    jobs: list[JobAnswer]


class VerdictAnswer(BaseModel):
    """Which marks a file carries, as `keepsake verify --json` answers; docs/verification.md explains the words."""

    file: str
    manifest: str = Field(description="valid, untrusted, expired, altered, absent or unreadable.")
    invisible: str = Field(description="The invisible mark: found, not found or cannot tell.")
    mark_id: str = Field(description="12 hexadecimal digits, or empty.")
    confidence: float = Field(description="Of the invisible mark, 0 to 1.")
    icon: str = Field(description="The badge in the corner: found, not found or cannot tell.")
    slip: str = Field(description="The citation: matches, unconfirmed, contradicts, same mark, differs, ...")
    photo: str = Field(description="The photograph: matches, claimed, alike, differs, cannot tell or not asked.")
    lines: list[str] = Field(description="Plain sentences, in the order to read them.")
    conclusion: str = Field(description="animation, claims, badge, altered, no pictures, uncertain or nothing.")
    contradictions: list[str] = Field(description="Which of manifest, invisible, slip and photo do not fit.")


def errors(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an address for its description."""
    about = {
        400: "A host name that this server does not go by, or a request that cannot be read.",
        401: "The token is missing or wrong.",
        403: "A request that another website made.",
        404: "There is no such job; it may have been deleted, or kept no longer.",
        408: "The request came too slowly.",
        409: "The job is not done.",
        413: "The request is larger than the server takes.",
        422: "The photograph, the movement or an option cannot be used.",
        429: "Too many requests; `Retry-After` says in how many seconds to come again.",
        501: "A part that is not installed on the server was asked for.",
        503: "The server has too much to do; `Retry-After` says when to come again.",
        507: "The server's disk is nearly full.",
    }
    return {code: {"model": Failure, "description": about[code]} for code in sorted({400, 401, 403, 429, *codes})}
