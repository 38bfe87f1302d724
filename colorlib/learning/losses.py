"""The loss of a classifying network. Notebook 04 writes it out."""

import functools

import keras
import numpy as np
from keras import ops

from colorlib import ab_bins


@keras.saving.register_keras_serializable("colorlib")
class RareColors(keras.losses.Loss):
    """The cross-entropy over the bins, in which rare colors count more.

    R. Zhang, P. Isola & A. A. Efros, ECCV 2016, section 2.2, equation 2. Targets are ab `(B, H, W, 2)`; predictions
    are logits `(B, h, w, Q)`, with h and w an integer fraction of H and W. ab is averaged to that size, rounded to
    whole units and softly encoded.

    Args:
        weights: `(Q,)`, the weight of a pixel by its nearest bin. None: all 1.
    """

    def __init__(self, weights=None, name="rare_colors", reduction="sum_over_batch_size"):
        super().__init__(name=name, reduction=reduction)
        self.weights = np.ones(len(ab_bins.bins())) if weights is None else np.asarray(weights, np.float64)
        self._weights = ops.convert_to_tensor(self.weights[ab_bins.nearest_of_units()], "float32")
        self._shares = ops.convert_to_tensor(_shares_of_units())

    def call(self, ab, logits):
        unit = ab_bins.unit(_averaged(ops.cast(ab, "float32"), logits))  # (B, h, w)
        shares = ops.take(self._shares, unit, axis=0)  # (B, h, w, Q)
        entropy = ops.categorical_crossentropy(shares, ops.cast(logits, "float32"), from_logits=True)
        return ops.take(self._weights, unit) * entropy

    def get_config(self):
        return {"weights": self.weights.tolist(), "name": self.name, "reduction": self.reduction}


@functools.cache
def _shares_of_units():
    """The soft encoding of every whole unit of ab, `(65536, Q) float32`."""
    units = np.split(ab_bins.units(), 16)
    return np.concatenate([ops.convert_to_numpy(ab_bins.soft_encode(some)) for some in units])


def _averaged(ab, logits):
    step = ab.shape[1] // logits.shape[1]
    return ops.average_pool(ab, step, step) if step > 1 else ab
