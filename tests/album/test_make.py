"""One photograph of an album on the fake pipeline, the page, and a real one made by the command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from animate.album import make as making
from animate.album.make import make, with_captions
from animate.album.page import page, write_page
from animate.album.plan import Job
from animate.album.record import FAILED, MADE, Entry, read
from animate.core.errors import Cancelled, OutputError
from animate.core.options import Options
from animate.interfaces.cli import album
from animate.interfaces.cli.main import main
from animate.photo.captions import Captions
from animate.provenance import citation


@pytest.fixture(autouse=True)
def no_networks_kept():
    making._model.cache_clear()
    yield
    making._model.cache_clear()


@pytest.fixture
def scan(tmp_path) -> Path:
    path = tmp_path / "scans" / "anna.jpg"
    path.parent.mkdir()
    tags = Image.Exif()
    tags[270] = "Anna <at> the well"
    Image.new("RGB", (64, 48)).save(path, exif=tags)
    return path


def job(scan: Path, **choices) -> Job:
    out = scan.parents[1] / "clips"
    return Job(scan, f"scans/{scan.name}", "12", "smile", Options(), out, f"{scan.stem}.mp4", **choices)


def test_a_photograph_is_made_with_the_caption_of_its_scan(fake, scan):
    entry = make(job(scan), lambda done, total: None)
    out = scan.parents[1] / "clips"
    assert (entry.state, entry.title, entry.clip) == (MADE, "Anna <at> the well", "anna.mp4")
    with Image.open(out / entry.poster) as poster:
        assert (out / "anna.mp4").exists() and poster.size == (320, 240)
    (call,) = (call for call in fake.calls if call[0] == "clip")
    assert (call[2], call[3].title) == ("smile", "Anna <at> the well")
    assert entry.took >= 0 and entry.when and entry.notes == ("one note",)


def test_failures_are_entries_and_a_stop_is_passed_on(fake, scan):
    entry = make(job(scan.rename(scan.with_name("letter.jpg"))), lambda done, total: None)
    assert (entry.state, entry.kind, entry.hint) == (FAILED, "UnreadablePhoto", "choose a JPEG, PNG or TIFF")

    def stop(done, total):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        make(job(scan.with_name("letter.jpg").rename(scan)), stop)


def test_what_should_not_happen_fails_one_photograph(fake, scan):
    entry = album.work_or_report(job(scan.rename(scan.with_name("broken.jpg"))), lambda done, total: None)
    assert (entry.state, entry.kind) == (FAILED, "RuntimeError")
    assert "should not happen" in entry.hint


@pytest.mark.parametrize(("sha256", "over"), [("12", True), ("34", False)])
def test_a_clip_that_the_record_does_not_know_is_replaced_only_if_it_is_of_this_photograph(
    fake, scan, monkeypatch, sha256, over
):
    clip = scan.parents[1] / "clips" / "anna.mp4"
    clip.parent.mkdir()
    clip.write_bytes(b"")
    slip = {"clip": {"sha256": ""}, "photograph": {"sha256": sha256}}
    citation.paths(clip)[0].write_text(json.dumps(slip))

    asked = []

    def check(path, *, overwrite=False, sound=False):
        asked.append(overwrite)
        if not asked[0]:
            raise OutputError(f"{path} is already there")

    monkeypatch.setattr(fake, "check", check)
    assert make(job(scan), lambda done, total: None).state == (MADE if over else FAILED)


def test_what_a_person_gave_wins_over_the_scan():
    captions = Captions("Well", "Anna", "1912", "Archive")
    options = with_captions(Options(title="Mine"), captions)
    assert (options.title, options.names, options.source) == ("Mine", "Anna", "Archive; dated 1912")
    assert with_captions(Options(), Captions()) == Options()


def test_the_page_escapes_texts_and_fetches_nothing(tmp_path):
    made = Entry("s/<b>.jpg", MADE, clip="a b#1.mp4", poster="album-files/a b#1.mp4.jpg", title='"><script>x</script>')
    html = page([made, Entry("s/wall.jpg", FAILED, reason="no <face>", hint="draw a box")])
    assert "<script>x" not in html and "&lt;script&gt;x" in html and "no &lt;face&gt;; draw a box" in html
    assert 'src="a%20b%231.mp4" poster="album-files/a%20b%231.mp4.jpg"' in html
    assert 'href="a%20b%231.mp4.txt"' in html
    assert not re.search(r"https?:|//\w|@import|autoplay", html)
    assert "prefers-reduced-motion" in html
    write_page(tmp_path, [made])
    assert "a%20b" not in (tmp_path / "index.html").read_text("utf-8"), "a clip that is gone is not shown"


def test_the_command_makes_an_album_here(fake, scan, capsys):
    scan.with_name("letter.png").write_bytes(b"no picture")
    out = scan.parents[1] / "clips"
    words = ["album", str(scan.parent), "-o", str(out), "--workers", "0", "--size", "64", "--source", "attic", "--json"]
    assert main(words) == 0
    answer, errors = capsys.readouterr()
    assert json.loads(answer) == {"page": str(out / "index.html"), "made": 1, "skipped": 0, "failed": 1}
    assert "scans/letter.png: letter.png is not a picture; choose a JPEG, PNG or TIFF" in errors
    (call,) = (call for call in fake.calls if call[0] == "clip")
    assert (call[2], call[3].size, call[3].source) == ("classic", 64, "attic")


def test_an_album_of_which_nothing_could_be_made_is_an_error(fake, scan, capsys):
    folder = scan.parents[1] / "letters"
    folder.mkdir()
    (folder / "letter.png").write_bytes(b"no picture")
    assert main(["album", str(folder), "-o", str(scan.parents[1] / "none"), "--workers", "0", "--json"]) == 1
    answer, errors = capsys.readouterr()
    assert json.loads(answer)["failed"] == 1 and "letter.png is not a picture" in errors


@pytest.mark.parametrize("words", [["--gesture", "wimk"], ["--gesture", "me.mp4"], ["--workers", "-1"], ["--box", "1"]])
def test_wrong_orders_are_refused_before_anything_is_made(fake, scan, capsys, words):
    assert main(["album", str(scan.parent), "-o", str(scan.parents[1] / "clips"), *words]) in (1, 2)
    assert not (scan.parents[1] / "clips").exists()


@pytest.mark.slow
def test_a_real_album_in_a_process_of_its_own(tmp_path, capsys):
    scans, out = tmp_path / "scans", tmp_path / "clips"
    scans.mkdir()
    Image.fromarray(data.astronaut()[:300, 100:400]).save(scans / "a.png")
    Image.new("RGB", (64, 64)).save(scans / "wall.png")
    small = ["--size", "96", "--seconds", "1", "--fps", "6", "--workers", "1"]
    assert main(["album", str(scans), "-o", str(out), *small]) == 0
    entries = {entry.photo: entry for entry in read(out / "album.jsonl")}
    assert (entries["scans/a.png"].state, entries["scans/wall.png"].kind) == (MADE, "NoFace")
    slip = citation.read(out / "a.mp4")
    assert slip.sha256 == citation.sha256(out / "a.mp4")
    assert slip.record["photo_sha256"] == entries["scans/a.png"].sha256
    assert not list(out.rglob(".*"))
