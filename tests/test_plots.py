import matplotlib.pyplot as plt
import numpy as np
import pytest

from colorlib import ab_bins, plots
from colorlib.color import lab_to_rgb, rgb_to_lab
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


def points(ax):
    (scatter,) = [collection for collection in ax.collections if len(collection.get_offsets()) > 1]
    return scatter


def cross(ax):
    return ax.lines[-1].get_xydata()[0]


def sides(ax):
    """The squares of a panel of `ab_shares`, over the pale ground: their centers and sides."""
    boxes = [path.get_extents() for path in ax.collections[-1].get_paths()]
    return np.array([(box.p0 + box.p1) / 2 for box in boxes]), np.array([box.width for box in boxes])


def test_ab_points_draws_colors_where_they_are_and_their_mean():
    lab = np.float32([[50, 60, 40], [50, -45, 45]])
    figure = plots.ab_points({"two colors": lab, "one of them twice": lab[[0, 0]]})
    first, second = figure.axes
    assert [first.get_title(), second.get_title()] == ["two colors", "one of them twice"]
    np.testing.assert_array_equal(points(first).get_offsets(), lab[:, 1:])
    np.testing.assert_allclose(points(first).get_facecolors()[:, :3], lab_to_rgb(lab) / 255)
    np.testing.assert_allclose(cross(first), [7.5, 42.5])
    np.testing.assert_allclose(cross(second), [60, 40])


def test_ab_shares_draws_areas_or_logarithms():
    bins = ab_bins.bins()
    share = np.zeros(len(bins))
    share[[3, 200, 201]] = 0.8, 0.2, 0.8e-3
    centers, linear = sides(plots.ab_shares({"shares": share}).axes[0])
    np.testing.assert_allclose(centers, bins, atol=1e-4)
    assert linear[3] == pytest.approx(ab_bins.GRID) and (linear[:3] < 1e-4).all()
    assert linear[200] ** 2 / linear[3] ** 2 == pytest.approx(0.25)
    figure = plots.ab_shares({"shares": share, "the same": share}, log=True)
    _, logarithmic = sides(figure.axes[1])
    assert logarithmic[[3, 201]] == pytest.approx([ab_bins.GRID, ab_bins.GRID / 2])  # a thousandth: half of a millionth
    assert (logarithmic[:3] < 1e-4).all()
    np.testing.assert_allclose(cross(figure.axes[1]), share @ bins / share.sum(), rtol=1e-5)


def test_ab_shares_paints_each_bin_in_its_own_color():
    painted = plots.ab_shares({"all": np.ones(len(ab_bins.bins()))}).axes[0].collections[-1].get_facecolors()[:, :3]
    ab = rgb_to_lab(np.rint(painted * 255).astype(np.uint8))[:, 1:]
    inside = np.abs(ab_bins.bins()).max(axis=1) <= 40
    off = np.linalg.norm(ab - ab_bins.bins(), axis=1)[inside]
    assert np.median(off) < 0.5 and off.max() < 8  # a few bins hold a color, but not at their center


def test_flow_draws_a_row_of_boxes_and_arrows():
    figure = plots.flow(["L", "network", "ab"], ["one", "two"])
    texts = [[text.get_text() for text in ax.texts if text.get_text()] for ax in figure.axes]
    assert texts == [["L", "network", "ab"], ["one", "two"]]
    assert [len(ax.texts) for ax in figure.axes] == [5, 3]
