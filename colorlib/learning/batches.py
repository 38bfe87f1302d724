"""Batches of (L, ab) to train on: photos decoded once, shuffled, augmented, the same in every run.

Each photo's middle square is kept as uint8 RGB, a little larger than the training size, so that a crop has room.
"""

import functools
import math
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np

from colorlib._fast_color import rgb_to_planes
from colorlib.learning.aging import AGINGS, aged
from colorlib.learning.augmentation import augmentations, augmented
from colorlib.learning.cache import square_of, squares
from colorlib.learning.sampling import draw
from colorlib.photos import check_photo, find_photos

MARGIN = 1.15  # side of the kept squares, in training sizes
THREADS = os.cpu_count() or 1


class Batches(keras.utils.PyDataset):
    """Batches of photos: `batches[i]` is L `(B, S, S, 1)` 0..100 and ab `(B, S, S, 2)`, float32, Lab units.

    S is `size`; B is `batch_size`, less in the last batch. The order and the augmentation of batch i in epoch e depend
    on (seed, e, i) alone, so call `fit` with shuffle=False. `fit`, `evaluate` and `predict` each add one to `epoch` (on
    JAX two, where there are so few batches that its first look takes them all). To resume, and in a loop of your own,
    set `epoch`.

    Args:
        photos: A folder with its subfolders, paths, or `(H, W, 3) uint8` photos in a list or dict.
        size: The side S of the windows, in pixels.
        batch_size: The number of photos in a batch.
        augment: True, False, or some of these names: "crop" (the window's place is random), "flip" (left and right),
            "shear" (rows slide by up to 0.2 of their distance), "zoom" (the window shows 0.8 to 1.15 times as much,
            height and width apart). True is these four, False the middle S x S pixels. Three more age L, not ab, see
            `aging`: "film", "tone" and "damage". A window never leaves its photo, so no border is invented.
        seed: The seed of order and augmentation.
        cache: The folder of the cache of decoded photos. None: $COLORLIB_CACHE, else ~/.cache/colorlib. The cache is
            made again when a photo's path, size or time of change differs; one unused for 30 days is removed.
        weights: How often each photo is drawn, relative to the others. None: each once an epoch.
        epoch_photos: How many photos make an epoch. None: as many as there are.

    Attributes:
        photos: The decoded squares, `(N, C, C, 3) uint8`, C = 1.15 S rounded up.
        sources: Each photo's (name, size in bytes); of an array, its number and checksum.
        broken: The files that could not be read, {path: error}.

    Raises:
        PhotoError: The folder is missing or has no photos, none can be read, or the cache cannot be written.
        ValueError: An argument is wrong.
    """

    def __init__(
        self, photos, size=128, batch_size=32, augment=True, seed=0, cache=None, weights=None, epoch_photos=None
    ):
        super().__init__()
        self.size = _whole("size", size, 8)
        self.batch_size = _whole("batch_size", batch_size, 1)
        self.seed = _whole("seed", seed, 0)
        self.augment = augmentations(augment)
        side = math.ceil(MARGIN * size)
        given = _listed(photos)
        weights = _weights(weights, len(given))
        if all(isinstance(photo, (str, os.PathLike)) for photo in given):
            paths = [Path(path).absolute() for path in given]
            self.photos, self.broken = squares(paths, side, cache)
            weights = weights if weights is None else weights[[str(path) not in self.broken for path in paths]]
            self.sources = [(path.name, _bytes_of(path)) for path in paths if str(path) not in self.broken]
        else:
            self.photos, self.broken = np.stack([square_of(_checked(photo), side) for photo in given]), {}
            self.sources = [(f"photo {i}", zlib.crc32(square)) for i, square in enumerate(self.photos)]
        self.weights = weights
        self.epoch_photos = len(self.photos) if epoch_photos is None else _whole("epoch_photos", epoch_photos, 1)
        self.epoch = 0

    @property
    def epoch(self):
        return self._epoch

    @epoch.setter
    def epoch(self, epoch):
        self._epoch = _whole("epoch", epoch, 0)
        rng = np.random.default_rng((self.seed, epoch, 0))
        plain = self.weights is None and self.epoch_photos == len(self.photos)
        weights = np.ones(len(self.photos)) if self.weights is None else self.weights
        self._order = rng.permutation(len(weights)) if plain else draw(weights, self.epoch_photos, rng)
        self._begun = self._last_given = False

    def on_epoch_begin(self):
        self._begun = True

    def on_epoch_end(self):
        """Count the epoch. Each call of `fit` also ends one that only looked at the first batch; it is not counted."""
        self.epoch += self._begun and self._last_given

    def __len__(self):
        return math.ceil(self.epoch_photos / self.batch_size)

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(f"index is {index}; there are batches 0..{len(self) - 1}.")
        self._last_given |= index == len(self) - 1
        chosen = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        chances = self._chance(index).random((len(chosen), 6))
        L = np.empty((len(chosen), self.size, self.size, 1), np.float32)
        ab = np.empty((len(chosen), self.size, self.size, 2), np.float32)

        def fill(numbers):
            for i in numbers:
                photo = augmented(self.photos[chosen[i]], self.size, self.augment, *chances[i])
                rgb_to_planes(photo, L[i, ..., 0], ab[i, ..., 0], ab[i, ..., 1])
                if self.augment & set(AGINGS):
                    L[i, ..., 0] = aged(photo, L[i, ..., 0], self._chance(index, i), self.augment)

        one_by_one = [iter(range(len(chosen)))] * THREADS  # each thread takes the next from one iterator
        list(_threads(os.getpid()).map(fill, one_by_one))
        return L, ab

    def _chance(self, index, *place):
        return np.random.default_rng((self.seed, self.epoch, index + 1, *place))


@functools.cache
def _threads(process):
    """A pool of threads, one per process. New threads for each batch would take a fifth of its time."""
    return ThreadPoolExecutor(THREADS)


def _whole(name, number, least):
    if not isinstance(number, (int, np.integer)) or number < least:
        raise ValueError(f"{name} is {number!r}; wanted a whole number, at least {least}.")
    return int(number)


def _weights(weights, count):
    weights = weights if weights is None else np.asarray(weights, np.float64)
    if weights is not None and (weights.shape != (count,) or not (weights >= 0).all() or not weights.sum()):
        raise ValueError(
            f"weights has shape {weights.shape} for {count} photos; wanted one number, 0 or more, a photo."
        )
    return weights


def _bytes_of(path):
    try:
        return path.stat().st_size
    except OSError:  # removed a moment ago
        return None


def _listed(photos):
    if isinstance(photos, (str, os.PathLike)):
        return find_photos(photos, least=1)
    given = list(photos.values() if isinstance(photos, dict) else photos) if hasattr(photos, "__iter__") else []
    if not given:
        raise ValueError(f"photos is {photos!r}; wanted a folder, paths, or (H, W, 3) uint8 photos.")
    return given


def _checked(photo):
    if not isinstance(photo, np.ndarray):
        raise ValueError(f"One of the photos is a {type(photo).__name__}; wanted only paths, or only arrays.")
    return check_photo(photo, "A photo")
