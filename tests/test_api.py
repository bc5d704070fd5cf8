"""The main job on a real photograph, end to end, and the laws it keeps."""

import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from motion_small import network, random_networks
from quick import slow

import animate
from animate import api
from animate.core import weights
from animate.core.errors import (
    BadGestureFile,
    Cancelled,
    NoFace,
    NoFaceInDriver,
    OptionError,
    OutputError,
    WeightsMissing,
)
from animate.core.types import DrivenLandmarks, Driver, Motion, Photo
from animate.media.read import open_video
from animate.model.nets.motion_networks import save_networks
from animate.motion import landmarks
from animate.motion.retarget import extract_motion as recorded
from animate.pipeline import portraits
from animate.pipeline.driving import gesture_driver
from animate.pipeline.render import Renderer
from animate.pipeline.timing import align

FEW = animate.Options(fps=10.0)


@pytest.fixture(scope="module")
@slow
def model():
    return api.load()


@pytest.fixture(scope="module")
def portrait(photo, model):
    return api.find_faces(photo, model=model)[0]


def turned(portrait, degrees=8.0):
    """Driven points (2, 478, 3): still, then turned."""
    a = np.radians(degrees)
    middle = portrait.keypoints.points.mean(0)
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    return np.stack([portrait.keypoints.points, (portrait.keypoints.points - middle) @ turn.T + middle]).astype(
        np.float32
    )


def test_the_face_is_found_where_it_is(portrait):
    five = landmarks.five(portrait.keypoints.points)[:, :2]
    assert np.linalg.norm(five - [[103, 101], [146, 103], [123, 129], [102, 140], [144, 141]], axis=1).max() < 6
    assert portrait.keypoints.presence > 0.9


def test_crop_then_paste_returns_the_photo(photo, portrait):
    frames = list(Renderer(photo, [(portrait, DrivenLandmarks(portrait.keypoints.points[None]))]).frames())
    assert (frames[0] == photo.pixels).all()


def test_the_person_moves_and_the_world_behind_is_the_scan(photo, portrait, model):
    renderer = Renderer(photo, [(portrait, DrivenLandmarks(turned(portrait)))], matte=model.matte)
    still, moved = renderer.frames()
    assert (still == photo.pixels).all()
    changed = (moved != photo.pixels).any(-1)
    away = np.ones(photo.pixels.shape[:2], bool)
    rows, columns = np.nonzero(renderer.owners.matte > 0.5)
    for dy in range(-24, 25, 6):
        for dx in range(-24, 25, 6):
            away[(rows + dy).clip(0, 299), (columns + dx).clip(0, 299)] = False
    assert changed.sum() > 5000 and away.sum() > 5000 and not (changed & away).any()


def test_a_clip_begins_and_ends_as_the_photograph_and_plays_twice_the_same(photo, model):
    clip = api.clip(photo, "blink", model=model, options=FEW)
    first, second = list(clip.frames()), list(clip.frames())
    assert len(first) == len(clip) and 39 <= len(clip) <= 41
    assert (first[0] == photo.pixels).all() and (first[-1] == photo.pixels).all()
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    assert max(np.abs(frame.astype(int) - photo.pixels).mean() for frame in first) > 0.3


def test_strength_0_is_still(photo, model):
    options = animate.Options(fps=5.0, head=0.0, expression=0.0, gaze=0.0)
    assert all(
        (frame == photo.pixels).all() for frame in api.clip(photo, "surprise", model=model, options=options).frames()
    )


def test_driving_by_oneself_changes_nothing(photo, portrait, model):
    motion = recorded(np.repeat(portrait.keypoints.points[None], 5, 0), 25.0)
    clip = api.clip(photo, Driver("self", motion), model=model)
    assert all(np.abs(frame.astype(int) - photo.pixels).max() <= 1 for frame in clip.frames())


