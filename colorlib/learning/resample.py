"""A window of a square photo at another size, zoomed and sheared: the inner loop of augmentation."""

import numpy as np


def resampled(square, size, top, left, height, width, slope):
    """What a window shows of a square photo, `(size, size, 3) uint8`, bilinear: first down, then along the rows."""
    steps = (np.arange(size) + 0.5) * 256 / size
    starts = 256 * left + slope * height * steps + 256 * len(square) * np.arange(size)  # the rows laid end to end
    rows = _between(square.reshape(len(square), -1).astype(np.uint16), (256 * top + height * steps).astype(int))
    pixels = np.lib.stride_tricks.sliding_window_view(rows.ravel(), 4)[::3].view(np.uint64).copy()
    mixed = _between(pixels, starts.astype(int)[:, None] + (width * steps).astype(int))
    return mixed.view(np.uint8).reshape(size, size, 8)[..., :6:2]


def _between(lines, places):
    """Lines that lie at places given in 256ths, from bytes in 16 bits each to bytes in the low half of 16 bits.

    As uint64 a pixel is one number (its fourth byte is left over): a sum is 255 * 256 + 128 at most, so none carries.
    """
    part = (places & 255).astype(lines.dtype)[..., None]
    first, second = (lines.take((places >> 8) + i, axis=0, mode="clip") for i in range(2))
    half = np.uint64(0x0080008000800080).astype(lines.dtype)
    return ((second - first) * part + (first << 8) + half) >> 8
