"""The documents: generated pages are fresh, links lead somewhere, rooms form no circle."""

import importlib.util
import re
from pathlib import Path

import pytest
import structure

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("weights/*.md")])


def _generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["cli.md", "python.md"])
def test_generated_pages_are_fresh(page):
    assert (ROOT / "docs" / page).read_text("utf-8") == _generator().PAGES[page]().rstrip() + "\n", "run: make docs"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_headings_that_links_name_exist(document):
    text = document.read_text("utf-8")
    anchors = {re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-") for line in text.splitlines()}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_rooms_form_no_circle():
    assert structure.measure().circles == ()


def test_circles_and_floors_are_counted(tmp_path):
    package = tmp_path / "animate"
    for room, text in {
        "a": "from animate.b import x\n",
        "b": "import animate.c\n",
        "c": "",
        "d": "from .. import b\n",
    }.items():
        (package / room).mkdir(parents=True)
        (package / room / "x.py").write_text(text)
    (package / "__init__.py").write_text("")
    straight = structure.measure(package)
    assert (len(straight.rooms), len(straight.arrows), straight.floors, straight.circles) == (4, 3, 3, ())
    (package / "c" / "x.py").write_text("def f():\n    from animate import a\n")
    round_about = structure.measure(package)
    assert round_about.circles == (frozenset("abc"),)
    assert (len(round_about.arrows), round_about.floors) == (4, 2)
