import numpy as np
import pytest

from animate.motion import landmarks, mesh
from animate.motion.landmarks import JAW, MEAN_FACE, MIRROR, TRIANGLES


def test_mirror_is_its_own_inverse_and_swaps_the_sides():
    assert (MIRROR[MIRROR] == np.arange(478)).all()
    for left, right in ((33, 263), (133, 362), (61, 291), (78, 308), (468, 473), (1, 1), (10, 10), (159, 386)):
        assert MIRROR[left] == right
    for ring in (landmarks.OVAL, landmarks.OUTER_LIPS, landmarks.INNER_LIPS):
        assert set(MIRROR[list(ring)]) == set(ring)
    assert set(MIRROR[list(landmarks.LIDS[0])]) == set(landmarks.LIDS[1])


def test_mean_face_is_symmetric_and_like_the_template_of_five_points():
    np.testing.assert_allclose(MEAN_FACE[MIRROR] * (-1, 1, 1), MEAN_FACE, atol=1e-6)
    template = [[-0.5, -0.5623], [0.5, -0.5623], [0, 0.0824], [-0.4243, 0.5211], [0.4243, 0.5211]]
    np.testing.assert_allclose(landmarks.five(MEAN_FACE), template, atol=0.02)


def test_five_takes_stacks_and_planes():
    stack = np.stack([MEAN_FACE, MEAN_FACE + 1])
    assert landmarks.five(stack).shape == (2, 5, 2)
    np.testing.assert_array_equal(landmarks.five(stack[..., :2]), landmarks.five(stack))


def test_triangles_cover_the_skin_and_leave_the_openings():
    assert set(TRIANGLES.ravel()) == set(range(landmarks.SURFACE))
    corners = MEAN_FACE[TRIANGLES]
    assert (np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] > 0).all()
    centres = corners.mean(axis=1)[:, :2]
    for ring in landmarks.LIDS:
        assert not mesh.inside(MEAN_FACE[list(ring), :2], centres).any()


def test_the_stored_mesh_is_what_its_mean_face_gives():
    found = mesh.derive(MEAN_FACE)
    assert {tuple(sorted(t)) for t in found["triangles"].tolist()} == {tuple(sorted(t)) for t in TRIANGLES.tolist()}
    np.testing.assert_array_equal(found["mirror"], MIRROR)


def test_jaw_opens_by_one_and_moves_neither_eyes_nor_skull():
    gap = (JAW[list(landmarks.INNER_LOWER), 1] - JAW[list(landmarks.INNER_UPPER), 1])[2:7].mean()
    assert gap == pytest.approx(1, abs=1e-3)
    assert not JAW[[*landmarks.RIGID, *landmarks.LIDS[0], *landmarks.IRISES[1]]].any()


def test_jaw_is_found_again_in_recordings_of_it():
    opening = np.linspace(0, 0.4, 12)[:, None, None]
    talking = MEAN_FACE + opening * JAW + 0.01 * np.sin(np.arange(12))[:, None, None] * np.eye(478)[[291]].T
    np.testing.assert_allclose(mesh.jaw([talking], MEAN_FACE, MIRROR), JAW, atol=0.03)


def test_average_undoes_place_size_and_lean():
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]])
    faces = np.stack([MEAN_FACE, MEAN_FACE * 3 + (7, 5, 0), MEAN_FACE @ turn.T * 2])
    np.testing.assert_allclose(mesh.average(faces, landmarks.five(MEAN_FACE)), MEAN_FACE, atol=1e-4)


def test_normals_face_away_from_the_camera_on_a_frontal_face():
    facing = landmarks.normals(MEAN_FACE)
    assert facing.shape == (478, 3)
    np.testing.assert_allclose(np.linalg.norm(facing, axis=1), 1, atol=1e-5)
    assert (facing[:, 2] > 0).all()
    turn = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)  # a quarter turn shows one profile only
    profile = landmarks.normals(MEAN_FACE @ turn.T)[:, 2]
    assert (profile[[127, 234]] * profile[[356, 454]] < 0).all()


def test_stored_arrays_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        MEAN_FACE[0] = 0
    with pytest.raises(AttributeError):
        _ = landmarks.MEAN_FISH
