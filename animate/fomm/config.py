"""The sizes of a First Order Motion Model: by the published configuration, and by a checkpoint's shapes.

The names are those of the published YAML files (`model_params`), so that the two can be compared. What shapes do not
fix (temperature, pad, kp_variance) is the published default unless a configuration says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import torch

from animate.core.errors import WeightsDamaged

State = Mapping[str, torch.Tensor]

_LONGEST = 1_000_000  # bytes of a configuration that are read
_RANGES = {  # of what a configuration may set; of every other number 0 to 4096
    "num_blocks": (0, 16), "num_down_blocks": (0, 16), "num_bottleneck_blocks": (0, 64), "pad": (0, 64),
    "scale_factor": (1e-3, 1), "temperature": (1e-6, 1e3), "kp_variance": (1e-6, 1e3),
}  # fmt: skip
_HINT = "give the .yaml file that belongs to the checkpoint, such as vox-256.yaml"


@dataclass(frozen=True)
class DetectorSizes:
    """The keypoint detector: an hourglass and two heads of 7 x 7."""

    block_expansion: int = 32
    max_features: int = 1024
    num_blocks: int = 5
    scale_factor: float = 0.25
    temperature: float = 0.1
    single_jacobian_map: bool = False
    pad: int = 0


@dataclass(frozen=True)
class MotionSizes:
    """The dense-motion network: an hourglass and the heads for masks and occlusion."""

    block_expansion: int = 64
    max_features: int = 1024
    num_blocks: int = 5
    scale_factor: float = 0.25
    kp_variance: float = 0.01


@dataclass(frozen=True)
class GeneratorSizes:
    """The occlusion-aware generator."""

    block_expansion: int = 64
    max_features: int = 512
    num_down_blocks: int = 2
    num_bottleneck_blocks: int = 6
    estimate_occlusion_map: bool = True


@dataclass(frozen=True)
class Sizes:
    """All that rebuilds the networks; the defaults are those of the published vox-256.yaml and vox-adv-256.yaml."""

    num_kp: int = 10
    num_channels: int = 3
    estimate_jacobian: bool = True
    detector: DetectorSizes = field(default_factory=DetectorSizes)
    motion: MotionSizes = field(default_factory=MotionSizes)
    painter: GeneratorSizes = field(default_factory=GeneratorSizes)

    def as_dict(self) -> dict:
        """Plain numbers for a file's header; `from_dict` reads them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> Sizes:
        """The sizes of a header; raises WeightsDamaged if it holds something else."""
        parts = {"detector": DetectorSizes, "motion": MotionSizes, "painter": GeneratorSizes}
        try:
            return cls(**{name: parts[name](**value) if name in parts else value for name, value in values.items()})
        except TypeError as error:
            raise WeightsDamaged(f"the file's header does not hold sizes: {error}", hint="import it again") from error


def deduce(generator: State, detector: State) -> Sizes:
    """The sizes that the shapes of two state dictionaries mean; raises WeightsDamaged for a part that is not there.

    Shapes that no sizes explain are found when the state is compared with the network that these sizes make.
    """
    count = _shape(detector, "kp.weight")[0]
    jacobians = _shape(detector, "jacobian.weight")[0] // 4 if "jacobian.weight" in detector else 0
    inner = _below(generator, "dense_motion_network.")
    predictor, hourglass = _hourglass(detector, "predictor."), _hourglass(inner, "hourglass.")
    first, downs = _shape(generator, "first.conv.weight"), _count(generator, "down_blocks.")
    widths = [first[0], *(_shape(generator, f"down_blocks.{k}.conv.weight")[0] for k in range(downs))]
    return Sizes(
        num_kp=count,
        num_channels=first[1],
        estimate_jacobian=jacobians > 0,
        detector=DetectorSizes(**predictor, scale_factor=_scale(detector), single_jacobian_map=0 < jacobians < count),
        motion=MotionSizes(**hourglass, scale_factor=_scale(inner)),
        painter=GeneratorSizes(
            widths[0], max(widths), downs, _count(generator, "bottleneck.r"), "occlusion.weight" in inner
        ),
    )


def read_config(path: Path) -> Sizes:
    """The sizes in a published configuration (`model_params` of its YAML); raises WeightsDamaged if it has none."""
    values = _mapping(Path(path)).get("model_params")
    if not isinstance(values, dict) or not {"kp_detector_params", "generator_params"} <= set(values):
        sections = ", ".join(values or ()) if isinstance(values, dict) else "no model_params"
        raise WeightsDamaged(
            f"{Path(path).name} has no kp_detector_params and generator_params, only {sections}",
            hint=_HINT,
        )
    common, detector, painter = (_section(values, f"{name}_params") for name in ("common", "kp_detector", "generator"))
    return Sizes(
        **_known(Sizes, common),
        detector=_filled(DetectorSizes, {**common, **detector}),
        motion=_filled(MotionSizes, {**common, **_section(painter, "dense_motion_params")}),
        painter=_filled(GeneratorSizes, painter),
    )


