"""The HTML of the page. All text from outside is escaped here.

A button with `data-do` sends that message to Python, see page.js. A button with `data-focus` keeps the focus when it is
replaced by a new one with the same value.
"""

import base64
import functools
import io
import json
import secrets
import time
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib.photos import SAMPLES, encoded, sample_path

LONGEST = 1600  # longer side in pixels of a photo on the page; files keep their full size
THUMBNAIL = 112
STYLE = f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"
PRIVATE = "Your photos do not leave this computer."
INVENTED = "The colors are invented: plausible at best, because nobody can know the real ones."


def header(private):
    """The heading of the page; `private` says whether photos stay on this computer."""
    words = f"{PRIVATE} {INVENTED}" if private else INVENTED
    return f"{STYLE}<h1>Color a black-and-white photo</h1><p>{words}</p>"


def too_large(name, megapixels, limit):
    """A sentence that says what to do with a photo of more megapixels than the limit."""
    return (
        f"{name} has {megapixels:.0f} megapixels; this page takes {limit:g}: make it smaller, or run colorlib colorize."
    )


def samples():
    """Buttons with small pictures of the sample photos."""
    items = "".join(
        do_button("sample", f"Try the sample {name}", f'<img alt="" src="{_sample(name)}">', "cl-thumb", name=name)
        for name in SAMPLES
    )
    return f'<div class="cl-samples" role="group" aria-label="Samples"><span>or try one</span><div>{items}</div></div>'


@functools.cache
def _sample(name):
    with Image.open(sample_path(name)) as image:
        small = image.convert("L")
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=75)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def versions(offered, look, more):
    """The strip of versions: a button with a small picture for each; the version in view is marked.

    Args:
        offered: A list of `session.Version` objects.
        look: The Look that is in view.
        more: Whether to add the button Other versions.
    """
    items = "".join(
        do_button("version", each.name, _thumbnail(each.picture, each.name), "cl-version", i=i).replace(
            "<button", f'<button aria-pressed="{str(each.look == look).lower()}"'
        )
        for i, each in enumerate(offered)
    )
    others = do_button("others", "Other versions") if more else ""
    return f'<div class="cl-versions" role="group" aria-label="Versions">{items}{others}</div>' if offered else ""


def _thumbnail(photo, name):
    data = base64.b64encode(encoded(photo, quality=85)).decode()
    return f'<img alt="" src="data:image/jpeg;base64,{data}"><span>{escape(name)}</span>'


def crop_shade(across, down):
    """CSS that darkens what a crop removes; `across` and `down` are the parts to keep, (first, last) in percent."""
    (left, right), (top, bottom) = across, down
    return (
        f"<style>.cl-demo {{ --crop-left: {left}%; --crop-right: {100 - right}%; "
        f"--crop-top: {top}%; --crop-bottom: {100 - bottom}%; }}</style>"
    )


def do_button(do, label, inner=None, kind="cl-button", **values):
    """A button that sends a message to Python.

    Args:
        do: The action; the message is `{"do": do, **values}`.
        label: The name of the button for screen readers, as plain text.
        inner: Its content, as HTML. None: the label.
        kind: Its CSS class.
        **values: The other values of the message.
    """
    message = escape(json.dumps({"do": do} | values), quote=True)
    focus, label = escape(f"{do} {values.get('name', values.get('i', ''))}", quote=True), escape(label, quote=True)
    return (
        f'<button type="button" class="{kind}" data-do="{message}" data-focus="{focus}" '
        f'aria-label="{label}" title="{label}">{inner or label}</button>'
    )


def views():
    """The choice of the view: one picture with a slider, or two pictures side by side."""
    group = secrets.token_hex(4)
    choices = "".join(
        f'<label><input type="radio" name="{group}" value="{view}" {checked} '
        f"""onchange="this.closest('.cl-demo').dataset.view = this.value"> {label}</label>"""
        for view, label, checked in [("slider", "Before and after", "checked"), ("beside", "Side by side", "")]
    )
    return f'<fieldset class="cl-views"><legend>View</legend>{choices}</fieldset>'


def _zooms():
    """The zoom buttons on the picture."""
    zooms = "".join(
        f'<button type="button" class="cl-button cl-round" data-zoom="{way}" data-focus="zoom {way}" '
        f'aria-label="{label}" title="{label}">{sign}</button>'
        for way, label, sign in [
            ("out", "Smaller", "−"),
            ("in", "Larger: a closer look", "+"),
            ("fit", "All of it", "⤢"),
        ]
    )
    return f'<div class="cl-zooms">{zooms}</div>'


