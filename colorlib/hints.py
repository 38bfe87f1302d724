"""Colors chosen by hand: hints at points of a photo, spread over it by the network's own features.

A network cannot know the color of a dress. A hint says it at one point; everything that looks alike to the network,
and is near, follows. Nothing is trained for it, and the network is not run again (notebook 06).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageColor

from colorlib.affinity import affinities, places, unit_features
from colorlib.color import lab_to_rgb, rgb_to_lab
from colorlib.files import reason, write_whole
from colorlib.photos import PhotoError, save_photo

STEPS = ((0.07, 0.7, 0.5), (0.05, 0.25, 0.3), (0.03, 0.1, 0.1))  # tau, reach in photo sides, share taken as it is
NOTHING = 0.1  # affinity with "no hint": far from all hints the network's own colors stay
SPOT = 0.012  # sigma of the exact spot around a hint, in photo sides
SPOT_L = 10  # how far in L the exact spot crosses an edge: sigma
APART = 2.5  # sigmas that hints are apart: a spot does not reach the next hint
ENDING = ".hints.json"


@dataclass(frozen=True)
class Hint:
    """A color at a point of a photo.

    Attributes:
        x: The fraction of the photo's width, 0..1 from the left.
        y: The fraction of its height, 0..1 from the top.
        color: "#rrggbb", another name that CSS knows, or (r, g, b) 0..255; kept as "#rrggbb". The photo keeps its
            lightness there. Gray means "leave this without color".
        reach: From 0, this spot, to 1, everything like it.

    Raises:
        ValueError: A number is out of range, or the color is none.

    >>> Hint(0.5, 0.25, (255, 0, 0)).color
    '#ff0000'
    """

    x: float
    y: float
    color: str | tuple[int, int, int]
    reach: float = 0.5

    def __post_init__(self):
        for name in ("x", "y", "reach"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 <= value <= 1:
                raise ValueError(f"{name} of the hint is {value!r}; wanted a number from 0 to 1.")
            object.__setattr__(self, name, float(value))
        object.__setattr__(self, "color", _hex(self.color))

    @property
    def ab(self):
        """a and b of the color, `(2,) float32`."""
        return rgb_to_lab(np.array(ImageColor.getrgb(self.color), np.uint8))[1:]

    def at(self, height, width):
        """The row and the column of the point in an array of that size."""
        return min(int(self.y * height), height - 1), min(int(self.x * width), width - 1)


def _hex(color):
    try:
        rgb = ImageColor.getrgb(color)[:3] if isinstance(color, str) else tuple(color)
        if len(rgb) != 3 or any(int(value) != value or not 0 <= value <= 255 for value in rgb):
            raise ValueError
    except (ValueError, TypeError):
        raise ValueError(f'color of the hint is {color!r}; wanted "#rrggbb" or (r, g, b), 0 to 255 each.') from None
    return "#{:02x}{:02x}{:02x}".format(*map(int, rgb))


def to_json(hints):
    """The text of a file of hints."""
    rows = [json.dumps({"x": h.x, "y": h.y, "color": h.color, "reach": h.reach}) for h in hints]
    return '{"hints": [\n ' + ",\n ".join(rows) + "\n]}\n" if rows else '{"hints": []}\n'


def from_json(text):
    """The list of Hints in the text of such a file; ValueError where it is none."""
    try:
        rows = json.loads(text)["hints"]
        rows = [(row["x"], row["y"], row["color"], row.get("reach", 0.5)) for row in rows]
    except (json.JSONDecodeError, TypeError, KeyError, AttributeError):
        form = '{"hints": [{"x": 0.5, "y": 0.5, "color": "#rrggbb", "reach": 0.5}]}'
        raise ValueError(f"The hints cannot be read; wanted {form}.") from None
    return [Hint(*row) for row in rows]


def save(hints, path):
    """Write hints as JSON, completely or not at all; the Path. PhotoError where that cannot be."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(to_json(hints).encode(), path)
    except OSError as error:
        raise PhotoError(f"{path} could not be written: {reason(error)}.") from error
    return path


