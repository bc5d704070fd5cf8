"""Loads the networks of a model: the bundled one or a published one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from animate.core import weights
from animate.core.errors import WeightsMissing
from animate.core.options import BUNDLED_MODEL, MODELS, PUBLISHED_MODELS
from animate.core.protocols import FommPredictor, LandmarkPredictor, MattePredictor, MotionPredictor, Upscaler
from animate.pipeline.settings import settings


@dataclass(frozen=True, eq=False)
class Model:
    """Loaded networks: `keypoints` finds the mesh; `motion` refines the movement and paints and `matte` separates
    people from their surroundings, or `fomm` is the published model in their place; `id` names the exact weights."""

    name: str
    id: str
    keypoints: LandmarkPredictor
    fomm: FommPredictor | None = None
    motion: MotionPredictor | None = None
    matte: MattePredictor | None = None

    @cached_property
    def upscaler(self) -> Upscaler:
        """The network that makes faces sharper, loaded when it is first asked for; raises MissingExtra."""
        from animate.model.real_esrgan import load_real_esrgan

        return load_real_esrgan()


def load(name: str = BUNDLED_MODEL) -> Model:
    """The networks of a model, for the CPU.

    Args:
        name: "keepsake", or "vox" or "vox-adv" if their weights were imported.

    Raises:
        WeightsMissing: for a name or a file that is not there.
        WeightsDamaged: for a broken file.
    """
    if name not in MODELS:
        raise WeightsMissing(f"there is no model {name!r}", hint="the bundled model is 'keepsake'")
    from animate.model.nets.landmark_network import load_landmark_network

    with settings():
        keypoints = load_landmark_network(weights.path("keypoints"))
        if name in PUBLISHED_MODELS:
            from animate.fomm.model import load_fomm

            return Model(name, weights.digest(name)[:12], keypoints, fomm=load_fomm(weights.path(name)))
        from animate.model.nets.matte import load_matte
        from animate.model.nets.motion_networks import load_networks
        from animate.model.precision import preferred_dtype

        motion = load_networks(weights.path("motion"), dtype=preferred_dtype())
        matte = load_matte(weights.path("matte"))
        exact = weights.digest("keypoints", "motion", "matte")[:12]
        return Model(name, exact, keypoints, motion=motion, matte=matte)
