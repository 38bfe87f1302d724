"""colorlib: color black-and-white photographs with a convolutional network.

    import colorlib
    photo = colorlib.load_photo("grandmother.jpg")
    colored = colorlib.Colorizer()(photo)

Names are imported when first used, so that TensorFlow is loaded only when a network is. `__init__.pyi` lists them,
for this file and for type checkers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
