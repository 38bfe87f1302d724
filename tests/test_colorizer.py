from dataclasses import replace

import keras
import numpy as np
import pytest

import colorlib
from colorlib import Colorizer, colorizer, lightness, models, save_photo
from colorlib.inference import InferenceSettings


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
    echo = keras.Model(L, keras.layers.Concatenate()([L, L]))
    seen = lightness(samples["chelsea"])[:101, :67]
    for mirror in (False, True):
        answer = Colorizer(echo, settings=InferenceSettings(mirror=mirror))._run(seen, seen)
        np.testing.assert_allclose(answer.ab, np.stack([seen, seen], -1), atol=1e-4)


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


@pytest.fixture(scope="module")
def unet():
    keras.utils.set_random_seed(0)
    return models.unet()


def count_passes(color, monkeypatch):
    passes, predict = [], color._predict
    monkeypatch.setattr(color, "_predict", lambda L: passes.append(L.shape) or predict(L))
    return passes


def test_one_pass_gives_ab_features_and_logits(unet, samples):
    color = Colorizer(unet, settings=InferenceSettings(96, mirror=True))
    answer = color.answer(lightness(samples["coffee"]))  # 400 x 600, seen as 96 x 144, padded to 96 x 160
    assert answer.seen.shape == (96, 144) and answer.ab.shape == (96, 144, 2)
    assert answer.features.shape == (24, 40, 64) and answer.logits.shape == (2, 24, 40, 261)
    assert answer.features.dtype == answer.logits.dtype == np.float32 and answer.features.min() >= 0


def test_the_kept_logits_give_the_networks_own_ab(unet, samples):
    """The mean in NumPy and its enlarging agree with the network's own layers."""
    mean = models.annealed_mean_of(unet)
    mean.fade.assign(0.5), mean.gain.assign(1.2)
    for photo, mirror in [(samples["coffee"], True), (samples["camera"][:101, :67], False)]:
        color = Colorizer(unet, settings=InferenceSettings(96, mirror=mirror))
        answer = color.answer(lightness(photo))
        np.testing.assert_allclose(color.ab_of(answer), answer.ab, atol=1e-3)
    mean.fade.assign(0.0), mean.gain.assign(1.0)


def test_a_mirrored_photo_gets_mirrored_colors(unet, samples):
    color = Colorizer(unet, settings=InferenceSettings(96, mirror=True))
    L = lightness(samples["camera"])
    np.testing.assert_allclose(color.ab(L)[:, ::-1], color.ab(np.ascontiguousarray(L[:, ::-1])), atol=0.05)


def test_other_settings_need_no_second_pass(unet, samples, monkeypatch):
    color = Colorizer(unet, size=64)
    passes = count_passes(color, monkeypatch)
    first = color(samples["camera"])
    color.saturation = 0
    assert np.ptp(color(samples["camera"]).astype(int), axis=-1).max() <= 1
    color.saturation, color.temperature = 1.0, 0.05
    assert (color(samples["camera"]) != first).any()
    color.temperature = None
    assert (color(samples["camera"]) == first).all() and passes == [(1, 64, 64, 1)]
    color(samples["chelsea"])
    assert len(passes) == 2


def test_a_network_that_has_learned_is_run_again(samples, monkeypatch):
    model = models.alpha()
    color = Colorizer(model, size=64)
    passes = count_passes(color, monkeypatch)
    before = color(samples["camera"])
    model.compile("sgd", "mse")
    model.train_on_batch(np.full((2, 32, 32, 1), 50.0), np.full((2, 32, 32, 2), 60.0))
    assert (color(samples["camera"]) != before).any() and len(passes) == 2


def test_colorizers_that_share_a_network_have_temperatures_of_their_own(unet, samples):
    bold, calm = (Colorizer(unet, size=64, temperature=temperature) for temperature in (0.05, 1.0))
    colorful = [np.abs(color.ab(lightness(samples["coffee"]))).mean() for color in (bold, calm, bold)]
    assert colorful[0] == colorful[2] > 1.5 * colorful[1]
    assert float(models.annealed_mean_of(unet).temperature) == pytest.approx(0.38)


def test_one_door_for_networks(unet, tmp_path):
    unet.save(tmp_path / "mine.keras")
    for network in (tmp_path / "mine.keras", str(tmp_path / "mine.keras"), unet):
        color = Colorizer(network, 64)
        assert color.size == 64 and color.settings == InferenceSettings(64) and color.model.name == "unet"
    shipped = Colorizer("unet")
    assert shipped.settings == Colorizer().settings == Colorizer.from_pretrained().settings
    assert shipped.settings.mirror and Colorizer("unet", size=320).settings.size == 320
    with pytest.raises(ValueError, match="There is no trained network 'vgg'; wanted one of .*unet.*keras file"):
        Colorizer("vgg")


def test_a_temperature_needs_bins(alpha):
    with pytest.raises(ValueError, match="The network alpha has no temperature"):
        Colorizer(alpha.model, temperature=0.3)
    assert not alpha.has_temperature and Colorizer(alpha.model, temperature=None).temperature is None


def test_smooth_averages_the_distribution_over_places_with_similar_features(samples):
    smooth = Colorizer("unet", size=64)
    assert smooth.settings.smooth == 0.05
    plain = Colorizer(smooth.model, settings=replace(smooth.settings, smooth=0.0))
    L = lightness(samples["astronaut"])
    before, after = plain.answer(L), smooth.answer(L)
    assert before.logits.shape[0] == 2 and after.logits.shape == (1, *before.logits.shape[1:])
    assert (smooth.ab_of(after) != plain.ab_of(before)).mean() > 0.9
    rough = [np.abs(np.diff(c.ab_of(a), axis=1)).mean() for c, a in ((plain, before), (smooth, after))]
    assert rough[1] < rough[0]
    with pytest.raises(ValueError, match="smooth is 0.05; the network alpha wants 0"):
        Colorizer(models.alpha(), settings=smooth.settings)
