"""The steady crop: one face kept, lost, found again, and a crop that does not tremble.

Synthetic faces are five points; `find` and `mesh` know where they are, and `mesh` sees a face only if the crop shows
it.
"""

import numpy as np
import pytest

from animate.core.types import Face
from animate.faces import tracker as track
from animate.faces.crop import TEMPLATE_FIVE
from animate.faces.tracker import Tracker

WIDTH, HEIGHT = 320, 240


def five_at(x, y, eye=30.0, degrees=0.0):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return TEMPLATE_FIVE @ turn.T * eye + [x, y]


def face_at(five):
    low, high = five.min(0) - 20, five.max(0) + 20
    return Face((*low, *(high - low)), 0.9, five.astype(np.float32))


class World:
    """Frames with faces at known places; `find` and `mesh` as the pipeline would supply them, counting their calls."""

    def __init__(self, noise=0.0):
        self.faces = []
        self.finds = self.meshes = 0
        self.noise, self.random = noise, np.random.default_rng(0)

    def frame(self, *faces):
        self.faces = list(faces)
        return np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def find(self, frame):
        self.finds += 1
        return tuple(sorted(map(face_at, self.faces), key=lambda face: -face.box[2]))

    def track(self):
        return Tracker(self.find, self.mesh, lambda points: points[:5, :2])

    def mesh(self, crop):
        """What the crop shows, which here is the Crop itself: the first face that sits more or less in its middle."""
        self.meshes += 1
        points = np.zeros((478, 3), np.float32)
        for five in self.faces:
            seen = crop.into(five)
            eye = np.linalg.norm(seen[1] - seen[0])
            if np.abs(seen.mean(0) - 79.5).max() < 60 and 20 < eye < 100:
                points[:5, :2] = seen + self.random.normal(0, self.noise * eye + 1e-9, seen.shape)
                return points, 0.95
        return points, 0.05


@pytest.fixture
def world(monkeypatch):
    """A World whose cuts are the Crop itself instead of its pixels."""
    monkeypatch.setattr(track, "cut", lambda frame, crop: crop)
    return World()


def test_points_come_back_in_frame_pixels(world):
    five = five_at(150, 110, degrees=20)
    keypoints = world.track().follow(world.frame(five))
    assert np.allclose(keypoints.points[:5, :2], five, atol=0.01)
    assert keypoints.presence == pytest.approx(0.95)


def test_first_crop_is_refined_once_and_a_steady_face_is_never_searched_again(world):
    tracked = world.track()
    for step in range(20):
        tracked.follow(world.frame(five_at(150 + step, 110)))
    assert world.finds == 1
    assert world.meshes == 21


def test_a_quick_head_is_not_lost(world):
    tracked = world.track()
    for step in range(40):
        five = five_at(160 + 90 * np.sin(step / 3), 120, eye=30 + 8 * np.sin(step / 5), degrees=25 * np.sin(step / 4))
        keypoints = tracked.follow(world.frame(five))
        assert np.allclose(keypoints.points[:5, :2], five, atol=0.05)
    assert world.finds == 1


def test_the_crop_trembles_less_than_the_points(world):
    world.noise = 0.02
    tracked = world.track()
    crops = []
    for _ in range(80):
        tracked.follow(world.frame(five_at(150, 110)))
        crops.append(tracked.crop.inverse() @ [79.5, 79.5, 1])
    tremble = np.diff(np.array(crops)[10:], axis=0).std()
    assert tremble < 0.2 * 0.02 * 30


def test_no_face_for_a_while(world):
    tracked = world.track()
    five = five_at(150, 110)
    seen = [tracked.follow(world.frame(*([] if 5 <= step < 40 else [five]))) is not None for step in range(60)]
    assert all(seen[:5])
    assert not any(seen[5:40])
    assert all(seen[46:])
    assert world.finds < 20
    assert tracked.crop is not None


def test_no_face_at_all(world):
    tracked = world.track()
    assert all(tracked.follow(world.frame()) is None for _ in range(30))
    assert tracked.crop is None
    assert world.finds < 15


def test_the_largest_face_is_kept_when_another_grows(world):
    tracked = world.track()
    for step in range(30):
        ours = five_at(90, 120, eye=30)
        keypoints = tracked.follow(world.frame(ours, five_at(230, 120, eye=20 + step)))
        assert np.allclose(keypoints.points[:5, :2], ours, atol=0.05)