def test_every_face_moves_with_its_own_gesture_a_little_apart(group, model):
    options = animate.Options(faces={1: "blink", 2: "nod"}, fps=10.0, stagger=0.5)
    clip = api.clip(group, model=model, options=options)
    frames = np.stack(list(clip.frames())).astype(int)
    moved = np.abs(frames - group.pixels).max((1, 3))
    halves = [np.flatnonzero(moved[:, part].max(1)) for part in (slice(0, 300), slice(300, 600))]
    assert all(len(half) > 5 for half in halves)
    assert dict(clip.provenance.gestures) == {1: "blink", 2: "nod"}
    both = api.clip(group, "tilt", model=model, options=animate.Options(faces="all", fps=10.0, stagger=0.5))
    starts = [
        np.flatnonzero(np.abs(np.stack(list(both.frames())).astype(int) - group.pixels).max((1, 3))[:, part].max(1))[0]
        for part in (slice(0, 300), slice(300, 600))
    ]
    assert abs(starts[0] - starts[1]) == 5


def test_the_word_driver_means_the_driver_that_was_given(group, model):
    driver = Driver("mine", gesture_driver("nod").motion)
    clip = api.clip(group, driver, model=model, options=animate.Options(faces={1: "driver", 2: "blink"}, fps=5.0))
    assert dict(clip.provenance.gestures) == {1: "mine", 2: "blink"}


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".webp"])
def test_what_is_saved_is_whole_silent_and_carries_the_icon(photo, model, tmp_path, suffix):
    from animate.provenance import badge

    clip = api.clip(photo, "breath", model=model, options=animate.Options(fps=10.0, seconds=1.0))
    seen = []
    path = api.save(clip, tmp_path / f"clip{suffix}", on_frame=lambda done, total: seen.append((done, total)))
    assert path.stat().st_size > 1000 and seen[-1] == (10, 10)
    if suffix == ".mp4":
        with av.open(str(path)) as container:
            assert not container.streams.audio and len(container.streams.video) == 1
    frame = next(iter(open_video(path)))
    assert badge.find(frame[:300, :300]) > badge.THRESHOLD
    assert not list(tmp_path.glob(".*"))
    assert {p.name for p in tmp_path.iterdir()} == {path.name, f"{path.name}.json", f"{path.name}.txt"}


def test_save_then_verify_finds_every_mark(photo, model, tmp_path):
    from skimage.io import imsave

    imsave(tmp_path / "grandma.png", photo.pixels, check_contrast=False)
    options = animate.Options(fps=10.0, seconds=2.0, end_card="en", names="Eileen")
    path = api.save(api.clip(tmp_path / "grandma.png", "breath", model=model, options=options), tmp_path / "clip.mp4")
    verdict = api.verify(path, photo=tmp_path / "grandma.png")
    assert (
        verdict.manifest == "valid"
        and verdict.icon == "found"
        and verdict.slip == "matches"
        and verdict.photo == "matches"
    )
    assert verdict.invisible == "found" and len(verdict.mark_id) == 12
    assert "Eileen" in (tmp_path / "clip.mp4.txt").read_text(encoding="utf-8")
    assert sum(1 for _ in open_video(path)) == 20 + 25  # the closing words follow


@pytest.mark.slow
def test_an_unmarked_clip_is_not_called_ours(photo, tmp_path):
    from animate.media.write import write_clip

    path = write_clip(tmp_path / "plain.mp4", [photo.pixels] * 8, width=300, height=300, fps=10)
    verdict = api.verify(path)
    assert (verdict.manifest, verdict.invisible, verdict.icon, verdict.slip) == (
        "absent",
        "not found",
        "not found",
        "absent",
    )
    assert not any(" real" in line for line in verdict.lines)


