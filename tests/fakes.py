"""A stand-in for animate.api that needs no networks: two faces, three gestures, a clip that gets lighter.

`tests/test_fakes.py` holds its signatures to those of animate.api.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from animate.core.errors import Cancelled, NoFace, OutputError, UnreadablePhoto
from animate.core.options import Options, as_box
from animate.core.types import Clip, Face, Photo, Provenance

PIXELS = np.full((240, 320, 3), 150, np.uint8)
FACES = (Face((180, 40, 90, 110), 0.9), Face((40, 60, 70, 90), 0.8))
GESTURES = (
    ("breath", "Breath", "A quiet breath and one slow blink", 4.0),
    ("smile", "Smile", "A smile that comes and goes again", 4.5),
    ("glance", "Look around", "The eyes wander and come back", 5.0),
)


class FakePipeline(SimpleNamespace):
    """Same calls as animate.api; `calls` remembers them; a frame takes `pause` seconds, ten times that to glance."""

    def __init__(self, pause: float = 0.0):
        super().__init__(calls=[], pause=pause)

    def read_photo(self, source, *, page=0):
        if Path(source).stem == "letter":
            raise UnreadablePhoto(f"{Path(source).name} is not a picture", hint="choose a JPEG, PNG or TIFF")
        return Photo(PIXELS, name=Path(source).name, notes=("turned upright",))

    def find_faces(self, photo, *, finder="centerface", box=None, most=None, model=None):
        self.calls.append(("find_faces", finder, box))
        if "empty" in photo.name and not box:
            raise NoFace("no face was found", hint="draw a box around one")
        if box:
            return (SimpleNamespace(face=Face(as_box(box), 1.0)),)
        return tuple(SimpleNamespace(face=face) for face in FACES)

    def clip(self, photo, driver="breath", *, model=None, options=Options(), portraits=None, on_frame=None):
        self.calls.append(("clip", str(photo), driver, options))
        self.read_photo(photo)
        record = Provenance(
            "keepsake 0", "fake", Path(photo).name, "", (320, 240), {1: str(driver)}, notes=("one note",)
        )
        return Clip(
            320,
            240,
            25.0,
            50,
            lambda: (np.clip(PIXELS.astype(int) + i, 0, 255).astype(np.uint8) for i in range(50)),
            record,
        )

    def animate(self, photo, driver="breath", *, model=None, options=Options(), portraits=None, on_frame=None):
        return self.clip(photo, driver, model=model, options=options, portraits=portraits, on_frame=on_frame)

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

    def gestures(self):
        return GESTURES
