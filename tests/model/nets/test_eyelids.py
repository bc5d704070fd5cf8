"""Drawn lids: only where an open eye closes, of the skin around it, with lashes as dark as the print has them, wherever
the face is.
"""

import numpy as np
import pytest
import torch

from animate.model.nets import eyelids
from animate.model.nets.eyelids import EyelidSynthesizer
from animate.model.nets.face_masks import Contours, draw
from animate.motion import landmarks

OUTLINES = Contours(
    landmarks.LIDS, landmarks.INNER_LIPS, landmarks.OUTER_LIPS, landmarks.BROWS, landmarks.OVAL, landmarks.IRISES
)
SIZE, EYES = 160, 40.0
SKIN, WHITE, DARK = (0.7, 0.55, 0.45), (0.9, 0.9, 0.9), (0.15, 0.1, 0.05)


def face(turn: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)) -> torch.Tensor:
    """The mean face (1, 478, 3) in the middle of the picture, rolled by degrees."""
    a = np.deg2rad(turn)
    points = landmarks.MEAN_FACE * EYES @ np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    return torch.tensor(points + [SIZE / 2 + shift[0], SIZE / 2 + shift[1], 0], dtype=torch.float32)[None]


def closed(points: torch.Tensor, part: float = 1.0) -> torch.Tensor:
    points = points.clone()
    for upper, lower in zip(landmarks.UPPER_LIDS, landmarks.LOWER_LIDS, strict=True):
        points[:, list(upper)] += part * (points[:, list(lower)] - points[:, list(upper)])
    return points


def picture(points: torch.Tensor, *, lamp: bool = False) -> torch.Tensor:
    """Skin with two eyes of white and dark; with a lamp, darker to the right."""
    masks = torch.nn.functional.interpolate(draw(points, OUTLINES, size=SIZE, count=SIZE), size=SIZE)
    eyes, irises = masks[:, :1], masks[:, 1:2]
    skin, white, dark = (torch.tensor(colour).view(1, 3, 1, 1) for colour in (SKIN, WHITE, DARK))
    shown = skin + eyes * (white - skin) + irises * (dark - white)
    return shown * torch.linspace(1.2, 0.5, SIZE) if lamp else shown


@pytest.fixture
def drawer() -> EyelidSynthesizer:
    """Lids with a line of lashes a tenth of an eye wide."""
    made = EyelidSynthesizer()
    v = torch.linspace(*eyelids.LASH_V)
    made.lashes.copy_((-torch.exp(-((v / 0.05) ** 2)))[:, None].expand(-1, eyelids.LASH_U[2]))
    return made


def drawn(
    drawer: EyelidSynthesizer,
    shown: torch.Tensor,
    rest: torch.Tensor,
    driven: torch.Tensor,
    moved: torch.Tensor | None = None,
    tone=0.0,
):
    """What is shown of a photograph `shown`, moved to `moved`, and the lids' cover."""
    moved = shown if moved is None else moved
    colour, cover = drawer(shown, tone * torch.ones_like(moved), rest, driven, OUTLINES)
    return moved + cover * (colour - moved), cover


def opening(points: torch.Tensor) -> torch.Tensor:
    """Where the eyes are open, a little inside (n, n)."""
    mask = draw(points, OUTLINES, size=SIZE, count=SIZE)[0, 0]
    return -torch.nn.functional.max_pool2d(-mask[None], 3, 1, 1)[0] > 0.9


@pytest.mark.parametrize("part", [0.0, 0.3, -0.5])
def test_an_eye_that_stays_open_gets_no_lid(drawer, part):
    _, cover = drawn(drawer, picture(face()), face(), closed(face(), part))
    assert cover.max() == 0


def test_an_eye_that_was_closed_in_the_photograph_gets_none_either(drawer):
    shut = closed(face())
    assert drawn(drawer, picture(shut), shut, shut)[1].max() == 0


def test_a_closed_eye_is_skin_but_for_its_lashes(drawer):
    points = face()
    shown, cover = drawn(drawer, picture(points), points, closed(points))
    inside = opening(points)
    assert cover[0, 0][inside].min() > 0.99
    off = (shown[0] - torch.tensor(SKIN).view(3, 1, 1)).abs().amax(0)
    assert off[inside].median() < 0.05 and off[cover[0, 0] > 0.9].max() > 0.3  # skin, and the line
    assert shown[0].amin() > min(DARK) - 0.02  # and no blacker than the print


