"""The colorization Turing test: a photo and its colored twin side by side for a moment; which is invented?

After Zhang, Isola & Efros 2016, section 3.1. The functions know nothing of widgets, `TuringTest` joins both.
"""

import base64
import html
import json
import random
import time
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib.photos import PhotoError, write_whole

SIDES = ("left", "right")
CEILING = 0.5  # nobody can tell the invented from the real
PAPER = 0.32  # fooling rate of the network of Zhang, Isola & Efros 2016
SHOWN = 512  # pixels of the longer side, at most, that travel to the browser
TOO_SOON = 0.3  # seconds after a pair appears in which a click is the rest of a double click

STYLE = """<style>
.colorlib-turing {background: #fff; color: #1a1a1a; padding: 12px; max-width: 840px; box-sizing: border-box}
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

# Arrow keys, wherever the front end lets a page's own script run; Tab and Enter need none of this,
# but in JupyterLab, which keeps Enter and arrows for itself unless told not to.
KEYS = """const box = this.closest('.colorlib-turing');
box.tabIndex = -1;
box.dataset.lmSuppressShortcuts = true;
box.onkeydown = key => {
  if (!['ArrowLeft', 'ArrowRight'].includes(key.key)) return;
  key.preventDefault();
  if (!key.repeat) box.querySelector(key.key == 'ArrowLeft' ? '.colorlib-left' : '.colorlib-right').click();
};
if (!box.contains(document.activeElement)) box.focus({preventScroll: true});"""


def order(names, seed=0):
    """The trials of a test, shuffled: a list of (name, side the invented photo is on, "left" or "right").

    Both sides come equally often, one once more when `names` are odd: who always says "left" gets 50 %.
    """
    rng, names = random.Random(seed), list(names)
    sides = list(SIDES) * ((len(names) + 1) // 2)
    rng.shuffle(names)
    rng.shuffle(sides)
    return list(zip(names, sides))


def wilson(hits, trials, z=1.96):
    """The interval (low, high), 0..1, of a share seen as `hits` of `trials`: 95 % for z = 1.96 (Wilson 1927).

    Unlike the textbook's plus-minus it stays in 0..1 and has a width at 0 and at all hits. No trials
    say nothing: (0, 1).
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits of {trials} trials were given; wanted 0 <= hits <= trials.")
    if trials == 0:
        return 0.0, 1.0
    share, weight = hits / trials, z * z / trials
    middle = (share + weight / 2) / (1 + weight)
    half = (weight * share * (1 - share) + weight * weight / 4) ** 0.5 / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def score(results):
    """The fooling rate of results and its Wilson interval: (rate, low, high), 0..1; the rate of none is nan.

    The fooling rate is the share of trials in which the real photo was called invented.
    """
    fooled = sum(result["answer"] != result["invented"] for result in results)
    return (fooled / len(results) if results else float("nan"), *wilson(fooled, len(results)))


def verdict(results):
    """The fooling rate of results in two sentences: against the ceiling of 50 % and the paper's 32 %."""
    rate, low, high = score(results)
    ceiling, paper = (
        f"{'lies below' if high < mark else 'lies above' if low > mark else 'includes'} the {100 * mark:.0f} %"
        for mark in (CEILING, PAPER)
    )
    return (
        f"You took the invented photo for the real one in {100 * rate:.0f} % of {len(results)} trials; 95 % interval: "
        f"{100 * low:.0f} to {100 * high:.0f} %. The interval {ceiling} at which nobody can tell them apart, and "
        f"{paper} that Zhang, Isola & Efros report (2016, section 3.1: many people, other photos, one second)."
    )


def load_results(path, trials):
    """The results saved at `path`, a list of dicts like `trials` with an "answer" each; [] without a file.

    Raises ValueError for a damaged file, and for one of other photos, other colors or another seed.
    """
    try:
        results = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        sound = all(result["answer"] in SIDES for result in results)
        same = len(results) <= len(trials) and all(map(_same, results, trials))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError):
        sound = same = False
    if not (sound and same):
        why = "is of other photos, colors or another seed" if sound else "is damaged, or no Turing test's"
        raise ValueError(f"{path} {why}; delete it or name another file.")
    return results


def _same(result, trial):
    """Is a saved result one of this trial? The colors' mean tells networks apart, but not two runs of one."""
    close = np.allclose(result["mean"], trial["mean"], atol=0.5)
    return close and (result["pair"], result["invented"]) == (trial["pair"], trial["invented"])


