import re

import numpy as np
import pytest

import colorlib
from colorlib import Colorizer, lightness, models, pretrained_networks, weight_files
from colorlib.inference import InferenceSettings


@pytest.fixture(scope="module")
def unet():
    return models.unet()


def test_every_network_that_ships_has_a_card_and_loads(samples):
    cards = colorlib.pretrained()
    assert next(iter(cards)) == "unet"
    for name, card in cards.items():
        colorizer = Colorizer.from_pretrained(name)
        photo = samples["astronaut"][::3, ::2]
        colored = colorizer(photo)
        assert colored.shape == photo.shape and np.abs(lightness(colored) - lightness(photo)).max() < 0.5
        assert "colors are invented" in card and re.search(r"landscapes", card)
        assert (weight_files.FOLDER / f"{name}.npz").stat().st_size < 10e6


def test_the_default_colors_skin_sky_and_leaves(samples):
    colorizer = Colorizer.from_pretrained()
    face = colorlib.rgb_to_lab(colorizer(samples["astronaut"])[80:160, 190:260])
    assert face[..., 1].mean() > 5 and face[..., 2].mean() > 5  # skin is between red and yellow
    gray = colorizer(samples["camera"])
    assert np.hypot(*colorlib.rgb_to_lab(gray)[..., 1:].reshape(-1, 2).T).mean() > 3  # never silently gray


# The mean a and b of the left and the right half of the sample cat.
COLORS = {
    "unet": [(6.481, 17.413), (6.387, 16.535)],
    "fusion": [(4.172, 13.999), (3.895, 13.440)],
    "regression": [(3.651, 13.457), (3.682, 13.575)],
    "unet_2026_11": [(-12.744, 28.243), (-6.870, 18.830)],
    "unet_frozen": [(2.117, 13.437), (2.605, 13.661)],
}


@pytest.mark.parametrize("name", COLORS)
def test_colors_are_the_same_with_every_version_and_backend(name, samples):
    ab = Colorizer(name).ab(lightness(samples["chelsea"]))
    halves = [half.mean((0, 1)) for half in np.array_split(ab, 2, axis=1)]
    np.testing.assert_allclose(halves, COLORS[name], atol=0.01)


def test_saved_and_loaded_in_half_precision(unet, tmp_path, rng):
    L = rng.uniform(0, 100, (1, 64, 64, 1)).astype("float32")
    pretrained_networks.save("some", unet, InferenceSettings(160, 0.5, True, True), folder=tmp_path)
    loaded, settings = pretrained_networks.load("some", tmp_path)
    assert settings == InferenceSettings(160, 0.5, True, True)
    np.testing.assert_allclose(np.asarray(loaded(L)), np.asarray(unet(L)), atol=0.5)


def test_settings_of_version_0_1_load(unet, tmp_path):
    pretrained_networks.save("old", unet, InferenceSettings(160, 0.25, True, True), folder=tmp_path)
    path = tmp_path / "old.json"
    weight_files.write_listed(path, path.read_bytes().replace(b'"inference"', b'"decode"'))
    assert pretrained_networks.load("old", tmp_path)[1] == InferenceSettings(160, 0.25, True, True)


def test_a_frozen_encoder_is_stored_once(unet, tmp_path, rng):
    pretrained_networks.save("small", unet, InferenceSettings(160), frozen_encoder=True, folder=tmp_path)
    assert (tmp_path / "small.npz").stat().st_size < 2e6  # the decoder alone: 0.85 million weights
    L = rng.uniform(0, 100, (1, 64, 64, 1)).astype("float32")
    again, _ = pretrained_networks.load("small", tmp_path)
    np.testing.assert_allclose(np.asarray(again(L)), np.asarray(unet(L)), atol=0.5)


def test_weights_that_do_not_fit_are_refused(unet, tmp_path):
    with pytest.raises(ValueError, match="no trained network 'none'; wanted one of .*unet"):
        pretrained_networks.load("none")
    pretrained_networks.save("some", unet, InferenceSettings(160), folder=tmp_path)
    arrays = weight_files.read("some", tmp_path)
    del arrays["logits/kernel"]
    weight_files.write("some", arrays, tmp_path)
    with pytest.raises(ValueError, match="lack logits/kernel"):
        pretrained_networks.load("some", tmp_path)
    (tmp_path / "some.npz").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="SHA-256"):
        pretrained_networks.load("some", tmp_path)


def test_a_damaged_or_odd_json_beside_the_weights_is_refused(unet, tmp_path):
    pretrained_networks.save("mine", unet, InferenceSettings(64), folder=tmp_path)
    path = tmp_path / "mine.json"
    good = path.read_bytes()
    for i in range(8 * len(good)):
        flipped = bytearray(good)
        flipped[i // 8] ^= 1 << i % 8
        path.write_bytes(flipped)
        with pytest.raises(ValueError, match="mine.json is damaged: its SHA-256"):
            pretrained_networks.load("mine", tmp_path)
    for odd in (b"", b"[]", b"{}", good.replace(b"unet", b"vnet"), good.replace(b"64", b"6"), b'{"network": 1}'):
        weight_files.write_listed(path, odd)
        with pytest.raises(ValueError, match="mine.json|vnet"):
            pretrained_networks.load("mine", tmp_path)
    (tmp_path / "SHA256SUMS").unlink()
    with pytest.raises(ValueError, match="mine.json is not listed"):
        pretrained_networks.load("mine", tmp_path)


def test_a_foreign_tensor_beside_a_frozen_encoder_is_refused(unet, tmp_path):
    pretrained_networks.save("mine", unet, InferenceSettings(64), frozen_encoder=True, folder=tmp_path)
    arrays = weight_files.read("mine", tmp_path)
    weight_files.write("mine", arrays | {"strange/kernel": np.zeros((2, 2), np.float32)}, tmp_path)
    with pytest.raises(ValueError, match="strange/kernel"):
        pretrained_networks.load("mine", tmp_path)


def test_a_network_file_that_cannot_be_read_gets_one_sentence(tmp_path, monkeypatch):
    for path, words in (
        (tmp_path / "none.keras", "There is no network file .*none.keras; wanted"),
        (tmp_path / ("a" * 300 + ".keras"), "that can be read .File name too long"),
        (tmp_path, "that can be read .Is a directory"),
    ):
        with pytest.raises(ValueError, match=words):
            pretrained_networks.check(path)
    closed = tmp_path / "closed.keras"
    closed.write_bytes(b"x")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ValueError, match="that can be read .Permission denied"):
        pretrained_networks.check(closed)
