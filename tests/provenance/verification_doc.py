"""Writes the tables of docs/verification.md: `PYTHONPATH=.:tests python -m provenance.verification_doc`."""

from __future__ import annotations

from pathlib import Path

from provenance.cases import CASES

from animate.provenance import report

DOC = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
START, END = "<!-- tables: written by tests/provenance/verification_doc.py -->", "<!-- end of tables -->"
TABLES = {
    "What the file is": report.CONCLUSION,
    "The signed account": report.ACCOUNT,
    "What the account contains": report.MAKING,
    "The invisible mark": report.WATERMARK,
    "The visible sign": report.BADGE,
    "The slip": report.SLIP,
    "The photograph that was given": report.PHOTO,
}


def tables() -> str:
    """Markdown: one table a kind of evidence, then the cases with their exit codes."""
    parts = []
    for place, (title, table) in enumerate(TABLES.items()):
        parts += [f"### {title}", "", "| state | sentence | seen in |", "|---|---|---|"]
        for state, sentence in table.items():
            cases = [name for name, case in CASES.items() if case.states[place] == state]
            parts.append(f"| {state or '(none)'} | {sentence or '(no sentence)'} | {', '.join(cases)} |")
        parts.append("")
    parts += ["### The cases", "", "| case | what it is | exit code |", "|---|---|---|"]
    parts += [f"| {name} | {case.title} | {case.exit} |" for name, case in CASES.items()]
    return "\n".join(parts)


def current() -> str:
    """The part of the document that `tables` writes."""
    return DOC.read_text(encoding="utf-8").split(START)[1].split(END)[0].strip()


if __name__ == "__main__":
    before, rest = DOC.read_text(encoding="utf-8").split(START)
    DOC.write_text(f"{before}{START}\n\n{tables()}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
