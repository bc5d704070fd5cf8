import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from motion.people import PEOPLE

from animate.core.errors import BadGestureFile
from animate.motion import gesture_codec, gesture_file, landmarks, openings, pose
from animate.motion.retarget import extract_motion, retarget

NAMES = [name for name, *_ in gesture_file.list_gestures()]
BLINK = gesture_codec.pack(gesture_file.read_gesture("blink"))


def forge(packed: bytes = b"", **changes) -> bytes:
    """A card with a right checksum and a wrong inside."""
    about = {
        "name": "x",
        "title": "X",
        "description": "",
        "credit": "",
        "licence": "",
        "rank": 1,
        "fps": 25,
        "frames": 2,
        "parts": 0,
        "sizes": [],
    } | changes
    header = json.dumps(about).encode()
    return (
        struct.pack("<16sIII", gesture_codec.MAGIC, len(header), len(packed), zlib.crc32(header + packed))
        + header
        + packed
    )


GENTLE = {"classic", "look-around", "smile", "nod", "tilt", "shy", "breath", "blink", "glance", "hint-of-a-smile"}


def degrees(motion) -> np.ndarray:
    return np.degrees(pose.rotation_vector(motion.rotation))


def blinks(motion) -> np.ndarray:
    """First frames in which both eyes are closed."""
    shut = np.concatenate([[False], motion.lids.min(axis=1) >= 0.999])
    return np.flatnonzero(shut[1:] & ~shut[:-1])


def test_the_bundled_gestures_are_there_classic_first():
    more = {"laugh", "look-up", "glance-back", "hello", "thinking", "proud", "wink", "surprise"}
    assert set(NAMES) == GENTLE | more and NAMES[0] == "classic"
    for _, title, description, seconds in gesture_file.list_gestures():
        assert title and description.endswith(".") and 3 <= seconds <= 8


@pytest.mark.parametrize("name", NAMES)
def test_bundled_cards_are_small_credited_and_at_rest_at_both_ends(name):
    card = gesture_file.read_gesture(name)
    assert len(gesture_codec.pack(card)) <= 8_000 and card.name == name
    assert card.credit and card.licence and card.motion.fps == 25
    for frame in (0, -1):
        assert not np.abs(card.motion.rotation[frame] - np.eye(3)).any() and card.motion.scale[frame] == 1
        for track in ("translation", "expression", "lids", "mouth", "gaze"):
            assert not np.any(getattr(card.motion, track)[frame])


@pytest.mark.parametrize("name", NAMES)
def test_bundled_cards_blink_at_a_human_rate_and_never_jerk(name):
    motion = gesture_file.load_gesture(name)
    starts = blinks(motion)
    assert 1 <= len(starts) <= 2 and 9 <= 60 * len(starts) / (len(motion) / motion.fps) <= 30
    assert (motion.lids.min(axis=1) >= 0.999).sum() <= 3 * len(starts)
    steps = pose.rotation_vector(np.swapaxes(motion.rotation[:-1], 1, 2) @ motion.rotation[1:])
    assert np.degrees(np.linalg.norm(steps, axis=1)).max() * 25 < 60
    assert np.abs(degrees(motion)).max() < 22


@pytest.mark.parametrize("name", NAMES)
def test_bundled_cards_move_so_that_it_is_seen_and_shift_head_and_shoulders(name):
    motion = gesture_file.load_gesture(name)
    assert 0.01 < np.abs(motion.translation).max() < 0.12
    seen = np.abs(degrees(motion)).max() > 4 or np.abs(motion.expression).max() > 0.05
    assert seen or name in ("blink", "breath")


