"""The conversions of `color`, tuned: tables in place of powers, on runs of pixels that fit the processor's cache.

A 12-megapixel photo needs a few MB beside its input and output. `color` has the same conversions as formulas.
"""

import functools
import threading

import numpy as np

RGB_TO_XYZ = np.array(  # IEC 61966-2-1, the same digits as scikit-image's
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE = np.array([[0.95047], [1.0], [1.08883]])  # D65, 2 degree observer
TO_XYZ = (RGB_TO_XYZ / WHITE).astype(np.float32)  # linear RGB -> XYZ relative to white
TO_LAB = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], np.float32)  # CIE's f(t) -> L + 16, a, b
TO_RGB = np.linalg.inv(RGB_TO_XYZ / WHITE).astype(np.float32)

RUN = 1 << 14  # pixels worked on at a time: the working arrays fit the L2 cache
LONG_RUN = 1 << 16  # where the working arrays are kept: few calls, as threads wait for each other at each
SLACK = 1e-4  # how far outside 0..1 linear light may lie and still count as inside sRGB
LINE_BITS = 15  # of a float32's 32 bits, those that do not choose the line: 256 lines from each power of 2 to the next
_kept = threading.local()
LIGHTNESSES, HUES = 256, 1024  # cells of the table of the most colorful colors


def _decode_gamma(srgb):
    return np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)


def _encode_gamma(linear):
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, linear * 12.92)


LINEAR = _decode_gamma(np.arange(256) / 255).astype(np.float32)  # sRGB byte -> linear light
SRGB = np.round(255 * _encode_gamma(np.arange(65536) / 65535)).astype(np.uint8)  # and back


def _lines():
    """Slope and start of straight lines through CIE's f(t), the cube root with a straight line near black."""
    ends = np.arange((np.float32(1).view(np.int32) >> LINE_BITS) + 3, dtype=np.int32) << LINE_BITS
    t = ends.view(np.float32).astype(np.float64)
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    slope = np.diff(f) / np.diff(t)
    return slope.astype(np.float32), (f[:-1] - slope * t[:-1]).astype(np.float32)


SLOPE, START = _lines()


def rgb_to_lab(rgb):
    """Lab `(..., 3) float32` of sRGB `(..., 3)`, uint8 or float 0..1."""
    lab = np.empty(rgb.shape, np.float32)
    rgb_to_planes(rgb.reshape(-1, 1, 3), *lab.reshape(-1, 1, 3).transpose(2, 0, 1))
    return lab


