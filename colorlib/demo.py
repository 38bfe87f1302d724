"""The demo: what the project does, seen in two minutes, until there are trained weights and a page."""

from pathlib import Path

import numpy as np
from PIL import Image

from colorlib.color import rgb_to_lab
from colorlib.colorizer import Colorizer
from colorlib.photos import sample_photos, save_photo
from colorlib.turing import TuringTest  # noqa: F401


def first_colors(folder="outputs", epochs=200):
    """Train alpha on the sample portrait; its triptych and a small gallery, as PNG files in `folder`."""
    from colorlib import metrics, plots

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    samples = sample_photos()
    photo = np.asarray(Image.fromarray(samples["astronaut"]).resize((256, 256), Image.Resampling.LANCZOS))
    print(f"Training the alpha network on one portrait for {epochs} epochs: about a minute.", flush=True)
    colorizer = Colorizer(_trained_alpha(photo, epochs))
    colorizer.model.save(folder / "alpha.keras")

    colored = colorizer(photo)
    save_photo(colored, folder / "astronaut.png")
    plots.triptych(photo, colored).savefig(folder / "triptych.png", dpi=120)
    unseen = {f"never seen: {name}": colorizer(samples[name]) for name in ("camera", "china", "coffee")}
    plots.gallery({"the portrait it learned": colored} | unseen).savefig(folder / "gallery.png", dpi=120)
    print(f"The portrait came back in color, {metrics.psnr(photo, colored):.1f} dB from the original. Look at")
    print(f"  {folder.resolve() / 'triptych.png'}")
    print(f"  {folder.resolve() / 'gallery.png'}")
    print(f"  {folder.resolve() / 'alpha.keras'} is the network.")
    print("What it cannot do yet, and why, is in notebooks/01_alpha_single_image.ipynb.")


def _trained_alpha(photo, epochs):
    import keras
    from tqdm.keras import TqdmCallback

    from colorlib.models import alpha

    keras.utils.set_random_seed(1)
    lab = rgb_to_lab(photo)[None]
    model = alpha()
    model.compile(keras.optimizers.Adam(2e-3), "mse")
    model.fit(lab[..., :1], lab[..., 1:], epochs=epochs, verbose=0, callbacks=[TqdmCallback(verbose=0)])
    return model
