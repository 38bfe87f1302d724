"""Color by hand on the page: opens the photo in view on the canvas, and keeps the result like any other."""

import weakref

import ipywidgets as widgets

from colorlib.page import html
from colorlib.page.widgets import button, errors_as_notes, row, set_visible, with_classes


class HandPanel:
    """The button Color by hand and the canvas that it opens.

    Args:
        demo: The ColoringDemo.

    Attributes:
        open_button: The button, which opens the canvas with the photo in view.
        widget: The canvas with the buttons Keep this and Close; empty while it is closed.
        hand: The ColorByHand; None while the canvas is closed.
    """

    def __init__(self, demo):
        self.demo, self.hand, self._photo = demo, None, None
        self._drafts = weakref.WeakKeyDictionary()  # photo -> the hints it had when another photo came into view
        self.open_button = button("Color by hand", self._open, "cl-hand-open")
        self.widget = with_classes(widgets.VBox(), "cl-hand-panel-box")

    def add_note(self, sentence):
        """Show a sentence on the page."""
        self.demo.add_note(sentence)

    def close(self, keep_draft=True):
        """Close the canvas if it is open; with `keep_draft` its hints come back when the photo is opened again."""
        if self.hand and keep_draft:
            self._drafts[self._photo] = self.hand.hints
        self.hand, self._photo, self.widget.children = None, None, []
        self._show_picture(True)

    @errors_as_notes
    def _open(self, _):
        from colorlib.page.by_hand import ColorByHand

        demo, photo = self.demo, self.demo.photo_in_view
        demo.clear_notes()
        demo.load_network()
        session, hints = demo.session, self._drafts.pop(photo, photo.hints)
        self.hand = ColorByHand(session.by_hand(photo), None, hints, photo.name, session.version(photo))
        self._photo = photo
        keep = button("Keep this", self._keep, "cl-strong", "cl-keep")
        self.widget.children = [row(keep, button("Close", self._close), kind="cl-row cl-actions"), self.hand.widget]
        self._show_picture(False)
        demo.set_status(f"{html.short(photo.name)}: click where a color is wrong, and choose another.")

    @errors_as_notes
    def _keep(self, _):
        demo, photo = self.demo, self._photo
        demo.set_status(f"Keeping {html.short(photo.name)} in full size")
        note = demo.session.keep_by_hand(photo, self.hand.hints)
        self.close(keep_draft=False)
        demo.kept(photo, note)

    @errors_as_notes
    def _close(self, _):
        photo = self._photo
        self.close(keep_draft=False)
        self.demo.set_status(f"{html.short(photo.name)}: colors by hand were not kept.")

    def _show_picture(self, visible):
        for widget in self.demo.picture_widgets:
            set_visible(widget, visible)