def test_lids_have_the_light_of_their_place(drawer):
    points = face()
    drawer.lashes.zero_()
    lit = picture(points, lamp=True)
    shown, _ = drawn(drawer, lit, points, closed(points))
    skin = torch.tensor(SKIN).view(3, 1, 1) * torch.linspace(1.2, 0.5, SIZE)
    assert (shown[0] - skin).abs().amax(0)[opening(points)].max() < 0.06


def test_a_change_of_light_reaches_the_lids(drawer):
    points = face()
    plain, brighter = (drawn(drawer, picture(points), points, closed(points), tone=tone)[0] for tone in (0.0, 0.1))
    assert torch.allclose((brighter - plain)[0, :, opening(points)], torch.tensor(0.1), atol=1e-3)


def test_skin_around_a_closing_eye_is_the_photographs_own(drawer):
    """What moved with the lid, a frame of glasses say, is back in its place."""
    points = face()
    photo, moved = picture(points), picture(points)
    top = int(points[0, list(landmarks.UPPER_LIDS[0]), 1].min() - 0.2 * 0.45 * EYES)
    photo[..., top - 4 : top - 2, 20:140] = 0.05
    moved[..., top : top + 2, 20:140] = 0.05
    shown, _ = drawn(drawer, photo, points, closed(points), moved=moved)
    middle = int(points[0, list(landmarks.LIDS[0]), 0].mean())
    assert shown[0, :, top : top + 2, middle].min() > 0.25 and shown[0, :, top - 4 : top - 2, middle].max() < 0.4


def test_a_grey_print_stays_grey(drawer):
    points = face()
    grey = picture(points).mean(1, keepdim=True).expand(-1, 3, -1, -1)
    shown, _ = drawn(drawer, grey, points, closed(points))
    assert (shown - shown.mean(1, keepdim=True)).abs().max() < 1e-5


def test_brows_and_frames_of_glasses_are_left_alone(drawer):
    points = face()
    shown = picture(points)
    top = int(points[0, list(landmarks.UPPER_LIDS[0]), 1].min() - 0.35 * 0.45 * EYES)
    shown[..., top - 2 : top, 20:140] = 0.05
    after, _ = drawn(drawer, shown, points, closed(points))
    assert (after - shown)[..., top - 2 : top, :].abs().max() < 0.12


def test_lids_come_gradually_and_follow_the_face(drawer):
    points = face()
    covers = [
        float(drawn(drawer, picture(points), points, closed(points, part))[1].sum()) for part in (0.6, 0.7, 0.8, 1.0)
    ]
    assert 0 < covers[0] < covers[1] < covers[2] < covers[3]
    away = face(10, (12, -7))
    _, cover = drawn(drawer, picture(points), points, closed(away), moved=picture(away))
    assert cover[0, 0][opening(away)].min() > 0.99


def test_faces_of_a_batch_do_not_see_each_other(drawer):
    one, other = face(), face(-8, (-10, 5))
    rest, driven = torch.cat([one, other]), torch.cat([closed(one), closed(other, 0.7)])
    pictures = torch.cat([picture(one), picture(other)])
    together, alone = drawn(drawer, pictures, rest, driven), drawn(drawer, pictures[1:], rest[1:], driven[1:])
    assert torch.allclose(together[0][1], alone[0][0], atol=1e-5) and torch.allclose(
        together[1][1], alone[1][0], atol=1e-6
    )


def test_an_eye_outside_the_picture_does_no_harm(drawer):
    points = face(0, (-75, 0))
    shown, cover = drawn(drawer, picture(points), points, closed(points))
    assert torch.isfinite(shown).all() and cover.max() <= 1


def test_brows_and_frames_do_not_stain_the_lid(drawer):
    points = face()
    plain = picture(points)
    brows = torch.nn.functional.max_pool2d(draw(points, OUTLINES, size=SIZE, count=SIZE)[:, 4:5], 7, 1, 3)
    assert brows.sum() > 100
    dark = torch.tensor((0.18, 0.14, 0.12)).view(1, 3, 1, 1)
    lids = [drawn(drawer, shown, points, closed(points))[0] for shown in (plain, plain + brows * (dark - plain))]
    upper = opening(points)
    change = (lids[1] - lids[0])[0].mean(0)[upper]
    assert change.abs().mean() < 0.02
