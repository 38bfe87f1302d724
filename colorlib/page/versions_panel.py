"""The strip of versions: the photo in view paler, more vivid, bolder, or in other plausible colors."""

import ipywidgets as widgets

from colorlib.color import gray_of
from colorlib.page import html
from colorlib.page.widgets import without_callback


class VersionsPanel:
    """Small pictures of the photo in view, to choose from.

    Args:
        demo: The ColoringDemo.

    Attributes:
        widget: The strip, an HTML widget; empty if there is nothing to choose from.
    """

    def __init__(self, demo):
        self.demo, self.widget = demo, widgets.HTML()
        self._offered, self._photo = [], None

    def offer(self):
        """Offer versions of the photo in view; none if it is not colored, or the network is not loaded."""
        self._photo = self.demo.photo_in_view
        ready = self._photo.look and self.demo.session.loaded
        self._offered = self.demo.session.versions(self._photo) if ready else []
        self.show()

    def others(self):
        """Add other plausible versions to the strip."""
        demo = self.demo
        demo.set_status("Making other versions")
        try:
            self._offered = self._offered + demo.session.other_versions(demo.photo_in_view)
        finally:
            demo.set_status("Choose a version, or correct a color by hand.")
        self.show()

    def choose(self, i):
        """Show version number `i`, and set the sliders to its settings; ValueError if there is no such version."""
        if not isinstance(i, int) or not 0 <= i < len(self._offered):
            raise ValueError(f"There is no version {i!r} on offer; wanted one of {len(self._offered)}.")
        look = self._offered[i].look
        self.set_sliders(look)
        self.try_look(look)

    def try_look(self, look):
        """Show a preview of the photo in view with a Look; Start coloring keeps it."""
        demo, session = self.demo, self.demo.session
        session.look, photo = look, demo.photo_in_view
        demo.set_start()
        if photo.look == look:  # the photo is already colored with these settings
            demo.look_again()
            demo.set_status(f"{html.short(photo.name)}, with its saved settings.")
        elif photo.look:
            demo.load_network()
            colored, gray = session.preview(photo), gray_of(session.small(photo))
            demo.viewer.show(photo.name, gray, colored, caption="In color: a preview", key=id(photo))
            self.show()
            demo.set_status("A preview. Start coloring keeps it.")

    def set_sliders(self, look):
        """Set the sliders to a Look."""
        demo = self.demo
        for slider, value in [(demo.saturation, look.saturation), (demo.temperature, look.temperature)]:
            with without_callback(slider, demo.look_changed):
                slider.value = value or 0.0

    def keep_for(self, photo):
        """Clear the strip unless the photo is the same as before and is colored."""
        if photo is not self._photo or not photo.look:
            self._offered = []
        self.show()

    def show(self):
        """Show the strip, with the version in view marked."""
        more = not any(each.look.version for each in self._offered)
        self.widget.value = html.versions(self._offered, self.demo.session.look, more)
