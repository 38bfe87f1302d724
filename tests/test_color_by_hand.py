"""ColorByHand without a browser: what the canvas sends, and the same with core widgets only."""

import importlib.util
import io
import json

import numpy as np
import pytest
from PIL import Image

import colorlib
from colorlib import Colorizer, Hint, hints
from colorlib.page import ColorByHand

BLUE, RED = Hint(0.5, 0.5, "#2050c0"), Hint(0.2, 0.3, "#c02020", 0.25)


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer("unet", size=64)


@pytest.fixture
def photo(samples):
    return samples["astronaut"][::4, ::4]


@pytest.fixture
def by_hand(photo, colorizer):
    pytest.importorskip("anywidget")
    return ColorByHand(photo, colorizer, name="aunt.png")


@pytest.fixture
def plain(photo, colorizer, monkeypatch):
    """The same where anywidget is missing."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "anywidget" else find(name))
    return ColorByHand(photo, colorizer)


def shown(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def send(by_hand, given, selected=-1, dragging=False):
    """What the canvas sends when hints were changed."""
    canvas = by_hand.view.widget
    text = json.dumps([{"x": h.x, "y": h.y, "color": h.color, "reach": h.reach} for h in given])
    canvas.set_state({"hints": text, "selected": selected, "dragging": dragging, "asked": canvas.asked + 1})


def ask(by_hand, **message):
    by_hand.view.widget._handle_custom_msg(message, [])


def test_a_click_colors_and_suggests(by_hand, photo):
    canvas = by_hand.view.widget
    before = shown(canvas.colored)
    assert before.shape == photo.shape and shown(canvas.gray).shape == photo.shape[:2]
    send(by_hand, [BLUE], selected=0)
    assert by_hand.hints == [BLUE] and canvas.done == canvas.asked == 1 and canvas.note == ""
    assert np.abs(shown(canvas.colored).astype(int) - before).max() > 40
    assert 1 < len(json.loads(canvas.suggestions)) <= 9
    assert (by_hand.result() == by_hand.hand.colorizer(photo, hints=[BLUE])).all()


def test_undo_and_redo(by_hand):
    canvas = by_hand.view.widget
    for given in ([BLUE], [BLUE, RED]):
        send(by_hand, given)
    ask(by_hand, undo=True)
    assert by_hand.hints == [BLUE] and hints.from_json(f'{{"hints": {canvas.hints}}}') == [BLUE]
    ask(by_hand, undo=True)
    assert by_hand.hints == [] and not canvas.can_undo and canvas.can_redo
    ask(by_hand, undo=True)  # nothing is left to take back
    ask(by_hand, redo=True)
    ask(by_hand, redo=True)
    assert by_hand.hints == [BLUE, RED] and canvas.can_undo and not canvas.can_redo
    canvas.selected = 0
    ask(by_hand, undo=True)
    assert canvas.selected == 0 and json.loads(canvas.suggestions)  # what is selected stays selected
    ask(by_hand, redo=True)
    by_hand.add(RED)
    assert canvas.selected == 2
    ask(by_hand, undo=True)
    assert canvas.selected == -1 and canvas.suggestions == "[]"
    ask(by_hand, undo=True)
    send(by_hand, [])
    assert not canvas.can_redo  # a new change forgets what was taken back


def test_a_drag_is_one_change(by_hand):
    send(by_hand, [BLUE])
    first = by_hand.view.widget.colored
    for x in (0.4, 0.3, 0.2):
        send(by_hand, [Hint(x, 0.5, BLUE.color)], dragging=True)
    assert by_hand.hints == [BLUE] and by_hand.view.widget.colored != first  # seen, but not yet done
    send(by_hand, [Hint(0.2, 0.5, BLUE.color)])
    ask(by_hand, undo=True)
    assert by_hand.hints == [BLUE] and by_hand.view.widget.colored == first  # the same hints give the same bytes


def test_what_is_under_way_when_the_photo_is_kept(by_hand):
    send(by_hand, [BLUE])
    text = json.dumps([{"x": RED.x, "y": RED.y, "color": RED.color, "reach": RED.reach}])
    ask(by_hand, hints=text, selected=0)
    assert by_hand.hints == [RED] and by_hand.selected == 0
    ask(by_hand, hints="junk", selected=0)
    assert by_hand.hints == [RED] and "wanted" in by_hand.view.widget.note
    ask(by_hand, undo=True)
    assert by_hand.hints == [BLUE]


def test_versions_come_as_small_pictures(by_hand):
    ask(by_hand, versions=True)
    urls = json.loads(by_hand.view.widget.versions)
    assert len(urls) >= 2 and all(url.startswith("data:image/jpeg;base64,") for url in urls)


@pytest.mark.parametrize("text", ["junk", '[{"x": 7, "y": 0, "color": "#000000"}]', '[{"x": 0}]', "3"])
def test_what_a_browser_should_not_send_is_refused(by_hand, text):
    send(by_hand, [BLUE])
    canvas = by_hand.view.widget
    canvas.set_state({"hints": text, "asked": 2})
    assert by_hand.hints == [BLUE] and "wanted" in canvas.note and canvas.done == 2
    assert hints.from_json(f'{{"hints": {canvas.hints}}}') == [BLUE]


def test_saving(by_hand, photo, tmp_path):
    by_hand.add(BLUE)
    by_hand.add(RED)
    path = by_hand.save(tmp_path / "aunt.png")
    assert hints.load(tmp_path / "aunt.hints.json") == [BLUE, RED]
    assert (colorlib.load_photo(path) == by_hand.hand.colorizer(photo, hints=[BLUE, RED])).all()
    by_hand._save_photo(None)
    assert 'download="aunt_in_color.png"' in by_hand.saved.value
    by_hand._save_hints(None)
    assert 'download="aunt_in_color.hints.json"' in by_hand.saved.value


def test_core_widgets_do_the_same(plain):
    view = plain.view
    before = view.picture.value
    view.across.value, view.down.value = 0.5, 0.5
    view.color.value = BLUE.color
    view.add.click()
    assert plain.hints == [BLUE] and view.picture.value != before and view.picker.value == 0
    view.swatches[0].click()
    assert plain.hints[0].color == view.swatches[0].style.button_color
    view.reach.value = 1.0
    assert plain.hints[0].reach == 1
    for _ in range(3):
        view.undo.click()
    assert plain.hints == [] and view.undo.disabled and not view.redo.disabled
    view.redo.click()
    view.picker.value = 0
    view.gray.click()
    assert plain.hints == [Hint(0.5, 0.5, "#808080")]
    view.remove.click()
    assert plain.hints == [] and view.remove.disabled and view.words.value == ""


def test_the_script_speaks_of_what_python_has(by_hand):
    """Every trait and message that by_hand.js names is there."""
    import re
    from pathlib import Path

    script = (Path(colorlib.__file__).parent / "page" / "by_hand.js").read_text(encoding="utf-8")
    used = set(re.findall(r'model\.(?:get|set)\("(\w+)"', script)) | set(re.findall(r'"change:(\w+)"', script))
    assert {"hints", "colored", "done", "note"} <= used <= set(by_hand.view.widget.trait_names(sync=True))
