"""How steady the colors of a film are; also `metrics.flicker` and `metrics.cdc`."""

import numpy as np
import scipy.special

from colorlib.color import rgb_to_lab
from colorlib.photos import check_photo


def flicker(frames):
    """How much the colors of a film change where nothing else does, in ab units: 0 is steady, 1 begins to be seen.

    Frames are rounded to 8 bits; on sample photos that alone, under colors that do not change at all, reads as .35.

    Each frame's ab is compared with that of the frame before, moved along the motion that OpenCV finds between
    their L; the mean is taken where motion can be trusted and L stays alike. Cuts do not count.

    Args:
        frames: At least two frames `(H, W, 3) uint8` of one size, in order; a list or an iterator.

    Raises:
        ValueError: There are fewer than two frames, or no two of one scene.
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
    """Color distribution consistency of a film: 0 is steady (Liu et al. 2021).

    The mean Jensen-Shannon divergence (natural logarithm) of the histograms, 256 bins, of red, green and blue of
    frames that are `distances` apart.

    Args:
        frames: Frames `(H, W, 3) uint8` in order, more than the largest distance; a list or an iterator.

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
    """Jensen-Shannon divergence along the last axis."""
    middle = (p + q) / 2
    halves = (scipy.special.rel_entr(share, middle).sum(axis=-1) for share in (p, q))
    return sum(halves) / 2
