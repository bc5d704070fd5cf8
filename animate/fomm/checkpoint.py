"""Reads published checkpoints of the First Order Motion Model and writes them as safetensors with sizes in the header.

Nothing in a checkpoint is executed: torch's restricted reader allows tensors, numbers, text and their containers, and
no more. Every tensor must be one that the network has, of that shape, and none may be missing.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from animate.core.budget import WEIGHTS
from animate.core.errors import WeightsDamaged, WeightsMissing
from animate.core.types import FOMM
from animate.fomm.config import Sizes, agreed, deduce, read_config
from animate.fomm.networks import FommNetwork
from animate.model.checkpoint import write

KIND = FOMM
PARTS = ("generator", "kp_detector")
KNOWN = {  # digest of a published file -> what it is
    ("md5", "8a45a24037871c045fbb8a6a8aa95ebc"): "vox-adv",
    ("sha256", "abb41ab1f279f26326c0d6e4d20702de6658364665aa1313daa7a63e89ea2b23"): "vox",
}
EXPECTED = "a checkpoint of the First Order Motion Model (vox-cpk.pth.tar, vox-adv-cpk.pth.tar or one like them)"

_COUNTER = "num_batches_tracked"  # of a normalisation: not used by the network, and old files lack it
_CHUNK = 1 << 20
_MOST_NAMED, _LONGEST_NAME = 4, 120
# what torch's reader raises for bytes that are no checkpoint, or one that was cut off
_UNREADABLE = (
    pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError, AttributeError,
    IndexError, AssertionError, OverflowError, struct.error, zipfile.BadZipFile, MemoryError, SafetensorError,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Imported:
    """The tensors of a checkpoint, named generator... and kp_detector..., float32, without counters; its sizes; what
    else was found (sentences); and which published file it is: "vox", "vox-adv" or "" for another."""

    state: dict[str, torch.Tensor]
    sizes: Sizes
    found: tuple[str, ...]
    published: str


def import_checkpoint(file: Path, config: Path | None = None) -> Imported:
    """The networks in a checkpoint, checked; `config` is the published YAML that belongs to it, if there is one.

    Raises WeightsMissing if there is no file, WeightsDamaged if it is something else, incomplete, or contradicts
    `config`; the message says what was found and what was expected.
    """
    file = Path(file)
    whole = _read(file)
    parts = _parts(whole, file)
    _check_tensors(parts, file)
    parts = {name: _plain(part) for name, part in parts.items()}
    sizes = deduce(*(parts[name] for name in PARTS))
    if config is not None:
        sizes = agreed(sizes, read_config(config))
    if (sizes.num_kp, sizes.num_channels) != (10, 3):
        raise WeightsDamaged(
            f"{file.name} moves {sizes.num_kp} keypoints of pictures with {sizes.num_channels} channels, not 10 and 3",
            hint="only models with ten keypoints of colour pictures can be used",
        )
    state = {f"{part}.{name}": value for part in PARTS for name, value in parts[part].items()}
    check_state(state, sizes, file.name)
    published = _published(file)
    return Imported(state, sizes, _found(whole, published, sizes), published)


def save(imported: Imported, path: Path, *, name: str = "") -> Path:
    """Write the networks in float32, sizes in the header, complete or not at all.

    `name` is what they are to be called; raises WeightsDamaged if it is that of the other published file.
    """
    if name in KNOWN.values() and imported.published not in ("", name):
        raise WeightsDamaged(
            f"this is the published file of {imported.published!r}, not of {name!r}",
            hint=f"keepsake weights import FILE --as {imported.published}",
        )
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return write(path, KIND, imported.sizes.as_dict(), imported.state, dtype=torch.float32)


def check_state(state: Mapping[str, torch.Tensor], sizes: Sizes, name: str) -> None:
    """Raises WeightsDamaged unless `state` holds just the tensors of networks of `sizes`, in shape and finite."""
    with torch.device("meta"):
        wanted = {key: value.shape for key, value in FommNetwork(sizes).state_dict().items() if _COUNTER not in key}
    missing, left = sorted(wanted.keys() - state.keys()), sorted(state.keys() - wanted.keys())
    shapes = [
        f"{key} is {tuple(state[key].shape)} instead of {tuple(shape)}"
        for key, shape in wanted.items()
        if key in state and state[key].shape != shape
    ]
    broken = [key for key in wanted if key in state and not torch.isfinite(state[key]).all()]
    problems = {"lacks": missing, "has also": left, "does not fit": shapes, "is not finite in": broken}
    for problem, keys in problems.items():
        if keys:
            raise WeightsDamaged(f"{name} {problem}: {_listed(keys)}", hint=f"give {EXPECTED}, downloaded completely")


def _read(file: Path) -> object:
    if os.path.isdir(file):
        hint = "some browsers unpack a .pth.tar on download: download it again with another one, or turn that off"
        raise WeightsDamaged(f"{file} is a folder; {EXPECTED} is one file", hint=hint)
    if not os.path.isfile(file):
        raise WeightsMissing(f"there is no file {file}", hint="give the path of the checkpoint itself")
    WEIGHTS.check_bytes(file.stat().st_size, file.name)
    with file.open("rb") as stream:
        head = stream.read(512)
    if head.lstrip()[:1] == b"<":
        hint = "open the link in a browser and save the file that it offers"
        raise WeightsDamaged(f"{file.name} is a web page; expected {EXPECTED}", hint=hint)
    try:
        if file.suffix == ".safetensors":
            return load_file(str(file))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickles that are then refused anyway
            _check_packing(file)
            return torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file) or None)
    except _UNREADABLE as error:
        raise WeightsDamaged(f"{file.name} is not {EXPECTED}: {_reason(error)}", hint="download it again") from error


def _check_packing(file: Path) -> None:
    """Raises BadZipFile for a compressed archive, which torch never writes and which may unpack to any size."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                raise zipfile.BadZipFile("it is a compressed archive")


