"""A photograph prepared before it is animated: repaired as a whole, and faces made sharper by a network.

Part of the pipeline: it joins photo, compose, motion and the network. The scan's file is never touched; every change
becomes an Edit of the Photo, which marks and slip record, and a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from animate.compose import detail
from animate.core.marks import Edit
from animate.core.protocols import ProgressCallback, Upscaler
from animate.core.types import Photo, Portrait
from animate.photo import damage, fill, tone
from animate.photo.resize import resize, resized
from animate.pipeline import protected

WORKED = 60_000  # pixels of a face's surroundings that the network sees at most; more is seen smaller
UNTRUE = 0.75  # of its strength that the network loses on teeth, which it likes to make pointed
SAMPLED = 400  # pixels of a side, about, in which the print's tones are looked at


@dataclass(frozen=True, eq=False)
class Preparation:
    """What is to be done with a photograph; called, it does it.

    whole     the photograph, for what can only be seen in all of it
    moving    numbers of the faces that are made sharper
    enhance   how strongly, 0..1; 0 leaves them
    repair    whether fading, dust, cracks and grain are repaired
    upscaler  the network; None where nothing is enhanced
    threads   processor cores, 0 for all
    on_tile   called with (done, total) as the network goes on; may raise Cancelled
    """

    whole: Photo
    moving: tuple[int, ...] = ()
    enhance: float = 0.0
    repair: bool = False
    upscaler: Upscaler | None = None
    threads: int = 0
    on_tile: ProgressCallback | None = field(default=None, repr=False)

    def __call__(self, photo: Photo, portraits: Mapping[int, Portrait], factor: float = 1.0) -> Photo:
        """`photo`, or a part of it, prepared and then `factor` times as large.

        Args:
            photo: what is shown.
            portraits: the faces in it, by number, in its pixels.
            factor: below 1 it is shrunk first, as nothing finer will be seen; above 1 the network enlarges the faces
                and Lanczos' kernel the rest.
        """
        points = {number: portrait.keypoints.points for number, portrait in portraits.items()}
        if factor < 1:
            photo, points = resize(photo, factor), {number: one * factor for number, one in points.items()}
            factor = 1.0
        if self.repair:
            photo = repaired(photo, self.whole, points.values())
        shown = resize(photo, factor)
        if self.enhance and self.upscaler:
            shown = self._enhanced(photo, shown, {n: points[n] for n in self.moving if n in points})
        return shown

    def _enhanced(self, photo: Photo, shown: Photo, faces: Mapping[int, np.ndarray]) -> Photo:
        """`shown`, which is `photo` at its own size or larger, with these faces sharper."""
        assert self.upscaler
        pixels, done, ratio = shown.pixels.copy(), [], shown.width / photo.width
        free = np.ones(pixels.shape[:2], np.float32)  # what no face before has claimed
        for step, (number, points) in enumerate(faces.items()):
            size = float(np.ptp(points[:, 1]))
            sure = detail.certainty(size)
            if sure <= 0.01:
                continue
            seen = self._detail(photo, points, step, len(faces))
            area, alpha = detail.region(points * ratio, shown.width, shown.height)
            left, top, right, bottom = area
            room = free[top:bottom, left:right]
            alpha = np.minimum(alpha, room)
            room -= alpha
            alpha = alpha * (1 - UNTRUE * protected.teeth(points * ratio, area))
            new = resized(seen, right - left, bottom - top)
            detail.lay(pixels, new, area, self.enhance * sure * alpha, points * ratio, size * ratio)
            done.append(number)
        if not done:
            return replace(shown, notes=(*shown.notes, "no face is large enough to be made sharper"))
        return _edited(shown, pixels, _sharpened(done, len(faces), self.enhance, self.upscaler.name))

    def _detail(self, photo: Photo, points: np.ndarray, step: int, steps: int) -> np.ndarray:
        """What the network makes of a face's surroundings."""
        assert self.upscaler
        (left, top, right, bottom), _ = detail.region(points, photo.width, photo.height)
        seen = photo.pixels[top:bottom, left:right]
        share = min(1.0, (WORKED / (seen.shape[0] * seen.shape[1])) ** 0.5)
        if share < 1:
            seen = resized(seen, max(1, round(seen.shape[1] * share)), max(1, round(seen.shape[0] * share)))

        def report(done: int, total: int) -> None:
            if self.on_tile:
                self.on_tile(step * total + done, steps * total)

        return self.upscaler.enlarge(seen, threads=self.threads, on_tile=report)


def repaired(photo: Photo, whole: Photo, faces: Iterable[np.ndarray]) -> Photo:
    """`photo`, a part of `whole` or all of it, without dust, cracks, some of its grain and its fading.

    Args:
        photo: what is repaired.
        whole: the photograph, by which its tones are judged.
        faces: meshes (478, 2 or 3) in pixels of `photo`.
    """
    faces = list(faces)
    features, people = protected.features(photo, faces), protected.people(photo, faces)
    tallest = max((float(np.ptp(points[:, 1])) for points in faces), default=0.0)
    found = damage.find(photo.pixels, features, people, face=tallest)
    if found.mask.any():
        photo = _edited(photo, fill.fill(photo.pixels, found.mask), _filled(found))
    grain = fill.grain_of(photo.pixels)
    if grain > fill.QUIET:
        photo = _edited(photo, fill.calm(photo.pixels, grain), Edit("grain", "its grain was made quieter"))
    curve = tone.restoring(whole.pixels, one_tone=_one_tone(whole.pixels))
    if curve is not None:
        photo = _edited(photo, tone.apply(photo.pixels, curve), _levelled(curve))
    return photo


def _one_tone(pixels: np.ndarray) -> bool:
    from animate.compose.print_match import Palette

    step = max(1, round(min(pixels.shape[:2]) / SAMPLED))
    return Palette(pixels[::step, ::step]).single


def _edited(photo: Photo, pixels: np.ndarray, edit: Edit) -> Photo:
    return replace(photo, pixels=pixels, edits=(*photo.edits, edit), notes=(*photo.notes, edit.description))


def _filled(found: damage.Damage) -> Edit:
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((found.spots, "spot"), (found.cracks, "crack"))
        if count
    ]
    about = {"spots": found.spots, "cracks": found.cracks, "percent": round(100 * float(found.mask.mean()), 3)}
    verb = "was" if found.spots + found.cracks == 1 else "were"
    return Edit("damage", f"{' and '.join(parts)} of the print {verb} filled", about)


def _levelled(curve: np.ndarray) -> Edit:
    about = {
        f"{name}_of_{level}": int(curve[level, k])
        for level in (64, 192)
        for k, name in enumerate(("red", "green", "blue"))
    }
    return Edit("tone", "faded tones were given their contrast back", about)


def _sharpened(numbers: list[int], count: int, strength: float, network: str) -> Edit:
    who = "the face" if count == 1 else f"face{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"
    verb = "was" if count == 1 or len(numbers) == 1 else "were"
    text = f"{who} {verb} made sharper by a network, which invents fine detail (strength {strength:g})"
    return Edit("detail", text, {"strength": strength, "network": network, "faces": ", ".join(map(str, numbers))})
