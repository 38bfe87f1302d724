"""Training on several devices: here those that TensorFlow and JAX make of one processor, in a process of their own."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from colorlib import models
from colorlib.learning.batches import Batches
from colorlib.learning.devices import Even, chosen
from colorlib.learning.training import train

SCRIPT = """
import json, sys
import keras, numpy as np
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from colorlib import models
from colorlib.learning.batches import Batches
from colorlib.learning.training import train

photos, results = list(np.load(sys.argv[1])), {}

def network():
    L = keras.Input((None, None, 1))
    x = keras.layers.Rescaling(0.02, -1)(L)
    x = keras.layers.Conv2D(8, 3, padding="same", use_bias=False)(x)  # a bias before normalization drifts by rounding
    x = keras.layers.Activation("relu")(keras.layers.BatchNormalization()(x))
    return keras.Model(L, keras.layers.Rescaling(32)(keras.layers.Conv2D(2, 3, padding="same")(x)), name="tiny")

def run(name, devices, epochs, folder):
    keras.utils.set_random_seed(0)
    model = network()
    batches = Batches(photos[:16], size=32, batch_size=4)
    held_out = Batches(photos[16:], size=32, batch_size=3, augment=False)  # shared by two: filled up
    history = train(model, batches, held_out, f"{sys.argv[2]}/{folder}", epochs=epochs, devices=devices)
    weights = np.concatenate([weight.ravel() for weight in model.get_weights()])
    results[name] = {"loss": history["loss"], "val_loss": history["val_loss"], "weights": weights.tolist()}

run("one", None, 5, "one")
run("two", "all", 5, "two")
run("one, resumed", None, 6, "one")
run("two, resumed on one", 1, 6, "two")
json.dump(results, open(sys.argv[2] + "/results.json", "w"))
"""


@pytest.fixture(scope="module")
def results(samples, tmp_path_factory):
    """What 20 steps on one device end with, and on two; and when both are resumed on one."""
    folder = tmp_path_factory.mktemp("devices")
    rng = np.random.default_rng(0)
    photos = [samples["coffee"][y : y + 48, x : x + 48] for y, x in rng.integers(0, 300, (20, 2))]
    np.save(folder / "photos.npy", photos)
    environment = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    command = [sys.executable, "-c", SCRIPT, str(folder / "photos.npy"), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Each batch is shared by 2 devices" in done.stdout
    return json.loads((folder / "results.json").read_text())


@pytest.mark.parametrize(("one", "two"), [("one", "two"), ("one, resumed", "two, resumed on one")])
def test_two_devices_end_where_one_ends(results, one, two):
    one, two = results[one], results[two]
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-3)
    assert np.abs(np.subtract(two["weights"], one["weights"])).max() < 1e-3
    assert one["loss"][-1] < one["loss"][0]


def test_a_batch_is_filled_up_and_means_the_same(samples):
    batches = Batches([samples["coffee"][:40, 50 * i : 50 * i + 40] for i in range(5)], size=32, batch_size=3)
    even = Even(batches, 2)
    assert [len(even[i][0]) for i in range(len(even))] == [4, 2]
    L, ab, weights = even[0]
    np.testing.assert_array_equal(L[3], L[0])
    np.testing.assert_allclose(weights.ravel(), [4 / 3, 4 / 3, 4 / 3, 0])
    loss = keras.losses.MeanSquaredError()
    plain = float(loss(batches[0][1], np.zeros_like(ab[:3])))
    assert float(loss(ab, np.zeros_like(ab), sample_weight=weights)) == pytest.approx(plain, rel=1e-5)
    of_all = Even(batches, 2, validation=True)
    np.testing.assert_allclose([of_all[i][2].ravel()[0] for i in (0, 1)], 6 / 5)  # 3 + 2 photos in 4 + 2 places
    even.on_epoch_begin()
    even[1]
    even.on_epoch_end()
    assert batches.epoch == 1


@pytest.mark.parametrize("devices", [0, -1, "two", 1.5])
def test_a_number_of_devices_there_cannot_be_is_named(devices):
    with pytest.raises(ValueError, match=f"devices is {devices!r}; wanted None, 'all', or how many"):
        chosen(devices)


def test_more_devices_than_there_are(samples, tmp_path):
    assert chosen(None) == chosen("all") == chosen("1") == []
    batches = Batches([samples["coffee"]], size=32, batch_size=1)
    with pytest.raises(ValueError, match=r"devices is 99; there are 1: .*(CPU|cpu)"):
        train(models.alpha(), batches, batches, tmp_path, devices=99)
