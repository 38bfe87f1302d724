"""The networks, each a function that returns a keras.Model.

All keep one contract: L `(B, H, W, 1)` 0..100 in, ab `(B, H, W, 2)` in Lab units out, both float32.
H and W are free, in multiples of what each network states. Scaling is part of the network: it
begins with a layer that brings L to -1..1 and ends with one that brings about -1..1 to ab.
Raw L into such a network saturates its tanh at once (notebook 01 shows it happening).
"""

import keras
from keras import layers, ops

TANH_SCALE = 128  # tanh's 1 in ab units; sRGB reaches -108..98
LINEAR_SCALE = 32  # a linear layer's 1: about the spread of ab in colorful photos


def alpha():
    """The alpha network, 32,202 parameters, that learns one photo; sizes a multiple of 8.

    After E. Wallner, "Colorizing B&W Photos with Neural Networks" (2017), the alpha version.
    Notebook 01 builds the very same network in its own cells.
    """
    L = keras.Input((None, None, 1), name="L")
    x = _scaled_L(L)
    for filters, strides in [(8, 2), (8, 1), (16, 1), (16, 2), (32, 1), (32, 2)]:
        x = _conv(x, filters, strides)
    x = _conv(layers.UpSampling2D()(x), 32)
    x = _conv(layers.UpSampling2D()(x), 16)
    x = layers.UpSampling2D()(x)
    return keras.Model(L, _ab(x), name="alpha")


def beta():
    """The beta network, 3,892,194 parameters, that learns many photos; sizes a multiple of 8.

    Wallner's beta version, as table 4.2.4 of the 2018 report gives it. Its last doubling, of ab
    itself, is bilinear: by nearest neighbor, colors would come in blocks of 2 x 2 pixels.
    """
    L = keras.Input((None, None, 1), name="L")
    x = _scaled_L(L)
    encoder = [(64, 1), (64, 2), (128, 1), (128, 2), (256, 1), (256, 2)]
    for filters, strides in encoder + [(512, 1), (256, 1), (128, 1)]:
        x = _conv(x, filters, strides)
    x = _conv(layers.UpSampling2D()(x), 64)
    x = _conv(layers.UpSampling2D()(x), 32)
    return keras.Model(L, BilinearUpSampling2D()(_ab(x)), name="beta")


def faces():
    """The faces network, 445,622 parameters, with batch normalization; sizes a multiple of 32.

    After the training log of the 2018 report: pairs of convolutions down to 1/32 of the size, and
    back. There L and ab went in and out raw; its last layer is linear, so that ab is not bounded.
    """
    L = keras.Input((None, None, 1), name="L")
    x = _scaled_L(L)
    pairs = [(4, 8), (8, 16), (16, 32), (32, 64), (64, 128)]
    for a, b in pairs:
        x = _normalized_conv(_normalized_conv(x, a, strides=2), b)
    for a, b in reversed(pairs):
        x = _normalized_conv(_normalized_conv(layers.UpSampling2D()(x), b), a)
    return keras.Model(L, _ab(x, "linear", LINEAR_SCALE), name="faces")


@keras.saving.register_keras_serializable("colorlib")
class BilinearUpSampling2D(layers.Layer):
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


def _scaled_L(L):
    return layers.Rescaling(1 / 50, offset=-1, name="scale_L")(L)


def _conv(x, filters, strides=1):
    return layers.Conv2D(filters, 3, strides, padding="same", activation="relu")(x)


def _normalized_conv(x, filters, strides=1):
    x = layers.Conv2D(filters, 3, strides, padding="same")(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))  # 0.99 lags behind for several epochs


def _ab(x, activation="tanh", scale=TANH_SCALE):
    x = layers.Conv2D(2, 3, padding="same", activation=activation)(x)
    return layers.Rescaling(scale, name="scale_ab")(x)
