"""Reading drivers: every kind of video comes out upright, evenly paced and with its colours; what is none says so."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from media.videos import film, number, picture
from PIL import Image

from animate.core.budget import DRIVER
from animate.core.errors import UnreadableVideo
from animate.media.read import open_video


def numbers(video) -> list[int]:
    return [number(pixels) for pixels in video]


def close(pixels: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixels.astype(int).mean(axis=(0, 1)) - colour).max() < 12)


def test_a_plain_film_comes_back_frame_by_frame_and_again(tmp_path):
    video = open_video(film(tmp_path / "a.mp4", [picture(i) for i in range(20)], sound=True))
    assert (video.width, video.height, video.fps, video.count) == (96, 64, 25.0, 20)
    assert video.duration == pytest.approx(0.8)
    assert numbers(video) == list(range(20)) == numbers(video)
    assert video.notes == []
    first = next(iter(video))
    assert first.dtype == np.uint8 and first.shape == (64, 96, 3) and first.flags.writeable
    assert np.abs(first.astype(int) - picture(0)).mean() < 4


def test_two_loops_at_once_do_not_disturb_each_other(tmp_path):
    video = open_video(film(tmp_path / "a.mp4", [picture(i) for i in range(8)]))
    assert [(number(a), number(b)) for a, b in zip(video, video, strict=True)] == [(i, i) for i in range(8)]


@pytest.mark.parametrize(("turn", "flip"), list(itertools.product((0, 90, 180, 270), (False, True))))
def test_the_camera_may_be_held_in_eight_ways(tmp_path, turn, flip):
    def hold(stream):
        stream.set_display_rotation(turn, hflip=flip)

    video = open_video(film(tmp_path / "a.mp4", [picture(3)] * 3, setup=hold))
    pixels = next(iter(video))
    shown = np.rot90(picture(3), turn // 90)
    shown = np.fliplr(shown) if flip else shown
    assert (video.height, video.width) == pixels.shape[:2] == shown.shape[:2]
    assert np.abs(pixels.astype(int) - shown).mean() < 4
    assert bool(video.notes) == (turn != 0 or flip)


def test_shrinks_while_decoding_and_never_enlarges(tmp_path):
    path = film(tmp_path / "a.mp4", [picture(i, 192, 128) for i in range(4)])
    small, large = open_video(path, longest=48), open_video(path, longest=4000)
    assert (small.width, small.height) == (48, 32) and next(iter(small)).shape == (32, 48, 3)
    assert (large.width, large.height) == (192, 128)
    assert numbers(small) == [0, 1, 2, 3]


@pytest.mark.parametrize("fps", [24000 / 1001, 30000 / 1001, 30, 12.5])
def test_knows_the_true_rate(tmp_path, fps):
    video = open_video(film(tmp_path / "a.mp4", [picture(i) for i in range(10)], fps=fps))
    assert video.fps == pytest.approx(fps, abs=1e-6) and video.count == 10
    assert numbers(video) == list(range(10))


def test_another_rate_keeps_the_time(tmp_path):
    path = film(tmp_path / "a.mp4", [picture(i) for i in range(30)], fps=30)
    assert numbers(open_video(path, fps=15)) == list(range(0, 30, 2))
    assert numbers(open_video(path, fps=60)) == [i // 2 for i in range(60)]
    assert open_video(path, fps=15).count == 15


def test_a_high_speed_film_is_read_at_sixty(tmp_path):
    video = open_video(film(tmp_path / "a.mp4", [picture(i) for i in range(24)], fps=120))
    assert video.fps == 60 and len(list(video)) == video.count == 12 and "120" in video.notes[0]


def test_uneven_times_become_an_even_pace(tmp_path):
    steps = [0.030, 0.037, 0.033, 0.033, 0.21, 0.033, 0.028, 0.036, 0.034, 0.11, 0.031, 0.035]
    times = list(np.cumsum([0.0, *steps]))
    video = open_video(film(tmp_path / "a.mp4", [picture(i) for i in range(13)], times=times))
    assert video.fps == 30 and any("even pace" in note for note in video.notes)
    got = numbers(video)
    assert len(got) == video.count
    for tick, index in enumerate(got):  # the newest frame that is due within half a tick
        assert times[index] <= (tick + 0.5) / 30 + 2e-3
        assert index == 12 or times[index + 1] >= (tick + 0.5) / 30 - 2e-3


def test_dropped_frames_do_not_change_the_rate(tmp_path):
    kept = [0, 1, 2, 5, 6, 9, 10, 11]
    video = open_video(film(tmp_path / "a.mkv", [picture(i) for i in kept], times=[i / 25 for i in kept]))
    assert video.fps == 25
    assert numbers(video) == [0, 1, 2, 2, 2, 5, 6, 6, 6, 9, 10, 11]


def test_a_browsers_webm_without_length_or_rate(tmp_path):
    path = film(
        tmp_path / "a.webm",
        [picture(i) for i in range(15)],
        times=[i / 30 for i in range(15)],
        codec="libvpx",
        form="webm",
        options={"crf": "10", "b": "2M"},
    )
    data = path.read_bytes()
    at = data.index(b"\x44\x89\x88")  # the duration, a double, becomes a void element of the same size
    path.write_bytes(data[:at] + b"\xec\x89" + bytes(9) + data[at + 11 :])
    with av.open(str(path)) as container:
        assert container.duration is None
    video = open_video(path)
    assert video.fps == 30 and video.count == 15 and numbers(video) == list(range(15))


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_moving_pictures_drive_too(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    frames = [Image.fromarray(picture(2 * i)) for i in range(6)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[100, 100, 200, 100, 100, 100], loop=0)
    video = open_video(path, longest=48)
    assert (video.width, video.height, video.fps, video.count) == (48, 32, 10.0, 7)
    assert numbers(video) == [0, 2, 4, 4, 6, 8, 10] == numbers(video)


def test_transparent_parts_become_white(tmp_path):
    frames = [Image.new("RGBA", (32, 32), (0, 0, 0, 0)), Image.new("RGBA", (32, 32), (0, 0, 255, 255))]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=40, lossless=True)
    clear, blue = open_video(tmp_path / "a.webp")
    assert (clear == 255).all() and (blue == (0, 0, 255)).all()


def test_oblong_pixels_and_odd_sides(tmp_path):
    def oblong(stream):
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)

    odd = open_video(
        film(tmp_path / "odd.mkv", [picture(5, 97, 65)] * 3, codec="ffv1", pix_fmt="yuv444p", options={"g": "1"})
    )
    assert (odd.width, odd.height) == (97, 65) and next(iter(odd)).shape == (65, 97, 3)
    wide = open_video(film(tmp_path / "wide.mp4", [picture(5)] * 3, setup=oblong))
    assert (wide.width, wide.height) == (128, 64) and numbers(wide) == [5, 5, 5]


def test_fields_are_joined(tmp_path):
    def comb(stream):
        stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct | av.codec.context.Flags.interlaced_me

    frames = []
    for index in range(8):  # a bar that moves between the two fields of a frame
        pixels = np.full((64, 96, 3), 40, np.uint8)
        pixels[::2, 8 * index : 8 * index + 16] = 220
        pixels[1::2, 8 * index + 4 : 8 * index + 20] = 220
        frames.append(pixels)
    video = open_video(film(tmp_path / "a.mpg", frames, codec="mpeg2video", setup=comb, options={"b": "4M"}))
    assert any("interlaced" in note for note in video.notes)
    out = list(video)
    assert len(out) == 8
    raw, joined = (np.abs(np.diff(f[8:-8].astype(int), axis=0)).mean() for f in (frames[4], out[4]))
    assert joined < raw / 3


def test_high_dynamic_range_comes_down(tmp_path):
    def hlg(stream):
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = 18, 9, 9, 1

    grey = [np.full((32, 32, 3), 128, np.uint8)] * 3
    video = open_video(
        film(
            tmp_path / "a.mp4",
            grey,
            codec="libx265",
            pix_fmt="yuv420p10le",
            setup=hlg,
            options={"preset": "ultrafast", "x265-params": "log-level=none:pools=none"},
        )
    )
    assert any("dynamic range" in note for note in video.notes)
    assert 132 < next(iter(video)).mean() < 145  # a quarter of diffuse white; a plain copy would leave 128


def test_untagged_colours_survive(tmp_path):
    pixels = next(iter(open_video(film(tmp_path / "a.mp4", [picture(0)] * 2))))
    assert close(pixels[2:12, 2:20], (220, 30, 30)) and close(pixels[2:12, -20:-2], (30, 200, 30))
    assert close(pixels[-12:-2, 2:20], (40, 40, 220))


def test_what_is_there_of_a_cut_file_is_used(tmp_path):
    frames = [np.random.default_rng(i).integers(0, 255, (64, 96, 3), dtype=np.uint8) for i in range(50)]
    path = film(tmp_path / "a.mkv", frames)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    video = open_video(path)
    assert 15 < len(list(video)) < 35
    path = film(tmp_path / "b.mp4", frames)
    path.write_bytes(path.read_bytes()[: len(data) // 2])
    with pytest.raises(UnreadableVideo, match="damaged or cut off"):  # its index was at the end
        open_video(path)


def test_a_cut_file_with_its_index_in_front_says_so(tmp_path):
    from animate.media.write import write_clip

    frames = [np.random.default_rng(i).integers(0, 255, (64, 96, 3), dtype=np.uint8) for i in range(50)]
    path = write_clip(tmp_path / "a.mp4", frames, width=96, height=64, fps=25)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = open_video(path)
    assert any("breaks off" in note for note in video.notes)
    assert 10 < len(list(video)) < 40


def refuse(path, match, **limits):
    with pytest.raises(UnreadableVideo, match=match) as caught:
        open_video(path, **limits)
    assert caught.value.hint


def test_what_is_no_video_says_what_it_is(tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("a letter\n" * 100)
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.mp4\n")
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    Image.fromarray(picture(0)).save(tmp_path / "still.mp4", "JPEG")
    Image.fromarray(picture(0)).save(tmp_path / "one.gif")
    refuse(tmp_path, "folder")
    refuse(tmp_path / "none.mp4", "no file")
    refuse(tmp_path / "empty.mp4", "empty")
    for name in ("text", "list", "noise"):
        refuse(tmp_path / f"{name}.mp4", "not a video")
    refuse(tmp_path / "still.mp4", "still picture .JPEG")
    refuse(tmp_path / "one.gif", "still picture")
    refuse(film(tmp_path / "single.mp4", [picture(0)]), "single picture")


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16000)
        for index in range(20):
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            tone.sample_rate, tone.pts = 16000, 1024 * index
            container.mux(stream.encode(tone))
        container.mux(stream.encode(None))
    refuse(path, "no moving picture")


def test_limits_come_before_decoding(tmp_path):
    path = film(tmp_path / "a.mp4", [picture(i) for i in range(50)])
    refuse(path, "96 x 64", limits=replace(DRIVER, pixels=5000))
    refuse(path, "2 seconds", limits=replace(DRIVER, seconds=1))
    frames = [Image.fromarray(picture(i)) for i in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=1000)
    refuse(tmp_path / "a.gif", "96 x 64", limits=replace(DRIVER, pixels=5000))
    refuse(tmp_path / "a.gif", "seconds", limits=replace(DRIVER, seconds=2))
    with pytest.raises(ValueError, match="longest"):
        open_video(path, longest=0)
    with pytest.raises(ValueError, match="fps"):
        open_video(path, fps=0)


def test_only_what_is_looked_at_is_in_memory(tmp_path):
    import tracemalloc

    video = open_video(film(tmp_path / "a.mp4", [picture(0, 320, 240)] * 60))
    tracemalloc.start()
    for _ in video:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 320 * 240 * 3


def test_damage_in_the_middle_is_left_out(tmp_path):
    frames = [np.random.default_rng(i).integers(0, 255, (64, 96, 3), dtype=np.uint8) for i in range(40)]
    path = film(tmp_path / "a.mp4", frames, options={"crf": "10", "g": "5"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = bytes(20_000)
    path.write_bytes(data)
    video = open_video(path)
    assert abs(len(list(video)) - 40) <= 3
    assert any("damaged places" in note for note in video.notes)


def test_a_size_that_changes_on_the_way(tmp_path):
    one = film(tmp_path / "1.ts", [picture(i) for i in range(8)], form="mpegts")
    two = film(tmp_path / "2.ts", [picture(i, 192, 128) for i in range(8, 16)], form="mpegts")
    both = tmp_path / "a.ts"
    both.write_bytes(one.read_bytes() + two.read_bytes())
    out = list(open_video(both))
    assert {pixels.shape for pixels in out} == {(64, 96, 3)}
    assert {number(pixels) for pixels in out} >= set(range(16))
