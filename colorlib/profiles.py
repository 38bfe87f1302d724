"""Numbers -> light: color profiles and the other ways in which a file says what its numbers mean, brought to sRGB.

Profiles of three curves and a matrix, and of one gray curve, are computed here for any number of bits; the others
(tables, CMYK) are LittleCMS's.
"""

import io
import struct

import numpy as np
from PIL import Image, ImageCms

SRGB_D50 = np.array(  # sRGB's primaries as profiles hold them: XYZ under D50, a column each
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
ADOBE_RGB = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D50 = np.array([0.9642, 1.0, 0.8249])
STEPS = np.arange(65536) / 65535
SAME = 1.5  # levels of 255 within which two meanings of a number are one
STRIP = 1 << 20  # pixels worked on at a time


def _encoded(linear):
    return np.where(linear > 0.0031308, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055, linear * 12.92)


def _linear(encoded):
    return np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)


H273_CURVES = {4: STEPS**2.2, 5: STEPS**2.8, 8: STEPS, 13: _linear(STEPS)}
H273_PRIMARIES = {  # x and y of white, red, green, blue
    1: (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060),  # sRGB
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
SRGB = np.round(255 * _encoded(STEPS)).astype(np.uint8)  # linear light in 65536 steps -> sRGB
SIXTEEN_TO_EIGHT = np.round(255 * STEPS).astype(np.uint8)


class Meaning:
    """What the numbers of an image mean: a curve for each channel, and the primaries.

    Args:
        curves: One array `(65536,)` for gray, three for RGB: linear light 0..1 of each 16-bit number.
        primaries: `(3, 3)` XYZ under D50, a column each; None for gray.
    """

    def __init__(self, curves, primaries=None):
        self.curves = [np.clip(curve, 0, 1).astype(np.float32) for curve in curves]
        self.matrix = None if primaries is None else (np.linalg.inv(SRGB_D50) @ primaries).astype(np.float32)

    def table(self):
        """sRGB `(65536,) uint8` of each 16-bit gray number."""
        return SRGB[np.round(self.curves[len(self.curves) // 2] * 65535).astype(np.uint16)]

    def is_srgb(self):
        """Whether sRGB says the same: it is known by what it does, not by its name."""
        if self.matrix is not None and np.abs(self.matrix - np.eye(3)).max() > 0.01:
            return False
        srgb = np.abs(255 * _encoded(np.stack(self.curves)) - 255 * STEPS)
        return bool(srgb.max() <= SAME)

    def rgb(self, numbers):
        """sRGB `(H, W, 3) uint8` of numbers `(H, W, 3)` uint8 or uint16."""
        curves = [curve[::257] if numbers.dtype == np.uint8 else curve for curve in self.curves]
        photo = np.empty(numbers.shape, np.uint8)
        rows = max(1, STRIP // numbers.shape[1])
        for top in range(0, len(numbers), rows):
            strip = numbers[top : top + rows]
            linear = np.stack([curve[strip[..., i]] for i, curve in enumerate(curves)], axis=-1)
            linear = np.clip(linear @ self.matrix.T, 0, 1)
            photo[top : top + rows] = SRGB[np.round(linear * 65535).astype(np.uint16)]
        return photo


def meaning_of(info, exif_says_adobe=False):
    """The Meaning that an image's `info` states in a profile or PNG's chunks; None for sRGB, or where it says nothing.

    Args:
        info: Pillow's, with "icc_profile", "gamma", "chromaticity", "srgb", and "cicp", which goes before all others.
        exif_says_adobe: Whether the file's Exif says Adobe RGB, as cameras do without a profile.
    """
    if known := _from_cicp(info.get("cicp", ())):
        return None if known.is_srgb() else known
    profile = info.get("icc_profile")
    meaning = from_icc(profile) if profile else None
    if meaning is None and not profile:
        if exif_says_adobe:
            meaning = Meaning([STEPS ** (563 / 256)] * 3, ADOBE_RGB)
        elif "srgb" not in info and info.get("gamma"):
            meaning = _from_gamma(info["gamma"], info.get("chromaticity"))
    return None if meaning is None or meaning.is_srgb() else meaning


def _from_cicp(codes):
    """The Meaning of the codes of H.273 (primaries, transfer, matrix, range); None for unknown ones, and for HDR."""
    primaries = _primaries(H273_PRIMARIES[codes[0]]) if len(codes) == 4 and codes[0] in H273_PRIMARIES else None
    if primaries is None or codes[1] not in H273_CURVES:
        return None
    return Meaning([H273_CURVES[codes[1]]] * 3, primaries)


def _from_gamma(gamma, chromaticity):
    if not 0.05 < gamma < 5 or abs(gamma - 1 / 2.2) < 0.01:
        return None  # 1 / 2.2 is how PNG says sRGB
    primaries = _primaries(chromaticity) if chromaticity and len(chromaticity) == 8 else None
    return Meaning([STEPS ** (1 / gamma)] * 3, SRGB_D50 if primaries is None else primaries)


def _primaries(chromaticity):
    """XYZ under D50 of the white point's and the primaries' x and y; None where they make no sense."""
    xy = np.array(chromaticity, float).reshape(4, 2)
    if not np.isfinite(xy).all() or (xy[:, 1] <= 0).any():
        return None
    white, red_green_blue = np.split(np.column_stack([xy[:, 0], xy[:, 1], 1 - xy.sum(axis=1)]) / xy[:, 1:], [1])
    try:
        primaries = red_green_blue.T * np.linalg.solve(red_green_blue.T, white[0])
    except np.linalg.LinAlgError:
        return None
    cones = (BRADFORD @ D50) / (BRADFORD @ white[0])
    return np.linalg.inv(BRADFORD) @ np.diag(cones) @ BRADFORD @ primaries


@np.errstate(all="ignore")  # a hostile curve overflows, and is clipped
def from_icc(profile):
    """The Meaning of a profile of curves, gray or with a matrix; None for other profiles and damaged ones."""
    try:
        count = min(int.from_bytes(profile[128:132], "big"), 100)
        entries = [struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(count)]
        tags = {name: profile[start : start + size] for name, start, size in entries}
        if profile[16:20] == b"GRAY":
            return Meaning([_curve(tags[b"kTRC"])])
        if profile[16:20] != b"RGB " or b"A2B0" in tags:
            return None
        columns = [struct.unpack_from(">3i", tags[name], 8) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        curves = [_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")]
        return Meaning(curves, np.array(columns).T / 65536)
    except (KeyError, ValueError, struct.error, IndexError, OverflowError):
        return None


def _curve(tag):
    """Linear light `(65536,)` of a curve, types `curv` and `para` of the ICC's specification."""
    if tag[:4] == b"curv":
        count = int.from_bytes(tag[8:12], "big")
        if count == 0:
            return STEPS
        values = np.frombuffer(tag, ">u2", min(count, 65536), 12)
        if count == 1:
            return STEPS ** (values[0] / 256)
        return np.interp(STEPS, np.linspace(0, 1, len(values)), values / 65535)
    if tag[:4] != b"para":
        raise ValueError("no curve")
    kind = int.from_bytes(tag[8:10], "big")
    numbers = np.frombuffer(tag, ">i4", (1, 3, 4, 5, 7)[kind], 12) / 65536
    g, a, b, c, d, e, f = np.pad(numbers, (0, 7 - len(numbers)))
    if kind == 0:
        return STEPS**g
    if kind in (1, 2):  # the same, and c added on both sides of where a x + b is 0
        return np.maximum(a * STEPS + b, 0) ** g + (c if kind == 2 else 0)
    return np.where(d <= STEPS, np.maximum(a * STEPS + b, 0) ** g + e, c * STEPS + f)


def by_littlecms(image, profile):
    """A PIL image (L, RGB, CMYK, LAB) in sRGB by a profile of any kind; the same image where that says sRGB.

    Raises whatever LittleCMS does for a damaged profile, or the profile of a different color mode.
    """
    own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(
        own,
        srgb,
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if image.mode == "RGB":
        sample = Image.fromarray(np.stack(np.meshgrid(*[np.arange(0, 256, 51)] * 3), -1).reshape(36, 6, 3).astype("u1"))
        change = np.asarray(ImageCms.applyTransform(sample, transform)).astype(int) - np.asarray(sample)
        if np.abs(change).max() <= SAME:
            return image
    return ImageCms.applyTransform(image, transform)