def test_a_hidden_face_is_not_exchanged_for_its_neighbour(world):
    tracked = world.track()
    ours, other = five_at(90, 120, eye=30), five_at(240, 120, eye=29)
    tracked.follow(world.frame(ours, other))
    assert all(tracked.follow(world.frame(other)) is None for _ in range(15))
    keypoints = next(found for found in (tracked.follow(world.frame(other, ours)) for _ in range(6)) if found)
    assert np.allclose(keypoints.points[:5, :2], ours, atol=0.05)


def test_a_face_that_comes_back_elsewhere_is_taken_after_a_while(world):
    tracked = world.track()
    tracked.follow(world.frame(five_at(90, 120)))
    assert any(tracked.follow(world.frame(five_at(240, 120))) for _ in range(40))


def test_a_jump_within_the_frame_is_found_in_the_same_frame(world):
    tracked = world.track()
    tracked.follow(world.frame(five_at(90, 120)))
    five = five_at(135, 120, eye=55)
    assert np.allclose(tracked.follow(world.frame(five)).points[:5, :2], five, atol=0.05)


def test_finder_without_points(world):
    five = five_at(150, 120, eye=40)
    box = (150 - 46.0, 120 - 58.0 - 6, 92.0, 116.0)
    world.find = lambda frame: (Face(box, 0.8),)
    assert np.allclose(world.track().follow(world.frame(five)).points[:5, :2], five, atol=0.05)


def test_real_cuts():
    """Without the shortcut: coloured dots drawn in the frame are found in the pixels that the track cuts."""
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255]])
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]

    def draw(five):
        away = [(columns - x) ** 2 + (rows - y) ** 2 for x, y in five]
        spots = [np.exp(-a / 18.0)[..., None] * colour for a, colour in zip(away, colours, strict=True)]
        return np.clip(np.sum(spots, axis=0), 0, 255).astype(np.uint8)

    def mesh(crop):
        points = np.zeros((478, 3), np.float32)
        ys, xs = np.mgrid[:160, :160]
        for index, colour in enumerate(colours > 0):
            light = np.clip(crop[..., colour].min(-1) - crop[..., ~colour].max(-1).astype(float), 0, None)
            points[index, :2] = [(light * xs).sum() / light.sum(), (light * ys).sum() / light.sum()]
        return points, 1.0

    tracked = Tracker(lambda frame: (face_at(five_at(150, 110)),), mesh, lambda points: points[:5, :2])
    for step in range(6):
        five = five_at(150 + 3 * step, 110 + step, degrees=2 * step)
        assert np.abs(tracked.follow(draw(five)).points[:5, :2] - five).max() < 1.0


def test_after_a_cut_the_face_is_searched_anywhere_at_once(world):
    tracked = world.track()
    tracked.follow(world.frame(five_at(90, 120)))
    elsewhere = five_at(240, 120)
    assert tracked.follow(world.frame(elsewhere)) is None
    assert np.allclose(tracked.follow(world.frame(elsewhere), cut=True).points[:5, :2], elsewhere, atol=0.05)
    assert not tracked.jumped


def test_after_a_cut_the_largest_face_is_taken_even_where_another_was_before(world):
    tracked = world.track()
    small, large = five_at(90, 120, eye=26), five_at(240, 120, eye=40)
    tracked.follow(world.frame(small))
    assert np.allclose(tracked.follow(world.frame(small, large), cut=True).points[:5, :2], large, atol=0.05)


def test_a_face_that_comes_back_elsewhere_has_jumped(world):
    tracked = world.track()
    tracked.follow(world.frame(five_at(90, 120)))
    jumps = [tracked.follow(world.frame(five_at(240, 120))) is not None and tracked.jumped for _ in range(40)]
    assert sum(jumps) == 1


def test_another_face_than_the_largest_can_be_followed(world):
    tracked = Tracker(world.find, world.mesh, lambda points: points[:5, :2], rank=1)
    small, large = five_at(90, 120, eye=26), five_at(240, 120, eye=40)
    for step in range(10):
        keypoints = tracked.follow(world.frame(large, small + [step, 0]))
        assert np.allclose(keypoints.points[:5, :2], small + [step, 0], atol=0.05)
    assert tracked.people == 2
    assert tracked.follow(world.frame(large), cut=True) is None  # there is no second face


def test_bystanders_are_not_counted(world):
    tracked = world.track()
    tracked.follow(world.frame(five_at(90, 120, eye=60), five_at(240, 120, eye=8)))
    assert tracked.people == 1
