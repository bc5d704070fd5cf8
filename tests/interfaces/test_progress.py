"""Progress in words and as a line."""

from __future__ import annotations

import io

import pytest

from animate.interfaces.progress import Eta, Progress, format_eta


class Screen(io.StringIO):
    def __init__(self, terminal: bool):
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def ticking(times):
    return lambda: next(times)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.4, "almost done"),
        (12.2, "about 12 seconds left"),
        (47, "about 45 seconds left"),
        (70, "about a minute left"),
        (400, "about 7 minutes left"),
        (9000, "about 2 hours left"),
    ],
)
def test_time_left_is_said_as_a_person_would(seconds, words):
    assert format_eta(seconds) == words


def test_the_pace_so_far_says_how_long_the_rest_takes():
    assert Eta(ticking(iter([0.0, 10.0]))).left(25, 100) == 30.0
    assert Eta(ticking(iter([0.0, 10.0]))).left(0, 100) is None
    assert Eta(ticking(iter([0.0, 10.0]))).left(25, 0) is None
    assert Eta(ticking(iter([0.0, 0.1]))).left(1, 100) is None  # too early to say


def test_a_terminal_gets_one_line_that_is_taken_away_again():
    screen, now = Screen(True), iter(range(0, 1000, 5))
    shown = Progress("animating", screen, ticking(now))
    for done in (25, 50, 100):
        shown(done, 100)
    shown.clear()
    drawn = screen.getvalue()
    assert "\n" not in drawn
    assert "|============            |  50 %" in drawn
    assert "left" in drawn
    assert drawn.endswith("\r")


def test_a_log_file_gets_a_line_now_and_then():
    screen, now = Screen(False), iter([value * 0.5 for value in range(1000)])
    shown = Progress("animating", screen, ticking(now))
    for done in range(1, 101):
        shown(done, 100)
    shown.clear()
    lines = screen.getvalue().splitlines()
    assert 2 <= len(lines) <= 20
    assert lines[-1] == "animating  100 of 100"


def test_an_end_nobody_knows_is_counted():
    screen = Screen(True)
    Progress("reading", screen, ticking(iter(range(0, 100, 5))))(7, 0)
    assert "reading  7" in screen.getvalue() and "%" not in screen.getvalue()
