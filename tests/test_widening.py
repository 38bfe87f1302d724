import keras
import numpy as np
import pytest

from colorlib import models
from colorlib.learning.widening import can_widen, widen


def test_a_widened_network_answers_the_same_and_all_of_it_learns(rng):
    narrow, wide = models.narrow_unet(), models.unet()
    assert can_widen(wide, narrow) and not can_widen(narrow, wide)
    assert not can_widen(wide, models.regression_unet()) and not can_widen(models.alpha(), models.alpha())
    widen(wide, narrow)
    L = rng.uniform(0, 100, (1, 64, 32, 1)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(wide(L)), np.asarray(narrow(L)), atol=1e-3)
    before = wide.get_layer("logits").kernel.numpy()
    assert before.shape[2] == 64 and not before[:, :, 48:].any()
    learner = models.learner(wide)
    learner.compile(keras.optimizers.Adam(1e-3), keras.losses.MeanSquaredError())
    learner.train_on_batch(L, np.ones(learner(L).shape, np.float32))
    assert (wide.get_layer("logits").kernel.numpy()[:, :, 48:] != 0).any(axis=(0, 1, 3)).mean() > 0.5


def test_a_network_of_other_layers_is_refused():
    with pytest.raises(ValueError, match="wanted a network that"):
        widen(models.unet(), models.alpha())
