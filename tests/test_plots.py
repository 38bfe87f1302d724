import matplotlib.pyplot as plt
import numpy as np
import pytest

from colorlib import plots
from colorlib.metrics import psnr


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def drawn(figure):
    return [np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images]


def test_gallery_draws_every_photo_under_its_title(samples):
    figure = plots.gallery(samples, columns=4)
    assert [ax.get_title() for ax in figure.axes if ax.images] == list(samples)
    for photo, array in zip(samples.values(), drawn(figure)):
        np.testing.assert_array_equal(array, photo)


def test_channels_are_gray_then_green_to_red_then_blue_to_yellow(samples):
    photo, L, a, b = drawn(plots.channels(samples["astronaut"]))
    assert np.ptp(L.astype(int), axis=-1).max() <= 1
    suit = (slice(300, 340), slice(150, 190))  # orange: reddish in a, yellowish in b
    assert a[suit][..., 0].mean() > a[suit][..., 1].mean() + 20
    assert b[suit][..., 0].mean() > b[suit][..., 2].mean() + 20


def test_triptych_says_the_psnr(samples):
    photo = samples["astronaut"]
    figure = plots.triptych(photo, np.maximum(photo, 10) - 10)
    gray, colored, original = drawn(figure)
    assert np.ptp(gray.astype(int), axis=-1).max() <= 1 and (original == photo).all()
    expected = psnr(photo, np.maximum(photo, 10) - 10)
    assert f"{expected:.1f} dB" in figure.axes[1].get_title() and 28 < expected < 29


def test_training_curve_draws_both_losses_and_the_floor():
    (ax,) = plots.training_curve([4, 2, 1], validation=[5, 3, 3], floor=(6, "gray")).axes
    assert [list(line.get_ydata()) for line in ax.lines] == [[4, 2, 1], [5, 3, 3], [6, 6]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "photos held out", "gray"]


def test_feature_maps_stretch_each_map_and_survive_a_dead_one(rng):
    maps = np.stack([rng.random((8, 8)) * 1e-3, np.zeros((8, 8))], axis=-1)
    alive, dead = drawn(plots.feature_maps(maps))
    assert alive.min() == 0 and alive.max() == pytest.approx(255) and (dead == 0).all()
