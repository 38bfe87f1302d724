"""The demo's viewer: a photo in black and white beside itself in color, before and after, and its download."""

from pathlib import Path

import ipywidgets as widgets

from colorlib.page import html
from colorlib.page.predictions import is_lossless
from colorlib.page.widgets import button, errors_as_notes, set_visible
from colorlib.photos import INVENTED, encoded, load_photo


def download_of(entry):
    """The link that saves the color file of an entry of the history."""
    name = Path(entry.title.replace("\\", "/")).stem or "photo"
    return html.download(f"{name}_in_color{entry.colored.suffix}", entry.colored.read_bytes())


class Viewer:
    """`picture` shows the photo given to `show` or `show_entry`, in one of the `views`.

    `download` puts a link to the file of the photo in color into `saved`.
    `add_note(sentence)` is called with what goes wrong.
    """

    def __init__(self, add_note):
        self.add_note, self._entry, self._preview = add_note, None, None
        self.views, self.picture, self.saved = widgets.HTML(html.views()), widgets.HTML(), widgets.HTML()
        self.download = button("Download", self._download)

    def show(self, name, gray, colored=None, entry=None, caption="In color", reveal=False, about=None):
        """Show gray `(H, W) uint8` and, when there is one, color `(H, W, 3) uint8`, kept in `entry` or nowhere yet.

        With `reveal` the page is scrolled to it. `about` is the photo's Metadata, which a download keeps.
        """
        self._entry, self._preview = entry, (name, colored, about)
        self.picture.value = html.pair(name, gray, colored, caption, reveal)
        self.saved.value = ""
        set_visible(self.views, colored is not None)
        set_visible(self.download, colored is not None)

    def show_entry(self, entry, caption="In color", reveal=False):
        """Show a previous prediction; PhotoError when its files are damaged."""
        gray, colored = load_photo(entry.gray)[..., 0], load_photo(entry.colored)
        self.show(entry.title, gray, colored, entry, caption, reveal)

    @errors_as_notes
    def _download(self, _):
        if self._entry:
            self.saved.value = download_of(self._entry)
        else:
            name, colored, about = self._preview
            ending = ".png" if is_lossless(name) else ".jpg"
            self.saved.value = html.download(
                f"{Path(name).stem}_in_color{ending}", encoded(colored, ending, note=INVENTED, about=about)
            )
