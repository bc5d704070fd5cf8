"""A gesture file from the movement in a video. Part of the pipeline."""

from __future__ import annotations

from pathlib import Path

from animate.core.errors import OutputError
from animate.core.types import Driver


def check(out: str | Path) -> None:
    """Raises OutputError for a name that is not one of a gesture file."""
    from animate.motion import gesture_file

    out = Path(out)
    if out.suffix != gesture_file.SUFFIX:
        raise OutputError(
            f"{out.name} does not end in {gesture_file.SUFFIX}", hint=f"name it {out.stem}{gesture_file.SUFFIX}"
        )


def write(out: str | Path, driver: Driver) -> Path:
    """Write the movement, which begins and ends at rest, to `out`; raises OutputError."""
    from animate.motion import gesture_file

    out = Path(out)
    try:
        gesture_file.save_gesture(
            out,
            driver.motion,
            name=out.stem,
            title=out.stem.replace("-", " ").capitalize(),
            credit=f"recorded from {driver.name}",
        )
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}", hint="choose another folder") from error
    return out
