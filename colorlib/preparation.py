"""What the network sees of a photo: without a white border, without a print's screen, long photos in pieces.

And what it may say: a blank page has no colors to guess.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

PIECE, OVERLAP = 1024, 256  # pixels of the longer side that the network sees at a time, in multiples of 32
WHITE_BORDER, BLACK_BORDER = 75, 12  # L of a border: lighter, or darker
EVEN, ALIKE = 2.5, 8  # L: how far a border's row varies, and its four sides differ
MOST_BORDER = 0.3  # of a side
BLANK, STRUCTURED = 2, 4  # contrast of L below which a page is blank, above which it is a photo, however faded
FINE, COARSE = 1.5, 1 / 32  # sigmas at which contrast is looked at: pixels; of the page's shorter side
RARE = (3, 97)  # percentiles outside of which L does not count
LOST = 1.5  # times that a photo's contrast is higher at the fine sigma than at the coarse one; of paper 2 to 4 times
CROP, PERIODS, PEAK = 512, (2.2, 14), 400  # pixels looked at for a screen; its period; how far its peak stands out


def border(L):
    """The (top, bottom, left, right) of a photo inside its even border, for L `(h, w)`; all of it where there is none.

    A border lies on all four sides, and is nearly white or nearly black on all of them.
    """
    h, w = L.shape
    sides = [_border_rows(side) for side in (L, L[::-1], L.T, L.T[::-1])]
    rows, levels = [count for count, _ in sides], [level for _, level in sides]
    if min(rows) == 0 or max(levels) - min(levels) > ALIKE:
        return 0, h, 0, w
    return rows[0], h - rows[1], rows[2], w - rows[3]


def _border_rows(L):
    """(how many rows from the first one are even and of one level, that level)."""
    level = float(np.median(L[0]))
    if BLACK_BORDER < level < WHITE_BORDER:
        return 0, level
    deviations = np.abs(L[: int(MOST_BORDER * len(L))] - level)
    uneven = np.percentile(deviations, 90, axis=1) > EVEN
    return (int(uneven.argmax()) if uneven.any() else 0), level


def without_border(L, prepare):
    """L `(h, w)` with the photo inside its border prepared by `prepare`, and mirrored over where the border was."""
    top, bottom, left, right = border(L)
    inside = prepare(L[top:bottom, left:right])
    h, w = L.shape
    if inside.shape == L.shape:
        return inside
    return np.pad(inside, [(top, h - bottom), (left, w - right)], mode="symmetric")


def color_share(L):
    """How much of its color a photo's L `(h, w)` keeps, `(h, w, 1) float32` 0..1: none in a border or a blank page."""
    top, bottom, left, right = border(L)
    share = np.zeros((*L.shape, 1), np.float32)
    contrast = structure(L[top:bottom, left:right])
    share[top:bottom, left:right] = np.clip((contrast - BLANK) / (STRUCTURED - BLANK), 0, 1)
    return share


def structure(L):
    """The contrast of L `(h, w)` that a photo has and a page has not, however faded the photo.

    A slow change of light across the page is taken out: the best surface of second degree. Writing covers too little
    of a page to count, and the paper's grain is lost at the coarse sigma.
    """
    smooth = gaussian_filter(L, FINE, mode="nearest")
    y, x = np.mgrid[-1 : 1 : smooth.shape[0] * 1j, -1 : 1 : smooth.shape[1] * 1j]
    surface = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y]).reshape(6, -1)
    best = np.linalg.lstsq(surface @ surface.T, surface @ smooth.ravel(), rcond=None)[0]
    flat = smooth - (best @ surface).reshape(smooth.shape)
    low, high = np.percentile(flat, RARE)
    coarse = gaussian_filter(flat.clip(low, high), COARSE * min(L.shape), mode="nearest")
    return min(float(high - low), LOST * float(np.ptp(np.percentile(coarse, RARE))))


def screen_period(L):
    """The period, in pixels, of the dots of a printed photo; 0 where L `(H, W)` has no such screen."""
    h, w = (min(side, CROP) for side in L.shape)
    if min(h, w) < 64:
        return 0.0
    top, left = (L.shape[0] - h) // 2, (L.shape[1] - w) // 2
    crop = L[top : top + h, left : left + w]
    window = np.hanning(h)[:, None] * np.hanning(w)
    power = np.abs(np.fft.rfft2((crop - crop.mean()) * window)) ** 2
    frequency = np.hypot(np.fft.fftfreq(h)[:, None], np.fft.rfftfreq(w))
    inside = (frequency > 1 / PERIODS[1]) & (frequency < 1 / PERIODS[0])
    peak = np.unravel_index(np.argmax(np.where(inside, power, 0)), power.shape)
    ring = np.abs(frequency - frequency[peak]) < 0.1 * frequency[peak]
    usual = np.median(power[ring & inside])
    return 1 / float(frequency[peak]) if power[peak] > PEAK * usual + 1e-3 else 0.0


def descreened(L):
    """L `(H, W)` as the network is to see it: the dots of a print averaged over their area."""
    period = screen_period(L)
    if not period:
        return L
    side = max(2, round(period))
    return uniform_filter(uniform_filter(L, side, mode="nearest"), side, mode="nearest")


def in_pieces(predict, views):
    """What a network says of long photos, seen piece by piece; the pieces overlap, and fade into each other.

    Args:
        predict: A function from `(V, H, W, 1)` to a dict of arrays `(V, H / k, W / k, C)`.
        views: `(V, H, W, 1)`, H and W multiples of 32.

    Returns:
        A dict of arrays, as `predict` gives it for all at once.
    """
    axis = 1 if views.shape[1] > views.shape[2] else 2
    length = views.shape[axis]
    if length <= PIECE + OVERLAP:
        return {name: np.array(output, np.float32) for name, output in predict(views).items()}
    sums, weights = {}, {}
    for start in range(0, length - OVERLAP, PIECE - OVERLAP):
        stop = min(start + PIECE, length)
        piece = np.take(views, range(start, stop), axis=axis)
        for name, output in predict(np.ascontiguousarray(piece)).items():
            output = np.asarray(output, np.float32)
            scale = (stop - start) // output.shape[axis]
            if name not in sums:
                shape = [*output.shape]
                shape[axis] = length // scale
                sums[name], weights[name] = np.zeros(shape, np.float32), np.zeros(length // scale, np.float32)
            weight = _fade(output.shape[axis], OVERLAP // scale, start > 0, stop < length)
            place = [slice(None)] * 4
            place[axis] = slice(start // scale, stop // scale)
            sums[name][tuple(place)] += output * _along(weight, axis)
            weights[name][place[axis]] += weight
        if stop == length:
            break
    return {name: total / _along(weights[name], axis) for name, total in sums.items()}


def _along(weight, axis):
    return weight.reshape([-1 if i == axis else 1 for i in range(4)])


def _fade(length, overlap, at_start, at_end):
    """A piece's weights: 1, rising and falling where another piece overlaps it."""
    weight, ramp = np.ones(length, np.float32), (np.arange(overlap, dtype=np.float32) + 0.5) / overlap
    if at_start:
        weight[:overlap] *= ramp[:length]
    if at_end:
        weight[-overlap:] *= ramp[::-1][-length:]
    return weight
