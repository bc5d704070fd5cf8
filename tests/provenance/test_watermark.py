import hashlib

import numpy as np
import pytest
from skimage import data

from animate.provenance.watermark import ecc, pattern
from animate.provenance.watermark.detect import ATTEMPTS, read
from animate.provenance.watermark.embed import Watermark, loudness

ID = bytes.fromhex("c0ffee123456")


def noise(one, other):
    return 20 * np.log10(255) - 10 * np.log10(np.mean((one.astype(float) - other) ** 2))


@pytest.fixture(scope="module")
def marked(still):
    return Watermark(512, 512, ID, reference=still).stamp(still)


def test_reads_from_one_frame(marked):
    found = read([marked])
    assert found.found and found.identity == ID.hex() and found.version == 1 and found.confidence > 0.9


def test_at_least_42_dB_on_any_picture(still, marked):
    rng = np.random.default_rng(0)
    busy = rng.integers(0, 256, (256, 320, 3), dtype=np.uint8)
    flat = np.full((256, 320, 3), 180, np.uint8)
    assert noise(still, marked) >= 42
    assert noise(busy, Watermark(320, 256, ID, reference=busy).stamp(busy)) >= 42
    assert noise(flat, Watermark(320, 256, ID, reference=flat).stamp(flat)) >= 45


def test_never_louder_where_the_paper_is_flat(still):
    flat, busy = loudness(np.full_like(still, 90)), loudness(still)
    assert np.ptp(flat) == 0 and (busy >= flat - 1e-6).all()


def test_stamp_leaves_the_frame_and_clips(still):
    black, white = np.zeros_like(still), np.full_like(still, 255)
    mark = Watermark(512, 512, ID, reference=still)
    assert mark.stamp(black).max() <= 6 and mark.stamp(white).min() >= 249
    assert not black.any() and (mark.stamp(black, 0) == mark.stamp(black, 7)).all()


def test_refuses_a_reference_of_another_size(still):
    with pytest.raises(ValueError, match="reference"):
        Watermark(500, 512, ID, reference=still)


@pytest.mark.slow
def test_cropped_and_mirrored(marked):
    assert read([marked[51:, :461]]).identity == ID.hex()
    assert read([marked[:, ::-1]]).identity == ID.hex()


@pytest.mark.slow
def test_a_larger_frame_is_read_smaller():
    still = np.tile(data.camera()[:, :, None], (3, 3, 3))[:1100, :1400].copy()
    marked = Watermark(1400, 1100, ID, reference=still).stamp(still)
    assert read([marked]).identity == ID.hex()


@pytest.mark.slow
@pytest.mark.parametrize("picture", ["astronaut", "brick", "grass", "coffee"])
def test_no_mark_where_none_was_put(picture):
    pixels = getattr(data, picture)()
    assert not read([pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)]).found


@pytest.mark.slow
def test_another_key_finds_nothing(marked):
    assert not read([marked], key=b"another").found


@pytest.mark.parametrize("frames", [[], [np.zeros((40, 40, 3), np.uint8)]])
def test_too_little_to_tell(frames):
    assert read(frames).found is None


@pytest.mark.slow
def test_flat_pictures_and_changing_sizes_do_not_crash():
    assert not read([np.zeros((200, 300, 3), np.uint8), np.zeros((100, 300, 3), np.uint8)]).found


def test_layout_never_changes():
    """Marks written today must read for ever: the layout and the code are frozen by their hash."""
    tile = pattern.phases(ecc.encode(1, ID))
    assert (
        hashlib.sha256(np.rint(tile * 1000).view(np.float64).astype("<i4").tobytes()).hexdigest()[:16]
        == "fb90c840c92f3a97"
    )


def test_false_alarms_below_one_in_ten_thousand():
    assert ATTEMPTS * 2.0 ** -(ecc.CHECK_BITS + ecc.VERSION_BITS) < 1e-4
