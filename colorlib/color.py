"""RGB <-> Lab, the lightness of any photo, and colors fitted into sRGB at constant L.

Lab is CIE 1976 L*a*b* under D65 for the 2 degree observer: L 0..100, a and b about -110..110.
The work is done in runs of pixels small enough to stay in the processor's cache, with a table
for each gamma curve: a 12-megapixel photo then needs a few MB beside its input and output.
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
    """Lab of sRGB colors, `(..., 3) float32`, L 0..100, within 1e-3 of scikit-image's `rgb2lab`.

    `rgb` is `(..., 3)`, uint8 0..255 or float 0..1. Raises ValueError for anything else.
    """
    rgb = _checked_rgb(rgb, "rgb")
    if rgb.shape[-1:] != (3,):
        raise ValueError(f"rgb has shape {rgb.shape}; wanted (..., 3), red, green and blue last.")
    lab = np.empty(rgb.shape, np.float32)
    rgb_to_planes(rgb.reshape(-1, 1, 3), *lab.reshape(-1, 1, 3).transpose(2, 0, 1))
    return lab


def rgb_to_planes(rgb, L, a, b):
    """`rgb_to_lab` of a photo `(H, W, 3)`, L, a and b written into three arrays `(H, W) float32` given apart."""
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
    """L* of a photo, `(...) float32` 0..100, without its colors.

    `photo` is RGB `(H, W, 3)` (or a batch of them) or gray `(H, W)` or `(H, W, 1)`, uint8 0..255
    or float 0..1. A gray photo is the photo whose three channels are equal: its L is not
    gray/255*100 (up to 3.4 off), and the L of a color is not its luma. Raises ValueError.
    """
    photo = _checked_rgb(photo, "photo")
    if photo.ndim != 2 and photo.shape[-1] not in (1, 3):
        raise ValueError(f"photo has shape {photo.shape}; wanted (H, W), (H, W, 1) or (H, W, 3).")
    shape = photo.shape if photo.ndim == 2 else photo.shape[:-1]
    pixels = photo.reshape(-1, 1 if photo.ndim == 2 else photo.shape[-1])
    L = np.empty(len(pixels), np.float32)
    for start in range(0, len(pixels), RUN):
        L[start : start + RUN] = _lightness(pixels[start : start + RUN].T)
    return L.reshape(shape)


def gray_of(photo):
    """A photo without its colors, its lightness kept: `(H, W) uint8` of what `lightness` takes."""
    return GRAY_OF_L[(lightness(photo) * (65535 / 100)).astype(np.uint16)]


def lab_to_rgb(lab):
    """sRGB of Lab colors, `(..., 3) uint8`; a color sRGB cannot show becomes grayer, not lighter.

    `lab` is `(..., 3)` float, L 0..100. Where a and b lie outside sRGB they are drawn towards 0
    along their hue until they fit. Clipping each channel instead would move L: L=50, b=-170 comes
    back as L=39.9. Raises ValueError for another shape, L outside 0..100, or values not finite.
    """
    lab = np.asarray(lab)
    if lab.shape[-1:] != (3,) or lab.dtype.kind != "f":
        raise ValueError(f"lab is {lab.dtype} of shape {lab.shape}; wanted float of shape (..., 3).")
    return planes_to_rgb(*np.moveaxis(lab, -1, 0))


def planes_to_rgb(L, a, b):
    """`lab_to_rgb` of L, a and b given apart, three arrays `(...)` of one shape: `(..., 3) uint8`."""
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


def _checked_rgb(rgb, name):
    rgb = np.asarray(rgb)
    if rgb.dtype == np.uint8:
        return rgb
    if rgb.dtype.kind != "f":
        raise ValueError(f"{name} is {rgb.dtype}; wanted uint8 in 0..255 or float in 0..1.")
    low, high = (rgb.min(), rgb.max()) if rgb.size else (0, 0)
    if not (low >= -1e-6 and high <= 1 + 1e-6):  # written so that NaN fails too
        raise ValueError(f"{name} is {rgb.dtype} in {low:g}..{high:g}; wanted float in 0..1 or uint8.")
    return rgb


def _check_lab(run):
    low, high = run[0].min(), run[0].max()
    if not (low >= -0.01 and high <= 100.01):
        raise ValueError(f"lab has L in {low:g}..{high:g}; wanted 0..100.")
    if not np.isfinite(run[1:].sum(dtype=np.float64)):
        raise ValueError("lab has a or b that is not a finite number.")


def _working_arrays(pixels):
    """One intp and three float32 arrays `(3, pixels)` to work in, the thread's own.

    Made anew for each run, they would cost more than the work: the system clears such memory before it gives it.
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
