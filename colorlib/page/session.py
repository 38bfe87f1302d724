"""The state of the page, without widgets: chosen photos, settings, the network, and previous predictions."""

import dataclasses
import os
import tempfile
from collections import OrderedDict

import numpy as np
from PIL import Image

from colorlib import preparation
from colorlib.color import gray_of, lab_to_rgb, lightness
from colorlib.colorizer import Colorizer
from colorlib.page.chosen import WHOLE, Chosen, Look
from colorlib.page.predictions import History, is_lossless
from colorlib.photos import PhotoError
from colorlib.settings import Settings
from colorlib.terminal import import_keras_quietly

SHOWN = 1600  # longer side in pixels of a photo on the page
THUMBNAIL = 150  # longer side in pixels of a version's picture
OTHERS = 5  # at most this many versions besides the usual one
KEPT_BYTES = 400e6  # of decoded photos; a photo of 12 megapixels has 36e6


def default_colorizer():
    """The page's Colorizer, with the network $COLORLIB_MODEL and the size $COLORLIB_SIZE, or the default ones."""
    import_keras_quietly()  # else the terminal of `colorlib demo` shows TensorFlow's greeting
    settings = Settings.from_environment()
    return Colorizer(settings.model, settings.size)


@dataclasses.dataclass(frozen=True, eq=False)
class Version:
    """One way to color a photo: its name, its Look, and a small picture of the result, `(h, w, 3) uint8`."""

    name: str
    look: Look
    picture: np.ndarray


