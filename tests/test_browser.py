"""A tour in a real browser, against the real server: what somebody who colors photos does, and what may go wrong.

It needs Chromium: on Debian and Ubuntu, `apt-get install chromium`.
"""

import io
import os
import re
import shutil
import subprocess
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

import colorlib
from colorlib.page.predictions import History

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LOUD = "THE BROWSER TOUR WAS SKIPPED: there is no Chromium here. On Debian: apt-get install chromium"

if CHROMIUM is None:
    assert not os.environ.get("CI"), LOUD
    warnings.warn(LOUD, stacklevel=1)
    pytest.skip(LOUD, allow_module_level=True)

pytest.importorskip("voila", reason="THE BROWSER TOUR WAS SKIPPED: voila is missing. pip install .[test]")
playwright = pytest.importorskip("playwright.sync_api", reason="THE BROWSER TOUR WAS SKIPPED: playwright is missing")
expect = playwright.expect
expect.set_options(timeout=300_000)  # the network is loaded once a page; on a busy machine that takes long


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """A function that opens a page in a browser of its own and waits until it is ready."""
    contexts = []

    def open_page(server, width=1280, height=900, button="Start coloring", **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(300_000)
        page.alerts = []
        page.on("dialog", lambda dialog: (page.alerts.append(dialog.message), dialog.dismiss()))
        page.goto(server.address)
        expect(page.get_by_role("button", name=button)).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()


def start(page):
    return page.get_by_role("button", name="Start coloring")


def download(page):
    return page.get_by_role("button", name="Download", exact=True)


def status(page):
    return page.locator(".cl-status")


def upload(page, *files):
    """Press Upload and choose files, (name, bytes) each."""
    expect(page.locator(".cl-drop")).to_be_attached()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files])


def saved(page, button):
    """(file name, photo) of what the browser saves when a Download button is pressed."""
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, colorlib.load_photo(download.value.path())


def jpeg(photo, quality=90):
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality)
    return file.getvalue()


def coloredness(page, picture):
    """The largest difference between red and blue of a picture as the browser shows it."""
    return picture.evaluate(
        """(image) => {
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            const pen = canvas.getContext("2d");
            pen.drawImage(image, 0, 0);
            const rgb = pen.getImageData(0, 0, canvas.width, canvas.height).data;
            let most = 0;
            for (let i = 0; i < rgb.length; i += 4) most = Math.max(most, Math.abs(rgb[i] - rgb[i + 2]));
            return most;
        }"""
    )


@pytest.fixture(scope="module")
def coffee(samples):
    return jpeg(samples["coffee"][::2, ::2])


def test_the_tour(serve, visit, coffee):
    server = serve()
    page = visit(server)
    gray, colored = page.locator(".cl-gray img"), page.locator(".cl-colored img")
    expect(page).to_have_title(re.compile("Color a black-and-white photo"))
    expect(page.get_by_role("heading", name="Color a black-and-white photo")).to_be_visible()
    expect(status(page)).to_contain_text("china, a sample, is ready")
    expect(page.get_by_role("slider", name="Boldness")).to_be_visible()
    expect(page.locator(".cl-tuning")).to_contain_text("automatic")
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_visible()
    expect(gray).to_be_visible()
    expect(colored).to_have_count(0)

    upload(page, ("grandmother.jpg", coffee))
    expect(status(page)).to_contain_text("Ready to be colored: grandmother.jpg")
    start(page).click()
    expect(status(page)).to_contain_text(re.compile("Loading the network|Coloring 1 of 1"))
    expect(status(page)).to_contain_text("grandmother.jpg is in color")
    expect(gray).to_be_visible()
    expect(colored).to_be_visible()
    assert coloredness(page, gray) == 0
    assert gray.bounding_box() == colored.bounding_box()  # one over the other, with a line to drag
    page.get_by_label("Side by side").check()
    assert gray.bounding_box()["y"] == colored.bounding_box()["y"]
    assert gray.bounding_box()["x"] < colored.bounding_box()["x"]

    name, photo = saved(page, download(page))
    assert name == "grandmother_in_color.jpg" and photo.shape == colorlib.load_photo(coffee).shape

    assert "The page has ended." in server.stop()
    again = serve(out=server.out)
    page = visit(again)
    card = page.locator(".cl-card")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("grandmother.jpg")
    card.get_by_role("button", name="Open").click()
    expect(page.locator(".cl-colored figcaption")).to_contain_text(re.compile("In color, ", re.IGNORECASE))
    expect(page.get_by_alt_text("grandmother.jpg, in color")).to_be_in_viewport(ratio=0.5)
    assert (saved(page, card.get_by_role("link", name="Download grandmother.jpg"))[1] == photo).all()
    card.get_by_role("button", name="Delete grandmother.jpg").click()
    expect(card).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(card).to_have_count(1)
    page.get_by_label("Select all").check()
    with page.expect_download() as archive:
        page.get_by_role("link", name="Download selected").click()
    with zipfile.ZipFile(archive.value.path()) as opened:
        assert opened.namelist() == ["grandmother_in_color.jpg"]
    page.get_by_role("button", name="Delete selected").click()
    expect(card).to_have_count(0)
    assert History(server.out / "predictions").read() == ([], [])


