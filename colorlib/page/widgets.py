"""Core widgets with the page's CSS classes, and callbacks that never fail silently."""

import contextlib
import functools
import logging

import ipywidgets as widgets


def errors_as_notes(method):
    """The callback `method`, with its errors shown on the page by `self.add_note(sentence)`: nobody reads a log."""

    @functools.wraps(method)
    def callback(self, *arguments):
        try:
            method(self, *arguments)
        except ValueError as error:  # PhotoError too: already a sentence for people
            self.add_note(str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("A callback of the demo failed.")
            self.add_note(f"That did not work ({type(error).__name__}: {error}). Try again, or reload the page.")

    return callback


@contextlib.contextmanager
def without_callback(widget, callback):
    """Within it, a change of the widget's value does not call `callback`."""
    widget.unobserve(callback, "value")
    try:
        yield widget
    finally:
        widget.observe(callback, "value")


def button(description, callback, *classes):
    """A button that calls `callback(button)`."""
    made = widgets.Button(description=description)
    made.on_click(callback)
    return with_classes(made, *classes)


def field(kind, description, callback, **settings):
    """A labeled input; `callback` is called when its value changes."""
    made = kind(description=description, style={"description_width": "initial"}, **settings)
    made.observe(callback, "value")
    return with_classes(made, "cl-field")


def row(*children, kind="cl-row"):
    """Widgets side by side."""
    return with_classes(widgets.HBox(children), *kind.split())


def with_classes(widget, *classes):
    """The widget with CSS classes."""
    for name in classes:
        widget.add_class(name)
    return widget


def set_visible(widget, visible):
    """Show or hide a widget."""
    widget.layout.display = None if visible else "none"


def set_class(widget, name, on):
    """Give a widget a CSS class, or take it away."""
    (widget.add_class if on else widget.remove_class)(name)
