"""The mouth of one moving face, inside and around. Part of the pipeline: it joins motion (the pose) and compose."""

from __future__ import annotations

import numpy as np

from animate.compose import beard, mouth_tone
from animate.compose.creases import Creases
from animate.compose.mouth import MouthLook, MouthProxy
from animate.compose.mouth_frame import PosedFace
from animate.compose.mouth_opening import MouthMesh, Opening
from animate.compose.own_mouth import OwnMouth
from animate.compose.print_match import Grain
from animate.core.numerics import Rectangle
from animate.core.types import Crop, DrivenLandmarks, Photo, Portrait
from animate.motion import landmarks, pose, steady
from animate.pipeline.source_face import MainFace, SourceFace

JAW = (17, 18, 200, 199, 175)
NOSE = (2, 94, 19, 97, 326)  # the base of the nose, which teeth hang below
CHIN = 152
CHEEKS = ((50, 101, 36, 205), (280, 330, 266, 425))
BEARD = beard.BeardRings(
    above=((92, 165, 167, 37, 39, 40), (322, 391, 393, 267, 269, 270)),
    under=(182, 83, 18, 313, 406, 421, 200, 201),
    chin=(201, 200, 421, 428, 396, 175, 171, 208),
    cheeks=CHEEKS,
)
# From the wing of the nose past the corner of the mouth, on the left and on the right of the picture.
FOLDS = ((129, 203, 206, 216, 212), (358, 423, 426, 436, 432))
KEPT = 16  # openings of frames that are being drawn
YOUNG = (0.80, 0.90)  # outer-eye distance over the height from eyes to chin: round faces crease less, children's not
GROWN_OVER = 0.4  # how much of a crease a beard hides
HELD = (0.75, 0.2)  # how much less lips part below a moustache, and where a beard grows around them too


class DrivenMouth:
    """One driven face's mouth, frame by frame: its inside, and the creases around it."""

    def __init__(
        self, photo: Photo, portrait: Portrait, driven: DrivenLandmarks, shown: float = 1.0, *, lit: bool = False
    ):
        """`shown` is how much of the teeth is drawn, 0..1; `lit` says that the moved pixels have the driver's light,
        where it is known."""
        points = portrait.keypoints.points
        self.source, self.lit = points, lit and driven.shading is not None
        still, shape = pose.canonical(points)
        self.points, self.poses = _steadied(driven.points, pose.fit_pose(driven.points, shape))
        eyes = landmarks.EYE_CORNERS[0][0], landmarks.EYE_CORNERS[1][0]
        hair = grown(portrait)
        look = MouthLook(
            mouth_tone.tones(photo.pixels, points, landmarks.OVAL, landmarks.LIDS, landmarks.OUTER_LIPS),
            Grain(photo.pixels, points),
            mouth_tone.sharpness(photo.pixels, points, float(still.scale)),
            shown=(shown * (1 - hair.above), shown * (1 - max(hair.above, hair.below))),
            hidden=(hair.above, hair.below),
            infant=mouth_tone.infancy(points, eyes, CHIN),
        )
        self.proxy = MouthProxy(PosedFace(photo.pixels, points, shape, still), _mesh(), look)
        smooth = (1 - mouth_tone.infancy(points, eyes, CHIN, YOUNG)) * (1 - GROWN_OVER * max(hair.above, hair.below))
        self._openings: dict[int, Opening] = {}
        self.creases = Creases(points, FOLDS, landmarks.LIP_CORNERS, eyes, smooth)
        self.skin = np.stack([mouth_tone.skin(photo.pixels, points, [cheek]) for cheek in CHEEKS])  # of either fold

    def draw(self, frame: np.ndarray, index: int) -> None:
        """Draw the mouth of frame `index` into `frame` (H, W, 3) uint8, in place."""
        self.proxy.draw(frame, self.points[index], self._head(index), opening=self._opening(index), lit=self.lit)

    def shade(self, index: int, crop: Crop, nodes: np.ndarray) -> np.ndarray | None:
        """The change of colour (3, rows, columns) by creases in frame `index` at nodes (2, rows, columns) in pixels of
        a crop; None where there is none."""
        light = self.creases.light(crop.into(self.points[index]), *nodes)
        return None if light is None else np.einsum("fc,frn->crn", self.skin, light)

    def spare(self, rectangle: Rectangle, index: int) -> np.ndarray:
        """What is left (h, w), 0..1, of a paint over a rectangle of frame `index`."""
        return self.proxy.spare(rectangle, self._head(index), self._opening(index))

    def spared(self, x: np.ndarray, y: np.ndarray, index: int) -> np.ndarray | float:
        """What is left, 0..1, of a paint at scan pixels x, y of frame `index`."""
        return self.proxy.spared(x, y, self._head(index), self._opening(index))

    def painted(self, x: np.ndarray, y: np.ndarray, index: int) -> np.ndarray:
        """How far scan pixels x, y are painted in frame `index`, 0..1."""
        return self.proxy.painted(x, y, self.points[index], self._head(index))

    def _head(self, index: int) -> pose.Pose:
        return _at(self.poses, index)

    def _opening(self, index: int) -> Opening:
        """The opening of frame `index`; asked for again and again while the frame is drawn."""
        known = self._openings.get(index)
        if known is None:
            if len(self._openings) >= KEPT:
                self._openings = {}
            known = self._openings[index] = Opening(self.points[index], self.proxy.mesh)
        return known


