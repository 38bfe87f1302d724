"""A photo colored by hand in the browser: click, choose a color, drag, undo.

The canvas needs anywidget, which Colab has. Without it, sliders and a color picker do the same.
"""

import importlib.util
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from PIL import Image

from colorlib import hints as by_points
from colorlib.by_hand import HandColoring
from colorlib.page import html
from colorlib.page.by_hand_canvas import canvas_view
from colorlib.page.by_hand_controls import Controls
from colorlib.page.session import default_colorizer
from colorlib.page.widgets import button, errors_as_notes, row, with_classes
from colorlib.photos import INVENTED, encoded

THUMBNAIL = 132  # the width of a version's picture, in pixels


class ColorByHand:
    """A widget in which a photo is colored by hand: `ColorByHand(photo).show()`.

    Args:
        photo: `(H, W, 3)` or `(H, W) uint8`, or whatever `load_photo` reads; or a HandColoring.
        colorizer: A Colorizer whose network has features; None: the default one.
        hints: The hints to begin with.
        name: The photo's file name, by which its result is called.
        version: ab of one of `HandColoring.versions`, from which to begin; None: the usual one.

    `hints` is the list of Hints now; `add`, `remove`, `replace`, `undo` and `redo` change it, as the buttons do.
    """

    def __init__(self, photo, colorizer=None, hints=(), name="photo.jpg", version=None):
        given = isinstance(photo, HandColoring)
        self.hand = photo if given else (colorizer or default_colorizer()).by_hand(photo)
        self.name, self.selected, self._version = name, -1, version
        self._past, self._future, self.hints = [], [], list(hints)
        self.view = (canvas_view if importlib.util.find_spec("anywidget") else Controls)(self)
        self.saved = widgets.HTML()
        buttons = row(button("Save the photo", self._save_photo), button("Save the hints", self._save_hints))
        parts = [self.view.widget, buttons, self.saved]
        self.widget = with_classes(widgets.VBox(parts), "cl-by-hand")
        self.view.refresh()

    def show(self):
        """Show the widget in this notebook cell."""
        display(self.widget)

    # what is done to the hints

    def add(self, hint):
        """Add a Hint and select it."""
        self.set_hints([*self.hints, hint], selected=len(self.hints))

    def replace(self, i, hint):
        """Put another Hint in the place of number i."""
        self.set_hints([*self.hints[:i], hint, *self.hints[i + 1 :]], selected=i)

    def remove(self, i):
        """Remove the Hint number i."""
        self.set_hints(self.hints[:i] + self.hints[i + 1 :], selected=-1)

    def set_hints(self, hints, selected=-1):
        """Set all Hints at once; it can be undone."""
        if list(hints) != self.hints:
            self._past.append(self.hints)
            self._future = []
        self.hints, self.selected = list(hints), selected
        self.view.refresh()

    def undo(self):
        """Take the last change back."""
        self._step(self._past, self._future)

    def redo(self):
        """Make the last change again that was taken back."""
        self._step(self._future, self._past)

    def _step(self, source, target):
        if source:
            target.append(self.hints)
            self.hints = source.pop()
            self.selected = self.selected if self.selected < len(self.hints) else -1
            self.view.refresh()

    @property
    def can_undo(self):
        """Whether there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self):
        """Whether there is a change to make again."""
        return bool(self._future)

    # what comes out

    def result(self):
        """The photo in color at its full size, `(H, W, 3) uint8`."""
        return self.hand.color(self.hints, version=self._version)

    def save(self, path):
        """Write the photo in color, and beside it the hints as NAME.hints.json; the Path of the photo."""
        return by_points.save_result(self.result(), path, note=INVENTED, hints=self.hints)

    def preview(self, hints=None):
        """The photo in color, `(h, w, 3) uint8`, its longer side at most 900 pixels."""
        return self.hand.preview(self.hints if hints is None else hints, version=self._version)

    def gray(self):
        """The photo in black and white, at the size of `preview`."""
        return self.hand.preview_gray()

    def suggestions(self):
        """The likeliest colors where the selected hint is."""
        if not 0 <= self.selected < len(self.hints):
            return []
        return self.hand.suggest(self.hints[self.selected].x, self.hints[self.selected].y)

    def thumbnails(self):
        """Versions of the photo, as small pictures `(h, w, 3) uint8`."""
        previews = (self.hand.preview(version=ab) for ab in self.hand.versions(6))
        return [_thumbnail(preview) for preview in previews]

    def add_note(self, sentence):
        """Show a sentence about what went wrong."""
        self.view.add_note(sentence)

    @errors_as_notes
    def _save_photo(self, _):
        name = f"{Path(self.name).stem}_in_color{'.png' if self.name.lower().endswith('.png') else '.jpg'}"
        self.saved.value = html.download(name, encoded(self.result(), Path(name).suffix, note=INVENTED))

    @errors_as_notes
    def _save_hints(self, _):
        name = f"{Path(self.name).stem}_in_color{by_points.ENDING}"
        self.saved.value = html.download(name, by_points.to_json(self.hints).encode())


def _thumbnail(photo):
    height = max(1, round(THUMBNAIL * photo.shape[0] / photo.shape[1]))
    return np.asarray(Image.fromarray(photo).resize((THUMBNAIL, height), Image.Resampling.BOX))
