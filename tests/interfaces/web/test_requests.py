"""What is clicked faster than the server answers: nothing is lost or overtaken, and the page says when it rests."""

from __future__ import annotations

import json

import pages
from pages import expect, says, upload


def click(page, *selectors: str) -> None:
    """Clicks at once, within one turn of the browser, so that no answer can come in between."""
    page.evaluate(f"{json.dumps(selectors)}.forEach((selector) => document.querySelector(selector).dispatchEvent("
                  "new MouseEvent('click', {bubbles: true, cancelable: true})))")  # fmt: skip


def card(name: str) -> str:
    return f"#gestures .card[data-name={name}]"


def test_animate_takes_the_movement_chosen_just_before(page, photo):
    upload(page, photo)
    click(page, card("glance"), card("smile"), "#go")
    says(page, "Done.")
    expect(page, "#result .made").to_have_text("grandma.png · Smile")


def test_a_video_that_is_not_there_is_missed_at_once(page, photo):
    upload(page, photo)
    click(page, card("driver"), "#go")
    says(page, "Your own video is not there yet.")
    page.wait_for_selector(pages.READY)
    says(page, "Your own video is not there yet.")


def test_faces_clicked_quickly_are_all_counted(page, photo):
    upload(page, photo)
    click(page, ".face[data-face='1']", ".face[data-face='2']", ".face[data-face='1']", ".face[data-face='2']")
    page.wait_for_selector(pages.READY)
    says(page, "One face will move.")
    assert page.locator("#picture .face.chosen").count() == 1
    click(page, "#picture .face[data-face='2']", "#go")
    page.wait_for_selector("#clip video")
    says(page, "Done.")


def test_what_is_clicked_while_the_page_opens_waits_for_its_answer(page, photo):
    upload(page, photo)
    page.wait_for_selector(pages.READY)
    held: list = []
    page.route("**/queue/join*", lambda route: held.append(route), times=1)
    page.reload()
    page.wait_for_selector(card("smile"))
    click(page, card("smile"))
    pages.wait(lambda: page.evaluate("1") and held, 30)
    assert not page.locator(pages.READY).count()
    held[0].continue_()
    page.wait_for_selector(pages.READY)
    page.click("#go")
    says(page, "Done.")
    expect(page, "#result .made").to_have_text("grandma.png · Smile")


def test_what_is_chosen_while_a_clip_is_made_is_for_the_next_one(page, photo):
    upload(page, photo)
    click(page, card("glance"), "#go")
    says(page, "Animating")
    click(page, "#picture .face[data-face='2']", card("smile"))
    page.wait_for_selector(pages.READY)
    assert page.locator("#picture .face.chosen").count() == 2
    assert page.is_visible("#progress [role=progressbar]") and not page.is_visible("#go")
    page.click("#stop")
    says(page, "Stopped.")
    page.click("#go")
    expect(page, "#result .made").to_have_text("grandma.png · Smile")
