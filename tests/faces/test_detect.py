"""The finder on a real face: sizes, turns, prints, groups and things that are no faces."""

import numpy as np
import pytest
from skimage import data

from animate.core.errors import WeightsMissing
from animate.faces import centerface
from animate.faces.detect import cv_threads, detect

pytestmark = pytest.mark.slow  # finds faces

EYES = np.array([[203.2, 101.1], [246.4, 103.4]])  # of the astronaut: on the left of the picture, on the right
FACE = (slice(30, 230), slice(130, 330))  # her head


@pytest.fixture(scope="module")
def astronaut():
    return data.astronaut()


def paper(width, height, seed=0):
    """A mottled backdrop."""
    import cv2

    mottle = np.random.default_rng(seed).integers(
        90, 160, (max(2, height // 50), max(2, width // 50), 3), dtype=np.uint8
    )
    return cv2.resize(mottle, (width, height), interpolation=cv2.INTER_CUBIC)


def put(scan, head, x, y, height):
    """The head, `height` pixels high, pasted with its corner at (x, y); returns where its middle is."""
    import cv2

    scan[y : y + height, x : x + height] = cv2.resize(head, (height, height), interpolation=cv2.INTER_AREA)
    return x + height / 2, y + height / 2


def turned(picture, degrees):
    """The picture turned clockwise on a larger grey sheet, and the matrix that did it."""
    import cv2

    height, width = picture.shape[:2]
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    linear = np.array([[cosine, -sine], [sine, cosine]])
    size = np.ceil(np.abs(linear) @ [width, height]).astype(int)
    matrix = np.hstack([linear, ((size - 1) / 2 - linear @ [(width - 1) / 2, (height - 1) / 2])[:, None]])
    return cv2.warpAffine(picture, matrix, size.tolist(), borderValue=(180, 180, 180)), matrix


def around(faces, x, y, within):
    return any(abs(face.points.mean(0) - [x, y]).max() < within for face in faces)


def test_one_face_with_its_points(astronaut):
    (face,) = detect(astronaut)
    assert face.score > 0.8
    assert np.abs(face.points[:2] - EYES).max() < 6
    x, y, width, height = face.box
    assert (face.points > [x, y]).all()
    assert (face.points < [x + width, y + height]).all()
    assert 80 < height < 150


@pytest.mark.parametrize("degrees", [-45, 20, 45, 90, 180, 270])
def test_turned_faces(astronaut, degrees):
    scan, matrix = turned(astronaut, degrees)
    (face,) = detect(scan)
    assert np.abs(face.points[:2] - (EYES @ matrix[:, :2].T + matrix[:, 2])).max() < 9


def faded(picture):
    return (picture.mean(-1, keepdims=True) * 0.25 + [150, 130, 95]).astype(np.uint8)


def scratched(picture):
    import cv2

    print_ = faded(picture)
    for x in range(20, 512, 45):
        cv2.line(print_, (x, 0), (x + 60, 511), (245, 240, 230), 2)
    return np.clip(print_ + np.random.default_rng(3).normal(0, 12, print_.shape), 0, 255).astype(np.uint8)


def grey(picture):
    return np.repeat(picture.mean(-1, keepdims=True), 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("ageing", [grey, faded, scratched])
def test_old_prints(astronaut, ageing):
    (face,) = detect(ageing(astronaut))
    assert np.abs(face.points[:2] - EYES).max() < 9


@pytest.mark.parametrize("shape", [(300, 5000), (5000, 300), (1100, 1500)])
def test_small_faces_in_large_scans(astronaut, shape):
    scan = paper(shape[1], shape[0])
    side = 76  # the head with hair; the face in it is 40 pixels high
    fifth = np.where(np.array(scan.shape[1::-1]) == max(shape), max(shape) // 5, 0)  # one head in each, along the scan
    room = np.where(fifth > 0, fifth, min(shape)) - side
    random = np.random.default_rng(1)
    middles = [put(scan, astronaut[FACE], *(random.integers(0, room) + n * fifth), side) for n in range(5)]
    faces = detect(scan)
    assert all(around(faces, x, y, 20) for x, y in middles)
    assert len(faces) == len(middles)


def test_a_group_is_told_apart_and_sorted_by_size(astronaut):
    scan = paper(1400, 900)
    sizes = (520, 300, 200)
    middles = [put(scan, astronaut[FACE], 40 + 450 * n, 100 + 90 * n, size) for n, size in enumerate(sizes)]
    faces = detect(scan)
    assert len(faces) == 3
    for face, (x, y), size in zip(faces, middles, sizes, strict=True):
        assert around([face], x, y, size / 5)


def test_small_faces_are_left_out(astronaut):
    scan = paper(600, 500)
    put(scan, astronaut[FACE], 20, 20, 300)
    put(scan, astronaut[FACE], 400, 200, 100)
    assert len(detect(scan)) == 2
    assert len(detect(scan, least=100)) == 1


def test_enough_is_enough(astronaut, monkeypatch):
    scan = paper(3000, 2200)
    put(scan, astronaut[FACE], 200, 300, 1500)
    real, calls = centerface.detect, []
    monkeypatch.setattr(centerface, "detect", lambda *args, **about: calls.append(1) or real(*args, **about))
    assert len(detect(scan, most=1)) == 1
    assert len(calls) <= 4


def noise():
    return np.random.default_rng(0).integers(0, 256, (320, 400, 3), dtype=np.uint8)


def wallpaper():
    """Rows of ovals with two dots and a bow each."""
    import cv2

    wall = np.full((400, 500, 3), 180, np.uint8)
    for y in range(0, 460, 120):
        for x in range(50 * (y // 120 % 2), 550, 100):
            cv2.ellipse(wall, (x, y), (35, 50), 0, 0, 360, (150, 140, 120), -1)
            for side in (-12, 12):
                cv2.circle(wall, (x + side, y - 12), 6, (90, 80, 70), -1)
            cv2.ellipse(wall, (x, y + 15), (14, 6), 0, 0, 180, (90, 80, 70), 2)
    return wall


@pytest.mark.parametrize("make", [noise, wallpaper, data.brick, data.coffee], ids=lambda make: make.__name__)
def test_no_face_where_there_is_none(make):
    picture = make()[:400, :400]
    assert detect(picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)) == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (7, 5), (64, 64)])
def test_tiny_scans(shape):
    assert detect(np.full((*shape, 3), 200, np.uint8)) == ()
    assert detect(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)) == ()


def test_boxes_end_with_the_scan(astronaut):
    half = astronaut[:, 215:]
    for face in detect(half):
        x, y, width, height = face.box
        assert x >= -0.5 and y >= -0.5
        assert x + width <= half.shape[1] and y + height <= half.shape[0]


def test_the_same_scan_gives_the_same_faces(astronaut):
    one, two = detect(astronaut), detect(astronaut.copy())
    assert [face.box for face in one] == [face.box for face in two]


def test_another_finder():
    with pytest.raises(ValueError, match="finder is one of centerface, face-alignment"):
        detect(np.zeros((10, 10, 3), np.uint8), finder="eyes")


def test_without_the_detector_installed(monkeypatch, astronaut):
    monkeypatch.setattr(centerface, "find_spec", lambda name: None)
    centerface.release()
    with pytest.raises(WeightsMissing, match="centerface.onnx") as caught:
        detect(astronaut)
    assert "pip install" in caught.value.hint
    centerface.release()


def test_threads_are_limited_and_given_back():
    import cv2

    before = cv2.getNumThreads()
    with cv_threads(1):
        assert cv2.getNumThreads() == 1
        with cv_threads(0):
            assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == before
