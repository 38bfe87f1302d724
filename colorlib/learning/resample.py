"""A window of a square photo at another size, zoomed and sheared: the inner loop of augmentation.

`resampled_by_pillow` says in one call what is wanted; `resampled` does the same in whole numbers, in about two
thirds of the time. `tests/test_resample.py` compares both.
"""

import numpy as np
from PIL import Image


def resampled_by_pillow(square, size, top, left, height, width, slope):
    """What a window shows of a square photo, bilinear.

    Args:
        square: `(side, side, 3) uint8`.
        size: The side of the result, in pixels.
        top: Of the window, in pixels; 0 and side - 1 are the outermost pixels' centers.
        left: Of the window's first row.
        height: Of the window.
        width: Of the window.
        slope: Row y of the window begins `slope * y` pixels further to the right.

    Returns:
        `(size, size, 3) uint8`.
    """
    down = height / size
    across = (width / size, slope * down, left + 0.5)  # Pillow's 0 is the edge of the first pixel, not its center
    affine = (*across, 0, down, top + 0.5)
    image = Image.fromarray(square)
    return np.asarray(image.transform((size, size), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR))


def resampled(square, size, top, left, height, width, slope):
    """`resampled_by_pillow` in whole numbers, 256ths of pixels: first down, then along the rows."""
    steps = (np.arange(size) + 0.5) * 256 / size
    tops, lefts = 256 * top + height * steps, 256 * left + slope * height * steps
    starts = lefts + 256 * len(square) * np.arange(size)  # the rows laid end to end
    rows = _between(square.reshape(len(square), -1).astype(np.uint16), (tops + 0.5).astype(int))
    values = np.append(rows, np.uint16(0))  # the last pixel needs a fourth value, too
    pixels = np.lib.stride_tricks.sliding_window_view(values, 4)[::3].view(np.uint64).copy()
    mixed = _between(pixels, starts.astype(int)[:, None] + (width * steps + 0.5).astype(int))
    return mixed.view(np.uint8).reshape(size, size, 8)[..., :6:2]


def _between(lines, positions):
    """Lines that lie at positions given in 256ths, from bytes in 16 bits each to bytes in the low half of 16 bits.

    As uint64 a pixel is one number (its fourth value is not used): a sum is 255 * 256 + 128 at most, so none carries.
    """
    fraction = (positions & 255).astype(lines.dtype)[..., None]
    first, second = (lines.take((positions >> 8) + i, axis=0, mode="clip") for i in range(2))
    half = np.uint64(0x0080008000800080).astype(lines.dtype)
    return ((second - first) * fraction + (first << 8) + half) >> 8
