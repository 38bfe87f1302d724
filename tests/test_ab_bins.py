import keras
import numpy as np
import pytest

from colorlib import ab_bins
from colorlib.color import lab_to_rgb, rgb_to_lab
from colorlib.learning.losses import RareColors


@pytest.fixture
def ab(rng):
    return rgb_to_lab(rng.integers(0, 256, (500, 3), dtype=np.uint8))[:, 1:]


def test_bins_are_the_squares_that_hold_a_color(rng):
    bins = ab_bins.bins()
    assert bins.shape == (261, 2) and (bins % 10 == 0).all()
    colors = rgb_to_lab(rng.integers(0, 256, (200_000, 3), dtype=np.uint8))[:, 1:]
    seen = {tuple(square) for square in 10 * np.rint(colors / 10)}
    assert seen <= {tuple(center) for center in bins}
    assert len(seen) > 240  # and nearly each of them is met by chance


def test_nearest(ab):
    bins = ab_bins.bins()
    np.testing.assert_array_equal(bins[np.asarray(ab_bins.nearest(bins))], bins)
    far = np.linalg.norm(ab[:, None] - bins, axis=-1)
    np.testing.assert_array_equal(np.asarray(ab_bins.nearest(ab)), far.argmin(axis=1))


def test_soft_encoding_by_hand():
    shares = np.asarray(ab_bins.soft_encode(np.array([[3.0, 0.0]], "float32")))[0]
    bins = [tuple(center) for center in ab_bins.bins()]
    by_hand = {(0, 0): 9, (10, 0): 49, (0, 10): 109, (0, -10): 109, (10, 10): 149, (10, -10): 149}  # squared distance
    weights = {center: np.exp(-far / 50) for center, far in by_hand.items()}
    total = sum(weights[center] for center in [(0, 0), (10, 0), (0, 10), (0, -10)])
    assert np.isclose(shares.sum(), 1, atol=1e-6)
    fifth = [center for center in [(10, 10), (10, -10)] if shares[bins.index(center)] > 0]
    total += sum(weights[center] for center in fifth)
    assert fifth  # one of the two, or both: they are equally far
    for center in [(0, 0), (10, 0), (0, 10), (0, -10), *fifth]:
        assert np.isclose(shares[bins.index(center)], weights[center] / total, atol=1e-5)


def test_the_mean_of_a_soft_encoding_is_near_its_color(ab):
    inner = ab[np.hypot(*ab.T) < 50]
    mean = np.asarray(ab_bins.soft_encode(inner)) @ ab_bins.bins()
    error = np.linalg.norm(mean - inner, axis=1)
    assert error.mean() < 1.6 and error.max() < 5


def test_colors_beyond_all_bins_are_encoded_too():
    shares = np.asarray(ab_bins.soft_encode(np.array([[300.0, -300.0]], "float32")))
    assert np.isfinite(shares).all() and np.isclose(shares.sum(), 1)


def test_annealed_mean_goes_from_the_mean_to_the_peak():
    shares = np.full(261, 1e-9)
    bins = [tuple(center) for center in ab_bins.bins()]
    shares[bins.index((0, 0))], shares[bins.index((40, 20))] = 0.4, 0.6
    logits = np.log(shares)[None].astype("float32")
    np.testing.assert_allclose(np.asarray(ab_bins.annealed_mean(logits, 1.0))[0], [24, 12], atol=0.01)
    by_hand = 0.6 ** (1 / 0.38) / (0.6 ** (1 / 0.38) + 0.4 ** (1 / 0.38))
    np.testing.assert_allclose(np.asarray(ab_bins.annealed_mean(logits))[0], [40 * by_hand, 20 * by_hand], atol=0.01)
    np.testing.assert_allclose(np.asarray(ab_bins.annealed_mean(logits, 0.01))[0], [40, 20], atol=0.01)


def test_prior_counts_colors():
    orange = lab_to_rgb(np.broadcast_to(np.array([60.0, 40, 50]), (32, 32, 3)))
    gray = np.full((32, 32, 3), 128, np.uint8)
    prior = ab_bins.prior([orange, gray, gray])
    bins = [tuple(center) for center in ab_bins.bins()]
    assert np.isclose(prior.sum(), 1) and prior.argmax() == bins.index((0, 0))
    ratio = prior[bins.index((40, 50))] / prior[bins.index((0, 0))]
    assert 0.4 < ratio < 0.7  # half as often; a bin at the gamut's edge keeps more of what it spreads
    with pytest.raises(ValueError, match="no photos"):
        ab_bins.prior([])


def test_weights_by_hand():
    prior = np.zeros(261)
    prior[:2] = 0.75, 0.25
    weights = ab_bins.weights(prior)
    raw = 1 / (0.5 * prior + 0.5 / 261)
    np.testing.assert_allclose(weights, raw / (0.75 * raw[0] + 0.25 * raw[1]), rtol=1e-5)
    assert np.isclose((weights * prior).sum(), 1)
    np.testing.assert_allclose(ab_bins.weights(prior, strength=0), 1, rtol=1e-6)
    bounded = ab_bins.weights(prior, most=4)
    assert bounded.max() <= 4 and np.isclose((bounded * prior).sum(), 1)


def test_loss_by_hand(rng):
    ab = np.zeros((1, 4, 4, 2), "float32")
    ab[..., 0] = [[38, 42, 38, 42]] * 4  # 40 in the mean, one pixel of a quarter's size
    logits = rng.normal(size=(1, 1, 1, 261)).astype("float32")
    share = np.asarray(ab_bins.soft_encode(np.array([[40.0, 0.0]], "float32")))[0]
    entropy = -(share * (logits[0, 0, 0] - np.log(np.exp(logits[0, 0, 0]).sum()))).sum()
    assert np.isclose(float(RareColors()(ab, logits)), entropy, rtol=1e-5)
    weights = np.ones(261)
    weights[int(ab_bins.nearest(np.array([40.0, 0.0], "float32")))] = 3
    assert np.isclose(float(RareColors(weights)(ab, logits)), 3 * entropy, rtol=1e-5)


def test_the_loss_comes_back_from_its_configuration(rng):
    loss = RareColors(rng.uniform(0.5, 2, 261))
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    ab, logits = rng.normal(size=(2, 8, 8, 2)).astype("float32"), rng.normal(size=(2, 2, 2, 261)).astype("float32")
    assert np.isclose(float(loss(ab, logits)), float(again(ab, logits)))


def test_both_annealed_means_agree(rng):
    logits = rng.normal(0, 4, (3, 5, 261)).astype("float32")
    logits[0, 0] = 1000  # no overflow
    shift = rng.normal(0, 1, 261).astype("float32")
    for settings in ({}, {"temperature": 0.05}, {"temperature": 1.0, "shift": shift, "gain": 1.3, "fade": 1.5}):
        tensor = np.asarray(ab_bins.annealed_mean(logits, **settings))
        array = ab_bins.annealed_mean_numpy(logits, **settings)
        assert array.dtype == np.float32 and isinstance(array, np.ndarray)
        np.testing.assert_allclose(array, tensor, atol=1e-3)
