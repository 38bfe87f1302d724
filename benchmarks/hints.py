"""Color by hand: what a hint gains, and what a click costs.

Photos of 192 x 192 pixels that the network never learned from; hints at random points, each with the mean color of the
original's 5 x 5 pixels there. The gain is the PSNR of the photo with hints minus that of the automatic result, in dB,
as mean and standard error over the photos. *Clicks where it is worst* are, one by one, those of 10 random points where
the result so far is farthest from the original, as somebody who corrects a photo would click. *Levin* spreads the same
corrections by optimization (Levin, Lischinski & Weiss 2004: neighbors of like L get like colors, at 96 x 96), *patch*
changes only the 5 x 5 pixels; both on every 10th photo. *iDeepColor* are the gains that Zhang et al. 2017 publish for a
network trained on 1.3 million photos with hints: on other photos (1,000 of ImageNet) and from another automatic result,
so they are a landmark, not a race. A click is a hint added to a photo of 2 megapixels until its preview of 900 pixels
is there. The settings of the spreading were chosen on 140 of these photos.

The photos are `val/` of data/landscapes, data/faces and data/general, or of the folders named as arguments.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from measure import mosaic, table
from PIL import Image
from scipy.ndimage import uniform_filter
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import spsolve

import colorlib
from colorlib import Hint, lab_to_rgb, metrics, rgb_to_lab
from colorlib.inference import SmallAB

SIDE = 192
COUNTS = (1, 2, 5, 10, 20, 50, 100)
IDEEPCOLOR = (0.94, 1.77, 2.96, 3.99, 4.91, 5.99, 6.70)
LEVIN_SIDE = 96
ROOT = Path(__file__).parent.parent


def photos_of(folders, limit):
    """Photos `(192, 192, 3) uint8` of folders in a fixed random order, gray ones left out."""
    paths = [path for folder in folders for path in colorlib.find_photos(folder / "val")]
    for path in np.random.default_rng(0).permutation(np.array(paths, object))[:limit]:
        photo = Image.fromarray(colorlib.load_photo(path))
        kind = Image.Resampling.BOX if min(photo.size) >= SIDE else Image.Resampling.BICUBIC
        photo = np.asarray(photo.resize((SIDE, SIDE), kind))
        if np.linalg.norm(rgb_to_lab(photo)[..., 1:], axis=-1).mean() >= metrics.GRAY:
            yield photo


def hints_at(points, means):
    """Hints at pixels `(N, 2)` with the colors of `means`, Lab `(192, 192, 3)`."""
    colors = lab_to_rgb(means[tuple(points.T)])
    return [Hint((x + 0.5) / SIDE, (y + 0.5) / SIDE, tuple(map(int, rgb))) for (y, x), rgb in zip(points, colors)]


def worst_first(hand, photo, means, count, rng):
    """Points chosen one by one, each the worst of 10 random ones in the result of those before."""
    points, gains = np.zeros((0, 2), int), []
    start = now = hand.color()
    for _ in range(count):
        tried = rng.integers(3, SIDE - 3, (10, 2))
        off = np.linalg.norm((rgb_to_lab(now) - means)[..., 1:], axis=-1)
        points = np.vstack([points, tried[np.argmax(off[tuple(tried.T)])]])
        now = hand.color(hints_at(points, means))
        gains.append(metrics.psnr(now, photo) - metrics.psnr(start, photo))
    return gains


def patch(ab, points, targets):
    ab = ab.copy()
    for (y, x), target in zip(points, targets):
        ab[y - 2 : y + 3, x - 2 : x + 3] = target
    return ab


def levin(ab, L, points, targets):
    """ab plus the correction at the points, spread by optimization on a copy of 96 x 96."""
    step = SIDE // LEVIN_SIDE
    small = L.reshape(LEVIN_SIDE, step, LEVIN_SIDE, step).mean(axis=(1, 3))
    number = np.arange(small.size).reshape(small.shape)
    pairs = [(number[1:], number[:-1]), (number[:, 1:], number[:, :-1])]
    pairs += [(number[1:, 1:], number[:-1, :-1]), (number[1:, :-1], number[:-1, 1:])]
    one, other = (np.concatenate([pair[i].ravel() for pair in pairs]) for i in (0, 1))
    mean = uniform_filter(small, 3)
    variance = np.maximum(uniform_filter(small**2, 3) - mean**2, 4).ravel()
    weight = np.exp(-np.square(small.ravel()[one] - small.ravel()[other]) / (2 * (variance[one] + variance[other]) / 2))
    graph = coo_matrix((np.maximum(weight, 1e-5), (one, other)), (small.size, small.size))
    graph = graph + graph.T
    fixed, wanted = np.zeros(small.size), np.zeros((small.size, 2))
    at = number[tuple((points // step).T)]
    fixed[at], wanted[at] = 1e3, targets - ab[tuple(points.T)]
    solved = spsolve((diags(np.asarray(graph.sum(1)).ravel() + fixed) - graph).tocsc(), fixed[:, None] * wanted)
    planes = solved.reshape(LEVIN_SIDE, LEVIN_SIDE, 2).astype(np.float32)
    large = [
        np.asarray(Image.fromarray(planes[..., i]).resize((SIDE, SIDE), Image.Resampling.BILINEAR)) for i in (0, 1)
    ]
    return ab + np.stack(large, axis=-1)


def gains_beside(hand, photo, L, points, targets, before):
    """Gains of Levin's way and of the patch, one row a count."""
    rows = []
    for count in COUNTS:
        some = points[:count], targets[:count]
        for ab in (levin(hand.own_ab, L, *some), patch(hand.own_ab, *some)):
            small = SmallAB(hand.answer.L, ab, hand.colorizer.settings.edges)
            rows.append(metrics.psnr(hand.colorizer.enlarged(L, small), photo) - before)
    return np.reshape(rows, (len(COUNTS), 2))


