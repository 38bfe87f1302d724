"""The demo's viewer: a photo before and after, a closer look, and its download."""

from pathlib import Path

import ipywidgets as widgets
import numpy as np
from PIL import Image

from colorlib.page import html
from colorlib.page.widgets import button, errors_as_notes, set_visible
from colorlib.photos import encoded, load_photo
from colorlib.settings import Settings

CLOSEST = 2400  # pixels of the longer side of a detail, at most


def address_of(entry, kind):
    """Where the page's server has a file of an entry, see `handlers`; None where there is no such server."""
    settings = Settings.from_environment()
    if settings.results and settings.history and entry.folder.parent == Path(settings.history):
        return f"/{settings.results}{entry.folder.name}/{kind}"
    return None


def download_of(entry):
    """The link that saves the color file of an entry: by the server's own address where there is one."""
    if address := address_of(entry, "colored"):
        return html.link(entry.saved_as(), address, entry.colored.stat().st_size)
    return html.download(entry.saved_as(), entry.colored.read_bytes())


class Viewer:
    """Shows a photo, and saves it.

    Args:
        add_note: Called with a sentence when something goes wrong.
        keep: Called when a preview is to be saved: keeps it, and gives its entry.

    Attributes:
        picture, views, download, saved: The widgets of the photo, of how it is looked at, of the button, and of the
            link that the button makes.
    """

    def __init__(self, add_note, keep):
        self.add_note, self._keep, self._entry, self._close = add_note, keep, None, None
        self.views, self.picture, self.saved = widgets.HTML(html.views()), widgets.HTML(), widgets.HTML()
        self.download = button("Download", self._download, "cl-download")

    def show(self, name, gray, colored=None, entry=None, caption="In color", reveal=False, key=""):
        """Show gray `(H, W) uint8` and, when there is one, color `(H, W, 3) uint8`, kept in `entry` or nowhere yet.

        With `reveal` the page is scrolled to it; the zoom stays as long as `key` does.
        """
        self._entry, self._close = entry, (gray, colored)
        self.saved.value = ""
        set_visible(self.views, colored is not None)
        set_visible(self.download, colored is not None)
        self.picture.value = html.pair(name, gray, colored, caption, reveal, key)  # last: the page is scrolled to it

    def show_entry(self, entry, caption="In color", reveal=False, key=""):
        """Show a previous prediction; PhotoError when its files are damaged."""
        gray, colored = load_photo(entry.gray)[..., 0], load_photo(entry.colored)
        self.show(entry.title, gray, colored, entry, caption, reveal, key)

    def detail(self, left, top, width, height, pixels):
        """A part of the photo in view, close: (its box as fractions, JPEGs of it in black and white and in color).

        The part is given as fractions too; `pixels` is how wide it will be on the screen.
        """
        photos = [photo for photo in self._close if photo is not None]
        rows, columns = photos[0].shape[:2]
        x, y = (max(0, int(corner * side)) for corner, side in [(left, columns), (top, rows)])
        right, bottom = min(columns, round((left + width) * columns) + 1), min(rows, round((top + height) * rows) + 1)
        if right <= x or bottom <= y:
            raise ValueError("There is nothing at that part of the photo.")
        scale = min(1, max(1, min(pixels, CLOSEST)) / (right - x))
        size = max(1, round((right - x) * scale)), max(1, round((bottom - y) * scale))
        parts = [Image.fromarray(photo[y:bottom, x:right]).resize(size, Image.Resampling.LANCZOS) for photo in photos]
        box = [x / columns, y / rows, (right - x) / columns, (bottom - y) / rows]
        return box, [encoded(np.asarray(part), quality=88) for part in parts]

    @errors_as_notes
    def _download(self, _):
        self._entry = self._entry or self._keep()
        if self._entry:
            self.saved.value = download_of(self._entry)
