"""The colorization Turing test: a photo and its colored twin side by side for a moment; which is invented?

After Zhang, Isola & Efros 2016, section 3.1. Nothing here knows a widget; the page is in `page.turing_page`.
"""

import json
import random
from pathlib import Path

import numpy as np

from colorlib.files import reason, write_whole
from colorlib.photos import PhotoError, check_photo

SIDES = ("left", "right")
CEILING = 0.5  # nobody can tell the invented from the real
PAPER = 0.32  # fooling rate of the network of Zhang, Isola & Efros 2016


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
    """A Turing test: its trials, answers and score. `page.turing_page.show(TuringTest(pairs))` shows it in a notebook.

    Args:
        pairs: A list of (real, colored), or a dict name -> (real, colored): photos `(H, W, 3) uint8` of one size.
        path: Where every answer is saved as JSON lines; the same test resumes from it. None: nowhere.
        moment: How many seconds a pair is shown. None: until the answer.
        seed: The seed of the order.

    Attributes:
        results: A dict per answer: the pair's name, the side that was invented and the side that was called so, and
            the mean RGB of the colored photo, by which a saved file recognizes its photos.

    Raises:
        ValueError: The pairs or the moment are something else, or the file is of another test (see `load_results`).
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

    @property
    def rate(self):
        """The fooling rate so far, 0..1; nan before the first answer."""
        return score(self.results)[0]

    @property
    def done(self):
        """Is every pair answered?"""
        return len(self.results) == len(self.trials)

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
                raise PhotoError(f"{self.path} could not be written: {reason(error)}.") from error
        self.results = results


def _checked(name, pair):
    """A pair of photos of one size, as arrays."""
    photos = [np.asarray(photo) for photo in pair]
    if len(photos) != 2 or photos[0].shape != photos[1].shape:
        shapes = ", ".join(str(photo.shape) for photo in photos[:2])
        raise ValueError(f"Pair {name} is {len(photos)} arrays, {shapes}; wanted (real, colored) of one size.")
    return [check_photo(photo, f"Pair {name}") for photo in photos]
