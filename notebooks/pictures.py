"""Take the pictures of widgets in Chromium and put them into notebooks 03 and 06: `python notebooks/pictures.py`.

The pages are the real ones: `colorlib demo`, and cells of notebook 03 as Voila shows them. Look at each picture
afterwards, and at the alternative text that the notebook gives it; then run `python notebooks/run.py --clean`.
"""

import base64
import contextlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image, ImageChops
from playwright.sync_api import expect, sync_playwright

from colorlib.color import gray_of
from colorlib.photos import encoded, sample_photo

NOTEBOOK = Path(__file__).parent / "03_web_demo.ipynb"
CELLS = (
    "setup",
    "parameters",
    "drive",
    "imports",
    "slider",
    "click",
    "trait",
    "progress",
    "upload",
    "ping",
    "built-together",
)
QUALITY = 64
expect.set_options(timeout=300_000)


@contextlib.contextmanager
def serving(*command, **environment):
    """A server as a process of its own, while it is needed; `command` is what follows `python -m`. Gives its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", *map(str, command), "--no-browser", f"--port={port}"]
    server = subprocess.Popen(words, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, end = f"http://127.0.0.1:{port}/", time.monotonic() + 120
    try:
        while time.monotonic() < end:
            with contextlib.suppress(OSError), urllib.request.urlopen(url + "voila/static/voila.js", timeout=5):
                break
            time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait()


def around(tab, *parts, margin=10):
    """A JPEG of the smallest rectangle of the page that holds all parts."""
    tab.evaluate("scrollTo(0, 0)")
    tab.wait_for_timeout(300)
    window = tab.viewport_size
    boxes = [part.bounding_box() for part in parts]
    if (lowest := max(box["y"] + box["height"] for box in boxes)) > window["height"]:
        tab.set_viewport_size(window | {"height": round(lowest) + 100})  # the page scrolls in a box of its own
        tab.wait_for_timeout(500)
        boxes = [part.bounding_box() for part in parts]
    left, top = (max(0, min(box[side] for box in boxes) - margin) for side in "xy")
    right = max(box["x"] + box["width"] for box in boxes) + margin
    bottom = max(box["y"] + box["height"] for box in boxes) + margin
    png = tab.screenshot(clip={"x": left, "y": top, "width": right - left, "height": bottom - top})
    tab.set_viewport_size(window)
    return jpeg(png, round(1.5 * margin))


def jpeg(png, margin):
    """A JPEG of a PNG, its empty right and lower parts cut away but for a margin."""
    image, file = Image.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    empty = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    _, _, right, bottom = ImageChops.difference(image, empty).getbbox()
    image.crop((0, 0, min(right + margin, image.width), min(bottom + margin, image.height))).save(
        file, "JPEG", quality=QUALITY
    )
    return file.getvalue()


def choose(tab, *files):
    """Press Upload and choose files, (name, bytes) each."""
    with tab.expect_file_chooser() as chooser:
        tab.get_by_role("button", name="Upload").click()
    chooser.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files])


def start(tab, name):
    """Press Start coloring, and wait until the photo of that name is in color, its versions too."""
    tab.get_by_role("button", name="Start coloring").click()
    expect(tab.locator(".cl-status")).to_contain_text(f"{name} is in color")
    expect(tab.get_by_role("group", name="Versions")).to_be_visible()


def demo_pictures(tab):
    """(name, JPEG) of the demo's parts, each while it does its work."""
    expect(tab.get_by_role("button", name="Start coloring")).to_be_visible()
    yield "choose", around(tab, tab.locator(".cl-header"), tab.locator(".cl-sources"))
    start(tab, "china")
    yield "page", around(tab, tab.locator(".cl-header"), tab.locator(".cl-tuning"))
    yield "versions", around(tab, tab.locator(".cl-versions"))
    tab.get_by_role("button", name="Try the sample coffee").click()
    start(tab, "coffee")
    tab.get_by_label("Side by side").check()
    yield "beside", around(tab, tab.locator(".cl-gray .cl-frame"), tab.locator(".cl-colored .cl-frame"))
    yield "previous", around(tab, tab.locator(".cl-previous"))
    yield from more_demo_pictures(tab)


