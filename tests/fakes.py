"""A stand-in for animate.api that needs no networks: two faces, three gestures, a clip that gets lighter.

`tests/test_fakes.py` holds its signatures to those of animate.api.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from animate.core.errors import Cancelled, NoFace, OutputError, PhotoError, UnreadablePhoto, UnreadableVideo
from animate.core.options import Options, as_box
from animate.core.types import Clip, Edit, Face, FurtherPhoto, Keypoints, Photo, Portrait, Provenance, Verdict
from animate.pipeline.portraits import animation_crop, check_box
from animate.pipeline.previews import close_up
from animate.provenance import citation

PIXELS = np.full((240, 320, 3), 150, np.uint8)
FACES = (Face((180, 40, 90, 110), 0.9), Face((40, 60, 70, 90), 0.8))
GESTURES = (
    ("breath", "Breath", "A quiet breath and one slow blink", 4.0),
    ("smile", "Smile", "A smile that comes and goes again", 4.5),
    ("glance", "Look around", "The eyes wander and come back", 5.0),
)


@dataclass(frozen=True)
class Networks:
    """What `load` gives: nothing that works."""

    name: str
    motion: object = None
    matte: object = None


def portrait(photo, box, presence=1.0) -> Portrait:
    """A face of some shape in a box."""
    x, y, width, height = box
    points = np.random.default_rng(1).normal((x + width / 2, y + height / 2, 0), (width / 5, height / 5, 9), (478, 3))
    points = points.astype(np.float32)
    return Portrait(photo, Face(box, 0.9), animation_crop(points), Keypoints(points, presence=presence))


class FakePipeline(SimpleNamespace):
    """Same calls as animate.api; `calls` remembers them; a frame takes `pause` seconds, ten times that to glance."""

    def __init__(self, pause: float = 0.0):
        super().__init__(calls=[], pause=pause, LONGEST=3840)

    def load(self, name="keepsake"):
        return Networks(name)

    def read_photo(self, source, *, page=0):
        if Path(source).stem == "letter":
            raise UnreadablePhoto(f"{Path(source).name} is not a picture", hint="choose a JPEG, PNG or TIFF")
        if Path(source).stem == "broken":
            raise RuntimeError("int() argument must be a string")
        if Path(source).stem == "slow":
            time.sleep(3.0)
        return Photo(PIXELS, name=Path(source).name, notes=("turned upright",))

    def find_faces(self, photo, *, finder="centerface", box=None, most=None, model=None):
        self.calls.append(("find_faces", finder, box))
        if "empty" in photo.name and not box:
            raise NoFace("no face was found", hint="draw a box around one")
        if "sideways" in photo.name and photo.width > photo.height:
            raise NoFace("no face was found", hint="turn it")
        boxes = [check_box(as_box(box), photo)] if box else [face.box for face in FACES]
        return tuple(portrait(photo, box, 0.1 if "wallpaper" in photo.name else 1.0) for box in boxes)

    def find_person(self, portrait, photo, *, number=1, finder="centerface", model=None, insisted=False):
        self.calls.append(("find_person", photo.name, number))
        if "stranger" in photo.name and not insisted:
            raise PhotoError(f"further photograph {number} ({photo.name}) shows somebody else", hint="leave it out")
        return portrait

    def clip(
        self,
        photo,
        driver="classic",
        *,
        model=None,
        options=Options(),
        portraits=None,
        more=(),
        on_frame=None,
        on_tile=None,
    ):
        photo = photo if isinstance(photo, Photo) else self.read_photo(photo)
        self.calls.append(("clip", photo.name, driver, options))
        self.more = [one.name for one in more]
        told = f"{photo.name} {driver} {options.faces} frame={options.frame} more={self.more}"
        told += f" enhance={options.enhance} repair={options.repair}"
        print(f"to animate: {told}", file=sys.stderr, flush=True)
        if "unlucky" in photo.name and photo.width == PIXELS.shape[1]:
            raise OutputError("the disk is full", hint="make some room")
        height, width = photo.height - photo.height % 2, photo.width - photo.width % 2
        pixels = photo.pixels[:height, :width].astype(int)
        record = Provenance(
            "keepsake 0", "fake", photo.name, "0" * 64, (width, height), {1: str(driver)}, synthesized=12.0,
            notes=("one note",), created="2026-01-01", extra={"names": options.names},
            more=tuple(FurtherPhoto(name, "", 2.5) for name in self.more),
        )  # fmt: skip
        frames = lambda: (np.clip(pixels + number, 0, 255).astype(np.uint8) for number in range(50))
        return Clip(width, height, 25.0, 50, frames, record)

    def previews(self, photo, portrait, *, model=None, threads=1):
        small, face = close_up(photo, portrait)
        options = Options(fps=12.0, threads=threads)
        return SimpleNamespace(clip=lambda gesture: self.clip(small, gesture, options=options, portraits=[face]))

    animate = clip

    def prepare(self, photo, *, options=Options(enhance=0.5, repair=True), portraits=None, model=None, on_tile=None):
        self.calls.append(("prepare", options))
        for done in range(4 if options.enhance else 0):
            time.sleep(self.pause * 10)
            on_tile(done + 1, 4)
        made = Edit("tone", "faded tones were given their contrast back")
        return replace(photo, pixels=photo.pixels // 2, edits=(*photo.edits, made))

    def check(self, path, *, overwrite=False, sound=False):
        if Path(path).suffix != ".mp4":
            raise OutputError(f"{Path(path).name}: unknown kind of clip", hint="end the name in .mp4")

    def save(self, clip, path, *, quality=None, threads=None, overwrite=False, on_frame=None):
        import av

        self.check(path)
        slowly = 10 if clip.provenance.gestures[1] == "glance" else 1
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
            for number, frame in enumerate(clip.frames(), 1):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
                time.sleep(self.pause * slowly)
                try:
                    on_frame(number, clip.count)
                except Cancelled:
                    print("a clip was given up", file=sys.stderr, flush=True)
                    raise
            container.mux(stream.encode(None))
        digest = citation.sha256(path)
        citation.write(path, citation.content(Path(path).name, digest, clip.provenance, "0" * 12, "video/mp4"))
        self.calls.append(("saved", str(path)))
        print("a clip was finished", file=sys.stderr, flush=True)
        return Path(path)

    def save_synthesis_map(self, clip, path):
        Path(path).write_bytes(b"\x89PNG")
        return Path(path)

    def record_gesture(self, video, out, *, model=None, options=Options(), on_frame=None):
        self.calls.append(("record_gesture", str(video), options))
        Path(out).write_bytes(b"card")
        return Path(out)

    def verify(self, path, *, photo=None):
        if Path(path).suffix == ".txt":
            raise UnreadableVideo(f"{Path(path).name} is not a video", hint="choose an MP4")
        absent = ("absent", "not found", "", 0.0, "not found", "absent", "not asked")
        return Verdict(Path(path).name, *absent, lines=(f"Nothing was found in {Path(path).name}.",))

    def gestures(self):
        return GESTURES
