import keras
import numpy as np
import pytest

import colorlib
from colorlib import Colorizer, colorizer, lightness, models, save_photo


@pytest.fixture(scope="module")
def alpha():
    return Colorizer(models.alpha())


@pytest.fixture(scope="module")
def wild(gaudy):
    return Colorizer(gaudy, size=64)


SIZES = [(1, 1), (1, 300), (301, 2), (7, 9), (31, 33), (255, 257), (97, 640), (1031, 53)]


@pytest.mark.parametrize("size", SIZES)
def test_any_size_comes_back_with_its_lightness(wild, alpha, size, rng):
    photo = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    for color in (wild, alpha):
        colored = color(photo)
        assert colored.shape == photo.shape and colored.dtype == np.uint8
        assert np.abs(lightness(colored) - lightness(photo)).max() < 0.5


def test_the_network_is_heard(wild, samples):
    ab = colorlib.rgb_to_lab(wild(samples["camera"]))[..., 1:]
    middle = (lightness(samples["camera"]) > 20) & (lightness(samples["camera"]) < 80)
    assert (ab[middle][:, 0] > 20).all() and (ab[middle][:, 1] < -20).all()


def test_a_color_photo_is_reduced_to_its_lightness(alpha, samples):
    photo = samples["coffee"]
    gray = colorlib.lab_to_rgb(np.stack([lightness(photo), *np.zeros((2, *photo.shape[:2]))], axis=-1))
    difference = np.abs(alpha(photo).astype(int) - alpha(gray))
    assert difference.mean() < 0.5


def test_gray_arrays_and_paths(alpha, samples, tmp_path):
    gray = samples["camera"][..., 0]
    colored = alpha(gray)
    assert (colored == alpha(samples["camera"])).all() and (colored == alpha(gray[..., None])).all()
    assert (alpha(save_photo(gray, tmp_path / "a.png")) == colored).all()


def test_several_photos_come_one_by_one(alpha, samples):
    photos = iter([samples["camera"], samples["chelsea"]])
    colored = alpha(photos)
    assert next(colored).shape == samples["camera"].shape
    assert len(list(photos)) == 1  # the second is not yet taken
    batch = np.stack([samples["camera"]] * 2)
    assert [photo.shape for photo in alpha(batch)] == [batch.shape[1:]] * 2


def test_strips_are_seamless(alpha, samples, monkeypatch):
    whole = alpha(samples["china"])
    monkeypatch.setattr(colorizer, "STRIP", 640 * 7)
    strips = alpha(samples["china"])
    assert np.abs(whole.astype(int) - strips).max() <= 1


def test_padding_changes_nothing_inside(samples):
    """A network that answers with L itself gives the same, padded or not."""
    L = keras.Input((None, None, 1))
    echo = Colorizer(keras.Model(L, keras.layers.Concatenate()([L, L])))
    seen = lightness(samples["chelsea"])[:101, :67]
    np.testing.assert_allclose(echo.predict(seen), np.stack([seen, seen], -1), atol=1e-4)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX compiles for each size")
def test_one_compiled_function_serves_all_sizes(samples):
    color = Colorizer(models.alpha())
    for size in [(40, 40), (300, 200), (100, 333)]:
        color(samples["china"][: size[0], : size[1]])
    assert color._predict.experimental_get_tracing_count() == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((4, 4, 3)), r"float64 of shape \(4, 4, 3\); wanted"),
        (np.zeros((4, 4, 4), np.uint8), r"\(4, 4, 4\); wanted"),
        (np.zeros((0, 4, 3), np.uint8), r"\(0, 4, 3\); wanted"),
        (np.zeros(4, np.uint8), r"\(4,\); wanted"),
        ("none.jpg", "There is no file none.jpg"),
        (42, "wanted a photo"),
    ],
)
def test_wrong_photos_get_one_sentence(alpha, value, words):
    with pytest.raises(ValueError, match=words):
        alpha(value)


def test_wrong_networks_get_one_sentence(tmp_path):
    (tmp_path / "text.keras").write_text("not a network")
    L = keras.Input((None, None, 3))
    for model, words in [
        (tmp_path / "none.keras", "There is no network file"),
        (tmp_path / "text.keras", "not a network that can be loaded"),
        (lambda L: L, "wanted a keras.Model"),
        (keras.Model(L, keras.layers.Identity()(L)), r"wanted \(B, H, W, 1\)"),
    ]:
        with pytest.raises(ValueError, match=words):
            Colorizer(model)
    for size in (0, 31, 12.5, "256"):
        with pytest.raises(ValueError, match="whole number of pixels"):
            Colorizer(models.alpha(), size=size)
