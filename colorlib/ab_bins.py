"""The ab plane in bins: which colors exist, how rare each is, and how a distribution becomes one color.

After R. Zhang, P. Isola & A. A. Efros, "Colorful Image Colorization", ECCV 2016, sections 2.1 to 2.3. Notebook 04
derives it. Colors are ab in Lab units. Q is the number of bins; bins are numbered 0..Q-1.
"""

import functools
import itertools

import numpy as np

from colorlib.color import rgb_to_lab


class _Ops:
    """`keras.ops`, imported when first used: a page that was only opened has not loaded TensorFlow."""

    def __getattr__(self, name):
        import keras

        return getattr(keras.ops, name)


ops = _Ops()

GRID = 10  # side of a bin, in ab units
SIGMA = 5  # sigma of the Gaussians of the soft encoding and of the smoothed prior, in ab units
NEAREST = 5  # number of bins in the soft encoding of a color
TEMPERATURE = 0.38  # temperature of the annealed mean
LAMBDA = 0.5  # fraction of the uniform distribution in the re-weighting


@functools.cache
def bins(grid=GRID):
    """The centers of the bins, `(Q, 2) float32` ab: all squares of the grid that contain some sRGB color.

    Squares are centered on multiples of `grid`. The six faces of the RGB cube suffice: any color inside the cube can
    be made lighter, at the same ab, until it reaches a face. 261 squares of 10 units contain a color. The paper counts
    313, more than sRGB can show at any lightness.
    """
    side = np.arange(256, dtype=np.uint8)
    faces = [_face(side, axis, value) for axis, value in itertools.product(range(3), (0, 255))]
    ab = rgb_to_lab(np.concatenate(faces))[:, 1:]
    return (grid * np.unique(np.rint(ab / grid), axis=0)).astype(np.float32)


def _face(side, axis, value):
    first, second = np.meshgrid(side, side)
    return np.insert(np.stack([first.ravel(), second.ravel()], axis=-1), axis, value, axis=-1)


def distances(ab):
    """The squared distances of colors `(..., 2)` from the centers of the bins: `(..., Q)`, in ab units squared."""
    centers = ops.convert_to_tensor(bins())
    products = ops.matmul(ab, ops.transpose(centers))
    return ops.sum(ab * ab, -1, keepdims=True) - 2 * products + ops.sum(centers * centers, -1)


def nearest(ab):
    """The number of the bin nearest to each of the colors `(..., 2)`: `(...) int32`."""
    return ops.argmin(distances(ab), axis=-1)


def soft_encode(ab):
    """The soft encoding of colors `(..., 2)`: distributions over the bins, `(..., Q)`, each with the sum 1.

    The 5 nearest bins are weighted by a Gaussian of their distance, sigma 5 (section 2.1). If several are equally far,
    more than 5 may take part.
    """
    far = distances(ab)
    farthest = -ops.top_k(-far, NEAREST)[0][..., -1:]
    least = ops.min(far, -1, keepdims=True)  # subtracted, so that exp does not underflow for colors far from all bins
    shares = ops.where(far <= farthest, ops.exp((least - far) / (2 * SIGMA**2)), 0.0)
    return shares / ops.sum(shares, -1, keepdims=True)


def annealed_mean(logits, temperature=TEMPERATURE, shift=0.0, gain=1.0, fade=0.0):
    """The color of each distribution: its mean, its peaks sharpened. Section 2.3.

    Args:
        logits: `(..., Q)`, a tensor or an array.
        temperature: At 1 it is the plain mean, which is grayish; towards 0 it becomes the likeliest bin, which is
            vivid and patchy.
        shift: `(Q,)`, subtracted from the logits first: it corrects the prior (Menon et al. 2021).
        gain: What ab is multiplied by.
        fade: The power to which a color is faded where its distribution contradicts itself: by the length of the
            mean color over the mean length of the colors.

    Returns:
        ab `(..., 2)` in Lab units, a tensor.
    """
    centers = ops.convert_to_tensor(bins())  # (Q, 2)
    shares = ops.softmax((logits - shift) / temperature)  # (..., Q)
    ab = ops.matmul(shares, centers)
    lengths = ops.matmul(shares, ops.sqrt(ops.sum(centers**2, axis=-1, keepdims=True)))  # (..., 1)
    agreement = ops.sqrt(ops.sum(ab**2, axis=-1, keepdims=True) + 1e-6) / (lengths + 1e-3)
    return gain * ab * agreement**fade


