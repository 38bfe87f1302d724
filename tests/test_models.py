import keras
import numpy as np
import pytest

from colorlib import ab_bins, models, weight_files


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


@pytest.mark.parametrize("build", [models.unet, models.regression_unet, models.fusion])
def test_pretrained_networks_keep_the_contract_and_name_their_weights(build, rng):
    model = build()
    for h, w in [(64, 64), (32, 96)]:
        ab = np.asarray(model(rng.uniform(0, 100, (2, h, w, 1)).astype("float32")))
        assert ab.shape == (2, h, w, 2) and ab.dtype == np.float32
    assert set(weight_files.arrays_of(model)) == set(weight_files.arrays_of(build()))  # no counters in names


def test_logits_are_what_a_classifying_network_learns(rng):
    model = models.unet()
    L = rng.uniform(0, 100, (1, 64, 64, 1)).astype("float32")
    logits = np.asarray(models.learner(model)(L))
    assert logits.shape == (1, 16, 16, 261)
    mean = np.asarray(ab_bins.annealed_mean(logits))
    enlarge = keras.Sequential([models.BilinearUpSampling2D(), models.BilinearUpSampling2D()])
    np.testing.assert_allclose(np.asarray(model(L)), np.asarray(enlarge(mean)), atol=1e-3)
    assert models.learner(beta := models.beta()) is beta


def test_annealed_mean_is_set_without_building_again(rng):
    layer = models.AnnealedMean()
    logits = rng.normal(0, 3, (1, 2, 2, 261)).astype("float32")
    before = np.asarray(layer(logits))
    layer.gain.assign(2.0)
    np.testing.assert_allclose(np.asarray(layer(logits)), 2 * before, atol=1e-4)
    layer.fade.assign(1.0)
    assert (np.abs(np.asarray(layer(logits))) <= np.abs(2 * before) + 1e-5).all()
    layer.shift.assign(logits[0, 0, 0])  # then all bins are as likely at that place
    flat = np.asarray(layer(logits))[0, 0, 0]
    assert np.linalg.norm(flat) < np.linalg.norm(2 * ab_bins.bins().mean(axis=0)) + 1e-3


def test_freezing_stages():
    model = models.unet()
    models.freeze_encoder(model, 2)
    frozen = {layer.name for layer in model.layers if layer.weights and not layer.trainable}
    assert {"encoder_stem", "encoder_1a_depthwise", "encoder_2b_project"} <= frozen
    assert not frozen & {"encoder_3a_expand", "encoder_7a_project", "up_16"}
    models.freeze_encoder(model)
    assert not [v for v in model.trainable_weights if v.path.startswith("encoder_")]
    models.freeze_encoder(model, 0)
    assert [v for v in model.trainable_weights if v.path.startswith("encoder_stem")]


def test_networks_by_name():
    assert models.build("alpha").name == "alpha" and list(models.NETWORKS)[:2] == ["alpha", "beta"]
    with pytest.raises(ValueError, match="There is no network 'vgg'; wanted one of alpha, beta"):
        models.build("vgg")


def test_freezing_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match="The network beta has no pretrained encoder; wanted one such as unet"):
        models.freeze_encoder(models.beta(), 8)
    assert models.has_encoder(models.unet()) and len(models.encoder_layers(models.unet())) > 50


def test_inner_answers(rng):
    L = rng.uniform(0, 100, (1, 64, 32, 1)).astype("float32")
    unet, twin, beta = models.unet(), models.build("regression_unet"), models.beta()
    answers = models.with_inner_answers(unet)(L)
    np.testing.assert_allclose(np.asarray(answers["ab"]), np.asarray(unet(L)), atol=1e-4)
    assert answers["logits"].shape == (1, 16, 8, 261) and answers["features"].shape == (1, 16, 8, 64)
    kernel, bias = unet.get_layer("logits").get_weights()
    np.testing.assert_allclose(np.asarray(answers["features"]) @ kernel[0, 0] + bias, answers["logits"], atol=1e-3)
    assert set(models.with_inner_answers(twin)(L)) == {"ab", "features"}
    assert set(models.with_inner_answers(beta)(L)) == {"ab"}
    assert set(models.with_inner_answers(models.fusion(width=8))(L)) == {"ab", "features", "logits"}
    assert models.doublings(unet) == 2 and models.doublings(beta) is None
    assert not models.classifies(twin)
    with pytest.raises(ValueError, match="regression_unet does not choose among bins"):
        models.annealed_mean_of(twin)


def test_fusion_takes_any_classifier(rng):
    application = keras.applications.MobileNetV2(
        weights=None, include_top=False, pooling="avg", input_shape=(None, None, 3), alpha=0.35
    )
    model = models.fusion(width=8, classifier=application)
    assert model(rng.uniform(0, 100, (1, 64, 32, 1)).astype("float32")).shape == (1, 64, 32, 2)
    assert not application.trainable


def test_gray_of_L_is_the_gray_of_that_lightness():
    from colorlib import lightness

    gray = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_allclose(
        np.asarray(models.GrayOfL()(lightness(gray)[None, ..., None]))[0, ..., 0], gray, atol=0.1
    )
