"""Everything that only the page needs: its widgets, its HTML, the previous predictions on disk, and the server."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
