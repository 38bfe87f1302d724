"""colorlib: color black-and-white photographs with a convolutional network.

    import colorlib
    photo = colorlib.load_photo("grandmother.jpg")
    colored = colorlib.Colorizer("network.keras")(photo)

Names are imported when first used, so that TensorFlow is loaded only when a network is.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "batches",
        "cli",
        "color",
        "colorizer",
        "datasets",
        "demo",
        "history",
        "metrics",
        "models",
        "photos",
        "plots",
        "serve",
        "training",
    ],
    submod_attrs={
        "color": ["rgb_to_lab", "lab_to_rgb", "lightness"],
        "photos": ["load_photo", "save_photo", "find_photos", "sample_photos", "PhotoError"],
        "colorizer": ["Colorizer"],
        "training": ["train"],
    },
)
