"""A part of a driver: from a second to a second, for every kind of file."""

from __future__ import annotations

import pytest
from media.videos import film, number, picture
from PIL import Image

from animate.core.errors import UnreadableVideo
from animate.media.read import open_video


def numbers(video) -> list[int]:
    return [number(pixels) for pixels in video]


@pytest.mark.parametrize(
    ("ending", "codec", "options"),
    [
        (".mp4", "libx264", {"crf": "10"}),
        (".mp4", "libx264", {"crf": "10", "g": "5", "bf": "2"}),
        (".avi", "mpeg4", {"b": "2M"}),
        (".webm", "libvpx", {"crf": "10", "b": "2M"}),
        (".ts", "libx264", {"crf": "10", "g": "5"}),
        (".h264", "libx264", {"crf": "10", "g": "5"}),
    ],
)
def test_a_part_of_a_video(tmp_path, ending, codec, options):
    path = film(tmp_path / f"a{ending}", [picture(i) for i in range(30)], codec=codec, options=options)
    video = open_video(path, start=0.4, end=0.8)
    assert numbers(video) == list(range(10, 20)) == numbers(video)
    assert (video.count, video.fps, video.start) == (10, 25.0, 0.4) and video.duration == pytest.approx(0.4)
    assert numbers(open_video(path, start=0.8)) == list(range(20, 30))
    assert numbers(open_video(path, end=0.2)) == list(range(5))


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_a_part_of_an_animation(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    frames = [Image.fromarray(picture(2 * i)) for i in range(10)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)
    video = open_video(path, start=0.3, end=0.7)
    assert numbers(video) == [6, 8, 10, 12] and video.count == 4
    assert numbers(open_video(path, start=0.8)) == [16, 18]


def test_parts_that_are_none(tmp_path):
    path = film(tmp_path / "a.mp4", [picture(i) for i in range(30)])
    with pytest.raises(UnreadableVideo, match="no frames from second 5 on: it ends after 1.2") as caught:
        open_video(path, start=5)
    assert caught.value.hint
    with pytest.raises(UnreadableVideo, match="single picture"):
        open_video(path, start=0.4, end=0.42)
    for start, end in ((-1, None), (1, 1), (float("nan"), None), (1, 0.5)):
        with pytest.raises(ValueError, match="a part starts"):
            open_video(path, start=start, end=end)
