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
