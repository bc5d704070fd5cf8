"""The mirrored other side: taken where a turn shows what the photograph hides, and then right for an even head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from motion.people import person as mesh

from animate.core.types import DrivenLandmarks, Keypoints, Photo
from animate.motion import landmarks, pose
from animate.pipeline.mirrored_side import Mixture, needed
from animate.pipeline.portraits import portrait_of
from animate.pipeline.render import Renderer

pytestmark = pytest.mark.slow  # renders frames

SIZE, UNIT, WALL = 260, 46.0, (90, 110, 120)


def even_head(yaw: float, light: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A face turned by `yaw` degrees (positive to the left of the picture), and a picture of it before a wall: both
    sides are alike, in stripes; the one on the right of the head is darker by a share `light`."""
    points = mesh(turn=(0, yaw, 0), size=UNIT, at=(SIZE / 2, 120.0))
    picture = np.full((SIZE, SIZE, 3), WALL, np.uint8)
    _, shape = pose.canonical(landmarks.MEAN_FACE)
    triangles = np.array(landmarks.TRIANGLES)
    order = points[triangles, 2].mean(1).argsort()[::-1]
    for triangle in triangles[order]:
        x, y, _ = shape[triangle].mean(0)
        tone = (150 + 60 * np.cos(14 * abs(x)) + 20 * np.sin(9 * y)) * (1 - light * (x > 0))
        cv2.fillConvexPoly(picture, np.rint(points[triangle, :2] * 16).astype(np.int32), (tone,) * 3, cv2.LINE_8, 4)
    return points, picture


def rendered(picture: np.ndarray, points: np.ndarray, driven: np.ndarray) -> Renderer:
    photo = Photo(picture)
    portrait = portrait_of(photo, Keypoints(points))
    return Renderer(photo, [(portrait, DrivenLandmarks(driven))], threads=1)


@pytest.fixture(scope="module")
def turning() -> tuple[Renderer, np.ndarray, np.ndarray]:
    """A head turned by 25 degrees that turns back to 20 degrees on the other side, by half, and further; the picture,
    and the true one after the first."""
    points, picture = even_head(25)
    driven = np.stack([even_head(yaw)[0] for yaw in (-20, 2, 40)])
    return rendered(picture, points, driven), picture, even_head(-20)[1]


def displacements(one, index: int) -> np.ndarray:
    return np.einsum("ij,rcj->irc", one.back, one.motion.whole(one.driven[index], index))


def test_who_turns_back_needs_it_and_who_looks_straight_or_turns_further_does_not(turning):
    assert turning[0].people[0].mirrored is not None
    for yaw, others in ((25, (30, 40)), (0, (-25, 25))):
        points, picture = even_head(yaw)
        driven = np.stack([even_head(other)[0] for other in others])
        assert not needed(points, driven) and rendered(picture, points, driven).people[0].mirrored is None


def test_it_is_taken_on_the_hidden_side_only_and_looked_for_on_the_other(turning):
    one = turning[0].people[0]
    x, y, taken, gain = one.mirrored.at(0, displacements(one, 0))
    nose = one.person.driven.points[0, 1, 0]  # it looked to the left, so that side of its face was hidden
    assert taken.max() > 0.9 and taken[one.mirrored.places[0] > nose + 0.2 * UNIT].max() < 0.02
    assert (x[taken > 0.5] > one.person.portrait.keypoints.points[1, 0]).mean() > 0.95
    assert np.isfinite([x, y, gain]).all()
    assert one.mirrored.at(2, displacements(one, 2)) is None


def test_an_even_head_looks_as_from_its_other_side(turning):
    renderer, _, truth = turning
    one = renderer.people[0]
    face = np.zeros(truth.shape[:2], np.uint8)
    cv2.fillConvexPoly(face, cv2.convexHull(np.rint(one.person.driven.points[0, :468, :2]).astype(np.int32)), 1)
    side = (face > 0) & (np.arange(SIZE) < one.person.driven.points[0, 1, 0] - 0.3 * UNIT)
    mine = renderer.frame(0)
    mirrored, one.mirrored = one.mirrored, None
    plain = renderer.frame(0)
    one.mirrored = mirrored
    miss = [np.abs(frame[side].astype(int) - truth[side]).mean() for frame in (mine, plain)]
    assert miss[0] < 0.6 * miss[1]
    assert (mine[:, -40:] == plain[:, -40:]).all()


def test_what_a_neighbour_hides_on_the_other_side_is_not_taken(turning):
    one = turning[0].people[0]
    before = one.mirrored.at(0, displacements(one, 0))
    light, at = one.mirrored.light, before[:2][:, before[2] > 0.8].mean(1)
    row, column = ((at[k] - light.corner[k, 0, 0]) / light.step for k in (1, 0))
    whole, light.seen = light.seen, light.seen.copy()
    y, x = np.ogrid[: len(whole), : whole.shape[1]]
    light.seen[np.hypot(y - row, x - column) < 0.4 * UNIT / light.step] = 0
    after = one.mirrored.at(0, displacements(one, 0))
    light.seen = whole
    hidden = np.hypot(before[0] - at[0], before[1] - at[1]) < 0.15 * UNIT
    assert (before[2] * hidden).max() > 0.8 and (after[2] * hidden).max() < 0.05


def test_it_comes_in_the_light_of_its_place():
    means = []
    for light in (0.0, 0.35):  # the side that the photograph shows well lies in the shade
        points, picture = even_head(25, light)
        one = rendered(picture, points, np.stack([even_head(-20)[0]])).people[0]
        _, _, taken, gain = one.mirrored.at(0, displacements(one, 0))
        means.append(float(gain[taken > 0.5].mean()))
    assert means[0] == pytest.approx(1, abs=0.12) and means[1] > means[0] + 0.12


def test_a_mixture_is_the_base_where_nothing_is_taken_and_the_other_side_where_all_is():
    rows = columns = 5
    values = np.zeros((4, rows, columns), np.float32)
    values[3] = 0.5
    base = np.full((16, 16, 4), 10, np.float32)

    def other(at: np.ndarray) -> np.ndarray:
        return np.full((*at.shape[:2], 4), 100, np.float32)

    assert Mixture.of(values, (0, 0, 16, 16), 4).mixed(base, (0, 0, 16, 16), other) is base
    values[2] = 1
    mixed = Mixture.of(values, (0, 0, 16, 16), 4).mixed(base, (0, 0, 16, 16), other)
    np.testing.assert_allclose(mixed[..., :3], 50)
    np.testing.assert_allclose(mixed[..., 3], 100)
