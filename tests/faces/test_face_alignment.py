"""The face-alignment finder: never a download, never an unchecked file; its numbers mapped back to scan pixels."""

import hashlib
import inspect
import sys
import types

import numpy as np
import pytest

from animate.core.errors import MissingExtra, WeightsDamaged, WeightsMissing
from animate.faces import face_alignment
from animate.faces.detect import detect

SCAN = np.full((1200, 2400, 3), 90, np.uint8)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty torch-hub cache."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = face_alignment.checkpoints()
    folder.mkdir(parents=True)
    face_alignment._aligner.cache_clear()
    yield folder
    face_alignment._aligner.cache_clear()


def fill(folder, monkeypatch):
    """Both files, under names that begin with the right digits."""
    names = []
    for stem, content in (("2DFAN4", b"landmarks"), ("s3fd", b"boxes")):
        names.append(f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}.pth")
        (folder / names[-1]).write_bytes(content)
    monkeypatch.setattr(face_alignment, "FILES", tuple(names))
    return [folder / name for name in names]


class Stub:
    """A stand-in for FaceAlignment that sees one face at a fixed fraction of whatever picture it is given."""

    asked: dict = {}
    faces = 1

    def __init__(self, kind, **about):
        Stub.asked = {"kind": kind, **about}
        self.face_detector = self

    def detect_from_image(self, picture):
        height, width = picture.shape[:2]
        return [np.array([0.25 * width, 0.25 * height, 0.5 * width, 0.75 * height, 0.9])] * self.faces

    def get_landmarks_from_image(self, picture, detected_faces):
        points = np.zeros((68, 2), np.float32)
        points[36:42], points[42:48] = [0.3, 0.4], [0.45, 0.4]
        points[30], points[48], points[54] = [0.37, 0.5], [0.32, 0.6], [0.43, 0.6]
        return [points * [picture.shape[1], picture.shape[0]] for _ in detected_faces]


@pytest.fixture
def library(monkeypatch):
    module = types.ModuleType("face_alignment")
    module.FaceAlignment = Stub
    module.LandmarksType = types.SimpleNamespace(TWO_D=1)
    monkeypatch.setitem(sys.modules, "face_alignment", module)
    monkeypatch.setattr(Stub, "faces", 1)


def test_missing_files_are_one_sentence(hub):
    with pytest.raises(WeightsMissing, match="face-alignment needs 2DFAN4-11f355bf06.pth.tar") as caught:
        detect(SCAN, finder="face-alignment")
    assert caught.value.hint == "keepsake weights get face-alignment"


def test_damaged_file_is_never_read(hub, library):
    for name in face_alignment.FILES:
        (hub / name).write_bytes(b"not the published file")
    with pytest.raises(WeightsDamaged, match="does not start with 11f355bf06") as caught:
        detect(SCAN, finder="face-alignment")
    assert "face-alignment" in caught.value.hint


def test_a_file_changed_later_is_noticed(hub, monkeypatch):
    file = fill(hub, monkeypatch)[0]
    face_alignment.check(file)
    file.write_bytes(b"something else entirely")
    with pytest.raises(WeightsDamaged):
        face_alignment.check(file)


def test_right_files_give_faces_in_scan_pixels(hub, library, monkeypatch):
    fill(hub, monkeypatch)
    (face,) = detect(SCAN, finder="face-alignment")
    assert face.box == pytest.approx((600, 300, 600, 600), abs=2)
    assert np.allclose(face.points[0], [720, 480], atol=2)
    assert np.allclose(face.points[4], [1032, 720], atol=2)
    assert Stub.asked["device"] == "cpu"
    assert Stub.asked["compile"] is False


def test_it_takes_part_where_centerface_finds_nothing(hub, library, monkeypatch):
    assert detect(SCAN) == ()
    fill(hub, monkeypatch)
    (face,) = detect(SCAN)
    assert face.box == pytest.approx((600, 300, 600, 600), abs=2)


def test_without_the_package_the_error_says_what_to_install(hub, monkeypatch):
    monkeypatch.setattr(face_alignment, "_installed", lambda: False)
    fill(hub, monkeypatch)
    with pytest.raises(MissingExtra, match="not installed") as caught:
        detect(SCAN, finder="face-alignment")
    assert "keepsake[face-alignment]" in caught.value.hint
    assert not face_alignment.ready()
    assert detect(SCAN) == ()


def test_no_face_is_no_error(hub, library, monkeypatch):
    fill(hub, monkeypatch)
    monkeypatch.setattr(Stub, "faces", 0)
    assert detect(SCAN, finder="face-alignment") == ()


def test_cache_folder_follows_torch(monkeypatch, tmp_path):
    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert face_alignment.checkpoints() == tmp_path / "torch" / "hub" / "checkpoints"


def test_it_is_ready_only_with_all_its_files(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert not face_alignment.ready()
    monkeypatch.setattr(face_alignment, "check", lambda file: None)
    assert face_alignment.ready()


@pytest.mark.slow
def test_the_stub_has_the_interface_of_the_library():
    import face_alignment as library

    made = set(inspect.signature(library.FaceAlignment.__init__).parameters)
    assert {"landmarks_type", "device", "compile", "flip_input", "face_detector"} <= made
    asked = inspect.signature(library.FaceAlignment.get_landmarks_from_image).parameters
    assert "detected_faces" in asked
    assert library.LandmarksType.TWO_D.name == "TWO_D"
