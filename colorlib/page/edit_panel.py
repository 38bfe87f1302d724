"""Edit the photo in view before it is colored: rotate, crop, remove its border."""

import ipywidgets as widgets

from colorlib.page import html
from colorlib.page.chosen import WHOLE
from colorlib.page.widgets import button, errors_as_notes, field, row, set_visible, without_callback

ALL = (0, 100)  # percent
LEAST = 5  # smallest percentage of a side that a crop may keep


class EditPanel:
    """The buttons Rotate, Crop, Remove the border, and the sliders that crop.

    Args:
        demo: The ColoringDemo.

    Attributes:
        buttons: The three buttons.
        widget: The sliders, visible while a crop is chosen.
    """

    def __init__(self, demo):
        self.demo = demo
        labels = [("Rotate", self._rotate), ("Crop", self._open), ("Remove the border", self._remove_border)]
        self.buttons = [button(label, callback, "cl-plain") for label, callback in labels]
        self.buttons[1].add_class("cl-crop-open")
        self.across, self.down = (
            field(widgets.IntRangeSlider, label, self._moved, value=ALL, min=0, max=100, readout=False)
            for label in ("Width", "Height")
        )
        self.shade = widgets.HTML()
        done = button("Crop to this", self._crop, "cl-strong"), button("Do not crop", self._close)
        self.widget = row(self.across, self.down, *done, self.shade, kind="cl-row cl-actions cl-crop")
        set_visible(self.widget, False)

    def add_note(self, sentence):
        """Show a sentence on the page."""
        self.demo.add_note(sentence)

    def close(self):
        """Hide the sliders without cropping."""
        set_visible(self.widget, False)
        self.demo.widget.remove_class("cl-cropping")

    def drag(self, left, top, right, bottom):
        """Set the sliders to a box drawn on the picture, given as fractions 0..1 of its width and height."""
        across, down = ((round(100 * min(pair)), round(100 * max(pair))) for pair in [(left, right), (top, bottom)])
        for slider, (first, last) in [(self.across, across), (self.down, down)]:
            with without_callback(slider, self._moved):
                slider.value = max(0, first), min(100, max(last, first + 1))
        self._shade()

    @errors_as_notes
    def _rotate(self, _):
        self._change(lambda photo: photo.turn(), "was turned")

    @errors_as_notes
    def _open(self, _):
        demo, photo = self.demo, self.demo.photo_in_view
        demo.viewer.show(photo.name, demo.session.gray(photo), reveal=True, key=id(photo))
        for slider in (self.across, self.down):
            with without_callback(slider, self._moved):
                slider.value = ALL
        self._shade()
        set_visible(self.widget, True)
        self.demo.widget.add_class("cl-cropping")
        self.demo.set_status("Draw a box on the photo, or move the sliders. The darker part will be cut away.")

    @errors_as_notes
    def _crop(self, _):
        (left, right), (top, bottom) = self.across.value, self.down.value
        if min(right - left, bottom - top) < LEAST:
            raise ValueError(f"{right - left} x {bottom - top} percent would stay; wanted at least {LEAST} x {LEAST}.")
        if self.across.value == self.down.value == ALL:
            self._close(None)
            return
        box = left / 100, top / 100, right / 100, bottom / 100
        self._change(lambda photo: photo.crop(*box), "was cropped")

    @errors_as_notes
    def _close(self, _):
        self.close()
        self.demo.look_again()
        self.demo.set_status("Nothing was cropped.")

    @errors_as_notes
    def _remove_border(self, _):
        box = self.demo.session.border(self.demo.photo_in_view)
        if box == WHOLE:
            self.demo.set_status("There is no even border, nearly white or nearly black, on all four sides. Try Crop.")
        else:
            self._change(lambda photo: photo.crop(*box), "has no border any more")

    def _change(self, change, what):
        demo, photo = self.demo, self.demo.photo_in_view
        before = photo.turns, photo.box
        change(photo)
        try:
            demo.session.edited(photo)
        except Exception:
            photo.turns, photo.box = before
            raise
        demo.look_again()
        demo.set_status(f"{html.short(photo.name)} {what}, and is ready to be colored.")

    @errors_as_notes
    def _moved(self, _):
        self._shade()

    def _shade(self):
        self.shade.value = html.crop_shade(self.across.value, self.down.value)