@pytest.mark.parametrize("name", NAMES)
def test_lips_part_only_where_the_gesture_says_so(name):
    card = gesture_file.read_gesture(name)
    assert 0 <= card.mouth <= 1 and not (card.mouth and name in GENTLE)
    moved = retarget(PEOPLE["plain"], card.motion, open_mouth=card.mouth)
    gap = openings.lip_gap(pose.invert(moved, pose.fit_pose(moved, pose.canonical(PEOPLE["plain"])[1]))).max()
    assert (gap > 0.1) == (name in ("laugh", "hello"))
    assert card.mouth or gap < 0.03


@pytest.mark.parametrize("name, most", [("classic", 20), ("look-around", 21), ("glance-back", 21)])
def test_eyes_lead_a_turn_and_stay_on_their_aim_when_the_head_has_come(name, most):
    motion = gesture_file.load_gesture(name)
    yaw, gaze = degrees(motion)[:, 1], -motion.gaze[:, :, 0].mean(axis=1)
    turned = int(np.argmax(yaw > 4))
    looked = int(np.argmax(gaze > 0.1))
    assert 17 < yaw.max() < most
    assert 2 <= turned - looked <= 10  # frames of 40 ms
    assert gaze[int(yaw.argmax())] < gaze[looked : turned + 1].max() - 0.08  # the eyes turn back as the head arrives


def test_classic_is_an_arc_aside_back_blink_smile():
    motion = gesture_file.load_gesture("classic")
    assert 6 <= len(motion) / motion.fps <= 8
    corners = np.ptp(motion.expression[:, list(landmarks.LIP_CORNERS), 0], axis=1)
    aside, smiling, blink = int(np.abs(degrees(motion)[:, 1]).argmax()), int(corners.argmax()), blinks(motion)[0]
    assert aside < blink < smiling and abs(degrees(motion)[smiling, 1]) < 3 and corners[:aside].max() < 0.01


def test_only_the_wink_closes_one_eye():
    for name in NAMES:
        lids = gesture_file.load_gesture(name).lids
        assert (np.ptp(lids, axis=1).max() > 0.8) == (name == "wink")


def test_saved_and_loaded_again_is_the_same_movement(tmp_path):
    frames = retarget(PEOPLE["plain"], gesture_file.load_gesture("hello"))
    motion = extract_motion(frames, 30, neutral=0)
    path = gesture_file.save_gesture(tmp_path / "aunt.card", motion, name="aunt", title="Aunt", licence="own")
    again = gesture_file.load_gesture(path)
    assert again.fps == 30 and gesture_file.read_gesture(path).licence == "own"
    for name in ("rotation", "scale", "translation", "lids", "mouth", "gaze"):
        np.testing.assert_allclose(getattr(again, name), getattr(motion, name), atol=2e-4)
    np.testing.assert_allclose(again.expression, motion.expression, atol=0.006)
    assert list(tmp_path.iterdir()) == [path]


def test_packing_twice_gives_the_same_bytes():
    assert gesture_codec.pack(gesture_codec.unpack(BLINK)) == gesture_codec.pack(
        gesture_codec.unpack(gesture_codec.pack(gesture_codec.unpack(BLINK)))
    )


def test_unknown_names_and_missing_files_say_what_there_is(tmp_path):
    with pytest.raises(BadGestureFile, match="no gesture called grin") as caught:
        gesture_file.load_gesture("grin")
    assert "breath" in caught.value.hint
    with pytest.raises(BadGestureFile, match="cannot be read"):
        gesture_file.load_gesture(tmp_path / "none.card")
    for name in ("", "../blink", "/etc/passwd"):
        with pytest.raises(BadGestureFile):
            gesture_file.load_gesture(name)


@settings(max_examples=150)
@given(some.integers(0, len(BLINK) - 1), some.integers(1, 255))
def test_any_changed_byte_is_found(at, change):
    damaged = BLINK[:at] + bytes([BLINK[at] ^ change]) + BLINK[at + 1 :]
    with pytest.raises(BadGestureFile):
        gesture_codec.unpack(damaged)


