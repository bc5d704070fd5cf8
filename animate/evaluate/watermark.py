"""How much the invisible mark survives: the table behind `keepsake bench --marks` and docs/watermark.md.

Each photograph becomes a short clip (a patch in its middle moves, the rest is still, as our clips are), is marked and
written as our clips are (H.264, factor 18), then attacked, written again and read. A row counts how many ids came back
without an error. The same unmarked clips are read too: every id found in them would be a false alarm.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from animate.core.errors import PhotoError, TrainingDataMissing
from animate.media.animated_image import shrink
from animate.media.read import open_video
from animate.media.write import write_clip
from animate.photo.read import read_photo
from animate.provenance.watermark.detect import read
from animate.provenance.watermark.embed import Watermark

FPS, FRAMES = 25.0, 30
SIDES = (512, 640, 768, 1024, 1500)  # longer sides of the clips, in turn
Frames = Iterable[np.ndarray]


@dataclass(frozen=True)
class Attack:
    """What a clip goes through: pictures changed, then written once for every factor, last as `suffix`."""

    name: str
    change: Callable[[Frames], Frames] = lambda frames: frames
    qualities: tuple[int, ...] = (23,)
    suffix: str = ".mp4"


@dataclass(frozen=True)
class Outcome:
    """One photograph's clip: its name and size, PSNR of the mark in dB, and by attack whether the id was read."""

    name: str
    size: tuple[int, int]
    psnr: float
    read: dict[str, bool]
    false_alarm: bool