def rgb_to_planes(rgb, L, a, b):
    """Write Lab of a photo `(H, W, 3)` into three arrays `(H, W) float32`."""
    rows = max(LONG_RUN // max(rgb.shape[1], 1), 1)
    for run in (slice(start, start + rows) for start in range(0, len(rgb), rows)):
        channels = rgb[run].transpose(2, 0, 1)
        cells, *spare = _working_arrays(channels[0].size)
        linear = _linear(channels, cells, spare[0])
        f = _cube_root(np.matmul(TO_XYZ, linear, out=spare[1]), cells, spare[0], spare[2])
        lab = np.matmul(TO_LAB, f, out=spare[1]).reshape(channels.shape)
        np.subtract(lab[0], 16, out=L[run])
        a[run], b[run] = lab[1:]


def lightness(photo):
    """L `(...) float32` 0..100 of a photo, RGB or gray, uint8 or float 0..1."""
    shape = photo.shape if photo.ndim == 2 else photo.shape[:-1]
    pixels = photo.reshape(-1, 1 if photo.ndim == 2 else photo.shape[-1])
    L = np.empty(len(pixels), np.float32)
    for start in range(0, len(pixels), RUN):
        L[start : start + RUN] = _lightness(pixels[start : start + RUN].T)
    return L.reshape(shape)


def gray_of_L(L):
    """The sRGB gray, uint8, of L 0..100."""
    return GRAY_OF_L[(L * (65535 / 100)).astype(np.uint16)]


def planes_to_rgb(L, a, b):
    """sRGB `(..., 3) uint8` of L, a and b, three arrays `(...)`; colors outside sRGB become grayer."""
    planes = [plane.reshape(-1) for plane in (L, a, b)]
    rgb = np.empty((L.size, 3), np.uint8)
    run = np.empty((3, RUN), np.float32)
    for start in range(0, L.size, RUN):
        lab = run[:, : L.size - start]
        for row, plane in zip(lab, planes):
            row[:] = plane[start : start + RUN]
        _check_lab(lab)
        linear = _fitted(lab)
        linear *= 65535
        linear += 0.5
        for channel, steps in enumerate(linear.astype(np.int32)):  # all three at once take 5 times as long
            rgb[start : start + RUN, channel] = SRGB.take(steps, mode="clip")
    return rgb.reshape(*L.shape, 3)


def _check_lab(run):
    low, high = run[0].min(), run[0].max()
    if not (low >= -0.01 and high <= 100.01):
        raise ValueError(f"lab has L in {low:g}..{high:g}; wanted 0..100.")
    if not np.isfinite(run[1:].sum(dtype=np.float64)):
        raise ValueError("lab has a or b that is not a finite number.")


def _working_arrays(pixels):
    """One intp and three float32 arrays `(3, pixels)` to work in, the thread's own.

    New ones for each run would cost more than the work: the system clears such memory before it gives it.
    """
    if getattr(_kept, "pixels", 0) < pixels:
        _kept.arrays = [np.empty(3 * pixels, kind) for kind in (np.intp, *[np.float32] * 3)]
        _kept.pixels = pixels
    return [array[: 3 * pixels].reshape(3, pixels) for array in _kept.arrays]


def _linear(channels, cells=None, out=None):
    """Linear light 0..1, float32, of sRGB values of either kind, one row a channel; in `out`, by way of `cells`."""
    if channels.dtype != np.uint8:
        linear = _decode_gamma(np.clip(channels, 0, 1)).astype(np.float32)
        return linear if out is None else linear.reshape(out.shape)
    if cells is None:
        return LINEAR.take(channels, mode="clip")
    cells.reshape(channels.shape)[:] = channels
    return LINEAR.take(cells, mode="clip", out=out)


def _lightness(channels):
    """L of one or three rows of sRGB values; a table does for gray ones, as old photos are."""
    if channels.dtype == np.uint8 and (channels[0] == channels[1:]).all():
        return L_OF_GRAY.take(channels[0], mode="clip")
    linear = _linear(channels)
    Y = TO_XYZ[1] @ linear if len(linear) == 3 else linear[0]
    return 116 * _cube_root(Y) - 16


def _cube_root(t, line=None, f=None, start=None):
    """CIE's f(t) of t 0..1, float32: from a table of straight lines, within 4e-7; log and exp take twice as long.

    `line` (intp), `f`, which it gives, and `start` (float32) are arrays like t to work in, new ones unless given.
    """
    if line is None:
        line, f, start = np.empty(t.shape, np.intp), np.empty_like(t), np.empty_like(t)
    line[...] = np.right_shift(t.view(np.int32), LINE_BITS, out=start.view(np.int32))  # as `take` wants it, once
    SLOPE.take(line, mode="clip", out=f)
    f *= t
    f += START.take(line, mode="clip", out=start)
    return f


def _cubed(f):
    """The inverse of CIE's f(t): the cube, with a straight line near black."""
    bright = np.maximum(f, 0.2068966)
    t = bright * bright
    t *= bright
    t += (f - bright) / 7.787
    return t


def _fitted(lab):
    """Linear RGB `(3, N)` of Lab `(3, N)`, colors outside sRGB drawn towards gray at constant L."""
    linear = _to_linear(*lab)
    outside = _outside(linear)
    if outside.any():
        linear[:, outside] = _to_linear(*_drawn_in(lab[:, outside]))
    return linear


def _to_linear(L, a, b):
    f = np.empty((3, len(L)), np.float32)
    f[1] = (L + 16) / 116
    np.add(f[1], a / 500, out=f[0])
    np.subtract(f[1], b / 200, out=f[2])
    return TO_RGB @ _cubed(f)


def _outside(linear):
    """Which colors `(N,)` sRGB cannot show, of linear RGB `(3, N)`."""
    red, green, blue = linear
    low = np.minimum(np.minimum(red, green), blue)
    high = np.maximum(np.maximum(red, green), blue)
    return (low < -SLACK) | (high > 1 + SLACK)


def _drawn_in(lab):
    """Lab `(3, N)` of colors outside sRGB, a and b scaled down along their hue to just inside it."""
    L, a, b = lab
    row = np.minimum(L * (LIGHTNESSES / 100), LIGHTNESSES - 1).astype(np.int32)
    column = np.floor(np.arctan2(b, a) * (HUES / (2 * np.pi))).astype(np.int32) % HUES
    scale = _most_chroma().take(row * HUES + column, mode="clip") / np.hypot(a, b)
    return np.stack([L, a * scale, b * scale])


@functools.cache
def _most_chroma():
    """The chroma that sRGB can show all over each cell of lightness and hue, `(LIGHTNESSES * HUES,)`."""
    L = np.repeat(np.linspace(0, 100, LIGHTNESSES + 1, dtype=np.float32), HUES)
    hue = np.tile(np.arange(HUES, dtype=np.float32) * (2 * np.pi / HUES), LIGHTNESSES + 1)
    low, high = np.zeros_like(L), np.full_like(L, 200)  # beyond every color of sRGB, 134 at most
    for _ in range(16):
        middle = (low + high) / 2
        outside = _outside(_to_linear(L, np.cos(hue) * middle, np.sin(hue) * middle))
        low, high = np.where(outside, low, middle), np.where(outside, middle, high)
    corners = low.reshape(LIGHTNESSES + 1, HUES)
    edges = np.minimum(corners, np.roll(corners, -1, axis=1))
    return np.minimum(edges[:-1], edges[1:]).ravel()


L_OF_GRAY = 116 * _cube_root(LINEAR) - 16  # sRGB byte of a gray pixel -> L
GRAY_OF_L = np.searchsorted((L_OF_GRAY[1:] + L_OF_GRAY[:-1]) / 2, np.linspace(0, 100, 65536)).astype(np.uint8)
