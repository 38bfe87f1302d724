"""What only the page needs: its widgets, its HTML, previous predictions on disk, and the server."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "by_hand",
        "by_hand_canvas",
        "by_hand_controls",
        "demo",
        "gallery",
        "guard",
        "hand_panel",
        "handlers",
        "html",
        "keepsakes",
        "layout",
        "predictions",
        "serve",
        "session",
        "turing_page",
        "uploads",
        "viewer",
        "widgets",
    ],
    submod_attrs={"by_hand": ["ColorByHand"]},
)
