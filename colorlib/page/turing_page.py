"""The widget of the colorization Turing test, and its HTML. The test itself is in `turing`."""

import base64
import html
import io
import time

from PIL import Image

from colorlib.photos import PhotoError
from colorlib.turing import CEILING, PAPER, SIDES, score, verdict

SHOWN = 512  # longest side in pixels of the photos sent to the browser
TOO_SOON = 0.3  # clicks within this many seconds of a new pair belong to a double click, and are ignored

STYLE = """<style>
.colorlib-turing {background: #fff; color: #1a1a1a; padding: 12px; max-width: 840px; box-sizing: border-box;
  overflow-wrap: anywhere}
.colorlib-turing:focus {outline: none}
.colorlib-turing .widget-html-content {color: #1a1a1a; line-height: 1.45; font-size: 15px; white-space: normal}
.colorlib-turing p {margin: 4px 0}
.colorlib-turing button {background: #1d4f91; color: #fff !important; font-size: 15px; height: 44px; margin: 4px}
.colorlib-turing button:focus-visible {outline: 3px solid #a33c00 !important; outline-offset: 2px}
.colorlib-turing .pair {display: flex; gap: 8px}
.colorlib-turing .pair div {flex: 1 1 0; min-width: 0; background: #ececec; line-height: 0; text-align: center}
.colorlib-turing .pair img {width: 100%; height: auto; margin: 0}
.colorlib-turing .fooled {display: inline-block; vertical-align: top; width: 256px; margin: 0 12px 8px 0}
@keyframes colorlib-hide {to {visibility: hidden}}
</style>"""

# Arrow keys, in front ends that run a page's own scripts. Tab and Space work without.
# JupyterLab uses arrow keys for shortcuts, unless `lmSuppressShortcuts` is set.
KEYS = """const box = this.closest('.colorlib-turing');
box.tabIndex = -1;
box.dataset.lmSuppressShortcuts = true;
box.onkeydown = key => {
  if (!['ArrowLeft', 'ArrowRight'].includes(key.key)) return;
  key.preventDefault();
  if (!key.repeat) box.querySelector(key.key == 'ArrowLeft' ? '.colorlib-left' : '.colorlib-right').click();
};
if (!box.contains(document.activeElement)) box.focus({preventScroll: true});
box.scrollIntoView({block: 'nearest'});"""


def show(test):
    """The widget of a `turing.TuringTest`, to be shown as the last line of a cell.

    CSS hides the photos after a moment. A thread would not work, as Colab does not show what threads change.
    """
    from ipywidgets import HTML, Button, HBox, VBox

    style, words, photos = HTML(STYLE, layout={"display": "none"}), HTML(_welcome(test)), HTML()
    start = Button(description="Go on" if test.results else "Start", layout={"width": "160px"})
    half = {"flex": "1 1 0", "width": "auto", "min_width": "0"}
    answers = [Button(description=f"{side.title()} is invented", layout=half) for side in SIDES]
    row = HBox(answers, layout={"display": "none"})
    appeared = 0.0

    def draw():
        nonlocal appeared
        start.layout.display = "none"
        row.layout.display = "none" if test.done else "flex"
        words.value, photos.value = (_outcome(test), "") if test.done else _trial(test)
        appeared = time.monotonic()

    def choose(side):
        if test.done or time.monotonic() - appeared < TOO_SOON:
            return
        try:
            test.answer(side)
            draw()
        except PhotoError as error:
            words.value = f"<p role=alert>{html.escape(str(error))}</p>"

    start.on_click(lambda _: draw())
    for side, button in zip(SIDES, answers):
        button.add_class(f"colorlib-{side}")
        button.on_click(lambda _, side=side: choose(side))
    if test.done:
        draw()
    box = VBox([style, words, start, photos, row])
    box.add_class("colorlib-turing")
    return box


