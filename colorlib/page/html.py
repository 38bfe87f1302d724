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
    return f'<div class="cl-samples" role="group" aria-label="Samples"><span>or try one</span>{items}</div>'


@functools.cache
def _sample(name):
    with Image.open(sample_path(name)) as image:
        small = image.convert("L")
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=75)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def do_button(do, label, inner=None, kind="cl-button", **values):
    """A button that sends `{"do": do, **values}`; `label` is its name for a screen reader, `inner` what it shows."""
    message = escape(json.dumps({"do": do} | values), quote=True)
    focus, label = escape(f"{do} {values.get('name', '')}", quote=True), escape(label, quote=True)
    return (
        f'<button type="button" class="{kind}" data-do="{message}" data-focus="{focus}" '
        f'aria-label="{label}" title="{label}">{inner or label}</button>'
    )


def views():
    """The choice between one picture with a line to drag and two side by side, and the buttons for a closer look."""
    group = secrets.token_hex(4)
    choices = "".join(
        f'<label><input type="radio" name="{group}" value="{view}" {checked} '
        f"""onchange="this.closest('.cl-demo').dataset.view = this.value"> {label}</label>"""
        for view, label, checked in [("slider", "Before and after", "checked"), ("beside", "Side by side", "")]
    )
    zooms = "".join(
        f'<button type="button" class="cl-button cl-round" data-zoom="{way}" aria-label="{label}" title="{label}">'
        f"{sign}</button>"
        for way, label, sign in [
            ("out", "Smaller", "−"),
            ("in", "Larger: a closer look", "+"),
            ("fit", "All of it", "⤢"),
        ]
    )
    return f'<fieldset class="cl-views"><legend>View</legend>{choices}</fieldset><div class="cl-zooms">{zooms}</div>'


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
        + f"{right}{slider}</div>"
        + (_at_once("this.previousElementSibling.scrollIntoView({block: 'nearest'})") if reveal else "")
    )


def _figure(kind, caption, photo, alt):
    return (
        f'<figure class="{kind}"><figcaption>{escape(caption)}</figcaption>'
        f'<div class="cl-frame"><div class="cl-layer">{_image(photo, alt)}</div></div></figure>'
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
    return f'<ul class="cl-notes" role="alert">{items}</ul>' if lines else ""


def gallery(entries, address):
    """The previous predictions as a list. `address(entry, kind)` is where the server has a file; None without one."""
    return f'<ul class="cl-gallery">{"".join(card(entry, address) for entry in entries)}</ul>'


def card(entry, address):
    """A previous prediction in the list: both pictures small, its name, when, and what can be done with it."""
    title, name = short(entry.title), entry.folder.name
    source = (
        address(entry, "preview") or "data:image/jpeg;base64," + base64.b64encode(entry.preview.read_bytes()).decode()
    )
    shown = escape(title, quote=True)
    picture = f'<img loading="lazy" src="{source}" alt="{shown}: black and white, in color">'
    saved, both = address(entry, "colored"), do_button("both", f"Before and after: {title}", "Both", name=name)
    download = (
        f'<a class="cl-button" download href="{saved}" aria-label="Download {shown}">Download</a>'
        if saved
        else do_button("download", f"Download {title}", "Download", name=name)
    )
    return (
        '<li class="cl-card"><div class="cl-card-top">'
        + do_button("open", f"Open {title}", picture, "cl-open", name=name)
        + f'<input type="checkbox" class="cl-pick" value="{name}" aria-label="Select {shown}"></div>'
        f'<p class="cl-title" title="{escape(entry.title, quote=True)}">{shown}</p>'
        f"<p>{entry.when:%d %b %Y, %H:%M}</p><div class='cl-card-buttons'>"
        + do_button("open", f"Change {title}", "Change", name=name).replace('data-focus="open', 'data-focus="change')
        + download
        + (
            f'<a class="cl-button" download href="/results/both.jpg?names={name}" '
            f'aria-label="Before and after in one picture: {shown}">Both</a>'
            if saved
            else both
        )
        + do_button("delete", f"Delete {title}", "Delete", names=[name])
        + "</div></li>"
    )


def over_gallery(count, megabytes, served):
    """What can be done with several previous predictions at once, and how much room they take."""
    if not count:
        return "<p>None yet. What you color stays here, also when this page is closed, until you delete it.</p>"
    files = [("zip", "photos.zip", "Download selected"), ("sheet", "sheet.jpg", "Contact sheet")]
    saves = "".join(
        f'<a class="cl-button" data-picked data-address="/results/{file}" download>{label}</a>'
        if served
        else do_button(do, label).replace("<button", "<button data-picked")
        for do, file, label in files
    )
    delete = do_button("delete", "Delete selected").replace("<button", "<button data-picked")
    photos = "photo" if count == 1 else "photos"
    return (
        f"<p>{count} {photos}, {megabytes:.1f} MB. They stay, also when this page is closed, "
        'until you delete them.</p><div class="cl-picked"><label><input type="checkbox" class="cl-pick-all"> '
        f"Select all</label>{saves}{delete}</div>"
    )


def deleted(count):
    """What has just been deleted, and the way back."""
    words = "One photo was deleted." if count == 1 else f"{count} photos were deleted."
    return f'<p class="cl-undo">{words} {do_button("undo", "Undo")}</p>'


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
