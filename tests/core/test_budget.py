"""Every limit raises its reader's error, says what came and what is allowed, and gives a hint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from animate.core import budget
from animate.core.errors import KeepsakeError, PhotoTooLarge, UnreadableVideo, WeightsDamaged

SMALL = replace(
    budget.DRIVER, pixels=100, total=1000, frames=50, bytes=2_000_000, memory=1_600, seconds=2.0, hint="do this"
)


@pytest.mark.parametrize(
    ("check", "inside", "over", "message"),
    [
        ("check_bytes", (2_000_000, "a.x"), (2_500_000, "a.x"), "a.x has 2.5 MB, the limit is 2 MB"),
        ("check_size", (10, 10, "a.x"), (10, 11, "a.x"), "a.x has 10 x 11 pixels, the limit is 100 pixels"),
        ("check_memory", (10, 10, 16, "a.x"), (10, 11, 16, "a.x"), "a.x has 10 x 11 pixels, .* its kind is 100 pixels"),
        ("check_frames", (5, 5, 40, "a.x"), (5, 5, 41, "a.x"), "a.x has 41 frames of 5 x 5 .* at this size is 40"),
        ("check_frames", (1, 1, 50, "a.x"), (1, 1, 51, "a.x"), "a.x has 51 frames, the limit is 50"),
        ("check_seconds", (2.0, "a.x"), (3.2, "a.x"), "a.x runs for 3 seconds, the limit is 2"),
        ("check_tensors", (1600, 1600, "a.x"), (1700, 1600, "a.x"), "a.x declares tensors of 1.7 KB but holds 1.6 KB"),
        ("check_tensors", (1600, 9999, "a.x"), (1700, 9999, "a.x"), "a.x holds 1.7 KB of tensors, the limit is 1.6 KB"),
    ],
)
def test_a_limit_lets_its_number_through_and_no_more(check, inside, over, message):
    getattr(SMALL, check)(*inside)
    with pytest.raises(UnreadableVideo, match=message) as caught:
        getattr(SMALL, check)(*over)
    assert caught.value.hint == "do this"


def test_how_many_frames_fit():
    sides = (10, 10), (1, 1), (10_000, 10), (0, 0)
    assert [SMALL.fitting(*size) for size in sides] == [10, 50, 1, 50]


def test_every_reader_has_its_error_and_a_hint():
    readers = {
        "PHOTO": PhotoTooLarge,
        "DRIVER": UnreadableVideo,
        "ANIMATION": UnreadableVideo,
        "VERIFY": UnreadableVideo,
        "VERIFY_ANIMATION": UnreadableVideo,
        "WEIGHTS": WeightsDamaged,
    }
    for name, error in readers.items():
        limits = getattr(budget, name)
        assert limits.error is error and issubclass(error, KeepsakeError) and limits.hint and limits.bytes


def test_a_photograph_within_its_limits_takes_less_than_a_gigabyte_and_a_half():
    assert budget.PHOTO.pixels * 7 <= budget.PHOTO.memory < 1_100_000_000
    assert budget.PHOTO.pixels < 2 * 89_478_485  # Pillow's own limit comes later
