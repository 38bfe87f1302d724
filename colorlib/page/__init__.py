"""What only the page needs: its widgets, its HTML, previous predictions on disk, and the server."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "demo",
        "gallery",
        "html",
        "predictions",
        "serve",
        "session",
        "turing_page",
        "uploads",
        "viewer",
        "widgets",
    ],
)
