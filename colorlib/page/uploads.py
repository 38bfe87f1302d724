"""Photos somebody chose: from the browser, by the upload button or the drop zone beside it, or by a path.

The upload button is ipywidgets' own; alone it would take what fits into one message, beyond which Jupyter loses it
without a word. The drop zone looks after the button too: it sends each photo by itself, and shrinks one that is over
the limit before it sends it.
"""

import os
from pathlib import Path

import anywidget
import traitlets

from colorlib import formats
from colorlib.page.scripts import languages, script
from colorlib.photos import ENDINGS, find_photos
from colorlib.settings import Settings

SCRIPTS = "stage.js", "crop.js", "focus.js", "translate.js", "page.js"  # one module together
ACCEPT = ",".join(ENDINGS)  # what the browser's file dialog offers


def photos_at(path):
    """The photo at a path, or those in a folder; PhotoError for a folder without any."""
    path = Path(path).expanduser()
    if not path.is_dir():
        return [path]
    return find_photos(path, least=1)


def limit():
    """How many megabytes of photos arrive in one message: $COLORLIB_UPLOAD_MB, else what the front end takes."""
    if megabytes := Settings.from_environment().upload_mb:
        return megabytes
    return 0.9 if "COLAB_RELEASE_TAG" in os.environ else 8  # Jupyter takes 10 MiB


def files_of(value):
    """[(name, bytes)] of the `value` of a FileUpload: ipywidgets 8 gives a tuple of dicts, 7 a dict by name."""
    if isinstance(value, dict):
        return [(name, bytes(file["content"])) for name, file in value.items()]
    return [(file["name"], bytes(file["content"])) for file in value]


def forget(upload):
    """Empty a FileUpload, so that the same photo can be chosen again, and its bytes are freed."""
    if isinstance(upload.value, dict):
        upload.set_trait("value", {})
        upload.data, upload.metadata = [], []
    else:
        upload.value = ()


def drop_zone(limit_mb, take, act):
    """The widget of page.js: drag, drop and paste, the buttons that are HTML, a closer look at the picture.

    Args:
        limit_mb: Photos of more megabytes are shrunk in the browser.
        take: `take(name, data, note, first)` is called for each photo: its bytes, a sentence to show or None, and
            whether it is the first of those chosen together. A photo that could not be shrunk has None for its bytes.
        act: `act(message)` is called with the dict of each button that is pressed; what it returns, None or
            `(message, buffers)`, is the answer.
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
    """(name, bytes or None, note or None) of one message; what it says comes from outside and is not trusted."""
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
