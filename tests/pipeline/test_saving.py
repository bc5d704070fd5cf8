"""Nothing that is there is lost, and what is there is whole: clip and slips together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from media.videos import film

from animate.core import files
from animate.core.errors import Cancelled, KeepsakeError, OutputError
from animate.core.types import Clip, Photo, Provenance, Soundtrack
from animate.media import sound
from animate.media.read import open_video
from animate.pipeline import saving
from animate.provenance.c2pa import keys
from animate.provenance.verify import verify

PIXELS = np.random.default_rng(3).integers(60, 190, (96, 128, 3), np.uint8)


@pytest.fixture
def clip() -> Clip:
    def render() -> Iterator[np.ndarray]:
        return iter([PIXELS] * 4)

    about = Provenance("keepsake 0", "none", "a.png", "0" * 64, (128, 96), {1: "nod"}, created="2026-01-01T00:00:00Z")
    return Clip(128, 96, 10.0, 4, render, about, Photo(PIXELS, "a.png"), quality=30, threads=1, writer=saving.save)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


ALL = {"a.mp4", "a.mp4.json", "a.mp4.txt"}


def test_a_clip_saves_itself_with_its_slips(clip, tmp_path):
    assert clip.save(tmp_path / "a.mp4") == tmp_path / "a.mp4"
    assert names(tmp_path) == ALL
    assert len(list(clip)) == len(clip) == 4


@pytest.mark.parametrize("taken", sorted(ALL))
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_file_that_is_there_is_not_replaced(clip, tmp_path, taken, when):
    def appear(done=0, total=0):
        (tmp_path / taken).write_bytes(b"dear to somebody")

    if when == "before":
        appear()
    with pytest.raises(OutputError) as caught:
        clip.save(tmp_path / "a.mp4", on_frame=appear if when == "meanwhile" else None)
    assert taken in str(caught.value) and caught.value.hint
    assert (tmp_path / taken).read_bytes() == b"dear to somebody" and names(tmp_path) == {taken}


def test_all_three_are_replaced_if_that_is_asked_for(clip, tmp_path):
    for name in ALL:
        (tmp_path / name).write_bytes(b"older")
    clip.save(tmp_path / "a.mp4", overwrite=True)
    assert names(tmp_path) == ALL and all((tmp_path / name).read_bytes() != b"older" for name in ALL)


def test_two_runs_to_one_name_cannot_both_win(clip, tmp_path):
    inner = []

    def second(done, total):
        if done == 2 and not inner:
            inner.append(clip.save(tmp_path / "a.mp4"))

    with pytest.raises(OutputError):
        clip.save(tmp_path / "a.mp4", on_frame=second)
    assert inner and names(tmp_path) == ALL


def test_being_stopped_when_all_is_done_but_the_move_leaves_nothing(clip, tmp_path):
    calls = []

    def stop(done, total):
        calls.append(done)
        if calls.count(4) == 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        clip.save(tmp_path / "a.mp4", on_frame=stop)
    assert names(tmp_path) == set()


def test_the_slips_are_there_before_the_clip(clip, tmp_path, monkeypatch):
    moved = []
    monkeypatch.setattr(files, "place_all", lambda folder, names, overwrite: moved.extend(names))
    clip.save(tmp_path / "a.mp4")
    assert moved[-1] == "a.mp4" and set(moved) == ALL


@pytest.mark.parametrize("moves", range(1, 8))
def test_an_old_clip_and_its_slips_survive_together_where_the_new_ones_cannot_be_moved(
    clip, tmp_path, monkeypatch, moves
):
    for name in ALL:
        (tmp_path / name).write_bytes(b"older")
    left, replace = [moves], os.replace

    def refuse(part, path):
        if tmp_path in (Path(part).parent, Path(path).parent):
            left[0] -= 1
            if left[0] == 0:
                raise PermissionError(13, "it is open in another program", part, None, path)
        replace(part, path)

    monkeypatch.setattr(files.os, "replace", refuse)
    if moves == 7:  # there are six
        clip.save(tmp_path / "a.mp4", overwrite=True)
        assert names(tmp_path) == ALL and left == [1]
        return
    with pytest.raises(OutputError, match="open in another program") as caught:
        clip.save(tmp_path / "a.mp4", overwrite=True)
    assert str(tmp_path) in str(caught.value) and ".keepsake-" not in str(caught.value)
    assert names(tmp_path) == ALL and {(tmp_path / name).read_bytes() for name in ALL} == {b"older"}


@pytest.mark.parametrize("moves", range(4))
def test_a_full_disk_is_named_by_the_place_of_the_clip(clip, tmp_path, monkeypatch, moves):
    """Wherever on the way it becomes full: while the clip is written, signed, or cited."""
    left, replace = [moves], os.replace

    def full(part, path):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device", part, None, path)
        replace(part, path)

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        clip.save(tmp_path / "a.mp4")
    assert ".keepsake-" not in str(caught.value) and names(tmp_path) == set()


def wrong_folder(tmp_path, monkeypatch):
    return tmp_path / "none" / "a.mp4"


def wrong_ending(tmp_path, monkeypatch):
    return tmp_path / "a.avi"


def long_name(tmp_path, monkeypatch):
    return tmp_path / ("x" * 247 + ".mp4")  # fits itself, its slips do not


def full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(saving.shutil, "disk_usage", lambda folder: SimpleNamespace(free=10_000))
    return tmp_path / "a.mp4"


def no_permission(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "staging", refuse)
    return tmp_path / "a.mp4"


def no_key(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise KeepsakeError("the signing key cannot be kept", hint="set KEEPSAKE_CONFIG")

    monkeypatch.setattr(keys, "check", refuse)
    return tmp_path / "a.mp4"


@pytest.mark.parametrize("problem", [wrong_folder, wrong_ending, long_name, full_disk, no_permission, no_key])
def test_what_can_be_known_before_is_said_before(clip, tmp_path, monkeypatch, problem):
    path = problem(tmp_path, monkeypatch)
    with pytest.raises(KeepsakeError) as caught:
        saving.check(path)
    assert caught.value.hint
    with pytest.raises(KeepsakeError):
        clip.save(path, on_frame=lambda done, total: pytest.fail("it was rendered all the same"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said_before(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError):
        saving.check(tmp_path / "a.mp4")


def test_a_large_clip_needs_more_room_than_a_small_one(tmp_path, monkeypatch):
    monkeypatch.setattr(saving.shutil, "disk_usage", lambda folder: SimpleNamespace(free=20_000_000))
    saving.check(tmp_path / "a.mp4", size=4e6 * 100)
    with pytest.raises(OutputError):
        saving.check(tmp_path / "a.mp4", size=4e6 * 2000)


@pytest.mark.slow
def test_a_clip_has_sound_only_if_it_is_to_have_it(clip, tmp_path):
    source = film(tmp_path / "driver.mp4", [PIXELS] * 20, sound=True)
    assert not sound.has_sound(clip.save(tmp_path / "silent.mp4"))
    loud = replace(clip, sound=Soundtrack(source))
    path = loud.save(tmp_path / "loud.mp4")
    assert sound.has_sound(path) and verify(path, lambda file: open_video(file)).manifest == "valid"
    with pytest.raises(OutputError):
        loud.save(tmp_path / "loud.gif", on_frame=lambda done, total: pytest.fail("it was rendered all the same"))
