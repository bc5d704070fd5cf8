"""The picture at the top of the README: a photograph and moments of the clip made from it, each with its icon.

python examples/make_result.py
"""

import sys
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

import animate
from animate.pipeline.marks import ProvenanceMarks

HERE = Path(__file__).parent
HEIGHT = 520  # pixels of a picture
MOMENTS = (("smile", 48), ("blink", 26), ("look-around", 44), ("surprise", 30))  # gesture, frame


def moment(photo: animate.Photo, gesture: str, frame: int) -> np.ndarray:
    """One marked frame of the clip."""
    return next(islice(ProvenanceMarks(animate.clip(photo, gesture)).frames(), frame, None))


def main(target: Path) -> Path:
    """Write the picture and return where it is."""
    photo = animate.read_photo(HERE / "old_print.jpg")
    pictures = [photo.pixels, *(moment(photo, *which) for which in MOMENTS)]
    tiles = [
        Image.fromarray(p).resize((HEIGHT * p.shape[1] // p.shape[0], HEIGHT), Image.Resampling.LANCZOS)
        for p in pictures
    ]
    sheet = Image.new("RGB", (sum(tile.width for tile in tiles) + 8 * (len(tiles) - 1), HEIGHT), "white")
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number * (tile.width + 8), 0))
    target.parent.mkdir(exist_ok=True)
    sheet.save(target, quality=88)
    return target


if __name__ == "__main__":
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "docs" / "result.jpg"))
