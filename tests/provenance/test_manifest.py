import os
import socket
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from animate.core.errors import OutputError
from animate.core.types import Edit
from animate.provenance import seal, xmp
from animate.provenance.c2pa import keys, manifest


@pytest.fixture
def anchors(made):
    return keys.anchors(made.config)


def test_records_how_it_was_made(made, anchors):
    found = manifest.read(made.path, anchors)
    assert found.state == "valid" and found.mark_id == made.mark_id and found.signer.startswith("Keepsake installation")
    assert found.record["photo_sha256"] == made.record.photo_sha256 and found.record["gestures"] == {"1": "smile"}
    assert found.record["invented"] == made.record.synthesized == 3.25  # a key of the format, as older files have it
    assert made.notes == ()


def test_names_a_trained_model_as_the_source(made):
    claim = manifest.definition(made.record, made.mark_id, "video/mp4", thumbnail=False)
    opened, edited, _ = claim["assertions"][0]["data"]["actions"]
    assert opened["action"] == "c2pa.opened" and claim["ingredients"][0]["relationship"] == "parentOf"
    assert edited["digitalSourceType"].endswith("compositeWithTrainedAlgorithmicMedia")
    assert made.path.read_bytes().count(xmp.SOURCE_TYPE.encode()) >= 2  # in the manifest and in XMP


def test_edits_of_the_photograph_are_actions_before_it_was_animated(made):
    record = replace(
        made.record,
        edits=(
            Edit("tone", "faded tones were given their contrast back", {"red_of_64": 50}),
            Edit("damage", "2 spots of the print were filled", {"spots": 2}),
            Edit("detail", "the face was made sharper", {"strength": 0.5, "network": "a\nnetwork"}),
        ),
    )
    claim = manifest.definition(record, made.mark_id, "video/mp4", thumbnail=False)
    opened, *edits, animated, _ = claim["assertions"][0]["data"]["actions"]
    assert opened["action"] == "c2pa.opened" and animated["description"].startswith("A still photograph")
    assert [edit["action"] for edit in edits] == ["c2pa.color_adjustments", "c2pa.edited", "c2pa.edited"]
    source = [edit["digitalSourceType"].rpartition("/")[2] for edit in edits]
    assert source == ["algorithmicallyEnhanced"] * 2 + ["compositeWithTrainedAlgorithmicMedia"]
    assert edits[2]["parameters"] == {"org.keepsake.strength": 0.5, "org.keepsake.network": "a network"}
    assert claim["assertions"][2]["data"]["edits"][1]["description"] == "2 spots of the print were filled"


def test_a_manifest_with_edits_is_valid(made, copy, anchors):
    kinds = ("orientation", "inverted", "damage", "grain", "tone", "detail")
    edited = replace(made.record, edits=tuple(Edit(kind, f"{kind} was changed", {"share": 0.25}) for kind in kinds))
    seal.sign(copy, edited, signer=keys.signer(config=made.config))
    found = manifest.read(copy, anchors)
    assert found.state == "valid" and [edit["kind"] for edit in found.record["edits"]] == list(kinds)


def test_untrusted_without_the_authority(made):
    assert manifest.read(made.path).state == "untrusted"


@pytest.mark.parametrize("place", [0.4, 0.6, 0.9])
def test_one_bit_is_enough_to_be_altered(copy, anchors, place):
    content = bytearray(copy.read_bytes())
    content[int(len(content) * place)] ^= 1
    copy.write_bytes(content)
    assert manifest.read(copy, anchors).state in ("altered", "unreadable")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif", ".webp"])
def test_every_container_is_sealed_and_still_opens(still, made, tmp_path, anchors, suffix):
    path = tmp_path / f"still{suffix}"
    pictures = [Image.fromarray(np.roll(still[:64, :80], step, axis=1)) for step in range(3)]
    pictures[0].save(path, **({"save_all": True, "append_images": pictures[1:]} if suffix in (".gif", ".webp") else {}))
    notes = seal.sign(path, made.record, photo=still, signer=keys.signer(config=made.config))
    assert manifest.read(path, anchors).state == "valid" and notes == ()
    assert xmp.SOURCE_TYPE.encode() in path.read_bytes()
    with Image.open(path) as picture:
        assert picture.size == (80, 64) and getattr(picture, "n_frames", 1) == (3 if suffix in (".gif", ".webp") else 1)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_simple_webp_has_no_place_for_the_label(still, made, tmp_path):
    Image.fromarray(still[:64, :64]).save(tmp_path / "a.webp")
    assert seal.sign(tmp_path / "a.webp", made.record, signer=keys.signer(config=made.config))


