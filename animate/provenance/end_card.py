"""The end card: a dark picture after the clip that names what it was."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from animate.core.errors import OptionError

SENTENCES = {  # ASCII only: the font that comes with Pillow has no accents
    "en": "An animation made from a photograph. Not footage.",
    "de": "Eine Animation, aus einer Fotografie gemacht. Keine Filmaufnahme.",
    "fr": "Une animation faite avec une photographie. Pas un film.",
    "es": "Una foto animada por un programa. No es una escena filmada.",
    "it": "Una foto animata da un programma. Non una ripresa.",
    "nl": "Een animatie, gemaakt van een foto. Geen filmopname.",
    "pt": "Uma foto animada por um programa. Nunca foi filmada.",
    "sv": "En animering gjord av ett fotografi. Ingen filminspelning.",
}
_PAPER, _INK = (24, 22, 20), (236, 230, 220)
_WIDTH = 0.84  # of the frame that a line may fill


def end_card(width: int, height: int, language: str = "en") -> np.ndarray:
    """The card, (height, width, 3) uint8; OptionError for a language that is not in SENTENCES."""
    from PIL import Image, ImageDraw, ImageFont

    if language not in SENTENCES:
        raise OptionError(f"there are no closing words in {language!r}", hint="languages are " + ", ".join(SENTENCES))
    card = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(card)
    size = max(8.0, min(width, height) / 16)
    text, font = "", ImageFont.load_default(size)
    while size >= 4:
        font = ImageFont.load_default(size)
        text = _broken(SENTENCES[language], lambda line, font=font: draw.textlength(line, font) <= _WIDTH * width)
        left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font, align="center", spacing=size / 2)
        if right - left <= _WIDTH * width and bottom - top <= _WIDTH * height:
            break
        size *= 0.85
    draw.multiline_text((width / 2, height / 2), text, _INK, font, anchor="mm", align="center", spacing=size / 2)
    return np.asarray(card)


def closing(width: int, height: int, fps: float, *, language: str = "en", seconds: float = 2.5) -> Iterator[np.ndarray]:
    """The card, as many frames as `seconds` need."""
    card = end_card(width, height, language)
    for _ in range(max(1, round(fps * seconds))):
        yield card


def _broken(text: str, fits) -> str:
    """The text broken at spaces into lines that fit, where possible; each sentence starts a line."""
    lines: list[str] = []
    for sentence in text.replace(". ", ".\n").split("\n"):
        line = ""
        for word in sentence.split():
            longer = f"{line} {word}".strip()
            if line and not fits(longer):
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return "\n".join(lines)