def load(path):
    """The list of Hints in a file that `save` wrote; PhotoError without one, ValueError for another file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PhotoError(f"The hints {path} cannot be read: {reason(error)}.") from error
    try:
        return from_json(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def path_beside(path):
    """Where the hints of a result are kept: beside it, as NAME.hints.json."""
    path = Path(path)
    return path.with_name(path.stem + ENDING)


def save_result(photo, path, hints=(), **about):
    """Write a photo in color as `save_photo` does, and its hints, if there are any, beside it."""
    if hints:
        save(hints, path_beside(path))
    return save_photo(photo, path, **about)


def shown_ab(ab, L):
    """a and b as sRGB can hold them at L: colors `(N, 2)` and L `(N,)` to `(N, 2) float32`."""
    lab = np.concatenate([np.asarray(L, np.float32)[:, None], np.asarray(ab, np.float32)], axis=1)
    return rgb_to_lab(lab_to_rgb(lab))[:, 1:]


def spread(ab, features, points, colors, reach=0.5):
    """ab of a photo after hints: each color spread to the places that look alike and are near.

    In three steps, from far to near, each spreads what is still missing, at the points and, by the step's evenness, at
    the place itself. Where several hints reach, they are averaged by their affinities; where none does, ab stays.

    Args:
        ab: `(h, w, 2) float32`, the network's own, in Lab units, one color for each place of `features`.
        features: `(h, w, C) float32`.
        points: `(N, 2)` int, row and column of each hint.
        colors: `(N, 2)`, a and b that the points are to get.
        reach: A number 0..1 or `(N,)`: from this spot to everything like it.

    Returns:
        `(h, w, 2) float32`.
    """
    height, width, _ = ab.shape
    rows, columns = np.asarray(points, int).reshape(-1, 2).T
    if not len(rows):
        return np.array(ab, np.float32)
    hinted = rows * width + columns
    directions, at = unit_features(features).reshape(height * width, -1), places(height, width).reshape(-1, 2)
    now = np.array(ab, np.float32).reshape(-1, 2)
    for tau, far, as_it_is in STEPS:
        far = far * _reaches(reach, len(hinted))
        weights = affinities(directions, at, directions[hinted], at[hinted], tau, far)  # (h * w, N)
        total = weights.sum(axis=1, keepdims=True) + 1e-12
        wanted, there = weights @ np.asarray(colors, np.float32) / total, weights @ now[hinted] / total
        before = as_it_is * now + (1 - as_it_is) * there  # 0 keeps the differences between places, 1 takes them away
        now = now + total / (total + NOTHING) * (wanted - before)
    return now.reshape(ab.shape)


def _reaches(reach, count):
    """What the steps' reach is multiplied by: 1 for a reach of 0.5, infinite for 1."""
    reach = np.broadcast_to(np.asarray(reach, np.float64), count)
    return np.where(reach >= 1, np.inf, np.maximum(np.tan(np.minimum(reach, 0.999) * np.pi / 2), 1e-3))


class Spots:
    """What makes hints exact at full size: the rest that is still missing at each point, in a small spot around it.

    A spot follows the edges of L. It is smaller where the next hint is near, so that each gets its own color.

    Args:
        hints: A list of Hints; of two at one pixel the later one counts.
        L: `(H, W) float32` 0..100, of the photo at its full size.
        rows: A function of L, top and bottom to a and b `(bottom - top, W)` of these rows: the colors so far.
    """

    def __init__(self, hints, L, rows):
        self.L, self._rows = L, rows
        hints = {hint.at(*L.shape): hint for hint in hints}
        self.points = np.array(list(hints), int).reshape(-1, 2)
        self.colors = np.array([hint.ab for hint in hints.values()], np.float32).reshape(-1, 2)
        self.sigmas = _sigmas(self.points, SPOT * np.sqrt(L.size))
        self.missing = self._missing()

    def rows(self, L, top, bottom):
        """a and b of rows top..bottom with the spots added: two arrays `(bottom - top, W) float32`."""
        planes = [np.array(plane) for plane in self._rows(L, top, bottom)]
        for (row, column), sigma, missing in zip(self.points, self.sigmas, self.missing):
            room = int(np.ceil(3 * sigma))
            y = slice(max(top, row - room), min(bottom, row + room + 1))
            x = slice(max(0, column - room), column + room + 1)
            if y.start < y.stop:
                spot = self._spot(row, column, sigma, y, x)
                for plane, rest in zip(planes, missing):
                    plane[y.start - top : y.stop - top, x] += rest * spot
        return planes

    def _spot(self, row, column, sigma, y, x):
        """The weight, 1 at the point itself, of the pixels in a window."""
        far = np.arange(y.start, y.stop)[:, None] - row, np.arange(x.start, min(x.stop, self.L.shape[1])) - column
        logs = (far[0] ** 2 + far[1] ** 2) / np.float32(2 * sigma**2)
        return np.exp(-logs - np.square(self.L[y, x] - self.L[row, column]) / np.float32(2 * SPOT_L**2))

    def _missing(self):
        """What each spot adds, `(N, 2)`, so that all of them together give each point its color."""
        if not len(self.points):
            return np.zeros((0, 2), np.float32)
        rows, columns = self.points.T
        now = np.array([[plane[0, x] for plane in self._rows(self.L, y, y + 1)] for y, x in self.points])
        rest = shown_ab(self.colors, self.L[rows, columns]) - now
        far = np.square(self.points[:, None] - self.points).sum(-1) / (2 * self.sigmas**2)
        edges = np.square(self.L[rows, columns][:, None] - self.L[rows, columns]) / (2 * SPOT_L**2)
        return np.linalg.solve(np.exp(-far - edges), rest).astype(np.float32)


def _sigmas(points, most):
    """Sigma of each spot, in pixels: at most `most`, less where the next point is near."""
    apart = np.sqrt(np.square(points[:, None] - points).sum(-1).astype(np.float64))
    np.fill_diagonal(apart, np.inf)
    return np.clip(apart.min(axis=1, initial=np.inf) / APART, 0.3, max(most, 0.3))
