"""Color a photo by hand in a notebook or on the page: click, choose a color, drag, undo.

The canvas needs anywidget, which Colab has. Without it, sliders and a color picker take its place.
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
    """A widget to color a photo by hand: `ColorByHand(photo).show()`.

    Args:
        photo: `(H, W, 3)` or `(H, W) uint8`, or anything that `load_photo` reads; or a HandColoring.
        colorizer: A Colorizer whose network has features. None: the default one.
        hints: The Hints to start with.
        name: The photo's file name, from which the result's name is made.
        version: ab of one of `HandColoring.versions`, to start from. None: the usual result.

    Attributes:
        hints: The current list of Hints. `add`, `remove`, `replace`, `undo` and `redo` change it, as the buttons do.
        selected: The index of the selected hint; -1 for none.
        widget: The ipywidget.

    Raises:
        PhotoError: The photo cannot be read.
        ValueError: The network has no features.
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

    # the hints

    def add(self, hint):
        """Add a Hint, and select it."""
        self.set_hints([*self.hints, hint], selected=len(self.hints))

    def replace(self, i, hint):
        """Replace the Hint at index i, and select the new one."""
        self.set_hints([*self.hints[:i], hint, *self.hints[i + 1 :]], selected=i)

    def remove(self, i):
        """Remove the Hint at index i."""
        self.set_hints(self.hints[:i] + self.hints[i + 1 :], selected=-1)

    def set_hints(self, hints, selected=-1):
        """Replace all Hints, in a single step of undo, and select the one at index `selected` (-1: none)."""
        if list(hints) != self.hints:
            self._past.append(self.hints)
            self._future = []
        self.hints, self.selected = list(hints), selected
        self.view.refresh()

    def undo(self):
        """Undo the last change."""
        self._step(self._past, self._future)

    def redo(self):
        """Redo the change that was undone last."""
        self._step(self._future, self._past)

    def _step(self, source, target):
        if source:
            target.append(self.hints)
            self.hints = source.pop()
            self.selected = self.selected if self.selected < len(self.hints) else -1
            self.view.refresh()

    @property
    def can_undo(self):
        """Whether there is a change to undo."""
        return bool(self._past)

    @property
    def can_redo(self):
        """Whether there is a change to redo."""
        return bool(self._future)

    # the result

    def result(self):
        """The photo in color at its full size, `(H, W, 3) uint8`."""
        return self.hand.color(self.hints, version=self._version)

    def save(self, path):
        """Write the photo in color, and the hints beside it as NAME.hints.json; returns the Path of the photo."""
        return by_points.save_result(self.result(), path, note=INVENTED, hints=self.hints)

    def preview(self, hints=None):
        """The photo in color, `(h, w, 3) uint8`, at most 900 pixels wide and high; `hints` None: the current ones."""
        return self.hand.preview(self.hints if hints is None else hints, version=self._version)

    def gray(self):
        """The photo in black and white, `(h, w) uint8`, of the size of `preview`."""
        return self.hand.preview_gray()

    def suggestions(self):
        """The most likely colors at the selected hint, a list of "#rrggbb"; [] if none is selected."""
        if not 0 <= self.selected < len(self.hints):
            return []
        return self.hand.suggest(self.hints[self.selected].x, self.hints[self.selected].y)

    def thumbnails(self):
        """Versions of the photo, a list of small pictures `(h, w, 3) uint8`."""
        previews = (self.hand.preview(version=ab) for ab in self.hand.versions(6))
        return [_thumbnail(preview) for preview in previews]

    def add_note(self, sentence):
        """Show an error sentence."""
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
