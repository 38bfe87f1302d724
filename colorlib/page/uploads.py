"""Get the photos that a visitor chooses: with the upload button, the drop zone, or a path.

The upload button belongs to ipywidgets. It sends all files in one message, and Jupyter silently loses messages that are
too large. The script of the drop zone therefore handles the button's files too: it sends each photo by itself, and
first shrinks a photo that is over the limit.
"""

import os
from pathlib import Path

import anywidget
import traitlets

from colorlib import formats
from colorlib.page.scripts import languages, script
from colorlib.photos import ENDINGS, find_photos
from colorlib.settings import Settings

SCRIPTS = "stage.js", "crop.js", "focus.js", "translate.js", "page.js"  # joined into one module
ACCEPT = ",".join(ENDINGS)  # for the browser's file dialog


def photos_at(path):
    """The Paths of the photo, or of the photos in the folder, at `path`; PhotoError for a folder without photos."""
    path = Path(path).expanduser()
    if not path.is_dir():
        return [path]
    return find_photos(path, least=1)


def limit():
    """The largest upload in megabytes: $COLORLIB_UPLOAD_MB, else the limit of the front end for a message."""
    if megabytes := Settings.from_environment().upload_mb:
        return megabytes
    return 0.9 if "COLAB_RELEASE_TAG" in os.environ else 8  # Jupyter's limit is 10 MiB


def files_of(value):
    """[(name, bytes)] from the `value` of a FileUpload: a tuple of dicts in ipywidgets 8, a dict by name in 7."""
    if isinstance(value, dict):
        return [(name, bytes(file["content"])) for name, file in value.items()]
    return [(file["name"], bytes(file["content"])) for file in value]


def forget(upload):
    """Empty a FileUpload, which frees its memory and lets the visitor choose the same photo again."""
    if isinstance(upload.value, dict):
        upload.set_trait("value", {})
        upload.data, upload.metadata = [], []
    else:
        upload.value = ()


def drop_zone(limit_mb, take, act):
    """The widget of page.js, which handles drag, drop and paste, the HTML buttons, and the zoom.

    Args:
        limit_mb: The browser shrinks photos of more megabytes.
        take: `take(name, data, note, first)` is called for each photo. `data` is its bytes, or None if it could not be
            shrunk; `note` is a sentence to show, or None; `first` says whether it is the first photo of an upload.
        act: `act(message)` is called with the dict of each button that is pressed. It returns None, or the answer:
            `(message, buffers)`.

    Returns:
        An anywidget.
    """

    class DropZone(anywidget.AnyWidget):
        _esm = script(*SCRIPTS)
        limit = traitlets.Int(int(limit_mb * 1e6)).tag(sync=True)
        accept = traitlets.Unicode(ACCEPT).tag(sync=True)
        languages = traitlets.Dict(languages()).tag(sync=True)

    def arrived(zone, content, buffers):
        if "do" in content:
            if answer := act(content):
                zone.send(*answer)
            return
        try:
            if not content.get("ping"):
                take(*_photo(content, buffers, limit_mb), bool(content.get("first")))
        finally:
            zone.send({"taken": 0 if content.get("ping") else 1})

    zone = DropZone()
    zone.on_msg(arrived)
    return zone


def _photo(content, buffers, limit_mb):
    """(name, bytes or None, note or None) from a message of the browser, which is not trusted."""
    name = str(content.get("name", ""))
    if not buffers and formats.by_ending(name) == "film":
        return name, None, formats.refusal(name, "film")
    if not buffers:
        megabytes = f"{content['size'] / 1e6:.0f} MB" if isinstance(content.get("size"), int) else "too many bytes"
        note = f"{name} has {megabytes}, and the browser could not read it to make it smaller (the limit here is "
        note += f"{limit_mb:g} MB). Save it as a smaller JPEG, or color it with: colorlib colorize"
        return name, None, note
    shrunk, note = content.get("shrunk"), None
    if isinstance(shrunk, list) and len(shrunk) == 4 and all(isinstance(side, int) for side in shrunk):
        before, after = f"{shrunk[0]} x {shrunk[1]}", f"{shrunk[2]} x {shrunk[3]}"
        note = f"{name} was over {limit_mb:g} MB: the browser made it smaller, from {before} to {after} pixels. "
        note += "For the full size, run: colorlib colorize"
    return name, bytes(buffers[0]), note