def test_a_stopped_job_leaves_nothing_and_keeps_what_was_there(photo, model, tmp_path):
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"older")

    def stop(done, total):
        if done == 3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        api.save(api.clip(photo, "nod", model=model, options=FEW), target, on_frame=stop, overwrite=True)
    assert target.read_bytes() == b"older" and [p.name for p in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_video_of_a_face_drives_the_photograph(photo, model, tmp_path):
    clip = api.clip(photo, "look-around", model=model, options=animate.Options(fps=10.0, head=1.5))
    driver = api.save(clip, tmp_path / "driver.mp4")
    driven = api.clip(photo, driver, model=model)
    assert driven.fps == pytest.approx(10) and abs(len(driven) - len(clip)) <= 1
    five = landmarks.five(api.find_faces(photo, model=model)[0].keypoints.points)[:, :2]
    wanted, got = (
        [portraits.predict_landmarks(model.keypoints, frame, five).points[1, 0] for frame in list(one.frames())[:54:9]]
        for one in (clip, driven)
    )
    assert np.corrcoef(wanted[: len(got)], got[: len(wanted)])[0, 1] > 0.8  # the nose goes the same way


def test_a_card_recorded_from_a_video_can_be_used(photo, model, tmp_path):
    clip = api.clip(photo, "nod", model=model, options=animate.Options(fps=10.0))
    video = api.save(clip, tmp_path / "me.mp4")
    card = api.record_gesture(video, tmp_path / "my-nod.card", model=model)
    assert card.stat().st_size < 20_000
    again = api.clip(photo, card, model=model)
    assert abs(len(again) - len(clip)) <= 1
    with pytest.raises(OutputError):
        api.record_gesture(video, tmp_path / "my-nod.zip", model=model)


def test_a_driver_without_a_face_is_said(photo, model, tmp_path):
    from animate.media.write import write_clip

    path = write_clip(tmp_path / "grey.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 5, width=64, height=64, fps=10)
    with pytest.raises(NoFaceInDriver) as caught:
        api.clip(photo, path, model=model)
    assert caught.value.hint


def test_a_face_can_be_given_by_hand(photo, model):
    by_hand = api.find_faces(photo, box=(80, 70, 90, 100), model=model)
    found = api.find_faces(photo, model=model)
    assert np.abs(by_hand[0].keypoints.points - found[0].keypoints.points).max() < 5
    assert api.find_faces(Photo(np.full((200, 200, 3), 128, np.uint8)), box=(50, 50, 80, 80), model=model)


@pytest.mark.parametrize("box", [(1, 2, 3), "a,b,c,d", (0, 0, 0, 0), (900, 900, 50, 50), (-500, 0, 50, 50)])
def test_a_wrong_box_is_said(photo, model, box):
    with pytest.raises(OptionError) as caught:
        api.find_faces(photo, box=box, model=model)
    assert caught.value.hint


def test_no_face_no_gesture_no_model_are_said_with_a_hint(photo, model):
    with pytest.raises(NoFace) as caught:
        api.clip(Photo(np.full((300, 300, 3), 200, np.uint8)), model=model)
    assert "a box around the face" in caught.value.hint
    with pytest.raises(BadGestureFile):
        api.clip(photo, "somersault.card", model=model)
    with pytest.raises(OptionError):
        api.clip(photo, model=model, options=animate.Options(faces={3: "nod"}))
    with pytest.raises(WeightsMissing):
        api.load("vox-nothing")


def test_a_dark_flat_print_is_found_after_a_stretch(photo, model):
    dark = Photo((photo.pixels * 0.06 + 4).astype(np.uint8))
    assert api.find_faces(dark, model=model)[0].keypoints.presence > 0.5


def test_size_shrinks_the_clip_but_never_enlarges(photo, model):
    small = api.clip(photo, model=model, options=animate.Options(size=200))
    assert (small.width, small.height) == (200, 200)
    same = api.clip(photo, model=model, options=animate.Options(size=3000))
    assert (same.width, same.height) == (300, 300)


def test_the_record_says_what_was_done(photo, model):
    clip = api.clip(photo, "smile", model=model, options=animate.Options(head=0.5))
    about = clip.provenance
    assert about.photo == "astronaut.png" and about.photo_size == (300, 300) and about.gestures[1] == "smile"
    assert about.options["head"] == 0.5 and about.model.startswith("keepsake ") and about.created.endswith("+00:00")


def test_motions_of_different_rates_and_lengths_run_together():
    def rest(count, fps):
        zeros = np.zeros(count)
        return Motion(
            np.tile(np.eye(3), (count, 1, 1)),
            zeros + 1,
            np.zeros((count, 2)),
            np.zeros((count, 478, 3), np.float32),
            np.zeros((count, 2)),
            zeros,
            np.zeros((count, 2, 2)),
            fps,
        )

    ready = align({1: rest(50, 25.0), 2: rest(30, 10.0)}, stagger=0.4)
    assert {len(motion) for motion in ready.values()} == {max(50, 10 + round(29 / 10 * 25) + 1)}
    assert all(motion.fps == 25 for motion in ready.values())


@pytest.fixture(scope="module")
def painting(model):
    """The model with tiny random motion networks."""
    return replace(model, motion=random_networks())


def test_motion_networks_are_part_of_the_model_and_missed_when_missing(model, tmp_path, monkeypatch):
    keypoints = weights.path("keypoints")
    for file in (keypoints, weights.path("matte"), keypoints.parent / "registry.json"):
        shutil.copy(file, tmp_path)
    save_networks(network(), tmp_path / "tiny.safetensors")
    weights.register(tmp_path / "registry.json", "motion", tmp_path / "tiny.safetensors", licence="MIT", about="a test")
    monkeypatch.setattr(weights, "bundled_folder", lambda: tmp_path)
    loaded = api.load()
    assert loaded.motion.size == 64 and len(loaded.id) == 12 and loaded.id != weights.digest("keypoints")[:12]
    (tmp_path / "tiny.safetensors").unlink()
    with pytest.raises(WeightsMissing):
        api.load()


def test_a_clip_of_the_networks_begins_and_ends_as_the_photograph_and_says_how_much_is_painted(
    photo, painting, tmp_path
):
    clip = api.clip(photo, "nod", model=painting, options=animate.Options(fps=3.0))
    frames = list(clip.frames())
    assert (frames[0] == photo.pixels).all() and (frames[-1] == photo.pixels).all()
    assert 0 < clip.provenance.synthesized < 100
    assert all((a == b).all() for a, b in zip(frames, clip.frames(), strict=True))
    picture = api.save_synthesis_map(clip, tmp_path / "painted.png")
    assert api.read_photo(picture).pixels.shape == photo.pixels.shape
    assert [file.name for file in tmp_path.iterdir()] == ["painted.png"]
    plain = api.clip(photo, "nod", model=replace(painting, motion=None), options=animate.Options(fps=3.0))
    assert plain.provenance.synthesized == 0


def test_lips_part_as_far_as_the_movement_lets_them_and_only_with_networks(photo, model, painting):
    def parted(wanted, video, mouth, let=1.0):
        ahh = gesture_driver("nod").motion
        ahh = replace(ahh, mouth=np.full(len(ahh), 0.4))
        clip = api.clip(photo, Driver("ahh", ahh, video, mouth=let), model=wanted, options=animate.Options(mouth=mouth))
        points = clip.render.cast[0][1].points
        return float((points[:, 14, 1] - points[:, 13, 1]).max())

    closed = parted(replace(model, motion=None), Path("me.mp4"), 1.0)
    assert parted(painting, None, 1.0, 0.0) == closed and parted(painting, Path("me.mp4"), 0.0) == closed
    half, full = (parted(painting, Path("me.mp4"), share) for share in (0.5, 1.0))
    assert full > closed + 4 and closed < half <= full


def test_the_published_models_have_no_picture_of_what_is_painted(photo, tmp_path):
    clip = animate.Clip(
        300,
        300,
        25.0,
        1,
        lambda: iter([photo.pixels]),
        animate.Provenance("keepsake", "vox", "", "", (300, 300), {1: "nod"}),
    )
    with pytest.raises(OptionError) as caught:
        api.save_synthesis_map(clip, tmp_path / "painted.png")
    assert caught.value.hint
