"""Weights: found, checked, downloaded and brought by hand; never half a file, never an unchecked one."""

import hashlib
import http.server
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from animate.core import weights
from animate.core.errors import Cancelled, WeightsDamaged, WeightsMissing

CONTENT = bytes(range(256)) * 12_000  # 3 MB: several pieces


def sha(content):
    return hashlib.sha256(content).hexdigest()


class Answers(http.server.BaseHTTPRequestHandler):
    """/good: CONTENT; /short: half of it under a promise of all; /bad: something else; the rest is 404."""

    asked: list = []

    def do_GET(self):
        self.asked.append(self.path)
        kind = self.path.rsplit("/", 1)[-1]
        body = {"good": CONTENT, "short": CONTENT[: len(CONTENT) // 2], "bad": b"x" * len(CONTENT)}.get(kind)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(CONTENT) if body else 0))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path, monkeypatch, server):
    """A registry of its own: a bundled file, one to download, one to bring by hand, a group in the torch-hub folder."""
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    (bundled / "net.bin").write_bytes(b"bundled")
    whole = {"bytes": len(CONTENT), "sha256": sha(CONTENT), "licence": "MIT", "about": "a test"}
    rows = [
        whole | {"name": "net", "file": "net.bin", "source": "bundled", "sha256": sha(b"bundled"), "bytes": 7},
        whole | {"name": "far", "file": "far.bin", "source": "url", "url": f"{server}/good"},
        whole | {"name": "hand", "file": "hand.bin", "source": "cache"},
        whole | {"name": "one", "group": "pair", "file": f"one-{sha(CONTENT)[:10]}.pth", "source": "url"}
        | {"url": f"{server}/good", "home": "torch-hub", "sha256": sha(CONTENT)[:10], "bytes": None},
        whole | {"name": "two", "group": "pair", "file": "two.pth", "source": "url", "url": f"{server}/good"}
        | {"home": "torch-hub"},
    ]  # fmt: skip
    (bundled / "registry.json").write_text(json.dumps(rows))
    monkeypatch.setattr(weights, "bundled_folder", lambda: bundled)
    monkeypatch.setenv("KEEPSAKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    Answers.asked.clear()
    return tmp_path


def change(home, name, **about):
    file = home / "bundled" / "registry.json"
    rows = [row | about if row["name"] == name else row for row in json.loads(file.read_text())]
    file.write_text(json.dumps(rows))


def files(folder):
    return sorted(file.name for file in folder.rglob("*") if file.is_file()) if folder.exists() else []


def test_bundled_file(home):
    assert weights.path("net").read_bytes() == b"bundled"
    assert weights.digest("net") == sha(b"bundled")
    assert weights.get("net") == weights.path("net")


def test_a_changed_bundled_file_is_noticed(home):
    weights.path("net")
    weights.path("net").write_bytes(b"bUndled")
    with pytest.raises(WeightsDamaged, match="'net' as listed"):
        weights.path("net")


def test_a_file_is_read_once_for_its_hash(home, monkeypatch):
    weights.path("net")
    monkeypatch.setattr(weights.hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    weights.path("net")


def test_a_missing_bundled_file(home):
    (home / "bundled" / "net.bin").unlink()
    with pytest.raises(WeightsMissing, match="'net' are not on this computer") as caught:
        weights.path("net")
    assert caught.value.hint


def test_an_unknown_name_lists_the_known_ones(home):
    for ask in (weights.path, weights.get, weights.digest):
        with pytest.raises(WeightsMissing, match="no weights called 'nought'") as caught:
            ask("nought")
        assert "far, hand, net, pair" in caught.value.hint


def test_several_files_have_one_digest_that_knows_their_order(home):
    weights.get("far")
    both = weights.digest("net", "far")
    assert len(both) == 64 and both not in (weights.digest("net"), weights.digest("far"), weights.digest("far", "net"))


def test_nothing_is_downloaded_unasked(home):
    with pytest.raises(WeightsMissing) as caught:
        weights.path("far")
    assert caught.value.hint == "keepsake weights get far"
    weights.status()
    assert not Answers.asked


def test_download(home):
    steps = []
    path = weights.get("far", on_bytes=lambda done, total: steps.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert path == weights.path("far")
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert len(steps) > 1
    weights.get("far")
    assert len(Answers.asked) == 1
    assert files(home / "cache") == ["far.bin"]


@pytest.mark.parametrize("kind", ["bad", "short"])
def test_something_else_arrives(home, kind, server):
    change(home, "far", url=f"{server}/{kind}")
    with pytest.raises(WeightsDamaged, match="sha256 starts with"):
        weights.get("far")
    assert files(home / "cache") == []


def test_it_is_not_there(home, server):
    change(home, "far", url=f"{server}/nowhere")
    with pytest.raises(WeightsMissing, match="could not be downloaded: Not Found"):
        weights.get("far")


def test_no_network(home):
    change(home, "far", url="http://127.0.0.1:9/good")
    with pytest.raises(WeightsMissing, match="far.bin could not be downloaded") as caught:
        weights.get("far")
    assert "import FILE --as far" in caught.value.hint
    assert files(home / "cache") == []


def test_stopped_on_the_way(home):
    def stop(done, total):
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        weights.get("far", on_bytes=stop)
    assert files(home / "cache") == []


def test_a_damaged_download_is_replaced(home):
    weights.get("far").write_bytes(b"broken")
    with pytest.raises(WeightsDamaged):
        weights.path("far")
    assert weights.get("far").read_bytes() == CONTENT


def test_a_group_goes_to_the_torch_hub_folder(home):
    folder = weights.get("pair")
    assert folder == home / "torch" / "hub" / "checkpoints"
    assert files(folder) == [f"one-{sha(CONTENT)[:10]}.pth", "two.pth"]
    assert weights.digest("one") == sha(CONTENT)
    with pytest.raises(WeightsMissing, match="names several files"):
        weights.path("pair")


def test_a_prefix_is_checked_like_a_whole_hash(home, server):
    change(home, "one", url=f"{server}/bad")
    with pytest.raises(WeightsDamaged):
        weights.get("one")


def test_import_by_hand(home):
    with pytest.raises(WeightsMissing, match="cannot be downloaded") as caught:
        weights.get("hand")
    assert caught.value.hint == "keepsake weights import FILE --as hand"
    brought = home / "from a stick.bin"
    brought.write_bytes(CONTENT)
    assert weights.import_file(brought, "hand").read_bytes() == CONTENT
    assert weights.import_file(brought, "pair").parent.name == "checkpoints"
    assert weights.path("hand").parent == home / "cache"
    assert brought.is_file()


def test_import_of_something_else(home):
    brought = home / "other.bin"
    brought.write_bytes(b"other")
    with pytest.raises(WeightsDamaged, match="other.bin is not hand.bin"):
        weights.import_file(brought, "hand")
    with pytest.raises(WeightsMissing, match="there is no file"):
        weights.import_file(home / "nowhere", "hand")
    assert files(home / "cache") == []


def test_an_imported_file_stands_in_for_a_lost_bundled_one(home):
    (home / "bundled" / "net.bin").rename(home / "saved.bin")
    assert weights.import_file(home / "saved.bin", "net") == weights.path("net")


def test_status(home):
    weights.get("far")
    weights.path("net").write_bytes(b"bUndled")
    states = {row["name"]: row["state"] for row in weights.status()}
    assert states == {"net": "damaged", "far": "ready", "hand": "missing", "one": "missing", "two": "missing"}
    assert all(bool(row["hint"]) == (row["state"] != "ready") for row in weights.status())


def test_register_writes_and_renews_a_row(tmp_path):
    registry, file = tmp_path / "registry.json", tmp_path / "net.safetensors"
    file.write_bytes(b"first")
    row = weights.register(registry, "net", file, licence="MIT", about="a test")
    assert (row["sha256"], row["bytes"], row["source"]) == (sha(b"first"), 5, "bundled")
    file.write_bytes(b"second")
    weights.register(registry, "net", file)
    weights.register(registry, "other", file, licence="MIT", about="another")
    rows = json.loads(registry.read_text())
    assert [(r["name"], r["sha256"]) for r in rows] == [("net", sha(b"second")), ("other", sha(b"second"))]
    assert rows[0]["licence"] == "MIT"
    assert files(tmp_path) == ["net.safetensors", "registry.json"]


def test_register_wants_to_know_what_it_is(tmp_path):
    (tmp_path / "net.bin").write_bytes(b"1")
    with pytest.raises(ValueError, match="licence"):
        weights.register(tmp_path / "registry.json", "net", tmp_path / "net.bin")
    with pytest.raises(ValueError, match="beside"):
        weights.register(
            tmp_path / "elsewhere" / "registry.json", "net", tmp_path / "net.bin", licence="MIT", about="a test"
        )


def test_the_registry_that_ships():
    rows = json.loads((weights.bundled_folder() / "registry.json").read_text("utf-8"))
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert {"name", "file", "sha256", "bytes", "licence", "source", "about"} <= set(row)
        assert row["source"] in {"bundled", "cache", "url"}
        assert bool(row.get("url")) == (row["source"] == "url")
        assert Path(row["file"]).name == row["file"]
        assert len(row["sha256"]) == 64 or row["sha256"] in row["file"]
        if row["source"] == "bundled":
            assert weights.digest(row["name"]) == row["sha256"]


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("KEEPSAKE_CACHE", str(tmp_path))
    assert weights.cache_folder() == tmp_path
    monkeypatch.delenv("KEEPSAKE_CACHE")
    assert weights.cache_folder().name == "keepsake"


def test_what_never_ends_is_not_downloaded(home, monkeypatch):
    monkeypatch.setattr(weights, "WEIGHTS", replace(weights.WEIGHTS, bytes=1_500_000))
    with pytest.raises(WeightsDamaged, match="limit is 1.5 MB") as caught:
        weights.get("far")
    assert caught.value.hint and not files(home / "cache")
    brought = home / "brought.bin"
    brought.write_bytes(CONTENT)
    with pytest.raises(WeightsDamaged, match="brought.bin has 3.07 MB"):
        weights.import_file(brought, "hand")
