"""Metrics of how steady the colors of a film are, also available as `metrics.flicker` and `metrics.cdc`."""

import numpy as np
import scipy.special

from colorlib.color import rgb_to_lab
from colorlib.photos import check_photo


def flicker(frames):
    """The mean change of a film's colors from frame to frame, in ab units: 0 is steady, 1 becomes visible.

    Each frame's ab is compared with that of the frame before, moved along the motion that OpenCV estimates between
    their L. The mean is over pixels whose motion can be trusted and whose L is similar. Cuts do not count. Rounding
    frames to 8 bits alone gives .35 on sample photos, even if the colors do not change.

    Args:
        frames: An iterable of at least two frames `(H, W, 3) uint8`, all of one size, in order.

    Returns:
        A float, 0 or larger.

    Raises:
        ValueError: There are fewer than two frames, or no two consecutive frames belong to one scene.
    """
    from colorlib import flow  # needs the extra `video`

    find, previous, found = flow.MotionFinder(), None, []
    for frame in frames:
        check_photo(frame, "frame")
        lab = rgb_to_lab(frame)
        small, ab = flow.blurred(lab[..., 0]), np.ascontiguousarray(lab[..., 1:])
        if previous is not None:
            motion = find(previous[0], small)
            sure = motion.trust_back > 0.5
            if not motion.is_cut and sure.any():
                change = np.linalg.norm(ab - flow.warped(previous[1], motion.back), axis=-1)
                found.append(change[sure].mean())
        previous = small, ab
    if not found:
        raise ValueError("There are no two frames of one scene; wanted a film to measure flicker on.")
    return float(np.mean(found))


def cdc(frames, distances=(1, 2, 4)):
    """The color distribution consistency of a film (Liu et al. 2021): 0 is steady.

    It is the mean Jensen-Shannon divergence (natural logarithm) between the histograms of two frames, of 256 bins each
    for red, green and blue.

    Args:
        frames: An iterable of frames `(H, W, 3) uint8`, in order, more than the largest distance.
        distances: How many frames apart the compared frames are.

    Returns:
        A float, 0..ln 2.

    Raises:
        ValueError: There are too few frames.
    """
    shares = []
    for frame in frames:
        check_photo(frame, "frame")
        shares.append([np.bincount(frame[..., c].ravel(), minlength=256) / frame[..., c].size for c in range(3)])
    shares = np.array(shares)  # (T, 3, 256)
    if len(shares) <= max(distances):
        raise ValueError(f"There are {len(shares)} frames; wanted more than {max(distances)}.")
    return float(np.mean([_divergence(shares[d:], shares[:-d]).mean() for d in distances]))


def _divergence(p, q):
    """The Jensen-Shannon divergence of two distributions along the last axis."""
    middle = (p + q) / 2
    halves = (scipy.special.rel_entr(share, middle).sum(axis=-1) for share in (p, q))
    return sum(halves) / 2