def pair(name, gray, colored=None, caption="In color", reveal=False, key=""):
    """A photo in black and white and in color, or only in black and white.

    Args:
        name: Its name.
        gray: The photo in black and white, `(H, W) uint8`.
        colored: The photo in color, `(H, W, 3) uint8`; None before it has been colored.
        caption: The caption of the color picture.
        reveal: Whether the page scrolls to it.
        key: The page keeps its zoom as long as the key is the same.
    """
    height, width = gray.shape[:2]
    right = slider = ""
    if colored is not None:
        right = _figure("cl-colored", caption, colored, f"{name}, in color")
        slider = (
            '<div class="cl-slider"><input type="range" min="0" max="100" value="50" step="1" '
            'aria-label="How much of the photo is shown in black and white" '
            """oninput="this.closest('.cl-pair').style.setProperty('--cut', this.value + '%')"><i></i></div>"""
        )
    return (
        f'<div class="cl-pair" data-key="{escape(str(key), quote=True)}" '
        f'style="--ratio: {width / height:.4f}; --cut: 50%">'
        + _figure("cl-gray", "Black and white", gray, f"{name}, in black and white")
        + f"{right}{slider}{_zooms()}</div>"
        + (_at_once("this.previousElementSibling.scrollIntoView({block: 'nearest'})") if reveal else "")
    )


def _figure(kind, caption, photo, alt):
    return (
        f'<figure class="{kind}"><div class="cl-frame"><div class="cl-layer">{_image(photo, alt)}</div></div>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def status(text, done=None, total=None):
    """The status line, with a progress bar if `total` is given. page.js announces it to screen readers."""
    bar = ""
    if total is not None:
        value = f'value="{done}" max="{total}" ' if total > 1 else ""  # without a value the bar is indeterminate
        bar = f'<progress {value}aria-label="Progress"></progress>'
    return f'<p class="cl-status">{bar}<span>{escape(text)}</span></p>'


def cancel():
    """The Cancel button, see `handlers.CancelHandler`.

    It is separate from the status line, which is replaced at each step. page.js shows it while the kernel is busy.
    """
    return '<button type="button" class="cl-button cl-cancel" data-focus="start" hidden>Cancel</button>'


def time_left(seconds, done, total):
    """Text that estimates the time left after `done` of `total` took `seconds`; "" if that is unknown or short."""
    if done == 0 or (left := seconds / done * (total - done)) < 10:
        return ""
    return f", about {left:.0f} s left" if left < 90 else f", about {left / 60:.0f} min left"


def sentences(lines):
    """A list of notes, one per line; "" if there are none."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div role="alert"><ul class="cl-notes">{items}</ul></div>' if lines else ""


def download(name, data, kind=None):
    """A link that saves the bytes `data` as a file called `name`; `kind` is its media type (None: JPEG or PNG)."""
    kind = kind or ("image/png" if name.endswith(".png") else "image/jpeg")
    return link(name, f"data:{kind};base64,{base64.b64encode(data).decode()}", len(data))


def link(name, address, size):
    """A link that saves the file at an address, of `size` bytes. Its download starts when it is first shown."""
    return (
        f'<a class="cl-link" download="{escape(name, quote=True)}" href="{escape(address, quote=True)}">'
        f"Save {escape(short(name))} ({size / 1e6:.1f} MB)</a>" + _at_once("this.previousElementSibling.click()")
    )


def _at_once(script):
    """An invisible image that runs `script` when it is first shown, but not when it is shown again after a reload."""
    return (
        '<img alt="" hidden src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" '
        f'onload="if (Math.abs(Date.now() - {time.time() * 1000:.0f}) < 15000) {script}">'
    )


def short(name, longest=40):
    """A name of at most `longest` characters; the middle of a longer one is replaced by an ellipsis."""
    return name if len(name) <= longest else f"{name[: longest // 2]}…{name[-longest // 2 + 1 :]}"


def _image(photo, alt):
    small = Image.fromarray(photo)
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    data = base64.b64encode(encoded(np.asarray(small), quality=90)).decode()
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(alt, quote=True)}" draggable="false">'
