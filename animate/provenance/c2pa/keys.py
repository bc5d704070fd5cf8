"""The key that signs clips: made once per installation, or the person's own.

Layout of the folder (platform's configuration folder, or $KEEPSAKE_CONFIG): signer/key.pem     private key, P-256,
PKCS 8, readable by its owner alone signer/chain.pem   certificates: the signer's, then the authority's signer/ca.pem
the authority's; its own key was thrown away once it had signed, so it vouches for nobody else trusted/*.pem
further authorities to be trusted when reading (and earlier ones of this installation) earlier/           signers
whose certificates have expired; nothing is ever deleted A person's own key and chain are named by path, or by
$KEEPSAKE_KEY and $KEEPSAKE_CHAIN. Such a certificate says "from this installation, unaltered since", never who the
person is. Nothing here uses the network.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from animate.core.errors import KeepsakeError, OptionError
from animate.core.files import write_bytes
from animate.provenance.c2pa import signer as signers
from animate.provenance.c2pa.signer import Signer, read_pem

_YEARS = 10
_RENEWED = timedelta(days=1)  # before its certificate expires, the installation's signer is renewed
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def folder() -> Path:
    """Where keys live."""
    if os.environ.get("KEEPSAKE_CONFIG"):
        return Path(os.environ["KEEPSAKE_CONFIG"]).expanduser()
    from platformdirs import user_config_path

    return user_config_path("keepsake", appauthor=False)


def signer(key: str | Path | None = None, chain: str | Path | None = None, *, config: Path | None = None) -> Signer:
    """The signer to use; the installation's is made where there is none.

    Args:
        key: the person's own private key (PEM); default $KEEPSAKE_KEY, else the installation's.
        chain: the certificates that go with it (PEM), the signer's own first; default $KEEPSAKE_CHAIN.
        config: the folder of the installation's keys; default `folder()`.

    Raises:
        OptionError: only one of key and chain came, or they cannot sign today.
        KeepsakeError: the installation's key is damaged, open to others, or cannot be kept. It is never overwritten.
    """
    key, chain = key or os.environ.get("KEEPSAKE_KEY"), chain or os.environ.get("KEEPSAKE_CHAIN")
    if bool(key) != bool(chain):
        raise OptionError(
            "a signing key and its certificate chain go together, only one came",
            hint="give both, the key and the chain (the signer's certificate first), or neither",
        )
    if key and chain:
        key, chain = Path(key).expanduser(), Path(chain).expanduser()
        own = signers.load(key, chain)
        signers.check_dates(own, chain)
        return own
    return _installation((config or folder()) / "signer")


def check(key: str | Path | None = None, chain: str | Path | None = None, *, config: Path | None = None) -> None:
    """Finds out before a clip is rendered whether it can be signed: arguments and errors of `signer`, and OptionError
    for certificates that C2PA refuses. Makes the installation's key where there is none."""
    chosen = signer(key, chain, config=config)
    shown = chain or os.environ.get("KEEPSAKE_CHAIN") or (config or folder()) / "signer" / "chain.pem"
    signers.try_out(chosen, Path(shown))


def anchors(config: Path | None = None) -> bytes:
    """The authorities trusted when reading, as one PEM; empty when there are none. Makes nothing.

    A file that everybody on this computer may write to, or in such a folder, is left out: anyone could have put it
    there.
    """
    config = config or folder()
    files = [config / "signer" / "ca.pem", *sorted((config / "trusted").glob("*.pem"))]
    return b"\n".join(read_pem(file) for file in files if file.is_file() and not _writable_by_others(file))


def _installation(home: Path) -> Signer:
    if not home.exists() or (home.is_dir() and not any(home.iterdir())):
        _make(home)
    _check_closed(home)
    key, chain = home / "key.pem", home / "chain.pem"
    try:
        loaded = signers.load(key, chain)
    except OptionError as problem:
        raise _damaged(home, str(problem)) from problem
    if _expires(chain) < datetime.now(UTC) + _RENEWED:
        _retire(home)
        _make(home)
        loaded = signers.load(key, chain)
    try:
        signers.check_dates(loaded, chain)
    except OptionError as problem:
        raise KeepsakeError(
            str(problem),
            hint=f"set the clock if it is wrong; if it was wrong when the key was made, move the folder {home} away, "
            f"and a new key is made; earlier ones are in {home.parent / 'earlier'}",
        ) from problem
    return loaded


def _damaged(home: Path, problem: str) -> KeepsakeError:
    """Names the file that is missing or broken; the others are left as they are."""
    for name, what in (("key.pem", "signing key"), ("chain.pem", "signing key's chain of certificates")):
        file = home / name
        if not file.is_file() or not file.stat().st_size:
            problem = f"the {what} {file} is {'empty' if file.is_file() else 'missing'}"
            break
    return KeepsakeError(
        problem,
        hint=f"put the file back from a backup; or move the folder {home} away, a new key is then made, and put its "
        f"ca.pem into {home.parent / 'trusted'} so that clips signed so far are still trusted",
    )


def _check_closed(home: Path) -> None:
    """KeepsakeError when others on this computer can read the key or put another in its place."""
    if os.name != "posix":
        return
    key = home / "key.pem"
    wanted = ((home.parent, stat.S_IWOTH), (home, _OTHERS_WRITE), (key, _OTHERS if key.is_file() else 0))
    path = next((path for path, bits in wanted if bits and _mode(path) & bits), None)
    if path:
        raise KeepsakeError(
            f"other people on this computer can {'read or change' if path == key else 'write to'} {path} "
            f"(mode {_mode(path) & 0o777:o}), where the key that signs clips is kept",
            hint=f"if nobody else has touched it: chmod {'600' if path == key else 'go-w'} '{path}'; otherwise move "
            f"{home} away, and a new key is made; KEEPSAKE_CONFIG names another folder",
        )


def _writable_by_others(file: Path) -> bool:
    if os.name != "posix":
        return False
    return any(_mode(path) & stat.S_IWOTH for path in (file, file.parent))


def _mode(path: Path) -> int:
    return path.stat().st_mode


def _expires(chain: Path) -> datetime:
    return signers.certificates(read_pem(chain))[0].not_valid_after_utc


def _make(home: Path) -> None:
    """A new authority and signer in `home`, all at once; another process that was quicker wins."""
    try:
        home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Path(tempfile.mkdtemp(dir=home.parent, prefix=".signer-"))  # mode 0700
        for name, content in _authority().items():
            with open(os.open(fresh / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
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
    """Moves an expired signer into `earlier`; its authority stays trusted, so that it is known who signed earlier."""
    label = f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(4)}"
    trusted, earlier = home.parent / "trusted", home.parent / "earlier"
    try:
        for needed in (trusted, earlier):
            needed.mkdir(exist_ok=True, mode=0o700)
        if (home / "ca.pem").is_file():
            write_bytes(trusted / f"earlier-{label}.pem", read_pem(home / "ca.pem"))
        home.rename(earlier / label)
    except FileNotFoundError:  # another process was quicker
        return
    except OSError as problem:
        raise KeepsakeError(
            f"the expired signing key in {home} cannot be moved away: {problem}",
            hint="set KEEPSAKE_CONFIG to a folder that can be written",
        ) from problem


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
