"""Fit the score that says whether a photo looks like a negative, and store it as colorlib/weights/negatives.npz.

    python tools/make_colorless.py data/landscapes/train data/colorless/train --count 900
    python tools/fit_negatives.py data/landscapes data/faces ... --colorless data/colorless

A logistic regression without an intercept tells photos from their negatives. Pictures of what has no colors, such as
paper and night skies, count as both: no side is right for them, so that their score comes near 0. The threshold is one
that at most ALARMS of the photos, and of these pictures, exceed when others are fitted to. Printed is how many of each
folder's `val/` are taken for negatives, and how many of their negatives are found.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from tqdm.auto import tqdm

from colorlib import Colorizer, find_photos, load_photo, negatives

ALARMS = 0.0025
C = 0.006
BATCH = 16


def seen_in(see, paths):
    """`negatives.differences` of photos, `(N, C)`."""
    squares = [negatives.square(load_photo(path)) for path in tqdm(paths)]
    batches = (squares[i : i + BATCH] for i in range(0, len(squares), BATCH))
    return np.concatenate([negatives.differences(see, batch) for batch in batches])


def fitted(photos, colorless):
    """The weights `(C,)` of differences `(N, C)` of photos, and of pictures without a right side."""
    turned = np.arange(len(photos)) % 2  # a photo and its negative say the same to a fit without an intercept
    features = np.concatenate([photos * (1 - 2 * turned[:, None]), colorless, colorless])
    are_negative = np.concatenate([turned, np.zeros(len(colorless)), np.ones(len(colorless))])
    return LogisticRegression(C=C, fit_intercept=False, max_iter=500).fit(features, are_negative).coef_[0]


def threshold_of(photos, colorless, folds=5):
    """The least score that at most ALARMS of the photos, and of the pictures, exceed when they are not fitted to."""
    scores = np.empty(len(photos)), np.empty(len(colorless))
    split = KFold(folds, shuffle=True, random_state=0).split
    for (learned, left), (learned_colorless, left_colorless) in zip(split(photos), split(colorless)):
        weights = fitted(photos[learned], colorless[learned_colorless])
        scores[0][left], scores[1][left_colorless] = photos[left] @ weights, colorless[left_colorless] @ weights
    return max(np.quantile(some, 1 - ALARMS) for some in scores)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of photos with train/ and val/")
    parser.add_argument("--colorless", type=Path, required=True, help="folder of `make_colorless.py`, the same")
    parser.add_argument("--old", type=Path, help="folder of old photos, to be measured only")
    parser.add_argument("--photos", type=int, default=300, help="photos to learn from, of each folder (300)")
    options = parser.parse_args()

    model = Colorizer().model
    see, rng = negatives.encoder_of(model), np.random.default_rng(0)
    learned = [rng.permutation(find_photos(folder / "train"))[: options.photos] for folder in options.folders]
    photos = seen_in(see, np.concatenate(learned))
    colorless = seen_in(see, find_photos(options.colorless / "train"))
    weights, threshold = fitted(photos, colorless), threshold_of(photos, colorless)
    negatives.save(weights, threshold, model)
    measured = [folder / "val" for folder in [*options.folders, options.colorless]] + [options.old] * bool(options.old)
    print("| photos | number | taken for negatives | negatives found |\n|---|---|---|---|")
    for folder in measured:
        scores = seen_in(see, find_photos(folder)) @ weights
        name = folder.parent.name if folder.name == "val" else folder.name
        print(f"| {name} | {len(scores)} | {(scores > threshold).sum()} | {(-scores > threshold).mean():.0%} |")


if __name__ == "__main__":
    main()
