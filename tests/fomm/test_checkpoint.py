"""Checkpoints as people have them load; wrong, damaged and hostile ones are refused with a sentence; sizes
come from shapes.
"""

import pickle
from dataclasses import replace

import pytest
import torch
from fomm_small import SMALL, checkpoint, small, written
from safetensors.torch import save_file

from animate.core.errors import WeightsDamaged, WeightsMissing
from animate.fomm import checkpoint as fomm_import
from animate.fomm.benchmark import random_network
from animate.fomm.checkpoint import import_checkpoint, save
from animate.fomm.config import DetectorSizes, GeneratorSizes, MotionSizes, Sizes, agreed, deduce, read_config
from animate.fomm.model import load_network

CONFIG = """
dataset_params:
  root_dir: data/some   # a comment
  frame_shape: [64, 64, 3]
  augmentation_params:
    flip_param:
      horizontal_flip: True
model_params:
  common_params:
    num_kp: 10
    num_channels: 3
    estimate_jacobian: True
  kp_detector_params:
     temperature: 0.1
     block_expansion: 8
     max_features: 32
     scale_factor: 0.25
     num_blocks: 3
  generator_params:
    block_expansion: 8
    max_features: 512
    num_down_blocks: 2
    num_bottleneck_blocks: 2
    estimate_occlusion_map: True
    dense_motion_params:
      block_expansion: 8
      max_features: 32
      num_blocks: 3
      scale_factor: 0.25
train_params:
  lr_generator: 2.0e-4
"""


@pytest.fixture(scope="module")
def network():
    return small()


@pytest.fixture
def parts(network):
    return checkpoint(network)


def prefixed(state: dict) -> dict:
    return {f"module.{name}": value for name, value in state.items()}


def forms(parts: dict) -> dict[str, dict]:
    """The same networks as different programs write them."""
    weight = torch.nn.Parameter(torch.ones(3))
    optimiser = torch.optim.Adam([weight], betas=(0.5, 0.999))
    weight.sum().backward()
    optimiser.step()
    more = {"discriminator": {"a.weight": torch.ones(2)}, "optimizer_generator": optimiser.state_dict()}
    old = {name: {key: value for key, value in state.items() if "num_batches" not in key}
           for name, state in parts.items() if name != "epoch"}  # fmt: skip
    return {
        "bare": {name: value for name, value in parts.items() if name != "epoch"},
        "parallel": {name: prefixed(value) if name != "epoch" else value for name, value in parts.items()},
        "training": {**parts, **more},
        "without counters": old,
        "flat": {f"{name}.{key}": value for name in ("generator", "kp_detector") for key, value in parts[name].items()},
    }


@pytest.mark.parametrize("form", ["bare", "parallel", "training", "without counters", "flat"])
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_every_form_gives_the_same_networks(parts, tmp_path, form, legacy, network):
    file = written(tmp_path / "a.pth.tar", forms(parts)[form], _use_new_zipfile_serialization=not legacy)
    found = import_checkpoint(file)
    assert found.sizes == SMALL and found.published == ""
    loaded = load_network(save(found, tmp_path / "made" / "vox.safetensors", name="vox"))
    for name, value in network.state_dict().items():
        assert "num_batches" in name or torch.equal(loaded.state_dict()[name], value), name
    assert not loaded.training and loaded.sizes == SMALL
    assert ("discriminator" in " ".join(found.found)) == (form == "training")


def test_a_file_of_ours_can_be_imported(parts, tmp_path):
    saved = save(import_checkpoint(written(tmp_path / "a.pth", parts)), tmp_path / "a.safetensors")
    assert import_checkpoint(saved).sizes == SMALL


@pytest.mark.parametrize("sizes", [
    replace(SMALL, painter=GeneratorSizes(8, 16, 1, 0, False)),
    replace(SMALL, estimate_jacobian=False),
    replace(
        SMALL, detector=DetectorSizes(4, 16, 2, 0.5, single_jacobian_map=True), motion=MotionSizes(16, 32, 4, 0.125)
    ),
    replace(SMALL, detector=DetectorSizes(8, 16, 2, 1.0), painter=GeneratorSizes(16, 64, 3, 3, True)),
])  # fmt: skip
def test_sizes_are_read_from_shapes(sizes, tmp_path):
    network = random_network(sizes)
    assert deduce(network.generator.state_dict(), network.kp_detector.state_dict()) == sizes
    assert import_checkpoint(written(tmp_path / "a.pth", checkpoint(network))).sizes == sizes
    assert Sizes.from_dict(sizes.as_dict()) == sizes


