"""A chosen photo: its source, how it was turned and cropped, and the settings it is colored with."""

import dataclasses
import io

import numpy as np

from colorlib.photos import read_picture, sample_photo

WHOLE = (0.0, 0.0, 1.0, 1.0)  # left, top, right, bottom as fractions


@dataclasses.dataclass(frozen=True)
class Look:
    """The settings that a visitor chooses.

    Attributes:
        saturation: The factor that multiplies ab.
        temperature: The temperature of the annealed mean. None: the network's default.
        version: The index of one of `by_hand.HandColoring.versions`; 0 is the usual result.
    """

    saturation: float = 1.0
    temperature: float | None = None
    version: int = 0


@dataclasses.dataclass(eq=False)
class Chosen:
    """A photo to color.

    Attributes:
        name: The name of its file.
        source: Its bytes, its path, or None for a sample.
        look: The Look it was last colored with; None before that.
        entry: Its `predictions.Entry`; None before it was colored.
        hints: The `hints.Hint` objects it was colored by hand with.
        about: The `metadata.Metadata` of its file. `load` sets `about`, `made_of` and `notes`.
        made_of: What identifies its file, a dict from `photos.source_of`.
        notes: Sentences for the visitor, such as which page of the file was used.
        turns: The number of quarter turns clockwise.
        box: The part that is kept, (left, top, right, bottom) as fractions of the turned photo.
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
        """The pixels of the turned and cropped photo, `(H, W, 3) uint8`.

        Args:
            max_megapixels: Larger photos are refused.

        Raises:
            PhotoError: The photo cannot be read, or is larger.
        """
        turned = np.rot90(self._read(max_megapixels), -self.turns)
        left, top, right, bottom = self.box
        rows, columns = turned.shape[:2]
        return np.ascontiguousarray(
            turned[round(top * rows) : round(bottom * rows), round(left * columns) : round(right * columns)]
        )

    def turn(self):
        """Turn the photo clockwise by a quarter turn."""
        left, top, right, bottom = self.box
        self.turns, self.box = (self.turns + 1) % 4, (1 - bottom, left, 1 - top, right)

    def crop(self, left, top, right, bottom):
        """Crop the photo to a part of what is in view, given as fractions 0..1."""
        x, y, far, low = self.box
        width, height = far - x, low - y
        self.box = x + left * width, y + top * height, x + right * width, y + bottom * height

    def _read(self, max_megapixels):
        if self.source is None:
            return sample_photo(self.name)
        source = self.source
        if isinstance(source, bytes):
            source = io.BytesIO(source)
            source.name = self.name  # error sentences use it
        picture = read_picture(source, max_megapixels)
        self.about, self.made_of, self.notes = picture.metadata, picture.source, picture.notes
        return picture.photo