def test_before_and_after_by_keyboard_mouse_and_touch(server, visit):
    page = visit(server, has_touch=True)
    start(page).press("Enter")
    expect(status(page)).to_contain_text("china is in color")
    page.get_by_role("radio", name="Before and after").check()
    slider = page.get_by_label("How much of the photo is shown in black and white")
    cut = lambda: float(page.locator(".cl-pair").evaluate("e => parseFloat(e.style.getPropertyValue('--cut'))"))  # noqa: E731
    assert cut() == 50
    slider.press("ArrowRight")
    assert cut() == 51
    slider.press("Home")
    assert cut() == 0

    box = page.locator(".cl-slider").bounding_box()
    left, middle, width = box["x"], box["y"] + box["height"] / 3, box["width"]
    page.mouse.move(left + 0.3 * width, middle)
    page.mouse.down()
    page.mouse.move(left + 0.8 * width, middle, steps=4)
    page.mouse.up()
    assert abs(cut() - 80) <= 1
    page.touchscreen.tap(left + 0.25 * width, middle)
    assert abs(cut() - 25) <= 1


def test_with_the_keyboard_alone(server, visit):
    page = visit(server)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Start coloring":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("china is in color")
    assert page.evaluate("document.activeElement.textContent") == "Download"  # Start has nothing to do now
    for words in ("or a path", "Try the sample coffee"):
        expect(page.get_by_label(words)).to_be_visible()
    expect(page.get_by_label("Boldness")).to_be_hidden()  # the alpha network has no temperature
    strength = page.get_by_role("slider", name="Color strength")
    strength.press("ArrowLeft")
    expect(status(page)).to_contain_text("A preview")
    expect(start(page)).to_be_enabled()
    strength.press("ArrowRight")
    expect(status(page)).to_contain_text("with its saved settings")
    expect(start(page)).to_be_disabled()


def test_the_focus_follows_what_is_opened(server, visit):
    page = visit(server)
    crop = page.get_by_role("button", name="Crop", exact=True)
    crop.press("Enter")
    expect(page.get_by_role("slider", name="Width, 1 / 2")).to_be_focused()
    page.get_by_role("button", name="Do not crop").press("Enter")
    expect(crop).to_be_focused()


def test_a_language_that_is_written_from_right_to_left(server, visit):
    page = visit(server, locale="ar", button="ابدأ التلوين")
    assert page.locator(".cl-demo").get_attribute("dir") == "rtl"
    page.get_by_role("button", name="ابدأ التلوين").click()
    expect(page.get_by_role("group", name="النسخ")).to_be_visible()
    left = lambda selector: page.locator(selector).first.bounding_box()["x"]  # noqa: E731
    assert left(".cl-upload") > left(".cl-thumb") and left(".cl-language") < left(".cl-demo h1")
    assert left(".cl-version") < left(".cl-pair")  # the strip is at the line's end, which is on the left
    slider = page.locator(".cl-slider input")
    before = left(".cl-slider i")
    slider.press("ArrowRight")
    assert left(".cl-slider i") > before  # on a picture, right is right
    strength = page.locator(".cl-tuning .noUi-handle").first
    before = strength.bounding_box()["x"]
    strength.press("ArrowRight")
    assert strength.bounding_box()["x"] > before
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_previous_photo_is_tuned_and_stays_in_view(server, visit, coffee):
    page = visit(server)
    upload(page, ("old.jpg", coffee))
    start(page).click()
    expect(status(page)).to_contain_text("old.jpg is in color")
    page.get_by_role("button", name="Try the sample flower").click()
    expect(page.get_by_alt_text("flower, in black and white")).to_be_visible()
    page.get_by_role("button", name="Change old.jpg").first.click()
    expect(page.get_by_alt_text("old.jpg, in color")).to_be_visible()
    page.get_by_role("slider", name="Color strength").press("ArrowLeft")
    expect(status(page)).to_contain_text("A preview")
    expect(page.get_by_alt_text("old.jpg, in color")).to_be_visible()


