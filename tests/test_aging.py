import numpy as np
import pytest

from colorlib.color import lightness
from colorlib.learning import aging
from colorlib.learning.batches import Batches


@pytest.fixture
def photo(samples):
    return np.ascontiguousarray(samples["astronaut"][:96, 150:246])


def test_each_aging_happens_about_as_often_as_it_says(photo):
    L = lightness(photo)
    for name, often in aging.OFTEN.items():
        changed = [np.any(aging.aged(photo, L, np.random.default_rng(i), (name,)) != L) for i in range(200)]
        assert abs(np.mean(changed) - often) < 0.12, name
    np.testing.assert_array_equal(aging.aged(photo, L, np.random.default_rng(0), ()), L)


def test_every_damage_stays_in_range_and_of_a_size(photo):
    L = lightness(photo)
    for seed in range(30):
        old = aging.aged(photo, L, np.random.default_rng(seed))
        assert old.shape == L.shape and old.dtype == np.float32 and old.min() >= 0 and old.max() <= 100


def test_orthochromatic_film_sees_red_dark():
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    seen = [aging.aged(red, lightness(red), np.random.default_rng(i), ("film",)).mean() for i in range(60)]
    assert min(seen) < 30 < lightness(red).mean()


def test_worn_is_the_same_each_time_and_faded(photo):
    L = lightness(photo)
    worn = aging.worn(L)
    np.testing.assert_array_equal(worn, aging.worn(L))
    assert worn.std() < 0.8 * L.std() and worn.min() > 20


def test_each_wear_does_its_own(photo):
    L = lightness(photo)
    rough = {name: np.abs(np.diff(aging.worn(L, [name]))).mean() / np.abs(np.diff(L)).mean() for name in aging.WEAR}
    np.testing.assert_allclose(aging.worn(L, []), L)
    assert rough["blur"] < 0.9 and rough["grain"] > 1.5 and rough["jpeg"] != 1
    assert rough["fade"] == pytest.approx(0.45, rel=1e-5)


def test_batches_age_L_and_leave_ab_alone(samples):
    photos = [samples["astronaut"][y : y + 64, :64] for y in range(0, 256, 16)]
    young, old = (Batches(photos, 32, 16, names)[0] for names in (("crop", "flip"), ("crop", "flip", *aging.AGINGS)))
    np.testing.assert_array_equal(young[1], old[1])
    differ = np.any(young[0] != old[0], axis=(1, 2, 3))
    assert 8 <= differ.sum() <= 16
    again = Batches(photos, 32, 16, ("crop", "flip", *aging.AGINGS))[0]
    np.testing.assert_array_equal(old[0], again[0])
