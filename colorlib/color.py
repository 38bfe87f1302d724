"""RGB <-> Lab, as one would explain it. Notebook 01 derives it step by step.

Lab is CIE 1976 L*a*b* under D65 for the 2 degree observer: L, the lightness, is 0..100; a goes from green to red
and b from blue to yellow, both about -110..110.

Each conversion is written twice: here as formulas, whose names end in `_formula`, and in `_fast_color` with tables,
ten times as fast. The public functions are the fast ones; `tests/test_color.py` compares both.
"""

import numpy as np
from numpy.typing import NDArray

from colorlib import _fast_color

RGB_TO_XYZ = np.array(  # IEC 61966-2-1, the same digits as scikit-image's
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # XYZ of D65, 2 degree observer


def rgb_to_lab(rgb: NDArray) -> NDArray[np.float32]:
    """Lab of sRGB colors, `(..., 3) float32`, L 0..100, within 1e-3 of scikit-image's `rgb2lab`.

    Args:
        rgb: `(..., 3)`, uint8 0..255 or float 0..1.

    Raises:
        ValueError: `rgb` is something else.

    >>> rgb_to_lab(np.array([[255, 0, 0], [0, 0, 255]], np.uint8)).round(1)
    array([[  53.2,   80.1,   67.2],
           [  32.3,   79.2, -107.9]], dtype=float32)
    """
    rgb = _checked(rgb, "rgb")
    if rgb.shape[-1:] != (3,):
        raise ValueError(f"rgb has shape {rgb.shape}; wanted (..., 3), red, green and blue last.")
    return _fast_color.rgb_to_lab(rgb)


def lab_to_rgb(lab: NDArray) -> NDArray[np.uint8]:
    """sRGB of Lab colors, `(..., 3) uint8`; a color sRGB cannot show becomes grayer, not lighter.

    Where a and b lie outside sRGB they are drawn towards 0 along their hue until they fit. Clipping each channel
    instead would move L: L=50, b=-170 comes back as L=39.9.

    Args:
        lab: `(..., 3)` float, L 0..100.

    Raises:
        ValueError: `lab` has another shape, L outside 0..100, or values that are not finite.

    >>> lab_to_rgb(np.array([[50.0, 0, 0], [50, 0, -170]]))
    array([[119, 119, 119],
           [  0, 123, 200]], dtype=uint8)
    """
    lab = np.asarray(lab)
    if lab.shape[-1:] != (3,) or lab.dtype.kind != "f":
        raise ValueError(f"lab is {lab.dtype} of shape {lab.shape}; wanted float of shape (..., 3).")
    return _fast_color.planes_to_rgb(*np.moveaxis(lab, -1, 0))


def lightness(photo: NDArray) -> NDArray[np.float32]:
    """L of a photo, `(...) float32` 0..100, without its colors.

    The L of a gray pixel is not gray/255*100 (up to 3.4 off), and the L of a color is not its luma.

    Args:
        photo: RGB `(H, W, 3)`, or a batch of them, or gray `(H, W)` or `(H, W, 1)`; uint8 0..255 or float 0..1.

    Raises:
        ValueError: `photo` is something else.

    >>> lightness(np.array([[0, 128, 255]], np.uint8)).round(1)
    array([[  0. ,  53.6, 100. ]], dtype=float32)
    """
    photo = _checked(photo, "photo")
    if photo.ndim != 2 and photo.shape[-1] not in (1, 3):
        raise ValueError(f"photo has shape {photo.shape}; wanted (H, W), (H, W, 1) or (H, W, 3).")
    return _fast_color.lightness(photo)


def gray_of(photo):
    """A photo without its colors, its lightness kept: `(H, W) uint8` of what `lightness` takes."""
    return _fast_color.gray_of_L(lightness(photo))


def rgb_to_lab_formula(rgb):
    """`rgb_to_lab` as formulas, for `(..., 3)` uint8: light, seen by three kinds of cones, on the scale of the eye."""
    light = decode_gamma(rgb / 255)  # (..., 3) red, green and blue light 0..1
    xyz = light @ RGB_TO_XYZ.T / WHITE  # (..., 3) relative to white
    x, y, z = np.moveaxis(cube_root(xyz), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_rgb_formula(lab):
    """`lab_to_rgb` as formulas, for `(..., 3)` float: ab shrinks, by halving an interval, until sRGB can show it."""
    fits, too_much = np.zeros((*lab.shape[:-1], 1)), np.ones((*lab.shape[:-1], 1))  # shares of a and b
    fits = np.where(in_srgb(light_of(lab)), too_much, fits)
    for _ in range(20):
        middle = (fits + too_much) / 2
        good = in_srgb(light_of(lab * np.concatenate([np.ones_like(middle), middle, middle], axis=-1)))
        fits, too_much = np.where(good, middle, fits), np.where(good, too_much, middle)
    light = light_of(lab * np.concatenate([np.ones_like(fits), fits, fits], axis=-1))
    return np.round(255 * encode_gamma(np.clip(light, 0, 1))).astype(np.uint8)


def light_of(lab):
    """Red, green and blue light `(..., 3)` of Lab colors; outside 0..1 where a screen cannot show them."""
    L, a, b = np.moveaxis(lab, -1, 0)
    y = (L + 16) / 116
    xyz = cube(np.stack([y + a / 500, y, y - b / 200], axis=-1)) * WHITE
    return xyz @ np.linalg.inv(RGB_TO_XYZ).T


def in_srgb(light):
    """Whether a screen can show light `(..., 3)`: `(..., 1) bool`, true within 0..1 but for rounding."""
    return (np.abs(light - 0.5) <= 0.5 + 1e-4).all(axis=-1, keepdims=True)


def decode_gamma(srgb):
    """Light 0..1 of sRGB numbers 0..1: half the number is a fifth of the light.

    >>> round(float(decode_gamma(0.5)), 3)
    0.214
    """
    return np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)


def encode_gamma(light):
    """sRGB numbers 0..1 of light 0..1: the inverse of `decode_gamma`."""
    return np.where(light > 0.0031308, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055, light * 12.92)


def cube_root(t):
    """CIE's f(t): how light looks to the eye; the cube root, but a straight line near black."""
    return np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)


def cube(f):
    """The inverse of `cube_root`."""
    return np.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)


def _checked(rgb, name):
    rgb = np.asarray(rgb)
    if rgb.dtype == np.uint8:
        return rgb
    if rgb.dtype.kind != "f":
        raise ValueError(f"{name} is {rgb.dtype}; wanted uint8 in 0..255 or float in 0..1.")
    low, high = (rgb.min(), rgb.max()) if rgb.size else (0, 0)
    if not (low >= -1e-6 and high <= 1 + 1e-6):  # written so that NaN fails too
        raise ValueError(f"{name} is {rgb.dtype} in {low:g}..{high:g}; wanted float in 0..1 or uint8.")
    return rgb
