"""100 epochs on one photo of 256 x 256, against the report's script.

`models.alpha()` and `models.beta()` with Adam, in float32 and in mixed bfloat16, beside the 2018 report's way:
its network as its table gives it (every doubling by nearest neighbor), rmsprop and mse, ab divided by 128, L
brought to -1..1 (raw L kills it at step 2), plain `fit`. One fresh process each, seed 1: another seed ends on another
loss, so small differences of loss say nothing. The seconds are those of 100 epochs, tracing included, without
importing and building. bfloat16 is **estimated**, not run to the end: its first epoch, which traces, and 99 times
the mean of the next 3; it therefore has no loss. A processor without bfloat16 instructions is slow at it. *Loss* is
the mean squared error of ab, in Lab units, of the network as it is afterwards; *PSNR* is that of the photo it then
gives. Wanted: alpha at 27 dB in less than the 19.5 s that the report gives for one image; beta in 35-48 s in float32,
19-24 s in bfloat16.
"""

import numpy as np
from measure import alternated, cost, table

EPOCHS = 100
RATES = {"alpha": 2e-3, "beta": 1e-3}  # Adam's
FEW = 3  # epochs run after the first in bfloat16; the others are estimated from them
SEED = 1
REPORT = {  # filters, (filters, 2) for stride 2, "U" for a doubling; the last 2 are ab
    "alpha": [(8, 2), 8, 16, (16, 2), 32, (32, 2), "U", 32, "U", 16, "U", 2],
    "beta": [64, (64, 2), 128, (128, 2), 256, (256, 2), 512, 256, 128, "U", 64, "U", 32, 2, "U"],
}


def portrait():
    from PIL import Image

    from colorlib import sample_photos

    return np.asarray(Image.fromarray(sample_photos()["astronaut"]).resize((256, 256), Image.Resampling.LANCZOS))


def ours(name):
    """A compiled network, and the L and ab to fit it on."""
    import keras

    from colorlib import models

    model = getattr(models, name)()
    model.compile(keras.optimizers.Adam(RATES[name]), "mse")
    return model, lambda L: L, 1


def ours_bfloat16(name):
    import keras

    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    return ours(name)


def report(name):
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((256, 256, 1))])
    for layer in REPORT[name]:
        filters, strides = layer if isinstance(layer, tuple) else (layer, 1)
        activation = "tanh" if filters == 2 else "relu"
        conv = layers.Conv2D
        model.add(layers.UpSampling2D() if layer == "U" else conv(filters, 3, strides, "same", activation=activation))
    model.compile("rmsprop", "mse")
    return model, lambda L: L / 50 - 1, 128


WAYS = {"ours, Adam": ours, "ours, Adam, bfloat16": ours_bfloat16, "the report's, rmsprop": report}


def measured(way, name):
    """A row of the table: wall and CPU seconds of the epochs, final loss in Lab units, PSNR in dB."""
    import keras
    from skimage.metrics import peak_signal_noise_ratio

    from colorlib import lab_to_rgb, rgb_to_lab

    keras.utils.set_random_seed(SEED)
    photo = portrait()
    lab = rgb_to_lab(photo)[None]
    model, scaled, unit = WAYS[way](name)
    L, ab = scaled(lab[..., :1]), lab[..., 1:]
    estimated = "bfloat16" in way
    epochs = FEW if estimated else EPOCHS - 1

    def fit(epochs):
        model.fit(L, ab / unit, batch_size=1, epochs=epochs, verbose=0)

    first, rest = cost(fit, 1)[0], cost(fit, epochs)[0]  # the first epoch alone traces
    times = [first[i] + rest[i] * (EPOCHS - 1) / epochs for i in (0, 1)]
    if estimated:
        return name, f"{model.count_params():,}", f"{way} (estimated)", *times, "not run", "not run"
    seen = np.asarray(model(L), np.float32) * unit
    colored = lab_to_rgb(np.concatenate([lab[..., :1], seen], axis=-1))[0]
    psnr = peak_signal_noise_ratio(photo, colored)
    return name, f"{model.count_params():,}", way, *times, f"{np.mean((seen - ab) ** 2):.1f}", f"{psnr:.1f}"


if __name__ == "__main__":
    calls = {f"{name} {way}": (measured, way, name) for name in REPORT for way in WAYS}
    rows = [result for (result,) in alternated(calls, 1).values()]
    table(["network", "parameters", "way", "wall s", "CPU s", "loss", "PSNR dB"], rows)