class TuringTest:
    """The test as a widget: `TuringTest(pairs).show()` as the last line of a cell.

    `pairs` is a list of (real, colored), or a dict name -> (real, colored): photos `(H, W, 3) uint8`,
    both of one size. A pair is seen for `moment` seconds (None: until the answer). Every answer is
    saved to `path` (JSON lines; None: nowhere), where the same test goes on later; `seed` gives the
    order. Raises ValueError for other pairs or moments, and for a file as `load_results` does.

    `results` has a dict per answer: the pair's name, the sides that were and were called invented, and
    the colored photo's mean RGB, by which a file knows its photos. `rate` is the fooling rate, 0..1.
    """

    def __init__(self, pairs, path="outputs/turing.jsonl", moment=2, seed=0):
        pairs = pairs if isinstance(pairs, dict) else {f"photo {i}": pair for i, pair in enumerate(pairs, 1)}
        self.pairs = {str(name): _checked(name, pair) for name, pair in pairs.items()}
        if not self.pairs:
            raise ValueError("No pairs were given; wanted at least one (real, colored).")
        if moment is not None and not moment > 0:
            raise ValueError(f"moment is {moment}; wanted seconds, more than 0, or None.")
        self.moment, self.path = moment, None if path is None else Path(path)
        means = {name: pair[1].mean((0, 1)).round(1).tolist() for name, pair in self.pairs.items()}
        self.trials = [{"pair": name, "invented": side, "mean": means[name]} for name, side in order(self.pairs, seed)]
        self.results = load_results(self.path, self.trials) if path is not None else []
        self._page = None

    @property
    def rate(self):
        return score(self.results)[0]

    @property
    def done(self):
        return len(self.results) == len(self.trials)

    def show(self):
        """The widget, always the same one."""
        if self._page is None:
            self._page = _page(self)
        return self._page

    def answer(self, side):
        """Say which photo of the current trial is invented, "left" or "right", and save all answers.

        Raises ValueError for another side or when all is answered, PhotoError where nothing can be written.
        """
        if side not in SIDES or self.done:
            raise ValueError("All pairs are answered." if self.done else f"{side} was given; wanted left or right.")
        results = [*self.results, self.trials[len(self.results)] | {"answer": side}]
        if self.path is not None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                write_whole("".join(json.dumps(result) + "\n" for result in results).encode(), self.path)
            except OSError as error:
                raise PhotoError(f"{self.path} could not be written: {error.strerror or error}.") from error
        self.results = results


def _checked(name, pair):
    """A pair of photos of one size, as arrays."""
    photos = [np.asarray(photo) for photo in pair]
    sound = all(photo.dtype == np.uint8 and photo.ndim == 3 and photo.shape[2] == 3 and photo.size for photo in photos)
    if len(photos) != 2 or not sound or photos[0].shape != photos[1].shape:
        given = f"{len(photos)} arrays, {', '.join(f'{photo.dtype} {photo.shape}' for photo in photos[:2])}"
        raise ValueError(f"Pair {name} is {given}; wanted (real, colored), both (H, W, 3) uint8 of one size.")
    return photos


def _page(test):
    """The widget of a test. No threads (Colab does not show what they do): the photos hide by CSS."""
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
    page = VBox([style, words, start, photos, row])
    page.add_class("colorlib-turing")
    return page


def _welcome(test):
    moment = f"for {test.moment:g} s" if test.moment else "until you answer"
    return (
        f"<p>You will see {len(test.trials)} pairs, {moment} each: a photo, and the same photo as a network colored it "
        "that saw it in black and white. Which one is invented? Answer at any time, and guess when in doubt; the "
        "result comes at the end.</p><p>Mouse or finger; or Tab and Enter; or the arrow keys &larr; and &rarr;.</p>"
    ) + (f"<p>Answered already: {len(test.results)}.</p>" if test.results else "")


def _trial(test):
    """The question, and the current pair, hidden after a moment: nothing but the colors tells them apart."""
    trial = test.trials[len(test.results)]
    photos = test.pairs[trial["pair"]][:: -1 if trial["invented"] == "left" else 1]
    hide = f"animation: colorlib-hide 0s {test.moment}s forwards" if test.moment else ""
    left, right = (_image(photo, f"{side} photo", style=hide) for side, photo in zip(SIDES, photos))
    left = left.replace("<img ", f'<img onload="{KEYS}" ')
    question = f"<p><b>Which one is invented?</b> Pair {len(test.results) + 1} of {len(test.trials)}.</p>"
    return question, f"<div class=pair><div>{left}</div><div>{right}</div></div>"


def _image(photo, alt, size=SHOWN, style=""):
    """An `<img>` of a photo, at most `size` pixels and 400 CSS pixels high and wide."""
    from colorlib.plots import jpeg

    image = Image.fromarray(photo)
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    data = base64.b64encode(jpeg(np.asarray(image), 90)).decode()
    wide = round(400 * min(1, photo.shape[1] / photo.shape[0]))
    return f'<img alt="{alt}" src="data:image/jpeg;base64,{data}" style="max-width: {wide}px; {style}">'


def _outcome(test):
    """The result drawn, in words, and the pairs that fooled, with their secret given away."""
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
    """The fooling rate on a scale of 0 to 100 %, with its interval and both marks, as SVG."""
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
