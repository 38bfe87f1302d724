"""What only training needs: photos to learn from, batches of them, losses, and the training itself."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
