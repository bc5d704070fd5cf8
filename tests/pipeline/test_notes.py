"""Notes on faces: a picture whose light and dark are reversed is told as such once its face is known."""

from motion_small import portrait

from animate.core.types import Photo
from animate.pipeline import notes


def test_a_negative_is_told_by_its_face(photo):
    positive, negative = photo, Photo(255 - photo.pixels, "negative.png")
    assert not any("negative" in note for note in notes.of_faces({1: portrait(positive)}, {}))
    assert any("negative" in note for note in notes.of_faces({1: portrait(negative)}, {}))
