"""Small explorers in plain JavaScript that live in a notebook's output and need no kernel once they are drawn.

Each function returns an `IPython.display.HTML`. Its scripts are the modules beside this file, put into the page as they
are: nothing is fetched. They work in Jupyter, in Colab's output frames and on the site, by keyboard, mouse and touch.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
NAMES = ("kernel", "stride", "abplane", "answer", "distribution", "overfitting", "beforeafter")


def kernel(picture):
    """An explorer that moves a kernel of 3 x 3 numbers over a crop `(H, W) uint8` of a gray picture."""
    return html("kernel", picture=np.asarray(picture).tolist())


def stride():
    """An explorer of the size of a convolution's output: input, kernel, stride and padding."""
    return html("stride")


def abplane(L=60):
    """An explorer of the colors that sRGB can show at a lightness, 0..100."""
    return html("abplane", L=L)


def answer(colors):
    """An explorer of the best answer when two colors are possible: a dict of two names -> Lab `(3,)`.

    The reader places an answer in the ab plane (squared error) or shares out a probability (cross-entropy).
    """
    if len(colors) != 2:
        raise ValueError(f"There are {len(colors)} colors; wanted 2.")
    return html("answer", names=list(colors), colors=[np.asarray(lab, float).tolist() for lab in colors.values()])


def distribution(shares, prior, trained=0.5):
    """An explorer of temperature, lambda and strength over distributions: a dict of titles -> `(Q,)`, sums 1.

    `prior` is `(Q,)`; `trained` is the strength of the weights that the network learned with.
    """
    from colorlib import ab_bins

    few = {title: [round(float(share), 6) for share in shares] for title, shares in shares.items()}
    bins = ab_bins.bins().astype(int).tolist()
    return html("distribution", shares=few, prior=np.round(prior, 9).tolist(), bins=bins, trained=trained)


def overfitting(losses, pictures, floor):
    """An explorer that scrubs through the epochs of a training run.

    `losses` is {"training": [...], "held out": [...]}, a number for each entry of `pictures`, which is a dict
    epoch -> {title: photo `(H, W, 3) uint8`}. `floor` is the loss of leaving the held-out photos gray.
    """
    steps = [{title: _url(photo) for title, photo in step.items()} for step in pictures.values()]
    losses = {name: [float(loss) for loss in values] for name, values in losses.items()}
    return html("overfitting", epochs=list(pictures), losses=losses, pictures=steps, floor=float(floor))


def beforeafter(before, after):
    """An explorer that slides between two photos of one size, `(H, W, 3) uint8` each."""
    return html("beforeafter", before=_url(before), after=_url(after))


def html(name, **data):
    """The explorer called `name` of NAMES, with its data, as an `IPython.display.HTML`."""
    from IPython.display import HTML

    if name not in NAMES:
        raise ValueError(f"There is no explorer {name!r}; wanted one of {', '.join(NAMES)}.")
    data = json.dumps(data, separators=(",", ":")).replace("</", "<\\/")
    key = f"{name}-{hashlib.sha256(data.encode()).hexdigest()[:12]}"
    script = f"(() => {{\n{_source('common')}\n{_source(name)}\nmountAll({json.dumps(key)}, mount, {data});\n}})();"
    text = "An explorer stands here in Colab, in Jupyter and on the course's site."
    return HTML(f'<div class="cl-explorer" data-explorer="{key}"><p>{text}</p></div>\n<script>{script}</script>')


def _source(name):
    """A module's source for use inside one script: without its import and export words."""
    source = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    return re.sub(r"^export ", "", re.sub(r"^import [^;]*;\n", "", source, flags=re.M), flags=re.M)


def _url(photo):
    """A photo as the URL of a JPEG that holds all of it."""
    from colorlib import plots

    return "data:image/jpeg;base64," + base64.b64encode(plots.jpeg(np.asarray(photo), 80)).decode()
