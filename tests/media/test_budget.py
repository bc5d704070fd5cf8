"""Files that would cost far more than they weigh are refused at once; odd text in them hurts nobody."""

from __future__ import annotations

import struct
import time
from dataclasses import replace

import av
import numpy as np
import pytest
from media.videos import film, number, picture
from PIL import GifImagePlugin, Image

from animate.core import budget
from animate.core.errors import UnreadableVideo
from animate.media.read import open_sample, open_video


def refused(path, match, **choices):
    before = time.process_time()
    with pytest.raises(UnreadableVideo, match=match) as caught:
        open_video(path, **choices)
    assert caught.value.hint and time.process_time() - before < 5


def long_gif(path, count: int, width: int, height: int):
    """A GIF of `count` tiny frames on a large canvas."""
    frame = b"\x21\xf9\x04\0\x04\0\0\0\x2c\0\0\0\0\1\0\1\0\0\x02\x02\x44\x01\0"
    canvas = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes([0, 0, 0, 255, 255, 255])
    path.write_bytes(canvas + frame * count + b";")
    return path


def test_a_gif_of_a_hundred_thousand_large_frames(tmp_path):
    refused(long_gif(tmp_path / "a.gif", 100_000, 6300, 6300), "frames, the limit is 10000")
    refused(long_gif(tmp_path / "b.gif", 3_000, 6000, 6000), "3000 frames of 6000 x 6000 pixels, the limit .* is 27")


def test_a_webp_that_declares_a_huge_canvas(tmp_path):
    (tmp_path / "a.webp").write_bytes(
        b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\x2f" + (13999 | 13999 << 14).to_bytes(4, "little") + bytes(9)
    )
    refused(tmp_path / "a.webp", "14000 x 14000")


def test_a_tiff_of_many_pages_is_a_still_picture(tmp_path):
    page = struct.pack("<H", 1) + struct.pack("<HHII", 256, 4, 1, 100)
    pages = b"".join(page + struct.pack("<I", 8 + (k + 1) * (len(page) + 4)) for k in range(5000))
    (tmp_path / "a.tiff").write_bytes(b"II*\0\x08\0\0\0" + pages)
    refused(tmp_path / "a.tiff", "still picture .TIFF")


def test_pixels_times_frames_of_a_video(tmp_path):
    path = film(tmp_path / "a.mp4", [picture(i) for i in range(20)])
    limits = replace(budget.DRIVER, total=96 * 64 * 19)
    refused(path, "20 frames of 96 x 64 pixels, the limit at this size is 19", limits=limits)
    assert open_video(path, limits=limits, end=0.5).count == 13  # a part of it fits
    refused(path, "MB|KB", limits=replace(budget.DRIVER, bytes=100))


def test_a_sample_is_taken_of_what_is_too_long(tmp_path, monkeypatch):
    path = film(tmp_path / "a.mp4", [picture(i) for i in range(30)])
    assert [number(pixels) for pixels in open_sample(path)] == list(range(30))
    monkeypatch.setattr("animate.media.probe.VERIFY", replace(budget.VERIFY, total=96 * 64 * 12))
    assert [number(pixels) for pixels in open_sample(path)] == list(range(12))
    monkeypatch.setattr("animate.media.read._LARGE", 1000)
    assert len(list(open_sample(path))) == 2
    clip = long_gif(tmp_path / "a.gif", 5_000, 64, 64)
    assert 2 <= len(list(open_sample(clip))) <= 100


@pytest.mark.parametrize("ending", [".avi", ".mp4", ".mkv"])
def test_a_title_that_is_not_utf8(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Grxxy"
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        for index in range(8):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(index), format="rgb24")))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    assert data.count(b"Grxxy") == 1
    path.write_bytes(data.replace(b"Grxxy", b"Gr\xfc\xdfe"))
    assert open_video(path).count == 8


def animated(path, **choices):
    frames = [Image.fromarray(picture(i)) for i in range(6)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, **choices)
    return path


def test_a_gif_whose_frame_lies_outside_its_canvas_gives_the_frames_before(tmp_path):
    path = animated(tmp_path / "a.gif")
    data = bytearray(path.read_bytes())
    blocks = [at for at in range(len(data)) if data[at : at + 3] == b"\x21\xf9\x04"]
    place = data.index(b"\x2c", blocks[3] + 8)
    data[place + 1 : place + 5] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    video = open_video(path)
    assert 2 <= len(list(video)) < 6
    assert any("damaged" in note for note in video.notes)


def test_an_avif_that_breaks_in_the_middle(tmp_path):
    frames = [Image.fromarray(np.random.default_rng(i).integers(0, 255, (64, 96, 3), np.uint8)) for i in range(6)]
    path = tmp_path / "a.avif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, speed=10)
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3 :] = bytes(len(data) - len(data) * 2 // 3)
    path.write_bytes(data)
    try:
        video = open_video(path)
    except UnreadableVideo as error:
        assert error.hint
    else:
        assert any("breaks off" in note for note in video.notes) and len(list(video)) < 6


def test_reading_an_animation_leaves_pillow_as_it_was(tmp_path, recwarn):
    before = GifImagePlugin.LOADING_STRATEGY
    for _ in open_video(animated(tmp_path / "a.gif")):
        assert before == GifImagePlugin.LOADING_STRATEGY
    assert not recwarn.list
