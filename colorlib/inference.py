"""Before and after the network: what makes its colors believable on real, old photos.

The network sees a small copy of the photo, with the contrast it learned from. Its low-resolution ab is laid along
the photo's edges and enlarged. `InferenceSettings` says how; they are calibrated with a network's weights.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter
from scipy.special import log_softmax

from colorlib import affinity

MULTIPLE = 32  # sizes are padded to a multiple of this: enough for every network in models
LONGEST = 32  # the longer side the network sees is at most this many times the working size
BLACK, WHITE = 4, 92  # where stretched levels put the darkest and the lightest hundredth of a photo, in L
LEAST_RANGE = 15  # a photo of less contrast, in L, is not stretched as if it had none
LEAST_SHARE = 1e-12  # of a bin in a smoothed distribution, so that it has a logarithm
FLATNESS = 16  # variance of L, in L units squared, under which an area counts as flat to the guided filter


@dataclass(frozen=True)
class InferenceSettings:
    """Inference settings: calibrated with a network's weights, and stored beside them.

    Attributes:
        size: The shorter side, in pixels, of the copy of a photo that the network sees, at least 32.
        levels: How far that copy's levels are stretched, 0..1.
        mirror: Whether the network sees the mirrored photo too; both answers are averaged.
        edges: Whether the colors follow the photo's edges (guided filter).
        smooth: The tau with which the distribution over the bins is averaged over places with similar features
            (`affinity.smoothed`), about 0.05; 0: not at all.

    Raises:
        ValueError: `size` is not a whole number of pixels, at least 32, or `smooth` is not 0..1.
    """

    size: int = 256
    levels: float = 0.0
    mirror: bool = False
    edges: bool = False
    smooth: float = 0.0

    def __post_init__(self):
        if not isinstance(self.size, (int, np.integer)) or self.size < MULTIPLE:
            raise ValueError(f"size is {self.size!r}; wanted a whole number of pixels, at least {MULTIPLE}.")
        if not isinstance(self.smooth, (int, float)) or not 0 <= self.smooth <= 1:
            raise ValueError(f"smooth is {self.smooth!r}; wanted a number from 0 to 1.")


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network says of one photo, at the size it sees, h x w: everything that coloring it needs.

    Attributes:
        L: `(h, w) float32` 0..100, the small copy of the photo's own L.
        seen: `(h, w) float32` 0..100, what the network was given: L with its levels stretched.
        ab: `(h, w, 2) float32`, the network's own output in Lab units.
        features: `(h', w', C) float32`, the maps of its last decoder stage, h' and w' about a quarter of h and w (of
            the padded copy: at least that); None for a network without such a stage.
        logits: `(V, h', w', Q) float32`, one for each view (the photo, and the mirrored photo mirrored back), or one
            for both when they are smoothed; None for a network that does not choose among bins.
    """

    L: np.ndarray
    seen: np.ndarray
    ab: np.ndarray
    features: np.ndarray | None = None
    logits: np.ndarray | None = None


def seen_size(height, width, size):
    """Height and width of the copy the network sees: shorter side `size`, longer side bounded."""
    scale = min(size / min(height, width), LONGEST * size / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def shrunk(L, height, width):
    """L `(H, W) float32` at another size: averaged over areas when smaller, smooth when larger."""
    method = Image.Resampling.BOX if height < L.shape[0] else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(L).resize((width, height), method)).clip(0, 100)


def stretched(L, strength=1.0):
    """L `(h, w)` 0..100 with its darkest hundredth at 4 and its lightest at 92; `strength` is how far, 0..1."""
    if not strength:
        return L
    low, high = np.percentile(L, [1, 99])
    room = max(0, LEAST_RANGE - (high - low)) / 2
    low, high = low - room, high + room
    full = BLACK + (L - low) * ((WHITE - BLACK) / (high - low))
    return np.clip(L + strength * (full - L), 0, 100).astype(np.float32)


def views(seen, mirror):
    """What the network is given, `(V, H, W, 1)`: `seen` `(h, w)`, padded, and mirrored too when `mirror`."""
    padding = [(0, -side % MULTIPLE) for side in seen.shape]
    padded = np.pad(seen, padding, mode="symmetric")[..., None]  # (H, W, 1)
    return np.stack([padded, padded[:, ::-1]] if mirror else [padded])


