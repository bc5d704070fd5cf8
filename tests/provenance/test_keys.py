import datetime
import os

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from provenance import forger

from animate.core.errors import KeepsakeError, OptionError
from animate.core.types import Provenance
from animate.provenance.c2pa import certificates, keys, manifest

NOW, DAY = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)


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


def expire(home, start=None, end=None):
    """Gives the key in `home` a certificate of these dates, or one whose last day is today."""
    key = serialization.load_pem_private_key((home / "key.pem").read_bytes(), None)
    other, _ = forger.certified("old signer", start or NOW - 9 * DAY, end or NOW + DAY / 2, key=key)
    (home / "chain.pem").write_bytes(other.chain)
    return x509.load_pem_x509_certificates(other.chain)[0]


def test_an_expired_signer_is_replaced_stays_trusted_and_is_kept(config):
    leaf = expire(config / "signer")
    key, authority = ((config / "signer" / name).read_bytes() for name in ("key.pem", "ca.pem"))
    fresh = x509.load_pem_x509_certificates(keys.signer(config=config).chain)[0]
    assert fresh.not_valid_after_utc > leaf.not_valid_after_utc
    assert authority in keys.anchors(config) and len(list((config / "trusted").iterdir())) == 1
    (earlier,) = (config / "earlier").iterdir()
    assert (earlier / "key.pem").read_bytes() == key
    assert keys.signer(config=config) == keys.signer(config=config)


@pytest.mark.parametrize("name", ["key.pem", "chain.pem"])
@pytest.mark.parametrize("damage", ["missing", "empty", "garbled", "a folder", "of another"])
def test_a_damaged_signer_is_named_and_nothing_is_destroyed(config, tmp_path, name, damage):
    home = config / "signer"
    file = home / name
    content = file.read_bytes()
    file.unlink()
    if damage == "a folder":
        file.mkdir()
    elif damage != "missing":
        keys.signer(config=tmp_path / "other")
        other = (tmp_path / "other" / "signer" / name).read_bytes()
        file.write_bytes({"empty": b"", "garbled": content[:90], "of another": other}[damage])
        file.chmod(0o600)
    before = {path: path.read_bytes() for path in home.iterdir() if path.is_file()}
    for _ in range(2):
        for attempt in (keys.signer, keys.check):
            with pytest.raises(KeepsakeError) as raised:
                attempt(config=config)
            assert name in str(raised.value) and "backup" in raised.value.hint and str(home) in raised.value.hint
    assert {path: path.read_bytes() for path in home.iterdir() if path.is_file()} == before
    assert {path.name for path in config.iterdir()} == {"signer"}
    if damage == "a folder":
        file.rmdir()
    file.write_bytes(content)  # the backup
    file.chmod(0o600)
    assert keys.signer(config=config)


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "signer").mkdir(mode=0o700)
    assert keys.signer(config=tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
@pytest.mark.parametrize("what, mode", [("key.pem", 0o666), ("key.pem", 0o640), (".", 0o777), ("..", 0o777)])
def test_a_key_that_others_can_read_or_replace_is_refused(config, what, mode):
    path = (config / "signer" / what).resolve()
    before = path.stat().st_mode
    path.chmod(mode)
    with pytest.raises(KeepsakeError, match="other people on this computer") as raised:
        keys.check(config=config)
    assert str(path) in str(raised.value) and "chmod" in raised.value.hint
    path.chmod(before)
    keys.check(config=config)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_an_authority_that_anyone_may_have_written_is_not_trusted(config):
    (config / "trusted").mkdir(mode=0o700)
    (config / "trusted" / "a.pem").write_bytes(b"stranger")
    assert b"stranger" in keys.anchors(config)
    (config / "trusted").chmod(0o777)
    assert b"stranger" not in keys.anchors(config) and keys.anchors(config)


def test_a_home_folder_is_found_by_its_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("KEEPSAKE_CONFIG", "~/mine")
    assert keys.folder() == tmp_path / "mine"
    monkeypatch.delenv("KEEPSAKE_CONFIG")
    assert [part for part in keys.folder().parts if part == "keepsake"] == ["keepsake"]  # no author above it


@pytest.mark.parametrize("start, end", [(NOW - 9 * DAY, NOW - DAY), (NOW + DAY, NOW + 9 * DAY)])
def test_ones_own_certificate_that_is_not_valid_today_is_refused_early(tmp_path, start, end):
    own, _ = forger.certified("Photo studio", start, end)
    (tmp_path / "key.pem").write_bytes(own.key)
    (tmp_path / "chain.pem").write_bytes(own.chain)
    for attempt in (keys.signer, keys.check):
        with pytest.raises(OptionError, match=f"Photo studio.*{end:%Y-%m-%d}") as raised:
            attempt(tmp_path / "key.pem", tmp_path / "chain.pem")
        assert "clock" in raised.value.hint and "disk" not in raised.value.hint


def test_a_key_made_while_the_clock_was_wrong_is_explained(config):
    expire(config / "signer", start=NOW + 9 * DAY, end=NOW + 99 * DAY)
    with pytest.raises(KeepsakeError, match="this computer's clock shows") as raised:
        keys.check(config=config)
    assert "clock" in raised.value.hint and "move the folder" in raised.value.hint


def test_a_certificate_that_c2pa_refuses_is_found_before_rendering(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    alone = certificates.authority(key, "self-signed", 1)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(secret)
    (tmp_path / "chain.pem").write_bytes(alone.public_bytes(pem))
    with pytest.raises(OptionError, match="cannot sign a clip"):
        keys.check(tmp_path / "key.pem", tmp_path / "chain.pem")


def test_checking_makes_the_key_and_writes_nothing_else(tmp_path):
    keys.check(config=tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").rglob("*")} == {"signer", "key.pem", "chain.pem", "ca.pem"}


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KeepsakeError, match="cannot be kept"):
        keys.signer(config=tmp_path / "file")


@pytest.mark.parametrize(
    "content",
    [b"", b"no certificate", bytes(range(256)), b"-----BEGIN CERTIFICATE-----\n", "cut", "garbled", "long"],
    ids=["empty", "text", "bytes", "begun", "cut", "garbled", "long"],
)
def test_a_damaged_file_among_the_trusted_takes_the_trust_from_no_other(config, tmp_path, content):
    """Else every clip's account would count as unreadable because of one bad download."""
    whole = (config / "signer" / "ca.pem").read_bytes()
    special = {"cut": whole[: len(whole) // 2], "garbled": whole.replace(b"A", b"!"), "long": whole * 300}
    (config / "trusted").mkdir()
    (config / "trusted" / "a.pem").write_bytes(special.get(content, content))
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 64)).save(path)
    about = Provenance("keepsake 0", "none", "a.png", "0" * 64, (64, 64), {1: "nod"}, created="2026-01-01T00:00:00Z")
    manifest.sign(path, about, "0" * 12, keys.signer(config=config))
    assert manifest.read(path, keys.anchors(config)).state == "valid"
