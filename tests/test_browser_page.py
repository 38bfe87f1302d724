"""The page that needs no server: its network, its own unit tests, and a tour in a real browser.

It needs Node 20 with npm, and Chromium: on Debian and Ubuntu, `apt-get install nodejs npm chromium`.
"""

import contextlib
import functools
import gzip
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import warnings
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

import colorlib
from colorlib import hints
from colorlib.photos import sample_photo

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "browser"
sys.path.insert(0, str(ROOT / "tools"))
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = [name for name in ("node", "npm") if not shutil.which(name)] + ([] if CHROMIUM else ["chromium"])
LOUD = (
    f"THE PAGE IN THE BROWSER WAS NOT TESTED: there is no {', '.join(MISSING)}. On Debian: apt-get install nodejs npm"
)

if MISSING:
    assert not os.environ.get("CI"), LOUD
    warnings.warn(LOUD, stacklevel=1)
    pytest.skip(LOUD, allow_module_level=True)

if os.environ.get("COLAB_RELEASE_TAG"):
    pytest.skip("The page is built with the newest versions, not with Colab's.", allow_module_level=True)
if find_spec("tensorflow") is None:
    pytest.skip("The page's network is written with TensorFlow.", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="THE PAGE IN THE BROWSER WAS NOT TESTED: no playwright")
expect = playwright.expect
expect.set_options(timeout=120_000)

import export_browser  # noqa: E402

SHAPES = [(192, 256), (256, 192), (64, 768), (768, 192), (192, 192), (224, 352), (192, 320), (288, 192), (192, 224)]


def npm(*words):
    done = subprocess.run(["npm", *words], cwd=BROWSER, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packages():
    if not (BROWSER / "node_modules" / ".package-lock.json").exists():
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")


@pytest.fixture(scope="module")
def network():
    """The exported network's bytes and manifest, of today's weights."""
    export_browser.refresh(BROWSER / "model")
    manifest = json.loads((BROWSER / "model" / "manifest.json").read_text())
    return (BROWSER / "model" / manifest["file"]).read_bytes(), manifest


@pytest.fixture(scope="module")
def colorizer():
    return colorlib.Colorizer()


# ---- the network


def test_the_exported_network_is_the_librarys_for_ten_photos_of_many_sizes(network, colorizer):
    import tensorflow as tf

    from colorlib import ab_bins, models

    data, manifest = network
    inner = models.with_inner_answers(colorizer.model)
    names = [*colorlib.sample_photos(), "astronaut"]
    for name, shape in zip(names, [*SHAPES, (192, 448)]):
        photo = np.asarray(Image.fromarray(sample_photo(name)).resize(shape[::-1], Image.Resampling.BOX))
        L = colorlib.lightness(photo)[None, ..., None]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            resized = export_browser.resized(data, manifest["sizes"], *shape)
            interpreter = tf.lite.Interpreter(model_content=resized)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], L)
        interpreter.invoke()
        outputs = interpreter.get_output_details()
        ours = dict(zip(manifest["outputs"], (interpreter.get_tensor(output["index"]) for output in outputs)))
        theirs = {key: np.asarray(value) for key, value in inner(L, training=False).items()}
        annealed = ab_bins.annealed_mean_numpy(theirs["logits"], **colorizer.annealing())
        assert ours["logits"].shape == theirs["logits"].shape and ours["features"].shape == theirs["features"].shape
        difference = np.abs(ours["ab"] - annealed)  # of half precision: .0013 and .018 at most, 27 Nov 2026
        assert difference.mean() < 0.01 and difference.max() < 0.2, name
        scale = np.abs(theirs["features"]).mean()
        assert np.abs(ours["features"] - theirs["features"]).mean() < 0.002 * scale, name


def test_the_manifest_says_what_the_page_needs(network, colorizer):
    data, manifest = network
    assert manifest["bytes"] == len(data) < 10e6
    assert manifest["settings"]["size"] == colorizer.size
    assert np.shape(manifest["bins"]) == (len(manifest["annealed_mean"]["shift"]), 2)


def test_settings_that_the_page_does_not_know_are_refused(colorizer, monkeypatch):
    from colorlib import models

    class Strange:
        def settings(self):
            return {"temperature": 1.0, "smudge": 3}

    monkeypatch.setattr(models, "annealed_mean_of", lambda model: Strange())
    with pytest.raises(ValueError, match="smudge"):
        export_browser.annealed_mean(colorizer.model)


# ---- the page's own arithmetic


def test_in_node(packages):
    assert "# fail 0" in npm("test")


