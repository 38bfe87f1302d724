"""Metrics of colors, and their table.

The protocol: a photo is resized to 256x256 (bicubic, in RGB). A method predicts ab from its L; both together, drawn
into sRGB, are compared with the photo. Photos with a mean chroma under 3, and those that cannot be read, are left out
and counted. PSNR and CIEDE2000 reward pale colors, colorfulness rewards vivid ones: read them together.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

from colorlib.color import lab_to_rgb, rgb_to_lab
from colorlib.files import reason, write_whole
from colorlib.film_metrics import cdc as cdc, flicker as flicker
from colorlib.finding import tell_some
from colorlib.inference import scaled as scaled
from colorlib.photos import PhotoError, check_photo, load_photo

SIZE = 256  # photos are measured at SIZE x SIZE
GRAY = 3  # mean chroma under which a photo counts as nearly gray
CEILINGS = (32, 64)  # sizes of the photo's own ab in the ceiling rows
FARTHEST = 150  # ab errors beyond this are all the same to AuC
SMOOTHING = 5  # sigma, in ab units, that smooths the probability of a color
RAREST = 1e-7  # no color counts as less probable than this, per square unit of ab


def psnr(photo, other):
    """Peak signal-to-noise ratio of two photos, `(H, W, 3) uint8` each, in dB, 60 at most."""
    _check(photo, other)
    error = np.mean((photo.astype(np.float32) - other) ** 2, dtype=np.float64)
    return float(min(60, 10 * np.log10(255**2 / error))) if error else 60.0


def ssim(photo, other):
    """Structural similarity of two photos, `(H, W, 3) uint8` each: 1 when they are equal.

    With Gaussian windows of sigma 1.5 (Wang et al. 2004), averaged over red, green and blue.
    """
    _check(photo, other)
    windows = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(skimage.metrics.structural_similarity(photo, other, channel_axis=-1, **windows))


def ciede2000(photo, other):
    """Color difference of two photos, `(H, W, 3) uint8` each, averaged: 1 is about just visible.

    CIEDE2000 with all weights 1 (Sharma, Wu & Dalal 2005).
    """
    _check(photo, other)
    return float(np.mean(skimage.color.deltaE_ciede2000(rgb_to_lab(photo), rgb_to_lab(other)), dtype=np.float64))


def colorfulness(photo):
    """How colorful a photo `(H, W, 3) uint8` is: 0 gray, 15 slightly, 45 averagely, 109 extremely.

    From the mean and spread of the signed R - G and (R + G) / 2 - B (Hasler & Suesstrunk 2003).
    Recent papers often take their absolute values, which gives another number.
    """
    _check(photo)
    red, green, blue = np.moveaxis(photo.astype(np.float32), -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue]).reshape(2, -1)
    spread, mean = opponents.std(axis=1, dtype=np.float64), opponents.mean(axis=1, dtype=np.float64)
    return float(np.hypot(*spread) + 0.3 * np.hypot(*mean))


def auc(error, weights=None):
    """The area under the curve of the fraction of pixels within an ab error of 0..150, in percent.

    It is the mean of 1 - error / 150, with larger errors counted as 150 (Zhang, Isola & Efros 2016).

    Args:
        error: The distance of each pixel from its true ab, in Lab units.
        weights: The weight of each pixel, of the same shape: None for the raw AuC, those of `Rarity` for the
            rebalanced one.
    """
    return float(100 - 100 / FARTHEST * np.average(np.minimum(error, FARTHEST), weights=weights))


class Rarity:
    """The rarity of colors among photos: `Rarity(photos)(ab)` is one over their probability.

    The probability is the fraction of pixels in each square unit of the ab plane, smoothed by a Gaussian of sigma 5
    (Zhang, Isola & Efros 2016, with lambda 0). It is at least 1e-7, or else a handful of pixels in a color that these
    photos hardly have would outweigh all others.

    Args:
        photos: Photos `(H, W, 3) uint8`, or paths; nearly gray ones are left out.
    """

    def __init__(self, photos):
        counts = np.zeros(256 * 256)
        for _, lab in _in_color(photos):
            counts += np.bincount(self._cells(lab[..., 1:]).ravel(), minlength=len(counts))
        share = counts.reshape(256, 256) / max(counts.sum(), 1)
        self._weights = 1 / np.maximum(skimage.filters.gaussian(share, SMOOTHING, mode="constant"), RAREST)

    def __call__(self, ab):
        """The weights `(...)` of colors `(..., 2)`."""
        return self._weights.take(self._cells(ab))

    @staticmethod
    def _cells(ab):
        a, b = np.moveaxis(np.clip(np.rint(ab) + 128, 0, 255).astype(int), -1, 0)
        return 256 * a + b


@dataclass(frozen=True)
class Guess:
    """One method's guess at one photo.

    Attributes:
        photo: The original, `(256, 256, 3) uint8`.
        colored: The guess under the photo's own L, `(256, 256, 3) uint8`.
        error: Each pixel's distance from its true ab, `(256, 256)` in Lab units.
        weights: How much each pixel counts when colors are rebalanced, `(256, 256)`.
    """

    photo: np.ndarray
    colored: np.ndarray
    error: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Column:
    """A column of the table: the sum of `value` over all photos, divided by the sum of `divisor`.

    Attributes:
        name: As it is printed.
        digits: Digits after the point.
        value: A function of a Guess.
        divisor: A function of a Guess; by default 1, which makes the column a mean over the photos.
    """

    name: str
    digits: int
    value: Callable[[Guess], float]
    divisor: Callable[[Guess], float] = lambda guess: 1.0


TABLE = [  # a new metric is one more line
    Column("PSNR", 2, lambda guess: psnr(guess.photo, guess.colored)),
    Column("SSIM", 3, lambda guess: ssim(guess.photo, guess.colored)),
    Column("CIEDE2000", 2, lambda guess: ciede2000(guess.photo, guess.colored)),
    Column(
        "colorfulness ratio",
        2,
        value=lambda guess: colorfulness(guess.colored),
        divisor=lambda guess: colorfulness(guess.photo),
    ),
    Column("AuC", 1, lambda guess: auc(guess.error)),
    Column(
        "AuC rebalanced",
        1,
        value=lambda guess: auc(guess.error, guess.weights) * guess.weights.sum(),
        divisor=lambda guess: guess.weights.sum(),
    ),
]
COLUMNS = tuple(column.name for column in TABLE)


def evaluate(photos, predictors, rarity=None, seen=None):
    """The table of scores: one dict per method, with "method", the names in COLUMNS, and counts.

    Scores are means over the photos, except that the colorfulness ratio is a ratio of two means, and that the
    rebalanced AuC is computed over all pixels together.

    Args:
        photos: A list of color photos `(H, W, 3) uint8`, or of their paths, which are opened one by one.
        predictors: name -> function from L `(256, 256) float32` 0..100 to ab `(256, 256, 2)`. The photo's own ab,
            reduced to 32x32 and 64x64, is added as a ceiling.
        rarity: The weights of pixels in the rebalanced AuC. None: the `Rarity` among these photos.
        seen: A function that changes the L that predictors get, such as `aging.worn`; the photo keeps its own.

    Raises:
        ValueError: No photo is in color, or a predictor returns another shape.
    """
    from tqdm.auto import tqdm

    photos = list(photos)
    rarity = rarity or Rarity(photos)
    sums, used = {}, 0  # sums: method -> (columns, 2), values and what they are divided by
    broken = []
    for photo, lab in _in_color(tqdm(photos, desc="measuring", unit="photo"), broken):
        weights, used = rarity(lab[..., 1:]), used + 1
        for name, ab in _guesses(lab, predictors, seen):
            guess = _guess(photo, lab, ab, weights)
            parts = np.array([(column.value(guess), column.divisor(guess)) for column in TABLE])
            sums[name] = sums.get(name, 0) + parts
    if not used:
        raise ValueError(f"None of {len(photos)} photos is in color; wanted at least one to measure on.")
    tell_some("Left out", broken)
    counts = {"photos": used, "left out": len(photos) - used - len(broken), "unreadable": len(broken)}
    return [
        {"method": name, **dict(zip(COLUMNS, (parts[:, 0] / parts[:, 1]).tolist())), **counts}
        for name, parts in sums.items()
    ]


def format_table(rows):
    """The rows of `evaluate` as text, one line a method, and a line on how many photos there were."""
    width = max(len(row["method"]) for row in rows)
    lines = [" " * width + "".join(f"  {column:>5}" for column in COLUMNS)]
    for row in rows:
        cells = (f"  {row[column.name]:{max(5, len(column.name))}.{column.digits}f}" for column in TABLE)
        lines.append(f"{row['method']:{width}}" + "".join(cells))
    unreadable = f", {rows[0]['unreadable']} unreadable" if rows[0].get("unreadable") else ""
    return "\n".join([*lines, f"{rows[0]['photos']} photos; {rows[0]['left out']} nearly gray{unreadable} left out."])


def save_table(rows, path):
    """Write the rows of `evaluate` as CSV; the Path. The file appears whole or not at all.

    Raises ValueError for a place that cannot be written.
    """
    path, text = Path(path), io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(text.getvalue().encode(), path)
    except OSError as error:
        raise ValueError(f"{path} could not be written: {reason(error)}.") from error
    return path


def _in_color(photos, broken=None):
    """(photo, its Lab) at the size of the protocol, of each photo that is not nearly gray."""
    for photo in squares(photos, broken):
        lab = rgb_to_lab(photo)
        if np.hypot(lab[..., 1], lab[..., 2]).mean() >= GRAY:
            yield photo, lab


def squares(photos, broken=None):
    """Each photo (or path of one) `(256, 256, 3) uint8`; of those that cannot be read, errors are added to `broken`."""
    for photo in photos:
        try:
            yield _square(photo)
        except PhotoError as error:
            (broken if broken is not None else []).append(str(error))


def _square(photo):
    photo = photo if isinstance(photo, np.ndarray) else load_photo(photo, least=2 * SIZE)
    _check(photo)
    return np.asarray(Image.fromarray(photo).resize((SIZE, SIZE), Image.Resampling.BICUBIC))


def _guesses(lab, predictors, seen):
    """(name, ab) of each predictor, then of each ceiling."""
    L, own = lab[..., 0], lab[..., 1:]
    L = seen(L) if seen else L
    for name, predict in predictors.items():
        ab = np.asarray(predict(L))
        if ab.shape != own.shape:
            raise ValueError(f"{name} gives ab of shape {ab.shape} for L of shape {L.shape}; wanted {own.shape}.")
        yield name, ab
    for side in CEILINGS:
        yield f"own ab {side}x{side}", scaled(scaled(own, side, side), *L.shape)


def _guess(photo, lab, ab, weights):
    colored = lab_to_rgb(np.concatenate([lab[..., :1], ab], axis=-1, dtype=np.float32))
    return Guess(photo, colored, np.linalg.norm((rgb_to_lab(colored) - lab)[..., 1:], axis=-1), weights)


def _check(*photos):
    for photo in photos:
        check_photo(photo)
    if len({photo.shape for photo in photos}) > 1:
        raise ValueError(f"The photos have shapes {photos[0].shape} and {photos[1].shape}; wanted one size.")
