"""The page of `colorlib demo`: what its first load transfers, how soon it can be used, and what reloads leave behind.

Headless Chromium at `colorlib demo` on 127.0.0.1, one fresh server and browser, with the network that comes with
colorlib. *Transferred* is what the first visit loads, compressed as it is sent: files as Chromium counts them;
messages of the widgets as the server's compression leaves them. *Controls* is from the address to the button "Start
coloring", *first color* from its press to the first photo in color: TensorFlow and the network are loaded meanwhile.
After that photo the page is loaded again ten times, and a minute passes: *Pythons* are the processes behind open pages,
*memory* is theirs and the server's (PSS). A *click* adds a point of color on the canvas of "Color by hand", at a photo
of 2 megapixels, median of 20: *in Python* until the picture is encoded, *on the screen* until the likely colors of that
point are there too. Wanted: 1.5 MB, controls 3 s, at most one Python more than before, a click 50 ms.
"""

import base64
import contextlib
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib
from shutil import which
from statistics import median

import numpy as np
import psutil
from measure import mosaic, table
from PIL import Image

CHROMIUM = next(filter(None, map(which, ("chromium", "chromium-browser", "google-chrome"))), None)
RELOADS, CLICKS = 10, 20
WAIT = {"timeout": 600_000}
CLICK = """async ([x, y]) => {
    const canvas = document.querySelector("canvas.cl-hand-photo"), box = canvas.getBoundingClientRect();
    const where = { clientX: box.left + x * box.width, clientY: box.top + y * box.height };
    const event = (kind) => new PointerEvent(kind, { ...where, pointerId: 1, pointerType: "mouse", bubbles: true });
    const began = performance.now();
    canvas.dispatchEvent(event("pointerdown"));
    canvas.dispatchEvent(event("pointerup"));
    while (!document.querySelector(".cl-hand-swatch")) await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""


@contextlib.contextmanager
def served():
    """A server of its own: its process and its address."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "colorlib", "demo", "--no-browser", "--port", str(port), "--out", folder]
        process = subprocess.Popen(command, env=os.environ | {"COLORLIB_TOKEN": "word"}, stdout=subprocess.DEVNULL)
        _wait_for(f"http://127.0.0.1:{port}/voila/static/voila.js")
        yield psutil.Process(process.pid), f"http://127.0.0.1:{port}/?token=word"
        process.terminate()
        process.wait()


def _wait_for(address):
    for _ in range(600):
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)


class Transfer:
    """Counts what a page receives: bytes of files, and of messages, as they are sent."""

    def __init__(self, page):
        self.files = self.messages = 0
        watch = page.context.new_cdp_session(page)
        watch.send("Network.enable")
        watch.on("Network.loadingFinished", self._file)
        watch.on("Network.webSocketFrameReceived", self._message)

    def _file(self, event):
        self.files += event["encodedDataLength"]

    def _message(self, event):
        data, binary = event["response"]["payloadData"], event["response"]["opcode"] == 2
        self.messages += len(zlib.compress(base64.b64decode(data) if binary else data.encode(), 3))


def pythons(server):
    """How many pages have a Python, and the MB of all of them and the server."""
    children = [each for each in server.children() if "ipykernel" in " ".join(each.cmdline())]
    return len(children), sum(each.memory_full_info().pss for each in [server, *children]) / 2**20


def photo_file():
    photo = Image.fromarray(mosaic(3, 4, 256)).resize((1633, 1225), Image.Resampling.BICUBIC).convert("L")
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=92)
    return file.getvalue()


def one_visit(api):
    """Everything that is measured, in a browser that knows nothing yet."""
    found = {}
    with served() as (server, address):
        browser = api.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        transfer, start = Transfer(page), time.perf_counter()
        button = page.get_by_role("button", name="Start coloring")
        page.goto(address, **WAIT)
        button.wait_for(**WAIT)
        found["controls"] = time.perf_counter() - start
        page.wait_for_timeout(2000)
        found["files"], found["messages"] = transfer.files / 1e6, transfer.messages / 1e6
        found["first color"] = color(page, button, ("small.jpg", photo_file()))
        found["click"] = clicks(page)
        found["before"], found["memory before"] = pythons(server)
        for _ in range(RELOADS):
            page.reload(**WAIT)
        button.wait_for(**WAIT)
        page.wait_for_timeout(70_000)
        found["after"], found["memory after"] = pythons(server)
        browser.close()
    return found


def color(page, button, photo):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files([{"name": photo[0], "mimeType": "image/jpeg", "buffer": photo[1]}])
    page.locator(".cl-status", has_text="Ready to be colored").wait_for(**WAIT)
    start = time.perf_counter()
    button.click(**WAIT)
    page.locator(".cl-status", has_text="is in color").wait_for(**WAIT)
    return time.perf_counter() - start


def clicks(page):
    """Milliseconds of a click, as one sees it."""
    page.locator(".cl-versions").wait_for(**WAIT)
    page.get_by_role("button", name="Color by hand").click(**WAIT)
    page.locator("canvas.cl-hand-photo").wait_for(**WAIT)
    page.wait_for_timeout(2000)
    times = [page.evaluate(CLICK, point) for point in points()]
    return median(times)


def points():
    return np.random.default_rng(0).uniform(0.1, 0.9, (CLICKS, 2)).tolist()


def click_in_python():
    """Milliseconds of a click in Python alone: from the browser's message to the picture for it."""
    from colorlib import Colorizer, Hint, load_photo
    from colorlib.page import ColorByHand
    from colorlib.photos import encoded

    by_hand = ColorByHand(load_photo(photo_file()), Colorizer())
    times, hints = [], []
    for x, y in points():
        hints.append(Hint(x, y, "#a04030"))
        start = time.perf_counter()
        encoded(by_hand.preview(hints), ".jpg", 90)
        times.append(1000 * (time.perf_counter() - start))
    return median(times)


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as api:
        got = one_visit(api)
    names = ["files", "messages", "controls", "first color"]
    table(["files, MB", "messages, MB", "controls, s", "first color, s"], [[float(got[name]) for name in names]])
    rows = [(when, int(got[when]), float(got[f"memory {when}"])) for when in ("before", "after")]
    table(["ten reloads", "Pythons", "memory MB"], rows)
    table(["a click, 2 MP", "ms"], [("in Python", click_in_python()), ("on the screen", float(got["click"]))])