def scaled(share: float) -> Callable[[Frames], Iterator[np.ndarray]]:
    """Frames at a share of their size, sides made even."""

    def change(frames: Frames) -> Iterator[np.ndarray]:
        for frame in frames:
            height, width = (max(2, int(side * share) // 2 * 2) for side in frame.shape[:2])
            yield shrink(frame, (width, height))

    return change


def cropped(left: float, top: float, right: float, bottom: float) -> Callable[[Frames], Iterator[np.ndarray]]:
    """Frames without these shares of their sides."""

    def change(frames: Frames) -> Iterator[np.ndarray]:
        for frame in frames:
            height, width = frame.shape[:2]
            window = frame[
                int(height * top) : height - int(height * bottom), int(width * left) : width - int(width * right)
            ]
            yield window[: window.shape[0] // 2 * 2, : window.shape[1] // 2 * 2]

    return change


def mirrored(frames: Frames) -> Iterator[np.ndarray]:
    """Frames as in a mirror."""
    return (np.ascontiguousarray(frame[:, ::-1]) for frame in frames)


ATTACKS = (
    Attack("as written (H.264 CRF 18)", qualities=()),
    Attack("H.264 CRF 23"),
    Attack("H.264 CRF 28", qualities=(28,)),
    Attack("scaled to 75 %, CRF 23", scaled(0.75)),
    Attack("scaled to 50 %, CRF 23", scaled(0.5)),
    Attack("cropped by 10 % (left), CRF 23", cropped(0.1, 0, 0, 0)),
    Attack("cropped by 10 % (top), CRF 23", cropped(0, 0.1, 0, 0)),
    Attack("cropped by 10 % (right and bottom), CRF 23", cropped(0, 0, 0.1, 0.1)),
    Attack("re-encoded twice (CRF 23, CRF 23)", qualities=(23, 23)),
    Attack("GIF", suffix=".gif"),
    Attack("beyond what is promised: CRF 35", qualities=(35,)),
    Attack("beyond: mirrored, CRF 23", mirrored),
    Attack(
        "beyond: cropped by 20 %, scaled to 60 %, CRF 28",
        lambda frames: scaled(0.6)(cropped(0.1, 0.05, 0.1, 0.15)(frames)),
        (28,),
    ),
)


def bench(
    folder: Path,
    *,
    most: int = 0,
    attacks: tuple[Attack, ...] = ATTACKS,
    on_photo: Callable[[int, int], None] | None = None,
) -> list[Outcome]:
    """Outcomes for the photographs in a folder (the first `most`, 0 for all); files that are none are passed over.

    Raises TrainingDataMissing if there is none at all.
    """
    files = sorted(path for path in Path(folder).iterdir() if path.is_file()) if Path(folder).is_dir() else []
    photos = list(_photos(files, most))
    if not photos:
        raise TrainingDataMissing(f"there is no photograph in {folder}", hint="name a folder with photographs")
    outcomes = []
    for outcome in measure(photos, attacks):
        outcomes.append(outcome)
        if on_photo:
            on_photo(len(outcomes), len(photos))
    return outcomes


def _photos(files: list[Path], most: int) -> Iterator[tuple[str, np.ndarray]]:
    counted = 0
    for path in files:
        try:
            pixels = read_photo(path).pixels
        except PhotoError:
            continue
        counted += 1
        yield path.name, pixels
        if counted == most:
            return


def measure(photos: Iterable[tuple[str, np.ndarray]], attacks: tuple[Attack, ...]) -> Iterator[Outcome]:
    """An outcome for every photograph (name, (H, W, 3) uint8), which is first brought to one of SIDES."""
    for index, (name, pixels) in enumerate(photos):
        still = _sized(pixels, SIDES[index % len(SIDES)])
        height, width = still.shape[:2]
        identity = hashlib.sha256(still.tobytes()).digest()[:6]
        mark = Watermark(width, height, identity, reference=still)
        with tempfile.TemporaryDirectory() as folder:
            ours = _write(Path(folder) / "ours.mp4", (mark.stamp(frame) for frame in moved(still)), 18)
            survived = {attack.name: _survives(ours, attack, identity) for attack in attacks}
        alarm = read(moved(still), FPS).found is True
        yield Outcome(name, (width, height), psnr(still, mark.stamp(still)), survived, alarm)


def moved(still: np.ndarray, count: int = 0) -> Iterator[np.ndarray]:
    """FRAMES (or `count`) frames of a photograph in which a patch where a face may be turns a little; the
    rest does not change.
    """
    height, width = still.shape[:2]
    count = count or FRAMES
    y, x = np.mgrid[:height, :width].astype(np.float32)
    radius = 0.28 * min(height, width)
    patch = np.clip(1.6 - 1.6 * np.hypot((y - 0.4 * height) / (1.2 * radius), (x - 0.5 * width) / radius), 0, 1)
    rows, columns = (slice(*np.flatnonzero(patch.any(axis=axis))[[0, -1]]) for axis in (1, 0))
    for index in range(count):
        turn = np.sin(2 * np.pi * index / count) * 0.05 * radius * patch[rows, columns]
        frame = still.copy()
        for channel in range(3):
            frame[rows, columns, channel] = ndimage.map_coordinates(
                still[:, :, channel], (y[rows, columns] + 0.5 * turn, x[rows, columns] + turn), order=1, mode="nearest"
            )
        yield frame


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two pictures of 8 bits."""
    difference = np.mean((one.astype(np.float64) - other) ** 2)
    return float(10 * np.log10(255.0**2 / max(difference, 1e-12)))


def table(outcomes: list[Outcome]) -> str:
    """The outcomes as Markdown: one row an attack, then PSNR and false alarms."""
    lines = ["| attack | ids read without error | share |", "|---|---|---|"]
    for name in outcomes[0].read:
        count = sum(outcome.read[name] for outcome in outcomes)
        lines.append(f"| {name} | {count} of {len(outcomes)} | {100 * count / len(outcomes):.0f} % |")
    quality = [outcome.psnr for outcome in outcomes]
    alarms = sum(outcome.false_alarm for outcome in outcomes)
    lines += [
        "",
        f"PSNR of the mark: {min(quality):.1f} dB at worst, {np.mean(quality):.1f} dB on average.",
        f"Ids found in the same clips without a mark: {alarms} of {len(outcomes)}.",
    ]
    return "\n".join(lines)


def _survives(ours: Path, attack: Attack, identity: bytes) -> bool:
    path, change = ours, attack.change
    for turn, quality in enumerate(attack.qualities):
        path = _write(ours.with_name(f"turn{turn}{attack.suffix}"), change(open_video(path, threads=1)), quality)
        change = Attack("").change
    video = open_video(path, threads=1)
    return read(video, video.fps).identity == identity.hex()


def _write(path: Path, frames: Frames, quality: int) -> Path:
    supply = iter(frames)
    first = next(supply)

    def again() -> Iterator[np.ndarray]:
        yield first
        yield from supply

    return write_clip(path, again(), width=first.shape[1], height=first.shape[0], fps=FPS, quality=quality, threads=1)


def _sized(pixels: np.ndarray, side: int) -> np.ndarray:
    """The photograph with its longer side at `side` pixels, both sides even."""
    share = side / max(pixels.shape[:2])
    width, height = (max(2, round(length * share) // 2 * 2) for length in (pixels.shape[1], pixels.shape[0]))
    return shrink(pixels, (width, height))
