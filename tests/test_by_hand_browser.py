"""The canvas of ColorByHand in a real browser: its JavaScript and its Python, with a small bridge in place of Jupyter.

The page's own tour, in test_browser.py, opens the same canvas through Voila.
"""

import base64
import json
import time
from pathlib import Path

import pytest
from test_browser import browser as browser, expect

import colorlib
from colorlib import Colorizer
from colorlib.page import ColorByHand
from colorlib.page.scripts import script

pytest.importorskip("anywidget", reason="THE CANVAS WAS NOT TESTED: anywidget is missing")
FOLDER = Path(colorlib.__file__).parent / "page"
TRAITS = ["hints", "selected", "dragging", "asked", "done", "colored", "gray", "suggestions", "versions"]
TRAITS += ["can_undo", "can_redo", "note", "languages"]
PAGE = """<!doctype html><meta name="viewport" content="width=device-width"><div id="here"></div>"""
BRIDGE = """async ([script, style, state]) => {
    document.head.appendChild(document.createElement("style")).textContent = style;
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    const values = {}, changes = {}, listeners = {};
    const take = (state) => {
        for (const name in state) values[name] = ["colored", "gray"].includes(name) ? bytes(state[name]) : state[name];
        for (const name in state) for (const act of listeners["change:" + name] || []) act();
    };
    take(state);
    const model = {
        get: (name) => values[name],
        set: (name, value) => Object.assign(changes, typeof name === "string" ? { [name]: value } : name),
        save_changes: async () => {
            const sent = { ...changes };
            for (const name in changes) { values[name] = changes[name]; delete changes[name]; }
            take(await window.python({ state: sent }));
        },
        send: async (content) => take(await window.python({ content })),
        on: (event, act) => (listeners[event] ||= []).push(act),
        off: () => {},
    };
    const module = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    module.default.render({ model, el: document.getElementById("here") });
}"""


class Canvas:
    """A page with the canvas of a ColorByHand; `by_hand` is its Python."""

    def __init__(self, page, photo, colorizer):
        self.page, self.by_hand = page, ColorByHand(photo, colorizer, name="aunt.png")
        self.fingers = page.context.new_cdp_session(page)
        page.set_content(PAGE)
        page.expose_function("python", self.answer)
        style = (FOLDER / "by_hand.css").read_text(encoding="utf-8")
        page.evaluate(BRIDGE, [script("translate.js", "by_hand.js"), style, self.state()])
        self.photo = page.locator("canvas.cl-hand-photo")
        page.wait_for_function("document.querySelector('canvas').clientHeight > 100")

    def state(self):
        """The widget's traits, as Jupyter would send them."""
        values = {name: getattr(self.by_hand.view.widget, name) for name in TRAITS}
        return {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in values.items()}

    def answer(self, message):
        """What the kernel does with a message of the canvas: those of the widget's traits that Python changed."""
        widget, known = self.by_hand.view.widget, self.state() | message.get("state", {})
        if "state" in message:
            widget.set_state(message["state"])
        else:
            widget._handle_custom_msg(message["content"], [])
        return {name: value for name, value in self.state().items() if value != known[name]}

    def at(self, x, y):
        """The page's pixels of fractions of the canvas."""
        box = self.photo.bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def until(self, true, seconds=60):
        """Let the page work until `true()` holds; AssertionError when it does not."""
        end = time.monotonic() + seconds
        while not true() and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        assert true()

    def settle(self, count):
        """Wait until Python has as many hints, and the canvas says so."""
        self.until(lambda: len(self.by_hand.hints) == count)
        expect(self.page.get_by_role("status")).to_contain_text(f"{count} hint")

    def touch(self, kind, *points):
        """Fingers at fractions of the canvas: kind is touchStart, touchMove or touchEnd."""
        at = [dict(zip("xy", self.at(*point)), id=i) for i, point in enumerate(points)]
        self.fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer("unet", size=64)


@pytest.fixture
def opened(browser, samples, colorizer):
    """A function that opens a canvas in a browser of its own."""
    contexts = []

    def open_canvas(**options):
        contexts.append(browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, **options))
        return Canvas(contexts[-1].new_page(), samples["astronaut"][::4, ::4], colorizer)

    yield open_canvas
    for context in contexts:
        context.close()


@pytest.fixture
def canvas(opened):
    return opened()


def test_it_speaks_the_visitors_language(opened):
    canvas = opened(locale="de-DE")
    page, status = canvas.page, canvas.page.get_by_role("status")
    expect(status).to_have_text("0 Farbpunkte. Ein Klick auf das Foto setzt einen.")
    page.mouse.click(*canvas.at(0.3, 0.6))
    expect(status).to_have_text("1 Farbpunkt. Ein Klick auf das Foto setzt noch einen.")
    for name in ("Rückgängig", "Wiederholen", "Vergrößern", "Das bleibt grau", "Entfernen"):
        expect(canvas.button(name)).to_be_visible()
    expect(page.get_by_role("button", name="Wahrscheinliche Farbe 1, #")).to_be_visible()
    expect(page.get_by_text("Alles Ähnliche", exact=True)).to_be_visible()


