"""The affinity of places: against a loop that can be read, and in bounded memory."""

import tracemalloc

import numpy as np
import pytest

from colorlib import affinity


def smoothed_by_a_loop(planes, features, tau, reach):
    """The same as `affinity.smoothed`, one pair of places at a time."""
    height, width, _ = planes.shape
    side = np.sqrt(height * width)
    result = np.empty(planes.shape)
    for y, x in np.ndindex(height, width):
        total, weights = 0, 0
        for v, u in np.ndindex(height, width):
            one, other = features[y, x], features[v, u]
            cos = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
            distance = np.hypot(y - v, x - u) / side
            weight = np.exp((cos - 1) / tau - distance**2 / (2 * reach**2))
            total, weights = total + weight * planes[v, u], weights + weight
        result[y, x] = total / weights
    return result


@pytest.mark.parametrize("tau, reach", [(0.05, 0.5), (0.3, 0.2), (0.5, np.inf)])
def test_smoothing_equals_a_loop(rng, tau, reach):
    features, planes = rng.normal(size=(6, 9, 5)), rng.random((6, 9, 7)).astype(np.float32)
    expected = smoothed_by_a_loop(planes, features, tau, reach)
    np.testing.assert_allclose(affinity.smoothed(planes, features, tau, reach), expected, atol=1e-5)


def test_places_that_differ_are_left_alone_and_alike_ones_agree(rng):
    features = np.zeros((4, 4, 2), np.float32)
    features[:, :2, 0], features[:, 2:, 1] = 3, 2  # two things, side by side
    planes = rng.random((4, 4, 1)).astype(np.float32)
    one, other = affinity.smoothed(planes, features, 0.01, np.inf)[..., 0].reshape(4, 2, 2).swapaxes(0, 1)
    np.testing.assert_allclose(one, planes[:, :2].mean(), atol=1e-6)
    np.testing.assert_allclose(other, planes[:, 2:].mean(), atol=1e-6)


def test_a_wide_photo_is_smoothed_in_bounded_memory(rng):
    height, width = 48, 192
    features = np.repeat(rng.normal(size=(height, width // 4, 8)), 4, axis=1).astype(np.float32)
    planes = np.repeat(rng.random((height, width // 4, 3)), 4, axis=1).astype(np.float32)
    tracemalloc.start()
    wide = affinity.smoothed(planes, features, 0.2, np.inf)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6  # all pairs at once would take 340 MB
    narrow = affinity.smoothed(planes[:, ::4], features[:, ::4], 0.2, np.inf)
    np.testing.assert_allclose(wide[:, ::4], narrow, atol=1e-4)  # four equal cells count as one


def test_shares_of_areas():
    np.testing.assert_allclose(affinity._area_shares(3, 2), [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]], atol=1e-6)
    assert (affinity._area_shares(7, 7) == np.eye(7)).all()


def test_a_place_without_features_gives_numbers(rng):
    features = np.zeros((3, 3, 4), np.float32)
    planes = rng.random((3, 3, 2)).astype(np.float32)
    assert np.isfinite(affinity.smoothed(planes, features)).all()
