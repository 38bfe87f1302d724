"""The demo's list of previous predictions, read from disk: open, download, delete."""

import functools

import ipywidgets as widgets

from colorlib.page import html
from colorlib.page.viewer import download_of
from colorlib.page.widgets import button, close, errors_as_notes, row, set_visible, with_classes

CARDS = 12  # shown at once


class Gallery:
    """`widget` lists what is in `history`, newest first; `open_entry(entry)` is called to look at one.

    `add_note(sentence)` is called with what goes wrong.
    """

    def __init__(self, history, open_entry, add_note):
        self.history, self.add_note, self._open_entry, self._count = history, add_note, open_entry, CARDS
        self.words, self.cards = widgets.HTML(), with_classes(widgets.VBox(), "cl-gallery")
        self.more = button("Show older ones", self._more)
        head = row(widgets.HTML("<h2>Previous predictions</h2>"), button("Refresh", self._refresh))
        self.widget = with_classes(
            widgets.VBox([with_classes(head, "cl-head"), self.words, self.cards, row(self.more)]), "cl-previous"
        )
        self.refresh()

    def refresh(self):
        """Read the history again: other pages may have added some."""
        entries, damaged = self.history.read()
        old = self.cards.children
        self.cards.children = [self._card(entry) for entry in entries[: self._count]]
        for card in old:
            close(card)
        set_visible(self.more, len(entries) > self._count)
        kept = f"The newest {self.history.keep} stay here, also when this page is closed."
        self.words.value = f"<p>{kept if entries else 'None yet. ' + kept}</p>" + html.sentences(damaged)

    def _card(self, entry):
        saved = widgets.HTML()
        buttons = [
            button(word, functools.partial(action, entry, saved))
            for word, action in [("Open", self._open), ("Download", self._download), ("Delete", self._delete)]
        ]
        return with_classes(widgets.VBox([widgets.HTML(html.card(entry)), row(*buttons), saved]), "cl-card")

    @errors_as_notes
    def _open(self, entry, _saved, _button):
        self._open_entry(entry)

    @errors_as_notes
    def _download(self, entry, saved, _button):
        saved.value = download_of(entry)

    @errors_as_notes
    def _delete(self, entry, _saved, pressed):
        if pressed.description == "Delete":
            pressed.description = "Really delete?"
            return
        self.history.delete(entry)
        self.refresh()

    @errors_as_notes
    def _refresh(self, _):
        self.refresh()

    @errors_as_notes
    def _more(self, _):
        self._count += CARDS
        self.refresh()
