"""What the page knows, without widgets: the chosen photos, the settings, the network, the previous predictions."""

import dataclasses
import io
import os
import tempfile
from collections import OrderedDict

import numpy as np
from PIL import Image

from colorlib.color import gray_of
from colorlib.colorizer import Colorizer
from colorlib.page.predictions import History, is_lossless
from colorlib.photos import PhotoError, read_picture, sample_photo
from colorlib.settings import Settings

SHOWN = 1600  # pixels of the longer side on the page
KEPT_BYTES = 400e6  # of decoded photos: a 12-megapixel photo has 36e6


def default_colorizer():
    """The Colorizer of the page: $COLORLIB_MODEL, a name or a `.keras` file, which sees $COLORLIB_SIZE pixels (256).

    When it is not set: the weights that come with colorlib.
    """
    settings = Settings.from_environment()
    return Colorizer(settings.model, settings.size)


@dataclasses.dataclass(frozen=True)
class Look:
    """The settings that a visitor chooses: what ab is multiplied by, and the temperature (None: the network's own)."""

    saturation: float = 1.0
    temperature: float | None = None


@dataclasses.dataclass(eq=False)
class Chosen:
    """A photo to color.

    Attributes:
        name: Its name, as its owner gave it.
        source: Its bytes, its path, or None for a sample.
        look: The Look it was last colored with; None before that.
        entry: Its `predictions.Entry`; None before it was colored.
        about: What its file says about it, a `metadata.Metadata`; known, as `made_of` and `notes`, once it is loaded.
        made_of: What the photo is known by, as `photos.source_of` gives it.
        notes: Sentences to tell its owner, such as which page was taken.
    """

    name: str
    source: object = None
    look: Look | None = None
    entry: object = None
    about: object = None
    made_of: dict = dataclasses.field(default_factory=dict)
    notes: list = dataclasses.field(default_factory=list)

    def load(self, max_megapixels):
        """Its pixels, `(H, W, 3) uint8`; PhotoError when they cannot be read."""
        if self.source is None:
            return sample_photo(self.name)
        source = self.source
        if isinstance(source, bytes):
            source = io.BytesIO(source)
            source.name = self.name  # what load_photo calls it when it cannot be read
        picture = read_picture(source, max_megapixels)
        self.about, self.made_of, self.notes = picture.metadata, picture.source, picture.notes
        return picture.photo


class Session:
    """One visitor's work: `session.choose([photo])`, then `session.color(photo)` for each of `session.waiting`.

    Args:
        colorizer: A Colorizer, or a function that makes one, called when it is first needed.
        history: A folder, or a History: where the results are kept. None: $COLORLIB_HISTORY, else `predictions`.
        max_megapixels: Larger photos are refused.

    Attributes:
        photos: The chosen photos, a list of Chosen.
        look: The Look with which photos are colored.
        history: The History; a temporary one after the given one could not be written.
    """

    def __init__(self, colorizer=None, history=None, max_megapixels=80):
        self._source, self._network = colorizer or default_colorizer, None
        history = history or Settings.from_environment().history or "predictions"
        self.history = history if isinstance(history, History) else History(history)
        self.max_megapixels = max_megapixels
        self.photos, self.look = [], Look()
        self._small = None, None  # a photo, and as it is shown
        self._decoded = OrderedDict()  # Chosen -> pixels, the least recently used first

    def read(self, name, source):
        """A Chosen photo of a name and bytes or a path; PhotoError when it cannot be read."""
        photo = Chosen(name, source)
        self.pixels(photo)
        return photo

    def choose(self, photos):
        """Choose photos beside those that wait; instead of them when all are samples or colored already."""
        replaced = all(photo.source is None or photo.look for photo in self.photos)
        self.photos = photos if replaced else self.photos + photos

    @property
    def waiting(self):
        """The chosen photos that are not colored with the current Look."""
        return [photo for photo in self.photos if photo.look != self.look]

    def pixels(self, photo):
        """The pixels of a Chosen photo, `(H, W, 3) uint8`, decoded once as long as there is room."""
        if photo not in self._decoded:
            self._decoded[photo] = photo.load(self.max_megapixels)
            while len(self._decoded) > 1 and sum(pixels.nbytes for pixels in self._decoded.values()) > KEPT_BYTES:
                self._decoded.popitem(last=False)
        self._decoded.move_to_end(photo)
        return self._decoded[photo]

    def gray(self, photo):
        """A Chosen photo in black and white, `(H, W) uint8`."""
        return gray_of(self.pixels(photo))

    @property
    def loaded(self):
        """Whether the network has been loaded."""
        return self._network is not None

    def colorizer(self):
        """The Colorizer, with the current Look; loaded when first needed."""
        if self._network is None:
            self._network = self._source if isinstance(self._source, Colorizer) else self._source()
        if not self._network.has_temperature:
            self.look = dataclasses.replace(self.look, temperature=None)
        self._network.saturation, self._network.temperature = self.look.saturation, self.look.temperature
        return self._network

    def small(self, photo):
        """A Chosen photo as large as it is shown, `(h, w, 3) uint8`."""
        if self._small[0] is not photo:
            image = Image.fromarray(self.pixels(photo))
            image.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
            self._small = photo, np.asarray(image)
        return self._small[1]

    def preview(self, photo):
        """A Chosen photo in color with the current Look, as large as it is shown, `(h, w, 3) uint8`, kept nowhere."""
        return self.colorizer()(self.small(photo))

    def reopen(self, entry):
        """Choose a previous prediction, to be colored again; the Look is the one it was colored with."""
        given = {name: value for name, value in entry.settings.items() if isinstance(value, (int, float))}
        look = Look(min(max(given.get("saturation", 1.0), 0.0), 2.0), given.get("temperature"))
        same = [photo for photo in self.photos if photo.entry == entry]
        photo = same[0] if same else Chosen(entry.title, entry.gray)
        photo.entry, photo.look, self.look = entry, look, look
        if not same:
            self.photos = [photo]
        return photo

    def color(self, photo):
        """Color a Chosen photo and keep the result.

        Returns:
            None, or a sentence about where it was kept instead, when the history cannot be written.

        Raises:
            PhotoError: The photo cannot be read, or the result cannot be kept anywhere.
            MemoryError: The photo is too large for this computer.
        """
        return self.keep(photo, self.colorizer()(self.pixels(photo)))

    def keep(self, photo, colored):
        """Keep a Chosen photo in color, `(H, W, 3) uint8`; returns and raises as `color` does."""
        gray, note = self.gray(photo), None
        try:
            photo.entry = self._keep(photo, gray, colored)
        except PhotoError as error:
            self.history = History(tempfile.mkdtemp(prefix="colorlib_"), self.history.keep)
            photo.entry = self._keep(photo, gray, colored)
            note = f"{error} Results stay only until this page is closed: download those you want to keep."
        photo.look = self.look
        return note

    def _keep(self, photo, gray, colored):
        lossless = is_lossless(str(photo.source) if isinstance(photo.source, os.PathLike) else photo.name)
        made = {"photo": photo.made_of, **self._network.made_with}
        settings = dataclasses.asdict(self.look)
        return self.history.add(gray, colored, photo.name, lossless, photo.about, made, settings)
