"""The page in the browser: how soon the first photo is in color, how long others take, and how much memory.

Headless Chromium at `browser/dist` on 127.0.0.1, medians of 3 fresh browsers. *First visit* is from the address to the
first photo in color, the network's 7 MB and its runtime's 9 MB fetched on the way; *second visit* has them kept.
*Next photo* is from the choice of a file to its colors on the screen, decoding included; *saved* from the press of
"Save" to the JPEG file at full size. *Memory* is the most that the page's own process held meanwhile (PSS), *added*
without what it held before that photo. *The library* is `Colorizer` in Python on the same photo: file read, colored,
written, TensorFlow loaded before. *CPU* is the time of all of Chromium's processes: where other work takes part of the
cores, it says more than wall. Wanted: first visit 3 s, 1 MP .7 s, 12 MP 4 s and 600 MB.
"""

import contextlib
import io
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from statistics import median

import numpy as np
import psutil
from measure import mosaic, table
from PIL import Image

DIST = Path(__file__).parents[1] / "browser" / "dist"
CHROMIUM = next(filter(None, map(which, ("chromium", "chromium-browser", "google-chrome"))), None)
SIZES = {"1 MP": (866, 1155), "12 MP": (3000, 4000)}
REPETITIONS = 3
VISITS = ("first visit", "second visit")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@contextlib.contextmanager
def served():
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(DIST))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class Memory:
    """The most that the page's process holds, in MB, watched by a thread of its own."""

    def __init__(self):
        self.most, self.on = 0.0, True
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        while self.on:
            self.most = max(self.most, self.now())
            time.sleep(0.05)

    @staticmethod
    def now():
        held = 0
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "--type=renderer" in child.cmdline():
                    held = max(held, child.memory_full_info().pss / 2**20)
        return held


def cpu():
    """Seconds that all processes below this one have been at work."""
    seconds = 0.0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            seconds += sum(child.cpu_times()[:2])
    return seconds


def photo_file(height, width):
    photo = Image.fromarray(mosaic(3, 4, 256)).resize((width, height), Image.Resampling.BICUBIC).convert("L")
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=92)
    return file.getvalue()


def one_browser(api, address):
    """Seconds and MB of everything, in a browser that knows nothing yet."""
    found = {}
    with tempfile.TemporaryDirectory() as profile:
        context = api.chromium.launch_persistent_context(profile, executable_path=CHROMIUM, args=["--no-sandbox"])
        for visit in VISITS:
            page = context.new_page()
            start, busy = time.perf_counter(), cpu()
            page.goto(address)
            page.locator("#files").set_input_files([named("first.jpg", photo_file(600, 800))])
            page.locator("#status", has_text="first.jpg is in color").wait_for(timeout=600_000)
            found[visit], found[f"{visit} CPU"] = time.perf_counter() - start, cpu() - busy
            if visit == "first visit":
                page.close()
        for name, size in SIZES.items():
            page.locator("#choices li").nth(2).wait_for(timeout=600_000)
            page.wait_for_timeout(8000)  # other ideas are found meanwhile
            found |= next_photo(page, name, photo_file(*size))
        context.close()
    return found


def named(name, data):
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def next_photo(page, name, data):
    before, memory, start, busy = Memory.now(), Memory(), time.perf_counter(), cpu()
    page.locator("#files").set_input_files([named(f"{name}.jpg", data)])
    page.locator("body[data-state=colored] #status", has_text="in color").wait_for(timeout=600_000)
    page.locator("#name", has_text=name).wait_for(state="attached")
    colored, colored_cpu = time.perf_counter() - start, cpu() - busy
    start, busy = time.perf_counter(), cpu()
    with page.expect_download(timeout=600_000):
        page.locator("#save").click()
    saved, saved_cpu = time.perf_counter() - start, cpu() - busy
    memory.on = False
    found = {"": colored, " CPU": colored_cpu, " saved": saved, " saved CPU": saved_cpu, " memory": memory.most}
    return {name + key: value for key, value in found.items()} | {f"{name} added": memory.most - before}


def library(data):
    """Seconds of the library for the same file."""
    import colorlib

    colorizer = colorlib.Colorizer()
    colorizer(np.zeros((64, 64), np.uint8))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        colorlib.save_photo(colorizer(colorlib.load_photo(data)), Path(folder) / "out.jpg")
        return time.perf_counter() - start


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    with served() as address, sync_playwright() as api:
        runs = [one_browser(api, address) for _ in range(REPETITIONS)]
    got = {key: median(run[key] for run in runs) for key in runs[0]}
    table(["visit", "wall s", "CPU s"], [(name, got[name], got[f"{name} CPU"]) for name in VISITS])
    columns = ("", " CPU", " saved", " saved CPU", " memory", " added")
    rows = [(name, *(got[name + key] for key in columns), library(photo_file(*size))) for name, size in SIZES.items()]
    header = [
        "photo",
        "next photo, wall s",
        "CPU s",
        "saved, wall s",
        "CPU s",
        "memory MB",
        "added MB",
        "the library, wall s",
    ]
    table(header, rows)
