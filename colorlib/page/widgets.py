"""What the demo's parts are made of: core widgets with the page's looks, and callbacks that never fail in silence."""

import contextlib
import functools
import logging

import ipywidgets as widgets


def told(method):
    """A callback whose errors are told on the page, by `self.tell(sentence)`: a log is read by nobody."""

    @functools.wraps(method)
    def callback(self, *arguments):
        try:
            method(self, *arguments)
        except ValueError as error:  # PhotoError too: already a sentence for people
            self.tell(str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("A callback of the demo failed.")
            self.tell(f"That did not work ({type(error).__name__}: {error}). Try again, or reload the page.")

    return callback


@contextlib.contextmanager
def quietly(widget, callback):
    """Within it, a change of the widget's value does not call `callback`."""
    widget.unobserve(callback, "value")
    try:
        yield widget
    finally:
        widget.observe(callback, "value")


def button(description, callback, *classes):
    made = widgets.Button(description=description)
    made.on_click(callback)
    return dressed(made, *classes)


def field(kind, description, callback, **settings):
    """A labeled input; `callback` is called when its value changes."""
    made = kind(description=description, style={"description_width": "initial"}, **settings)
    made.observe(callback, "value")
    return dressed(made, "cl-field")


def row(*children, kind="cl-row"):
    return dressed(widgets.HBox(children), kind)


def dressed(widget, *classes):
    """The widget with CSS classes."""
    for name in classes:
        widget.add_class(name)
    return widget


def shown(widget, when):
    """Show or hide a widget."""
    widget.layout.display = None if when else "none"


def close(widget):
    """Close a widget and all that is in it, in Python and in the browser."""
    for child in getattr(widget, "children", ()):
        close(child)
    widget.close()
