"""The widgets of the page, and their layout."""

import os

import ipywidgets as widgets

from colorlib.page import html, uploads
from colorlib.page.widgets import button, field, row, with_classes
from colorlib.settings import Settings

WORDS = {0.1: "bold", 1.0: "calm"}
NUMBERS = [(f"{t / 10:.1f} {WORDS.get(t / 10, '')}".strip(), t / 10) for t in range(10, 0, -1)]
TEMPERATURES = [*NUMBERS[:7], ("automatic", 0.0), *NUMBERS[7:]]  # calm to bold; the networks' defaults are near 0.35
STRENGTH = {"min": 0.0, "max": 2.0, "step": 0.1, "value": 1.0, "readout_format": ".1f"}


def make_choosers(demo):
    """Create the widgets that choose photos, as attributes of a ColoringDemo.

    The field for a path is omitted on public servers, where visitors could read local files with it.
    """
    chooser = widgets.FileUpload(accept=uploads.ACCEPT, multiple=True, icon="")
    demo.upload = with_classes(chooser, "jupyter-button", "cl-upload")
    demo.upload.observe(demo.uploaded, "value")
    demo.zone = uploads.drop_zone(demo.limit_mb, demo.dropped, demo.act)
    hint = {"placeholder": "of a photo or folder, then Enter", "continuous_update": False}
    public = Settings.from_environment().public
    demo.path = None if public else field(widgets.Text, "or a path", demo.path_given, **hint)


def make_controls(demo):
    """Create the controls, the status line and the notes, as attributes of a ColoringDemo."""
    demo.start = button("Start coloring", demo.start_clicked, "cl-start")
    demo.picker = field(widgets.Dropdown, "Photo", demo.photo_picked)
    demo.saturation = field(widgets.FloatSlider, "Color strength", demo.look_changed, **STRENGTH)
    with_classes(demo.saturation, "cl-strength")
    bold = {"options": TEMPERATURES, "value": 0.0}
    demo.temperature = with_classes(
        field(widgets.SelectionSlider, "Boldness", demo.look_changed, **bold), "cl-strength"
    )
    demo.status, demo.words = with_classes(widgets.HTML(), "cl-wide"), widgets.HTML()
    demo.cancel = with_classes(widgets.HTML(html.cancel()), "cl-stop")


def laid_out(demo):
    """One widget that holds the whole page."""
    choosers = [demo.upload, with_classes(demo.zone, "cl-wide"), widgets.HTML(html.samples())]
    if demo.path:
        choosers.append(with_classes(demo.path, "cl-path"))
    private = "COLAB_RELEASE_TAG" not in os.environ and not Settings.from_environment().public
    looks = row(demo.picker, demo.viewer.views, kind="cl-row cl-looks")
    buttons = demo.start, demo.viewer.download, demo.by_hand.open_button, *demo.edit.buttons
    actions = row(*buttons, kind="cl-row cl-actions")
    tuning = row(demo.saturation, demo.temperature, kind="cl-row cl-actions cl-tuning")
    demo.picture_widgets = looks, demo.viewer.picture, demo.versions.widget, actions, tuning
    work = [
        looks,
        with_classes(demo.viewer.picture, "cl-picture"),
        demo.by_hand.widget,
        row(demo.status, demo.cancel, demo.viewer.saved, kind="cl-row cl-state"),
        demo.edit.widget,
        with_classes(demo.versions.widget, "cl-strip"),
        actions,
        tuning,
    ]
    parts = [
        with_classes(widgets.HTML(html.header(private)), "cl-header"),
        row(*choosers, kind="cl-row cl-sources"),
        with_classes(widgets.VBox(work), "cl-work"),
        demo.words,
        demo.previous.widget,
    ]
    return with_classes(widgets.VBox(parts), "cl-demo")
