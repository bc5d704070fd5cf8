"""The network that proposes faces."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from quick import slow

from animate.faces import centerface


@pytest.fixture(scope="module")
@slow
def alone(photo):
    return centerface.detect(photo.pixels, least_score=0.5)


def test_many_threads_find_what_one_finds(photo, alone):
    pictures = [photo.pixels if number % 2 else photo.pixels[:, ::-1].copy() for number in range(18)]
    mirrored = centerface.detect(pictures[0], least_score=0.5)
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda picture: centerface.detect(picture, least_score=0.5), pictures))
    for number, finds in enumerate(found):
        wanted = alone if number % 2 else mirrored
        np.testing.assert_array_equal(finds.boxes, wanted.boxes)
        np.testing.assert_array_equal(finds.points, wanted.points)


def test_a_release_between_two_threads_breaks_nothing(photo, alone):
    def find(number):
        if number % 3 == 0:
            centerface.release()
        return centerface.detect(photo.pixels, least_score=0.5)

    with ThreadPoolExecutor(4) as threads:
        for finds in threads.map(find, range(9)):
            np.testing.assert_array_equal(finds.boxes, alone.boxes)