def answer_of(L, seen, outputs):
    """The Answer of a network's outputs for `views(seen, ...)`: name -> array `(V, H, W, C)`."""
    for array in outputs.values():
        array[1:] = array[1:, :, ::-1].copy()  # the mirrored view, mirrored back
    h, w = seen.shape
    features = outputs.get("features")
    return Answer(
        L=L,
        seen=seen,
        ab=outputs["ab"].mean(axis=0)[:h, :w],
        features=None if features is None else features.mean(axis=0),
        logits=outputs.get("logits"),
    )


def smoothed_logits(logits, features, shift, tau):
    """Logits whose distributions are averaged over views and over places with similar features.

    So one shirt gets one color, where it had several or a halo. A place counts by its affinity: how alike its
    features are, and how near it is.

    Args:
        logits: `(V, h, w, Q) float32`.
        features: `(h, w, C) float32`.
        shift: `(Q,)`, what `ab_bins.annealed_mean` subtracts: distributions are averaged after this correction.
        tau: How alike counts as alike; see `affinity`.

    Returns:
        `(1, h, w, Q) float32`.
    """
    shares = np.exp(log_softmax(logits - shift, axis=-1)).mean(axis=0)  # (h, w, Q)
    shares = affinity.smoothed(shares, features, tau)
    return (np.log(np.maximum(shares, LEAST_SHARE)) + shift)[None].astype(np.float32)


def doubled(planes, times=1):
    """Planes `(h, w, C) float32` at 2 ** times their size, bilinear, as `layers.BilinearUpSampling2D` enlarges."""
    for _ in range(times):
        size = 2 * planes.shape[1], 2 * planes.shape[0]
        images = (image.resize(size, Image.Resampling.BILINEAR) for image in _images(planes))
        planes = np.stack([np.asarray(image) for image in images], axis=-1)
    return planes


def scaled(planes, height, width):
    """Planes `(h, w, C)` at another size: averaged over areas when smaller, bilinear when larger."""
    method = Image.Resampling.BOX if height < len(planes) else Image.Resampling.BILINEAR
    images = (Image.fromarray(np.ascontiguousarray(planes[..., i], np.float32)) for i in range(planes.shape[-1]))
    return np.stack([np.asarray(image.resize((width, height), method)) for image in images], axis=-1)


def guided_lines(L, ab):
    """Slopes and offsets, `(h, w, 2)` each, so that `slope * L + offset` is ab, smoothed but along the edges of L.

    `L` is `(h, w)`, `ab` `(h, w, 2)`. The guided filter of K. He, J. Sun & X. Tang, ECCV 2010: enlarged, its lines
    give ab its edges at full size ("Fast guided filter", 2015).
    """
    side = 1 + 2 * max(1, round(min(L.shape) / 32))

    def mean(planes):
        return uniform_filter(planes, (side, side, 1), mode="nearest")

    L = L[..., None]
    L_mean, ab_mean = mean(L), mean(ab)
    slope = (mean(L * ab) - L_mean * ab_mean) / (mean(L * L) - L_mean**2 + FLATNESS)
    return mean(slope), mean(ab_mean - slope * L_mean)


class SmallAB:
    """The low-resolution result as ab = slope * L + offset, ready to be enlarged in strips.

    Args:
        L: `(h, w) float32` 0..100, the small copy of the photo's L.
        ab: `(h, w, 2) float32` in Lab units.
        edges: Whether ab follows the edges of L; else the slope is 0.
    """

    def __init__(self, L, ab, edges):
        slope, offset = guided_lines(L, ab) if edges else (None, ab)
        self.slopes = _images(slope) if edges else [None, None]
        self.offsets = _images(offset)

    def rows(self, L, top, bottom):
        """a and b of rows top..bottom of the photo's L `(H, W)`: two arrays `(bottom - top, W) float32`."""
        ab = []
        for slope, offset in zip(self.slopes, self.offsets):
            plane = _enlarged_rows(offset, top, bottom, *L.shape)
            if slope:
                plane = plane + _enlarged_rows(slope, top, bottom, *L.shape) * L[top:bottom]
            ab.append(plane)
        return ab


def _images(planes):
    return [Image.fromarray(np.ascontiguousarray(planes[..., i])) for i in range(planes.shape[-1])]


def _enlarged_rows(plane, top, bottom, height, width):
    """Rows top..bottom of a plane enlarged to height x width, bilinear, seamless between strips."""
    scale = plane.height / height
    box = (0, top * scale, plane.width, min(bottom * scale, plane.height))
    return np.asarray(plane.resize((width, bottom - top), Image.Resampling.BILINEAR, box=box))