def more_demo_pictures(tab):
    """(name, JPEG) of the canvas of Color by hand, of bad files, and of a batch at work."""
    tab.get_by_role("button", name="Color by hand").click()
    canvas = tab.locator(".cl-hand-panel-box canvas").first
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    canvas.click(position={"x": 0.88 * box["width"], "y": 0.3 * box["height"]})
    expect(tab.get_by_text("1 hint")).to_be_visible()
    tab.locator(".cl-hand-panel-box input[type=color]").first.fill("#b5713c")  # wood
    tab.wait_for_timeout(3000)
    yield "by_hand", around(tab, tab.locator(".cl-hand-panel-box"), margin=2)
    tab.get_by_role("button", name="Close").click()
    cup = encoded(gray_of(sample_photo("coffee")))
    wall = encoded(np.full((9000, 9100, 3), 120, np.uint8), quality=30)
    files = (
        ("cup.jpg", cup),
        ("letter.jpg", b"Dear Sir or Madam,"),
        ("half.jpg", cup[: len(cup) // 2]),
        ("wall.jpg", wall),
    )
    choose(tab, *files)
    expect(tab.locator(".cl-notes li")).to_have_count(3)
    expect(tab.locator(".cl-status")).to_contain_text("Ready to be colored: cup.jpg")
    yield "notes", around(tab, tab.locator(".cl-state"), tab.locator(".cl-start"), tab.locator(".cl-notes"), margin=2)
    choose(tab, *((f"{i}.jpg", encoded(np.tile(sample_photo("coffee"), (2, 2, 1)))) for i in range(2, 21)))
    expect(tab.locator(".cl-status")).to_contain_text("20.jpg")
    tab.get_by_role("button", name="Start coloring").click()
    expect(tab.locator(".cl-status")).to_contain_text(re.compile("Coloring [5-9] of 20"))
    yield "progress", around(tab, tab.locator(".cl-state"), margin=2)


def cell_pictures(tab):
    """(name, JPEG) of the widgets that cells of the notebook make, each after it was used."""
    button = lambda name: tab.get_by_role("button", name=name)  # noqa: E731
    expect(button("Start coloring")).to_be_visible()
    button("Press me").click()
    expect(tab.get_by_text("pressed 1 times")).to_be_visible()
    yield "click", around(tab, button("Press me"), tab.get_by_text("pressed 1 times"))
    yield "trait", around(tab, tab.get_by_text("a trait"), tab.locator(".widget-readout").first, margin=4)
    bar = tab.locator(".widget-hprogress, .jupyter-widget-hprogress").first
    button("Count").click()
    expect(tab.locator("[role=progressbar], .progress-bar").first).to_have_attribute("style", re.compile("100%"))
    yield "count", around(tab, button("Count"), bar)
    upload = button(re.compile("Upload")).first
    with tab.expect_file_chooser() as chooser:
        upload.click()
    data = encoded(gray_of(sample_photo("china")))
    chooser.value.set_files([{"name": "china.jpg", "mimeType": "image/jpeg", "buffer": data}])
    expect(tab.get_by_text("124 kB")).to_be_visible()
    yield "upload", around(tab, upload, tab.get_by_text("124 kB"))
    for _ in range(3):  # the first time, the browser still has other things to do
        button(re.compile("How far|There and back")).click()
        tab.wait_for_timeout(500)
    yield "ping", around(tab, button("There and back"))
    button("Start coloring").click()
    done = tab.get_by_text("done: 512 x 512 pixels")
    expect(done).to_be_visible()
    yield (
        "together",
        around(
            tab,
            button("Start coloring"),
            button(re.compile("Upload")).last,
            tab.get_by_label("before and after").last,
            done,
        ),
    )


def two_cells_pictures(tab):
    """(name, JPEG) of the notebook of two cells as Voila shows it."""
    for _ in range(3):
        tab.get_by_role("button", name="Press me").click()
    said = tab.get_by_text("pressed 3 times")
    expect(said).to_be_visible()
    yield "two_cells", around(tab, tab.get_by_role("button", name="Press me"), said, margin=24)


def taken(notebook, folder):
    """{name: JPEG} of all pictures; what the pages write goes into a folder."""
    cells = {cell.id: cell for cell in notebook.cells}
    chosen = nbformat.v4.new_notebook(cells=[cells[name] for name in CELLS], metadata=notebook.metadata)
    nbformat.write(chosen, folder / "cells.ipynb")
    exec(cells["voila-notebook"].source, {"nbformat": nbformat, "scratch": folder})
    token = {"COLORLIB_TOKEN": "pictures"}
    pages = [
        (("colorlib", "demo", "--out", folder / "out"), "?token=pictures", demo_pictures),
        (("voila", folder / "cells.ipynb"), "", cell_pictures),
        (("voila", folder / "two_cells.ipynb"), "", two_cells_pictures),
    ]
    pictures = {}
    with sync_playwright() as api:
        browser = api.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for command, query, take in pages:
            with serving(*command, **token) as url:
                tab = browser.new_page(viewport={"width": 1000, "height": 1000}, device_scale_factor=1.5)
                tab.set_default_timeout(300_000)
                tab.goto(url + query)
                pictures |= dict(take(tab))
                tab.close()
        browser.close()
    return pictures


def attach(path, pictures):
    """Put pictures into the texts of a notebook that show them."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        names = re.findall(r"\(attachment:(\w+)\.jpg\)", cell.source)
        data = {name: base64.b64encode(pictures[name]).decode() for name in names}
        if names:
            cell.attachments = {f"{name}.jpg": {"image/jpeg": data[name]} for name in names}
    nbformat.write(notebook, path)


def main():
    with tempfile.TemporaryDirectory() as folder:
        pictures = taken(nbformat.read(NOTEBOOK, as_version=4), Path(folder))
    for path in (NOTEBOOK, NOTEBOOK.with_name("06_color_by_hand.ipynb")):
        attach(path, pictures)
    print({name: f"{len(picture) / 1e3:.0f} kB" for name, picture in pictures.items()})


if __name__ == "__main__":
    main()
