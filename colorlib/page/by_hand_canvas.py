"""The canvas of ColorByHand: by_hand.js in the browser, connected by anywidget."""

import base64
import json
from pathlib import Path

from colorlib import hints as by_points
from colorlib.page.scripts import languages, script
from colorlib.page.widgets import errors_as_notes
from colorlib.photos import encoded


def canvas_view(by_hand):
    """A CanvasView of a ColorByHand. The widget's class is defined here, because anywidget may be missing."""
    import anywidget
    import traitlets

    class Canvas(anywidget.AnyWidget):
        _esm = script("translate.js", "by_hand.js")
        _css = (Path(__file__).parent / "by_hand.css").read_text(encoding="utf-8")
        hints = traitlets.Unicode("[]").tag(sync=True)
        selected = traitlets.Int(-1).tag(sync=True)
        dragging = traitlets.Bool(False).tag(sync=True)
        asked = traitlets.Int(0).tag(sync=True)  # counts the browser's requests to color; `done` counts the answers
        done = traitlets.Int(0).tag(sync=True)
        colored = traitlets.Bytes(b"").tag(sync=True)
        gray = traitlets.Bytes(b"").tag(sync=True)
        suggestions = traitlets.Unicode("[]").tag(sync=True)
        versions = traitlets.Unicode("[]").tag(sync=True)
        can_undo = traitlets.Bool(False).tag(sync=True)
        can_redo = traitlets.Bool(False).tag(sync=True)
        note = traitlets.Unicode("").tag(sync=True)
        languages = traitlets.Dict(languages()).tag(sync=True)

    return CanvasView(by_hand, Canvas())


class CanvasView:
    """Keeps a canvas and a ColorByHand in sync."""

    def __init__(self, by_hand, canvas):
        self.by_hand, self.widget = by_hand, canvas
        canvas.gray = encoded(by_hand.gray(), ".jpg", 85)
        canvas.observe(self._asked, "asked")
        canvas.observe(self._selected, "selected")
        canvas.on_msg(self._message)

    def refresh(self):
        """Show the current hints, and the photo colored with them."""
        self.widget.note = ""
        if self._hints() != self.by_hand.hints:  # hints that come from the browser are not sent back
            self.widget.hints = _as_text(self.by_hand.hints)
        self._color(self.by_hand.hints)
        self.widget.can_undo, self.widget.can_redo = self.by_hand.can_undo, self.by_hand.can_redo
        if self.widget.selected != self.by_hand.selected:
            self.widget.selected = self.by_hand.selected  # which calls _suggest
        else:
            self._suggest()

    def add_note(self, sentence):
        """Show an error sentence."""
        self.widget.note = sentence

    def _color(self, hints):
        self.widget.colored = encoded(self.by_hand.preview(hints), ".jpg", 90)

    def _suggest(self):
        self.widget.suggestions = json.dumps(self.by_hand.suggestions())

    def _hints(self):
        return _from_text(self.widget.hints)

    def _asked(self, _):
        try:
            self._take()
        finally:
            self.widget.done = self.widget.asked

    @errors_as_notes
    def _take(self):
        """Color with the hints that the browser sent. A hint becomes a step of undo only when dragging ends."""
        try:
            hints = self._hints()
        except ValueError:
            self.widget.hints = _as_text(self.by_hand.hints)
            raise
        if self.widget.dragging:
            self._color(hints)
        else:
            self.by_hand.set_hints(hints, self.widget.selected)

    @errors_as_notes
    def _selected(self, _):
        self.by_hand.selected = self.widget.selected
        self._suggest()

    @errors_as_notes
    def _message(self, _, content, buffers):
        if content.get("undo"):
            self.by_hand.undo()
        elif content.get("redo"):
            self.by_hand.redo()
        elif "hints" in content:  # the browser's last hints, sent before the result is kept
            self.by_hand.set_hints(_from_text(content["hints"]), content["selected"])
        elif content.get("versions"):
            pictures = [encoded(thumbnail, ".jpg", 85) for thumbnail in self.by_hand.thumbnails()]
            self.widget.versions = json.dumps([_data_url(picture) for picture in pictures])


def _from_text(text):
    return by_points.from_json(f'{{"hints": {text}}}')


def _as_text(hints):
    return json.dumps([{"x": h.x, "y": h.y, "color": h.color, "reach": h.reach} for h in hints])


def _data_url(data):
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