def annealed_mean_numpy(logits, temperature=TEMPERATURE, shift=0.0, gain=1.0, fade=0.0):
    """`annealed_mean` in NumPy, for logits that are kept: ab `(..., 2) float32`."""
    sharpened = (logits - np.float32(shift)) / np.float32(temperature)
    sharpened -= sharpened.max(-1, keepdims=True)
    np.exp(sharpened, out=sharpened)
    lengths = np.linalg.norm(bins(), axis=1, keepdims=True)
    sums = sharpened @ np.concatenate([bins(), lengths, np.ones_like(lengths)], axis=1)  # (..., 4)
    ab, lengths = np.split(sums[..., :3] / sums[..., 3:], [2], axis=-1)
    agreement = np.sqrt(np.sum(ab**2, -1, keepdims=True) + 1e-6) / (lengths + 1e-3)
    return np.float32(gain) * ab * agreement ** np.float32(fade)


def prior(photos):
    """The frequency of each bin in photos, `(Q,) float64` with the sum 1, smoothed by a Gaussian of sigma 5.

    Args:
        photos: Photos `(H, W, 3) uint8`, as an array, list or generator. Every fourth pixel is counted, since the
            networks predict colors at a quarter of the size.

    Raises:
        ValueError: There are no photos.
    """
    counts = np.zeros(len(bins()))
    for photo in photos:
        ab = rgb_to_lab(np.ascontiguousarray(photo[::4, ::4]))[..., 1:]
        counts += np.bincount(_nearest_numpy(ab).ravel(), minlength=len(counts))
    if not counts.sum():
        raise ValueError("There are no photos to measure the prior on; wanted at least one.")
    return smoothed(counts / counts.sum())


def _nearest_numpy(ab):
    return nearest_of_units()[unit(np.asarray(ab), np)]


def unit(ab, ops=ops):
    """The number of the square of one ab unit that each color lies in; tables by it save most of the work."""
    a, b = (ops.clip(ops.round(ab[..., i]) + 128, 0, 255) for i in (0, 1))
    return (256 * a + b).astype(int) if ops is np else ops.cast(256 * a + b, "int32")


def units():
    """The centers of all squares of one ab unit, in the order of their numbers: `(65536, 2) float32`."""
    a, b = np.meshgrid(np.arange(-128, 128), np.arange(-128, 128), indexing="ij")
    return np.stack([a, b], axis=-1).reshape(-1, 2).astype(np.float32)


@functools.cache
def nearest_of_units():
    """The number of the bin nearest to each square of one ab unit: `(65536,) int32`."""
    return ops.convert_to_numpy(nearest(units()))


def smoothed(shares):
    """A distribution over the bins `(Q,)`, smoothed over the plane by a Gaussian of sigma 5; the sum remains 1."""
    far = ((bins()[:, None] - bins()) ** 2).sum(-1)
    kernel = np.exp(-far / (2 * SIGMA**2))
    return (kernel / kernel.sum(axis=0)) @ np.asarray(shares)


def weights(prior, mix=LAMBDA, strength=1.0, most=np.inf):
    """The weight of a pixel of each bin in the loss, `(Q,) float32`: larger for rare colors, with the mean 1.

    A weight is one over the mixture of the prior and the uniform distribution (section 2.2).

    Args:
        prior: `(Q,)`, the frequency of each bin.
        mix: The fraction of the uniform distribution, the paper's lambda.
        strength: The power of the weights: 1 as in the paper, 0 makes all weights equal.
        most: The largest weight.
    """
    raw = ((1 - mix) * prior + mix / len(prior)) ** -float(strength)
    for _ in range(20):  # limiting the weights lowers their mean, so both are done in turns
        raw = np.minimum(raw / (raw * prior).sum(), most)
    return raw.astype(np.float32)
