"""The viewer of the page: a photo before and after, its zoom, and its download."""

from pathlib import Path

import ipywidgets as widgets
import numpy as np
from PIL import Image

from colorlib.page import html
from colorlib.page.widgets import button, errors_as_notes, set_visible
from colorlib.photos import encoded, load_photo
from colorlib.settings import Settings

CLOSEST = 2400  # largest width in pixels of a detail


def address_of(entry, kind):
    """The URL of an entry's file on the page's server, see `handlers`; None if there is no such server.

    Args:
        entry: A `predictions.Entry`.
        kind: "colored", "gray" or "preview".
    """
    settings = Settings.from_environment()
    if settings.results and settings.history and entry.folder.parent == Path(settings.history):
        return f"/{settings.results}{entry.folder.name}/{kind}"
    return None


def download_of(entry):
    """The HTML of a link that saves the file in color of an entry, from the page's server if there is one."""
    if address := address_of(entry, "colored"):
        return html.link(entry.saved_as(), address, entry.colored.stat().st_size)
    return html.download(entry.saved_as(), entry.colored.read_bytes())


class Viewer:
    """Shows a photo, and saves it.

    Args:
        add_note: Called with an error sentence.
        keep: Called to keep a preview before it is saved; returns its Entry, or None if that failed.

    Attributes:
        picture: The widget with the photo.
        views: The widget with the choice of the view.
        download: The button Download.
        saved: The widget with the link that Download creates.
    """

    def __init__(self, add_note, keep):
        self.add_note, self._keep, self._entry, self._close = add_note, keep, None, None
        self.views, self.picture, self.saved = widgets.HTML(html.views()), widgets.HTML(), widgets.HTML()
        self.download = button("Download", self._download, "cl-download")

    def show(self, name, gray, colored=None, entry=None, caption="In color", reveal=False, key=""):
        """Show a photo.

        Args:
            name: Its name.
            gray: The photo in black and white, `(H, W) uint8`.
            colored: The photo in color, `(H, W, 3) uint8`, or None.
            entry: The Entry in which it is kept, or None.
            caption: The caption of the picture in color.
            reveal: Whether the page scrolls to it.
            key: The page keeps its zoom as long as the key is the same.
        """
        self._entry, self._close = entry, (gray, colored)
        self.saved.value = ""
        set_visible(self.views, colored is not None)
        set_visible(self.download, colored is not None)
        self.picture.value = html.pair(name, gray, colored, caption, reveal, key)  # last: the page is scrolled to it

    def show_entry(self, entry, caption="In color", reveal=False, key=""):
        """Show a previous prediction; PhotoError if its files are damaged. For the other arguments see `show`."""
        gray, colored = load_photo(entry.gray)[..., 0], load_photo(entry.colored)
        self.show(entry.title, gray, colored, entry, caption, reveal, key)

    def detail(self, left, top, width, height, pixels):
        """A part of the photo in view, for the zoom.

        Args:
            left: The part's left side, as a fraction of the photo's width.
            top: Its upper side, as a fraction of the photo's height.
            width: Its width as a fraction.
            height: Its height as a fraction.
            pixels: Its width on the screen.

        Returns:
            ([left, top, width, height] of the part as fractions, rounded to whole pixels; a list of the bytes of a JPEG
            in black and white and, if there is one, in color).

        Raises:
            ValueError: The part is outside the photo.
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
