"""colorlib: color black-and-white photographs with a convolutional network.

    import colorlib
    photo = colorlib.load_photo("grandmother.jpg")
    colored = colorlib.Colorizer.from_pretrained()(photo)

Names are imported when first used, so that TensorFlow is loaded only when a network is.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "ab_bins",
        "aging",
        "baselines",
        "batches",
        "cleaning",
        "cli",
        "color",
        "colorizer",
        "datasets",
        "decode",
        "demo",
        "encoder",
        "folders",
        "history",
        "metrics",
        "models",
        "photos",
        "plots",
        "shipped",
        "serve",
        "training",
        "turing",
        "weight_files",
    ],
    submod_attrs={
        "color": ["rgb_to_lab", "lab_to_rgb", "lightness"],
        "photos": ["load_photo", "save_photo", "find_photos", "sample_photos", "PhotoError"],
        "colorizer": ["Colorizer"],
        "shipped": ["pretrained"],
        "training": ["train"],
    },
)
