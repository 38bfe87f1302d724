import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

import numpy as np
import pytest

import colorlib


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def samples():
    return colorlib.sample_photos()


@pytest.fixture(scope="session")
def gaudy():
    """A network of two weights that answers any L with colors far outside sRGB."""
    import keras

    L = keras.Input((None, None, 1))
    ab = keras.layers.Conv2D(2, 1, kernel_initializer="zeros", bias_initializer=lambda *_, **__: [150.0, -170.0])(L)
    return keras.Model(L, ab)
