"""Colorizer: a network put to use on a photo, a list of photos, a folder; any size.

The network sees a small copy of the photo's L; its ab is enlarged and laid under the photo's own L.
"""

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, overload

import numpy as np

from colorlib import ab_bins, compiling, folders, inference, negatives, preparation, pretrained_networks
from colorlib._fast_color import planes_to_rgb
from colorlib.by_hand import HandColoring, Reference
from colorlib.color import lightness
from colorlib.finding import find_folder
from colorlib.hints import Hint
from colorlib.photos import INVENTED, Photo, Source, is_one, opened_photo

if TYPE_CHECKING:
    import keras

Like = Source | Reference | None
STRIP = 1 << 20  # full-size pixels worked on at a time


class Colorizer:
    """Colors photos with a network: `Colorizer()(photo)` is the photo in color.

    A photo goes through the network once. Its `Answer` is kept until the next photo: another saturation or
    temperature needs no second pass.

    Args:
        network: A name that `pretrained()` lists, the path of a `.keras` file, or a keras.Model from L
            `(B, H, W, 1)` 0..100 to ab `(B, H, W, 2)`. None: the default network.
        size: The shorter side, in pixels, of the copy the network sees. None: as it was calibrated; 256 for a
            network of your own.
        settings: The `inference.InferenceSettings`; None: those that come with the network.
        saturation: What ab is multiplied by: 0 is gray, 1 as the network says.
        temperature: How the network chooses among bins: lower is more vivid, and patchier. None: its own.
        negative: Whether the photos are negatives, which are turned first.

    `saturation` and `temperature` can be set at any time.

    Raises:
        ValueError: There is no such network, it takes or gives something else, or a number is out of range.

    >>> from colorlib.photos import sample_photo
    >>> Colorizer("unet", saturation=1.2)(sample_photo("camera")).shape
    (512, 512, 3)
    """

    def __init__(
        self,
        network: "str | os.PathLike | keras.Model | None" = None,
        size: int | None = None,
        settings: inference.InferenceSettings | None = None,
        saturation: float = 1.0,
        temperature: float | None = None,
        negative: bool = False,
    ):
        self.negative = bool(negative)
        self.model, self.settings = pretrained_networks.resolve(network, size, settings)
        compiling.check_contract(self.model)
        from colorlib import models

        self._doublings = models.doublings(self.model)
        inner = models.with_inner_answers(self.model)
        if self.settings.smooth and not {"features", "logits"} <= set(inner.output):
            raise ValueError(f"smooth is {self.settings.smooth}; the network {self.model.name} wants 0: no features.")
        self._predict = compiling.compiled(inner)
        self._kept = None, None  # the last Answer, and the weights that gave it
        self.saturation, self.temperature = saturation, temperature

    @classmethod
    def from_pretrained(cls, name: str | None = None, **arguments) -> "Colorizer":
        """A Colorizer with weights that come with colorlib: the same as `Colorizer(name, ...)`."""
        return cls(name, **arguments)

    @property
    def size(self) -> int:
        """The shorter side, in pixels, of the copy the network sees."""
        return self.settings.size

    @property
    def saturation(self) -> float:
        return self._saturation

    @saturation.setter
    def saturation(self, saturation: float):
        self._saturation = _number("saturation", saturation, 0, 10)

    @property
    def has_temperature(self) -> bool:
        """Whether the network chooses among bins, so that a temperature means something."""
        return self._doublings is not None

    @property
    def temperature(self) -> float | None:
        return self._temperature

    @temperature.setter
    def temperature(self, temperature: float | None):
        if temperature is not None:
            if not self.has_temperature:
                raise ValueError(
                    f"The network {self.model.name} has no temperature; wanted one that chooses among bins."
                )
            temperature = _number("temperature", temperature, 0.01, 10)
        self._temperature = temperature

    @overload
    def __call__(  # type: ignore[overload-overlap]  # an array is also an iterable of arrays
        self, photos: Source, hints: Sequence[Hint] | None = None, like: Like = None
    ) -> Photo: ...

    @overload
    def __call__(self, photos: Iterable[Source], hints: None = None, like: Like = None) -> Iterator[Photo]: ...

    def __call__(self, photos, hints=None, like=None):
        """The photo in color; or, for several photos, an iterator of them, one by one.

        Args:
            photos: A photo `(H, W, 3)` or `(H, W) uint8`, or whatever `load_photo` reads; or several of them.
            hints: A list of `hints.Hint`: colors that are known, at points of the one photo.
            like: A photo in color to be colored like, as `photos`, or a `Reference` of one.

        Returns:
            `(H, W, 3) uint8` of the same size, or an iterator of such. The lightness stays, within 0.5 L; colors
            that the photo had are ignored.

        Raises:
            PhotoError: A file cannot be read.
            ValueError: The array is no photo, hints are given for several photos, or the network has no features.
        """
        like = like if like is None or isinstance(like, Reference) else self.reference(like)
        if is_one(photos):
            return self._color(opened_photo(photos), hints, like)
        if not hasattr(photos, "__iter__"):
            raise ValueError(f"A {type(photos).__name__} was given; wanted a photo, the path of one, or several.")
        if hints:
            raise ValueError("Hints are given for several photos; wanted one photo, or like=reference(photo, hints).")
        return (self(photo, like=like) for photo in photos)

    @property
    def made_with(self):
        """What results are made with, for their metadata: a dict of the network, its weights and the settings."""
        last = hashlib.sha256(compiling.last_weights(self.model)).hexdigest()[:16]
        own = {"model": self.model.name, "weights": last, "negative": self.negative}
        return (
            own | dataclasses.asdict(self.settings) | {"saturation": self.saturation, "temperature": self.temperature}
        )

    @cached_property
    def looks_negative(self):
        """A function from a photo to whether it looks like a negative; None where `negatives.detector_of` has none."""
        return None if self.negative else negatives.detector_of(self.model)

    def by_hand(self, photo: Source) -> HandColoring:
        """The photo as a `by_hand.HandColoring`, which keeps what the network says of it: hints cost milliseconds."""
        return HandColoring(self, opened_photo(photo), self.negative)

    def suggest(self, photo: Source, x: float, y: float, n: int = 9) -> list[str]:
        """The likeliest colors at a point of a photo, the likeliest first: at most n of "#rrggbb".

        x and y are fractions of the width and the height, from the left and the top.
        """
        return self.by_hand(photo).suggest(x, y, n)

    def versions(self, photo: Source, n: int = 5, seed: int = 0) -> list[Photo]:
        """At most n photos in color, `(H, W, 3) uint8` each: the usual one, then other plausible ones, none twice."""
        hand = self.by_hand(photo)
        return [hand.color(version=ab) for ab in hand.versions(n, seed)]

    def reference(self, photo: Source, hints: Sequence[Hint] = ()) -> Reference:
        """The colors of a photo, or those that hints give it, as a `Reference`: for `like`, once for many photos."""
        return HandColoring(self, opened_photo(photo), self.negative and bool(hints)).reference(hints)

    def folder(
        self,
        source: str | os.PathLike,
        destination: str | os.PathLike,
        overwrite: bool = False,
        note: str | None = INVENTED,
        report: str | os.PathLike | None = None,
        like: Like = None,
    ) -> list[folders.Outcome]:
        """Color every photo of a folder and its subfolders into another folder.

        Results keep their subfolder and name; those not JPEG or PNG get `.png` added. `like` is one photo in color
        for the album, or a `Reference`. The other arguments are those of `folders.color`.

        Returns:
            The `folders.Outcome` of each photo; `folders.failures` picks those that failed.

        Raises:
            PhotoError: There is no such folder, the disk is full, or another run fills the destination.
            ValueError: A result would replace its photo.
        """
        find_folder(source)
        plan = folders.plan([source], destination)
        passed_over = folders.not_colored(plan)
        like = like if like is None or isinstance(like, Reference) else self.reference(like)
        color = partial(self, like=like)
        color.made_with, color.looks_negative = self.made_with, self.looks_negative  # type: ignore[attr-defined]
        return folders.color(color, plan.pairs, destination, overwrite, note, report, passed_over=passed_over)

    def answer(self, L):
        """The network's `inference.Answer` for a photo's L `(H, W) float32` 0..100; one pass through the network.

        The last one is kept: for the same photo, and the same weights, the network is not run again.
        """
        small = inference.shrunk(preparation.descreened(L), *inference.seen_size(*L.shape, self.size))
        seen = preparation.without_border(small, lambda L: inference.stretched(L, self.settings.levels))
        answer, weights = self._kept
        if answer is None or not np.array_equal(answer.seen, seen) or weights != compiling.last_weights(self.model):
            answer = self._run(small, seen)
            self._kept = answer, compiling.last_weights(self.model)
        return answer

    def ab_of(self, answer):
        """ab `(h, w, 2) float32` of an Answer, at the size the network sees, with this temperature and saturation."""
        ab = self._annealed(answer) if self.has_temperature else answer.ab
        return ab * np.float32(self.saturation)

    def annealing(self):
        """The temperature, shift, gain and fade of the annealed mean, by name; ValueError when there is none."""
        from colorlib import models

        settings = models.annealed_mean_of(self.model).settings()
        return settings if self.temperature is None else settings | {"temperature": self.temperature}

    def ab(self, L):
        """ab `(H, W, 2) float32` for L `(H, W) float32` 0..100: seen small, enlarged to L's own size."""
        return np.stack(self._small_ab(L).rows(L, 0, len(L)), axis=-1)

    def _run(self, small, seen):
        outputs = preparation.in_pieces(self._predict, inference.views(seen, self.settings.mirror))
        answer = inference.answer_of(small, seen, outputs)
        if not self.settings.smooth:
            return answer
        shift, tau = self.annealing()["shift"], self.settings.smooth
        logits = inference.smoothed_logits(answer.logits, answer.features, shift, tau)
        return dataclasses.replace(answer, logits=logits)

    def _annealed(self, answer):
        """The annealed mean of the kept logits: NumPy, so that a temperature is this Colorizer's own."""
        ab = ab_bins.annealed_mean_numpy(answer.logits, **self.annealing()).mean(axis=0)
        height, width = answer.seen.shape
        return inference.doubled(ab, self._doublings)[:height, :width]

    def _small_ab(self, L):
        answer = self.answer(L)
        return inference.SmallAB(answer.L, self.ab_of(answer) * preparation.color_share(answer.L), self.settings.edges)

    def _color(self, photo, hints=None, like=None):
        if hints or like is not None:
            return self.by_hand(photo).color(hints or (), like)
        L = lightness(255 - photo if self.negative else photo)
        return self.enlarged(L, self._small_ab(L))

    def enlarged(self, L, small_ab):
        """The photo in color of its L `(H, W)` and a low-resolution result, in strips."""
        colored = np.empty((*L.shape, 3), np.uint8)
        rows = max(1, STRIP // L.shape[1])
        for top in range(0, len(L), rows):
            bottom = min(top + rows, len(L))
            colored[top:bottom] = planes_to_rgb(L[top:bottom], *small_ab.rows(L, top, bottom))
        return colored


def _number(name, number, least, most):
    if not isinstance(number, (int, float, np.number)) or not least <= number <= most:
        raise ValueError(f"{name} is {number!r}; wanted a number from {least} to {most}.")
    return float(number)