def test_a_configuration_confirms_and_completes(parts, tmp_path):
    file = written(tmp_path / "a.pth", parts)
    (tmp_path / "a.yaml").write_text(CONFIG.replace("temperature: 0.1", "temperature: 0.2"))
    assert import_checkpoint(file, tmp_path / "a.yaml").sizes.detector.temperature == 0.2
    (tmp_path / "b.yaml").write_text(CONFIG.replace("num_bottleneck_blocks: 2", "num_bottleneck_blocks: 6"))
    with pytest.raises(WeightsDamaged, match="num_bottleneck_blocks is 2, the configuration has 6"):
        import_checkpoint(file, tmp_path / "b.yaml")
    (tmp_path / "c.yaml").write_text("a: 1\n")
    with pytest.raises(WeightsDamaged, match="kp_detector_params"):
        import_checkpoint(file, tmp_path / "c.yaml")
    with pytest.raises(WeightsDamaged, match="not a readable"):
        read_config(tmp_path / "none.yaml")
    assert agreed(SMALL, SMALL) == SMALL


def test_wrong_tensors_are_named(parts, tmp_path):
    def problem(change) -> str:
        changed = {name: dict(value) if isinstance(value, dict) else value for name, value in parts.items()}
        change(changed)
        with pytest.raises(WeightsDamaged) as caught:
            import_checkpoint(written(tmp_path / "a.pth", changed))
        assert caught.value.hint
        return str(caught.value)

    assert "lacks: generator.final.bias" in problem(lambda c: c["generator"].pop("final.bias"))
    assert "has also: generator.extra" in problem(lambda c: c["generator"].update(extra=torch.ones(1)))
    assert "not finite in: kp_detector.kp.bias" in problem(
        lambda c: c["kp_detector"]["kp.bias"].__setitem__(0, torch.nan) or None
    )
    parts["kp_detector"]["kp.bias"][0] = 0
    assert "final.weight is (3, 8, 5, 5) instead of (3, 8, 7, 7)" in problem(
        lambda c: c["generator"].update({"final.weight": torch.ones(3, 8, 5, 5)}))  # fmt: skip
    assert "no kp_detector" in problem(lambda c: c.pop("kp_detector"))
    assert "kp.weight is missing" in problem(lambda c: c["kp_detector"].pop("kp.weight"))
    assert "kp.weight is of shape (4,)" in problem(lambda c: c["kp_detector"].update({"kp.weight": torch.ones(4)}))
    assert "no tensor at kp.bias but int" in problem(lambda c: c["kp_detector"].update({"kp.bias": 3}))


def test_other_numbers_of_keypoints_are_refused(tmp_path):
    file = written(tmp_path / "a.pth", checkpoint(random_network(replace(SMALL, num_kp=5))))
    with pytest.raises(WeightsDamaged, match="moves 5 keypoints"):
        import_checkpoint(file)


class Hostile:
    def __reduce__(self):
        return (open, ("harm.txt", "w"))


