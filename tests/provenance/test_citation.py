import json
from dataclasses import replace

import pytest

from animate.provenance import citation


def test_stands_beside_and_matches(made):
    json_path, text_path = citation.paths(made.path)
    assert (
        (json_path.name, text_path.name) == ("anna.mp4.json", "anna.mp4.txt")
        and json_path.exists()
        and text_path.exists()
    )
    assert citation.check(made.path) == ("matches", made.record.photo_sha256)


def test_says_everything(made):
    said = json.loads(citation.paths(made.path)[0].read_text(encoding="utf-8"))
    assert said["clip"]["sha256"] == citation.sha256(made.path) and said["clip"]["mark"] == made.mark_id
    assert said["photograph"] == {"file": "Ännchen & Karl.jpg", "sha256": "ab" * 32, "width": 512, "height": 512}
    assert said["made"]["gestures"] == {"1": "smile"} and said["made"]["percent_invented"] == 3.2
    assert said["names"] == "Anna Müller" and said["consent"] == "family"


def test_readable(made):
    text = citation.paths(made.path)[1].read_text(encoding="utf-8")
    for words in (
        "Illustration, not evidence",
        "Anna, 1901",
        "Album of K. M.",
        "2025-03-04",
        "smile",
        "head 1.0",
        "3.2 %",
        "keepsake 0.1.0",
        "Footnote",
    ):
        assert words in text


def test_gedcom_has_a_level_and_a_tag_on_every_line(made):
    snippet = json.loads(citation.paths(made.path)[0].read_text(encoding="utf-8"))["gedcom"].splitlines()
    assert (
        snippet[0] == "0 @O1@ OBJE"
        and "1 FILE anna.mp4" in snippet
        and "2 FORM video/mp4" in snippet
        and "3 MEDI VIDEO" in snippet
    )
    levels = [int(line.split()[0]) for line in snippet]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_what_people_type_cannot_break_the_lines(made):
    record = replace(made.record, extra={"title": "@me\n0 TRLR\x07", "names": "x" * 9999, "unknown": "left out"})
    said = citation.account("a b.mp4", "00", record, "0" * 12, "video/mp4")
    assert "2 TITL @@me 0 TRLR" in said["gedcom"] and "FILE a%20b.mp4" in said["gedcom"]
    assert len(said["names"]) == 2000 and "unknown" not in said


def test_a_changed_clip_differs(copy):
    copy.write_bytes(copy.read_bytes() + b"\0")
    assert citation.check(copy)[0] == "differs"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"clip": 3}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_slip_differs(copy, content):
    citation.paths(copy)[0].write_bytes(content)
    assert citation.check(copy)[0] == "differs"


def test_absent(copy):
    citation.paths(copy)[0].unlink()
    assert citation.check(copy) == ("absent", "")


def test_leaves_nothing_else_behind(made):
    assert sorted(file.name for file in made.path.parent.iterdir()) == [
        "anna.mp4",
        "anna.mp4.json",
        "anna.mp4.txt",
        "config",
    ]
