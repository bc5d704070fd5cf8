"""Every state of docs/verification.md, each in a file that the forger's program made."""

from __future__ import annotations

import pytest
from provenance import verification_doc
from provenance.cases import CASES
from provenance.forger import Workshop

from animate.provenance import report
from animate.provenance.verify import outcome, verify

ORDER = list(verification_doc.TABLES.values())


@pytest.fixture(scope="module")
def shop(made, tmp_path_factory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("forger"), made.path)


@pytest.mark.slow  # all together
@pytest.mark.parametrize("name", sorted(CASES, key=lambda name: name == "expired"))
def test_each_case_gets_the_sentences_of_its_states(shop, opener, name):
    case = CASES[name]
    verdict = verify(case.make(shop), opener, photo=case.asked(shop), anchors=shop.anchors)
    texts = [table[state] for table, state in zip(ORDER, case.states, strict=True) if table[state]]
    assert (verdict.conclusion, verdict.manifest) == case.states[:2]
    assert len(verdict.lines) == len(texts), "\n".join(verdict.lines)
    for line, text in zip(verdict.lines, texts, strict=True):
        assert _fits(line, text), f"{line}\ninstead of\n{text}"
    assert outcome(verdict) == case.exit
    assert "It is not footage" not in verdict.lines[0] or verdict.manifest == "valid"


@pytest.mark.parametrize(
    "place, state", [(place, state) for place, table in enumerate(ORDER) for state in table], ids=str
)
def test_each_state_is_reached_by_a_case(place, state):
    assert any(case.states[place] == state for case in CASES.values())


def test_the_document_has_these_tables():
    assert verification_doc.current() == verification_doc.tables(), "run tests/provenance/verification_doc.py"


def test_no_sentence_claims_authenticity():
    for table in ORDER:
        for sentence in table.values():
            terms = set(sentence.lower().replace(".", " ").replace(",", " ").split())
            assert not {"real", "authentic", "genuine", "verified", "original"} & terms


def _fits(line: str, template: str) -> bool:
    """True when `line` is `template` with its {values} filled in."""
    at = 0
    for place, part in enumerate(_fixed_parts(template)):
        found = line.find(part, at)
        if found < 0 or (place == 0 and found):
            return False
        at = found + len(part)
    return template.endswith("}") or line.endswith(_fixed_parts(template)[-1])


def _fixed_parts(template: str) -> list[str]:
    return [part.split("}")[-1] for part in template.split("{")]


def test_sentences_name_what_they_were_given(made, opener):
    lines = verify(made.path, opener, anchors=b"").lines
    values = (made.record.photo, "2025-03-04", made.record.program, "smile", made.mark_id, "Keepsake installation")
    assert all(any(value in line for line in lines) for value in values)
    assert not any("{" in line or "}" in line for line in lines) and report.SLIP["matches"] in lines
