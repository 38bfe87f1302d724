"""Before and after the network: what makes its colors believable on real, old photos.

Its input gets the contrast it learned from; its answer is averaged with that for the mirrored photo and
laid along the photo's edges. The temperature and the like live in the network itself (`models.AnnealedMean`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter

BLACK, WHITE = 4, 92  # where stretched levels put the darkest and the lightest hundredth of a photo, in L
LEAST_RANGE = 15  # a photo of less contrast, in L, is not stretched as if it had none
FLATNESS = 16  # variance of L, in L units squared, under which an area counts as flat to the guided filter


@dataclass(frozen=True)
class Decode:
    """How a network is asked: calibrated with its weights, and stored beside them."""

    size: int = 256  # shorter side, in pixels, of the copy it sees
    levels: float = 0.0  # how far that copy's levels are stretched, 0..1
    mirror: bool = False  # whether it is asked about the mirrored photo too
    edges: bool = False  # whether its colors follow the photo's edges


def stretched(L, strength=1.0):
    """L `(h, w)` 0..100 with its darkest hundredth at 4 and its lightest at 92; `strength` is how far, 0..1."""
    low, high = np.percentile(L, [1, 99])
    room = max(0, LEAST_RANGE - (high - low)) / 2
    low, high = low - room, high + room
    full = BLACK + (L - low) * ((WHITE - BLACK) / (high - low))
    return np.clip(L + strength * (full - L), 0, 100).astype(np.float32)


def guided_lines(L, ab):
    """Slopes and starts, `(h, w, 2)` each, so that `slope * L + start` is ab, smoothed but along the edges of L.

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
