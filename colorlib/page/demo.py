"""The web demo: choose photos, color them, compare and save. It runs in Colab, in Jupyter, and as a web page.

It shows a `session.Session`. Everything essential uses core widgets and happens in their callbacks, because Colab does
not show changes that a background thread makes.
"""

import os
import time

from IPython.display import display

from colorlib.decoding import TooLarge
from colorlib.page import html, layout, uploads
from colorlib.page.edit_panel import EditPanel
from colorlib.page.gallery import Gallery
from colorlib.page.hand_panel import HandPanel
from colorlib.page.session import Chosen, Look, Session
from colorlib.page.versions_panel import VersionsPanel
from colorlib.page.viewer import Viewer
from colorlib.page.widgets import errors_as_notes, set_class, set_visible, without_callback
from colorlib.photos import PhotoError, load_photo, sample_path

GALLERY = ("open", "download", "zip", "sheet", "both", "delete", "undo")  # the messages of its buttons
FIRST = "china"  # the sample that is chosen first: sky, water and trees are easy for networks


class ColoringDemo:
    """The page on which photos are chosen, colored, compared and saved: `ColoringDemo().show()`.

    Args:
        colorizer: A Colorizer, or a function that returns one, called when it is first needed. None: the Colorizer of
            `session.default_colorizer`.
        history: The folder of the previous predictions, or a History. None: $COLORLIB_HISTORY, else `predictions`.
        limit_mb: The browser shrinks files of more megabytes. None: the front end's limit, see `uploads.limit`.
        max_megapixels: Larger photos are refused.
    """

    def __init__(self, colorizer=None, history=None, limit_mb=None, max_megapixels=80):
        self.session = Session(colorizer, history, max_megapixels)
        self.limit_mb, self.notes = limit_mb or uploads.limit(), []
        layout.make_choosers(self)
        layout.make_controls(self)
        self.viewer = Viewer(self.add_note, self.keep_preview)
        self.previous = Gallery(self.session.history, self.open_entry, self.add_note)
        self.by_hand, self.edit = HandPanel(self), EditPanel(self)
        self.versions = VersionsPanel(self)
        self.widget = layout.laid_out(self)
        self.choose_sample(FIRST)

    @property
    def photos(self):
        """The chosen photos, a list of `session.Chosen`."""
        return self.session.photos

    @property
    def photo_in_view(self):
        """The chosen photo that is in view."""
        return self.photos[self.picker.value]

    def show(self):
        """Show the page in this notebook cell."""
        display(self.widget)

    def add(self, photos):
        """Choose photos, which wait for Start coloring; those that cannot be read are named on the page.

        `photos` is the path of a photo or a folder, a list of them, or {name: bytes}, as `google.colab.files.upload()`
        returns it. Raises PhotoError for a folder without photos.
        """
        self.clear_notes()
        if isinstance(photos, dict):
            files = list(photos.items())
        else:
            given = [photos] if isinstance(photos, (str, os.PathLike)) else photos
            files = [(path.name, path) for source in given for path in uploads.photos_at(source)]
        self._take(files)

    def choose_sample(self, name):
        """Choose a sample photo, given by name, instead of the chosen photos; ValueError for an unknown name."""
        self.clear_notes()
        sample_path(name)  # raises ValueError for an unknown name
        self.session.photos = [Chosen(name)]
        self.look_again(self.photos[0])
        self.set_status(f"{name}, a sample, is ready to be colored.")

    def start_coloring(self):
        """Color the chosen photos that are not yet colored with the current settings; show and keep each result."""
        waiting = self.session.waiting
        if not waiting:  # a second click during the first
            return
        self.start.disabled, done, stopped, began = True, 0, False, time.monotonic()
        try:
            self.load_network()
            for i, photo in enumerate(waiting):
                left = html.time_left(time.monotonic() - began, i, len(waiting))
                self.set_status(f"Coloring {i + 1} of {len(waiting)}: {html.short(photo.name)}{left}", i, len(waiting))
                done += self._color(photo)
        except KeyboardInterrupt:  # Cancel on the page, or Interrupt in a notebook
            stopped = True
        finally:
            what = f"{html.short(waiting[0].name)} is" if done == len(waiting) == 1 else f"{done} of {len(waiting)} are"
            kept = ", and kept in the previous predictions below." if done else "."
            self.set_status(f"{'Stopped: ' if stopped else ''}{what} in color{kept}")
            self.set_start()
        self.previous.refresh()
        self.versions.offer()

    def add_note(self, sentence):
        """Add a sentence to the notes on the page: an error, or something worth knowing."""
        self.notes.append(sentence)
        self.words.value = html.sentences(self.notes)

    def clear_notes(self):
        """Remove all notes from the page."""
        self.notes = []
        self.words.value = ""

    def set_status(self, text, done=None, total=None):
        """Show the status line, with a progress bar if `done` and `total` are given."""
        self.status.value = html.status(text, done, total)

    # callbacks

    @errors_as_notes
    def uploaded(self, change):
        files = uploads.files_of(change["new"])
        with without_callback(self.upload, self.uploaded):
            uploads.forget(self.upload)
        if files:
            self.clear_notes()
            self._take(files)

    @errors_as_notes
    def dropped(self, name, data, note, first):
        if first:
            self.clear_notes()
        if note:
            self.add_note(note)
        if data is not None:
            self._take([(name, data)])

    @errors_as_notes
    def path_given(self, change):
        if change["new"].strip():
            self.add(change["new"].strip().strip("\"'"))
            self.path.value = ""

    @errors_as_notes
    def photo_picked(self, change):
        self._look_at(self.photos[change["new"]])
        self.versions.offer()

    @errors_as_notes
    def start_clicked(self, _):
        self.start_coloring()

    @errors_as_notes
    def look_changed(self, _):
        saturation, temperature = round(self.saturation.value, 2), self.temperature.value or None
        self.versions.try_look(Look(saturation, temperature, self.session.look.version))

    def act(self, message):
        """Do what a message from page.js asks for; returns None, or the answer: (message, buffers)."""
        values = {name: value for name, value in message.items() if name != "do"}
        actions = {"sample": self.choose_sample, "drag": self.edit.drag, "version": self.versions.choose}
        actions |= {"others": self.versions.others} | {name: getattr(self.previous, name) for name in GALLERY}
        answers = []
        self._do(actions, message.get("do"), values, answers)
        return answers[0] if answers else None

    @errors_as_notes
    def _do(self, actions, name, values, answers):
        if name == "crop":
            key = values.pop("key")
            box, details = self.viewer.detail(**values)
            answers.append(({"key": key, "box": box}, details))
        elif name in actions:
            actions[name](**values)
        else:
            raise ValueError(f"The page has no button {name!r}.")

    def open_entry(self, entry):
        load_photo(entry.gray)  # before anything changes
        photo = self.session.reopen(entry)
        self.versions.set_sliders(photo.look)
        self.set_start()  # first, because the large drop zone disappears, which moves the photo
        self._look_at(photo, f"In color, {entry.when:%d %b %Y, %H:%M}", reveal=True)
        self.versions.offer()
        self.set_status(f"{html.short(entry.title)}, from the previous predictions.")

    def keep_preview(self):
        """Keep the preview that is in view; returns its Entry, or None if that failed."""
        photo = self.photo_in_view
        self.set_status(f"Keeping {html.short(photo.name)} in full size")
        if not self._color(photo):
            return None
        self.kept(photo)
        return photo.entry

    def kept(self, photo, note=None):
        """Show a photo that has just been kept; `note` is a sentence if it was kept elsewhere."""
        if note:
            self.previous.history = self.session.history
            self.add_note(note)
        self.look_again(photo)
        self.previous.refresh()
        self.versions.offer()
        self.set_status(f"{html.short(photo.name)} is in color, and kept in the previous predictions below.")

    def set_start(self):
        """Enable and highlight Start coloring while photos wait, and enlarge the drop zone until one is chosen."""
        waiting = bool(self.session.waiting)
        self.start.disabled = not waiting
        fresh = all(photo.source is None and photo.look is None for photo in self.photos)  # nothing was chosen yet
        set_class(self.widget, "cl-waits", waiting)
        set_class(self.widget, "cl-new", fresh)

    def look_again(self, photo=None):
        """Show a photo, or the one in view, again."""
        self._look_at(photo or self.photo_in_view)
        self.set_start()

    # what the callbacks need

    def _take(self, files):
        """Choose files, a list of (name, bytes or path), in addition to photos that still wait."""
        good = []
        for i, (name, source) in enumerate(files):
            self.set_status(f"Reading {i + 1} of {len(files)}: {html.short(name)}", i, len(files))
            try:
                good.append(self.session.read(name, source))
                for note in good[-1].notes:
                    self.add_note(note)
            except TooLarge as error:
                self.add_note(html.too_large(name, error.megapixels, self.session.max_megapixels))
            except PhotoError as error:
                self.add_note(str(error))
        if good:
            self.session.choose(good)
            self.look_again(good[0])
        names = ", ".join(html.short(photo.name) for photo in self.session.waiting)
        self.set_status(f"Ready to be colored: {names}." if names else "Choose another photo.")

    def load_network(self):
        """Load the network if needed, and offer the settings that it has."""
        if not self.session.loaded:
            self.set_status("Loading the network, the first time only: about ten seconds.")
        offered = self.session.colorizer().has_temperature
        set_visible(self.temperature, offered)
        if not offered:
            self.versions.set_sliders(Look(self.saturation.value))

    def _color(self, photo):
        """Color a photo, keep it and show it; returns whether that succeeded."""
        try:
            note = self.session.color(photo)
        except (ValueError, MemoryError) as error:  # PhotoError too
            self.add_note(f"{photo.name} was not colored: {error or 'there is not enough memory'}")
            return False
        if note:
            self.previous.history = self.session.history
            self.add_note(note)
        self._look_at(photo)
        return True

    def _look_at(self, photo, caption="In color", reveal=False):
        """Show a chosen photo, in color if it has been colored, and select its name in the list."""
        if self.by_hand.hand:
            self.by_hand.close()
        self.edit.close()
        self.versions.keep_for(photo)
        with without_callback(self.picker, self.photo_picked):
            self.picker.options = [(f"{i}. {html.short(p.name)}", i - 1) for i, p in enumerate(self.photos, 1)]
            self.picker.value = self.photos.index(photo)
        set_visible(self.picker, len(self.photos) > 1)
        if photo.entry and photo.entry.colored.exists():
            self.viewer.show_entry(photo.entry, caption, reveal, key=id(photo))
        else:
            self.viewer.show(photo.name, self.session.gray(photo), key=id(photo))
