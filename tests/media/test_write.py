"""Writing clips: complete or not at all, silent, with the colours and the pace that came in."""

from __future__ import annotations

import errno
import os
import resource

import av
import numpy as np
import pytest
from media.videos import number, picture
from PIL import Image

from animate.core.errors import OutputError
from animate.media import h264, write
from animate.media.h264 import even
from animate.media.read import open_video
from animate.media.write import write_clip


def clip(count: int = 10, width: int = 96, height: int = 64):
    return (picture(i, width, height) for i in range(count))


def test_an_mp4_has_every_frame_and_no_sound(tmp_path):
    path = write_clip(tmp_path / "a.mp4", clip(), width=96, height=64, fps=25, count=10)
    with av.open(str(path)) as container:
        assert [s.type for s in container.streams] == ["video"]
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (stream.frames, stream.average_rate, context.pix_fmt) == (10, 25, "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert context.profile == "High"
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat") and b"nclx" in data
    assert [number(pixels) for pixels in open_video(path)] == list(range(10))


def test_colours_come_back(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    chart = np.kron(colours, np.ones((16, 16, 1), np.uint8))
    path = write_clip(tmp_path / "a.mp4", [chart] * 3, width=128, height=96, fps=25, quality=4)
    inner = np.kron(np.ones((6, 8)), np.pad(np.ones((8, 8)), 4)).astype(bool)
    difference = (next(iter(open_video(path))).astype(int) - chart)[inner]
    assert np.abs(difference).mean() < 1.0 and np.abs(difference.mean(axis=0)).max() < 0.4


@pytest.mark.parametrize("fps", [25, 30, 30000 / 1001, 12.5, 60])
def test_the_pace_is_exact(tmp_path, fps):
    path = write_clip(tmp_path / "a.mp4", clip(6), width=96, height=64, fps=fps)
    assert open_video(path).fps == pytest.approx(fps, abs=1e-9)


def test_odd_sides_are_repeated_not_rescaled(tmp_path):
    rough = np.random.default_rng(0).integers(0, 256, (33, 47, 1), dtype=np.uint8).repeat(3, 2)
    path = write_clip(tmp_path / "a.mp4", [rough] * 3, width=47, height=33, fps=25, quality=1)
    video = open_video(path)
    assert (video.width, video.height) == (48, 34)
    pixels = next(iter(video)).astype(int)
    assert np.abs(pixels[:33, :47] - rough).mean() < 3  # rescaled, this noise would be lost
    assert np.abs(pixels[33] - pixels[32]).mean() < 12 and np.abs(pixels[:, 47] - pixels[:, 46]).mean() < 12


def test_even_leaves_even_frames_alone():
    frame = picture(1)
    assert even(frame) is frame
    grown = even(frame[:-1, :-1])
    assert grown.shape == (64, 96, 3) and (grown[-1] == grown[-2]).all() and (grown[:, -1] == grown[:, -2]).all()


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_moving_pictures_keep_their_pace(tmp_path, ending):
    path = write_clip(tmp_path / f"a{ending}", clip(9, 97, 65), width=97, height=65, fps=25, count=9)
    with Image.open(path) as image:
        assert image.size == (97, 65) and image.n_frames == 9 and image.info["loop"] == 0
        delays = []
        for index in range(9):
            image.seek(index)
            image.load()
            delays.append(image.info["duration"])
    assert delays == [40] * 9
    assert [number(pixels) for pixels in open_video(path)] == list(range(9))


def test_a_gif_rests_where_nothing_moves(tmp_path):
    still = np.random.default_rng(0).normal(128, 20, (64, 96, 3)).clip(0, 255).astype(np.uint8)
    frames = [still.copy() for _ in range(6)]
    for index, frame in enumerate(frames):
        frame[20:40, 10 * index : 10 * index + 20] = (200, 30, 30)
    path = write_clip(tmp_path / "a.gif", iter(frames), width=96, height=64, fps=10)
    out = list(open_video(path))
    assert all((pixels[:20] == out[0][:20]).all() and (pixels[40:] == out[0][40:]).all() for pixels in out)
    assert np.abs(out[3].astype(int) - frames[3]).mean() < 8
    assert np.abs(out[3][22:38, 32:48].astype(int) - (200, 30, 30)).mean() < 8


def test_a_gif_leaves_out_what_players_would_slow_down(tmp_path):
    path = write_clip(tmp_path / "a.gif", clip(12), width=96, height=64, fps=100)
    with Image.open(path) as image:
        assert image.n_frames == 6 and image.info["duration"] == 20


def test_the_palette_has_what_only_later_frames_show(tmp_path):
    first = np.full((64, 64, 3), 200, np.uint8)
    later = first.copy()
    later[10:20, 10:20] = (90, 10, 20)
    path = write_clip(tmp_path / "a.gif", [first] * 6 + [later] * 6, width=64, height=64, fps=25)
    out = list(open_video(path))[-1].astype(int)
    assert np.abs(out[12:18, 12:18] - (90, 10, 20)).max() <= 6 and np.abs(out[30:] - 200).max() <= 3


def test_a_gif_of_many_colours_is_close_to_its_frames(tmp_path):
    ramp = np.stack(np.broadcast_arrays(*np.ogrid[40:200:96j, 60:220:128j], 120), axis=-1).astype(np.uint8)
    path = write_clip(tmp_path / "a.gif", [ramp, ramp[::-1], ramp], width=128, height=96, fps=10)
    assert np.abs(next(iter(open_video(path))).astype(int) - ramp).mean() < 4


def test_the_lossless_spool_gives_back_every_bit(tmp_path):
    frames = [np.random.default_rng(i).integers(0, 256, (33, 47, 3), dtype=np.uint8) for i in range(4)]
    h264.encode_lossless(tmp_path / "spool", frames, width=47, height=33)
    back = list(h264.decode_lossless(tmp_path / "spool"))
    assert len(back) == 4 and all(np.array_equal(a, b) for a, b in zip(frames, back, strict=True))


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".webp"])
@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, OSError, GeneratorExit])
def test_what_interrupts_leaves_nothing(tmp_path, ending, fault):
    target = tmp_path / f"a{ending}"
    target.write_text("what was there before")

    def broken():
        yield from clip(5)
        raise fault("stop")

    with pytest.raises(fault):
        write_clip(target, broken(), width=96, height=64, fps=25)
    assert target.read_text() == "what was there before"
    assert os.listdir(tmp_path) == [target.name]


