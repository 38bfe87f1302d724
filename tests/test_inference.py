import numpy as np
import pytest

from colorlib import inference, lightness


def test_stretched_levels(rng):
    faded = rng.uniform(30, 75, (40, 50)).astype(np.float32)
    full = inference.stretched(faded)
    assert np.percentile(full, [1, 99]) == pytest.approx([4, 92], abs=0.1)
    np.testing.assert_allclose(inference.stretched(faded, 0.5), (faded + full) / 2, atol=1e-4)
    np.testing.assert_array_equal(inference.stretched(faded, 0), faded)


def test_a_photo_of_one_tone_is_not_blown_up():
    for tone in (0, 50, 100):
        L = np.full((20, 20), tone, np.float32)
        L[0, 0] = abs(tone - 1)
        assert np.ptp(inference.stretched(L)) < 10 and np.isfinite(inference.stretched(L)).all()


def test_guided_lines_give_ab_the_edge_of_L(samples):
    L = np.where(np.arange(64) < 32, 20, 80).astype(np.float32) * np.ones((64, 1), np.float32)
    ab = np.zeros((64, 64, 2), np.float32)
    ab[..., 0] = np.interp(np.arange(64), [24, 40], [0, 30])  # blurred across the edge
    slope, start = inference.guided_lines(L, ab)
    sharp = slope * L[..., None] + start
    step = np.abs(np.diff(sharp[32, :, 0])).max(), np.abs(np.diff(ab[32, :, 0])).max()
    assert step[0] > 2.5 * step[1]
    flat = inference.guided_lines(np.full((64, 64), 50, np.float32), ab)
    assert np.abs(flat[0]).max() < 1e-3  # no edges: nothing but smoothing


def test_guided_lines_leave_the_mean(samples):
    L = lightness(samples["astronaut"])[:128, :128]
    ab = np.random.default_rng(0).normal(10, 20, (128, 128, 2)).astype(np.float32)
    slope, start = inference.guided_lines(L, ab)
    assert np.abs((slope * L[..., None] + start).mean(axis=(0, 1)) - ab.mean(axis=(0, 1))).max() < 1


def test_smoothed_logits_equal_a_loop(rng):
    """Softmax after the prior correction, averaged over views and over places with similar features."""
    logits, features = rng.normal(size=(2, 3, 4, 6)).astype(np.float32), rng.normal(size=(3, 4, 5)).astype(np.float32)
    shift = rng.normal(size=6).astype(np.float32)
    smoothed = inference.smoothed_logits(logits, features, shift, tau=0.3)
    shares = np.exp(smoothed - shift)[0]
    for y, x in np.ndindex(3, 4):
        total = weights = 0
        for v, u in np.ndindex(3, 4):
            one, other = features[y, x], features[v, u]
            cos = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
            weight = np.exp((cos - 1) / 0.3 - ((y - v) ** 2 + (x - u) ** 2) / 12 / (2 * 0.5**2))
            own = np.exp(logits[:, v, u] - shift)
            total, weights = total + weight * (own / own.sum(-1, keepdims=True)).mean(0), weights + weight
        np.testing.assert_allclose(shares[y, x], total / weights, atol=1e-5)


def test_smooth_is_stored_with_weights_and_off_for_old_ones():
    assert inference.InferenceSettings(size=192, levels=0.25, mirror=True, edges=True).smooth == 0
    with pytest.raises(ValueError, match="smooth is 2; wanted a number from 0 to 1"):
        inference.InferenceSettings(smooth=2)
