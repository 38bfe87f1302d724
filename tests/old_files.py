"""How the files in tests/data were made: by colorlib 0.1.0 at commit 1156ebb, before its modules moved.

Keras was 3.13.2, as in Colab: newer versions read its files, and it does not read theirs.

`classifier.keras` has every registered layer, the loss and the optimizer; `run` is a training run that was stopped
after the first of two epochs. They are kept as they are: `test_saved_files.py` loads them with colorlib as it is now.
"""

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent / "data"


def tiny_network(models):
    """A network from L to ab with every registered layer, a few hundred weights and an encoder layer."""
    L = keras.Input((None, None, 1), name="L")
    gray = layers.Rescaling(1 / 255, name="scale_gray")(models.GrayOfL(name="gray")(L))
    maps = layers.Conv2D(4, 3, 4, "same", activation="relu", name="encoder_stem")(gray)
    vector = layers.GlobalAveragePooling2D(name="pooled")(maps)
    x = models.Beside(name="beside")([maps, vector])
    x = layers.ReLU()(layers.Conv2D(3, 1, name="mixed")(x))
    x = models.AnnealedMean(name="annealed_mean")(layers.Conv2D(261, 1, name="logits")(x))
    x = models.BilinearUpSampling2D()(models.BilinearUpSampling2D()(x))
    return keras.Model(L, x, name="tiny")


def photos():
    """Twelve photos of colored noise, `(12, 40, 40, 3) uint8`, the same every time."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (12, 5, 5, 3), np.uint8).repeat(8, 1).repeat(8, 2)


def main():
    from colorlib.batches import Batches
    from colorlib.training import train

    from colorlib import ab_bins, models, optimizers

    keras.utils.set_random_seed(0)
    model = tiny_network(models)
    model.get_layer("annealed_mean").temperature.assign(0.25)
    learner = models.learner(model)
    weights = ab_bins.weights(np.full(261, 1 / 261))
    learner.compile(optimizers.FineTuning(1e-3), ab_bins.RareColors(weights))
    some = photos()
    learner.fit(Batches(list(some), 32, 4), shuffle=False, epochs=1, verbose=0)
    learner.save(HERE / "learner.keras")
    model.save(HERE / "classifier.keras")
    L = np.linspace(0, 100, 32 * 32, dtype=np.float32).reshape(1, 32, 32, 1)
    np.save(HERE / "classifier_ab.npy", np.asarray(model(L), np.float16))

    def stop(_picture):
        raise KeyboardInterrupt

    learned, held_out = Batches(list(some[:8]), 32, 4), Batches(list(some[8:]), 32, augment=False)
    try:
        train(tiny_network(models), learned, held_out, HERE / "run", 2, show=stop)
    except KeyboardInterrupt:
        print("stopped after an epoch")


if __name__ == "__main__":
    sys.exit(main())
