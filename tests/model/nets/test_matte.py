"""The matte network: what is exported computes what was trained, and every answer is a matte."""

import numpy as np
import pytest
import torch
from training import settled

from animate.core import weights
from animate.core.errors import WeightsDamaged, WeightsMissing
from animate.faces.crop import TEMPLATE_FIVE, crop_from_five
from animate.model.checkpoint import write
from animate.model.nets.matte import (
    SHIFT,
    SIZE,
    SPAN,
    MatteNetwork,
    Shape,
    fold,
    load_matte,
    lowered,
    save_matte,
    to_input,
    unfold,
)

SMALL = Shape(widths=(4, 6, 8, 8, 8), depths=(0, 1, 1, 0, 1))


@pytest.fixture
def trained():
    torch.manual_seed(0)
    return settled(MatteNetwork(SMALL), 4, 3, 64, 64)


@pytest.fixture
def crops():
    return np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)


def test_folding_batchnorm_changes_nothing(trained, crops):
    with torch.no_grad():
        assert torch.allclose(trained(to_input(crops)), fold(trained)(to_input(crops)), atol=1e-4)


def test_batchnorm_that_was_folded_comes_back_for_training(trained, crops):
    plain = fold(trained)
    further = unfold(plain, to_input(crops))
    with torch.no_grad():
        found = plain(to_input(crops))
        assert torch.allclose(further.train()(to_input(crops)), found, atol=1e-3)
    assert further.shape.norm and not any(module._forward_hooks for module in plain.modules())


def test_saved_and_loaded_it_finds_the_same_mattes(trained, crops, tmp_path):
    save_matte(trained, tmp_path / "m.safetensors")
    mattes = load_matte(tmp_path / "m.safetensors").predict(crops)
    with torch.no_grad():
        expected = torch.sigmoid(trained(to_input(crops)))[:, 0].numpy()
    assert mattes.shape == (5, 64, 64) and mattes.dtype == np.float32
    assert mattes.min() >= 0 and mattes.max() <= 1
    assert np.abs(mattes - expected).max() < 0.03  # after fp16, perhaps in bfloat16


def test_a_crop_does_not_depend_on_its_neighbours(trained, crops, tmp_path):
    save_matte(trained, tmp_path / "m.safetensors")
    network = load_matte(tmp_path / "m.safetensors")
    together, alone = network.predict(crops), np.concatenate([network.predict(crop[None]) for crop in crops])
    assert np.abs(together - alone).max() < 0.02
    assert network.predict(crops[:0]).shape == (0, 64, 64)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((1, 60, 60, 3), np.uint8), np.zeros((1, 64, 32, 3), np.uint8), np.zeros((1, 64, 64, 3), np.float32)],
)
def test_other_crops_are_refused(trained, tmp_path, wrong):
    save_matte(trained, tmp_path / "m.safetensors")
    with pytest.raises(ValueError, match="uint8"):
        load_matte(tmp_path / "m.safetensors").predict(wrong)


def test_files_of_another_network_are_damage(trained, tmp_path):
    write(tmp_path / "k.safetensors", "keypoints", {}, {})
    with pytest.raises(WeightsDamaged):
        load_matte(tmp_path / "k.safetensors")
    write(
        tmp_path / "s.safetensors",
        "matte",
        {"widths": [4, 6], "depths": [0, 1], "norm": False},
        fold(trained).state_dict(),
    )
    with pytest.raises(WeightsDamaged):
        load_matte(tmp_path / "s.safetensors")
    with pytest.raises(WeightsMissing):
        load_matte(tmp_path / "none.safetensors")


def test_the_crop_is_moved_down_along_the_face():
    turned = TEMPLATE_FIVE @ np.array([[0, 1], [-1, 0]]) * 40 + 300  # a face on its side, looking down to the left
    crop = crop_from_five(turned, size=SIZE, span=SPAN)
    moved = lowered(crop)
    way = moved.out(np.zeros((1, 2))) - crop.out(np.zeros((1, 2)))
    down = turned[3:].mean(0) - turned[:2].mean(0)
    assert np.allclose(np.linalg.norm(way), SHIFT * 40, atol=0.1)
    assert np.allclose(way[0] / np.linalg.norm(way), down / np.linalg.norm(down), atol=1e-6)


def test_the_network_is_small():
    assert sum(parameter.numel() for parameter in MatteNetwork().parameters()) <= 1_400_000


@pytest.mark.slow
def test_the_bundled_weights_see_a_person(photo):
    """The astronaut's face and shoulders are hers, the corners beside her head are not."""
    five = np.array([[203, 101], [246, 103], [223, 129.5], [201, 139], [244.5, 140.5]]) - [100, 0]
    crop = lowered(crop_from_five(five, size=SIZE, span=SPAN))
    from animate.faces.crop import cut

    matte = load_matte(weights.path("matte")).predict(cut(photo.pixels, crop)[None])[0]
    at = crop.into(np.array([[125, 120], [125, 60], [120, 260], [40, 20], [215, 20]])).round().astype(int)
    seen = matte[at[:, 1], at[:, 0]]
    assert (seen[:3] > 0.9).all() and (seen[3:] < 0.2).all()
