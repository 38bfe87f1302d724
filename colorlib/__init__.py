"""colorlib: color black-and-white photographs with a convolutional network.

    import colorlib
    photo = colorlib.load_photo("grandmother.jpg")
    colored = colorlib.Colorizer()(photo)

Names are imported when first used, so that TensorFlow is loaded only when a network is.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "ab_bins",
        "affinity",
        "baselines",
        "by_hand",
        "by_hand_command",
        "cli",
        "color",
        "colorizer",
        "compiling",
        "decoding",
        "drawings",
        "encoder",
        "explorers",
        "files",
        "folders",
        "hints",
        "inference",
        "layers",
        "learning",
        "metrics",
        "models",
        "network_files",
        "page",
        "parts",
        "photos",
        "plots",
        "pretrained_networks",
        "settings",
        "turing",
        "weight_files",
    ],
    submod_attrs={
        "color": ["rgb_to_lab", "lab_to_rgb", "lightness"],
        "photos": ["load_photo", "save_photo", "find_photos", "sample_photos", "PhotoError"],
        "decoding": ["TooLarge"],
        "colorizer": ["Colorizer"],
        "hints": ["Hint"],
        "pretrained_networks": ["pretrained"],
        "learning.training": ["train"],
        "learning": ["aging", "batches", "cleaning", "datasets", "losses", "optimizers", "training"],
        "page": ["demo", "serve"],
    },
)
