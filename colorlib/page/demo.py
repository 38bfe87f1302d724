"""The web demo: choose photos, start coloring, look, keep. In Colab, in Jupyter, and as a page of its own.

Everything essential is done with core widgets, and in their callbacks: what a background thread
changes is not shown in Colab.
"""

import os
import tempfile

import ipywidgets as widgets
from IPython.display import display

from colorlib.color import gray_of
from colorlib.colorizer import Colorizer
from colorlib.decoding import TooLarge
from colorlib.page import html, uploads
from colorlib.page.gallery import Previous
from colorlib.page.predictions import History
from colorlib.page.uploads import Chosen
from colorlib.page.viewer import Viewer, is_lossless
from colorlib.page.widgets import button, dressed, field, quietly, row, shown, told
from colorlib.photos import SAMPLES, PhotoError
from colorlib.settings import Settings

FIRST = "camera"  # the sample that stands there before anything is chosen: truly black and white
WORDS = {0.0: "none", 0.4: "pale", 1.0: "natural", 1.6: "vivid", 2.0: "loud"}
SATURATIONS = [(f"{s / 10:.1f} {WORDS.get(s / 10, '')}", s / 10) for s in range(0, 22, 2)]
WORDS_T = {0.1: "bold", 1.0: "calm"}
TEMPERATURES = [("automatic", 0.0), *((f"{t / 10:.1f} {WORDS_T.get(t / 10, '')}", t / 10) for t in range(1, 11))]


def default_colorizer():
    """The Colorizer of the page: $COLORLIB_MODEL, a name or a `.keras` file, which sees $COLORLIB_SIZE pixels (256).

    When it is not set: the weights that come with colorlib.
    """
    return Colorizer(Settings.from_environment().model, Settings.from_environment().size)


