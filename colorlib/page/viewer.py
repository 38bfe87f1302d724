"""The demo's viewer: a photo in black and white beside itself in color, before and after, and its download."""

from pathlib import Path

import ipywidgets as widgets

from colorlib.page import html
from colorlib.page.widgets import button, shown, told
from colorlib.photos import INVENTED, encoded, load_photo

LOSSY = (".jpg", ".jpeg", ".webp", ".avif", ".jp2")  # results of all other files are kept as PNG


def is_lossless(name):
    return not name.lower().endswith(LOSSY)


def download_of(entry):
    """The link that saves the color file of an entry of the history."""
    name = Path(entry.title.replace("\\", "/")).stem or "photo"
    return html.download(f"{name}_in_color{entry.colored.suffix}", entry.colored.read_bytes())


class Viewer:
    """`picture` shows the photo given to `show` or `show_entry`, in one of the `views`.

    `download` puts a link to the file of the photo in color into `saved`.
    `tell(sentence)` is called with what goes wrong.
    """

    def __init__(self, tell):
        self.tell, self._entry, self._preview = tell, None, None
        self.views, self.picture, self.saved = widgets.HTML(html.views()), widgets.HTML(), widgets.HTML()
        self.download = button("Download", self._download)

    def show(self, name, gray, colored=None, entry=None, caption="In color", reveal=False):
        """Show gray `(H, W) uint8` and, when there is one, color `(H, W, 3) uint8`, kept in `entry` or nowhere yet.

        With `reveal` the page is scrolled to it.
        """
        self._entry, self._preview = entry, (name, colored)
        self.picture.value = html.pair(name, gray, colored, caption, reveal)
        self.saved.value = ""
        shown(self.views, colored is not None)
        shown(self.download, colored is not None)

    def show_entry(self, entry, caption="In color", reveal=False):
        """Show a previous prediction; PhotoError when its files are damaged."""
        gray, colored = load_photo(entry.gray)[..., 0], load_photo(entry.colored)
        self.show(entry.title, gray, colored, entry, caption, reveal)

    @told
    def _download(self, _):
        if self._entry:
            self.saved.value = download_of(self._entry)
        else:
            name, colored = self._preview
            ending = ".png" if is_lossless(name) else ".jpg"
            self.saved.value = html.download(
                f"{Path(name).stem}_in_color{ending}", encoded(colored, ending, note=INVENTED)
            )
