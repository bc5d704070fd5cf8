import json
import os
from dataclasses import replace

import pytest

from animate.core.errors import OutputError
from animate.core.types import Edit
from animate.provenance import citation
from animate.provenance import record as records


def test_stands_beside_and_matches(made):
    json_path, text_path = citation.paths(made.path)
    assert (
        (json_path.name, text_path.name) == ("anna.mp4.json", "anna.mp4.txt")
        and json_path.exists()
        and text_path.exists()
    )
    slip = citation.read(made.path)
    assert (slip.state, slip.sha256, slip.mark_id) == ("readable", citation.sha256(made.path), made.mark_id)
    assert slip.record["photo_sha256"] == made.record.photo_sha256
    assert records.identity(slip.record).hex() == made.mark_id  # the id can be computed again from the slip


def test_names_everything(made):
    statement = json.loads(citation.paths(made.path)[0].read_text(encoding="utf-8"))
    assert statement["clip"]["sha256"] == citation.sha256(made.path) and statement["clip"]["mark"] == made.mark_id
    assert statement["photograph"] == {"file": "Ännchen & Karl.jpg", "sha256": "ab" * 32, "width": 512, "height": 512}
    assert statement["made"]["gestures"] == {"1": "smile"} and statement["made"]["percent_invented"] == 3.2
    assert statement["names"] == "Anna Müller" and statement["consent"] == "family"


def test_readable(made):
    text = citation.paths(made.path)[1].read_text(encoding="utf-8")
    for text_part in (
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
        assert text_part in text


def test_edits_of_the_photograph_stand_in_both_slips(made, tmp_path):
    done = Edit("tone", "faded tones were given their contrast back", {"red_of_64": 50})
    record = replace(made.record, edits=(done,), notes=(done.description, "one more note"))
    statement = citation.content("anna.mp4", "ab" * 32, record, made.mark_id, "video/mp4")
    assert statement["made"]["edits"] == [
        {"kind": "tone", "description": done.description, "parameters": {"red_of_64": 50}}
    ]
    assert "the photograph was edited first" in statement["footnote"]
    citation.write(tmp_path / "anna.mp4", statement)
    text = (tmp_path / "anna.mp4.txt").read_text("utf-8")
    assert "Edited before it was animated" in text and text.count(done.description) == 1 and "one more note" in text
    assert "Edited before" not in citation.paths(made.path)[1].read_text("utf-8")


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
    statement = citation.content("a b.mp4", "00", record, "0" * 12, "video/mp4")
    assert "2 TITL @@me 0 TRLR" in statement["gedcom"] and "FILE a%20b.mp4" in statement["gedcom"]
    assert len(statement["names"]) == 2000 and "unknown" not in statement


HOSTILE = "a\n0 @X1@ INDI\x1b[31m\r\x85\u2028\u202e\x00b"


def test_control_characters_are_nowhere_in_the_slip(made, tmp_path):
    """They may come with a photograph's file name, a gesture file's name, a note, the clip's own name, or a person."""
    fields = {"photo": HOSTILE, "gestures": {1: HOSTILE}, "notes": (HOSTILE,), "program": HOSTILE, "model": HOSTILE}
    typed = dict.fromkeys(("title", "names", "source", "consent"), HOSTILE)
    record = replace(made.record, **fields, options={"mode": HOSTILE}, extra=typed, created=HOSTILE)
    statement = citation.content(HOSTILE.replace("\x00", ""), "00", record, "0" * 12, "video/mp4")
    citation.write(tmp_path / "a.mp4", statement)
    json_path, text_path = citation.paths(tmp_path / "a.mp4")
    for text in (json_path.read_text(encoding="utf-8"), text_path.read_text(encoding="utf-8")):
        assert all(char.isprintable() or char == "\n" for char in text)
        assert not any(row.strip().startswith("0 @X1@") for row in text.splitlines())
    values = [*_texts({key: value for key, value in statement.items() if key != "gedcom"})]
    assert all(value.isprintable() for value in values) and len(values) > 15
    assert [row[0] for row in statement["gedcom"].splitlines()] == list("0123212")


def _texts(value):
    if isinstance(value, dict):
        yield from (text for part in value.items() for text in _texts(part))
    elif isinstance(value, (list, tuple)):
        yield from (text for part in value for text in _texts(part))
    elif isinstance(value, str):
        yield value


def test_joiners_of_scripts_that_need_them_stay(made):
    record = replace(made.record, extra={"names": "\u0645\u06cc\u200c\u0631\u0648\u062f"})
    assert "\u200c" in citation.content("a.mp4", "00", record, "0" * 12, "video/mp4")["names"]


def test_a_file_name_that_is_no_text_is_still_named(made):
    statement = citation.content(os.fsdecode(b"gr\xfc\xdf.mp4"), "00", made.record, "0" * 12, "video/mp4")
    assert "1 FILE gr%FC%DF.mp4" in statement["gedcom"] and statement["clip"]["file"] == "gr .mp4"
    assert json.dumps(statement, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"clip": 3}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_slip_is_unreadable(copy, content):
    citation.paths(copy)[0].write_bytes(content)
    assert citation.read(copy).state == "unreadable"


@pytest.mark.parametrize("made_part", [3, [], None, {"gestures": 3, "options": []}, {"options": {"head": {}}}])
def test_a_slip_with_a_strange_record_is_an_answer(copy, made_part):
    statement = {"clip": {"sha256": []}, "photograph": {"sha256": 3}, "made": made_part}
    citation.paths(copy)[0].write_text(json.dumps(statement), encoding="utf-8")
    slip = citation.read(copy)
    assert slip.state in ("readable", "unreadable") and len(records.identity(slip.record)) == 6


def test_absent(copy):
    citation.paths(copy)[0].unlink()
    assert citation.read(copy).state == "absent"


def test_leaves_nothing_else_behind(made):
    assert sorted(file.name for file in made.path.parent.iterdir()) == [
        "anna.mp4",
        "anna.mp4.json",
        "anna.mp4.txt",
        "config",
    ]


def test_a_name_too_long_for_a_slip(made, tmp_path):
    clip = tmp_path / ("a" * 250 + ".mp4")
    with pytest.raises(OutputError) as raised:
        citation.write(clip, citation.content(clip.name, "00", made.record, "0" * 12, "video/mp4"))
    assert "shorter name" in raised.value.hint and not list(tmp_path.iterdir())


def test_a_slip_replaces_an_older_one_whole(copy, made):
    citation.write(copy, citation.content(copy.name, "00", made.record, "0" * 12, "video/mp4"))
    assert citation.read(copy).sha256 == "00" and len(list(copy.parent.iterdir())) == 3
