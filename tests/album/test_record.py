"""The record of an album: appended, locked, and read in spite of torn lines."""

from __future__ import annotations

import json
import sys

import pytest

from animate.album.record import FAILED, MADE, Entry, Record, read
from animate.core.errors import OutputError


def test_a_later_line_replaces_an_earlier_one_and_a_torn_one_costs_itself_only(tmp_path):
    path = tmp_path / "album.jsonl"
    with Record(path) as record:
        record.add(Entry("a", FAILED, reason="no face"))
        record.add(Entry("b", MADE, "12", {"gesture": "nod"}, clip="b.mp4", notes=("one",)))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"photo": "c", "state": "ma')
    with Record(path) as record:
        assert set(record.entries) == {"a", "b"}
        record.add(Entry("a", MADE, clip="a.mp4"))
    assert path.read_bytes().startswith(whole)
    assert [entry.photo for entry in read(path)] == ["a", "b", "a"]
    with Record(path) as record:
        assert record.entries["a"].state == MADE
        assert record.entries["b"].notes == ("one",)


@pytest.mark.parametrize(
    "line", [{"photo": "a"}, [1], "text", {"photo": "a", "state": "made", "clip": "../a.mp4"}, {"photo": 1, "state": 2}]
)
def test_lines_that_are_no_entries_are_passed_over(tmp_path, line):
    path = tmp_path / "album.jsonl"
    path.write_text(json.dumps(line) + "\n\xff\n" + json.dumps({"photo": "b", "state": "made", "more": 1}) + "\n")
    assert [entry.photo for entry in read(path)] == ["b"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_two_albums_do_not_work_in_one_folder(tmp_path):
    with (
        Record(tmp_path / "album.jsonl"),
        pytest.raises(OutputError, match="another album"),
        Record(tmp_path / "album.jsonl"),
    ):
        pass
    with Record(tmp_path / "album.jsonl") as record:
        assert record.entries == {}