def test_the_vectors_are_what_the_library_computes_today():
    """From the stored outputs of a network, so that new weights change nothing."""
    import browser_vectors

    folder = BROWSER / "test" / "vectors"
    was, now = json.loads(gzip.decompress((folder / browser_vectors.PREPARED).read_bytes())), browser_vectors.prepared()
    for before, after in zip([*was["photos"], was["pieces"]], [*now["photos"], now["pieces"]], strict=True):
        for name in {"border", "period", "structure", "share"} & after.keys():
            assert before[name] == pytest.approx(after[name], rel=1e-6)
        for name in {"seen", "row", "maps"} & after.keys():
            ours, theirs = (browser_vectors.unpacked(vector, name) for vector in (before, after))
            assert np.abs(ours - theirs).max() < 1e-3, f"{name} of what is prepared: make the vectors again"
    paths = sorted(folder.glob("[0-9]*.json.gz"))
    assert len(paths) == 10
    for path, case in zip(paths, browser_vectors.CASES):
        vector = json.loads(gzip.decompress(path.read_bytes()))
        photo = browser_vectors.unpacked(vector, "photo").reshape(vector["height"], vector["width"], 3)
        again = browser_vectors.vector_of(photo, case, vector)
        for name, most in (("L", 1e-3), ("seen", 1e-3), ("ab", 1e-2), ("rgb", 1)):
            was, now = (browser_vectors.unpacked(v, name).astype(float) for v in (vector, again))
            assert np.abs(was - now).max() <= most, f"{path.name}, {name}: make them again, {browser_vectors.__doc__}"


# ---- in Chromium


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def log_message(self, *words):
        pass


