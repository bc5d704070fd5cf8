"""The published First Order Motion Model behind numpy: a picture and ten keypoints a frame in, moving frames out.

Conventions: pictures are (n, n, 3) uint8 RGB, n a multiple of `side_step` (128 for the published sizes, which were
trained at 256). Keypoints are of kind FOMM: points (10, 2) in -1..1 of the picture. Motion is a displacement in pixels
of the picture, channels (x, y): the frame at z shows the picture at z + motion(z).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from animate.core.errors import KeypointsMixed, WeightsMissing
from animate.core.types import FOMM, Keypoints
from animate.fomm.checkpoint import KIND, check_state
from animate.fomm.config import Sizes
from animate.fomm.fused import fast
from animate.fomm.networks import EncodedSource, FommNetwork, Points
from animate.model.checkpoint import read
from animate.model.precision import has_bfloat16
from animate.model.warp.sampling import NodeGrid

SIZE = 256  # side of the pictures that the published weights were trained with
BATCH = 16  # frames whose keypoints or motion are computed together
PAINTED = 2  # frames that are painted together: more do not stay in the processor's cache
PRECISIONS = ("float32", "bfloat16", "auto")


class FommFrame(NamedTuple):
    """One frame: picture (n, n, 3) float32 in 0..1; motion (m, m, 2) float32 in pixels at the nodes of Fomm.lattice(n),
    and there `visible` (m, m) float32 in 0..1: the share of the warped picture, 0 where everything is painted.
    """

    picture: np.ndarray
    motion: np.ndarray
    visible: np.ndarray


@dataclass(frozen=True, eq=False)
class FommSource:
    """A picture whose features and keypoints are known: `picture` (n, n, 3) uint8."""

    picture: np.ndarray
    keypoints: Keypoints
    source: EncodedSource


class Fomm:
    """The networks, ready to run on the CPU."""

    def __init__(self, network: FommNetwork, *, aligned: bool = True, precision: str = "float32", keep: bool = True):
        """`aligned` is the convention of sampling (networks.py): True for weights of torch 1.0's time, the
        published ones among them. precision: float32 gives the reference's numbers; bfloat16 is faster where the
        processor has it, but rounds; auto takes it there. Keypoints are float32 always. Unless
        `keep`, `network` itself is rewritten, which spares memory."""
        if precision not in PRECISIONS:
            raise ValueError(f"precision is one of {', '.join(PRECISIONS)}, not {precision!r}")
        half = precision == "bfloat16" or (precision == "auto" and has_bfloat16())
        self.sizes, self.aligned = network.sizes, aligned
        self.network = fast(network, dtype=torch.bfloat16 if half else torch.float32, keep=keep)
        sizes = network.sizes
        deepest = [round(2**part.num_blocks / part.scale_factor) for part in (sizes.detector, sizes.motion)]
        self.side_step = max(*deepest, 2**sizes.painter.num_down_blocks)

    @torch.inference_mode()
    def detect(self, pictures: Iterable[np.ndarray]) -> Iterator[Keypoints]:
        """The keypoints of each picture (n, n, 3) uint8; frames are taken as they come, `BATCH` at a time."""
        for batch in _groups(pictures):
            points = self.network.kp_detector(torch.cat([self._tensor(picture) for picture in batch]))
            yield from _keypoints(points)

    @torch.inference_mode()
    def still(self, picture: np.ndarray) -> FommSource:
        """A picture ready to be moved."""
        tensor = self._tensor(picture)
        points = self.network.kp_detector(tensor)
        return FommSource(picture, _keypoints(points)[0], self.network.generator.source(tensor, points))

    def frames(self, still: FommSource, driven: Iterable[Keypoints]) -> Iterator[FommFrame]:
        """A Frame for each of the keypoints that the picture's are moved to; raises KeypointsMixed for those of another
        model."""
        for batch in _groups(driven):
            yield from self._moved(still, _points(batch))

    def lattice(self, size: int) -> NodeGrid:
        """Where in a picture of `size` pixels FommFrame.motion and FommFrame.visible are given: the middles
        of their cells.
        """
        count = round(size * self.sizes.motion.scale_factor)
        nodes = ((np.arange(count) + 0.5) * (size / count) - 0.5).astype(np.float32)
        return NodeGrid(nodes, nodes)

    @torch.inference_mode()
    def _moved(self, still: FommSource, points: Points) -> list[FommFrame]:
        generator, source = self.network.generator, still.source
        motion = generator.dense_motion_network(source.small, source.points, points, aligned=self.aligned)
        deformation, occlusion, _ = motion
        made = []
        for a in range(0, len(deformation), PAINTED):
            batch = slice(a, a + PAINTED)
            hidden = None if occlusion is None else occlusion[batch]
            made.append(generator.paint(source.features, deformation[batch], hidden, aligned=self.aligned))
        pictures = torch.cat(made).permute(0, 2, 3, 1).contiguous().numpy()
        visible = torch.ones(deformation.shape[:3]) if occlusion is None else occlusion[:, 0]
        size = len(still.picture)
        return [
            FommFrame(*parts) for parts in zip(pictures, self._pixels(deformation, size), visible.numpy(), strict=True)
        ]

    def _pixels(self, deformation: torch.Tensor, size: int) -> np.ndarray:
        """A deformation (B, m, m, 2) as displacement in pixels of a picture of `size`: from a cell's middle to the
        place it samples."""
        count = deformation.shape[1]
        cells = (deformation + 1) / 2 * (count - 1) if self.aligned else ((deformation + 1) * count - 1) / 2
        own = torch.arange(count, dtype=torch.float32)
        return ((cells - torch.stack(torch.meshgrid(own, own, indexing="xy"), -1)) * (size / count)).numpy()

    def _tensor(self, picture: np.ndarray) -> torch.Tensor:
        side = self.side_step
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape != (len(picture), len(picture), 3):
            raise ValueError(f"a picture is (n, n, 3) uint8, not {picture.shape} {picture.dtype}")
        if len(picture) % side or not len(picture):
            raise ValueError(f"a picture's side is a multiple of {side}, not {len(picture)}")
        return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255


def load_fomm(path: Path, *, aligned: bool = True, precision: str = "auto") -> Fomm:
    """The model in a file that fomm_import.save wrote; raises WeightsMissing or WeightsDamaged."""
    return Fomm(load_network(path), aligned=aligned, precision=precision, keep=False)


def load_network(path: Path) -> FommNetwork:
    """The plain networks in such a file, in evaluation mode."""
    path = Path(path)
    if not path.is_file():
        raise WeightsMissing(f"there is no weights file at {path}", hint="keepsake weights import FILE --as vox-adv")
    header, state = read(path, KIND)
    sizes = Sizes.from_dict(header)
    check_state(state, sizes, path.name)
    with torch.device("meta"):
        network = FommNetwork(sizes)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.num_batches_tracked = torch.tensor(0)  # only these are not in files, all else is checked above
    network.load_state_dict(state, strict=False, assign=True)
    return network.eval()


def _groups(items: Iterable) -> Iterator[tuple]:
    items = iter(items)
    while batch := tuple(islice(items, BATCH)):
        yield batch


def _keypoints(points: Points) -> list[Keypoints]:
    jacobians = [None] * len(points.value) if points.jacobian is None else points.jacobian.numpy()
    values = points.value.numpy()
    return [Keypoints(value, FOMM, 1.0, jacobian) for value, jacobian in zip(values, jacobians, strict=True)]


def _points(keypoints: Sequence[Keypoints]) -> Points:
    for one in keypoints:
        if one.kind != FOMM:
            raise KeypointsMixed(
                f"these are keypoints of kind {one.kind!r}, and the models vox and vox-adv move {FOMM!r}",
                hint="drive vox and vox-adv with a video, and use gesture files with the model keepsake",
            )
    value = torch.from_numpy(np.stack([one.points for one in keypoints]).astype(np.float32))
    if any(one.jacobians is None for one in keypoints):
        return Points(value, None)
    return Points(value, torch.from_numpy(np.stack([one.jacobians for one in keypoints]).astype(np.float32)))