def _reason(error: BaseException) -> str:
    message = str(error).strip()
    if "weights_only" in message or "Unsupported" in message:
        return "it holds something other than tensors, numbers and text, which is never read"
    return message.splitlines()[0][:160] if message else type(error).__name__


def _parts(whole: object, file: Path) -> dict[str, Mapping]:
    """The two state dictionaries, wherever they stand; raises WeightsDamaged if one is missing."""
    if not isinstance(whole, Mapping):
        found = type(whole).__name__
        raise WeightsDamaged(f"{file.name} holds a {found}; expected {EXPECTED}", hint="give the checkpoint")
    whole = {_bare(str(name)): value for name, value in whole.items()}
    found = {}
    for part in PARTS:
        inner = whole.get(part)
        if inner is None:
            inner = {name[len(part) + 1 :]: value for name, value in whole.items() if name.startswith(f"{part}.")}
        if isinstance(inner, Mapping) and inner:
            found[part] = inner
    if len(found) < len(PARTS):
        lacking = " and ".join(part for part in PARTS if part not in found)
        raise WeightsDamaged(
            f"{file.name} holds {_listed(sorted(whole)) or 'nothing'}, but no {lacking}; expected {EXPECTED}",
            hint="give the whole checkpoint, with generator and kp_detector",
        )
    return found


def _check_tensors(parts: Mapping[str, Mapping], file: Path) -> None:
    """Raises WeightsDamaged for what is no tensor, and for tensors that declare more than the file holds: one number
    can be declared a tensor of any size, which conversion would then fill."""
    storages: dict[int, int] = {}
    size = 0
    for name, value in (item for part in parts.values() for item in part.items()):
        if not isinstance(value, torch.Tensor):
            found = type(value).__name__
            raise WeightsDamaged(f"{file.name} has no tensor at {_short(name)} but {found}", hint=f"give {EXPECTED}")
        if value.layout != torch.strided or value.device.type != "cpu" or value.is_quantized:
            raise WeightsDamaged(f"{file.name} has no plain tensor at {_short(name)}", hint=f"give {EXPECTED}")
        storage = value.untyped_storage()
        storages[storage.data_ptr()] = max(storages.get(storage.data_ptr(), 0), storage.nbytes())
        size += value.numel() * value.element_size()
    WEIGHTS.check_tensors(size, sum(storages.values()), file.name)


def _plain(part: Mapping) -> dict[str, torch.Tensor]:
    """A state dictionary without DataParallel's prefix and without counters, in float32."""
    plain = {_bare(str(name)): value for name, value in part.items()}
    return {name: value.detach().to(torch.float32) for name, value in plain.items() if not name.endswith(_COUNTER)}


def _bare(name: str) -> str:
    while name.startswith("module."):
        name = name.removeprefix("module.")
    return name


def _found(whole: Mapping, published: str, sizes: Sizes) -> tuple[str, ...]:
    extra = sorted(str(name) for name in whole if name != "epoch" and not _bare(str(name)).startswith(PARTS))
    left = (f"left out: {_listed(extra)}",) if extra else ()
    which = f"the published file of {published}" if published else "not one of the two published files"
    numbers = f"{sizes.num_kp} keypoints, {'with' if sizes.estimate_jacobian else 'without'} Jacobians"
    return (which, numbers, *left)


def _published(file: Path) -> str:
    """Which published file this is, by its digest; "" for another."""
    digests = {kind: hashlib.new(kind, usedforsecurity=False) for kind, _ in KNOWN}
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            for digest in digests.values():
                digest.update(chunk)
    return next((name for (kind, wanted), name in KNOWN.items() if digests[kind].hexdigest() == wanted), "")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(_short(name) for name in names[:_MOST_NAMED]) + more


def _short(name: object) -> str:
    return str(name)[:_LONGEST_NAME]
