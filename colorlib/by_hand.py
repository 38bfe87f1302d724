"""One photo, colored by hand: it goes through the network once, then a hint costs milliseconds.

Hints, suggested colors, versions to choose from, and the colors of another photo: all are corrections of the
network's own ab, spread by the affinity of its features.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, softmax

from colorlib import hints as by_points, inference, preparation
from colorlib._fast_color import planes_to_rgb
from colorlib.ab_bins import bins
from colorlib.affinity import affinities, places, smoothed, unit_features
from colorlib.color import lab_to_rgb, lightness, rgb_to_lab

PREVIEW = 900  # the longer side of a preview, in pixels
REFERENCE = 24  # a reference photo is remembered by 24 x 24 places
LIKE_TAU, LIKE_NOTHING = 0.03, 0.5  # how alike another photo's places must be; affinity with "nothing alike"
CLUSTERS, BOLDNESS = 6, 0.4  # things that a version colors apart; the temperature of their draws
DIFFERENT = 6  # mean ab difference from which two versions count as different
GRAY = 3  # mean chroma under which a reference has no colors to give


@dataclass(frozen=True, eq=False)
class Reference:
    """The colors of a photo, to be given to others: how they differ from what the network would have said.

    Attributes:
        features: `(N, C) float32` of length 1, at N places of the photo.
        correction: `(N, 2) float32`, ab as it is there minus the network's.
    """

    features: np.ndarray
    correction: np.ndarray


class HandColoring:
    """A photo in the hands of somebody who knows its colors.

    Args:
        colorizer: A Colorizer whose network has features.
        photo: `(H, W, 3)` or `(H, W) uint8`.
        negative: Whether the photo is a negative, which is turned first.

    Raises:
        ValueError: The network has no features.
    """

    def __init__(self, colorizer, photo, negative=False):
        self.colorizer, self.photo = colorizer, photo
        self.L = lightness(255 - photo if negative else photo)
        self.answer = colorizer.answer(self.L)
        if self.answer.features is None:
            raise ValueError(f"The network {colorizer.model.name} has no features; wanted one that has, such as unet.")
        padded = len(self.answer.L) + -len(self.answer.L) % inference.MULTIPLE
        self.step = padded // len(self.answer.features)  # pixels that the network sees, for each place of the features
        height, width = (-(-side // self.step) for side in self.answer.L.shape)
        self.features = self.answer.features[:height, :width]  # without those of the padding
        self.share = preparation.color_share(self.answer.L)  # of its color: none in a border or on a blank page
        self.inside = preparation.border(self.answer.L)  # top, bottom, left, right of the photo in its border
        self.preview_L = _reduced(self.L, PREVIEW)
        self._own, self._own_settings, self._versions = None, None, {}

    @property
    def own_ab(self):
        """The network's own ab `(h, w, 2)`, at the size it sees, with the Colorizer's saturation and temperature.

        As in a photo that is colored without help, a border and a blank page have no colors.
        """
        settings = self.colorizer.saturation, self.colorizer.temperature
        if settings != self._own_settings:
            ab = self.colorizer.ab_of(self.answer) * self.share
            self._own, self._own_settings, self._versions = ab, settings, {}
        return self._own

    def ab(self, hints=(), like=None, version=None):
        """ab `(h, w, 2) float32` at the size the network sees.

        Args:
            hints: Hints.
            like: A Reference.
            version: The ab of one of `versions`, instead of the network's own.
        """
        ab = self.own_ab if version is None else version
        if like is not None:
            ab = self._corrected(ab, self._likened(like) * self.share.max())
        if hints:
            ab = self._corrected(ab, self._spread(ab, hints))
        return ab

    def _spread(self, ab, hints):
        """The correction `(h', w', 2)` that hints ask for; one in the border is a spot there, and does not spread."""
        cells, L = _cells(ab, self.step), self.answer.L
        hints = [hint for hint in hints if self._is_inside(*hint.at(*L.shape))]
        points = np.array([hint.at(*L.shape) for hint in hints], int).reshape(-1, 2)
        wanted = np.array([hint.ab for hint in hints], np.float32).reshape(-1, 2)
        colors, reaches = by_points.shown_ab(wanted, L[tuple(points.T)]), [hint.reach for hint in hints]
        return by_points.spread(cells, self.features, points // self.step, colors, reaches) - cells

    def _is_inside(self, row, column):
        top, bottom, left, right = self.inside
        return top <= row < bottom and left <= column < right

    def small_ab(self, L, hints=(), like=None, version=None):
        """The low-resolution result, ready to be enlarged to L, the photo's or a smaller copy; hints are exact."""
        ab = self.ab(hints, like, version)
        small = inference.SmallAB(self.answer.L, ab, self.colorizer.settings.edges)
        return by_points.Spots(hints, L, small.rows) if hints else small

    def color(self, hints=(), like=None, version=None):
        """The photo in color at its full size, `(H, W, 3) uint8`; the arguments are those of `ab`."""
        return self.colorizer.enlarged(self.L, self.small_ab(self.L, hints, like, version))

    def preview(self, hints=(), like=None, version=None):
        """The photo in color, `(h, w, 3) uint8`, its longer side at most 900 pixels."""
        L = self.preview_L
        return planes_to_rgb(L, *self.small_ab(L, hints, like, version).rows(L, 0, len(L)))

    def preview_gray(self):
        """The photo in black and white, `(h, w) uint8`, of the size of `preview`."""
        nothing = np.zeros_like(self.preview_L)
        return planes_to_rgb(self.preview_L, nothing, nothing)[..., 0]

    def suggest(self, x, y, n=9):
        """The likeliest colors at a point, the likeliest first: at most n of "#rrggbb", none twice.

        The network's distribution over the bins there, in n groups; each color is the mean of a group, at the photo's
        own lightness. x and y are fractions of the width and the height.
        """
        hint = by_points.Hint(x, y, "#808080")
        n = _count("n", n)
        row, column = (i // self.step for i in hint.at(*self.answer.L.shape))
        shares = self.shares()[row, column]
        colors, weights = _grouped(shares, n)
        order = np.argsort(-weights, kind="stable")
        row, column = hint.at(*self.L.shape)
        L = np.full((len(order), 1), self.L[row, column])
        rgb = lab_to_rgb(np.concatenate([L, self._scale() * colors[order]], axis=1).astype(np.float32))
        return list(dict.fromkeys("#{:02x}{:02x}{:02x}".format(*color) for color in rgb))

    def shares(self):
        """The distribution over the bins at each place of the features, `(h, w, Q) float32`."""
        if self.answer.logits is None:
            raise ValueError(
                f"The network {self.colorizer.model.name} does not choose among bins; wanted one that does."
            )
        height, width = self.features.shape[:2]
        logits = self.answer.logits[:, :height, :width] - self.colorizer.annealing()["shift"]
        return softmax(logits, axis=-1).mean(axis=0)

    def versions(self, n=5, seed=0):
        """ab of n ways to color the photo, each `(h, w, 2)`: the usual one, then plausible others, none twice.

        The photo's things (groups of places with like features) each get one likely color; things that can have only
        one get that. There may be fewer than n. The same seed gives the same versions.
        """
        n = _count("n", n)
        self.own_ab  # noqa: B018  forgets the versions when the settings have changed
        if (n, seed) not in self._versions:
            self._versions[n, seed] = list(self._different(n, np.random.default_rng(seed)))
        return self._versions[n, seed]

    def reference(self, hints=()):
        """The colors of this photo, or of its hints, as a Reference for others; ValueError when it has none."""
        true = self._true_ab() if not hints else _cells(self.ab(hints), self.step)
        top, bottom, left, right = self.inside
        sides = ((first // self.step, (end - 1) // self.step) for first, end in ((top, bottom), (left, right)))
        picked = np.ix_(*(np.unique(np.linspace(*side, REFERENCE).round().astype(int)) for side in sides))
        features = unit_features(self.features)[picked]
        correction = (true - _cells(self.own_ab, self.step))[picked]
        return Reference(features.reshape(-1, features.shape[-1]), correction.reshape(-1, 2))

    def _true_ab(self):
        photo = np.asarray(self.photo)
        if photo.ndim == 3 and photo.shape[-1] == 3:
            height, width = self.answer.L.shape
            ab = _cells(inference.scaled(rgb_to_lab(photo)[..., 1:], height, width), self.step)
            if np.linalg.norm(ab, axis=-1).mean() >= GRAY:
                return ab
        raise ValueError("The reference has no colors; wanted a photo in color, or hints for it.")

    def _likened(self, like):
        """The correction `(h', w', 2)` that another photo's colors ask for; 0 where nothing is alike."""
        directions = unit_features(self.features).reshape(-1, self.features.shape[-1])
        if directions.shape[1] != like.features.shape[1]:
            raise ValueError("The reference was made by another network; wanted one made by this Colorizer.")
        nowhere = np.zeros((len(directions), 2), np.float32), np.zeros((len(like.features), 2), np.float32)
        weights = affinities(directions, nowhere[0], like.features, nowhere[1], LIKE_TAU, np.inf)
        correction = weights @ like.correction / (weights.sum(axis=1, keepdims=True) + LIKE_NOTHING)
        return correction.reshape(*self.features.shape[:2], 2)

    def _corrected(self, ab, correction):
        """ab `(h, w, 2)` plus a correction `(h', w', 2)` of the features' size; in a border, ab stays."""
        height, width = ab.shape[:2]
        full = inference.scaled(
            correction, height=correction.shape[0] * self.step, width=correction.shape[1] * self.step
        )
        top, bottom, left, right = self.inside
        corrected = ab.copy()
        corrected[top:bottom, left:right] += full[top:bottom, left:right]
        return corrected

    def _scale(self):
        """What the bins' colors are multiplied by."""
        return np.float32(self.colorizer.annealing()["gain"] * self.colorizer.saturation)

    def _different(self, n, rng):
        """The usual ab, then up to n - 1 others; each differs from all before."""
        kept = [self.own_ab]
        yield self.own_ab
        things, logs = self._things()
        own = _cells(self.own_ab, self.step)
        centers = np.einsum("hwk,hwc->kc", things, own) / things.sum(axis=(0, 1))[:, None]
        chances = softmax(logs / BOLDNESS, axis=1)
        for _ in range(20 * n):
            drawn = np.array([rng.choice(len(p), p=p) for p in chances])
            ab = self._corrected(self.own_ab, things @ (self._scale() * bins()[drawn] - centers) * self.share.max())
            if len(kept) < n and min(np.linalg.norm(ab - other, axis=-1).mean() for other in kept) >= DIFFERENT:
                kept.append(ab)
                yield ab

    def _things(self):
        """How much each place belongs to each thing, `(h', w', K)`, and the things' mean log distributions `(K, Q)`."""
        from sklearn.cluster import KMeans

        height, width, channels = self.features.shape
        directions, at = unit_features(self.features), places(height, width)
        points = np.concatenate([directions, 0.5 * at], axis=-1).reshape(height * width, -1)
        labels = KMeans(min(CLUSTERS, len(points)), n_init=1, random_state=0).fit_predict(points)
        member = np.eye(labels.max() + 1, dtype=np.float32)[labels]  # (N, K)
        logs = np.log(self.shares().reshape(len(labels), -1) + 1e-9)
        things = smoothed(member.reshape(height, width, -1), self.features, 0.05, 0.25)
        return things, log_softmax(member.T @ logs / member.sum(axis=0)[:, None], axis=1)


def _grouped(shares, n):
    """The bins in n groups: their mean colors `(n, 2)` and the groups' shares `(n,)`."""
    from sklearn.cluster import KMeans

    likely = np.argsort(-shares, kind="stable")[: max(10 * n, 1)]
    groups = KMeans(n, n_init=1, random_state=0).fit(bins()[likely], sample_weight=shares[likely] + 1e-9)
    return groups.cluster_centers_, np.bincount(groups.labels_, shares[likely], minlength=n)


def _count(name, n):
    if not isinstance(n, (int, np.integer)) or not 1 <= n <= 50:
        raise ValueError(f"{name} is {n!r}; wanted a whole number from 1 to 50.")
    return int(n)


def _cells(ab, step):
    """ab `(h, w, 2)` averaged over step x step pixels, as many as the features have places."""
    height, width = ab.shape[:2]
    padded = np.pad(ab, [(0, -height % step), (0, -width % step), (0, 0)], mode="edge")
    return padded.reshape(padded.shape[0] // step, step, -1, step, 2).mean(axis=(1, 3))


def _reduced(L, longest):
    """L with its longer side at most `longest` pixels."""
    scale = min(1, longest / max(L.shape))
    return L if scale == 1 else inference.shrunk(L, *(max(1, round(side * scale)) for side in L.shape))
