"""Every choice of a training of the motion networks, as the [motion] table of a TOML file states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from animate.core.errors import OptionError
from animate.model.nets.motion_networks import MotionNetworkSizes

WEIGHTS = {
    "pixel": 1.0,
    "edge": 0.4,
    "pyramid": 0.5,
    "colour": 0.3,
    "rough": 0.03,
    "painted": 0.1,
    "feature": 0.0,
    "points": 0.0,
    "adversarial": 0.0,
    "match": 0.0,
}
PARTS = ("refiner", "shade", "generator")


@dataclass(frozen=True)
class MotionConfig:
    """Choices of MotionTask."""

    size: int = 160  # pixels a side of a sample
    span: tuple[float, float] = (3.5, 5.0)  # eye distances a side, from .. to
    drivers: int = 2  # frames that share a photo
    refine: tuple[int, int, int] = MotionNetworkSizes.refine  # channels of the networks
    shade: tuple[int, int, int] = MotionNetworkSizes.shade
    paint: tuple[int, int, int] = MotionNetworkSizes.paint
    start: str = ""  # exported weights to go on from, with their sizes
    run_size: int = MotionNetworkSizes.size  # pixels and eye distances of the crop at run time
    run_span: float = MotionNetworkSizes.span
    keypoints: str = ""  # weights of the landmark network, which the feature and point losses need
    own: bool = False  # points of that network instead of the teacher's
    settle: int = 2000  # steps before those two losses and the critic's begin
    ramp: int = 1000  # steps over which the cost of painting grows
    critic_rate: float = 2e-4
    held_out: int = 5  # frames a clip in the score
    refined: float = 0.6  # share of the drivers whose own pixels refine their points
    learn: tuple[str, ...] = PARTS
    weights: Mapping[str, float] = field(default_factory=lambda: dict(WEIGHTS))  # of the losses

    @classmethod
    def of(cls, table: Mapping) -> MotionConfig:
        """The choices in a table, in which the weights of losses stand beside the others; raises OptionError for a key
        that is neither."""
        names = {choice.name for choice in fields(cls)} - {"weights"}
        weights = {name: value for name, value in table.items() if name not in names}
        if unknown := sorted(set(weights) - set(WEIGHTS)):
            raise OptionError(f"[motion] {', '.join(unknown)} is not understood", hint="losses: " + ", ".join(WEIGHTS))
        choices = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
        return cls(**{name: choices[name] for name in names & set(choices)}, weights={**WEIGHTS, **weights})

    @property
    def sizes(self) -> MotionNetworkSizes:
        return MotionNetworkSizes(self.refine, self.shade, self.paint, self.run_size, self.run_span)