class SourceMouth:
    """The inside of one driven face's mouth as a further photograph of the same person shows it."""

    def __init__(self, source: SourceFace, main: MainFace, driven: DrivenLandmarks):
        still, shape = pose.canonical(source.points)
        self.points, self.poses = _steadied(driven.points, pose.fit_pose(driven.points, shape))
        pixels = source.mouth_pixels(main)
        tones = mouth_tone.tones(pixels, source.points, landmarks.OVAL, landmarks.LIDS, landmarks.OUTER_LIPS)
        look = MouthLook(tones, source.grain, main.blur)
        self.mouth = OwnMouth(PosedFace(pixels, source.points, shape, still), _mesh(), look, NOSE, source.soften)

    def draw(self, frame: np.ndarray, index: int, share: float) -> None:
        """Draw the mouth of frame `index` over `frame` (H, W, 3) uint8, in place, by `share` 0..1."""
        self.mouth.draw(frame, self.points[index], _at(self.poses, index), share)

    def inside(self, x: np.ndarray, y: np.ndarray, index: int) -> np.ndarray:
        """Whether scan pixels x, y lie between the lips of frame `index`, 0..1."""
        return self.mouth.inside(x, y, self.points[index])


def grown(portrait: Portrait) -> beard.Beard:
    """The hair around a face's lips."""
    points = portrait.keypoints.points
    width = float(np.linalg.norm(np.subtract(*points[list(landmarks.LIP_CORNERS)])))
    return beard.measure(portrait.photo.pixels, points, BEARD, width)


def parting(portrait: Portrait) -> float:
    """How far the lips of a face may part, 0..1: what hair hides stays hidden, and is not torn open."""
    hair = grown(portrait)
    return 1 - HELD[0] * hair.above - HELD[1] * min(hair.above, hair.below)


def _mesh() -> MouthMesh:
    ends = landmarks.INNER_LIPS[0], landmarks.INNER_LIPS[10]
    return MouthMesh(ends, landmarks.INNER_UPPER, landmarks.INNER_LOWER, JAW)


def _steadied(points: np.ndarray, poses: pose.Pose) -> tuple[np.ndarray, pose.Pose]:
    """Points (T, 478, 3) whose jaw, nose and inner lips, and poses whose heads, do not tremble: the mouth hangs on
    these."""
    poses, hung = steady.steady_pose(poses), [*JAW, *NOSE, *landmarks.INNER_LIPS]
    points = points.copy()
    points[:, hung] = steady.steady(points[:, hung], steady.PLACE * float(np.median(poses.scale)))
    return points, poses


def _at(poses: pose.Pose, index: int) -> pose.Pose:
    return pose.Pose(poses.rotation[index], poses.scale[index], poses.offset[index])
