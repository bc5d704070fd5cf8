"""A photograph is shrunk to a longest side and never enlarged."""

import numpy as np
from skimage import data

from animate.core.types import Photo
from animate.photo.resize import shrink


def test_a_large_photo_is_shrunk_and_says_so():
    photo = Photo(data.astronaut()[:300], "a.jpg")
    small = shrink(photo, 256)
    assert (small.width, small.height) == (256, 150)
    assert small.name == "a.jpg" and "512 x 300" in small.notes[-1]
    assert abs(small.pixels.mean() - photo.pixels.mean()) < 1


def test_a_small_photo_stays_as_it_is():
    photo = Photo(np.zeros((20, 30, 3), np.uint8))
    assert shrink(photo, 30) is photo
    assert shrink(photo, 4000) is photo


def test_an_extreme_shape_keeps_at_least_a_pixel():
    assert shrink(Photo(np.zeros((1, 900, 3), np.uint8)), 10).pixels.shape == (1, 10, 3)
