"""ColorByHand without a canvas: sliders, a color picker and buttons, for front ends without anywidget."""

import ipywidgets as widgets
import numpy as np
from PIL import Image, ImageDraw

from colorlib.hints import Hint
from colorlib.page.widgets import button, errors_as_notes, field, row, set_visible, without_callback
from colorlib.photos import encoded

SUGGESTED = 9
RADIUS = 9


class Controls:
    """Core widgets that edit the hints of a ColorByHand. A picture shows them; the selected one has a yellow ring."""

    def __init__(self, by_hand):
        self.by_hand = by_hand
        self.picture, self.words = widgets.Image(format="jpeg"), widgets.HTML()
        fraction = {"min": 0.0, "max": 1.0, "step": 0.01, "continuous_update": False}
        self.across = field(widgets.FloatSlider, "From the left", self._moved, value=0.5, **fraction)
        self.down = field(widgets.FloatSlider, "From the top", self._moved, value=0.5, **fraction)
        self.reach = field(widgets.FloatSlider, "Reach", self._moved, value=0.5, **fraction)
        self.color = field(widgets.ColorPicker, "Color", self._moved, value="#808080")
        self.picker = field(widgets.Dropdown, "Hint", self._picked, options=[("a new one", -1)])
        self.swatches = [button("", self._suggested) for _ in range(SUGGESTED)]
        self.add = button("Add", self._added)
        self.gray = button("Leave this gray", self._grayed)
        self.remove = button("Remove", self._removed)
        self.undo, self.redo = button("Undo", self._undone), button("Redo", self._redone)
        rows = [
            row(self.undo, self.redo, self.picker, self.add, self.remove),
            self.picture,
            row(self.across, self.down, self.reach),
            row(self.color, self.gray, *self.swatches),
            self.words,
        ]
        self.widget = widgets.VBox(rows)

    @property
    def hint(self):
        """The Hint that the controls are set to."""
        return Hint(self.across.value, self.down.value, self.color.value, self.reach.value)

    def refresh(self):
        """Show the current hints, and the photo colored with them."""
        hints, selected = self.by_hand.hints, self.by_hand.selected
        self.words.value = ""
        names = [("a new one", -1), *((f"{i}. {hint.color}", i - 1) for i, hint in enumerate(hints, 1))]
        with without_callback(self.picker, self._picked):
            self.picker.options = names
            self.picker.value = selected
        if selected >= 0:
            self._set(hints[selected])
        self.undo.disabled, self.redo.disabled = not self.by_hand.can_undo, not self.by_hand.can_redo
        self.remove.disabled = selected < 0
        self._draw()
        self._suggest()

    def add_note(self, sentence):
        """Show an error sentence."""
        self.words.value = f"<p>{sentence}</p>"

    def _set(self, hint):
        for control, value in zip(self._controls(), (hint.x, hint.y, hint.reach, hint.color)):
            with without_callback(control, self._moved):
                control.value = value

    def _controls(self):
        return self.across, self.down, self.reach, self.color

    def _draw(self):
        """Draw the picture with a ring at each hint, and a cross where a new one would be added."""
        picture = Image.fromarray(self.by_hand.preview())
        pen = ImageDraw.Draw(picture)
        for i, hint in enumerate(self.by_hand.hints):
            ring = "#ffb000" if i == self.by_hand.selected else "white"
            pen.ellipse(self._box(picture, hint.x, hint.y, RADIUS), fill=hint.color, outline=ring, width=3)
        if self.by_hand.selected < 0:
            left, top, right, bottom = self._box(picture, self.across.value, self.down.value, RADIUS)
            pen.line([left, top, right, bottom], "white", 2)
            pen.line([left, bottom, right, top], "white", 2)
        self.picture.value = encoded(np.asarray(picture), ".jpg", 90)

    @staticmethod
    def _box(picture, x, y, radius):
        x, y = x * picture.width, y * picture.height
        return [x - radius, y - radius, x + radius, y + radius]

    def _suggest(self):
        """Offer the most likely colors at the point that the sliders are set to."""
        colors = self.by_hand.hand.suggest(self.across.value, self.down.value, SUGGESTED)
        for i, swatch in enumerate(self.swatches):
            set_visible(swatch, i < len(colors))
            if i < len(colors):
                swatch.style.button_color, swatch.tooltip = colors[i], colors[i]

    @errors_as_notes
    def _moved(self, _):
        if self.by_hand.selected >= 0:
            self.by_hand.replace(self.by_hand.selected, self.hint)
        else:
            self._draw()
            self._suggest()

    @errors_as_notes
    def _picked(self, change):
        self.by_hand.selected = change["new"]
        self.refresh()

    @errors_as_notes
    def _added(self, _):
        self.by_hand.add(self.hint)

    @errors_as_notes
    def _removed(self, _):
        if self.by_hand.selected >= 0:
            self.by_hand.remove(self.by_hand.selected)

    @errors_as_notes
    def _grayed(self, _):
        self.color.value = "#808080"

    @errors_as_notes
    def _suggested(self, swatch):
        self.color.value = swatch.style.button_color

    @errors_as_notes
    def _undone(self, _):
        self.by_hand.undo()

    @errors_as_notes
    def _redone(self, _):
        self.by_hand.redo()
