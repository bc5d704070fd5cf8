"""What a person typed about the people in a photograph stays in the slip: it is nowhere in the clip's own bytes."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

import animate
from animate import api
from animate.core.options import choices
from animate.core.types import Clip, FurtherPhoto, Photo
from animate.media.read import open_video
from animate.pipeline.marks import ProvenanceMarks
from animate.provenance import citation, record, seal
from animate.provenance.c2pa import keys, manifest
from animate.provenance.verify import verify

TYPED = {
    "title": "Zwiebelkuchen am Sonntag",
    "names": "Eileen Wagstaff",
    "source": "Kommode der Tante",
    "consent": "Urenkel Ottokar",
}


@pytest.mark.slow
def test_none_of_the_four_texts_is_in_a_clip_of_the_pipeline(photo, tmp_path):
    options = animate.Options(size=128, fps=5.0, seconds=1.0, **TYPED)
    clip = api.animate(photo, "breath", options=options)
    path = api.save(clip, tmp_path / "clip.mp4")
    for slip in citation.paths(path):
        assert all(text in slip.read_text(encoding="utf-8") for text in TYPED.values())
    assert not [text for text in TYPED.values() if text.encode() in path.read_bytes()]
    found = manifest.read(path, keys.anchors())
    assert set(found.record["options"]) <= set(record.OPTIONS)
    assert found.mark_id == seal.identity(clip.provenance).hex() == record.identity(found.record).hex()


def test_options_that_are_not_listed_are_left_out_of_the_manifest(made):
    careless = replace(made.record, options={"head": 1.0, **TYPED, "threads": 7, "faces": "1=/home/eileen/me.mp4"})
    definition = str(manifest.definition(careless, "0" * 12, "video/mp4", thumbnail=False))
    assert "'head': 1.0" in definition and "threads" not in definition and "/home/eileen" not in definition
    assert not [text for text in TYPED.values() if text in definition]


def test_every_option_is_listed_or_left_out_on_purpose():
    names = {name for name, *_ in choices()}
    undecided = names - set(record.OPTIONS) - set(record.LEFT_OUT)
    assert not undecided, f"say in animate/provenance/record.py whether the manifest records {undecided}"
    assert not set(record.OPTIONS) & set(record.LEFT_OUT)
    assert set(TYPED) < set(record.LEFT_OUT)


def test_further_photographs_are_in_the_manifest_by_hash_and_by_name_in_the_slip_alone(made, tmp_path):
    further = (FurtherPhoto("Tante Eileen.jpg", "12" * 32, 4.26), FurtherPhoto("unused.jpg", "34" * 32, 0.0))
    record_ = replace(made.record, more=further)
    path = tmp_path / "anna.mp4"
    shutil.copy(made.path, path)
    seal.sign(path, record_, signer=keys.signer(config=made.config))
    assert b"Tante Eileen" not in path.read_bytes() and b"unused.jpg" not in path.read_bytes()
    found = manifest.read(path, keys.anchors(config=made.config))
    assert found.unchanged and [one["sha256"] for one in found.record["more"]] == ["12" * 32, "34" * 32]
    ingredients = manifest.definition(record_, "0" * 12, "video/mp4", thumbnail=False)["ingredients"]
    assert [one["relationship"] for one in ingredients] == ["parentOf", "componentOf"]  # what gave nothing is no part
    assert "4.26 % of the drawn face" in ingredients[1]["description"]
    statement = citation.content("anna.mp4", "0" * 64, record_, found.mark_id, "video/mp4")
    citation.write(path, statement)
    json_slip, text_slip = (slip.read_text(encoding="utf-8") for slip in citation.paths(path))
    assert "Tante Eileen.jpg" in json_slip and "Tante Eileen.jpg, 4.26 % of the drawn face" in text_slip
    assert record.identity(citation.read(path).record).hex() == found.mark_id == record.identity(found.record).hex()
    verdict = verify(path, lambda file: open_video(file, threads=1))
    assert "taken from further photographs of the same person (2 were given)" in " ".join(verdict.lines)


def test_further_photographs_change_the_id_and_their_names_and_shares_do_not(made):
    one, same = FurtherPhoto("a.jpg", "12" * 32, 4.0), FurtherPhoto("b.jpg", "12" * 32, 5.0)
    other = FurtherPhoto("a.jpg", "56" * 32, 4.0)
    ids = [seal.identity(replace(made.record, more=more)) for more in ((one,), (same,), (other,), ())]
    assert ids[0] == ids[1] and len(set(ids)) == 3 and ids[3] == seal.identity(made.record)


def test_the_same_clip_has_the_same_id_whenever_and_wherever_it_is_made(made):
    again = replace(made.record, created="2031-01-01T00:00:00Z", options={"threads": 9, **made.record.options})
    assert seal.identity(again) == seal.identity(made.record)


@pytest.mark.parametrize(
    "change",
    [
        {"photo_sha256": "cd" * 32},
        {"gestures": {1: "blink"}},
        {"gestures": {2: "smile"}},
        {"options": {"head": 0.5}},
        {"model": "keepsake 5678"},
        {"program": "keepsake 9.9.9"},
    ],
    ids=lambda change: "-".join(change),
)
def test_another_clip_has_another_id(made, change):
    assert seal.identity(replace(made.record, **change)) != seal.identity(made.record)


@pytest.mark.parametrize("value", [None, [], {"a": 1}, "x" * 10_000, "\ud800", float("nan"), 10**400])
def test_an_id_of_a_hostile_record_is_an_id(value):
    for key in ("program", "photo_sha256", "gestures", "options", "more"):
        assert len(record.identity({key: [value, {"sha256": value}]})) == 6
        assert len(record.identity({key: value})) == 6
        assert len(record.identity({"options": {"head": value}, "gestures": {"1": value}})) == 6


def test_marks_of_a_clip_use_that_id(made):
    still = Photo(made.photo.pixels[:64, :64], sha256=made.record.photo_sha256)
    clip = Clip(64, 64, 5.0, 1, lambda: iter([still.pixels]), made.record, still)
    assert ProvenanceMarks(clip).id.hex() == made.mark_id
