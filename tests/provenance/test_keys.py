import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from animate.core.errors import KeepsakeError, OptionError
from animate.provenance.c2pa import certificates, keys


@pytest.fixture
def config(tmp_path):
    keys.signer(config=tmp_path / "config")
    return tmp_path / "config"


def test_only_the_owner_may_read_the_key(config):
    for file in (config / "signer").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert (config / "signer").stat().st_mode & 0o777 == 0o700


def test_made_once(config):
    assert keys.signer(config=config) == keys.signer(config=config)
    assert b"BEGIN CERTIFICATE" in keys.anchors(config)


def test_the_key_is_not_in_its_repr(config):
    assert "PRIVATE" not in repr(keys.signer(config=config))


def test_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("KEEPSAKE_CONFIG", str(tmp_path / "elsewhere"))
    keys.signer()
    assert (tmp_path / "elsewhere" / "signer" / "key.pem").exists()


def test_reading_makes_nothing(tmp_path):
    assert keys.anchors(tmp_path / "none") == b"" and not (tmp_path / "none").exists()


def test_ones_own_key(config, monkeypatch):
    home = config / "signer"
    own = keys.signer(home / "key.pem", home / "chain.pem", config=config / "unused")
    assert own == keys.signer(config=config) and not (config / "unused").exists()
    monkeypatch.setenv("KEEPSAKE_KEY", str(home / "key.pem"))
    with pytest.raises(OptionError, match="go together"):
        keys.signer()


@pytest.mark.parametrize("spoil", ["missing", "rubbish", "stranger", "locked"])
def test_a_key_that_does_not_fit(config, tmp_path, spoil):
    key, chain = tmp_path / "key.pem", config / "signer" / "chain.pem"
    stranger = ec.generate_private_key(ec.SECP256R1())
    locks = {"stranger": serialization.NoEncryption(), "locked": serialization.BestAvailableEncryption(b"secret")}
    if spoil == "rubbish":
        key.write_bytes(b"\x00rubbish")
    elif spoil in locks:
        key.write_bytes(
            stranger.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locks[spoil])
        )
    with pytest.raises(OptionError) as raised:
        keys.signer(key, chain)
    assert raised.value.hint


def test_an_expired_signer_is_replaced_and_stays_trusted(config):
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    above = certificates.authority(root, "old", 1)
    leaf = certificates.leaf(key.public_key(), above, root, "old signer", 0)
    assert leaf.not_valid_after_utc < datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    before = (config / "signer" / "ca.pem").read_bytes()
    (config / "signer" / "chain.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    fresh = x509.load_pem_x509_certificates(keys.signer(config=config).chain)[0]
    assert fresh.not_valid_after_utc > leaf.not_valid_after_utc
    assert before in keys.anchors(config) and len(list((config / "trusted").iterdir())) == 1


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KeepsakeError, match="cannot be kept"):
        keys.signer(config=tmp_path / "file")
