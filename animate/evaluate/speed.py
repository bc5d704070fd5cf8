"""How fast this machine animates: one 512 px face in a 2000 px scan, from the command to the finished file.

Times are wall seconds, memory is the peak of the whole process. The picture is scikit-image's portrait, enlarged.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WIDTH, SIDE = 1600, 2000  # pixels of the scan; the face in it is about 512 high


def scan() -> np.ndarray:
    """A (SIDE, WIDTH, 3) uint8 scan with one face."""
    from skimage import data
    from skimage.transform import resize

    portrait = data.astronaut()[:432, 64:410]  # forehead to chin is 111 of 432 pixels, so 512 of 2000
    return (resize(portrait, (SIDE, WIDTH), order=3) * 255).round().astype(np.uint8)


def measure(*, frames: int = 100) -> dict[str, float]:
    """Frames a second, milliseconds a frame, seconds to the first frame, seconds and peak memory of a whole command."""
    from animate import api
    from animate.core.options import Options

    photo = api.read_photo(scan())
    began = time.perf_counter()
    model = api.load()
    loaded = time.perf_counter()
    clip = api.clip(photo, "breath", model=model, options=Options(seconds=frames / 25))
    stream = clip.frames()
    next(stream)
    first = time.perf_counter()
    count = sum(1 for _ in stream)
    done = time.perf_counter()
    return {
        "frames per second": count / (done - first),
        "ms per frame": 1000 * (done - first) / count,
        "model load s": loaded - began,
        "time to first frame s": first - loaded,
        **_whole_command(frames),
    }


def _whole_command(frames: int) -> dict[str, float]:
    """A fresh process that runs the command as a person would."""

    from skimage.io import imsave

    code = (
        "import json,sys,time; t=time.perf_counter(); from animate.interfaces.cli.main import main; "
        "code=main(sys.argv[1:]); "
        "from animate.core.memory import peak; print(json.dumps([code, time.perf_counter()-t, peak()]))"
    )
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "scan.png"
        imsave(photo, scan(), check_contrast=False)
        arguments = ["photo", str(photo), "breath", "--seconds", str(frames / 25), "-o", str(Path(folder) / "clip.mp4")]
        output = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        ).stdout
    code, seconds, memory = json.loads(output.strip().splitlines()[-1])
    if code:
        raise RuntimeError(f"the measured command failed: {output}")
    return {f"command for {frames} frames s": seconds, "peak memory MB": memory}