def test_a_finished_clip_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "a.mp4"
    target.write_text("old")
    assert write_clip(str(target), clip(), width=96, height=64, fps=25) == target
    assert open_video(target).count == 10 and os.listdir(tmp_path) == ["a.mp4"]
    assert target.stat().st_mode & 0o444 == 0o444 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_progress_is_told_and_may_stop_it(tmp_path):
    told = []
    write_clip(
        tmp_path / "a.mp4",
        clip(),
        width=96,
        height=64,
        fps=25,
        count=10,
        on_frame=lambda done, of: told.append((done, of)),
    )
    assert told == [(i, 10) for i in range(1, 11)]

    def stop(done, of):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_clip(tmp_path / "b.mp4", clip(), width=96, height=64, fps=25, on_frame=stop)
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_frames_are_taken_one_at_a_time(tmp_path):
    alive = []

    def frames():
        for index in range(200):
            alive.append(index)
            yield np.zeros((64, 96, 3), np.uint8)

    write_clip(tmp_path / "a.mp4", frames(), width=96, height=64, fps=25, on_frame=lambda done, of: alive.pop())
    assert not alive


@pytest.mark.parametrize(
    ("name", "match"),
    [("a.mov", "ends in .mov"), ("a", "ends in nothing"), ("none/a.mp4", "no folder"), (".mp4", "ends in")],
)
def test_places_where_no_clip_can_go(tmp_path, name, match):
    with pytest.raises(OutputError, match=match) as caught:
        write_clip(tmp_path / name, clip(), width=96, height=64, fps=25)
    assert caught.value.hint


def test_a_folder_is_no_target(tmp_path):
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_clip(tmp_path / "a.mp4", clip(), width=96, height=64, fps=25)


def test_a_folder_that_may_not_be_written_to(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(write.Path, "open", refuse)
    with pytest.raises(OutputError, match="Permission denied") as caught:
        write_clip(tmp_path / "a.mp4", clip(), width=96, height=64, fps=25)
    assert "room" in caught.value.hint


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".webp"])
def test_a_full_disk(tmp_path, ending):
    rough = [np.random.default_rng(i).integers(0, 256, (64, 96, 3), dtype=np.uint8) for i in range(20)]
    target = tmp_path / f"a{ending}"
    target.write_text("old")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, old[1]))
    try:
        with pytest.raises(OutputError, match="could not be written"):
            write_clip(target, rough, width=96, height=64, fps=25)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert target.read_text() == "old" and os.listdir(tmp_path) == [target.name]


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".webp"])
@pytest.mark.parametrize("count", [9, 11])
def test_another_count_than_announced(tmp_path, ending, count):
    with pytest.raises(OutputError, match="frames"):
        write_clip(tmp_path / f"a{ending}", clip(10), width=96, height=64, fps=25, count=count)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("ending", [".mp4", ".gif", ".webp"])
def test_no_frames_at_all(tmp_path, ending):
    with pytest.raises(OutputError, match="at least 1"):
        write_clip(tmp_path / f"a{ending}", [], width=96, height=64, fps=25)
    assert not os.listdir(tmp_path)


def test_frames_that_do_not_fit(tmp_path):
    for wrong in (picture(0, 98, 64), picture(0).astype(float), "frame", picture(0)[..., 0]):
        with pytest.raises(ValueError, match="frame 2 is .* expected .64, 96, 3. uint8"):
            write_clip(tmp_path / "a.mp4", [picture(0), wrong], width=96, height=64, fps=25)
    with pytest.raises(OutputError, match="20000 x 64"):
        write_clip(tmp_path / "a.mp4", [], width=20000, height=64, fps=25)
    with pytest.raises(ValueError, match="fps"):
        write_clip(tmp_path / "a.mp4", [], width=96, height=64, fps=0)
    assert not os.listdir(tmp_path)


def test_every_quality_can_be_played(tmp_path):
    for quality in (0, 51):
        path = write_clip(tmp_path / "a.mp4", clip(2), width=96, height=64, fps=25, quality=quality)
        with av.open(str(path)) as container:
            assert container.streams.video[0].codec_context.profile == "High"