def test_both_halves_are_looked_at_closely_together(server, visit, samples):
    page = visit(server)
    upload(page, ("large.jpg", jpeg(np.tile(samples["coffee"], (5, 5, 1)))))
    start(page).click()
    expect(status(page)).to_contain_text("large.jpg is in color")
    layers = page.locator(".cl-layer")
    placed = lambda: layers.evaluate_all("all => all.map((each) => getComputedStyle(each).transform)")  # noqa: E731
    assert placed() == ["matrix(1, 0, 0, 1, 0, 0)"] * 2
    page.get_by_role("button", name="Larger: a closer look").click()
    for _ in range(2):
        page.get_by_label("How much of the photo is shown in black and white").press("+")
    expect(page.locator(".cl-detail")).to_have_count(2)
    first, second = placed()
    assert first == second and first.startswith("matrix(4.096")
    detail = page.locator(".cl-detail").first
    expect(detail).to_have_js_property("complete", True)
    close = detail.evaluate("image => image.naturalWidth / image.getBoundingClientRect().width")
    whole = page.locator(".cl-gray .cl-layer img").first
    assert close > 1.2 * whole.evaluate("image => image.naturalWidth / image.getBoundingClientRect().width")
    page.keyboard.press("Shift+ArrowRight")
    assert placed()[0] == placed()[1] != first
    page.keyboard.press("0")
    assert placed() == ["matrix(1, 0, 0, 1, 0, 0)"] * 2
    box = page.locator(".cl-slider").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.wheel(0, -400)
    expect(page.locator(".cl-zoomed")).to_have_count(1)


@pytest.mark.parametrize("width, height", [(390, 844), (844, 390)])
def test_on_a_phone_the_colored_photo_is_in_view(server, visit, width, height):
    page = visit(server, width=width, height=height, has_touch=True)
    start(page).click()
    expect(status(page)).to_contain_text("china is in color")
    box = page.locator(".cl-colored .cl-frame").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= height and box["height"] >= 190


def test_a_server_that_has_ended_is_said(serve, visit):
    server = serve()
    page = visit(server, width=390)
    start(page).click()
    expect(status(page)).to_contain_text("china is in color")
    page.locator(".cl-card").scroll_into_view_if_needed()
    server.stop()
    expect(page.get_by_role("alert")).to_contain_text("The program behind this page has ended")
    expect(page.get_by_role("button", name="Reload")).to_be_in_viewport()


def test_ten_reloads_after_coloring_and_a_closed_page_leave_no_python(serve, visit):
    server = serve()
    pythons = lambda: len(psutil.Process(server.process.pid).children())  # noqa: E731

    def wait_until_at_most(count):
        limit = time.monotonic() + 240  # one left while it works is gone 60 seconds after that; machines may be busy
        while pythons() > count and time.monotonic() < limit:
            page.wait_for_timeout(500)
        assert pythons() <= count

    page = visit(server)
    start(page).click()
    expect(status(page)).to_contain_text("china is in color")
    assert pythons() == 1
    for _ in range(10):
        page.reload()
    expect(start(page)).to_be_visible()
    wait_until_at_most(2)
    page.goto("about:blank")
    wait_until_at_most(0)


def test_the_page_speaks_the_visitors_language(server, visit):
    page = visit(server, locale="de-DE", button="Einfärben")
    expect(page.get_by_role("heading", name="Ein Schwarzweißfoto in Farbe")).to_be_visible()
    expect(status(page)).to_contain_text("china, ein Beispiel, kann eingefärbt werden.")
    page.get_by_role("button", name="Einfärben").click()
    expect(status(page)).to_contain_text("china ist in Farbe, aufbewahrt unten")
    assert page.locator(".cl-demo").get_attribute("lang") == "de"
    page.get_by_label("Sprache").select_option("English")
    expect(status(page)).to_contain_text("china is in color, and kept")
    expect(start(page)).to_be_visible()


