"""What signs: a private key with its certificates, loaded, checked, and tried out.

C2PA accepts certificates that may sign content, issued by an authority, and valid on the day of signing.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from animate.core.errors import OptionError

if TYPE_CHECKING:
    from cryptography import x509

OFFLINE = {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}
_SETTINGS = {"builder": {"thumbnail": {"enabled": False}}, "verify": OFFLINE}  # else a picture as large as a short clip
_EMPTY = "http://c2pa.org/digitalsourcetype/empty"
_LIMIT = 100_000  # bytes of a PEM file
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True)
class Signer:
    """C2PA's name of the algorithm, the certificates (the signer's first) and the key, both PEM."""

    algorithm: str
    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)

    def sign(
        self, definition: dict, kind: str, source: IO[bytes], target: IO[bytes], resources: dict[str, bytes]
    ) -> None:
        """Copies the media file `source` of MIME type `kind` to `target`, with the manifest in it.

        Raises c2pa.C2paError for a file or a certificate that C2PA refuses, OSError as the streams do.
        """
        import c2pa

        info = c2pa.C2paSignerInfo(alg=self.algorithm.encode(), sign_cert=self.chain, private_key=self.key, ta_url=None)
        context = c2pa.Context(settings=c2pa.Settings.from_dict(_SETTINGS))
        with (
            c2pa.Signer.from_info(info) as hand,
            c2pa.Builder.from_json(json.dumps(definition), context=context) as builder,
        ):
            for name, content in resources.items():
                builder.add_resource(name, io.BytesIO(content))
            builder.sign(hand, kind, source, target)


def certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM; ValueError and x509.InvalidVersion for what is none. Odd ones, such as those with a
    negative serial number, pass without a warning: whether C2PA takes them is tried out."""
    from cryptography import x509

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.load_pem_x509_certificates(pem)


def whole_certificates(pem: bytes) -> bytes:
    """The certificates in a PEM that can be read, one after another; what is damaged or none is left out."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    whole = []
    for block in _BLOCK.findall(pem):
        with suppress(ValueError, x509.InvalidVersion):
            whole += [one.public_bytes(Encoding.PEM) for one in certificates(block)]
    return b"".join(whole)


def load(key: Path, chain: Path) -> Signer:
    """The signer in two PEM files; OptionError where they cannot be read or do not belong together."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        secret = serialization.load_pem_private_key(read_pem(key), password=None)
        chained = certificates(read_pem(chain))
        belongs = chained[0].public_key() == secret.public_key()
    except (
        OSError,
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
    ) as problem:  # TypeError: locked with a password
        raise OptionError(
            f"the signing key {key} or its chain {chain} cannot be used: {problem}",
            hint="both are PEM files; the key has no password",
        ) from problem
    if not belongs:
        raise OptionError(
            f"the first certificate in {chain} does not belong to the key {key}",
            hint="put the signer's own certificate first in the chain",
        )
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer(_algorithm(secret), b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chained), pem)


def check_dates(signer: Signer, chain: Path) -> None:
    """OptionError when the certificates of `signer`, read from `chain`, are not valid today by this computer's
    clock."""
    now = datetime.now(UTC)
    for certificate in certificates(signer.chain):
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if start <= now <= end:
            continue
        raise OptionError(
            f"the certificate “{common_name(certificate)}” in {chain} is valid from {start:%Y-%m-%d} to "
            f"{end:%Y-%m-%d}, and this computer's clock shows {now:%Y-%m-%d}",
            hint="set the clock if it is wrong; otherwise use a certificate that is valid today",
        )


def try_out(signer: Signer, chain: Path) -> None:
    """Signs a tiny picture in memory; OptionError when C2PA refuses the certificates that were read from `chain`."""
    import c2pa
    from PIL import Image

    actions = {"actions": [{"action": "c2pa.created", "digitalSourceType": _EMPTY}]}
    assertions = [{"label": "c2pa.actions.v2", "data": actions}]
    definition, source = {"claim_generator_info": [{"name": "keepsake"}], "assertions": assertions}, io.BytesIO()
    Image.new("L", (8, 8)).save(source, "PNG")
    source.seek(0)
    try:
        signer.sign(definition, "image/png", source, io.BytesIO(), {})
    except c2pa.C2paError as problem:
        raise OptionError(
            f"the certificates in {chain} cannot sign a clip: {problem}",
            hint="C2PA asks for a certificate issued by an authority, with the usages digitalSignature and "
            "emailProtection or documentSigning",
        ) from problem


def read_pem(path: Path) -> bytes:
    """The content of a PEM file, cut off where none is longer. Raises OSError."""
    with open(path, "rb") as file:
        return file.read(_LIMIT)


def common_name(certificate: x509.Certificate) -> str:
    """The name a certificate is issued to."""
    from cryptography.x509.oid import NameOID

    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else "without a name"


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