def test_refuses_to_seal_what_is_none_of_ours(made, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no clip at all")
    with pytest.raises(OutputError, match="not an MP4"):
        seal.sign(tmp_path / "a.mp4", made.record, signer=keys.signer(config=made.config))


def test_a_broken_clip_is_refused_and_nothing_is_left(made, tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\xff" * 500)
    with pytest.raises(OutputError, match="could not be signed"):
        manifest.sign(tmp_path / "a.png", made.record, made.mark_id, keys.signer(config=made.config))
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    "content, state",
    [
        (b"", "absent"),
        (b"hello", "absent"),
        (b"\0\0\0\x18ftypmp42" + os.urandom(5000), "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(5000), "unreadable"),
        (b"GIF89a", "unreadable"),
        (b"RIFF\xff\xff\xff\xffWEBP" + bytes(50), "unreadable"),
        (b"\xff\xd8\xff" + os.urandom(5000), "unreadable"),
        (b"\0\0\0\x01ftyp\xff\xff\xff\xff\xff\xff\xff\xff" * 400, "unreadable"),
    ],
)
def test_hostile_files(tmp_path, content, state):
    (tmp_path / "a.mp4").write_bytes(content)
    assert manifest.read(tmp_path / "a.mp4").state in {state, "absent", "unreadable"}


def test_bits_changed_in_the_account_itself(copy, anchors):
    """Never a crash; padding that the signature leaves room for may change without harm."""
    content, rng = copy.read_bytes(), np.random.default_rng(0)
    for place in rng.integers(0, 20_000, 40):
        copy.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        assert manifest.read(copy, anchors).state in ("valid", "untrusted", "altered", "absent", "unreadable")


def test_cut_short_at_any_place(copy, anchors):
    content = copy.read_bytes()
    for share in (0.01, 0.3, 0.7, 0.99):
        copy.write_bytes(content[: int(len(content) * share)])
        assert manifest.read(copy, anchors).state in ("altered", "absent", "unreadable")


def test_absent_in_an_unsigned_picture(tmp_path, still):
    Image.fromarray(still[:50, :50]).save(tmp_path / "a.png")
    assert manifest.read(tmp_path / "a.png").state == "absent"
    assert manifest.read(tmp_path / "nowhere.png").state == "unreadable"


def test_nothing_uses_the_network(copy, made, anchors, monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was used"))
    assert manifest.read(copy, anchors).state == "valid"


MATCH = {"claimSignature.validated", "assertion.dataHash.match"}
EXPIRED, UNKNOWN = "signingCredential.expired", "signingCredential.untrusted"


@pytest.mark.parametrize(
    "summary, success, failure, state",
    [
        ("Trusted", MATCH, set(), "valid"),
        ("Valid", MATCH, {UNKNOWN}, "untrusted"),
        ("Invalid", MATCH, {UNKNOWN, EXPIRED}, "expired"),
        ("Invalid", MATCH, {EXPIRED}, "expired"),
        ("Invalid", MATCH, {"claimSignature.outsideValidity"}, "expired"),
        ("Invalid", {"claimSignature.validated", "assertion.bmffHash.match"}, {EXPIRED}, "expired"),
        ("Invalid", MATCH, {"signingCredential.revoked"}, "untrusted"),
        ("Invalid", MATCH, {"signingCredential.invalid"}, "untrusted"),
        ("Invalid", {"claimSignature.validated"}, {"assertion.dataHash.mismatch"}, "altered"),
        ("Invalid", {"claimSignature.validated"}, {EXPIRED, "assertion.bmffHash.mismatch"}, "altered"),
        ("Invalid", MATCH, {EXPIRED, "assertion.hashedURI.mismatch"}, "altered"),
        ("Invalid", {"assertion.dataHash.match"}, {"claimSignature.mismatch"}, "altered"),
        ("Invalid", {"claimSignature.validated"}, {EXPIRED}, "unreadable"),  # bound to no content
        ("Invalid", {"assertion.dataHash.match"}, {EXPIRED}, "unreadable"),
        ("Invalid", MATCH, {"algorithm.unsupported"}, "unreadable"),
        ("Invalid", set(), set(), "unreadable"),
    ],
)
def test_what_status_codes_amount_to(summary, success, failure, state):
    assert manifest._state(summary, success, failure) == state
