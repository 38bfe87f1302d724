import math

import numpy as np
import pytest

from colorlib.learning.augmentation import AUGMENTATIONS, _window
from colorlib.learning.batches import MARGIN
from colorlib.learning.cache import square_of
from colorlib.learning.resample import resampled, resampled_by_pillow


@pytest.mark.parametrize("size", [8, 33, 64, 128])
def test_it_agrees_with_pillow(samples, rng, size):
    """Within 2 levels on photos, 3 on noise: a 256th of a pixel can be worth a level there."""
    side = math.ceil(MARGIN * size)
    noise = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
    squares = [(square_of(samples[name], side), 2) for name in ("china", "coffee", "astronaut")] + [(noise, 3)]
    for square, levels in squares:
        chances = [rng.random(5) for _ in range(100)] + [np.full(5, extreme) for extreme in (0.0, 1.0)]
        for window in (_window(side, size, set(AUGMENTATIONS), *chance) for chance in chances):
            fast, slow = (f(square, size, *window).astype(int) for f in (resampled, resampled_by_pillow))
            assert fast.shape == (size, size, 3) and np.abs(fast - slow).max() <= levels


def test_the_window_itself_is_not_changed(samples):
    square = square_of(samples["china"], 64)
    shown = resampled(square, 64, -0.5, -0.5, 64, 64, 0)  # pixel centers on pixel centers
    assert np.abs(shown.astype(int) - square).max() <= 1
