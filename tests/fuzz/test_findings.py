"""What the fuzz tests once found, each as a test of its own."""

from __future__ import annotations

import base64
import re

import pytest
from fuzz.seeds import seed

from animate.core.errors import OptionError, WeightsDamaged
from animate.fomm.config import read_config
from animate.photo.captions import Captions, read_captions
from animate.provenance.c2pa import keys


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2a8648ce3d0201", "2a8649ce3d0201"),  # the kind of key
        ("2a8648ce3d030107", "2a8648ce3d030000"),  # the curve
        ("a003020102", "a003020116"),  # the version of the certificate's format
    ],
)
@pytest.mark.parametrize("block", [0, 1])
def test_a_key_or_certificate_of_an_unknown_kind_is_refused(tmp_path, old, new, block):
    blocks = re.findall(rb"-----BEGIN [^-]+-----\n.*?-----END [^-]+-----\n", seed("pem"), re.S)
    head, *body, foot = blocks[block].splitlines(keepends=True)
    der = base64.b64decode(b"".join(body))
    if bytes.fromhex(old) not in der:
        pytest.skip("a key has no version of a certificate")
    blocks[block] = head + base64.encodebytes(der.replace(bytes.fromhex(old), bytes.fromhex(new))) + foot
    path = tmp_path / "a.pem"
    path.write_bytes(b"".join(blocks))
    with pytest.raises(OptionError, match="cannot be used") as caught:
        keys.signer(path, path)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"  kp_detector_params:\n", b"  kp_detector_params: 3\n"),  # no section
        (b"  common_params:\n", b"  common_params: x\n"),
        (b"  generator_params:\n", b"  generator_params: yes\n"),
        (b"    dense_motion_params:\n", b"    dense_motion_params: 1\n"),
        (b"num_blocks: 5", b"num_blocks: 99999999999"),  # 2 to that power
        (b"temperature: 0.1", b"temperature: 0"),
        (b"temperature: 0.1", b"temperature: nan"),
        (b"max_features: 1024", b"max_features: -1"),
        (b"num_kp", b"\xff"),
    ],
)
def test_a_configuration_with_absurd_values_is_refused(tmp_path, old, new):
    path = tmp_path / "a.yaml"
    assert old in seed("yaml")
    path.write_bytes(seed("yaml"))
    assert read_config(path).num_kp == 10
    path.write_bytes(seed("yaml").replace(old, new))
    with pytest.raises(WeightsDamaged) as caught:
        read_config(path)
    assert "vox-256.yaml" in caught.value.hint


@pytest.mark.parametrize("damage", [RuntimeError("Failed to decode image: Not implemented"), MemoryError()], ids=repr)
def test_a_scan_that_its_reader_gives_up_has_no_caption(tmp_path, monkeypatch, damage):
    """Pillow's reader of AVIF raises RuntimeError for some damage, while the picture itself was read by another."""

    def give_up(*_, **__):
        raise damage

    monkeypatch.setattr("PIL.Image.open", give_up)
    assert read_captions(tmp_path / "a.avif") == Captions()
