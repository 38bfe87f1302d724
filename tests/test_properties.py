"""What holds for every color, tried on many by Hypothesis."""

import numpy as np
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from colorlib import ab_bins, lab_to_rgb, lightness, rgb_to_lab

settings.register_profile("unhurried", deadline=None)  # the first call of each fills tables
settings.load_profile("unhurried")

RGB = arrays(np.uint8, (4, 3))
L = arrays(np.float32, (4, 1), elements=st.floats(0, 100, width=32))
AB = arrays(np.float32, (4, 2), elements=st.floats(-200, 200, width=32))


@given(RGB)
def test_there_and_back(rgb):
    assert np.abs(lab_to_rgb(rgb_to_lab(rgb)).astype(int) - rgb).max() <= 1


@given(L, AB)
def test_lightness_stays_whatever_ab(L, ab):
    rgb = lab_to_rgb(np.concatenate([L, ab], axis=-1))
    assert np.abs(lightness(rgb[None]) - L[:, 0]).max() < 0.5


@given(L, AB)
def test_hue_stays_when_a_color_is_drawn_in(L, ab):
    back = rgb_to_lab(lab_to_rgb(np.concatenate([L, ab], axis=-1)))[:, 1:]
    lengths = np.linalg.norm(back, axis=1), np.linalg.norm(ab, axis=1)
    colorful = (lengths[0] > 20) & (lengths[1] > 1)  # else rounding to bytes turns it
    cosine = (back * ab).sum(axis=1)[colorful] / (lengths[0] * lengths[1])[colorful]
    assert (cosine > 0.98).all()
    assert (lengths[0] <= lengths[1] + 2).all()


@given(AB)
def test_soft_encoding_is_a_distribution_over_few_bins(ab):
    shares = np.asarray(ab_bins.soft_encode(ab))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert (shares >= 0).all() and ((shares > 0).sum(axis=1) <= 9).all()


@given(arrays(np.float32, (2, 261), elements=st.floats(-30, 30, width=32)), st.floats(0.05, 2))
def test_annealed_mean_lies_among_the_bins(logits, temperature):
    ab = np.asarray(ab_bins.annealed_mean(logits, np.float32(temperature)))
    low, high = ab_bins.bins().min(axis=0) - 1e-3, ab_bins.bins().max(axis=0) + 1e-3
    assert np.isfinite(ab).all() and (ab >= low).all() and (ab <= high).all()
