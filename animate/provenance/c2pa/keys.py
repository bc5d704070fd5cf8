"""The key that signs clips: made once per installation, or the person's own.

Layout of the folder (platform's configuration folder, or $KEEPSAKE_CONFIG):
    signer/key.pem     private key, P-256, PKCS 8, readable by its owner alone
    signer/chain.pem   certificates: the signer's, then the authority's
    signer/ca.pem      the authority's; its own key was thrown away once it had signed, so it vouches for nobody else
    trusted/*.pem      further authorities to be trusted when reading (and earlier ones of this installation)
A person's own key and chain are named by path, or by $KEEPSAKE_KEY and $KEEPSAKE_CHAIN. Such a certificate says "from this
installation, unaltered since", never who the person is. Nothing here uses the network.
"""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from animate.core.errors import KeepsakeError, OptionError

_YEARS = 10
_KEY_LIMIT = 100_000  # bytes: no PEM file of ours or anyone's is longer


@dataclass(frozen=True)
class Signer:
    """What signing needs: C2PA's name of the algorithm, the chain (leaf first) and the key, both PEM."""

    algorithm: str
    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)


def folder() -> Path:
    """Where keys live."""
    if os.environ.get("KEEPSAKE_CONFIG"):
        return Path(os.environ["KEEPSAKE_CONFIG"])
    from platformdirs import user_config_path

    return user_config_path("keepsake")


def signer(key: str | Path | None = None, chain: str | Path | None = None, *, config: Path | None = None) -> Signer:
    """The person's own signer when both paths are given (or in the environment), else this installation's, made if missing.

    Raises OptionError when only one is given or a file is not what it should be.
    """
    key, chain = key or os.environ.get("KEEPSAKE_KEY"), chain or os.environ.get("KEEPSAKE_CHAIN")
    if bool(key) != bool(chain):
        raise OptionError(
            "a signing key and its certificate chain go together, only one came",
            hint="give both, the key and the chain (the signer's certificate first), or neither",
        )
    if key:
        return _load(Path(key), Path(chain))
    home = (config or folder()) / "signer"
    if not (home / "key.pem").exists() or _expired(home / "chain.pem"):
        _make(home)
    return _load(home / "key.pem", home / "chain.pem")


def anchors(config: Path | None = None) -> bytes:
    """The authorities trusted when reading, as one PEM; empty when there are none. Makes nothing."""
    config = config or folder()
    files = [config / "signer" / "ca.pem", *sorted((config / "trusted").glob("*.pem"))]
    return b"\n".join(_read(file) for file in files if file.is_file())


def _load(key: Path, chain: Path) -> Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        secret = serialization.load_pem_private_key(_read(key), password=None)
        certificates = x509.load_pem_x509_certificates(_read(chain))
    except (OSError, ValueError, TypeError) as problem:  # TypeError: the key is locked with a password
        raise OptionError(
            f"the signing key {key} or its chain {chain} cannot be used: {problem}",
            hint="both are PEM files; the key has no password",
        ) from problem
    if certificates[0].public_key() != secret.public_key():
        raise OptionError(
            f"the first certificate in {chain} does not belong to the key {key}",
            hint="put the signer's own certificate first in the chain",
        )
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer(_algorithm(secret), b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates), pem)


def _algorithm(secret: object) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(secret, ec.EllipticCurvePrivateKey) and secret.curve.name in _CURVES:
        return _CURVES[secret.curve.name]
    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(secret, rsa.RSAPrivateKey) and secret.key_size >= 2048:
        return "ps256"
    raise OptionError(
        f"a key of this kind cannot sign ({type(secret).__name__})",
        hint="use P-256, P-384, P-521, Ed25519, or RSA of 2048 bits or more",
    )


_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


def _read(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_KEY_LIMIT)


def _expired(chain: Path) -> bool:
    from cryptography import x509

    try:
        until = x509.load_pem_x509_certificates(_read(chain))[0].not_valid_after_utc
    except (OSError, ValueError):
        return True
    return until < datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)


def _make(home: Path) -> None:
    """A new authority and signer in `home`, all at once; another process that was quicker wins."""
    try:
        home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Path(tempfile.mkdtemp(dir=home.parent, prefix=".signer-"))  # mode 0700
        for name, content in _authority().items():
            with open(os.open(fresh / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
        _retire(home)
        try:
            fresh.rename(home)
        except OSError:
            shutil.rmtree(fresh)
            if not (home / "key.pem").exists():
                raise
    except OSError as problem:
        raise KeepsakeError(
            f"the signing key cannot be kept in {home}: {problem}",
            hint="set KEEPSAKE_CONFIG to a folder that can be written",
        ) from problem


def _retire(home: Path) -> None:
    """An expired signer goes; its authority stays trusted, so that what it signed still reads."""
    if not (home / "ca.pem").exists() or not _expired(home / "chain.pem"):
        return
    trusted = home.parent / "trusted"
    trusted.mkdir(exist_ok=True, mode=0o700)
    (home / "ca.pem").replace(trusted / f"earlier-{secrets.token_hex(4)}.pem")
    shutil.rmtree(home)


def _authority() -> dict[str, bytes]:
    """Contents of key.pem, chain.pem and ca.pem for a new authority with one signer."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from animate.provenance.c2pa.certificates import authority, leaf

    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = f"Keepsake installation {secrets.token_hex(4)}"
    above = authority(root, name, _YEARS)
    below = leaf(key.public_key(), above, root, f"{name} signer", _YEARS)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "key.pem": private,
        "chain.pem": below.public_bytes(pem) + above.public_bytes(pem),
        "ca.pem": above.public_bytes(pem),
    }
