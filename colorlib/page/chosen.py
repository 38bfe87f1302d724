"""A chosen photo: where it comes from, how it was turned and cropped, and with which settings it is colored."""

import dataclasses
import io

import numpy as np

from colorlib.photos import read_picture, sample_photo

WHOLE = (0.0, 0.0, 1.0, 1.0)  # left, top, right, bottom as fractions


@dataclasses.dataclass(frozen=True)
class Look:
    """The settings that a visitor chooses.

    What ab is multiplied by; the temperature (None: the network's own); which of the plausible versions of
    `by_hand.HandColoring.versions` (0: the usual one).
    """

    saturation: float = 1.0
    temperature: float | None = None
    version: int = 0


@dataclasses.dataclass(eq=False)
class Chosen:
    """A photo to color.

    Attributes:
        name: Its name, as its owner gave it.
        source: Its bytes, its path, or None for a sample.
        look: The Look it was last colored with; None before that.
        entry: Its `predictions.Entry`; None before it was colored.
        hints: The `hints.Hint` objects with which it was colored by hand.
        about: What its file says about it, a `metadata.Metadata`; known, as `made_of` and `notes`, once it is loaded.
        made_of: What the photo is known by, as `photos.source_of` gives it.
        notes: Sentences to tell its owner, such as which page was taken.
        turns: How many quarter turns clockwise it was turned.
        box: What is left of it after cropping, (left, top, right, bottom) as fractions of the turned photo.
    """

    name: str
    source: object = None
    look: Look | None = None
    entry: object = None
    hints: list = dataclasses.field(default_factory=list)
    about: object = None
    made_of: dict = dataclasses.field(default_factory=dict)
    notes: list = dataclasses.field(default_factory=list)
    turns: int = 0
    box: tuple = WHOLE

    def load(self, max_megapixels):
        """Its pixels, turned and cropped, `(H, W, 3) uint8`; PhotoError when they cannot be read."""
        turned = np.rot90(self._read(max_megapixels), -self.turns)
        left, top, right, bottom = self.box
        rows, columns = turned.shape[:2]
        return np.ascontiguousarray(
            turned[round(top * rows) : round(bottom * rows), round(left * columns) : round(right * columns)]
        )

    def turn(self):
        """Turn it clockwise by a quarter."""
        left, top, right, bottom = self.box
        self.turns, self.box = (self.turns + 1) % 4, (1 - bottom, left, 1 - top, right)

    def crop(self, left, top, right, bottom):
        """Keep a part of what is left of it, given as fractions."""
        x, y, far, low = self.box
        width, height = far - x, low - y
        self.box = x + left * width, y + top * height, x + right * width, y + bottom * height

    def _read(self, max_megapixels):
        if self.source is None:
            return sample_photo(self.name)
        source = self.source
        if isinstance(source, bytes):
            source = io.BytesIO(source)
            source.name = self.name  # what load_photo calls it when it cannot be read
        picture = read_picture(source, max_megapixels)
        self.about, self.made_of, self.notes = picture.metadata, picture.source, picture.notes
        return picture.photo
