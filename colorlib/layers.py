"""The layers that Keras does not have: networks of `models` are made of them.

They are registered as `colorlib>Name`, by which saved `.keras` files know them: a class keeps its name.
"""

import keras
from keras import ops

from colorlib import ab_bins


@keras.saving.register_keras_serializable("colorlib")
class AnnealedMean(keras.layers.Layer):
    """Logits `(B, h, w, Q)` -> ab `(B, h, w, 2)`: the annealed mean, with what `tools/calibrate.py` finds.

    `temperature`, `shift` `(Q,)`, `gain` and `fade`, as `ab_bins.annealed_mean` takes them, are weights that
    training does not change: they can be set in a compiled network.
    """

    def build(self, shape):
        self.temperature = self._fixed("temperature", (), ab_bins.TEMPERATURE)
        self.shift = self._fixed("shift", shape[-1:], 0.0)
        self.gain = self._fixed("gain", (), 1.0)
        self.fade = self._fixed("fade", (), 0.0)

    def _fixed(self, name, shape, value):
        return self.add_weight(name=name, shape=shape, initializer=keras.initializers.Constant(value), trainable=False)

    def call(self, logits):
        return ab_bins.annealed_mean(logits, self.temperature, self.shift, self.gain, self.fade)

    def settings(self):
        """The four weights as numbers, and an array for `shift`: what `ab_bins.annealed_mean_numpy` takes by name."""
        weights = {"temperature": self.temperature, "shift": self.shift, "gain": self.gain, "fade": self.fade}
        return {name: ops.convert_to_numpy(weight) for name, weight in weights.items()}

    def compute_output_shape(self, shape):
        return (*shape[:-1], 2)


@keras.saving.register_keras_serializable("colorlib")
class Beside(keras.layers.Layer):
    """Maps `(B, H, W, C)` and one vector a photo `(B, D)`, laid beside each place: `(B, H, W, C + D)`."""

    def call(self, inputs):
        maps, vector = inputs
        everywhere = ops.broadcast_to(vector[:, None, None], (*ops.shape(maps)[:3], vector.shape[-1]))
        return ops.concatenate([maps, everywhere], axis=-1)

    def compute_output_shape(self, shapes):
        return (*shapes[0][:-1], shapes[0][-1] + shapes[1][-1])


@keras.saving.register_keras_serializable("colorlib")
class GrayOfL(keras.layers.Layer):
    """L `(B, H, W, 1)` 0..100 -> the sRGB gray 0..255 of that lightness, which is what classifiers know."""

    def call(self, L):
        Y = ops.where(L > 8, (ops.maximum(L, 8) + 16) ** 3 / 116**3, L / 903.3)
        return 255 * ops.where(Y > 0.0031308, 1.055 * ops.maximum(Y, 0.0031308) ** (1 / 2.4) - 0.055, 12.92 * Y)

    def compute_output_shape(self, shape):
        return shape


@keras.saving.register_keras_serializable("colorlib")
class BilinearUpSampling2D(keras.layers.Layer):
    """`(B, H, W, C)` enlarged to `(B, 2H, 2W, C)`, bilinear.

    Keras's own `UpSampling2D(interpolation="bilinear")` cannot be compiled for free H and W.
    """

    def call(self, x):
        return _doubled(_doubled(x, axis=1), axis=2)

    def compute_output_shape(self, shape):
        batch, height, width, channels = shape
        return (batch, height and 2 * height, width and 2 * width, channels)


def _doubled(x, axis):
    """Each value twice, then each pair of neighbors blended by the weights 1, 2, 1."""
    x = ops.moveaxis(ops.repeat(x, 2, axis), axis, 0)
    before, after = ops.concatenate([x[:1], x[:-1]], 0), ops.concatenate([x[1:], x[-1:]], 0)
    return ops.moveaxis((before + 2 * x + after) / 4, 0, axis)
