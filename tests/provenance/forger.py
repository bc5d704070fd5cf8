"""A forger's program: files with marks that are right, copied, forged, changed or expired, one for each row of the
table in docs/verification.md. It uses what everybody has: the program with its public key for the invisible mark,
keys and certificates of its own, and clips of others. Stills stand in for clips where the container does not matter.
"""

from __future__ import annotations

import datetime
import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image
from skimage import data

from animate.core.types import Photo, Provenance
from animate.provenance import citation, seal
from animate.provenance.badge import Badge
from animate.provenance.c2pa import keys
from animate.provenance.watermark.embed import Watermark

SIDE = 192
CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
SHORT = datetime.timedelta(seconds=3)  # life of the certificate that expires
DAY = datetime.timedelta(days=1)
_NEVER = (
    "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"
)  # fmt: skip


def certified(name: str, start: datetime.datetime, end: datetime.datetime, key=None) -> tuple[keys.Signer, bytes]:
    """A signer of that name with a certificate valid from `start` to `end`, and its authority (PEM)."""
    root, key = ec.generate_private_key(ec.SECP256R1()), key or ec.generate_private_key(ec.SECP256R1())
    above = _certificate("Forger's authority", root, None, root, start - DAY, start + 9999 * DAY)
    below = _certificate(name, key, above, root, start, end)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return keys.Signer("es256", below.public_bytes(pem) + above.public_bytes(pem), secret), above.public_bytes(pem)


def _certificate(name, key, above, above_key, start, end) -> x509.Certificate:
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "F")]
    )
    builder = x509.CertificateBuilder(above.subject if above else subject, subject, key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    usage = dict.fromkeys(_NEVER, False)
    usage |= {"digital_signature": bool(above), "key_cert_sign": not above, "crl_sign": not above}
    extensions = [
        (x509.BasicConstraints(ca=not above, path_length=None if above else 0), True),
        (x509.KeyUsage(**usage), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]
    if above:
        extensions.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False))
        extensions.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(above_key.public_key()), False))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(above_key, hashes.SHA256())


def _square(picture: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX))


@dataclass
class Workshop:
    """What the forger has: a folder, two photographs, this installation's keys, and keys of a stranger."""

    folder: Path
    clip: Path  # an MP4 of this installation, with slips

    def __post_init__(self):
        self.config = self.clip.parent / "config"
        self.anchors = keys.anchors(self.config)
        self.own = keys.signer(config=self.config)
        self.count = 0
        now = datetime.datetime.now(datetime.UTC)
        self.stranger, _ = certified("Keepsake installation 00000000 signer", now - DAY, now + DAY)
        self.brief, brief_authority = certified("Photo studio", now - DAY, now + SHORT)
        self.anchors += b"\n" + brief_authority
        self.photo = self._photo("grandma.png", data.astronaut()[:400, 60:460])
        self.other = self._photo("coffee.png", data.coffee()[:400, 100:500])
        self.about = Provenance(
            program="keepsake 0.2.0", model="keepsake 1234", photo="grandma.png", photo_sha256=self.photo.sha256,
            photo_size=(SIDE, SIDE), gestures={1: "smile"}, options={"head": 1.0}, created="2026-01-02T03:04:05Z",
        )  # fmt: skip
        self.brief_file = self.save(self.marked())
        self.sign(self.brief_file, signer=self.brief)  # at once, while its certificate is valid
        self.brief_until = now + SHORT

    def _photo(self, name: str, picture: np.ndarray) -> Photo:
        pixels = _square(picture)
        return Photo(pixels, name, hashlib.sha256(pixels.tobytes()).hexdigest())

    @property
    def about_other(self) -> Provenance:
        return replace(self.about, photo="coffee.png", photo_sha256=self.other.sha256, gestures={1: "blink"})

    def marked(self, photo: Photo | None = None, about: Provenance | None = None) -> np.ndarray:
        """The photograph with badge and invisible mark, as a clip's frames have them."""
        pixels = (photo or self.photo).pixels
        mark = Watermark(SIDE, SIDE, seal.identity(about or self.about), reference=pixels)
        return Badge(SIDE, SIDE).stamp(mark.stamp(pixels))

    def save(self, pixels: np.ndarray, suffix: str = ".png") -> Path:
        self.count += 1
        path = self.folder / f"file{self.count}{suffix}"
        Image.fromarray(pixels).save(path)
        return path

    def sign(self, path: Path, about: Provenance | None = None, signer: keys.Signer | None = None) -> Path:
        seal.sign(path, about or self.about, signer=signer or self.own)
        return path

    def cite(self, path: Path, about: Provenance | None = None, digest: str = "") -> Path:
        about = about or self.about
        identity = seal.identity(about).hex()
        statement = citation.content(path.name, digest or citation.sha256(path), about, identity, "image/png")
        citation.write(path, statement)
        return path

    def film(self) -> Path:
        """A copy of the MP4 with its slips."""
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        for file in (self.clip, *citation.paths(self.clip)):
            shutil.copy(file, folder)
        return folder / self.clip.name
