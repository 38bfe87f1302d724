"""What a network has to beat: gray, the mean color, a look-up table, the photos that look most alike."""

import numpy as np

from colorlib.color import rgb_to_lab
from colorlib.metrics import scaled, squares

SMALL = 32  # side of the copies of training photos that baselines are fitted on
THUMBNAIL = 16  # side of the ones that Neighbors compares and takes ab from


def fit(photos, most=6000, seed=0):
    """The baselines, fitted on training photos: name -> function of L, as `metrics.evaluate` takes them.

    They are gray, the mean ab, the look-up table E[ab | L, y], and the retrieval of 10 nearest neighbors.

    Args:
        photos: A list of photos `(H, W, 3) uint8`, or of their paths.
        most: The largest number of photos used; more are sampled.
        seed: The seed of that sample.

    Raises:
        ValueError: No photo can be read.
    """
    photos = list(photos)
    chosen = np.random.default_rng(seed).permutation(len(photos))[:most]
    labs = [scaled(rgb_to_lab(square), SMALL, SMALL) for square in squares(photos[i] for i in chosen)]
    if not labs:
        raise ValueError(f"None of {len(photos)} photos can be read to fit the baselines on; wanted at least one.")
    labs = np.stack(labs)
    return {"gray": gray, "mean ab": LookUp(labs, 1, 1), "look-up": LookUp(labs), "10-NN": Neighbors(labs)}


def gray(L):
    """No color: ab `(H, W, 2)` of zeros for L `(H, W)`."""
    return np.zeros((*L.shape, 2), np.float32)


class LookUp:
    """E[ab | L, y]: the mean ab of training photos, Lab `(N, h, w, 3)`, at each lightness and height.

    L is divided into `steps` cells and y into `heights`; with one of each it is the mean ab. Cells without photos get
    the mean of all.
    """

    def __init__(self, labs, steps=50, heights=16):
        self.steps, self.heights = steps, heights
        cells = np.stack([self._cells(L) for L in labs[..., 0]]).ravel()
        count = np.bincount(cells, minlength=steps * heights)
        planes = np.moveaxis(labs[..., 1:], -1, 0)
        sums = np.stack([np.bincount(cells, plane.ravel(), len(count)) for plane in planes], axis=-1)
        means = sums / np.maximum(count, 1)[:, None]
        self.ab = np.where(count[:, None] > 0, means, sums.sum(axis=0) / len(cells)).astype(np.float32)

    def __call__(self, L):
        return self.ab[self._cells(L)]

    def _cells(self, L):
        step = np.clip(L * (self.steps / 100), 0, self.steps - 1).astype(int)
        height = np.arange(len(L)) * self.heights // len(L)
        return step * self.heights + height[:, None]


class Neighbors:
    """Retrieval: the mean 16x16 ab of the `k` training photos, Lab `(N, h, w, 3)`, that look most alike.

    Likeness is the distance of two descriptors: the 16x16 L less its mean and the size of its
    gradient, each scaled to length 1, so that exposure and contrast do not matter.
    """

    def __init__(self, labs, k=10):
        small = np.stack([scaled(lab, THUMBNAIL, THUMBNAIL) for lab in labs])
        self.k, self.ab = min(k, len(small)), small[..., 1:]
        self.descriptors = np.stack([self._descriptor(L) for L in small[..., 0]])

    def __call__(self, L):
        wanted = self._descriptor(scaled(L[..., None], THUMBNAIL, THUMBNAIL)[..., 0])
        distances = ((self.descriptors - wanted) ** 2).sum(axis=1)
        nearest = np.argpartition(distances, self.k - 1)[: self.k]
        return scaled(self.ab[nearest].mean(axis=0), *L.shape)

    @staticmethod
    def _descriptor(L):
        parts = L - L.mean(), np.hypot(*np.gradient(L))
        return np.concatenate([part.ravel() / max(np.linalg.norm(part), 1e-6) for part in parts])
