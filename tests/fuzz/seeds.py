"""One small good file a format, for the fuzz tests to damage; made on the spot."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
from media.videos import film, picture
from PIL import Image
from skimage.data import astronaut


def _face() -> np.ndarray:
    return np.ascontiguousarray(astronaut()[20:116, 170:242])  # (96, 72, 3)


def _picture(kind: str, mode: str = "RGB", **choices) -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    if kind in ("JPEG", "PNG", "WEBP", "AVIF"):
        choices["exif"] = exif
    Image.fromarray(_face()).convert(mode).save(stream, kind, **choices)
    return stream.getvalue()


def _animation(kind: str, **choices) -> bytes:
    stream = io.BytesIO()
    first, *others = (Image.fromarray(picture(index, 64, 48)) for index in range(5))
    first.save(stream, kind, save_all=True, append_images=others, duration=80, loop=0, **choices)
    return stream.getvalue()


def _pages() -> bytes:
    stream = io.BytesIO()
    face = _face()
    others = [Image.fromarray(face), Image.fromarray(face[:, :, 0].astype(np.uint16) * 257)]
    Image.fromarray(face[::2, ::2].copy()).save(stream, "TIFF", save_all=True, append_images=others)
    return stream.getvalue()


def _video(ending: str, codec: str, **choices) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        frames = [picture(index, 64, 48) for index in range(8)]
        return film(Path(folder) / f"a{ending}", frames, codec=codec, **choices).read_bytes()


def _card() -> bytes:
    from animate.motion import gesture_file

    return gesture_file._bundled()["laugh"].read_bytes()  # with light, and lips that part


def _slip() -> bytes:
    from animate.core.types import Edit, FurtherPhoto, Provenance
    from animate.provenance import citation

    about = Provenance(
        "keepsake 0", "none", "a.jpg", "1" * 64, (100, 120), {1: "nod"}, options={"head": 1.0}, notes=("a", "b"),
        created="2026-01-01T00:00:00Z", more=(FurtherPhoto("b.jpg", "2" * 64, 3.0),), extra={"names": "Anna"},
        edits=(Edit("tone", "it was given contrast", {"share": 0.5}),), synthesized=2.0,
    )  # fmt: skip
    return json.dumps(citation.content("a.mp4", "0" * 64, about, "0" * 12, "video/mp4"), indent=1).encode()


def _networks(save: Callable[[dict, Path], None]) -> bytes:
    from fomm_small import checkpoint, small

    with tempfile.TemporaryDirectory() as folder:
        save(checkpoint(small()), Path(folder) / "a")
        return (Path(folder) / "a").read_bytes()


def _pth(legacy: bool) -> bytes:
    import torch

    return _networks(lambda parts, file: torch.save(parts, file, _use_new_zipfile_serialization=not legacy))


def _safetensors() -> bytes:
    from safetensors.torch import save_file

    def save(parts: dict, file: Path) -> None:
        names = ("generator", "kp_detector")
        save_file({f"{part}.{key}": value for part in names for key, value in parts[part].items()}, file)

    return _networks(save)


def _pem() -> bytes:
    """A key and a chain of two certificates, as they lie in an installation's folder."""
    from animate.provenance.c2pa import keys

    with tempfile.TemporaryDirectory() as folder:
        keys.signer(config=Path(folder))
        return b"".join((Path(folder) / "signer" / name).read_bytes() for name in ("key.pem", "chain.pem"))


@cache
def signed() -> tuple[bytes, bytes]:
    """A small PNG signed by an installation, and that installation's authority (PEM)."""
    from animate.core.types import Provenance
    from animate.provenance.c2pa import keys, manifest

    about = Provenance("keepsake 0", "none", "a.png", "0" * 64, (72, 96), {1: "nod"}, created="2026-01-01T00:00:00Z")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        path.write_bytes(_picture("PNG"))
        manifest.sign(path, about, "0" * 12, keys.signer(config=Path(folder)))
        return path.read_bytes(), keys.anchors(Path(folder))


def _captioned() -> bytes:
    """A JPEG with a caption in XMP, in IPTC-IIM and in EXIF."""
    exif = Image.Exif()
    exif[270], exif[315], exif[0x9C9B] = "Anna at the sea", "A. Smith", "Anna".encode("utf-16-le")
    exif.get_ifd(0x8769)[0x9003] = "1912:05:01 12:00:00"
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" '
        b'xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:p="http://ns.adobe.com/photoshop/1.0/" '
        b'p:DateCreated="1912-05-01"><dc:description><rdf:Alt><rdf:li>Anna</rdf:li></rdf:Alt></dc:description>'
        b"<e:PersonInImage><rdf:Bag><rdf:li>Anna</rdf:li><rdf:li>Otto</rdf:li></rdf:Bag></e:PersonInImage>"
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    texts = ((120, b"Anna by the sea"), (55, b"19120501"), (115, b"attic"))
    records = b"".join(b"\x1c\x02" + bytes([tag]) + len(text).to_bytes(2, "big") + text for tag, text in texts)
    resource = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(records).to_bytes(4, "big") + records + b"\0"
    stream = io.BytesIO()
    Image.fromarray(_face()).save(stream, "JPEG", exif=exif, xmp=packet)
    jpeg = stream.getvalue()
    return jpeg[:2] + b"\xff\xed" + (len(resource) + 2).to_bytes(2, "big") + resource + jpeg[2:]


