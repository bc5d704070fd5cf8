import numpy as np
import pytest
from PIL import Image
from provenance.forger import CAPTURED
from skimage import data

from animate.core.errors import UnreadableVideo
from animate.core.types import Photo
from animate.media.write import write_clip
from animate.provenance import citation
from animate.provenance.c2pa import keys
from animate.provenance.verify import outcome, verify


@pytest.fixture
def anchors(made):
    return keys.anchors(made.config)


def test_finds_every_mark(made, opener, anchors):
    verdict = verify(made.path, opener, photo=made.photo, anchors=anchors)
    assert (verdict.manifest, verdict.invisible, verdict.icon, verdict.slip, verdict.photo) == (
        "valid",
        "found",
        "found",
        "matches",
        "matches",
    )
    assert verdict.mark_id == made.mark_id and verdict.confidence > 0.9 and outcome(verdict) == 0
    assert verdict.lines[0] == "This is an animation made by a program from a photograph. It is not footage."


def test_re_encoded_keeps_the_invisible_mark(made, opener, anchors, tmp_path):
    other = write_clip(tmp_path / "sent.mp4", opener(made.path), width=512, height=512, fps=5, quality=26)
    verdict = verify(other, opener, photo=made.photo, anchors=anchors)
    assert (verdict.manifest, verdict.invisible, verdict.slip, verdict.photo) == (
        "absent",
        "found",
        "absent",
        "alike",
    )
    assert verdict.mark_id == made.mark_id and outcome(verdict) == 0


def test_an_altered_clip(copy, opener, anchors):
    copy.write_bytes(copy.read_bytes() + b"\0\0\0\x08free")
    changed = bytearray(copy.read_bytes())
    changed[len(changed) // 2] ^= 4
    copy.write_bytes(changed)
    verdict = verify(copy, opener, anchors=anchors)
    assert verdict.manifest == "altered" and verdict.slip == "same mark" and outcome(verdict) == 2


def test_another_photograph(made, opener, anchors):
    other = Photo(data.coffee()[:, 44:556][:400, :400], sha256="cd" * 32)
    assert verify(made.path, opener, photo=other, anchors=anchors).photo == "differs"


@pytest.mark.slow
def test_an_unmarked_clip(tmp_path, opener, still):
    path = write_clip(tmp_path / "plain.mp4", [still] * 3, width=512, height=512, fps=5)
    verdict = verify(path, opener, anchors=b"")
    assert (verdict.manifest, verdict.invisible, verdict.icon, verdict.slip) == (
        "absent",
        "not found",
        "not found",
        "absent",
    )
    assert outcome(verdict) == 1 and "proves nothing" in verdict.lines[0]


@pytest.mark.slow
def test_a_still_needs_no_opener(tmp_path, still):
    Image.fromarray(still).save(tmp_path / "a.png")
    verdict = verify(tmp_path / "a.png", lambda path: pytest.fail("asked for frames of a still"), anchors=b"")
    assert verdict.invisible == "not found"


@pytest.mark.slow
def test_never_calls_a_file_real(made, opener, anchors, tmp_path, still):
    path = write_clip(tmp_path / "plain.mp4", [still] * 2, width=512, height=512, fps=5)
    for file in (made.path, path):
        text = " ".join(verify(file, opener, photo=made.photo, anchors=anchors).lines).lower()
        assert not {"real", "authentic", "genuine", "verified"} & set(text.replace(".", " ").replace(",", " ").split())


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.mp4", b""),
        ("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40),
        ("a.txt", b"hello"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 99),
        ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 99),
        ("a.gif", b"GIF89a\xff"),
    ],
)
def test_hostile_files_get_an_answer(tmp_path, opener, name, content):
    (tmp_path / name).write_bytes(content)
    verdict = verify(tmp_path / name, opener, photo=Photo(np.zeros((9, 9, 3), np.uint8)), anchors=b"")
    assert verdict.invisible == verdict.icon == "cannot tell" and outcome(verdict) in (1, 2)
    assert verdict.photo == "cannot tell" and verdict.conclusion == "no pictures"
    assert "No pictures could be taken" in verdict.lines[0]


HOSTILE = "{signer}\x1b[2J\n\u202e" + "x" * 5000


@pytest.mark.parametrize(
    "record",
    [
        {"photo": HOSTILE, "program": HOSTILE, "created": HOSTILE, "invented": HOSTILE, "gestures": {HOSTILE: HOSTILE}},
        {"photo": [1], "photo_sha256": {"a": [None]}, "gestures": [HOSTILE], "options": 3, "model": None},
        {"gestures": {str(face): "smile" for face in range(3000)}, "options": {"head": {"a": {"b": []}}}},
    ],
    ids=["control characters", "wrong types", "endless"],
)
def test_a_strange_record_gets_plain_short_sentences(made, tmp_path, still, opener, record):
    """Anyone can sign anything with a key of their own."""
    Image.fromarray(still[:64, :64]).save(tmp_path / "a.png")
    actions = {"actions": [{"action": "c2pa.created", "digitalSourceType": CAPTURED}]}
    assertions = [{"label": "c2pa.actions.v2", "data": actions}, {"label": "org.keepsake.record", "data": record}]
    definition = {"claim_generator_info": [{"name": "forger"}], "assertions": assertions}
    with open(tmp_path / "a.png", "rb") as source, open(tmp_path / "b.png", "w+b") as target:
        keys.signer(config=made.config).sign(definition, "image/png", source, target, {})
    citation.write(
        tmp_path / "b.png", citation.content("b.png", citation.sha256(tmp_path / "b.png"), made.record, "", "")
    )
    verdict = verify(tmp_path / "b.png", opener, photo=made.photo, anchors=b"")
    assert verdict.conclusion == "claims" and verdict.slip == "contradicts"
    assert all(line.isprintable() and len(line) < 1500 for line in verdict.lines)


@pytest.mark.parametrize("name", ["none.mp4", "x" * 300, "x" * 5000])
def test_no_such_file(tmp_path, opener, name):
    with pytest.raises(UnreadableVideo, match="there is no file"):
        verify(tmp_path / name, opener)


def test_a_folder_is_no_clip(tmp_path, opener):
    with pytest.raises(UnreadableVideo, match="is a folder"):
        verify(tmp_path, opener)


def test_a_bomb_of_a_still(tmp_path, opener):
    """A PNG that claims 60,000 x 60,000 pixels in a few bytes."""
    Image.new("1", (8, 8)).save(tmp_path / "bomb.png")
    content = bytearray((tmp_path / "bomb.png").read_bytes())
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    (tmp_path / "bomb.png").write_bytes(content)
    assert verify(tmp_path / "bomb.png", opener, anchors=b"").invisible == "cannot tell"