@pytest.fixture(scope="module")
def axe():
    """The accessibility checker axe, as JavaScript; from npm, as the page in the browser has it."""
    folder = Path(__file__).parents[1] / "browser"
    file = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        if not shutil.which("npm"):
            assert not os.environ.get("CI"), "There is no npm. On Debian: apt-get install npm"
            pytest.skip("ACCESSIBILITY WAS NOT CHECKED: there is no npm. On Debian: apt-get install npm")
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (320, "dark")])
def test_accessibility_in_every_state(server, visit, axe, width, scheme):
    page = visit(server, width=width, color_scheme=scheme, reduced_motion="reduce")

    def check(state):
        run = "; axe.run().then(({ violations }) => violations.map((v) => [v.id, v.nodes[0].html]))"
        assert page.evaluate(axe + run) == [], state
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

    check("empty")
    page.get_by_role("button", name="Try the sample coffee").click()
    start(page).click()
    expect(status(page)).to_contain_text("coffee is in color")
    expect(page.get_by_role("group", name="Versions")).to_be_visible()
    check("colored")
    page.get_by_role("button", name="Vivid").click()
    expect(status(page)).to_contain_text("A preview")
    expect(page.get_by_role("slider", name="Color strength")).to_have_attribute("aria-valuetext", "1.5")
    check("preview")
    page.get_by_role("button", name="Color by hand").click()
    expect(page.locator(".cl-notes")).to_contain_text("has no features")  # an untrained network
    check("a note")
    page.get_by_role("button", name="Crop", exact=True).click()
    expect(status(page)).to_contain_text("Draw a box")
    check("crop")
    page.locator(".cl-gray .cl-frame").scroll_into_view_if_needed()
    box = page.locator(".cl-gray .cl-frame").bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.9 * box["height"], steps=4)
    page.mouse.up()
    first = page.get_by_role("slider", name="Width, 1 / 2")
    expect(first).to_have_attribute("aria-valuenow", re.compile(r"2[456](\.0)?"))
    page.get_by_role("button", name="Crop to this").click()
    expect(status(page)).to_contain_text("coffee was cropped")
    ratio = page.locator(".cl-gray .cl-frame").evaluate("e => e.offsetWidth / e.offsetHeight")
    assert abs(ratio - 1.5 * 0.5 / 0.4) < 0.15
    page.get_by_role("button", name="Delete coffee").first.click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    check("deleted")


def test_landmarks_names_and_one_live_status(server, visit, coffee):
    page = visit(server)
    expect(page.get_by_role("main")).to_have_count(1)
    live = page.locator(".cl-live")
    expect(live).to_contain_text("china, a sample, is ready")
    live.evaluate("element => { element.dataset.same = 'yes'; }")
    start(page).click()
    expect(live).to_contain_text("china is in color")
    assert live.get_attribute("data-same") == "yes"
    names = page.locator(".cl-card button, .cl-card a, .cl-card input").evaluate_all(
        "all => all.map((e) => e.ariaLabel)"
    )
    assert names and all(len(name.split()) >= 2 for name in names)


def test_a_photo_of_17_megabytes_arrives_whole(server, visit, rng):
    noise = rng.integers(0, 256, (3000, 4000, 3), dtype=np.uint8)
    large = jpeg(noise, quality=98)
    assert len(large) > 17_000_000
    page = visit(server)
    upload(page, ("scan.jpg", large))
    expect(status(page)).to_contain_text("Ready to be colored: scan.jpg")
    expect(page.locator(".cl-notes")).to_have_count(0)
    start(page).click()
    expect(status(page)).to_contain_text("scan.jpg is in color")
    name, photo = saved(page, download(page))
    assert name == "scan_in_color.jpg" and photo.shape == (3000, 4000, 3)


def test_where_only_small_ones_arrive_it_is_shrunk_in_the_browser(serve, visit, rng, coffee):
    server = serve(COLORLIB_UPLOAD_MB="0.9")
    noise = rng.integers(0, 256, (3000, 4000, 3), dtype=np.uint8)
    page = visit(server)
    upload(
        page, ("scan.jpg", jpeg(noise, quality=93)), ("small.jpg", coffee), ("huge.tif", b"II*\0" + bytes(2_000_000))
    )
    expect(status(page)).to_contain_text("Ready to be colored: scan.jpg, small.jpg")
    expect(page.locator(".cl-notes")).to_contain_text("scan.jpg was over 0.9 MB: the browser made it smaller")
    expect(page.locator(".cl-notes")).to_contain_text("from 4000 x 3000 to")
    expect(page.locator(".cl-notes")).to_contain_text("huge.tif has 2 MB")


