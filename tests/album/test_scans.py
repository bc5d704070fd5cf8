"""Which files are scans, and what is still to be made of them under which names."""

from __future__ import annotations

from pathlib import Path

import pytest
from album_work import scan

from animate.album.plan import Digests, Job, plan, settings
from animate.album.record import FAILED, MADE, SKIPPED, Entry
from animate.album.scans import RECORD, find_scans
from animate.core.errors import OptionError
from animate.core.options import Options


def labels(sources, out: Path = Path("clips")) -> list[str]:
    return [found.label for found in find_scans(sources, out)]


def planned(sources, out: Path, entries: dict[str, Entry] | None = None, **choices):
    options = choices.pop("options", Options())
    found = find_scans(sources, out)
    return list(plan(found, entries or {}, Digests(), gesture="nod", options=options, out=out, **choices))


def clips(sources, out: Path, **choices) -> list[str]:
    return [item.clip for item in planned(sources, out, **choices) if isinstance(item, Job)]


def made(job: Job) -> Entry:
    path = job.out / job.clip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"clip")
    return Entry(job.label, MADE, job.sha256, job.settings(), clip=job.clip)


def test_scans_are_sorted_and_hidden_files_links_and_other_files_are_left_out(tmp_path):
    for name in ("b.png", "a.png", ".hidden.png", "deep/c.png", ".thumbs/d.png", "broken.jpg"):
        scan(tmp_path / "scans" / name)
    (tmp_path / "scans" / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "scans" / "notes.txt").write_text("no picture either")
    scan(tmp_path / "elsewhere" / "private.png")
    (tmp_path / "scans" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "scans" / "link.png").symlink_to(tmp_path / "elsewhere" / "private.png")
    expected = ["scans/a.png", "scans/b.png", "scans/broken.jpg", "scans/deep/c.png"]
    assert labels([tmp_path / "scans"]) == expected
    assert labels([tmp_path / "scans", tmp_path / "scans" / "deep" / "c.png"]) == expected


@pytest.mark.parametrize("out", ["scans/clips", "scans"])
def test_what_an_album_wrote_is_no_scan(tmp_path, out):
    scan(tmp_path / "scans" / "a.png")
    (tmp_path / out).mkdir(exist_ok=True)
    (tmp_path / out / RECORD).write_text("")
    scan(tmp_path / out / "album-files" / "a.mp4.jpg")
    assert labels([tmp_path / "scans"], tmp_path / out) == ["scans/a.png"]


def test_folders_of_one_name_stay_apart_and_a_missing_one_is_an_error(tmp_path):
    for place in ("one", "two"):
        scan(tmp_path / place / "scans" / "a.png", place)
    sources = [tmp_path / place / "scans" for place in ("one", "two")]
    assert labels(sources) == ["scans/a.png", "scans-2/a.png"]
    assert clips(sources, tmp_path / "clips") == ["scans/a.mp4", "scans-2/a.mp4"]
    with pytest.raises(OptionError, match="there is no"):
        labels([tmp_path / "three"])


def test_clips_keep_the_folders_and_scans_of_one_stem_do_not_collide(tmp_path):
    for name in ("a.jpg", "A.png", "a.png.tif", "deep/a.jpg"):
        scan(tmp_path / "scans" / name)
    names = clips([tmp_path / "scans"], tmp_path / "clips")
    assert names[-1] == "deep/a.mp4"
    assert len({name.casefold() for name in names}) == 4


def test_finished_photographs_are_left_until_bytes_or_settings_change(tmp_path):
    path, out = scan(tmp_path / "scans" / "a.png"), tmp_path / "clips"
    (job,) = planned([path], out)
    entries = {job.label: made(job)}
    assert planned([path], out, entries) == []
    assert planned([path], out, entries, options=Options(threads=2)) == []
    (again,) = planned([path], out, entries, options=Options(size=640))
    assert (again.clip, again.replace) == (job.clip, True)
    assert planned([path], out, entries, force=True)[0].replace
    scan(path, "other bytes")
    assert planned([path], out, entries)[0].clip == job.clip
    scan(path)
    (out / job.clip).unlink()
    assert len(planned([path], out, entries)) == 1


def test_a_name_taken_by_an_earlier_run_stays_taken(tmp_path):
    out, first = tmp_path / "clips", scan(tmp_path / "scans" / "a.tif")
    (job,) = planned([tmp_path / "scans"], out)
    scan(tmp_path / "scans" / "a.jpg")
    assert clips([tmp_path / "scans"], out, entries={job.label: made(job)}) == ["a.jpg.mp4"]
    assert first.exists()


def test_copies_are_skipped_once_and_say_of_what(tmp_path):
    out = tmp_path / "clips"
    for name in ("a.png", "b.png"):
        scan(tmp_path / "scans" / name, "the same")
    job, copy = planned([tmp_path / "scans"], out)
    assert (copy.state, copy.reason) == (SKIPPED, "the same photograph as scans/a.png")
    assert planned([tmp_path / "scans"], out, {job.label: made(job), copy.photo: copy}) == []


@pytest.mark.parametrize(("kind", "again"), [("NoFace", 0), ("OutputError", 1), ("WorkerDied", 1)])
def test_only_failures_of_the_photograph_itself_are_final(tmp_path, kind, again):
    path = scan(tmp_path / "scans" / "a.png")
    (job,) = planned([path], tmp_path / "clips")
    entry = Entry(job.label, FAILED, job.sha256, settings("nod", Options()), kind=kind)
    assert len(planned([path], tmp_path / "clips", {job.label: entry})) == again
