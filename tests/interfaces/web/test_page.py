"""The page in a real browser, on the fake pipeline: from a photograph to a saved clip, and what must not happen."""

from __future__ import annotations

import json
import re
import time
import zipfile
from pathlib import Path

import fakes
import pages
import pytest
from pages import expect, says, upload

from animate.core.types import Photo
from animate.photo.preview import write_png


@pytest.fixture
def film(tmp_path) -> Path:
    """A video of one's own."""
    import av

    with av.open(str(tmp_path / "me.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(fakes.PIXELS[:64, :64].copy(), format="rgb24")))
        container.mux(stream.encode(None))
    return tmp_path / "me.mp4"


def animate(page) -> None:
    """Makes a clip and waits until the browser can play it."""
    page.click("#go")
    says(page, "Done.")
    page.wait_for_function("document.querySelector('#clip video').readyState >= 2")


def previews(page, count: int) -> None:
    page.wait_for_function(f"document.querySelectorAll('#gestures .moving video').length === {count}")


# From a photograph to a clip


def test_from_a_photograph_to_a_saved_clip(page, photo, tmp_path):
    says(page, "Choose a photograph first.")
    assert page.is_disabled("#go")
    upload(page, photo)
    says(page, "One face will move.")
    page.click("#picture .face[data-face='2']")
    says(page, "2 faces will move.")
    page.click("#go")
    says(page, re.compile("left|almost done"))
    page.wait_for_selector("#clip video")
    page.wait_for_function("document.querySelector('#clip video').readyState >= 2")
    assert page.evaluate("document.querySelector('#clip video').videoWidth") == 320
    expect(page, "#result").to_contain_text("This is an animation, not footage. At most 12.0 % of the moved face")
    expect(page, "#result .made").to_have_text("grandma.png · Breath")
    with page.expect_download() as coming:
        page.click("#save-clip")
    assert coming.value.suggested_filename == "grandma-keepsake.mp4"
    coming.value.save_as(tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes()[4:8] == b"ftyp"


def test_the_citation_slip_is_saved_with_the_clip(page, photo, tmp_path):
    upload(page, photo)
    page.click("#finer button")
    field = "#choice-names :is(textarea, input)"
    page.wait_for_selector(field)
    page.locator(field).press_sequentially("Anna Berg", delay=20)
    page.press(field, "Tab")
    expect(page, field).to_have_value("Anna Berg")
    animate(page)
    with page.expect_download() as coming:
        page.click("#save")
    assert coming.value.suggested_filename == "grandma-keepsake.zip"
    coming.value.save_as(tmp_path / "clip.zip")
    with zipfile.ZipFile(tmp_path / "clip.zip") as packed:
        names = sorted(packed.namelist())
        assert names == [f"grandma-keepsake.mp4{more}" for more in ("", ".json", ".txt")]
        assert json.loads(packed.read(names[1]))["names"] == "Anna Berg"


def test_the_fields_can_be_seen(page):
    page.click("#finer button")
    page.wait_for_selector("#choice-names :is(textarea, input)")
    width = "getComputedStyle(document.querySelector('#choice-names :is(textarea, input)')).borderTopWidth"
    assert page.evaluate(width) == "1px"
    assert page.locator("#choice-model").count() == 0, "a model whose weights are not here is offered"


def test_head_and_shoulders_are_asked_for(page, photo, server):
    upload(page, photo)
    page.click("#choice-frame input")
    page.click("text=Head and shoulders")
    animate(page)
    assert "frame=face" in server.log.read_text()


def test_more_photographs_of_the_person_are_given_refused_insisted_on_and_taken_away(page, photo, tmp_path, server):
    upload(page, photo)
    give = lambda name: page.set_input_files("#more input[type=file]", write_png(tmp_path / name, fakes.PIXELS))
    give("smiling.png")
    expect(page, "#more .further li").to_have_count(1)
    give("stranger.png")
    expect(page, "#more .failure[role=alert]").to_contain_text(
        "Further photograph 2 (stranger.png) shows somebody else"
    )
    expect(page, "#more .further li").to_have_count(1)
    page.check("#more [data-do=insist]")
    expect(page, "#more .failure[role=alert]").to_have_count(0)
    give("stranger.png")
    expect(page, "#more .further li").to_have_count(2)
    page.click("#more [data-number='1']")
    expect(page, "#more .further li").to_have_count(1)
    animate(page)
    assert "more=['stranger.png']" in server.log.read_text()
    page.click("#another")
    expect(page, "#more .drop").to_have_count(0)


def test_clip_and_photograph_are_looked_at_together(page, photo):
    upload(page, photo)
    animate(page)
    assert not page.is_visible("#result .photo img")
    page.click("#result .views [data-view=side]")
    photo_box, clip_box = (page.locator(f"#result {what}").bounding_box() for what in (".photo img", "#clip video"))
    assert photo_box["y"] == pytest.approx(clip_box["y"], abs=2) and photo_box["x"] < clip_box["x"]
    page.click("#result .views [data-view=slider]")
    photo_box, clip_box = (page.locator(f"#result {what}").bounding_box() for what in (".photo img", "#clip video"))
    assert photo_box == pytest.approx(clip_box, abs=2)
    page.locator("#result .compare input").fill("20")
    assert "20%" in page.evaluate("getComputedStyle(document.querySelector('#result #clip')).clipPath")


def test_the_clips_of_a_visit_and_the_photograph_survive_a_reload(page, photo, server):
    upload(page, photo)
    animate(page)
    page.click("#gestures .card[data-name=smile]")
    animate(page)
    expect(page, "#result .made").to_have_text("grandma.png · Smile")
    page.click("#result .strip [data-show] >> nth=1")
    expect(page, "#result .made").to_have_text("grandma.png · Breath")
    page.reload()
    page.wait_for_selector("#picture svg")
    says(page, "One face will move.")
    shown = page.locator("#result .strip [data-show]").count()
    page.click("#result [data-remove]")
    page.wait_for_function(f"document.querySelectorAll('#result .strip [data-show]').length !== {shown}")


def test_a_clip_keeps_still_for_people_who_want_less_motion(browser, server, photo):
    with pages.opened(browser, server.address, reduced_motion="reduce") as page:
        upload(page, photo)
        previews(page, 3)
        assert page.evaluate("[...document.querySelectorAll('#gestures video')].every((video) => video.paused)")
        animate(page)
        assert page.evaluate("document.querySelector('#clip video').paused")


def test_a_clip_plays_by_itself_and_again_and_again(page, photo):
    upload(page, photo)
    animate(page)
    page.wait_for_function("!document.querySelector('#clip video').paused")
    assert page.evaluate("document.querySelector('#clip video').loop")


# Stop, wait, begin again


@pytest.mark.parametrize("gap", [0, 300, 1200])
def test_stop_really_stops_and_animate_works_right_after(page, photo, server, gap):
    before = server.log.read_text()
    upload(page, photo)
    page.click("#gestures .card[data-name=glance]")  # the slow one
    page.click("#go")
    page.wait_for_selector("#stop")
    page.wait_for_timeout(gap)
    page.click("#stop")
    says(page, "Stopped. Nothing was kept.")
    assert page.is_visible("#go")
    page.click("#gestures .card[data-name=breath]")
    page.click("#go")
    page.wait_for_selector("#progress .bar")
    says(page, "Done.")
    log = server.log.read_text()
    assert log.count("a clip was finished") == before.count("a clip was finished") + 1


def test_the_bar_has_a_value_that_can_be_read_out(page, photo):
    upload(page, photo)
    page.click("#gestures .card[data-name=glance]")
    page.click("#go")
    page.wait_for_selector("#progress [role=progressbar][aria-valuenow]")
    page.click("#stop")
    says(page, "Stopped.")


def test_a_second_tab_says_that_it_waits_and_can_be_stopped(browser, server, page, photo):
    with pages.opened(browser, server.address) as other:
        upload(page, photo)
        upload(other, photo)
        page.click("#gestures .card[data-name=glance]")
        page.click("#go")
        says(page, "Animating")
        other.click("#go")
        says(other, "Waiting until the clip before this one is finished")
        assert not other.is_visible("#go")
        other.click("#stop")
        says(other, "Stopped.")
        other.click("#go")
        says(other, "Waiting")
        page.click("#stop")
        says(page, "Stopped.")
        says(other, "Done.")


def test_another_photograph_stops_the_clip_in_the_making(page, photo, server):
    upload(page, photo)
    finished = server.log.read_text().count("a clip was finished")
    page.click("#gestures .card[data-name=glance]")
    page.click("#go")
    says(page, "Animating")
    page.click("#another")
    says(page, "Choose a photograph first.")
    assert page.is_visible("#go") and page.is_disabled("#go") and not page.is_visible("#stop")
    pages.wait(lambda: "a clip was given up" in server.log.read_text(), 30)
    time.sleep(1)
    assert server.log.read_text().count("a clip was finished") == finished
    says(page, "Choose a photograph first.")
    upload(page, photo)
    assert page.is_enabled("#go")


# What goes wrong


@pytest.mark.parametrize(("name", "words"), [
    ("letter.bmp", "Letter.bmp is not a picture. Choose a JPEG, PNG or TIFF."),
    ("letter.txt", "Letter.txt is not a picture. Choose a JPEG, PNG or TIFF."),
])  # fmt: skip
def test_what_is_not_a_picture_is_said_in_place_and_the_next_one_is_taken(page, photo, tmp_path, name, words):
    letter = tmp_path / name
    letter.write_text("Dear Anna")
    page.set_input_files("#picture input[type=file]", letter)
    expect(page, "#picture .failure").to_have_text(words)
    assert page.locator("#picture .drop").bounding_box()["height"] > 200
    with page.expect_file_chooser():
        page.click("#picture .drop label")
    page.set_input_files("#picture input[type=file]", letter)  # the same again is said again
    page.wait_for_function("!document.querySelector('#picture .drop').classList.contains('busy')")
    expect(page, "#picture .failure").to_have_text(words)
    upload(page, photo)
    says(page, "One face will move.")


def test_the_photograph_is_seen_while_its_faces_are_sought(page, tmp_path):
    slow = write_png(tmp_path / "slow.png", fakes.PIXELS)
    page.set_input_files("#picture input[type=file]", slow)
    expect(page, "#picture .state").to_have_text("Looking for faces")
    page.wait_for_function("document.querySelector('#picture .shown img')?.naturalWidth === 320")
    assert page.locator("#picture .drop").bounding_box()["height"] > 200
    page.wait_for_selector("#picture svg")


def test_what_the_reader_had_to_do_is_told(page, photo):
    upload(page, photo)
    expect(page, "#picture .note").to_have_text("Turned upright.")


def test_an_unknown_error_is_told_in_plain_words(page, tmp_path):
    page.set_input_files("#picture input[type=file]", write_png(tmp_path / "broken.png", fakes.PIXELS))
    expect(page, "#picture .failure").to_contain_text("Something went wrong that should not.")


def test_a_failed_clip_leaves_the_page_ready(page, tmp_path):
    upload(page, write_png(tmp_path / "unlucky.png", fakes.PIXELS))
    page.click("#go")
    expect(page, "#progress .failure").to_have_text("The disk is full. Make some room.")
    assert page.is_visible("#go") and page.is_enabled("#go") and not page.is_visible("#stop")


# Faces


def test_faces_are_chosen_with_the_keyboard_too(page, photo):
    upload(page, photo)
    page.focus("#picture .face[data-face='1']")
    page.keyboard.press("Enter")
    says(page, "Choose a face")
    assert page.is_disabled("#go")


def test_faces_are_chosen_by_their_thumbnails_all_and_none(page, photo):
    upload(page, photo)
    page.click("#picture .thumb[data-face='2']")
    says(page, "2 faces will move.")
    page.click("#picture [data-do=none]")
    says(page, "Choose a face")
    page.click("#picture [data-do=all]")
    says(page, "2 faces will move.")
    assert page.locator("#picture .face.chosen").count() == 2


def test_every_face_has_a_movement_of_its_own(page, photo, server):
    upload(page, photo)
    page.click("#picture [data-do=all]")
    page.click("#gestures [data-for='2']")
    page.click("#gestures .card[data-name=smile]")
    expect(page, "#gestures [data-for='2']").to_have_text("2: Smile")
    page.click("#gestures [data-for='1']")
    expect(page, "#gestures .card[data-name=breath]").to_have_attribute("aria-checked", "true")
    animate(page)
    expect(page, "#result .made").to_have_text("grandma.png · Breath, Smile")
    assert "{1: 'breath', 2: 'smile'}" in server.log.read_text()


def test_the_photograph_is_looked_at_more_closely(page, photo):
    upload(page, photo)
    before = page.locator("#picture .face[data-face='1'] rect").bounding_box()
    window = page.locator("#picture .window").bounding_box()
    page.click("#picture [data-zoom=in]")
    page.click("#picture [data-zoom=in]")
    near = page.locator("#picture .face[data-face='1'] rect").bounding_box()
    assert near["width"] > 2 * before["width"]
    page.mouse.move(window["x"] + 20, window["y"] + 20)
    page.mouse.down()
    page.mouse.move(window["x"] + 90, window["y"] + 60, steps=4)
    page.mouse.up()
    moved = page.locator("#picture .face[data-face='1'] rect").bounding_box()
    assert moved["x"] > near["x"] + 30
    page.click("#picture .thumb[data-face='2']")
    says(page, "2 faces will move.")
    assert page.locator("#picture .face[data-face='1'] rect").bounding_box() == pytest.approx(moved, abs=1)
    page.click("#picture [data-zoom=fit]")
    assert page.locator("#picture .face[data-face='1'] rect").bounding_box() == pytest.approx(before, abs=1)


def draw(page, left: float, top: float, right: float, bottom: float) -> None:
    """A frame drawn with the mouse, in shares of the photograph."""
    page.wait_for_function("document.querySelector('#picture .canvas img').complete")
    box = page.locator("#picture svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * left, box["y"] + box["height"] * top)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * right, box["y"] + box["height"] * bottom, steps=3)
    page.mouse.up()


def test_a_face_nobody_found_is_outlined_by_hand(page, tmp_path):
    upload(page, write_png(tmp_path / "empty.png", fakes.PIXELS))
    expect(page, "#picture figcaption").to_contain_text("No face was found.")
    assert page.is_disabled("#go")
    draw(page, 0.2, 0.2, 0.6, 0.7)
    says(page, "One face will move.")


def test_a_face_outlined_by_hand_joins_the_others_and_can_be_taken_away(page, photo):
    upload(page, photo)
    page.click("#picture .mark")
    expect(page, "#picture [role=status]").to_have_text("Press at one corner of the face, drag to the other.")
    draw(page, 0.05, 0.6, 0.4, 0.95)
    says(page, "2 faces will move.")
    assert page.locator("#picture .face").count() == 3
    page.click("#picture [data-do=undo]")
    says(page, "One face will move.")
    assert page.locator("#picture .face").count() == 2


def test_escape_ends_outlining(page, photo):
    upload(page, photo)
    page.click("#picture .mark")
    page.wait_for_selector("#picture figure.by-hand")
    page.keyboard.press("Escape")
    expect(page, "#picture .mark").to_have_attribute("aria-pressed", "false")
    page.click("#picture .face[data-face='2']")
    says(page, "2 faces will move.")


def test_a_frame_around_wallpaper_is_no_face(page, tmp_path):
    upload(page, write_png(tmp_path / "wallpaper.png", fakes.PIXELS))
    page.click("#picture .mark")
    draw(page, 0.05, 0.6, 0.4, 0.95)
    expect(page, "#picture .failure").to_contain_text("There seems to be no face in that frame.")
    assert page.locator("#picture .face").count() == 2
    says(page, "One face will move.")


# The movement


def test_a_finding_has_its_switch_and_the_photograph_is_seen_before_and_after(page, photo, server):
    upload(page, photo)
    page.click("#look")
    expect(page, "#prepared .failure").to_contain_text("Nothing is to be done")
    page.check("#choice-repair input")
    page.check("#choice-enhance input")
    page.click("#look")
    page.wait_for_selector("#prepared .bar")
    page.wait_for_function(
        "[...document.querySelectorAll('#prepared img')].filter((img) => img.naturalWidth).length === 2"
    )
    expect(page, "#prepared").to_contain_text("Faded tones were given their contrast back.")
    animate(page)
    assert "enhance=0.5 repair=True" in server.log.read_text()


def test_a_scan_on_its_side_is_turned_by_a_button(page, photo):
    sideways = photo.with_name("sideways.png")
    photo.rename(sideways)
    upload(page, sideways)
    page.click("#picture [data-help^='turn=']")
    expect(page, "#picture figcaption").to_contain_text("It was turned")


def test_every_movement_plays_on_the_chosen_face(page, photo):
    upload(page, photo)
    previews(page, 3)
    page.wait_for_function("[...document.querySelectorAll('#gestures video')].every((video) => video.readyState >= 2)")
    first = page.get_attribute("#gestures .card[data-name=smile] video", "data-file")
    page.click("#picture .face[data-face='1']")
    page.click("#picture .face[data-face='2']")
    page.wait_for_function(f"document.querySelector('.card[data-name=smile] video')?.dataset.file !== {first!r}")
    previews(page, 3)


def test_a_movement_chosen_before_the_photograph_is_kept(page, photo):
    page.click("#gestures .card[data-name=smile]")
    upload(page, photo)
    expect(page, "#gestures .card[data-name=smile]").to_have_attribute("aria-checked", "true")
    previews(page, 3)
    animate(page)
    expect(page, "#result .made").to_have_text("grandma.png · Smile")


def test_the_button_pressed_twice_makes_one_clip(page, photo, server):
    finished = server.log.read_text().count("a clip was finished")
    upload(page, photo)
    page.dblclick("#go")
    says(page, "Done.")
    time.sleep(1)
    assert server.log.read_text().count("a clip was finished") == finished + 1


def test_movements_are_chosen_with_the_arrow_keys(page, photo):
    upload(page, photo)
    page.focus("#gestures .card[data-name=breath]")
    page.keyboard.press("ArrowRight")
    expect(page, "#gestures .card[data-name=smile]").to_have_attribute("aria-checked", "true")
    assert page.evaluate("document.activeElement.dataset.name") == "smile"


def test_a_video_of_ones_own_is_followed(page, photo, film, server):
    upload(page, photo)
    page.click("#gestures .card[data-name=driver]")
    page.click("#go")
    expect(page, "#progress .failure").to_contain_text("Your own video is not there yet.")
    page.set_input_files("#driver input[type=file]", film)
    page.wait_for_selector("#driver video")
    animate(page)
    expect(page, "#result .made").to_have_text("grandma.png · Your video")
    assert page.locator("#result video.driver").count() == 1
    assert "me.mp4" in server.log.read_text()


def test_one_films_oneself_in_place(page, photo, server):
    upload(page, photo)
    page.click("#gestures .card[data-name=driver]")
    page.click("#driver [data-do=camera]")
    page.wait_for_function("document.querySelector('#driver .camera video')?.videoWidth > 0")
    page.click("#driver .camera .primary")
    page.wait_for_timeout(1500)
    expect(page, "#driver .camera .primary").to_have_text("Stop recording")
    page.click("#driver .camera .primary")
    page.wait_for_selector("#driver .driver-panel > video")
    animate(page)
    assert "recorded.webm" in server.log.read_text()


def test_without_a_camera_the_page_says_what_to_do(browser, server, photo):
    with pages.opened(browser, server.address) as page:
        page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error()); }")
        upload(page, photo)
        page.click("#gestures .card[data-name=driver]")
        page.click("#driver [data-do=camera]")
        expect(page, "#driver .failure").to_contain_text("The camera could not be used.")


# The rest of the page


def test_a_clip_is_checked(page, photo, film):
    page.click("#check button")
    page.set_input_files("#check-file input[type=file]", film)
    expect(page, "#check-answer").to_contain_text("Nothing was found in me.mp4.")
    letter = film.with_suffix(".txt")
    letter.write_text("Dear Anna")
    page.set_input_files("#check-file input[type=file]", letter)
    expect(page, "#check .failure").to_contain_text("Me.txt is not a video.")


@pytest.mark.parametrize("size", [(390, 844), (1280, 900)])
def test_the_button_is_in_reach_and_nothing_scrolls_sideways(browser, server, tmp_path, size):
    context = {"viewport": {"width": size[0], "height": size[1]}}
    with pages.opened(browser, server.address, **context) as page:
        upload(page, write_png(tmp_path / "grandma.png", fakes.PIXELS))
        previews(page, 3)
        box = page.locator("#go").bounding_box()
        assert box["y"] + box["height"] <= size[1]
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        animate(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_photograph_of_the_fake_is_one_of_the_real_kind():
    assert isinstance(fakes.FakePipeline().read_photo("a.png"), Photo)
