"""What reading one file may cost: asked of what its header declares, before anything is decoded.

The numbers of every reader stand here and nowhere else. They keep a reader below 1.5 GB of memory and, but for long
driving videos, which are read as a stream, below ten seconds on one core.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from animate.core.errors import KeepsakeError, PhotoTooLarge, UnreadableVideo, WeightsDamaged

MILLION = 1_000_000
_UNITS = ((1_000_000_000, "GB"), (MILLION, "MB"), (1_000, "KB"))


@dataclass(frozen=True)
class Budget:
    """Limits of one reader, the error it raises for what lies over them, and that error's hint.

    pixels   of one picture or frame
    total    pixels of all frames together
    frames   stored, at most
    bytes    of the file
    memory   bytes that decoding may take; for weights, of all tensors together
    seconds  of playing time
    """

    error: type[KeepsakeError]
    hint: str
    pixels: int = 0
    total: int = 0
    frames: int = 0
    bytes: int = 0
    memory: int = 0
    seconds: float = 0.0

    def check_bytes(self, size: int, what: str) -> None:
        """Raises `error` for a file of more than `bytes`."""
        if size > self.bytes:
            self._refuse(f"{what} has {in_bytes(size)}, the limit is {in_bytes(self.bytes)}")

    def check_size(self, width: int, height: int, what: str) -> None:
        """Raises `error` for a picture or frame of more than `pixels`."""
        if width * height > self.pixels:
            self._refuse(f"{what} has {width} x {height} pixels, the limit is {in_pixels(self.pixels)}")

    def check_memory(self, width: int, height: int, cost: int, what: str) -> None:
        """Raises `error` when a decoder that takes `cost` bytes a pixel would take more than `memory`."""
        if width * height * cost > self.memory:
            most = in_pixels(self.memory // cost)
            self._refuse(f"{what} has {width} x {height} pixels, the limit for files of its kind is {most}")

    def check_frames(self, width: int, height: int, count: int, what: str) -> None:
        """Raises `error` for more than `frames` frames, or more than `total` pixels in them."""
        if count > self.frames:
            self._refuse(f"{what} has {count} frames, the limit is {self.frames}")
        if width * height * count > self.total:
            most = self.total // (width * height)
            self._refuse(f"{what} has {count} frames of {width} x {height} pixels, the limit at this size is {most}")

    def check_seconds(self, seconds: float, what: str) -> None:
        """Raises `error` for what plays longer than `seconds`."""
        if seconds > self.seconds:
            self._refuse(f"{what} runs for {seconds:.0f} seconds, the limit is {self.seconds:.0f}")

    def check_tensors(self, size: int, stored: int, what: str) -> None:
        """Raises `error` when tensors of `size` bytes are more than is `stored` in the file, or than `memory`."""
        if size > stored:
            self._refuse(f"{what} declares tensors of {in_bytes(size)} but holds {in_bytes(stored)} of them")
        if size > self.memory:
            self._refuse(f"{what} holds {in_bytes(size)} of tensors, the limit is {in_bytes(self.memory)}")

    def fitting(self, width: int, height: int) -> int:
        """How many frames of this size fit into `frames` and `total`, 1 at least."""
        return max(1, min(self.frames, self.total // max(1, width * height)))

    def _refuse(self, message: str) -> None:
        raise self.error(message, hint=self.hint)


def in_bytes(size: int) -> str:
    """A number of bytes for a person: 12 MB."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def in_pixels(pixels: int) -> str:
    """A number of pixels for a person: 24 megapixels."""
    return f"{pixels / MILLION:.4g} megapixels" if pixels >= MILLION // 10 else f"{pixels} pixels"


# A4 at 1200 dpi has 139 megapixels; 7 bytes each, for Pillow's copy and ours, are 1.05 GB beside the program's 0.3
PHOTO = Budget(
    PhotoTooLarge,
    "save it smaller, for instance 6000 pixels on the longer side",
    pixels=150 * MILLION,
    bytes=300 * MILLION,
    memory=1_050 * MILLION,
)
# 8K has 33 megapixels; 40,000 megapixels are ten minutes of 1920 x 1080 at 30 frames a second
DRIVER = Budget(
    UnreadableVideo,
    "cut out the part to use, or make it smaller first",
    pixels=40 * MILLION,
    total=40_000 * MILLION,
    frames=150_000,
    bytes=20_000 * MILLION,
    seconds=600.0,
)
# whole canvases, decoded by Pillow at about 100 megapixels a second
ANIMATION = Budget(
    UnreadableVideo,
    "make it smaller or shorter first, or save it as a video",
    pixels=40 * MILLION,
    total=1_000 * MILLION,
    frames=10_000,
    bytes=300 * MILLION,
    seconds=600.0,
)
# what a check for marks reads at most of a file; a clip of 3840 x 2160 still gives all the frames that are averaged
VERIFY = replace(DRIVER, hint="make it smaller first", total=1_050 * MILLION, frames=400, seconds=24 * 3600.0)
VERIFY_ANIMATION = replace(VERIFY, pixels=16 * MILLION, total=250 * MILLION, bytes=ANIMATION.bytes)
# vox-adv-cpk.pth.tar has 716 MB with its optimisers, 240 MB of which are the networks
WEIGHTS = Budget(WeightsDamaged, "give the file as it was published", bytes=1_000 * MILLION, memory=600 * MILLION)
