"""X.509 certificates as C2PA wants them: an authority, and below it a signer that may sign content and nothing else.

C2PA refuses a bare self-signed certificate; the leaf needs digitalSignature, an extended usage, and both key
identifiers.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey


def authority(key: EllipticCurvePrivateKey, name: str, years: int) -> x509.Certificate:
    """A self-signed authority that may vouch for signers only."""
    from cryptography import x509

    subject = _name(name)
    builder = _start(key.public_key(), subject, subject, years)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    return _sign(builder, key)


def leaf(
    public: EllipticCurvePublicKey, above: x509.Certificate, above_key: EllipticCurvePrivateKey, name: str, years: int
) -> x509.Certificate:
    """A signer's certificate below the authority `above`."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    builder = _start(public, _name(name), above.subject, years)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage("digital_signature"), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(above_key.public_key())
    return _sign(builder.add_extension(identifier, critical=False), above_key)


def _start(
    public: EllipticCurvePublicKey, subject: x509.Name, issuer: x509.Name, years: int
) -> x509.CertificateBuilder:
    from cryptography import x509

    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1))  # clocks differ
    builder = builder.not_valid_after(now + datetime.timedelta(days=365 * years))
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def _name(common: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Keepsake")]
    )


def _usage(*allowed: str) -> x509.KeyUsage:
    from cryptography import x509

    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in allowed for name in every})


def _sign(builder: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes

    return builder.sign(key, hashes.SHA256())
