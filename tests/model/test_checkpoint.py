"""Weights files come back as they were written, and nothing else is taken for one."""

import pytest
import torch
from safetensors.torch import save_file

from animate.core.errors import WeightsDamaged, WeightsMissing
from animate.model.checkpoint import read, write


@pytest.fixture
def file(tmp_path):
    return write(
        tmp_path / "a.safetensors",
        "keypoints",
        {"widths": [1, 2]},
        {"w": torch.tensor([0.5, -2.0]), "n": torch.tensor([3])},
    )


def test_what_was_written_is_read_back_as_fp32(file):
    shape, state = read(file, "keypoints")
    assert shape == {"widths": (1, 2)}
    assert state["w"].dtype == torch.float32 and state["w"].tolist() == [0.5, -2.0]
    assert state["n"].tolist() == [3]
    assert [path.name for path in file.parent.iterdir()] == ["a.safetensors"]


def test_another_networks_file_is_refused_by_name(file):
    with pytest.raises(WeightsDamaged, match="'keypoints', expected 'motion'"):
        read(file, "motion")


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"<html>" + b, lambda b: b"\xff" * len(b)]
)
def test_a_damaged_file_is_one_clear_error(file, damage):
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(WeightsDamaged) as caught:
        read(file, "keypoints")
    assert caught.value.hint


@pytest.mark.parametrize("header", ['{"kind": "keypoints"}', '{"kind": "keypoints", "shape": [1]}', "[]"])
def test_a_header_without_sizes_is_one_clear_error(tmp_path, header):
    save_file({"w": torch.zeros(1)}, str(tmp_path / "a.safetensors"), metadata={"keepsake": header})
    with pytest.raises(WeightsDamaged):
        read(tmp_path / "a.safetensors", "keypoints")


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(WeightsMissing):
        read(tmp_path / "none.safetensors", "keypoints")
