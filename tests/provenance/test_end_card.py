import numpy as np
import pytest

from animate.core.errors import OptionError
from animate.provenance import end_card


@pytest.mark.parametrize("size", [(256, 256), (1080, 1920), (640, 200), (64, 48)])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_text_fits(size, language):
    card = end_card.end_card(*size, language)
    bright = np.argwhere(card.max(axis=2) > 120)
    assert card.shape == (size[1], size[0], 3) and len(bright) > 10
    assert (bright.min(axis=0) > 0).all() and (bright.max(axis=0) < np.array(card.shape[:2]) - 1).all()
    middle = (bright.min(axis=0) + bright.max(axis=0)) / 2
    assert np.abs(middle / card.shape[:2] - 0.5).max() < 0.1


def test_every_language_is_drawn_differently():
    assert all(sentence.isascii() for sentence in end_card.SENTENCES.values())  # else the font draws boxes
    cards = {end_card.end_card(320, 240, language).tobytes() for language in end_card.SENTENCES}
    assert len(cards) == len(end_card.SENTENCES) == 8


def test_lasts_as_long_as_asked():
    assert len(list(end_card.closing(64, 64, 25, seconds=2))) == 50


def test_unknown_language():
    with pytest.raises(OptionError, match="tlh"):
        end_card.end_card(320, 240, "tlh")