def test_code_in_a_file_is_never_run(parts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for content in ({**parts, "extra": Hostile()}, Hostile()):
        for legacy in (False, True):
            file = written(tmp_path / "a.pth", content, _use_new_zipfile_serialization=not legacy)
            with pytest.raises(WeightsDamaged, match="never read"):
                import_checkpoint(file)
    (tmp_path / "b.pth").write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(WeightsDamaged):
        import_checkpoint(tmp_path / "b.pth")
    assert not (tmp_path / "harm.txt").exists()


@pytest.mark.parametrize("content, words", [
    (b"", "is not a checkpoint"), (b"\x80\x02", "is not a checkpoint"),
    (b"PK\x03\x04" + bytes(100), "is not a checkpoint"),
    (b"\n<!DOCTYPE html><title>Google Drive</title>", "is a web page"), (bytes(5000), "is not a checkpoint"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not a checkpoint"),
])  # fmt: skip
def test_files_that_are_no_checkpoints_are_refused(tmp_path, content, words):
    for name in ("a.pth.tar", "a.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WeightsDamaged, match=words) as caught:
            import_checkpoint(tmp_path / name)
        assert caught.value.hint


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_files_that_were_cut_off_are_refused(parts, tmp_path, legacy):
    whole = written(tmp_path / "a.pth", parts, _use_new_zipfile_serialization=not legacy).read_bytes()
    for part in (0.01, 0.3, 0.6, 0.99):
        (tmp_path / "b.pth").write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(WeightsDamaged):
            import_checkpoint(tmp_path / "b.pth")


def test_other_content_and_no_content_are_told_apart(tmp_path):
    with pytest.raises(WeightsMissing, match="no file"):
        import_checkpoint(tmp_path / "none.pth")
    with pytest.raises(WeightsDamaged, match="is a folder"):
        import_checkpoint(tmp_path)
    with pytest.raises(WeightsDamaged, match="holds a Tensor"):
        import_checkpoint(written(tmp_path / "a.pth", torch.ones(3)))
    with pytest.raises(WeightsDamaged, match="holds a, b, but no generator and kp_detector"):
        import_checkpoint(written(tmp_path / "b.pth", {"a": 1, "b": 2}))
    save_file({"x": torch.ones(1)}, tmp_path / "c.safetensors")
    with pytest.raises(WeightsDamaged, match="holds x, but no generator"):
        import_checkpoint(tmp_path / "c.safetensors")
    with pytest.raises(WeightsMissing, match="no weights file"):
        load_network(tmp_path / "none.safetensors")


def test_published_files_are_known_by_their_digest(parts, tmp_path, monkeypatch):
    import hashlib

    file = written(tmp_path / "a.pth", parts)
    digest = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    assert ("md5", "8a45a24037871c045fbb8a6a8aa95ebc") in fomm_import.KNOWN
    monkeypatch.setattr(fomm_import, "KNOWN", {("md5", digest): "vox-adv", ("sha256", "0"): "vox"})
    found = import_checkpoint(file)
    assert found.published == "vox-adv" and "the published file of vox-adv" in found.found
    save(found, tmp_path / "a.safetensors", name="vox-adv")
    with pytest.raises(WeightsDamaged, match="of 'vox-adv', not of 'vox'"):
        save(found, tmp_path / "b.safetensors", name="vox")
    assert not (tmp_path / "b.safetensors").exists()


def test_one_number_declared_as_a_large_tensor_is_refused(parts, tmp_path):
    for shape in ((40_000, 40_000), (2**40,), (2**20, 2**20, 2**20)):
        bomb = {**parts, "generator": {"first.conv.weight": torch.zeros(1).half().expand(shape)}}
        with pytest.raises(WeightsDamaged, match="declares tensors of .* but holds") as caught:
            import_checkpoint(written(tmp_path / "a.pth", bomb))
        assert caught.value.hint


def test_the_budget_of_tensors_and_bytes(parts, tmp_path, monkeypatch):
    file = written(tmp_path / "a.pth", parts)
    monkeypatch.setattr(fomm_import, "WEIGHTS", replace(fomm_import.WEIGHTS, memory=1000))
    with pytest.raises(WeightsDamaged, match="of tensors, the limit is 1 KB"):
        import_checkpoint(file)
    monkeypatch.setattr(fomm_import, "WEIGHTS", replace(fomm_import.WEIGHTS, bytes=1000))
    with pytest.raises(WeightsDamaged, match="the limit is 1 KB"):
        import_checkpoint(file)


def test_a_compressed_archive_is_refused(parts, tmp_path):
    import zipfile

    with (
        zipfile.ZipFile(written(tmp_path / "a.pth", parts)) as old,
        zipfile.ZipFile(tmp_path / "b.pth", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(WeightsDamaged, match="compressed archive"):
        import_checkpoint(tmp_path / "b.pth")