@contextlib.contextmanager
def served(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def site(packages, network):
    npm("run", "build")
    with served(BROWSER / "dist") as server:
        yield f"http://127.0.0.1:{server.server_address[1]}/"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, site):
    """A function that opens the page in a browser of its own."""
    contexts = []

    def open_page(width=1280, height=900, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, locale="en-US", **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(120_000)
        page.faults, page.requested = [], []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("dialog", lambda dialog: (page.faults.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto(site)
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            assert page.faults == []
        context.close()


def choose(page, *files):
    """Press the button and choose files, (name, bytes) each."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=re.compile("Choose photos|Add photos")).filter(visible=True).click()
    chooser.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files])


def status(page):
    return page.locator("#status")


def saved(page, button="Save"):
    """(file name, bytes) of what the browser saves when a button is pressed."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def image_file(photo, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(photo).save(file, kind, **options)
    return file.getvalue()


def as_png(page):
    page.get_by_role("button", name="How to save").click()
    page.get_by_role("radio", name="PNG").check()
    page.get_by_role("button", name="Close", exact=True).click()


def center_color(page):
    """Red, green and blue in the middle of the picture, as the screen shows it."""
    return page.locator("#stage canvas").evaluate(
        """(canvas) => {
            const [x, y] = [canvas.width >> 1, canvas.height >> 1];
            return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
        }"""
    )


def wait_until(page, condition, seconds=120):
    """Ask again and again: the page's policy forbids what Playwright's own waiting does."""
    for _ in range(seconds * 5):
        if condition():
            return
        page.wait_for_timeout(200)
    raise AssertionError("It did not happen.")


@pytest.fixture(scope="module")
def photos(samples):
    """Ten photos, small and of many shapes, as PNG files."""
    parts = [photo[: 200 + 31 * i, : 340 - 17 * i] for i, photo in enumerate(samples.values())]
    parts.append(np.asarray(Image.fromarray(samples["coffee"]).resize((1200, 800))))
    return [(f"photo_{i}.png", image_file(np.ascontiguousarray(part))) for i, part in enumerate(parts)]


def test_ten_photos_equal_the_library_and_come_in_one_zip(visit, photos, colorizer):
    page = visit()
    choose(page, *photos)
    expect(status(page)).to_contain_text("All 10 photos are in color")
    as_png(page)
    name, data = saved(page, "Save all in one zip file")
    assert name == "photos_in_color.zip"
    over, count, most = 0, 0, 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None and len(archive.namelist()) == 10
        for file, original in photos:
            ours = colorlib.load_photo(archive.read(file.replace(".png", "_in_color.png")))
            difference = np.abs(ours.astype(int) - colorizer(colorlib.load_photo(original)))
            over, count, most = over + (difference > 1).sum(), count + difference.size, max(most, difference.max())
    assert over <= LEVELS * count, f"{over / count:.2%} of the values differ by more than 1, at most by {most}"


LEVELS = 0.001  # of all values


def test_the_tour_on_a_phone_without_internet(visit, samples, colorizer):
    """The network cable pulled: a portrait, colored, corrected by two hints, saved, as the library colors it."""
    page = visit(width=390, height=844, has_touch=True, is_mobile=True)
    expect(status(page)).to_contain_text("Ready")
    wait_until(page, lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
    page.context.set_offline(True)
    page.reload()
    expect(status(page)).to_contain_text("Ready")
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()

    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = 6, "Kodak"
    gray = np.repeat(colorlib.lightness(samples["astronaut"])[..., None], 3, axis=2)
    portrait = image_file(np.rot90((gray * 2.55).astype(np.uint8)), "JPEG", quality=95, exif=exif, dpi=(300, 300))
    choose(page, ("grandmother.jpg", portrait))
    expect(status(page)).to_contain_text("grandmother.jpg is in color")
    page.get_by_role("button", name="Correct a color").click()
    box = page.locator("#stage canvas").bounding_box()
    for x, y in ((0.35, 0.65), (0.6, 0.2)):
        page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
        expect(page.get_by_role("button", name="Likely color 2")).to_be_visible()
        page.get_by_role("button", name="Likely color 2").tap()
    expect(page.locator("#points button")).to_have_count(2)
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Correct a color").click()
    name, points = saved(page, "Save the points")
    assert name == "grandmother_in_color.hints.json"
    page.get_by_role("button", name="Done").click()
    name, data = saved(page)
    assert name == "grandmother_in_color.jpg"
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        assert image.size == samples["astronaut"].shape[1::-1] and round(image.info["dpi"][0]) == 300
        assert "invented by a neural network" in exif[ExifTags.Base.ImageDescription]
        assert exif[ExifTags.Base.Make] == "Kodak" and exif[ExifTags.Base.Orientation] == 1
        photo = np.asarray(image).astype(int)
    assert np.abs(photo[..., 0] - photo[..., 2]).mean() > 5  # it is in color, and upright:
    assert np.corrcoef(photo.mean(-1).ravel(), gray[..., 0].ravel())[0, 1] > 0.98
    as_png(page)
    ours = colorlib.load_photo(saved(page)[1]).astype(int)
    theirs = colorizer(colorlib.load_photo(portrait), hints=hints.from_json(points))
    assert (np.abs(ours - theirs) > 1).mean() <= LEVELS


def test_a_hint_gives_its_color_and_versions_change_the_picture(visit, samples):
    page = visit()
    choose(page, ("suit.png", image_file(samples["astronaut"][200:500, 100:360].copy())))
    expect(status(page)).to_contain_text("suit.png is in color")
    page.get_by_role("button", name="Correct a color").click()
    before = center_color(page)
    page.get_by_role("button", name="Add a point in the middle").click()
    page.get_by_label("Another color").fill("#2050d0")
    wait_until(page, lambda: center_color(page) != before)
    red, green, blue = center_color(page)
    assert blue > red + 30 and blue > green + 30
    expect(page.locator("#points button")).to_have_attribute("aria-label", re.compile("#2050d0"))
    page.locator("#points button").press("Delete")
    expect(page.locator("#points button")).to_have_count(0)
    page.get_by_role("button", name="Done").click()
    pale = page.get_by_role("button", name="Pale")
    pale.click()
    expect(pale).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Adjust").click()
    expect(page.get_by_label("How colorful")).to_have_value("0.6")
    page.get_by_label("How colorful").fill("0")
    expect(page.locator("output[for=saturation]")).to_have_text("0 %")
    as_png(page)
    gray = colorlib.load_photo(saved(page)[1]).astype(int)
    assert np.abs(gray - gray.mean(-1, keepdims=True)).max() <= 2


def test_hostile_and_odd_files_get_one_sentence_each(visit, samples):
    coffee = image_file(samples["coffee"], "JPEG")
    evil = "<img src=x onerror=alert(1)>.jpg"
    huge = bytearray(image_file(samples["coffee"][:8, :8]))
    huge[16:24] = (60000).to_bytes(4, "big") * 2
    page = visit()
    noise = image_file(samples["coffee"])[:33] + b"\0\0\0\xc8IDAT" + bytes(204) + b"\0\0\0\0IEND\xaeB`\x82"
    files = [("text.jpg", b"hello"), ("empty.jpg", b""), ("cut.jpg", coffee[:20000]), ("huge.png", bytes(huge))]
    choose(page, *files, ("noise.png", noise), (evil, coffee))
    expect(status(page)).to_contain_text(f"{evil} is in color")
    notes = page.locator("#notes")
    for words in (
        "text.jpg is not a photo",
        "empty.jpg is empty",
        "cut.jpg is cut off",
        "3600 megapixels",
        "noise.png is",
    ):
        expect(notes).to_contain_text(words)
    assert saved(page)[0].endswith("_in_color.jpg")


def test_with_the_keyboard_alone(visit):
    page = visit()
    expect(status(page)).to_contain_text("Ready")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.name") == "camera":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("camera.jpg is in color")
    line = page.get_by_label("How much is shown as it was before")
    line.press("ArrowRight")
    assert line.input_value() == "51"
    page.locator("#stage canvas").press("+")
    page.get_by_role("button", name="Correct a color").press("Enter")
    page.locator("#stage canvas").press("Enter")
    point = page.locator("#points button")
    expect(point).to_have_count(1)
    page.get_by_role("button", name="No color: leave it gray").press("Enter")
    left = point.bounding_box()["x"]
    point.press("ArrowRight")
    assert point.bounding_box()["x"] > left
    point.press("Delete")
    expect(point).to_have_count(0)


def test_drop_paste_cancel_and_two_languages(visit, samples):
    page = visit()
    transfer = """async ([kind, name, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
        const common = { bubbles: true, cancelable: true };
        const event = kind === "paste" ? new ClipboardEvent(kind, { ...common, clipboardData: data })
            : new DragEvent(kind, { ...common, dataTransfer: data });
        document.body.dispatchEvent(event);
    }"""
    coffee = list(image_file(samples["coffee"][::4, ::4], "JPEG"))
    page.evaluate(transfer, ["drop", "dropped.jpg", coffee])
    page.evaluate(transfer, ["paste", "pasted.jpg", coffee])
    expect(status(page)).to_contain_text("All 2 photos are in color")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("button", name="Speichern", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
    page.reload()
    expect(page.get_by_role("button", name="Fotos auswählen")).to_be_visible()
    many = image_file(np.tile(samples["coffee"], (8, 8, 1)), "JPEG")
    page.locator("#files").set_input_files([{"name": "viele.jpg", "mimeType": "image/jpeg", "buffer": many}])
    page.get_by_role("button", name="Abbrechen").click()
    expect(page.get_by_role("button", name="Fotos auswählen")).to_be_visible()
    page.evaluate(transfer, ["drop", "klein.jpg", coffee])
    expect(status(page)).to_contain_text("klein.jpg ist in Farbe")


def test_nothing_leaves_the_computer(visit, site, samples):
    page = visit()
    choose(page, ("coffee.jpg", image_file(samples["coffee"], "JPEG")))
    expect(status(page)).to_contain_text("coffee.jpg is in color")
    assert all(url.startswith((site, f"blob:{site}")) for url in page.requested)
    with served(BROWSER / "src") as other:
        elsewhere = f"http://127.0.0.1:{other.server_address[1]}/style.css"
        attempt = "(url) => fetch(url, { mode: 'no-cors' }).then(() => 'fetched', () => 'refused')"
        assert page.evaluate(attempt, elsewhere) == "refused"
        assert page.workers[0].evaluate(attempt, elsewhere) == "refused"


def test_it_can_be_installed(visit):
    page = visit()
    chromium = page.context.new_cdp_session(page)
    assert chromium.send("Page.getAppManifest")["errors"] == []
    errors = [error["errorId"] for error in chromium.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert errors == ["in-incognito"]  # the tests' browser keeps nothing; an ordinary one has no objection


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_and_layout(visit, width, scheme):
    page = visit(width=width, height=844, color_scheme=scheme)
    axe = (BROWSER / "node_modules" / "axe-core" / "axe.min.js").read_text()

    def check(where):
        page.wait_for_timeout(300)  # colors fade in
        found = page.evaluate(
            axe + "; axe.run().then(({ violations }) => violations.map((v) => [v.id, v.nodes[0].html]))"
        )
        assert found == [], where
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where
        sizes = "(all) => all.map((one) => [one.innerText, one.offsetWidth, one.offsetHeight])"  # all at one moment
        for words, *size in page.locator("button:visible").evaluate_all(sizes):
            assert min(size) >= 44, (where, words, size)

    check("empty")
    page.get_by_role("button", name="Try the sample photo camera").click()
    expect(status(page)).to_contain_text("camera.jpg is in color")
    expect(page.locator("#choices li")).not_to_have_count(0)
    check("colored")
    page.get_by_role("button", name="Adjust").click()
    check("adjust")
    page.get_by_role("button", name="Correct a color").click()
    page.get_by_role("button", name="Add a point in the middle").click()
    expect(page.get_by_role("button", name="Likely color 1")).to_be_visible()
    check("correct")
    page.get_by_role("button", name="How to save").click()
    check("how to save")
