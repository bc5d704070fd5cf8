"""`keepsake check`: plain words on a photograph, the switch that helps, and the turn in which faces appear."""

from __future__ import annotations

import json

import numpy as np
import pytest
from motion_small import portrait
from skimage import data
from skimage.io import imread, imsave

from animate.core.errors import NoFace
from animate.core.types import Keypoints, Photo
from animate.interfaces.cli.main import main
from animate.motion import landmarks
from animate.pipeline.photo_check import findings, turned_faces
from animate.pipeline.portraits import portrait_of

PHOTO = Photo(np.full((512, 512, 3), 150, np.uint8), "grey.png")


def kinds(portraits, photo=PHOTO) -> list[str]:
    return [finding.kind for finding in findings(photo, portraits)]


def turned(degrees: float, *, pitch=0.0, eyes=90.0):
    """The mean face rolled clockwise in the middle of the picture, or turned to a side."""
    roll, yaw = np.radians([degrees, pitch])
    around = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    aside = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    points = landmarks.MEAN_FACE @ aside.T @ around.T * eyes + (256, 256, 0)
    return portrait_of(PHOTO, Keypoints(points.astype(np.float32)))


def test_a_good_face_has_no_findings():
    assert kinds([turned(0)]) == []


@pytest.mark.parametrize(("degrees", "turn"), [(90, "to the left"), (180, "by half"), (-90, "to the right")])
def test_a_turned_scan_names_the_turn_that_helps(degrees, turn):
    (found,) = findings(PHOTO, [turned(degrees)])
    assert found.kind == "turned" and found.advice.endswith(turn)
    assert kinds([turned(degrees), turned(0), turned(0)]) == []


@pytest.mark.parametrize("side", [-45, 45])
def test_a_face_turned_away_is_named_with_its_side(side):
    (found,) = findings(PHOTO, [turned(0, pitch=side)])
    assert found.kind == "profile" and 35 < float(found.text.split("about ")[1].split()[0]) < 55


def test_size_border_and_number_of_a_face():
    assert kinds([portrait(PHOTO, 256, 256, 15)]) == ["small"]
    assert kinds([portrait(PHOTO, 256, 256, 25)]) == ["coarse"]
    cut = findings(PHOTO, [turned(0), portrait(PHOTO, 20, 256, 90)])
    assert [(found.kind, found.face) for found in cut] == [("cut", 2)]
    assert "face 2" in cut[0].text


def test_closed_eyes():
    points = turned(0).keypoints.points.copy()
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        points[list(upper)] = points[list(lower)]
    assert kinds([portrait_of(PHOTO, Keypoints(points))]) == ["closed"]


def test_what_reading_found_and_a_negative_known_by_its_face():
    notes = ("the file holds 2 pages; number 2 was used", "the picture is very dark", "the picture is faded, so")
    assert kinds([], Photo(PHOTO.pixels, notes=notes)) == ["pages", "dark", "faded"]
    animation = Photo(PHOTO.pixels, notes=("the file holds several pictures; the first was used",))
    assert kinds([], animation) == ["reading"]  # no other page of it can be taken
    whole = portrait(Photo(data.astronaut()[:300, 100:400].copy()))
    negative = Photo(255 - whole.photo.pixels, "negative.png")
    assert "negative" in kinds([whole], negative) and "negative" not in kinds([whole], whole.photo)


def test_faces_that_appear_only_when_turned():
    picture = Photo(data.astronaut())
    corner = picture.pixels[0, -1].tolist()

    def find(photo: Photo):
        if photo.pixels[0, 0].tolist() != corner:
            raise NoFace("no face was found")
        return (turned(0),)

    faces, missing = turned_faces(picture, find)
    assert faces == () and (missing.kind, missing.advice) == ("turned", "turn the scan a quarter to the left")

    def never(photo: Photo):
        raise NoFace("no face was found")

    assert turned_faces(PHOTO, never)[1].kind == "no face"
    assert turned_faces(PHOTO, lambda photo: [turned(0)])[1] is None


def test_the_command_answers_in_words_and_as_json(fake, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = tmp_path / "grandma.jpg"
    photo.write_bytes(b"a photograph")
    assert main(["check", str(photo)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "320 x 240 pixels, 2 faces" and "- turned upright" in lines
    assert main(["check", str(photo.rename(tmp_path / "empty.jpg")), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["faces"] == 0
    assert answer["findings"][0]["kind"] == "no face" and "--box" in answer["findings"][0]["switch"]


def test_before_and_after_as_a_picture(fake, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = tmp_path / "grandma.jpg"
    photo.write_bytes(b"a photograph")
    assert main(["check", str(photo), "--repair", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["picture"] == "grandma-before-after.png" and answer["edits"] == [
        "faded tones were given their contrast back"
    ]
    sheet = imread(tmp_path / "grandma-before-after.png")
    middle = sheet.shape[1] // 2
    assert sheet[100, middle - 50].tolist() == [150] * 3 and sheet[100, middle + 50].tolist() == [75] * 3
    assert main(["check", str(photo), "--repair"]) == 1, "it is there already"
    assert main(["check", "--enhance", str(photo), "-o", "b.png"]) == 0
    assert fake.calls[-1][1].enhance == 0.5 and not fake.calls[-1][1].repair
    assert main(["check", str(photo), "-o", "c.png"]) == 1
    assert "add --repair, --enhance or both" in capsys.readouterr().err
    assert main(["check", str(photo), "--repair", "-o", "c.jpg"]) == 1 and not (tmp_path / "c.jpg").exists()


@pytest.mark.slow
def test_a_real_scan_on_its_side(tmp_path, capsys):
    imsave(tmp_path / "a.png", np.rot90(data.astronaut()[:300, 100:400]), check_contrast=False)
    assert main(["check", str(tmp_path / "a.png"), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["kind"], found["advice"]) == ("turned", "turn the scan a quarter to the right")
