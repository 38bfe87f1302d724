"""The explorers: their numbers against Python's, and in Chromium by mouse and keyboard."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from colorlib import ab_bins, drawings, explorers

NODE = shutil.which("node")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def one_of_each():
    gray = np.arange(144).reshape(12, 12)
    photo = np.full((8, 8, 3), 120, np.uint8)
    share = np.zeros(len(ab_bins.bins()))
    share[[100, 200]] = 0.75, 0.25
    prior = np.full(len(share), 1 / len(share))
    colors = {"orange": (60, 40, 55), "blue": (60, -5, -45)}
    steps = {1: {"learned": photo, "never seen": photo}, 5: {"learned": photo, "never seen": photo}}
    return {
        "kernel": explorers.kernel(gray),
        "stride": explorers.stride(),
        "abplane": explorers.abplane(40),
        "answer": explorers.answer(colors),
        "distribution": explorers.distribution({"one place": share}, prior),
        "overfitting": explorers.overfitting({"learned": [9, 1], "held out": [9, 12]}, steps, 10),
        "beforeafter": explorers.beforeafter(photo, photo),
    }


def test_nothing_is_fetched_and_nothing_can_close_the_script():
    for name, shown in one_of_each().items():
        assert "http" not in shown.data.replace("data:image", "") and "import " not in shown.data, name
        assert shown.data.count("</script>") == 1
    assert set(one_of_each()) == set(explorers.NAMES)


def test_wrong_arguments_get_one_sentence():
    with pytest.raises(ValueError, match="no explorer 'x'; wanted one of kernel"):
        explorers.html("x")
    with pytest.raises(ValueError, match="1 colors; wanted 2"):
        explorers.answer({"red": (50, 60, 40)})


def in_node(expression, *modules):
    """What a JavaScript expression over the explorers' modules gives."""
    names = ", ".join(f"...await import('{(explorers.FOLDER / f'{name}.js').as_uri()}')" for name in modules)
    code = f"const m = {{{names}}}; console.log(JSON.stringify({expression}));"
    done = subprocess.run([NODE, "--input-type=module", "-e", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(NODE is None, reason="there is no Node")
def test_the_numbers_are_those_of_python():
    from colorlib import lab_to_rgb

    grid = np.random.default_rng(0).integers(0, 255, (6, 7))
    kernel = np.array([[1, 0, -1], [2, 3, -2], [1, 0, -1]])
    sums = in_node(f"m.convolved({grid.tolist()}, {kernel.ravel().tolist()})", "kernel")
    assert np.array_equal(sums, drawings.convolved(grid, kernel))
    for n, k, s, p in [(6, 3, 2, 1), (5, 3, 1, 0), (7, 5, 3, 2)]:
        size = len(drawings.convolved(np.zeros((n + 2 * p, n + 2 * p)), np.ones((k, k)), s))
        assert in_node(f"m.outputSize({n}, {k}, {s}, {p})", "stride") == size
    for lab in ([50, 20, 30], [80, -20, 10], [20, 10, -30]):
        rgb = in_node(f"m.labToRgb({', '.join(map(str, lab))})", "common")
        assert np.abs(np.array(rgb) - lab_to_rgb(np.float32([[lab]]))[0, 0]).max() < 1
    prior = ab_bins.smoothed(np.random.default_rng(1).dirichlet(np.full(len(ab_bins.bins()), 0.1)))
    ours = in_node(f"m.weights({prior.tolist()}, 0.5, 1)", "distribution")
    assert np.allclose(ours, ab_bins.weights(prior), rtol=1e-4)
    share = [0.7, 0.2, 0.1]
    sharp = in_node(f"m.adjusted({share}, [1, 1, 1], 0, 0.5)", "distribution")
    assert np.allclose(sharp, np.square(share) / np.square(share).sum())
    assert in_node("m.squaredError([0, 0], [[50, 3, 4], [50, 0, 0]], 0.5)", "answer") == 12.5


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt-get install chromium")
def test_they_work_in_a_browser_by_mouse_keyboard_and_on_a_phone(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    page_file = tmp_path / "explorers.html"
    page_file.write_text("<!doctype html><body>" + "".join(shown.data for shown in one_of_each().values()), "utf-8")
    with playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.set_default_timeout(300_000)
            errors = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            page.goto(page_file.as_uri())
            assert page.locator("[data-ready]").count() == len(explorers.NAMES)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            use_them(page)
            assert not errors
            page.close()
        browser.close()


def use_them(page):
    """Turn each explorer's knobs, and see what it says change."""
    part = {name: page.locator(f'[data-explorer^="{name}-"]') for name in explorers.NAMES}
    said = {name: part[name].locator(".cl-says").first for name in explorers.NAMES if name != "beforeafter"}
    crop = part["kernel"].locator("canvas").first
    before = said["kernel"].inner_text()
    crop.focus()
    page.keyboard.press("ArrowRight")
    after = said["kernel"].inner_text()
    assert before != after and after.endswith(
        "\u22126"
    )  # each pixel is 1 less than its right neighbor, three rows of two
    box = crop.bounding_box()
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    assert part["kernel"].get_by_label("column", exact=True).input_value() == "0"
    part["stride"].get_by_label("stride", exact=True).fill("1")
    assert "becomes 6 x 6" in said["stride"].inner_text()
    part["abplane"].get_by_label("lightness L").fill("95")
    assert "no screen color" not in said["abplane"].inner_text() or "L 95" in said["abplane"].inner_text()
    part["answer"].get_by_role("button").click()
    numbers = [int(word) for word in said["answer"].inner_text().replace(";", " ").split() if word.isdigit()]
    assert numbers[0] == numbers[1]
    first = said["distribution"].inner_text()
    part["distribution"].get_by_label("temperature T").fill("0.1")
    assert said["distribution"].inner_text() != first and "100 %" in said["distribution"].inner_text()
    part["overfitting"].get_by_label("step", exact=True).fill("2")
    assert said["overfitting"].inner_text().startswith("epoch 5: learned 1, held out 12")
    part["beforeafter"].get_by_label("before and after").fill("20")
    assert "20%" in part["beforeafter"].locator("img").nth(1).evaluate("node => node.style.clipPath")
