"""Files appear whole or not at all, and leave nothing beside them."""

import os
import subprocess
import sys
from itertools import count

import pytest

from animate.core import files


def test_a_file_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "a.mp4"
    with files.replacing(target) as part:
        part.write_bytes(b"half")
        assert not target.exists() and part.suffix == ".mp4" and part.parent.name.startswith(".")
    assert target.read_bytes() == b"half" and [*tmp_path.iterdir()] == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    files.write_text(target, "old")
    with pytest.raises(RuntimeError), files.replacing(target) as part:
        part.write_text("new")
        raise RuntimeError
    assert target.read_text() == "old" and [*tmp_path.iterdir()] == [target]


def test_long_names_still_fit(tmp_path):
    files.write_bytes(tmp_path / ("x" * 250 + ".txt"), b"1")
    assert len([*tmp_path.iterdir()]) == 1


def test_a_file_made_meanwhile_is_not_replaced_unasked(tmp_path):
    target = tmp_path / "a.mp4"
    with pytest.raises(FileExistsError), files.replacing(target, overwrite=False) as part:
        part.write_bytes(b"ours")
        target.write_bytes(b"theirs")
    assert target.read_bytes() == b"theirs" and [*tmp_path.iterdir()] == [target]


def test_a_disk_without_links_is_written_too(tmp_path, monkeypatch):
    def none(*_):
        raise PermissionError

    monkeypatch.setattr(files.os, "link", none)
    target = tmp_path / "a.mp4"
    with files.replacing(target, overwrite=False) as part:
        part.write_bytes(b"1")
    with pytest.raises(FileExistsError), files.replacing(target, overwrite=False) as part:
        part.write_bytes(b"2")
    assert target.read_bytes() == b"1" and [*tmp_path.iterdir()] == [target]


HOLDING = """
import sys
from animate.core import files
with files.staging(sys.argv[1]) as folder:
    (folder / "a.part").write_bytes(b"half")
    print(folder, flush=True)
    sys.stdin.readline()
"""


@pytest.mark.slow
def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_stays(tmp_path):
    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDING, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return process, tmp_path / process.stdout.readline().strip()

    (killed, left), (living, held) = start(), start()
    (tmp_path / ".keepsake-notes").mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"dear")
    killed.kill()
    killed.communicate()
    files.sweep(tmp_path)
    assert not left.exists() and (held / "a.part").exists()
    living.communicate("\n")
    assert {path.name for path in tmp_path.iterdir()} == {".keepsake-notes", "photo.jpg"}


SET = ("a.mp4.json", "a.mp4.txt", "a.mp4")  # the clip last


def stage(folder, text="new"):
    for name in SET:
        (folder / name).write_text(text)


def seen(folder) -> list[str | None]:
    return [(folder / name).read_text() if (folder / name).exists() else None for name in SET]


def stop_at(monkeypatch, step, stop):
    """Calls `stop` at move number `step`, counted from 0: before it for even numbers, after it for odd ones."""
    steps = count()

    def watched(name):
        original = getattr(os, name)

        def move(*arguments, **named):
            if next(steps) == step:
                stop()
            done = original(*arguments, **named)
            if next(steps) == step:
                stop()
            return done

        monkeypatch.setattr(os, name, move)

    for name in ("replace", "link", "rename", "unlink"):
        watched(name)


def end_at(folder, monkeypatch, step, *, overwrite) -> int:
    """Exit code of a process that is killed at a step of its moves: 9, or 0 where it had finished."""
    child = os.fork()
    if not child:
        try:
            with files.staging(folder) as hidden:
                stage(hidden)
                stop_at(monkeypatch, step, lambda: os._exit(9))
                files.place_all(hidden, SET, overwrite=overwrite)
                stop_at(monkeypatch, -1, lambda: None)
                os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("older", [True, False])
def test_killed_at_any_step_files_that_belong_together_are_all_old_or_all_new(tmp_path, monkeypatch, older, links):
    def none(*_):
        raise PermissionError

    if not links:
        monkeypatch.setattr(os, "link", none)
    for step in count():
        folder = tmp_path / str(step)
        folder.mkdir()
        if older:
            stage(folder, "old")
        code = end_at(folder, monkeypatch, step, overwrite=older)
        assert code in (0, 9), "it failed"
        *slips, clip = seen(folder)
        assert clip is None or slips == [clip] * 2, step
        files.sweep(folder)
        assert seen(folder) == ["new"] * 3 or seen(folder) == (["old"] if older else [None]) * 3, step
        assert {path.name for path in folder.iterdir()} <= set(SET), step
        if code == 0:
            break
    assert step > 8, "it was never killed"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("older", [True, False])
def test_stopped_at_any_step_files_that_belong_together_are_all_old_or_all_new(tmp_path, monkeypatch, older, error):
    def stop():
        reached.append(step)
        raise error

    reached: list[int] = []
    for step in count():
        folder, stopped = tmp_path / str(step), False
        folder.mkdir()
        if older:
            stage(folder, "old")
        with files.staging(folder) as hidden:
            stage(hidden)
            with monkeypatch.context() as patch:
                stop_at(patch, step, stop)
                try:
                    files.place_all(hidden, SET, overwrite=older)
                except (OSError, KeyboardInterrupt):
                    stopped = True
        whole = [["new"] * 3, (["old"] if older else [None]) * 3]
        assert seen(folder) in whole if stopped else seen(folder) == whole[0], step
        assert {path.name for path in folder.iterdir()} <= set(SET), step
        if step not in reached:
            break
    assert len(reached) > 8 and not stopped


def test_a_plan_moves_nothing_out_of_its_folder(tmp_path):
    """A hidden folder that somebody else put there leads to no other place and follows no link."""
    (tmp_path / "dear.txt").write_text("dear")
    folder = tmp_path / "clips"
    hidden = folder / ".keepsake-1-x"
    (hidden / "in").mkdir(parents=True)
    (hidden / "lock").touch()
    (hidden / "in" / "dear.txt").write_text("other")
    (hidden / "link").symlink_to(tmp_path / "dear.txt")
    (hidden / "plan").write_text(
        '{"names": ["../dear.txt", "in/dear.txt", "link", "in", "none", "/x"], "overwrite": true}'
    )
    files.sweep(folder)
    assert [*folder.iterdir()] == [] and (tmp_path / "dear.txt").read_text() == "dear"


@pytest.mark.parametrize(
    "plan", ["", "{", "[]", "7", '{"names": 3, "overwrite": true}', "[" * 100_000, '{"names": []}']
)
def test_a_damaged_plan_is_none(tmp_path, plan):
    hidden = tmp_path / ".keepsake-1-x"
    hidden.mkdir()
    (hidden / "lock").touch()
    (hidden / "a.mp4").write_text("half")
    (hidden / "plan").write_text(plan)
    files.sweep(tmp_path)
    assert [*tmp_path.iterdir()] == []
