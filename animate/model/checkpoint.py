"""Weights files: safetensors in fp16, with what they are and the shape of the network in the header.

The header's `keepsake` entry is JSON: {"kind": "keypoints", "shape": {...}}. Loading executes nothing from the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from animate.core.errors import WeightsDamaged, WeightsMissing
from animate.core.files import replacing

Network = TypeVar("Network", bound=torch.nn.Module)


def write(
    path: Path, kind: str, shape: dict, state: dict[str, torch.Tensor], *, dtype: torch.dtype = torch.float16
) -> Path:
    """Write `state` with floats as `dtype`; the file appears at `path` only when complete."""
    tensors = {
        name: (value.to(dtype) if value.is_floating_point() else value).contiguous().cpu()
        for name, value in state.items()
    }
    path = Path(path)
    with replacing(path) as part:
        save_file(tensors, str(part), metadata={"keepsake": json.dumps({"kind": kind, "shape": shape})})
    return path


def read(path: Path, kind: str) -> tuple[dict, dict[str, torch.Tensor]]:
    """The shape (lists as tuples) and fp32 tensors of a file of `kind`; raises WeightsMissing or WeightsDamaged."""
    path = Path(path)
    if not path.is_file():
        raise WeightsMissing(
            f"there is no weights file at {path}", hint="reinstall the package: its weights come with it"
        )
    try:
        with safe_open(str(path), framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("keepsake", "{}"))
            names = file.keys()
            state = {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsDamaged(
            f"{path.name} is not a readable safetensors file: {error}", hint="fetch or export it again"
        ) from error
    header = header if isinstance(header, dict) else {}
    if header.get("kind") != kind:
        raise WeightsDamaged(
            f"{path.name} holds {header.get('kind', 'something without a header')!r}, expected {kind!r}",
            hint="give the file that belongs to this network",
        )
    if not isinstance(header.get("shape"), dict):
        raise WeightsDamaged(f"{path.name} does not say its network's sizes", hint="fetch or export it again")
    shape = {name: tuple(value) if isinstance(value, list) else value for name, value in header["shape"].items()}
    return shape, {name: value.float() if value.is_floating_point() else value for name, value in state.items()}


def build(make: Callable[[], Network], state: dict[str, torch.Tensor], path: Path) -> Network:
    """The network that `make` makes, with the tensors of the file at `path`; raises WeightsDamaged where file and
    network are not made for each other.
    """
    try:
        network = make()
        network.load_state_dict(state)
    except (TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsDamaged(
            f"{Path(path).name} does not fit the network: {reason}",
            hint="another version made it: fetch or export it again",
        ) from error
    return network
