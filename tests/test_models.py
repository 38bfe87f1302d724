import keras
import numpy as np
import pytest

from colorlib import models


@pytest.mark.parametrize(("build", "parameters"), [(models.alpha, 32_202), (models.beta, 3_892_194)])
def test_parameters_contract_and_free_sizes(build, parameters, rng):
    model = build()
    assert model.count_params() == parameters
    for h, w in [(64, 64), (40, 104)]:
        ab = np.asarray(model(rng.uniform(0, 100, (2, h, w, 1)).astype("float32")))
        assert ab.shape == (2, h, w, 2) and ab.dtype == np.float32
        assert np.abs(ab).max() <= 128


def test_beta_has_the_layers_of_the_report():
    beta = models.beta()
    grown = [layer.output for layer in beta.layers if "conv" in layer.name or "up_sampling" in layer.name]
    shapes = [maps.shape[1:] for maps in keras.Model(beta.input, grown)(np.zeros((1, 256, 256, 1), "float32"))]
    assert [channels for _, _, channels in shapes] == [64, 64, 128, 128, 256, 256, 512, 256, 128, 128, 64, 64, 32, 2, 2]
    assert [h for h, _, _ in shapes] == [256, 128, 128, 64, 64, 32, 32, 32, 32, 64, 64, 128, 128, 128, 256]


def test_networks_come_back_from_disk(tmp_path, rng):
    L = rng.uniform(0, 100, (1, 32, 32, 1)).astype("float32")
    model = models.beta()
    model.save(tmp_path / "beta.keras")
    loaded = keras.saving.load_model(tmp_path / "beta.keras")
    np.testing.assert_array_equal(np.asarray(loaded(L)), np.asarray(model(L)))


def test_doubling_is_bilinear():
    x = np.array([[0.0, 4.0], [8.0, 0.0]], "float32")[None, ..., None]
    ours = np.asarray(models.BilinearUpSampling2D()(x))
    theirs = np.asarray(keras.layers.UpSampling2D(interpolation="bilinear")(x))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_alpha_learns_one_photo(samples):
    from colorlib import rgb_to_lab

    lab = rgb_to_lab(samples["astronaut"][::4, ::4])[None]
    keras.utils.set_random_seed(0)
    model = models.alpha()
    model.compile(keras.optimizers.Adam(2e-3), "mse")
    model.fit(lab[..., :1], lab[..., 1:], epochs=60, verbose=0)
    error = np.mean((np.asarray(model(lab[..., :1])) - lab[..., 1:]) ** 2)
    mean_color = np.mean((lab[..., 1:].mean(axis=(1, 2), keepdims=True) - lab[..., 1:]) ** 2)
    assert error < mean_color / 2