def measured(colorizer, photos):
    """Gains `(photos, counts)` of hints, of worst-first hints (8), and `(fewer, counts, 2)` of the two others."""
    ours, worst, beside = [], [], []
    for i, photo in enumerate(photos):
        rng = np.random.default_rng(i)
        lab = rgb_to_lab(photo)
        means = uniform_filter(lab, (5, 5, 1))
        points = rng.integers(3, SIDE - 3, (max(COUNTS), 2))
        hand = colorizer.by_hand(photo)
        before = metrics.psnr(hand.color(), photo)
        hints = hints_at(points, means)
        ours.append([metrics.psnr(hand.color(hints[:count]), photo) - before for count in COUNTS])
        if i % 10 == 0:
            worst.append(worst_first(hand, photo, means, 10, rng))
            targets = means[tuple(points.T)][:, 1:]
            beside.append(gains_beside(hand, photo, lab[..., 0].copy(), points, targets, before))
        if i % 50 == 0:
            print(f"  {i} photos: {np.mean(ours, axis=0).round(2)}", file=sys.stderr, flush=True)
    return np.array(ours), np.array(worst), np.array(beside)


def click(colorizer):
    """Milliseconds of processor time, and of wall time, of a click: the medians of 15 with one to five hints."""
    photo = np.asarray(Image.fromarray(mosaic(3, 4, 400)).resize((1632, 1224)))
    hand = colorizer.by_hand(photo)
    rng, costs = np.random.default_rng(0), []
    for i in range(18):
        hints = [Hint(*rng.random(2), tuple(map(int, rng.integers(0, 256, 3)))) for _ in range(1 + i % 5)]
        wall, cpu = time.perf_counter(), time.process_time()
        colorlib.photos.encoded(hand.preview(hints), ".jpg", 85)
        costs.append([1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)])
    return np.median(costs[3:], axis=0)


def with_error(gains):
    return [f"{m:.2f} ± {e:.2f}" for m, e in zip(gains.mean(axis=0), gains.std(axis=0) / np.sqrt(len(gains)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folders = [ROOT / "data" / name for name in ("landscapes", "faces", "general")]
    parser.add_argument("folders", nargs="*", type=Path, default=folders)
    parser.add_argument("--photos", type=int, help="how many photos (all)")
    options = parser.parse_args()
    if missing := [str(folder) for folder in options.folders if not (folder / "val").is_dir()]:
        sys.exit(f"There is no folder val/ in {', '.join(missing)}; wanted the photos of data/README.md.")
    colorizer = colorlib.Colorizer()
    ours, worst, beside = measured(colorizer, photos_of(options.folders, options.photos))
    header = ["hints", "photos", *COUNTS]
    table(
        header,
        [
            ["ours, random points", len(ours), *with_error(ours)],
            ["Levin 2004 on the correction", len(beside), *with_error(beside[..., 0])],
            ["patch only", len(beside), *with_error(beside[..., 1])],
            ["iDeepColor, as published", 1000, *(f"{gain:.2f}" for gain in IDEEPCOLOR)],
            ["ours / iDeepColor", "", *(f"{gain:.2f}" for gain in ours.mean(axis=0) / IDEEPCOLOR)],
        ],
    )
    table(["clicks where it is worst", *range(1, 11)], [[f"{len(worst)} photos", *with_error(worst)]])
    cpu, wall = click(colorizer)
    table(["a click at 2 megapixels", "CPU ms", "wall ms"], [["hint to preview", float(cpu), float(wall)]])


if __name__ == "__main__":
    main()
