"""The perceptual loss: how much two photos differ to a classifier, which sees edges, textures and things, not pixels.

Johnson, Alahi & Fei-Fei, "Perceptual losses for real-time style transfer and super-resolution", ECCV 2016. The
classifier is EfficientNet-Lite0, whose weights come with colorlib. SqueezeNet 1.1 and VGG without batch normalization
are said to serve a little better (Pihlgren et al. 2023), but no package with their weights and a clear license was
found.
"""

import keras
import numpy as np
from keras import ops

from colorlib import encoder
from colorlib.color import RGB_TO_XYZ, WHITE

MAPS = 3  # feature maps that are compared, of 1/2, 1/4 and 1/8 of the size
FLOOR = 1e-4  # no logarithm and no root is taken of less: at 0 the slope of x^(1/2.4) is infinite


def rgb_of(L, ab):
    """sRGB `(B, H, W, 3)` 0..1 of L `(B, H, W, 1)` and ab `(B, H, W, 2)`, a tensor with finite slopes everywhere.

    Colors that sRGB cannot show are cut off, as `color.lab_to_rgb` does not do: here their slope matters.
    """
    y = (L + 16) / 116
    f = ops.concatenate([y + ab[..., :1] / 500, y, y - ab[..., 1:] / 200], axis=-1)
    linear = (f - 16 / 116) / 7.787
    xyz = ops.where(f > 0.2068966, ops.maximum(f, 0.2068966) ** 3, linear) * ops.convert_to_tensor(WHITE, "float32")
    light = ops.matmul(xyz, ops.convert_to_tensor(np.linalg.inv(RGB_TO_XYZ).T, "float32"))
    bright = 1.055 * ops.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055
    return ops.clip(ops.where(light > 0.0031308, bright, 12.92 * light), FLOOR, 1)


class Perceptual:
    """The mean distance of two photos' feature maps: `Perceptual()(L, ab, other)` is a tensor, one number.

    Each map is divided by its mean size among the photos in `ab`, so that all of them count alike. Nothing in it is
    trained.

    Args:
        maps: How many of the classifier's feature maps are compared, 1..5, the finest first.

    Raises:
        ValueError: `maps` is something else.
    """

    def __init__(self, maps=MAPS):
        if maps not in range(1, len(encoder.TAPS) + 1):
            raise ValueError(f"maps is {maps!r}; wanted a whole number from 1 to {len(encoder.TAPS)}.")
        rgb = keras.Input((None, None, 3))
        self.features = keras.Model(rgb, encoder.lite0_features(rgb)[:maps], name="perceptual")
        encoder.load_imagenet(self.features)
        self.features.trainable = False

    def __call__(self, L, ab, other):
        """The distance of the photos with the colors `other` from those with the colors `ab`, `(B, H, W, 2)` each."""
        true, made = (self.features((255 * rgb_of(L, colors) - 127) / 128) for colors in (ab, other))
        shares = [ops.mean(ops.abs(t - m)) / (ops.mean(ops.abs(t)) + 1e-3) for t, m in zip(true, made)]
        return sum(shares) / len(shares)
