"""What the demo shows, as HTML. Every text that comes from outside is escaped here.

A button with `data-do` sends that message to Python, see page.js; one with `data-focus` keeps the focus when it is
replaced by a new one of that name.
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

LONGEST = 1600  # pixels of the longer side on the page; files keep their full size
THUMBNAIL = 112
STYLE = f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"
PRIVATE = "Your photos do not leave this computer."
INVENTED = "The colors are invented: plausible at best, for nobody can know them."


def header(private):
    """The heading; `private`: whether photos stay on this computer."""
    words = f"{PRIVATE} {INVENTED}" if private else INVENTED
    return f"{STYLE}<h1>Color a black-and-white photo</h1><p>{words}</p>"


def too_large(name, megapixels, limit):
    """What to do with a photo of more megapixels than the page takes."""
    return (
        f"{name} has {megapixels:.0f} megapixels; this page takes {limit:g}: make it smaller, or run colorlib colorize."
    )


def samples():
    """Small pictures of the samples, to choose one."""
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
    """The strip of versions: small pictures to choose from, the one in view marked.

    Args:
        offered: `session.Version` objects.
        look: The Look in view.
        more: Whether there is a button that asks for others.
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
    """What is cut away, darker: the parts of the width and the height that stay, (first, last) in percent."""
    (left, right), (top, bottom) = across, down
    return (
        f"<style>.cl-demo {{ --crop-left: {left}%; --crop-right: {100 - right}%; "
        f"--crop-top: {top}%; --crop-bottom: {100 - bottom}%; }}</style>"
    )


def do_button(do, label, inner=None, kind="cl-button", **values):
    """A button that sends `{"do": do, **values}`; `label` is its name for a screen reader, `inner` what it shows."""
    message = escape(json.dumps({"do": do} | values), quote=True)
    focus, label = escape(f"{do} {values.get('name', values.get('i', ''))}", quote=True), escape(label, quote=True)
    return (
        f'<button type="button" class="{kind}" data-do="{message}" data-focus="{focus}" '
        f'aria-label="{label}" title="{label}">{inner or label}</button>'
    )


def views():
    """The choice between one picture with a line to drag and two side by side."""
    group = secrets.token_hex(4)
    choices = "".join(
        f'<label><input type="radio" name="{group}" value="{view}" {checked} '
        f"""onchange="this.closest('.cl-demo').dataset.view = this.value"> {label}</label>"""
        for view, label, checked in [("slider", "Before and after", "checked"), ("beside", "Side by side", "")]
    )
    return f'<fieldset class="cl-views"><legend>View</legend>{choices}</fieldset>'


def _zooms():
    """The buttons for a closer look, on the picture itself."""
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
    """A photo in black and white `(H, W) uint8` and in color `(H, W, 3) uint8`, or in black and white alone.

    Args:
        name: Its name.
        gray: In black and white.
        colored: In color; None before it has been colored.
        caption: Of the half in color.
        reveal: Whether the page is scrolled to it.
        key: The zoom stays as long as the key does.
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
    """One line of progress, with a bar when `done` of `total` are given; page.js reads it out."""
    bar = ""
    if total is not None:
        value = f'value="{done}" max="{total}" ' if total > 1 else ""  # without a value it moves all the time
        bar = f'<progress {value}aria-label="Progress"></progress>'
    return f'<p class="cl-status">{bar}<span>{escape(text)}</span></p>'


def cancel():
    """The button that stops the work, see `handlers.CancelHandler`.

    It is apart from the line of progress, which is replaced at each step; page.js shows it while something is going on.
    """
    return '<button type="button" class="cl-button cl-cancel" data-focus="start" hidden>Cancel</button>'


def time_left(seconds, done, total):
    """How long the rest will take when `done` of `total` took so many seconds; nothing while that is not known."""
    if done == 0 or (left := seconds / done * (total - done)) < 10:
        return ""
    return f", about {left:.0f} s left" if left < 90 else f", about {left / 60:.0f} min left"


def sentences(lines):
    """What went wrong or is worth knowing, a line each; nothing for none."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div role="alert"><ul class="cl-notes">{items}</ul></div>' if lines else ""


def download(name, data, kind=None):
    """A link that saves `data` as a file called `name`."""
    kind = kind or ("image/png" if name.endswith(".png") else "image/jpeg")
    return link(name, f"data:{kind};base64,{base64.b64encode(data).decode()}", len(data))


def link(name, address, size):
    """A link that saves what is at an address. It starts by itself, unless it is shown again later."""
    return (
        f'<a class="cl-link" download="{escape(name, quote=True)}" href="{escape(address, quote=True)}">'
        f"Save {escape(short(name))} ({size / 1e6:.1f} MB)</a>" + _at_once("this.previousElementSibling.click()")
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
