"""The picture of results in the README, `docs/results.jpg`, of photos that nobody chose.

    python tools/results_picture.py data/landscapes data/faces data/general

The first four of each folder's `val/`, in the order of `numpy.random.default_rng(2026).permutation`, and the sample
`camera`; above what the network is given, in the middle what `Colorizer.from_pretrained()` makes of it, below the
photo itself.
"""

import sys

import numpy as np
from PIL import Image

from colorlib import Colorizer, find_photos, load_photo, save_photo
from colorlib.color import gray_of
from colorlib.photos import sample_photo

SIDE, EACH, SEED = 160, 4, 2026


def square(photo):
    """The middle of a photo, gray or not, `(SIDE, SIDE, 3) uint8`."""
    height, width = photo.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = Image.fromarray(photo[top : top + side, left : left + side]).convert("RGB")
    return np.asarray(middle.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def main(folders):
    colorizer, photos = Colorizer.from_pretrained(), []
    for folder in folders:
        order = np.random.default_rng(SEED).permutation(find_photos(f"{folder}/val"))
        photos += map(load_photo, order[:EACH])
    photos.append(sample_photo("camera"))
    columns = [np.vstack([square(gray_of(photo)), square(colorizer(photo)), square(photo)]) for photo in photos]
    half = (len(columns) + 1) // 2
    gap = np.full((12, half * SIDE, 3), 255, np.uint8)
    empty = [np.full_like(columns[0], 255)] * (2 * half - len(columns))
    save_photo(np.vstack([np.hstack(columns[:half]), gap, np.hstack(columns[half:] + empty)]), "docs/results.jpg")


if __name__ == "__main__":
    main(sys.argv[1:])