def test_five_files_three_of_them_bad_with_html_in_their_names(server, visit, coffee):
    evil = "<img src=x onerror=alert(1)>.jpg"
    page = visit(server)
    files = [("a.jpg", coffee), ("text.jpg", b"text"), ("cut.jpg", coffee[:2000]), ("empty.jpg", b""), (evil, coffee)]
    upload(page, *files)
    notes = page.locator(".cl-notes")
    expect(notes.locator("li")).to_have_count(3)
    for name in ("text.jpg", "cut.jpg", "empty.jpg"):
        expect(notes).to_contain_text(name)
    start(page).click()
    expect(status(page)).to_contain_text("2 of 2 are in color")
    expect(notes).to_contain_text("cut.jpg")
    expect(page.locator(".cl-card").first).to_contain_text(evil)
    page.get_by_label("Photo", exact=True).select_option("1. a.jpg")
    expect(page.get_by_alt_text("a.jpg, in color")).to_be_visible()
    assert page.alerts == []


TRANSFER = """async ([kind, name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
    const paste = kind === "paste", common = { bubbles: true, cancelable: true };
    const event = paste ? new ClipboardEvent(kind, { ...common, clipboardData: data })
        : new DragEvent(kind, { ...common, dataTransfer: data });
    document.body.dispatchEvent(event); // anywhere on the page
    return event.defaultPrevented;
}"""


def test_drop_and_paste(server, visit, coffee):
    page = visit(server)
    expect(page.locator(".cl-drop")).to_be_visible()
    assert page.evaluate(TRANSFER, ["dragover", "dropped.jpg", list(coffee)])
    assert page.evaluate(TRANSFER, ["drop", "dropped.jpg", list(coffee)])
    expect(status(page)).to_contain_text("Ready to be colored: dropped.jpg")
    assert page.evaluate(TRANSFER, ["paste", "pasted.jpg", list(coffee)])
    expect(status(page)).to_contain_text("Ready to be colored: dropped.jpg, pasted.jpg")
    expect(page.locator(".cl-drop")).to_have_text("or drop or paste photos")


def test_two_browsers_at_once_and_a_double_click(serve, visit, coffee):
    server = serve()
    one, two = visit(server), visit(server)
    upload(one, ("one.jpg", coffee))
    upload(two, ("two.jpg", coffee))
    for page in (one, two):
        expect(status(page)).to_contain_text("Ready to be colored")
        start(page).dblclick()
    expect(status(one)).to_contain_text("one.jpg is in color")
    expect(status(two)).to_contain_text("two.jpg is in color")
    for page in (one, two):
        page.get_by_role("button", name="Refresh").click()
        expect(page.locator(".cl-card")).to_have_count(2)
    entries, damaged = History(server.out / "predictions").read()
    assert sorted(entry.title for entry in entries) == ["one.jpg", "two.jpg"] and damaged == []


def test_work_is_canceled(serve, visit, coffee):
    server = serve()
    page = visit(server)
    upload(page, *[(f"{i}.jpg", coffee) for i in range(40)])
    expect(status(page)).to_contain_text("39.jpg")
    start(page).click()
    expect(status(page)).to_contain_text(re.compile("Coloring ([3-9]|[123].) of 40"))
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus(timeout=30_000)
    first = cancel.element_handle()
    expect(status(page)).to_contain_text(re.compile("Coloring ([5-9]|[123].) of 40"), timeout=30_000)
    assert first.evaluate("button => button === document.activeElement")  # the same one, step after step
    cancel.click(timeout=30_000)
    expect(status(page)).to_contain_text(re.compile(r"Stopped: \d+ of 40 are in color"), timeout=30_000)
    expect(start(page)).to_be_enabled()
    entries, damaged = History(server.out / "predictions").read()
    assert 2 <= len(entries) < 40 and damaged == []


def test_a_reload_in_the_middle(serve, visit, coffee):
    server = serve()
    page = visit(server)
    upload(page, *[(f"{i}.jpg", coffee) for i in range(40)])
    expect(status(page)).to_contain_text("39.jpg")
    start(page).click()
    expect(status(page)).to_contain_text(re.compile("Coloring ([3-9]|[123].) of 40"))
    page.reload()
    expect(status(page)).to_contain_text("china, a sample, is ready")
    expect(page.locator(".cl-card").first).to_be_visible()
    entries, damaged = History(server.out / "predictions").read()
    assert len(entries) >= 2 and damaged == []
    start(page).click()
    expect(status(page)).to_contain_text("china is in color")


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_sticks_out(server, visit, width):
    page = visit(server, width=width)
    for element in page.locator(".cl-demo button:visible, .cl-demo img:visible, .cl-demo select:visible").all():
        box = element.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".cl-demo button").first.evaluate("e => e.clientHeight") >= 40
