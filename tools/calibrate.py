"""The best inference settings of a trained network: a sweep over what `models.AnnealedMean` and `inference` leave open.

    python tools/calibrate.py runs/unet/best.keras data/landscapes data/faces data/general

Validation photos (`val/` of each folder) go through the network once for each size and stretching of levels. For each
smoothing, prior correction (tau), temperature and fading, ab is then multiplied so that the colorfulness ratio of all
photos together becomes 0.88: at unequal colorfulness, CIEDE2000 only rewards gray. Printed are the gain and, for each
folder, CIEDE2000 of 64 x 64 pixels with their own L, and the colorfulness ratio; lowest mean of CIEDE2000 first. The
prior is that of the folders' `train/`.
"""

import argparse
import itertools
from pathlib import Path

import keras
import numpy as np
from skimage.color import deltaE_ciede2000
from tqdm.auto import tqdm

from colorlib import Colorizer, ab_bins, find_photos, inference, lab_to_rgb, load_photo, rgb_to_lab
from colorlib.learning import sampling
from colorlib.learning.aging import worn
from colorlib.metrics import colorfulness, scaled, squares

SMALL = 64
GAINS = (0.9, 1.1, 1.3, 1.6)


def prior_of(folders, weights=None, count=5000, seed=0):
    """The share of each bin, `(Q,)`, in `count` training photos of folders, drawn by a file of sampling weights."""
    paths = [path for folder in folders for path in find_photos(folder / "train")]
    chances = np.ones(len(paths)) if weights is None else sampling.weights_of(paths, weights)
    chosen = sampling.draw(chances, min(count, len(paths)), np.random.default_rng(seed))
    return ab_bins.prior(load_photo(paths[i]) for i in chosen)


def compact(answer):
    """The logits `(V, h, w, Q)` and features `(h, w, C)` of an Answer, both float16: hundreds fit in memory."""
    return answer.logits.astype(np.float16), answer.features.astype(np.float16)


def distribution(logits, features, shift, smooth):
    """Logits that `ab_of` takes, of one photo: smoothed over places and views, or as they are."""
    logits = logits.astype(np.float32)
    return inference.smoothed_logits(logits, features.astype(np.float32), shift, smooth) if smooth else logits


def ab_of(logits, shift, temperature, fade):
    """ab `(SMALL, SMALL, 2)` of a photo's logits `(V, h, w, Q)`, as `Colorizer` makes it, before gain and edges."""
    ab = ab_bins.annealed_mean_numpy(logits, temperature, shift, fade=fade).mean(axis=0)
    return scaled(ab, SMALL, SMALL)


def scores(truths, guesses, gain):
    """Of each photo: its colorfulness, that of its guess, and their CIEDE2000, `(N, 3)`."""
    rows = []
    for truth, guess in zip(truths, guesses):
        photo = lab_to_rgb(np.concatenate([truth[..., :1], gain * guess], -1, dtype=np.float32))
        error = deltaE_ciede2000(truth, rgb_to_lab(photo)).mean()
        rows.append((colorfulness(lab_to_rgb(truth)), colorfulness(photo), error))
    return np.array(rows)


def at_equal_colorfulness(truths, guesses, ratio):
    """(gain, scores `(N, 3)`) where the ratio of colorfulness is `ratio`, by straight lines between GAINS."""
    tables = np.stack([scores(truths, guesses, gain) for gain in GAINS])  # (G, N, 3)
    ratios = tables[:, :, 1].sum(1) / tables[:, :, 0].sum(1)
    gain = float(np.interp(ratio, ratios, GAINS))
    after = int(np.clip(np.searchsorted(GAINS, gain), 1, len(GAINS) - 1))
    share = (gain - GAINS[after - 1]) / (GAINS[after] - GAINS[after - 1])
    return gain, tables[after - 1] * (1 - share) + tables[after] * share


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--weights", type=Path, help="the sampling weights it was trained with")
    parser.add_argument("--photos", type=int, default=30, help="validation photos of each folder (30)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[192])
    parser.add_argument("--levels", type=float, nargs="+", default=[0.25])
    parser.add_argument("--smooth", type=float, nargs="+", default=[0.0, 0.05])
    parser.add_argument("--tau", type=float, nargs="+", default=[0.0, 0.25])
    parser.add_argument("--temperature", type=float, nargs="+", default=[0.3, 0.4, 0.5])
    parser.add_argument("--fade", type=float, nargs="+", default=[0.0, 1.0])
    parser.add_argument("--ratio", type=float, default=0.88)
    parser.add_argument("--worn", action="store_true", help="of a worn copy of the photos")
    options = parser.parse_args()

    rng = np.random.default_rng(0)
    held_out = [rng.permutation(find_photos(folder / "val"))[: options.photos] for folder in options.folders]
    labs = [rgb_to_lab(photo) for some in held_out for photo in squares(some)]
    ends = np.cumsum([len(some) for some in held_out])[:-1]
    log_weights = np.log(ab_bins.weights(prior_of(options.folders, options.weights)))
    truths = [scaled(lab, SMALL, SMALL) for lab in labs]
    rows = []
    for size, levels in itertools.product(options.sizes, options.levels):
        colorizer = Colorizer(options.model, settings=inference.InferenceSettings(size, levels, mirror=True))
        seen = (worn(lab[..., 0]) if options.worn else lab[..., 0] for lab in labs)
        answers = [compact(colorizer.answer(L)) for L in tqdm(seen, total=len(labs), desc=f"{size} {levels}")]
        for smooth, tau in itertools.product(options.smooth, options.tau):
            shift = tau * log_weights
            ready = [distribution(*answer, shift, smooth) for answer in answers]
            for temperature, fade in itertools.product(options.temperature, options.fade):
                guesses = [ab_of(logits, shift, temperature, fade) for logits in ready]
                gain, table = at_equal_colorfulness(truths, guesses, options.ratio)
                each = [(part[:, 2].mean(), part[:, 1].sum() / part[:, 0].sum()) for part in np.split(table, ends)]
                rows.append((np.mean([e for e, _ in each]), size, levels, smooth, tau, temperature, fade, gain, each))
    print("mean  size levels smooth  tau    T fade gain ", *(f"{folder.name:>14}" for folder in options.folders))
    for *row, each in sorted(rows):
        cells = (f"{error:8.2f} / {ratio:.2f}" for error, ratio in each)
        print("{:5.2f} {:5d} {:6.2f} {:6.2f} {:4.2f} {:4.2f} {:4.1f} {:4.2f} ".format(*row), *cells)


if __name__ == "__main__":
    keras.utils.disable_interactive_logging()
    main()