def test_right_to_left_a_point_stays_where_it_was_clicked(opened):
    canvas = opened(locale="ar")
    expect(canvas.page.locator(".cl-hand")).to_have_attribute("dir", "rtl")
    canvas.page.mouse.click(*canvas.at(0.2, 0.4))
    canvas.until(lambda: canvas.by_hand.hints)
    assert canvas.by_hand.hints[0].x == pytest.approx(0.2, abs=0.01)
    assert canvas.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_mouse_adds_drags_colors_and_removes(canvas):
    page, hand = canvas.page, canvas.by_hand
    page.mouse.click(*canvas.at(0.3, 0.6))
    canvas.settle(1)
    assert hand.hints[0].x == pytest.approx(0.3, abs=0.01) and hand.hints[0].y == pytest.approx(0.6, abs=0.01)
    swatches = page.locator(".cl-hand-swatch")
    expect(swatches.nth(2)).to_be_visible()
    swatches.nth(2).click()
    canvas.until(lambda: hand.hints[0].color == hand.suggestions()[2])
    page.locator("input[type=color]").fill("#2050c0")
    canvas.until(lambda: hand.hints[0].color == "#2050c0")
    page.mouse.move(*canvas.at(0.3, 0.6))
    page.mouse.down()
    page.mouse.move(*canvas.at(0.5, 0.5), steps=4)
    page.mouse.up()
    canvas.until(lambda: hand.hints[0].x == pytest.approx(0.5, abs=0.01))
    canvas.button("Undo").click()
    canvas.until(lambda: hand.hints[0].x == pytest.approx(0.3, abs=0.01))  # the whole drag is one change
    canvas.button("Redo").click()
    canvas.until(lambda: hand.hints[0].x == pytest.approx(0.5, abs=0.01))
    page.get_by_label("Reach, from this spot").fill("1")
    canvas.until(lambda: hand.hints[0].reach == 1)
    canvas.button("Leave this gray").click()
    canvas.until(lambda: hand.hints[0].color == "#808080")
    page.wait_for_timeout(700)  # a double click right after an adding one would mean another thing
    page.mouse.dblclick(*canvas.at(0.5, 0.5))
    canvas.settle(0)


def test_fingers_tap_press_long_and_pinch(canvas):
    hand = canvas.by_hand
    canvas.touch("touchStart", (0.25, 0.25))
    canvas.touch("touchEnd")
    canvas.settle(1)
    assert hand.hints[0].x == pytest.approx(0.25, abs=0.01)
    canvas.touch("touchStart", (0.45, 0.5), (0.55, 0.5))
    canvas.touch("touchMove", (0.3, 0.5), (0.7, 0.5))
    canvas.touch("touchEnd")
    canvas.touch("touchStart", (0.9, 0.5))  # four times as large around the middle: 0.5 + 0.4 / 4
    canvas.touch("touchEnd")
    canvas.settle(2)
    assert hand.hints[1].x == pytest.approx(0.6, abs=0.02) and hand.hints[1].y == pytest.approx(0.5, abs=0.02)
    canvas.touch("touchStart", (0.9, 0.5))
    canvas.page.wait_for_timeout(750)  # a long press
    canvas.touch("touchEnd")
    canvas.settle(1)
    canvas.touch("touchStart", (0.2, 0.5))  # one finger moves the enlarged photo
    canvas.touch("touchMove", (0.6, 0.5))
    canvas.touch("touchEnd")
    canvas.settle(1)


def test_the_keyboard_does_it_all(canvas):
    page, hand = canvas.page, canvas.by_hand
    canvas.photo.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    canvas.settle(1)
    assert (hand.hints[0].x, hand.hints[0].y) == pytest.approx((0.52, 0.55))
    page.keyboard.press("Shift+ArrowLeft")
    canvas.until(lambda: hand.hints[0].x == pytest.approx(0.47))
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    canvas.settle(2)
    page.keyboard.press("Control+z")
    canvas.settle(1)
    page.keyboard.press("Control+y")
    canvas.settle(2)
    page.keyboard.press("n")
    page.keyboard.press("Delete")
    canvas.settle(1)


def test_versions_lend_their_colors(canvas):
    page, hand = canvas.page, canvas.by_hand
    canvas.button("Other versions").click()
    second = canvas.button("Version 2")
    expect(second).to_be_visible()
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    page.mouse.click(*canvas.at(0.5, 0.75))
    canvas.settle(1)
    wanted = hand.thumbnails()[1]
    there = wanted[int(0.75 * len(wanted)), wanted.shape[1] // 2]
    found = [int(hand.hints[0].color[i : i + 2], 16) for i in (1, 3, 5)]
    assert max(abs(int(a) - b) for a, b in zip(there, found)) < 30  # through JPEG
    assert json.loads(hand.view.widget.suggestions)