class ColoringDemo:
    """The page on which photos are chosen, colored, looked at and kept: `ColoringDemo().show()`.

    `colorizer` is a Colorizer or a function that makes one, called at the first Start coloring (default:
    the shipped weights). `history` is the folder of the previous predictions, or a History (default:
    $COLORLIB_HISTORY, else `predictions`). Photos of more than `limit_mb` are shrunk in the browser
    (default: what arrives there, see `uploads.limit`); of more than `max_megapixels` they are refused.
    """

    def __init__(self, colorizer=None, history=None, limit_mb=None, max_megapixels=80):
        self._source, self._network = colorizer or default_colorizer, None
        self.limit_mb, self.max_megapixels = limit_mb or uploads.limit(), max_megapixels
        self.photos, self.notes = [], []
        history = history or Settings.from_environment().history or "predictions"
        self._make_controls()
        self.viewer = Viewer(self.tell)
        self.previous = Previous(history if isinstance(history, History) else History(history), self._open, self.tell)
        self.widget = self._laid_out()
        self.choose_sample(FIRST)

    def show(self):
        """Show the page in this notebook cell."""
        display(self.widget)

    def add(self, photos):
        """Choose photos: a path (of a photo or a folder), several of them, or a dict name -> bytes.

        A dict is what `google.colab.files.upload()` gives. Those that cannot be read are named on the
        page, the others wait there for Start coloring. Raises PhotoError for a folder without photos.
        """
        self._tell_nothing()
        if isinstance(photos, dict):
            files = list(photos.items())
        else:
            given = [photos] if isinstance(photos, (str, os.PathLike)) else photos
            files = [(path.name, path) for place in given for path in uploads.photos_at(place)]
        self._take(files)

    def choose_sample(self, name):
        """Choose one of the sample photos instead of what was chosen."""
        self._tell_nothing()
        self.photos = [Chosen(name)]
        with quietly(self.sample, self._sample_picked):
            self.sample.value = name
        self._look_at(self.photos[0])
        self.start.disabled = False
        self._say(f"{name}, a sample, is ready to be colored.")

    def start_coloring(self):
        """Color what is chosen and not yet colored with these settings; each result is shown and kept."""
        waiting = self._waiting()
        if not waiting:  # a second click that came while the first was at work
            return
        self.start.disabled, done = True, 0
        try:
            colorizer = self._colorizer()
            for i, photo in enumerate(waiting):
                self._say(f"Coloring {i + 1} of {len(waiting)}: {html.short(photo.name)}", i, len(waiting))
                done += self._color(photo, colorizer)
        finally:
            what = f"{html.short(waiting[0].name)} is" if done == len(waiting) == 1 else f"{done} of {len(waiting)} are"
            self._say(f"{what} in color" + (", and kept in the previous predictions below." if done else "."))
            self.start.disabled = not self._waiting()
        self.previous.refresh()

    def tell(self, sentence):
        """Add a sentence to what went wrong or is worth knowing."""
        self.notes.append(sentence)
        self.words.value = html.sentences(self.notes)

    # what the controls do

    @told
    def _uploaded(self, change):
        files = uploads.files_of(change["new"])
        with quietly(self.upload, self._uploaded):
            uploads.forget(self.upload)
        if files:
            self._tell_nothing()
            self._take(files)

    @told
    def _dropped(self, name, data, note, first):
        if first:
            self._tell_nothing()
        if note:
            self.tell(note)
        if data is not None:
            self._take([(name, data)])

    @told
    def _sample_picked(self, change):
        if change["new"]:
            self.choose_sample(change["new"])

    @told
    def _path_given(self, change):
        if change["new"].strip():
            self.add(change["new"].strip().strip("\"'"))
            self.path.value = ""

    @told
    def _photo_picked(self, change):
        self._look_at(self.photos[change["new"]])

    @told
    def _start_clicked(self, _):
        self.start_coloring()

    @told
    def _tuned(self, _):
        """Show at once what another setting does to the photo looked at; Start coloring keeps it."""
        self.start.disabled = not self._waiting()
        photo = self.photos[self.picker.value]
        if self._network and photo.settings and photo in self._waiting():
            full = photo.load(self.max_megapixels)
            self.viewer.show(photo.name, gray_of(full), self._colorizer()(full), caption="In color: a preview")
            self._say("A preview. Start coloring keeps it.")

    def _open(self, entry):
        self.viewer.show_entry(entry, f"In color, {entry.when:%d %b %Y, %H:%M}", reveal=True)
        self._say(f"{html.short(entry.title)}, from the previous predictions.")

    # what they need for it

    def _take(self, files):
        """Choose files, (name, bytes or path) each, beside those that still wait."""
        good = []
        for i, (name, source) in enumerate(files):
            self._say(f"Reading {i + 1} of {len(files)}: {html.short(name)}", i, len(files))
            photo = Chosen(name, source)
            try:
                photo.load(self.max_megapixels)
                good.append(photo)
            except PhotoError as error:
                too_large = isinstance(error, TooLarge)
                self.tell(html.too_large(name, error.megapixels, self.max_megapixels) if too_large else str(error))
        if good:
            begun = all(photo.source is None or photo.settings for photo in self.photos)
            self.photos = good if begun else self.photos + good
            with quietly(self.sample, self._sample_picked):
                self.sample.value = ""
            self._look_at(good[0])
            self.start.disabled = False
        names = ", ".join(html.short(photo.name) for photo in self._waiting())
        self._say(f"Ready to be colored: {names}." if names else "Choose another photo.")

    def _color(self, photo, colorizer):
        """Color one photo, keep it, show it; whether that went well."""
        try:
            full = photo.load(self.max_megapixels)
            gray, colored = gray_of(full), colorizer(full)
            photo.entry, photo.settings = self._keep(photo.name, gray, colored), self._settings
        except (ValueError, MemoryError) as error:  # PhotoError too
            self.tell(f"{photo.name} was not colored: {error or 'there is not enough memory'}")
            return False
        self._look_at(photo)
        return True

    def _keep(self, name, gray, colored):
        try:
            return self.previous.history.add(gray, colored, name, is_lossless(name))
        except PhotoError as error:
            self.previous.history = History(tempfile.mkdtemp(prefix="colorlib_"), self.previous.history.keep)
            self.tell(f"{error} Results stay only until this page is closed: download those you want to keep.")
            return self.previous.history.add(gray, colored, name, is_lossless(name))

    def _colorizer(self):
        """The network with the settings of the page, loaded when first needed."""
        if self._network is None:
            self._say("Loading the network, the first time only: about ten seconds.")
            self._network = self._source if isinstance(self._source, Colorizer) else self._source()
            self._offer_temperature(self._network.has_temperature)
        self._network.saturation, self._network.temperature = self._settings
        return self._network

    def _offer_temperature(self, offered):
        """A network that does not choose among bins has none: its control goes."""
        shown(self.temperature, offered)
        if not offered:
            with quietly(self.temperature, self._tuned):
                self.temperature.value = 0.0

    @property
    def _settings(self):
        return self.saturation.value, self.temperature.value or None

    def _waiting(self):
        return [photo for photo in self.photos if photo.settings != self._settings]

    def _look_at(self, photo):
        """Show a chosen photo, in color when it has been colored, and its name among the others."""
        with quietly(self.picker, self._photo_picked):
            self.picker.options = [(f"{i}. {html.short(p.name)}", i - 1) for i, p in enumerate(self.photos, 1)]
            self.picker.value = self.photos.index(photo)
        shown(self.picker, len(self.photos) > 1)
        if photo.entry and photo.entry.colored.exists():
            self.viewer.show_entry(photo.entry)
        else:
            self.viewer.show(photo.name, gray_of(photo.load(self.max_megapixels)))

    def _say(self, text, done=None, total=None):
        self.status.value = html.status(text, done, total)

    def _tell_nothing(self):
        self.notes = []
        self.words.value = ""

    def _make_controls(self):
        self.upload = dressed(widgets.FileUpload(accept=uploads.ACCEPT, multiple=True, icon=""), "jupyter-button")
        self.upload.observe(self._uploaded, "value")
        dressed(self.upload, "cl-upload")
        self.zone = uploads.drop_zone(self.limit_mb, self._dropped)
        names = [("choose one", ""), *((name, name) for name in SAMPLES)]
        self.sample = field(widgets.Dropdown, "or a sample", self._sample_picked, options=names)
        hint = {"placeholder": "of a photo or folder, then Enter", "continuous_update": False}
        self.path = None  # where others come in: they could read this computer's photos, by a hidden one as well
        if not Settings.from_environment().public:
            self.path = field(widgets.Text, "or a path", self._path_given, **hint)
        self.start = button("Start coloring", self._start_clicked, "cl-start")
        self.picker = field(widgets.Dropdown, "Photo", self._photo_picked)
        self.saturation = field(widgets.Dropdown, "Saturation", self._tuned, options=SATURATIONS, value=1.0)
        self.temperature = field(widgets.Dropdown, "Temperature", self._tuned, options=TEMPERATURES)
        self.status, self.words = widgets.HTML(), widgets.HTML()

    def _laid_out(self):
        large = dressed(self.zone, "cl-wide") if self.zone else widgets.HTML(html.limit(self.limit_mb))
        places = [self.upload, large, self.sample]
        if self.path:
            places.append(dressed(self.path, "cl-wide"))
        parts = [
            widgets.HTML(html.HEADER),
            row(*places),
            row(self.start, dressed(self.status, "cl-wide")),
            self.words,
            row(self.picker, self.viewer.views),
            self.viewer.picture,
            row(self.viewer.download, self.saturation, self.temperature, self.viewer.saved),
            self.previous.widget,
        ]
        return dressed(widgets.VBox(parts), "cl-demo")