def agreed(from_shapes: Sizes, values: Sizes) -> Sizes:
    """Sizes `from_shapes`, completed by a configuration's `values`; raises WeightsDamaged where they contradict."""
    merged = replace(
        from_shapes,
        detector=replace(from_shapes.detector, temperature=values.detector.temperature, pad=values.detector.pad),
        motion=replace(from_shapes.motion, kp_variance=values.motion.kp_variance),
    )
    wrong = _differences(merged.as_dict(), _capped(values).as_dict())
    if wrong:
        raise WeightsDamaged(
            "the checkpoint and the configuration differ: " + "; ".join(wrong),
            hint="give the configuration that the checkpoint was trained with, or none: the sizes are read from it",
        )
    return merged


def _differences(from_shapes: dict, values: dict, place: str = "") -> list[str]:
    wrong = []
    for name, value in from_shapes.items():
        if isinstance(value, dict):
            wrong += _differences(value, values[name], f"{name} ")
        elif value != values[name]:
            wrong.append(f"{place}{name} is {value}, the configuration has {values[name]}")
    return wrong


def _capped(sizes: Sizes) -> Sizes:
    """With no max_features above what is ever reached, because shapes do not show it."""
    parts = {"detector": sizes.detector.num_blocks, "motion": sizes.motion.num_blocks}
    parts["painter"] = sizes.painter.num_down_blocks
    capped = {}
    for name, blocks in parts.items():
        part = getattr(sizes, name)
        capped[name] = replace(part, max_features=min(part.max_features, part.block_expansion * 2**blocks))
    return replace(sizes, **capped)


def _hourglass(state: State, prefix: str) -> dict:
    blocks = _count(state, f"{prefix}encoder.down_blocks.")
    widths = [_shape(state, f"{prefix}encoder.down_blocks.{k}.conv.weight")[0] for k in range(blocks)]
    narrow = _shape(state, f"{prefix}decoder.up_blocks.{max(blocks - 1, 0)}.conv.weight")[0]
    return {"block_expansion": narrow, "max_features": max(widths, default=narrow), "num_blocks": blocks}


def _scale(state: State) -> float:
    """The scale that an anti-alias kernel was made for: its side is 4 (1 / scale - 1) + 1; without one 1."""
    side = _shape(state, "down.weight")[-1] if "down.weight" in state else 1
    return 4 / (side + 3)


def _count(state: State, prefix: str) -> int:
    """How many numbered blocks there are below a prefix."""
    numbers = {name[len(prefix) :].split(".")[0] for name in state if name.startswith(prefix)}
    return sum(number.isdecimal() for number in numbers)


def _below(state: State, prefix: str) -> State:
    return {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}


def _shape(state: State, name: str) -> tuple[int, ...]:
    if name not in state or state[name].ndim != 4:
        shape = f"of shape {tuple(state[name].shape)}" if name in state else "missing"
        raise WeightsDamaged(
            f"{name} is {shape}; a First Order Motion Model has it as a convolution",
            hint="give vox-cpk.pth.tar, vox-adv-cpk.pth.tar or another checkpoint of that model",
        )
    return tuple(state[name].shape)


def _filled(kind: type, values: dict):
    return kind(**_known(kind, values))


def _section(values: dict, name: str) -> dict:
    """A mapping within a mapping, empty where there is none; raises WeightsDamaged for anything else."""
    inner = values.get(name, {})
    if not isinstance(inner, dict):
        raise WeightsDamaged(f"{name} is {str(inner)[:40]!r} in the configuration, not a section", hint=_HINT)
    return inner


def _known(kind: type, values: dict) -> dict:
    """The fields of `kind` among the values, numbers and truth values only; raises WeightsDamaged for absurd ones."""
    known = {part.name for part in fields(kind) if part.name not in ("detector", "motion", "painter")}
    found = {name: value for name, value in values.items() if name in known and isinstance(value, int | float)}
    for name, value in found.items():
        low, high = _RANGES.get(name, (0, 4096))
        if not low <= value <= high:
            raise WeightsDamaged(
                f"{name} is {str(value)[:40]} in the configuration, expected {low} to {high}", hint=_HINT
            )
    return found


def _mapping(path: Path) -> dict:
    """Nested mappings of a YAML file with their numbers and truth values; lists and everything else stay text."""
    try:
        with path.open("rb") as file:
            lines = file.read(_LONGEST).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsDamaged(f"{path} is not a readable text file: {error}", hint=_HINT) from error
    root: dict = {}
    open_ones = [(-1, root)]  # indentation and mapping, the innermost last
    for line in lines:
        text = line.split("#")[0].rstrip()
        name, colon, value = text.strip().partition(":")
        if not colon:
            continue
        indent = len(text) - len(text.lstrip())
        while open_ones[-1][0] >= indent:
            open_ones.pop()
        inner: dict = {}
        open_ones[-1][1][name.strip()] = _value(value.strip()) if value.strip() else inner
        if not value.strip():
            open_ones.append((indent, inner))
    return root


def _value(word: str) -> bool | int | float | str:
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word.strip("'\"")
