"""What closed lids look like, measured in recordings of people who blink: how much darker than the skin around is the
line of lashes?

Conventions: those of model/nets/eyelids.py. An eye is a pattern (51, 71) of logarithms of brightness over that of
the skin, columns from the outer corner to the inner one, rows across the line between the lids.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, gaussian_filter1d, map_coordinates

from animate.model.nets import eyelids
from animate.model.warp.sampling import sample_normalised
from animate.motion import landmarks
from animate.train import pairs
from animate.train.data import Pictures

CLOSED = 0.2  # of what is usual in a clip: eyes less open than this are closed
MOST = 4  # frames of one clip
NARROWEST = 16.0  # pixels of an eye's width
CLOSE = {"above": 0.09, "below": 0.07, "edge": 0.08}  # skin right beside the eye is what its lashes are compared with
DARK = 4 / 255  # added to brightness, so that black has a logarithm
ROUNDS, REACH = 3, 6  # of laying the patterns onto their median; rows that a column may be shifted by
SMOOTH = 5.0  # columns: neighbours are shifted alike


def measure(pictures: Pictures, points: np.ndarray) -> torch.Tensor:
    """The pattern (51, 71), nowhere above 0, of the pictures to train on with `points` (N, 478, 3); all 0
    where nobody blinks.
    """
    strips = [
        eye(np.asarray(pictures.frames[closed]), points[closed], points[opened], side)
        for opened, closed in blinks(pictures)
        for side in (0, 1)
        if width(points[closed], side) > NARROWEST
    ]
    if not strips:
        return torch.zeros(eyelids.LASH_V[2], eyelids.LASH_U[2])
    return torch.from_numpy(np.minimum(laid_upon_each_other(np.stack(strips)), 0).astype(np.float32))


def blinks(pictures: Pictures) -> list[tuple[int, int]]:
    """Pairs of pictures of one person in training, eyes as open as usual and eyes closed."""
    opening, train = pairs.opening(pictures), pictures.of("train")
    runs = np.split(train, np.flatnonzero(np.diff(pictures.row_of[train])) + 1)
    chosen_pairs = []
    for run in runs:
        closed = run[opening[run] < CLOSED]
        if len(closed) and not pictures.rows[pictures.row_of[run[0]]].synthetic:
            chosen = closed[np.unique(np.linspace(0, len(closed) - 1, MOST).astype(int))]
            chosen_pairs += [(int(run[np.abs(opening[run] - 1).argmin()]), int(one)) for one in chosen]
    return chosen_pairs


def width(points: np.ndarray, side: int) -> float:
    """Pixels between the corners of an eye."""
    return float(np.linalg.norm(np.subtract(*points[list(landmarks.EYE_CORNERS[side]), :2])))


def eye(picture: np.ndarray, closed: np.ndarray, opened: np.ndarray, side: int) -> np.ndarray:
    """The pattern of one eye in a picture (H, H, 3) uint8 with points `closed`, that is open at points
    `opened` of another.
    """
    now, before = (torch.from_numpy(points[list(landmarks.LIDS[side])])[None].float() for points in (closed, opened))
    u, v = (torch.linspace(*part) for part in (eyelids.U, eyelids.V))
    frame, rest = eyelids.frame(now, side), eyelids.frame(before, side)
    shown = eyelids.sampled(torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255, frame.out(u, v))
    inside = eyelids.around(*eyelids.lid_curves(rest.into(before[..., :2]), u), u, v, **CLOSE)
    shading, skin = (eyelids.grey(part) + DARK for part in (shown, eyelids.fill_from_surroundings(shown, inside)))
    x, off = (torch.linspace(*part) for part in (eyelids.LASH_U, eyelids.LASH_V))
    line = sum(eyelids.lid_curves(frame.into(now[..., :2]), x)) / 2
    places = torch.stack(
        [eyelids.unit(x, eyelids.U).expand(len(off), -1), eyelids.unit(off[:, None] + line[0], eyelids.V)], -1
    )
    return sample_normalised((shading / skin).log()[:, None], places[None, None], aligned=True)[0, 0, 0].numpy()


def laid_upon_each_other(patterns: np.ndarray) -> np.ndarray:
    """The median (51, 71) of patterns (N, 51, 71), each of whose columns is shifted to where it is most like it."""
    usual = np.median(patterns, 0)
    for _ in range(ROUNDS):
        usual = np.median([shifted(one, usual) for one in patterns], 0)
    return usual


def shifted(one: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """A pattern with its columns shifted smoothly to where they are most like those of another."""
    soft, inner = gaussian_filter(one, (1, 3)), slice(REACH, -REACH)
    steps = range(-REACH, REACH + 1)
    unlike = np.stack([((np.roll(soft, -step, 0) - usual)[inner] ** 2).sum(0) for step in steps])
    best = gaussian_filter1d(unlike, SMOOTH, axis=1).argmin(0) - REACH
    rows, columns = np.indices(one.shape)
    return map_coordinates(
        one, [rows + gaussian_filter1d(best.astype(float), SMOOTH), columns], order=1, mode="nearest"
    )
