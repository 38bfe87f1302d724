"""Create core widgets with the page's CSS classes, and callbacks that never fail silently."""

import contextlib
import functools
import logging

import ipywidgets as widgets


def errors_as_notes(method):
    """A decorator for callbacks: it shows their errors on the page with `self.add_note(sentence)`."""

    @functools.wraps(method)
    def callback(self, *arguments):
        try:
            method(self, *arguments)
        except ValueError as error:  # PhotoError too; its text is a sentence for the visitor
            self.add_note(str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("A callback of the demo failed.")
            self.add_note(f"That did not work ({type(error).__name__}: {error}). Try again, or reload the page.")

    return callback


@contextlib.contextmanager
def without_callback(widget, callback):
    """Disconnect `callback` from the widget's value while the block runs; yields the widget."""
    widget.unobserve(callback, "value")
    try:
        yield widget
    finally:
        widget.observe(callback, "value")


def button(description, callback, *classes):
    """A Button with CSS classes that calls `callback(button)` when it is clicked."""
    made = widgets.Button(description=description)
    made.on_click(callback)
    return with_classes(made, *classes)


def field(kind, description, callback, **settings):
    """A labeled input of the widget class `kind`, which calls `callback(change)` when its value changes."""
    made = kind(description=description, style={"description_width": "initial"}, **settings)
    made.observe(callback, "value")
    return with_classes(made, "cl-field")


def row(*children, kind="cl-row"):
    """An HBox of widgets, with the CSS classes in the text `kind`."""
    return with_classes(widgets.HBox(children), *kind.split())


def with_classes(widget, *classes):
    """Add CSS classes to a widget, and return it."""
    for name in classes:
        widget.add_class(name)
    return widget


def set_visible(widget, visible):
    """Show or hide a widget."""
    widget.layout.display = None if visible else "none"


def set_class(widget, name, on):
    """Add a CSS class to a widget, or remove it."""
    (widget.add_class if on else widget.remove_class)(name)
