"""What the demo shows, as HTML. Every text that comes from outside is escaped here."""

import base64
import secrets
import time
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib.photos import encoded

LONGEST = 1600  # pixels of the longer side on the page; files keep their full size
STYLE = f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"
HEADER = (
    STYLE + "<h1>Color a black-and-white photo</h1>"
    "<p>Choose a photo and start coloring. The colors are invented: plausible at best, for nobody can know them.</p>"
)
DRAG = (  # mouse and touch; a range alone would have to be caught by its thumb on some phones
    "if (event.buttons) { const box = this.getBoundingClientRect(), range = this.firstElementChild; "
    "range.value = 100 * (event.clientX - box.left) / box.width; range.oninput(); }"
)


def limit(megabytes):
    """What to do with large photos where nothing can shrink them."""
    return f"<p>up to {megabytes:g} MB at once; larger photos by their path</p>"


def too_large(name, megapixels, limit):
    """What is said of a photo of more megapixels than the page takes."""
    return (
        f"{name} has {megapixels:.0f} megapixels; this page takes {limit:g}: make it smaller, or run colorlib colorize."
    )


def views():
    """The choice between side by side and before and after; it stays chosen when the pictures change."""
    group = secrets.token_hex(4)
    choices = "".join(
        f'<label><input type="radio" name="{group}" value="{view}" {checked} '
        f"""onchange="this.closest('.cl-demo').dataset.view = this.value"> {label}</label>"""
        for view, label, checked in [("beside", "Side by side", "checked"), ("slider", "Before and after", "")]
    )
    return f'<fieldset class="cl-views"><legend>View</legend>{choices}</fieldset>'


def pair(name, gray, colored=None, caption="In color", reveal=False):
    """A photo in black and white `(H, W) uint8` beside itself in color `(H, W, 3) uint8`, or beside a place for it.

    With `reveal` the page is scrolled to it.
    """
    height, width = gray.shape[:2]
    right, slider = '<div class="cl-empty"><span>Press Start coloring</span></div>', ""
    if colored is not None:
        right = _image(colored, f"{name}, in color")
        slider = (
            f'<div class="cl-slider" onpointerdown="this.setPointerCapture(event.pointerId); '
            f'this.firstElementChild.focus(); this.onpointermove(event)" onpointermove="{DRAG}">'
            '<input type="range" min="0" max="100" value="50" step="1" '
            'aria-label="How much of the photo is shown in black and white" '
            """oninput="this.closest('.cl-pair').style.setProperty('--cut', this.value + '%')"><i></i></div>"""
        )
    return (
        f'<div class="cl-pair" style="--ratio: {width / height:.4f}; --cut: 50%">'
        f'<figure class="cl-gray"><figcaption>Black and white</figcaption>'
        f"{_image(gray, f'{name}, in black and white')}</figure>"
        f'<figure class="cl-colored"><figcaption>{escape(caption)}</figcaption>{right}</figure>{slider}</div>'
        + (_at_once("this.previousElementSibling.scrollIntoView()") if reveal else "")
    )


def status(text, done=None, total=None):
    """One line of progress, with a bar when `done` of `total` are given."""
    bar = "" if total is None else f'<progress value="{done}" max="{total}" aria-label="Progress"></progress>'
    return f'<p class="cl-status" role="status">{bar}<span>{escape(text)}</span></p>'


def sentences(lines):
    """What went wrong or is worth knowing, a line each; nothing for none."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="cl-notes" role="alert">{items}</ul>' if lines else ""


def card(entry):
    """A previous prediction in the list: both pictures small, its name, and when."""
    data = base64.b64encode(entry.preview.read_bytes()).decode()
    title = escape(short(entry.title), quote=True)
    return (
        f'<img src="data:image/jpeg;base64,{data}" alt="{title}: black and white, in color">'
        f'<p class="cl-title" title="{escape(entry.title, quote=True)}">{title}</p>'
        f"<p>{entry.when:%d %b %Y, %H:%M}</p>"
    )


def download(name, data):
    """A link that saves `data` as a file called `name`. It starts by itself, unless it is shown again later."""
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return (
        f'<a class="cl-link" download="{escape(name, quote=True)}" '
        f'href="data:{kind};base64,{base64.b64encode(data).decode()}">Save {escape(short(name))} '
        f"({len(data) / 1e6:.1f} MB)</a>" + _at_once("this.previousElementSibling.click()")
    )


def _at_once(script):
    """What runs `script` as soon as it is shown, but not when it is shown again later, after a reload."""
    return (
        '<img alt="" hidden src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" '
        f'onload="if (Math.abs(Date.now() - {time.time() * 1000:.0f}) < 15000) {script}">'
    )


def short(name, longest=40):
    """A name with its middle left out when it is long."""
    return name if len(name) <= longest else f"{name[: longest // 2]}…{name[-longest // 2 + 1 :]}"


def _image(photo, alt):
    small = Image.fromarray(photo)
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    data = base64.b64encode(encoded(np.asarray(small), quality=90)).decode()
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(alt, quote=True)}" draggable="false">'
