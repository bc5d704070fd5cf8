"""The measures of layers obey their laws on pictures whose answer is known."""

import numpy as np
import pytest
from quick import slow
from skimage import data
from skimage.io import imsave

from animate.core.errors import TrainingDataMissing
from animate.evaluate import bench, far_pairs, layers, models
from animate.media.write import write_clip
from animate.motion import landmarks

UP, STEP = 96, 8  # pixels: where the window of the take lies, and its way from frame to frame
WHOLE = data.astronaut()


def window(left: int) -> np.ndarray:
    return WHOLE[UP - 96 : UP + 160, left : left + 256].copy()


@pytest.fixture(scope="module")
@slow
def take():
    """A real face that goes to the left and back: (8, 256, 256, 3), and its meshes."""
    frames = np.stack([window(96 + STEP * k) for k in (0, 1, 2, 3, 4, 3, 2, 1)])
    return frames, models.track(frames)


def test_a_still_video_moves_nothing_and_reaches_nowhere(take):
    frames, meshes = take
    still = np.stack([frames[0]] * 3)
    figures = layers.measure(frames[0], still, [meshes[0]], layers.ways(meshes)[:3])
    assert figures["moved_median"] == figures["moved_worst"] == 0
    assert figures["reach"] < 0.02


def test_an_output_that_is_the_driver_reaches_and_follows_it(take):
    ways = layers.ways(take[1])
    assert np.abs(ways[4, 0] + 4 * STEP / np.ptp(take[1][0][: landmarks.SURFACE, 1])) < 0.03
    assert layers.reach(ways, ways) == pytest.approx({"reach": 1, "follow": 1})


def test_half_the_way_is_half_the_reach_and_the_other_way_is_against_it(take):
    ways = layers.ways(take[1])
    assert layers.reach(ways / 2, ways) == pytest.approx({"reach": 0.5, "follow": 1})
    assert layers.reach(-ways, ways) == pytest.approx({"reach": 1, "follow": -1})


def test_a_driver_that_does_not_move_gives_no_figure_and_a_lost_head_is_left_out(take):
    ways = layers.ways(take[1])
    assert np.isnan(list(layers.reach(ways, 0 * ways).values())).all()
    lost = ways.copy()
    lost[3] = np.nan
    assert layers.reach(lost, ways) == pytest.approx({"reach": 1, "follow": 1})
    assert np.isnan(list(layers.reach(np.full_like(ways, np.nan), ways).values())).all()


def test_a_bent_background_is_noticed_and_a_changed_face_is_not(take):
    photo, mesh = take[0][0], take[1][0]
    bent, changed = photo.copy(), photo.copy()
    bent[:, :40] = 255 - bent[:, :40]
    top, left = mesh[: landmarks.SURFACE, 1::-1].min(0).astype(int)
    bottom, right = mesh[: landmarks.SURFACE, 1::-1].max(0).astype(int)
    changed[top:bottom, left:right] = 255 - changed[top:bottom, left:right]
    whole = layers.matte_of(photo, [mesh], None)
    assert layers.changed_share(photo, changed, whole) == 0
    assert 0.1 < layers.changed_share(photo, bent, whole) < 0.9
    figures = layers.stillness(photo, np.stack([photo, photo, bent]), [mesh], np.stack([mesh] * 3), None)
    assert figures["moved_median"] == 0 and figures["moved_worst"] > 10


def test_grain_is_not_movement_and_a_picture_full_of_people_has_no_background():
    photo = np.full((60, 60, 3), 100, np.uint8)
    nobody, everybody = np.zeros((60, 60)), np.ones((60, 60))
    assert layers.changed_share(photo, photo + np.uint8(20), nobody) == 0
    assert layers.changed_share(photo, photo + np.uint8(30), nobody) == 1
    assert np.isnan(layers.changed_share(photo, photo, everybody))


def test_what_a_person_covers_now_is_not_background():
    photo = np.zeros((100, 100, 3), np.uint8)
    frame, now = photo.copy(), np.zeros((100, 100))
    frame[20:40, 20:40], now[20:40, 20:40] = 200, 1
    assert layers.changed_share(photo, frame, 0 * now, now) == 0
    assert layers.changed_share(photo, frame, 0 * now) == pytest.approx(0.04, abs=1e-6)


def turned(degrees: float, shift: float = 0.0) -> np.ndarray:
    angle = np.radians(degrees)
    around = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    mean = np.asarray(landmarks.MEAN_FACE, float) * 60
    return (mean @ around.T + [128 + shift, 128, 0]).astype(np.float32)


def test_far_heads_are_turned_or_gone_and_the_front_view_is_the_source():
    height = np.ptp(turned(0)[: landmarks.SURFACE, 1])
    away = far_pairs.distances(np.stack([turned(0), turned(14), turned(16), turned(0, 0.26 * height)]))
    assert away[0, 1] < 1 < away[0, 2] and away[0, 3] > 1 and np.allclose(away, away.T)
    meshes = np.repeat(np.stack([turned(30), turned(20), turned(0), turned(5)]), far_pairs.STEP, axis=0)
    chosen = far_pairs.far_frames(meshes, 3)
    assert chosen.tolist() == [10, 0, 5]
    assert far_pairs.far_frames(meshes, 1).tolist() == [10, 0]


def test_heads_too_far_from_each_other_are_no_pair():
    meshes = np.repeat(np.stack([turned(-30), turned(0), turned(30)]), far_pairs.STEP, axis=0)
    assert far_pairs.far_frames(meshes, 3).tolist() == [5, 0, 10]
    assert len(far_pairs.far_frames(meshes[[0, 0, 0, 0, 0, 14]], 3)) == 1


def test_a_clip_without_far_pairs_or_faces_has_no_case():
    assert len(far_pairs.far_frames(np.stack([turned(0)] * 20), 3)) == 1
    assert len(far_pairs.far_frames(np.full((20, 478, 3), np.nan, np.float32), 3)) == 0


@pytest.mark.slow
def test_a_folder_is_measured_beside_the_published_output(take, tmp_path):
    frames, _ = take
    imsave(tmp_path / "source.png", frames[0], check_contrast=False)
    for name in ("driving", "published-output"):
        write_clip(tmp_path / f"{name}.mp4", iter(frames), width=256, height=256, fps=25, quality=12, threads=1)
    figures = layers.bench(tmp_path)
    assert set(figures) == {"keepsake", "published"}
    assert figures["published"]["reach"] == pytest.approx(1, abs=0.02) and figures["published"]["follow"] > 0.99
    assert figures["published"]["moved_worst"] > 4 and figures["keepsake"]["moved_worst"] < 0.5
    text = bench.layers_table(figures)
    assert all(name in text for name in ("keepsake", "published", "moved_worst", "follow"))


def test_a_folder_without_a_source_is_refused(tmp_path):
    with pytest.raises(TrainingDataMissing, match=r"source\.png"):
        layers.bench(tmp_path)
