"""The whole way of an old portrait through the page, on a phone: colored, corrected by hand, saved, found again."""

import io

import numpy as np
import pytest
from conftest import PageServer
from PIL import Image
from test_browser import browser as browser, download, expect, start, status, upload, visit as visit

import colorlib
from colorlib.page.predictions import History

DATE = "1931:05:17 10:00:00"
COLORS = ["#d06020", "#d06020", "#2050a0", "#303060", "#808080"]
POINTS = [(0.3, 0.75), (0.6, 0.8), (0.15, 0.2), (0.85, 0.3), (0.5, 0.6)]


@pytest.fixture(scope="module")
def portrait(samples):
    """An old portrait with a border, and a date in its file."""
    photo = Image.fromarray(samples["astronaut"][:, 60:440]).convert("L")
    framed = Image.new("L", (photo.width + 40, photo.height + 40), 235)
    framed.paste(photo, (20, 20))
    exif, file = Image.Exif(), io.BytesIO()
    exif.get_ifd(0x8769)[0x9003] = DATE
    framed.save(file, "JPEG", quality=92, exif=exif)
    return file.getvalue()


@pytest.fixture
def pages(tmp_path):
    """A function that starts the server, each time with the same folder and a network that has features."""
    servers = []

    def start_again():
        if servers:
            servers[-1].stop()
        servers.append(PageServer(tmp_path, "unet").wait())
        return servers[-1]

    yield start_again
    assert "oneDNN" not in servers[-1].stop()  # TensorFlow's greeting


def correct(page, i):
    """Click the canvas and choose a color there."""
    canvas = page.locator("canvas.cl-hand-photo")
    box, (x, y) = canvas.bounding_box(), POINTS[i]
    page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    expect(page.locator(".cl-hand-status")).to_contain_text(f"{i + 1} hint")
    expect(page.locator(".cl-hand-swatch").first).to_be_in_viewport()
    page.get_by_label("Color", exact=True).fill(COLORS[i])


def test_an_old_portrait(pages, visit, portrait, tmp_path):
    page = visit(pages(), width=390, height=844, has_touch=True)
    upload(page, ("aunt.jpg", portrait))
    expect(status(page)).to_contain_text("Ready to be colored: aunt.jpg")
    page.get_by_role("button", name="Remove the border").click()
    expect(status(page)).to_contain_text("has no border any more")
    start(page).click()
    expect(status(page)).to_contain_text("aunt.jpg is in color")
    expect(download(page)).to_be_in_viewport()
    page.get_by_role("button", name="Vivid").click()
    expect(status(page)).to_contain_text("A preview")

    page.get_by_role("button", name="Color by hand").click()
    canvas = page.locator("canvas.cl-hand-photo")
    expect(canvas).to_be_focused()
    expect(canvas).to_be_in_viewport(ratio=1)
    for i in range(5):
        correct(page, i)
    page.get_by_role("button", name="Keep this").click()
    expect(status(page)).to_contain_text("aunt.jpg is in color")
    expect(download(page)).to_be_focused()
    page.get_by_role("button", name="Larger: a closer look").click()
    expect(page.locator(".cl-detail")).to_have_count(2)
    with page.expect_download() as saved:
        download(page).click()
    link = page.locator("a.cl-link").bounding_box()
    assert link["x"] >= 0 and link["x"] + link["width"] <= 390
    with Image.open(saved.value.path()) as image:
        assert image.getexif().get_ifd(0x8769)[0x9003] == DATE
    kept = colorlib.load_photo(saved.value.path())
    entry = History(tmp_path / "predictions").read()[0][0]
    assert [hint.color for hint in entry.hints] == COLORS and entry.settings["saturation"] == 1.5

    page = visit(pages(), width=390, height=844, has_touch=True)  # the next day
    page.get_by_role("button", name="Change aunt.jpg").first.click()
    expect(status(page)).to_contain_text("from the previous predictions")
    expect(download(page)).to_be_in_viewport()
    page.get_by_role("slider", name="Color strength").press("ArrowLeft")
    expect(status(page)).to_contain_text("A preview")
    start(page).click()
    expect(status(page)).to_contain_text("aunt.jpg is in color")
    tuned = History(tmp_path / "predictions").read()[0][0]
    assert tuned.hints == entry.hints and tuned.settings["saturation"] == 1.4
    changed = np.abs(colorlib.load_photo(tuned.colored).astype(int) - kept)
    assert 0 < changed.mean() < 10  # the corrections are still there
    page.get_by_role("button", name="Color by hand").click()
    expect(page.locator(".cl-hand-status")).to_contain_text("5 hints")
