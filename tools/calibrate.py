"""The inference settings of a trained network: a sweep over those of `layers.AnnealedMean` and `inference`.

    python tools/calibrate.py runs/unet/best.keras data/landscapes data/faces data/general

For validation photos (`val/` of each folder), its logits are computed once a size and a stretching of levels. Then,
for each prior correction (tau), temperature and fading, ab is multiplied so that the colorfulness ratio becomes
0.88, and the CIEDE2000 of the photos, 64 x 64 pixels with their own L, is printed: at unequal colorfulness,
CIEDE2000 only rewards gray. Lowest first, one column a folder. The prior is that of the folders' `train/`.
"""

import argparse
import itertools
from pathlib import Path

import keras
import numpy as np
from skimage.color import deltaE_ciede2000
from tqdm.auto import tqdm

from colorlib import ab_bins, find_photos, lab_to_rgb, load_photo, models, rgb_to_lab
from colorlib.colorizer import Colorizer
from colorlib.inference import stretched
from colorlib.learning.aging import worn
from colorlib.metrics import colorfulness, scaled, squares

SMALL = 64
GAINS = (0.9, 1.05, 1.2, 1.4)


def prior_of(folders, each=500, seed=0):
    """The share of each bin in the training photos of folders, `(Q,)`, from `each` photos of each."""
    rng, shares, counts = np.random.default_rng(seed), [], []
    for folder in folders:
        paths = rng.permutation(find_photos(folder / "train"))
        shares.append(ab_bins.prior(load_photo(path) for path in paths[:each]))
        counts.append(len(paths))
    return np.average(shares, axis=0, weights=counts)


def logits_of(model, L, size, levels):
    """Logits of a photo's L and of its mirror image, `(2, h, w, Q) float16`, at a working size."""
    small = stretched(scaled(L[..., None], size, size)[..., 0], levels)
    both = np.stack([small, small[:, ::-1]])[..., None]
    return np.asarray(model(both, training=False), np.float16)


def mean_color(logits, shift, temperature, fade):
    """ab `(h, w, 2)`: the annealed means of photo and mirror image, averaged, as `Colorizer` does it."""
    ab = ab_bins.annealed_mean_numpy(logits.astype(np.float32), temperature, shift, fade=fade)
    return (ab[0] + ab[1, :, ::-1]) / 2


def scores(truths, guesses, gain):
    """Colorfulness ratio and CIEDE2000 of guesses, both lists of `(64, 64, ...)`."""
    fitted = [lab_to_rgb(np.concatenate([t[..., :1], gain * g], -1)) for t, g in zip(truths, guesses)]
    own = [colorfulness(lab_to_rgb(truth)) for truth in truths]
    errors = [deltaE_ciede2000(truth, rgb_to_lab(photo)).mean() for truth, photo in zip(truths, fitted)]
    return np.mean([colorfulness(photo) for photo in fitted]) / np.mean(own), np.array(errors)


def at_equal_colorfulness(truths, guesses, ratio):
    """(CIEDE2000 of each photo, gain) where the colorfulness ratio is `ratio`, by straight lines between GAINS."""
    points = [scores(truths, guesses, gain) for gain in GAINS]
    ratios = [point[0] for point in points]
    gain = float(np.interp(ratio, ratios, GAINS))
    return np.array([np.interp(gain, GAINS, column) for column in np.stack([p[1] for p in points], 1)]), gain


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--photos", type=int, default=60, help="validation photos of each folder (60)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 160, 192])
    parser.add_argument("--levels", type=float, nargs="+", default=[0.0, 0.5])
    parser.add_argument("--tau", type=float, nargs="+", default=[-0.25, 0.0, 0.25])
    parser.add_argument("--temperature", type=float, nargs="+", default=[0.3, 0.4, 0.5])
    parser.add_argument("--fade", type=float, nargs="+", default=[0.0, 1.0])
    parser.add_argument("--ratio", type=float, default=0.88)
    parser.add_argument("--worn", action="store_true", help="of a worn copy of the photos")
    options = parser.parse_args()

    network = models.learner(Colorizer(options.model).model)
    rng = np.random.default_rng(0)
    held_out = [rng.permutation(find_photos(folder / "val"))[: options.photos] for folder in options.folders]
    labs = [[rgb_to_lab(photo) for photo in squares(paths)] for paths in held_out]
    log_weights = np.log(ab_bins.weights(prior_of(options.folders)))
    truths = [[scaled(lab, SMALL, SMALL) for lab in some] for some in labs]
    rows = []
    for size, levels in itertools.product(options.sizes, options.levels):
        seen = [[worn(lab[..., 0]) if options.worn else lab[..., 0] for lab in some] for some in labs]
        logits = [[logits_of(network, L, size, levels) for L in some] for some in tqdm(seen, desc=f"{size} {levels}")]
        for tau, temperature, fade in itertools.product(options.tau, options.temperature, options.fade):
            setting = tau * log_weights, temperature, fade
            guesses = [[scaled(mean_color(one, *setting), SMALL, SMALL) for one in some] for some in logits]
            errors, gain = at_equal_colorfulness(sum(truths, []), sum(guesses, []), options.ratio)
            each = [part.mean() for part in np.split(errors, np.cumsum([len(some) for some in truths])[:-1])]
            rows.append((np.mean(each), size, levels, tau, temperature, fade, gain, *each))
    print("mean  size levels  tau    T fade gain ", *(folder.name for folder in options.folders))
    for row in sorted(rows):
        print("{:5.2f} {:5d} {:6.2f} {:5.2f} {:4.2f} {:4.1f} {:4.2f} ".format(*row), *(f"{e:7.2f}" for e in row[7:]))


if __name__ == "__main__":
    keras.utils.disable_interactive_logging()
    main()
