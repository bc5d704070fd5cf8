"""Laws of the crop: one matrix for pixels and points, antialiasing, repeated edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animate.core.types import Crop
from animate.faces.crop import TEMPLATE_FIVE, crop_from_box, crop_from_five, cut, five_from_box


def five_at(x, y, eye, degrees):
    """The template's five points with the given middle, eye distance and roll."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return TEMPLATE_FIVE @ turn.T * eye + [x, y]


def dotted(shape, x, y, radius):
    """A dark picture with a soft bright dot whose centre is exactly (x, y)."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    light = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    return np.repeat(light[..., None], 3, axis=2).astype(np.uint8)


def centroid(picture):
    light = picture[..., 0].astype(float)
    rows, columns = np.indices(light.shape)
    return np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()


@settings(max_examples=40)
@given(st.floats(-180, 180), st.floats(20, 150), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_one_matrix_moves_pixels_and_points(degrees, eye, right, down):
    crop = crop_from_five(five_at(250, 230, eye, degrees), size=160, span=3.5)
    dot = np.array([250 + right * eye, 230 + down * eye])
    picture = cut(dotted((480, 520), *dot, radius=max(2.0, 2.0 / crop.scale)), crop)
    assert np.abs(centroid(picture) - crop.into(dot)).max() < 0.5


@pytest.mark.parametrize("degrees", [0, 33, 90, 180, -120])
@pytest.mark.parametrize("eye", [12, 45.7, 400])
def test_five_points_land_on_the_template(degrees, eye):
    five = five_at(1000, 700, eye, degrees)
    crop = crop_from_five(five, size=160, span=3.5)
    assert np.allclose(crop.into(five), TEMPLATE_FIVE * 160 / 3.5 + 79.5, atol=1e-3)
    assert np.allclose(crop.out(crop.into(five)), five, atol=1e-2)


def test_never_a_mirror():
    mirrored = five_at(100, 100, 40, 0) * [-1, 1] + [200, 0]
    assert np.linalg.det(crop_from_five(mirrored, size=160, span=3.5).matrix[:, :2]) > 0


def test_noise_in_the_five_points_is_averaged():
    noise = np.random.default_rng(1).normal(0, 1, (200, 5, 2))
    scales = [crop_from_five(five_at(300, 300, 60, 0) + n, size=160, span=3.5).scale for n in noise]
    assert np.std(scales) / np.mean(scales) < 0.012


def test_identity_cut_is_the_picture_itself():
    picture = np.random.default_rng(0).integers(0, 256, (160, 160, 3), dtype=np.uint8)
    five = TEMPLATE_FIVE * 160 / 3.5 + 79.5
    assert np.array_equal(cut(picture, crop_from_five(five, size=160, span=3.5)), picture)


@pytest.mark.parametrize("shrink", [1.3, 1.9, 2.5, 5.0, 17.0])
def test_shrinking_averages(shrink):
    noise = np.random.default_rng(2).integers(0, 2, (900, 900), dtype=np.uint8) * 255
    picture = np.repeat(noise[..., None], 3, axis=2)
    crop = crop_from_five(five_at(450, 450, 40 / 3.5 * shrink, 20), size=40, span=3.5)
    assert crop.scale == pytest.approx(1 / shrink)
    inner = cut(picture, crop)[..., 0]
    assert inner.std() < 1.35 * 127.5 / shrink  # the mean of n independent pixels has 1 / sqrt(n) of their deviation


def test_edge_pixels_are_repeated():
    picture = np.zeros((50, 60, 3), np.uint8)
    picture[:, 0] = [10, 20, 30]
    assert (cut(picture, crop_from_five(five_at(-200, 25, 20, 0), size=64, span=3.5)) == [10, 20, 30]).all()
    assert (cut(picture, crop_from_five(five_at(-2000, 25, 200, 0), size=64, span=3.5)) == [10, 20, 30]).all()


@pytest.mark.parametrize("scale", [1.0, 0.4])
def test_or_the_scan_is_mirrored_at_its_edge(scale):
    columns = np.arange(200, dtype=np.uint8)
    pixels = np.repeat(np.broadcast_to(columns, (160, 200))[..., None], 3, 2)
    matrix = np.float64([[scale, 0, 30], [0, scale, 0]])  # 30 pixels of the crop lie left of the scan
    row = cut(pixels, Crop(matrix, 64), mirrored=True)[32, :, 0].astype(float)
    assert np.abs(row[2:30] - (30 - np.arange(2, 30)) / scale).max() < 2 / scale
    assert row[30] < 2 / scale and np.abs(row[32:] - np.arange(2, 34) / scale).max() < 2 / scale


def test_scans_wider_than_sixteen_bits_can_be_cut():
    picture = np.zeros((20, 40_000, 3), np.uint8)
    picture[:, 39_000:] = 200
    assert cut(picture, crop_from_five(five_at(39_500, 10, 20, 0), size=64, span=3.5)).min() == 200


def test_box_holds_the_face():
    box = (100.0, 50.0, 230.0, 290.0)
    five = five_from_box(box)
    assert five[:, 0].mean() == pytest.approx(214.5, abs=0.1)
    assert five[1, 0] - five[0, 0] == pytest.approx(100, abs=0.1)
    wide = five_from_box((0.0, 50.0, 460.0, 290.0))
    assert wide[1, 0] - wide[0, 0] == pytest.approx(100, abs=0.1)
    crop = crop_from_box(box, size=160, span=3.5)
    assert np.allclose(crop.into(five), TEMPLATE_FIVE * 160 / 3.5 + 79.5, atol=1e-2)


@pytest.mark.parametrize("five", [np.zeros((5, 2)), np.full((5, 2), np.nan), np.zeros((4, 2))])
def test_five_points_that_say_nothing(five):
    with pytest.raises(ValueError, match="five points"):
        crop_from_five(five, size=160, span=3.5)


def test_box_without_area():
    with pytest.raises(ValueError, match="a box is"):
        crop_from_box((3, 4, 0, 5), size=160, span=3.5)