def _record() -> bytes:
    from animate.album import record

    texts = {"title": "Anna", "names": "Anna, Otto", "date": "1912", "notes": ("a", "b"), "when": "2026-01-01T00:00:00"}
    made = record.Entry("a.jpg", record.MADE, "0" * 64, {"gesture": "nod"}, "a.mp4", "stills/a.mp4.jpg", **texts)
    failed = record.Entry("b.jpg", record.FAILED, "1" * 64, reason="no face", hint="a box", kind="NoFace", took=1.0)
    return "".join(json.dumps(asdict(entry)) + "\n" for entry in (made, failed)).encode()


def _form(files: dict[str, str], fields: dict[str, str]) -> bytes:
    """A form with files of these names, and with fields."""
    from fuzz.doors import BOUNDARY

    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        f"Content-Type: image/jpeg\r\n\r\n{{}}\r\n"
        for name, file in files.items()
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


def _sizes() -> bytes:
    """A published configuration, cut to what is read of it."""
    return b"""model_params:
  common_params:
    num_kp: 10
    num_channels: 3
    estimate_jacobian: True
  kp_detector_params:
     temperature: 0.1
     block_expansion: 32
     max_features: 1024
     scale_factor: 0.25
     num_blocks: 5
  generator_params:
    block_expansion: 64
    max_features: 512
    num_down_blocks: 2
    num_bottleneck_blocks: 6
    estimate_occlusion_map: True
    dense_motion_params:
      block_expansion: 64
      max_features: 1024
      num_blocks: 5
      scale_factor: 0.25
"""


_FIELDS = {"gesture": "nod", "format": "mp4", "faces": "1=nod,2=smile", "head": "0.5", "box": "1,2,30,40",
           "frame": "face", "title": "Anna", "start": "0", "end": "3", "quality": "20", "repair": "no"}  # fmt: skip
_EVENT = {"data": [{"path": "/tmp/a.jpg", "meta": {"_type": "gradio.FileData"}}, None, "words", 3], "fn_index": 1,
          "session_hash": "a", "event_data": {"face": 1, "box": [1, 2, 3, 4]}, "trigger_id": 7}  # fmt: skip
_SENT = {"path": "/tmp/a.jpg", "name": "smile", "face": 1, "number": 1, "all": True, "box": [20, 30, 90, 100],
         "help": "turn=1", "start": 0.5, "end": 3.0}  # fmt: skip

SEEDS: dict[str, Callable[[], bytes]] = {
    "jpg": lambda: _picture("JPEG"),
    "progressive.jpg": lambda: _picture("JPEG", progressive=True),
    "png": lambda: _picture("PNG"),
    "tif": lambda: _picture("TIFF", compression="tiff_lzw"),
    "pages.tif": _pages,
    "webp": lambda: _picture("WEBP"),
    "gif": lambda: _picture("GIF", "P"),
    "avif": lambda: _picture("AVIF", speed=10),
    "bmp": lambda: _picture("BMP"),
    "animated.gif": lambda: _animation("GIF"),
    "animated.webp": lambda: _animation("WEBP"),
    "animated.png": lambda: _animation("PNG"),
    "animated.avif": lambda: _animation("AVIF", speed=10),
    "mp4": lambda: _video(".mp4", "libx264", sound=True),
    "mov": lambda: _video(".mov", "mpeg4", options={}),
    "avi": lambda: _video(".avi", "mjpeg", pix_fmt="yuvj420p", options={}),
    "webm": lambda: _video(".webm", "libvpx", options={"crf": "10", "b": "1M"}),
    "card": _card,
    "json": _slip,
    "safetensors": _safetensors,
    "pth.tar": lambda: _pth(False),
    "legacy.pth.tar": lambda: _pth(True),
    "pem": _pem,
    "captions.jpg": _captioned,
    "jsonl": _record,
    "yaml": _sizes,
    "fields": lambda: json.dumps(_FIELDS).encode(),
    "plan": lambda: json.dumps({"names": ["a.mp4.txt", "a.mp4"], "overwrite": False}).encode(),
    "event": lambda: json.dumps(_EVENT).encode(),
    "page": lambda: json.dumps(_SENT).encode(),
    "jobs.form": lambda: _form({"photo": "a.jpg"}, _FIELDS),
    "faces.form": lambda: _form({"photo": "a.jpg"}, {"box": "1,2,30,40", "page": "2"}),
    "verify.form": lambda: _form({"file": "a.mp4", "photo": "a.jpg", "citation": "a.mp4.json"}, {}),
}


@cache
def seed(name: str) -> bytes:
    """The good file called so; made once a process."""
    return SEEDS[name]()
