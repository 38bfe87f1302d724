"""The planes of a film's frames: 8-bit Y'CbCr as decoders return it, its lightness, and colors at that lightness.

When U and V change, Y changes too, so that each pixel keeps its lightness L. Copying Y would not keep it: saturated
blue is up to 10 L lighter than a gray of the same Y.
"""

import functools

import cv2
import numpy as np

from colorlib._fast_color import L_OF_GRAY, planes_to_rgb
from colorlib.color import lightness

BT709, BT601 = 1, 5  # FFmpeg's codes for the two matrices between R'G'B' and Y'CbCr
FULL = 2  # FFmpeg's code for the range 0..255; the limited range is 16..235
LUMA = {BT709: (0.2126, 0.0722), BT601: (0.299, 0.114)}  # the shares of red and blue in Y'
STUDIO_CODECS = ("h264", "hevc", "av1", "vp8", "vp9", "mpeg1video", "mpeg2video", "mpeg4")  # limited range, gray too
NEUTRAL = 128  # U and V of gray
CELL = 4  # this many values of U, and of V, share a row of the tables
CELLS = 256 // CELL + 1  # cells along U and along V; gray is at the center of one


class Tones:
    """Converts between the planes of a film, L and ab.

    Args:
        matrix: BT709 or BT601.
        full_range: Whether Y is 0..255 rather than 16..235.
    """

    def __init__(self, matrix, full_range):
        self.matrix, self.full_range = matrix, full_range
        self._low, self._scale = (0, 255) if full_range else (16, 219)
        self._to_gray, self._from_gray = _tables(matrix, full_range)
        self._L = self._lightness_of_gray()

    def gray(self, frame):
        """Y of a gray frame with the L of `frame`, `(H, W) uint8`; the frame's own Y if it has no color."""
        if all(abs(int(end) - NEUTRAL) <= CELL // 2 - 1 for c in (frame.U, frame.V) for end in (c.min(), c.max())):
            return frame.Y
        return self._to_gray.take(_rows(frame.U, frame.V, frame.Y), mode="clip")

    def L(self, gray):
        """L `(...) float32` 0..100 of a gray frame's Y `(...) uint8`."""
        return self._L.take(gray)

    def colored(self, gray, a, b):
        """The planes of a gray frame in color: Y `(H, W)`, U and V `(H / 2, W / 2)`, all uint8.

        Args:
            gray: Y of the gray frame, `(H, W) uint8`; H and W are even.
            a: `(H / 2, W / 2) float32` in Lab units. Colors that sRGB cannot show become grayer, at constant L.
            b: The same shape as a.
        """
        half = cv2.resize(gray, a.shape[::-1], interpolation=cv2.INTER_AREA)
        rgb = planes_to_rgb(self.L(half), a, b)
        UV = cv2.transform(rgb, _chroma_matrix(self.matrix, self.full_range))
        U, V = cv2.split(UV)
        return self._from_gray.take(_rows(U, V, gray), mode="clip"), U, V

    def rgb(self, frame):
        """The frame in sRGB, `(H, W, 3) uint8`."""
        height, width = frame.Y.shape
        U, V = (cv2.resize(c, (width, height), interpolation=cv2.INTER_LINEAR) for c in (frame.U, frame.V))
        return _to_rgb(frame.Y, U, V, self.matrix, self.full_range)

    def _lightness_of_gray(self):
        steps = (np.arange(256) - self._low) * (255 / self._scale)
        return np.interp(steps, np.arange(256), L_OF_GRAY).astype(np.float32)


def _rows(U, V, Y):
    """Indices `(H, W)` into a table of `_tables`, which has a row of 256 values for each cell of U and V."""
    rows = (U.astype(np.int32) + CELL // 2) // CELL * CELLS + (V.astype(np.int32) + CELL // 2) // CELL
    rows = cv2.resize(rows * 256, Y.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return rows + Y


@functools.cache
def _tables(matrix, full_range):
    """Two tables of Y `(CELLS * CELLS * 256,) uint8`, with a row of 256 values for each cell of U and V.

    The first maps Y of a color to Y of the gray with the same L, the second does the inverse.
    """
    codes, centers = np.arange(256), np.minimum(np.arange(CELLS) * CELL, 255)
    U, V, Y = np.meshgrid(centers, centers, codes, indexing="ij")
    colors = lightness(_to_rgb(Y, U, V, matrix, full_range))  # (CELLS, CELLS, 256), rising along the last axis
    grays = colors[NEUTRAL // CELL, NEUTRAL // CELL]
    low, high = (0, 255) if full_range else (16, 235)
    to_gray = _nearest(grays, colors).clip(low, high).astype(np.uint8)
    from_gray = np.stack([_nearest(rising, grays) for row in colors for rising in row])
    from_gray = from_gray.reshape(colors.shape).clip(low, high).astype(np.uint8)
    to_gray[NEUTRAL // CELL, NEUTRAL // CELL] = from_gray[NEUTRAL // CELL, NEUTRAL // CELL] = codes  # exactly
    return to_gray.ravel(), from_gray.ravel()


def _nearest(rising, values):
    """For each of `values` the index of the nearest entry of `rising`, a sorted array."""
    return np.searchsorted((rising[1:] + rising[:-1]) / 2, values)


def _to_rgb(Y, U, V, matrix, full_range):
    """sRGB `(..., 3) uint8` of Y, U and V `(...)`."""
    red, blue = LUMA[matrix]
    low, scale, chroma = (0, 255, 255) if full_range else (16, 219, 224)
    Y = (Y - np.float32(low)) / scale
    U, V = ((c - np.float32(NEUTRAL)) / chroma for c in (U, V))
    R, B = Y + 2 * (1 - red) * V, Y + 2 * (1 - blue) * U
    G = (Y - red * R - blue * B) / (1 - red - blue)
    return (np.stack([R, G, B], axis=-1).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _chroma_matrix(matrix, full_range):
    """The matrix `(2, 4) float32` from (R, G, B, 1), with R, G and B 0..255, to U and V."""
    red, blue = LUMA[matrix]
    chroma = 1.0 if full_range else 224 / 255
    Y = np.array([red, 1 - red - blue, blue])
    U, V = ((np.eye(3)[c] - Y) / (2 * (1 - Y[c])) * chroma for c in (2, 0))
    return np.array([[*U, NEUTRAL], [*V, NEUTRAL]], np.float32)


def planes_of(frame, height, width, matrix, full_range):
    """Y, U and V of PyAV's frame, before it is turned upright: `(height, width)` and half of it, uint8.

    Args:
        frame: PyAV's frame, of any format and size.
        height: The rows wanted.
        width: The columns wanted.
        matrix: The matrix wanted, BT709 or BT601.
        full_range: Whether Y is wanted in 0..255 rather than 16..235.
    """
    same = (frame.width, frame.height) == (width, height)
    if frame.format.name == "gray" and same:
        chroma = np.full(((height + 1) // 2, (width + 1) // 2), NEUTRAL, np.uint8)
        return _plane(frame.planes[0], height, width), chroma, chroma
    if _has_alpha(frame.format):
        frame = _on_white(frame)
    if frame.format.name not in ("yuv420p", "yuvj420p") or not same:
        frame = _reformatted(frame, height, width, matrix, full_range)
    sizes = (height, width), *[((height + 1) // 2, (width + 1) // 2)] * 2
    return tuple(_plane(plane, *size) for plane, size in zip(frame.planes, sizes))


def _reformatted(frame, height, width, matrix, full_range):
    wanted, named = "JPEG" if full_range else "MPEG", "ITU709" if matrix == BT709 else "ITU601"
    options = {"dst_colorspace": named, "dst_color_range": wanted}
    if not frame.format.is_rgb:  # RGB always has the full range, and no matrix
        options |= {"src_colorspace": named, "src_color_range": wanted}
    return frame.reformat(width=width, height=height, format="yuv420p", **options)


def _plane(plane, height, width):
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[:height, :width].copy()  # FFmpeg reuses its memory


def _has_alpha(format):
    return format.name.startswith(("pal8", "yuva", "ya", "gbrap")) or (format.is_rgb and "a" in format.name)


def _on_white(frame):
    pixels = frame.to_ndarray(format="rgba").astype(np.uint16)
    alpha = pixels[..., 3:]
    blended = (pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return type(frame).from_ndarray(blended.astype(np.uint8), format="rgb24")


def is_full_range(frame, codec):
    """Whether Y of PyAV's frame is 0..255 rather than 16..235; `codec` is the name of the film's codec."""
    if frame.format.is_rgb or _has_alpha(frame.format):
        return False  # RGB becomes limited, as players expect
    if frame.format.name.startswith("gray") and frame.color_range == 0:
        return codec not in STUDIO_CODECS
    return frame.color_range == FULL or frame.format.name.startswith("yuvj")


def matrix_of(frame):
    """The matrix of PyAV's frame, BT709 or BT601; if the frame does not name one, the usual one for its size."""
    if frame.colorspace in (BT709, BT601, 6):
        return BT709 if frame.colorspace == BT709 else BT601
    return BT709 if frame.width >= 1280 or frame.height > 576 or frame.format.is_rgb else BT601