@settings(max_examples=60)
@given(some.binary(max_size=400))
def test_noise_is_no_card(data):
    for attempt in (data, gesture_codec.MAGIC + data, BLINK[: len(data)]):
        with pytest.raises(BadGestureFile):
            gesture_codec.unpack(attempt)


@pytest.mark.parametrize(
    "forged",
    [
        forge(),
        forge(b"not zlib"),
        forge(zlib.compress(bytes(50_000_000))),  # a bomb: 50 kB that want 50 MB
        forge(zlib.compress(bytes(52)), frames=10**9),
        forge(zlib.compress(bytes(52)), frames=True),
        forge(zlib.compress(bytes(52)), parts=1),
        forge(zlib.compress(bytes(52)), fps=0),
        forge(zlib.compress(bytes(52)), fps="25"),
        forge(zlib.compress(bytes(52)), sizes=[float("nan")], parts=1),
        forge(zlib.compress(bytes(52)), title=None),
        forge(zlib.compress(np.full((13, 2), 30000, "<i2").tobytes())),
        forge(zlib.compress(bytes(52)), name="x" * 20_000),
        BLINK + b"more",
        bytes(3_000_000),
    ],
    ids=range(14),
)
def test_hostile_cards_are_refused(forged):
    with pytest.raises(BadGestureFile) as caught:
        gesture_codec.unpack(forged)
    assert caught.value.hint


def test_a_right_forgery_would_be_a_card():
    assert len(gesture_codec.unpack(forge(zlib.compress(bytes(52)))).motion) == 2


def test_too_long_a_motion_is_refused():
    from animate.motion import smooth

    with pytest.raises(BadGestureFile, match="9000"):
        gesture_codec.pack(
            gesture_codec.GestureFile(
                "x", "X", "", "", "", 1, smooth.loop(smooth.cut(gesture_file.load_gesture("blink"), 0, 2), 9001)
            )
        )


def test_light_is_kept_and_a_card_without_it_has_none():
    motion = gesture_file.load_gesture("nod")
    assert motion.shading is None and b'"lights"' not in BLINK
    course = np.sin(np.linspace(0, np.pi, len(motion)))[:, None]
    shading = (
        course * np.linspace(-0.4, 0.6, landmarks.SHADING_POINTS)
        + course**2 * 0.2 * np.cos(np.arange(landmarks.SHADING_POINTS))
    ).astype(np.float32)
    card = gesture_codec.GestureFile("n", "t", "", "", "", 1, replace(motion, shading=shading, parted=0.02))
    back = gesture_codec.unpack(gesture_codec.pack(card)).motion
    assert (
        np.abs(back.shading - shading).max() < 0.035
        and back.parted == pytest.approx(0.02)
        and not back.shading[0].any()
    )
    assert np.abs(back.expression - motion.expression).max() < 0.01
    assert len(gesture_codec.pack(card)) < len(gesture_codec.pack(replace(card, motion=motion))) + 2500


def test_how_far_lips_may_part_is_kept_and_bounded():
    card = gesture_codec.unpack(BLINK)
    assert card.mouth == 0 and b'"mouth"' not in BLINK
    assert gesture_codec.unpack(gesture_codec.pack(replace(card, mouth=0.4))).mouth == 0.4
    for mouth in (-0.1, 1.5, "a", float("nan")):
        with pytest.raises(BadGestureFile):
            gesture_codec.unpack(forge(zlib.compress(bytes(52)), mouth=mouth))


def test_a_header_that_lies_about_light_is_refused():
    for changes in (
        {"lights": 1},
        {"lights": 1, "light_sizes": [0.5]},
        {"lights": 99, "light_sizes": [0.1] * 99, "parted": 0},
        {"lights": 1, "light_sizes": [float("nan")], "parted": 0},
        {"lights": 1, "light_sizes": [0.5], "parted": "a"},
    ):
        with pytest.raises(BadGestureFile):
            gesture_codec.unpack(forge(zlib.compress(bytes(52)), **changes))