class Session:
    """One visitor's work: `session.choose([photo])`, then `session.color(photo)` for each of `session.waiting`.

    Args:
        colorizer: A Colorizer, or a function that returns one, called when it is first needed. None:
            `default_colorizer`.
        history: The folder of the results, or a History. None: $COLORLIB_HISTORY, else `predictions`.
        max_megapixels: Larger photos are refused.

    Attributes:
        photos: The chosen photos, a list of Chosen.
        look: The current Look: the settings that photos are colored with.
        history: The History; a temporary one once the given one could not be written.
    """

    def __init__(self, colorizer=None, history=None, max_megapixels=80):
        self._source, self._network = colorizer or default_colorizer, None
        history = history or Settings.from_environment().history or "predictions"
        self.history = history if isinstance(history, History) else History(history)
        self.max_megapixels = max_megapixels
        self.photos, self.look = [], Look()
        self._small = None, None  # (photo, its pixels at the size SHOWN)
        self._hand = None, None  # (photo, its HandColoring)
        self._decoded = OrderedDict()  # Chosen -> pixels, the least recently used first

    def read(self, name, source):
        """A Chosen photo with this name, from its bytes or its path; PhotoError if it cannot be read."""
        photo = Chosen(name, source)
        self.pixels(photo)
        return photo

    def choose(self, photos):
        """Add Chosen photos; they replace the current ones if all of those are samples or already colored."""
        replaced = all(photo.source is None or photo.look for photo in self.photos)
        self.photos = photos if replaced else self.photos + photos

    @property
    def waiting(self):
        """The list of chosen photos that are not yet colored with the current Look."""
        return [photo for photo in self.photos if photo.look != self.look]

    def pixels(self, photo):
        """The pixels of a Chosen photo, `(H, W, 3) uint8`. The decoded photos that were used last are kept."""
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
        """The Colorizer, set to the current Look. It is loaded when it is first needed."""
        if self._network is None:
            self._network = self._source if isinstance(self._source, Colorizer) else self._source()
        if not self._network.has_temperature:
            self.look = dataclasses.replace(self.look, temperature=None)
        self._network.saturation, self._network.temperature = self.look.saturation, self.look.temperature
        return self._network

    def small(self, photo):
        """A Chosen photo at the size that the page shows, `(h, w, 3) uint8`."""
        if self._small[0] is not photo:
            image = Image.fromarray(self.pixels(photo))
            image.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
            self._small = photo, np.asarray(image)
        return self._small[1]

    def preview(self, photo):
        """A Chosen photo in color with the current Look, at the size that the page shows, `(h, w, 3) uint8`."""
        return self._colored(photo, self.small(photo))

    def versions(self, photo):
        """A list of Versions of a Chosen photo with other settings, from pale to bold."""
        has_temperature = self.colorizer().has_temperature
        looks = [("Pale", Look(0.6)), ("Natural", Look()), ("Vivid", Look(1.5))]
        looks += [("Calm", Look(1.0, 1.0)), ("Bold", Look(1.0, 0.1))] if has_temperature else []
        answer = self._network.answer(lightness(self.small(photo)))
        hand = self.by_hand(photo) if photo.hints else None
        made = []
        for name, look in looks:
            self._network.saturation, self._network.temperature = look.saturation, look.temperature
            picture = hand.preview(photo.hints) if hand else _in_color(answer.L, self._network.ab_of(answer))
            made.append(Version(name, look, _thumbnail(picture)))
        self.colorizer()  # sets the current Look again
        return made

    def other_versions(self, photo):
        """A list of other plausible Versions of a Chosen photo; ValueError if the network has no features."""
        looks = [Look(version=i) for i in range(1, OTHERS + 1)]
        before, self.look = self.look, Look()
        try:
            self.colorizer()
            hand = self.by_hand(photo)
            found = hand.versions(OTHERS + 1)
        finally:
            self.look = before
            self.colorizer()
        pictures = [_thumbnail(hand.preview(photo.hints, version=ab)) for ab in found[1:]]
        return [Version(f"Other {look.version}", look, picture) for look, picture in zip(looks, pictures)]

    def edited(self, photo):
        """Discard the results of a Chosen photo that has been turned or cropped; PhotoError if it cannot be read."""
        photo.look, photo.entry, photo.hints = None, None, []
        self._decoded.pop(photo, None)
        self._small = self._hand = None, None
        self.pixels(photo)

    def border(self, photo):
        """The box inside a Chosen photo's even border, (left, top, right, bottom) as fractions; WHOLE without one."""
        L = lightness(self.small(photo))
        rows, columns = L.shape
        top, bottom, left, right = preparation.border(L)
        if (top, bottom, left, right) == (0, rows, 0, columns):
            return WHOLE
        return (left + 1) / columns, (top + 1) / rows, (right - 1) / columns, (bottom - 1) / rows  # nor its soft edge

    def by_hand(self, photo):
        """The HandColoring of a Chosen photo; ValueError if the network has no features."""
        if self._hand[0] is not photo:
            self._hand = photo, self.colorizer().by_hand(self.pixels(photo))
        return self._hand[1]

    def _colored(self, photo, pixels):
        """Pixels of a Chosen photo, at any size, in color with the current Look and its hints, `(h, w, 3) uint8`."""
        colorizer = self.colorizer()
        if not self.look.version and not photo.hints:
            return colorizer(pixels)
        hand, L = self.by_hand(photo), lightness(pixels)
        return colorizer.enlarged(L, hand.small_ab(L, photo.hints, version=self.version(photo)))

    def version(self, photo):
        """ab `(h, w, 2)` of the version of a Chosen photo that the current Look names; None for the usual one."""
        if not self.look.version:
            return None
        versions = self.by_hand(photo).versions(OTHERS + 1)
        if self.look.version >= len(versions):
            raise ValueError(f"There is no version {self.look.version} of {photo.name} any more; choose another.")
        return versions[self.look.version]

    def reopen(self, entry):
        """Choose the photo of an Entry, with the Look it was colored with; returns it as a Chosen photo."""
        given = {name: value for name, value in entry.settings.items() if isinstance(value, (int, float))}
        saturation, version = min(max(given.get("saturation", 1.0), 0.0), 2.0), int(given.get("version", 0))
        look = Look(saturation, given.get("temperature"), min(max(version, 0), OTHERS))
        same = [photo for photo in self.photos if photo.entry == entry]
        photo = same[0] if same else Chosen(entry.title, entry.gray)
        photo.entry, photo.look, self.look = entry, look, look
        photo.hints = entry.hints
        if not same:
            self.photos = [photo]
        return photo

    def color(self, photo):
        """Color a Chosen photo and keep the result.

        Returns:
            None, or sentences: that it looks like a negative, when it is colored for the first time; where it was kept
            instead because the history cannot be written.

        Raises:
            PhotoError: The photo cannot be read, or the result cannot be kept anywhere.
            MemoryError: The photo is too large for this computer.
        """
        pixels, notes = self.pixels(photo), []
        looks_negative = self.colorizer().looks_negative if photo.look is None else None
        if looks_negative and looks_negative(pixels):
            notes.append(f"{photo.name} looks like a negative; colorlib colorize --negative turns it over.")
        kept = self._keep_anywhere(photo, self._colored(photo, pixels))
        return " ".join([*notes, kept] if kept else notes) or None

    def keep_by_hand(self, photo, hints):
        """Color a Chosen photo with Hints, which it keeps, and keep the result; returns and raises as `color` does."""
        before, photo.hints = photo.hints, list(hints)
        try:
            return self.color(photo)
        except BaseException:
            photo.hints = before
            raise

    def _keep_anywhere(self, photo, colored):
        """Keep a colored photo, `(H, W, 3) uint8`; returns and raises as `color` does."""
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
        return self.history.add(gray, colored, photo.name, lossless, photo.about, made, settings, photo.hints)


def _in_color(L, ab):
    """A photo `(h, w, 3) uint8` of L `(h, w)` and ab `(h, w, 2)`; borders and blank pages stay gray."""
    return lab_to_rgb(np.concatenate([L[..., None], ab * preparation.color_share(L)], axis=-1))


def _thumbnail(photo):
    image = Image.fromarray(photo)
    image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return np.asarray(image)