def _welcome(test):
    moment = f"for {test.moment:g} s" if test.moment else "until you answer"
    return (
        f"<p>You will see {len(test.trials)} pairs, {moment} each: a photo, and the same photo as a network colored it "
        "that saw it in black and white. Which one is invented? Answer at any time, and guess when in doubt; the "
        "result comes at the end.</p>"
        "<p>Mouse or finger; or Tab, then Space or Enter; or the arrow keys &larr; and &rarr;.</p>"
    ) + (f"<p>Answered already: {len(test.results)}.</p>" if test.results else "")


def _trial(test):
    """The HTML of the question and of the current pair, which differ in nothing but their colors."""
    trial = test.trials[len(test.results)]
    photos = test.pairs[trial["pair"]][:: -1 if trial["invented"] == "left" else 1]
    hide = f"animation: colorlib-hide 0s {test.moment}s forwards" if test.moment else ""
    left, right = (_image(photo, f"{side} photo", style=hide) for side, photo in zip(SIDES, photos))
    left = left.replace("<img ", f'<img onload="{KEYS}" ')
    question = f"<p><b>Which one is invented?</b> Pair {len(test.results) + 1} of {len(test.trials)}.</p>"
    return question, f"<div class=pair><div>{left}</div><div>{right}</div></div>"


def _image(photo, alt, size=SHOWN, style=""):
    """An `<img>` of a photo `(H, W, 3) uint8`, at most `size` pixels and 400 CSS pixels high and wide."""
    image, file = Image.fromarray(photo), io.BytesIO()
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    image.save(file, "JPEG", quality=90)
    data = base64.b64encode(file.getvalue()).decode()
    wide = round(400 * min(1, photo.shape[1] / photo.shape[0]))
    return f'<img alt="{alt}" src="data:image/jpeg;base64,{data}" style="max-width: {wide}px; {style}">'


def _outcome(test):
    """The HTML of the result, drawn and in words, and of the pairs that fooled the judge."""
    page = f"{_bar(test.results)}<p role=status>{html.escape(verdict(test.results))}</p>"
    if test.path:
        page += f"<p>Saved in {html.escape(str(test.path))}; to begin again, delete it and run this again.</p>"
    names = [result["pair"] for result in test.results if result["answer"] != result["invented"]]
    page += "<p><b>These fooled you: left the real photo, right the invented colors.</b></p>" if names else ""
    for name in names:
        real, colored = (_image(photo, kind, 256) for photo, kind in zip(test.pairs[name], ("real", "invented")))
        pair = f"<div class=pair><div>{real}</div><div>{colored}</div></div>"
        page += f"<div class=fooled>{pair}{html.escape(name)}</div>"
    return page


def _bar(results):
    """An SVG of the fooling rate on a scale from 0 to 100 %, with its interval and two marks."""
    rate, low, high, paper, ceiling = (30 + 300 * share for share in (*score(results), PAPER, CEILING))
    label = f"fooling rate {score(results)[0] * 100:.0f} %"
    return f"""<svg viewBox="0 0 360 104" style="width: 100%; max-width: 540px" font-size="13"
role="img" aria-label="{label}">
<path d="M30 50H330M30 45V55M330 45V55" stroke="#767676"/>
<path d="M{paper} 24V76M{ceiling} 24V76" stroke="#a33c00" stroke-width="2" stroke-dasharray="4 3"/>
<text x="{paper + 4}" y="16" fill="#a33c00" text-anchor="end">32 %: the paper</text>
<text x="{ceiling - 4}" y="16" fill="#a33c00">50 %: cannot be told apart</text>
<path d="M{low} 50H{high}" stroke="#1d4f91" stroke-width="8"/><circle cx="{rate}" cy="50" r="7" fill="#1d4f91"/>
<text x="{min(max(rate, 62), 298)}" y="94" fill="#1d4f91" text-anchor="middle" font-weight="bold">{label}</text>
<text x="26" y="54" fill="#1a1a1a" text-anchor="end">0</text><text x="333" y="54" fill="#1a1a1a">100</text>
</svg>"""
