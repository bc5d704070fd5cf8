"""The sweep with a detector that knows what it sees: spots of every size, place and turn come back in scan pixels."""

import numpy as np
import pytest

from animate.faces.detections import Detections, join
from animate.faces.tiling import tiled_search, tiled_search_turned


def spots(picture):
    """A detector of bright spots: box of the spot's size, points in its centre; blind below 20 and above 450 pixels."""
    import cv2

    count, _, stats, _ = cv2.connectedComponentsWithStats((picture[..., 0] > 128).astype(np.uint8))
    stats = stats[1:count].astype(float)
    stats = stats[(stats[:, 3] >= 20) & (stats[:, 3] <= 450)]
    boxes = np.hstack([stats[:, :2] - 0.5, stats[:, :2] + stats[:, 2:4] - 0.5])
    middle = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    return Detections(boxes, np.ones(len(boxes)), np.repeat(middle, 5, axis=1))


def scan_with(width, height, places):
    import cv2

    scan = np.zeros((height, width, 3), np.uint8)
    for x, y, size in places:
        cv2.circle(scan, (x, y), size // 2, (255, 255, 255), -1)
    return scan


def nearest(finds, x, y):
    return np.linalg.norm(finds.points[:, 0] - [x, y], axis=1).min() if len(finds) else np.inf


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "height"), [(8000, 300), (300, 8000), (3000, 4200), (640, 480), (90, 70), (705, 704)]
)
def test_every_size_and_place(width, height):
    random = np.random.default_rng(width)
    for size in (40, 60, 250, 1500):
        if size < min(width, height) * 0.9:
            x, y = random.integers(size // 2 + 1, [width - size // 2 - 1, height - size // 2 - 1]).tolist()
            found = join(tiled_search(scan_with(width, height, [(x, y, size)]), spots, least=40))
            assert nearest(found, x, y) < max(1.5, size / 40), size


def test_every_place_along_a_row_of_tiles():
    places = [(x, 60 + x % 37, 44) for x in range(60, 3950, 60)]
    found = join(tiled_search(scan_with(4000, 200, places), spots, least=40))
    assert max(nearest(found, x, y) for x, y, _ in places) < 2


def test_coarse_passes_come_first():
    scan = scan_with(4000, 3000, [(900, 900, 800), (3000, 2000, 44)])
    passes = list(tiled_search(scan, spots, least=40))
    assert nearest(passes[0], 900, 900) < 20
    assert nearest(passes[0], 3000, 2000) > 100
    assert nearest(passes[-1], 3000, 2000) < 2


def test_pictures_stay_small_enough():
    shapes = []

    def look(picture):
        shapes.append(picture.shape)
        return join([])

    noise = np.random.default_rng(0).integers(0, 255, (1500, 2200, 3), dtype=np.uint8)
    list(tiled_search(noise, look, least=40))
    assert max(max(shape) for shape in shapes) <= 704


def test_blank_paper_costs_nothing():
    assert not any(len(found) for found in tiled_search(np.full((2000, 2000, 3), 240, np.uint8), pytest.fail, least=40))


@pytest.mark.parametrize("degrees", [35, -35, 90, 180, 270])
@pytest.mark.parametrize(("width", "height", "longest"), [(900, 500, 640), (300, 200, 640), (2500, 2000, 1024)])
def test_turned(degrees, width, height, longest):
    x, y, size = width // 4, height // 3, height // 5
    found = tiled_search_turned(scan_with(width, height, [(x, y, size)]), spots, degrees, longest=longest)
    assert nearest(found, x, y) < max(1.0, width / 640)
    assert np.allclose(found.boxes[0, 2:] - found.boxes[0, :2], size, atol=2 + 4 * width / 640)
