"""Files made by colorlib before its modules moved still load. `old_files.py` says how they were made."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from old_files import photos, tiny_network

from colorlib import Colorizer, models
from colorlib.learning.batches import Batches
from colorlib.learning.losses import RareColors
from colorlib.learning.optimizers import FineTuning
from colorlib.learning.training import train

DATA = Path(__file__).parent / "data"


def test_a_network_with_every_layer_loads_and_gives_the_same_ab(samples):
    colorizer = Colorizer(DATA / "classifier.keras", size=64)
    L = np.linspace(0, 100, 32 * 32, dtype=np.float32).reshape(1, 32, 32, 1)
    np.testing.assert_allclose(np.asarray(colorizer.model(L)), np.load(DATA / "classifier_ab.npy"), atol=0.05)
    assert colorizer.temperature is None and colorizer.has_temperature
    assert colorizer(samples["camera"]).shape == (*samples["camera"].shape[:2], 3)
    answers = models.with_inner_answers(colorizer.model)(L)
    assert set(answers) == {"ab", "features", "logits"} and answers["features"].shape == (1, 8, 8, 3)
    kinds = {type(layer) for layer in colorizer.model.layers}
    assert {models.AnnealedMean, models.Beside, models.GrayOfL, models.BilinearUpSampling2D} <= kinds


def test_the_loss_and_the_optimizer_load():
    learner = keras.saving.load_model(DATA / "learner.keras")
    assert isinstance(learner.loss, RareColors) and isinstance(learner.optimizer, FineTuning)
    assert learner.optimizer.encoder_share == pytest.approx(1 / 6) and int(learner.optimizer.iterations) == 3


def test_a_training_run_is_resumed(tmp_path):
    shutil.copytree(DATA / "run", tmp_path / "run")
    some = photos()
    train_photos, held_out = Batches(list(some[:8]), 32, 4), Batches(list(some[8:]), 32, augment=False)
    history = train(tiny_network(models), train_photos, held_out, tmp_path / "run", epochs=2)
    assert len(history["loss"]) == 2
    assert history["loss"][0] == pytest.approx(5.7, abs=0.1)
    assert Colorizer(tmp_path / "run" / "best.keras", size=64).has_temperature
