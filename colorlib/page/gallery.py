"""The list of previous predictions on the page: open, download, delete and undo, for one or several."""

import io
import zipfile

import ipywidgets as widgets

from colorlib.page import cards, html, keepsakes
from colorlib.page.viewer import address_of, download_of
from colorlib.page.widgets import button, errors_as_notes, field, row, set_visible, with_classes, without_callback

CARDS = 12  # shown at first; Show older ones adds as many
ROOMS = [("all of them", 0), ("at most 500 MB", 500), ("at most 2 GB", 2000), ("at most 10 GB", 10_000)]  # megabytes


class Gallery:
    """Lists the entries of a History, newest first.

    Args:
        history: The History.
        open_entry: Called with the Entry that the visitor opens.
        add_note: Called with an error sentence.

    Attributes:
        widget: The list, with its head.
    """

    def __init__(self, history, open_entry, add_note):
        self.history, self.add_note, self._open_entry, self._count = history, add_note, open_entry, CARDS
        self._deleted = []
        self.words, self.cards, self.saved, self.undone = (widgets.HTML() for _ in range(4))
        self.room = field(widgets.Dropdown, "Keep", self._room_chosen, options=ROOMS)
        self.more = button("Show older ones", self._more)
        head = row(
            widgets.HTML("<h2 tabindex='-1'>Previous predictions</h2>"), button("Refresh", self._refresh), self.room
        )
        parts = [with_classes(head, "cl-head"), self.words, self.undone, self.saved, self.cards, row(self.more)]
        self.widget = with_classes(widgets.VBox(parts), "cl-previous")
        self.refresh()

    def refresh(self):
        """Read the history again: other pages may have changed it."""
        entries, damaged = self.history.read()
        self.cards.value = cards.gallery(entries[: self._count], address_of)
        set_visible(self.more, len(entries) > self._count)
        megabytes = sum(entry.bytes for entry in entries) / 1e6
        served = bool(entries) and address_of(entries[0], "colored") is not None
        too_many = self.history.over_room(entries)
        self.words.value = (
            cards.over_gallery(len(entries), megabytes, served)
            + (cards.over_room([entry.folder.name for entry in too_many], self.history.room / 1e6) if too_many else "")
            + html.sentences(damaged)
        )
        self._show_room()
        self.undone.value = cards.deleted(len(self._deleted)) if self._deleted else ""

    def open(self, name):
        """Open the entry with this name."""
        self._open_entry(self.history.entry(name))

    def download(self, name):
        """Show a link that saves the entry with this name."""
        self.saved.value = download_of(self.history.entry(name))

    def zip(self, names):
        """Show a link that saves the entries with these names in a ZIP file."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for i, entry in enumerate(map(self.history.entry, names), 1):
                archive.write(entry.colored, f"{i} {entry.saved_as()}")
        self.saved.value = html.download("colored_photos.zip", file.getvalue(), "application/zip")

    def sheet(self, names):
        """Show a link that saves the entries with these names on a contact sheet."""
        picture = keepsakes.contact_sheet([self.history.entry(name) for name in names])
        self.saved.value = html.download("contact_sheet.jpg", picture)

    def both(self, name):
        """Show a link that saves an entry in black and white and in color in one picture."""
        self.saved.value = html.download("before_and_after.jpg", keepsakes.before_and_after(self.history.entry(name)))

    def delete(self, names):
        """Delete the entries with these names; `undo` brings them back."""
        self._deleted = []
        for name in names:
            if self.history.remove(name):
                self._deleted.append(name)
        self.refresh()

    def undo(self):
        """Bring back the entries that were deleted last."""
        for name in self._deleted:
            self.history.restore(name)
        self._deleted = []
        self.refresh()

    def _show_room(self):
        """Show the limit that is stored in the folder, which another page may have changed."""
        megabytes = int((self.history.room or 0) / 1e6)
        with without_callback(self.room, self._room_chosen):
            if megabytes not in dict(ROOMS).values():
                self.room.options = [*ROOMS, (f"at most {megabytes} MB", megabytes)]
            self.room.value = megabytes

    @errors_as_notes
    def _room_chosen(self, change):
        self.history.room = int(change["new"] * 1e6) or None
        self.refresh()

    @errors_as_notes
    def _refresh(self, _):
        self.refresh()

    @errors_as_notes
    def _more(self, _):
        self._count += CARDS
        self.refresh()
