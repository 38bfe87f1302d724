import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import colorlib
from colorlib import Colorizer, load_photo, models
from colorlib.learning import runs
from colorlib.learning.batches import Batches
from colorlib.learning.optimizers import FineTuning, averaged, optimizer_for
from colorlib.learning.training import TrainingError, train


@pytest.fixture(scope="module")
def photos(samples):
    """24 crops of the sample photos, 48 x 48."""
    rng = np.random.default_rng(0)
    corners = [(name, *rng.integers(0, 250, 2)) for name in ("astronaut", "china", "coffee") for _ in range(8)]
    return [samples[name][y : y + 48, x : x + 48] for name, y, x in corners]


@pytest.fixture
def batches(photos):
    return Batches(photos[:16], size=32, batch_size=4), Batches(photos[16:], size=32, batch_size=8, augment=False)


def test_a_run_keeps_everything(batches, tmp_path, capsys):
    shown = []
    history = train(models.alpha(), *batches, tmp_path / "run", epochs=3, show=shown.append)
    run = tmp_path / "run"
    rows = list(csv.DictReader((run / "history.csv").read_text().splitlines()))
    assert [float(row["val_loss"]) for row in rows] == history["val_loss"] and len(history["loss"]) == 3
    assert sorted(path.name for path in run.iterdir() if not path.name.startswith(".")) == [
        "best.keras", "config.json", "epoch-0002", "epoch-0003", "history.csv", "photos.json", "pictures",
    ]  # fmt: skip
    assert [path.name for path in sorted((run / "pictures").iterdir())] == ["0001.jpg", "0002.jpg", "0003.jpg"]
    assert shown[0].shape == load_photo(run / "pictures" / "0001.jpg").shape == (3 * 32, 6 * 32, 3)
    assert Colorizer(run / "best.keras")(shown[0]).shape == shown[0].shape
    printed = capsys.readouterr().out
    assert "epoch 3 of 3" in printed and "left" in printed
    assert json.loads((run / "config.json").read_text())["network"] == "alpha"


def test_a_finished_run_is_left_alone_and_a_longer_one_goes_on(batches, tmp_path, capsys):
    first = train(models.alpha(), *batches, tmp_path, epochs=1)
    model = models.alpha()
    assert train(model, *batches, tmp_path, epochs=1) == first
    assert "has learned 1 epochs already" in capsys.readouterr().out
    saved = keras.saving.load_model(tmp_path / "best.keras")
    np.testing.assert_array_equal(model.get_weights()[0], saved.get_weights()[0])
    longer = train(models.alpha(), *batches, tmp_path, epochs=2)
    assert longer["loss"][0] == first["loss"][0] and len(longer["loss"]) == 2


SCRIPT = """
import os, sys, signal
import keras, numpy as np
if keras.config.backend() == "tensorflow":  # JAX is deterministic on a CPU as it is
    import tensorflow as tf
    tf.config.experimental.enable_op_determinism()
keras.utils.set_random_seed(0)
from colorlib import models
from colorlib.learning.batches import Batches
from colorlib.learning.training import train

data, run, kill = sys.argv[1:]
photos = list(np.load(data))
model = models.faces()
moment, epoch = kill.split(":")

class Kill(Batches):
    def __getitem__(self, index):
        if moment == "batch" and self.epoch == int(epoch) - 1 and index == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__getitem__(index)

saved, save = 0, keras.Model.save_weights
def save_weights(self, path, *args, **options):
    global saved
    saved += 1
    save(self, path, *args, **options)
    if moment == "save" and saved == int(epoch):
        with open(path, "r+b") as file:
            file.truncate(10_000)  # half written
        os.kill(os.getpid(), signal.SIGKILL)
keras.Model.save_weights = save_weights

train(model, Kill(photos[:16], size=32, batch_size=4), Batches(photos[16:], size=32, augment=False), run, epochs=4)
"""


def run_script(data, run, kill="never:0"):
    return subprocess.run([sys.executable, "-c", SCRIPT, str(data), str(run), kill], capture_output=True, text=True)


def losses(run):
    rows = list(csv.DictReader((run / "history.csv").read_text().splitlines()))
    return np.array([[float(row["loss"]), float(row["val_loss"])] for row in rows])


def test_killed_twice_it_ends_where_an_uninterrupted_run_ends(photos, tmp_path):
    """Once in the middle of an epoch, once in the middle of writing one, each with kill -9."""
    np.save(tmp_path / "photos.npy", np.stack(photos))
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    done = run_script(tmp_path / "photos.npy", whole)
    assert done.returncode == 0, done.stderr
    assert run_script(tmp_path / "photos.npy", broken, "batch:3").returncode == -signal.SIGKILL
    done = len(losses(broken))
    assert done in (1, 2)  # Keras fetches batches of epoch 3 while it still ends epoch 2
    assert run_script(tmp_path / "photos.npy", broken, "save:1").returncode == -signal.SIGKILL
    assert len(losses(broken)) == done and list(broken.glob(f".epoch-{done + 1:04d}.*.part"))
    done = run_script(tmp_path / "photos.npy", broken)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(losses(broken), losses(whole), rtol=1e-5)
    assert not list(broken.glob(".*.part*")) and len(list((broken / "pictures").iterdir())) == 4


def test_nan_loses_nothing(batches, tmp_path):
    before = train(models.alpha(), *batches, tmp_path, epochs=2)
    model = models.alpha()
    model.compile(keras.optimizers.SGD(1e30), "mse")
    with pytest.raises(TrainingError, match="loss became (nan|inf) in epoch 1"):
        train(model, *batches, tmp_path / "other", epochs=4)
    assert not list((tmp_path / "other").glob("epoch-*"))
    after = train(models.alpha(), *batches, tmp_path, epochs=3)
    assert after["loss"][:2] == before["loss"] and np.isfinite(after["loss"]).all()


def test_a_full_disk_loses_nothing(batches, tmp_path, monkeypatch):
    train(models.alpha(), *batches, tmp_path, epochs=1)

    def full(self, path, **_):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(keras.Model, "save_weights", full)
        with pytest.raises(TrainingError, match=r"Epoch 2 could not be written .*No space left.*epoch 1 is safe"):
            train(models.alpha(), *batches, tmp_path, epochs=2)
    assert not list(tmp_path.glob(".*.part*"))
    assert len(train(models.alpha(), *batches, tmp_path, epochs=2)["loss"]) == 2


def test_an_unwritable_folder_and_another_run_are_refused(batches, photos, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match="cannot be written"):
        train(models.alpha(), *batches, tmp_path / "file" / "run", epochs=1)
    train(models.alpha(), *batches, tmp_path / "run", epochs=1)
    with pytest.raises(TrainingError, match="'network': 'alpha'.*'network': 'faces'.*another folder"):
        train(models.faces(), *batches, tmp_path / "run", epochs=1)
    with pytest.raises(TrainingError, match="'seed': 0.*'seed': 1"):
        train(
            models.alpha(), Batches(photos[:16], size=32, batch_size=4, seed=1), batches[1], tmp_path / "run", epochs=1
        )


def test_patience_ends_a_run_that_no_longer_gains(batches, tmp_path):
    model = models.alpha()
    model.compile(keras.optimizers.SGD(0.0), "mse")
    history = train(model, *batches, tmp_path, epochs=9, patience=2)
    assert len(history["loss"]) == 3


def test_mixed_precision(batches, tmp_path):
    history = train(models.alpha(), *batches, tmp_path, epochs=1, mixed_precision="bfloat16")
    assert np.isfinite(history["loss"]).all()
    saved = keras.saving.load_model(tmp_path / "best.keras")
    assert {layer.compute_dtype for layer in saved.layers if layer.weights} == {"bfloat16"}
    assert saved.weights[0].dtype == "float32" and np.asarray(saved(np.zeros((1, 32, 32, 1)))).dtype == np.float32
    with pytest.raises(ValueError, match="'half'; wanted"):
        train(models.alpha(), *batches, tmp_path / "other", mixed_precision="half")


def test_the_public_name():
    assert colorlib.train is train
    assert os.path.basename(colorlib.training.__file__) == "training.py"


def test_a_classifying_network_learns_rare_colors_and_goes_on(batches, tmp_path):
    keras.utils.set_random_seed(0)
    first = train(models.fusion(width=8), *batches, tmp_path / "run", epochs=2, learning_rate=3e-3)
    assert first["loss"][1] < first["loss"][0]
    best = keras.saving.load_model(tmp_path / "run" / "best.keras", compile=False)
    assert best(batches[0][0][0]).shape == (4, 32, 32, 2)
    model = models.fusion(width=8)
    assert train(model, *batches, tmp_path / "run", epochs=2, learning_rate=3e-3) == first
    with pytest.raises(TrainingError, match="begun with {'epochs': 2}, not {'epochs': 3}"):
        train(models.fusion(width=8), *batches, tmp_path / "run", epochs=3)


def test_fine_tuning_moves_the_encoder_less(rng):
    L = keras.Input((4,))
    model = keras.Model(L, keras.layers.Dense(2, name="head")(keras.layers.Dense(3, name="encoder_1a")(L)))
    before = [np.array(w) for w in model.get_weights()]
    model.compile(FineTuning(0.1, encoder_share=0.01), "mse")
    model.train_on_batch(rng.normal(size=(8, 4)), rng.normal(size=(8, 2)))
    moved = [np.abs(new - old).max() for new, old in zip(model.get_weights(), before)]
    assert max(moved[:2]) < 0.002 < 0.05 < min(moved[2:])


def test_foreign_files_in_the_folder_stay_and_leftovers_go(batches, tmp_path):
    (tmp_path / "book.parts").mkdir()
    (tmp_path / "holiday.part1.rar").write_bytes(b"mine")
    leftovers = [
        tmp_path / ".history.csv.0a1b2c3d.part",
        tmp_path / ".best.0a1b2c3d.part.keras",
        tmp_path / ".epoch-0001.0a1b2c3d.part",
        tmp_path / "epoch-0001.part",  # these two as version 0.1 named them
        tmp_path / "best.part.keras",
    ]
    leftovers[0].write_bytes(b"half")
    leftovers[1].write_bytes(b"half")
    leftovers[2].mkdir()
    leftovers[3].mkdir()
    leftovers[4].write_bytes(b"half")
    train(models.alpha(), *batches, tmp_path, epochs=1)
    assert (tmp_path / "book.parts").is_dir() and (tmp_path / "holiday.part1.rar").exists()
    assert not any(leftover.exists() for leftover in leftovers)


def test_a_smaller_learning_rate_takes_effect_in_a_resume(batches, tmp_path):
    train(models.alpha(), *batches, tmp_path, epochs=1, learning_rate=1e-3)
    model = models.alpha()
    model.compile(keras.optimizers.Adam(1e-4), "mse")
    train(model, *batches, tmp_path, epochs=2)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)


def test_no_resume_with_other_layers_frozen_nor_without_epochs(batches, tmp_path):
    train(models.alpha(), *batches, tmp_path, epochs=1)
    model = models.alpha()
    model.layers[2].trainable = False
    with pytest.raises(TrainingError, match="holds a run begun with {'trained'"):
        train(model, *batches, tmp_path, epochs=2)
    with pytest.raises(ValueError, match="epochs is 0"):
        train(models.alpha(), *batches, tmp_path / "new", epochs=0)
    (tmp_path / "config.json").write_text("")
    with pytest.raises(TrainingError, match="config.json is damaged"):
        train(models.alpha(), *batches, tmp_path, epochs=2)


def test_running_means_of_the_weights_are_kept_and_training_goes_on_from_the_last(photos, tmp_path):
    pair = Batches(photos[:16], size=32, batch_size=4), Batches(photos[16:], size=32, batch_size=8, augment=False)
    history = train(models.alpha(), *pair, tmp_path / "run", epochs=2, average=True)
    kept = keras.saving.load_model(tmp_path / "run" / "best.keras")
    kept.compile(loss="mse")
    assert kept.evaluate(pair[1], verbose=0) == pytest.approx(min(history["val_loss"]), rel=1e-3)
    state = models.alpha()
    state.compile(optimizer_for(state, 1e-3, None, 8, average=True), "mse")
    state.optimizer.build(state.trainable_variables)
    state.load_weights(tmp_path / "run" / "epoch-0002" / "model.weights.h5")
    last = state.get_weights()
    assert not any(np.array_equal(mean, weight) for mean, weight in zip(kept.get_weights()[::2], last[::2]))
    with averaged(state):
        means = state.get_weights()
    assert not any(np.array_equal(mean, weight) for mean, weight in zip(means[::2], last[::2]))
    assert all(np.array_equal(now, weight) for now, weight in zip(state.get_weights(), last))
    straight = train(models.alpha(), *pair, tmp_path / "other", epochs=1, average=True)
    assert len(train(models.alpha(), *pair, tmp_path / "run", epochs=3, average=True)["loss"]) == 3
    assert len(straight["loss"]) == 1


def tiny():
    L = keras.Input((None, None, 1))
    return keras.Model(L, keras.layers.Conv2D(2, 1, name="ab")(L), name="tiny")


def test_a_damaged_state_gives_a_sentence_and_the_older_one(batches, tmp_path, capsys):
    before = train(tiny(), *batches, tmp_path, epochs=3)["val_loss"]
    path = tmp_path / "epoch-0003" / "model.weights.h5"
    data = path.read_bytes()
    path.write_bytes(data[:-100] + bytes([data[-100] ^ 64]) + data[-99:])
    capsys.readouterr()
    after = train(tiny(), *batches, tmp_path, epochs=3)["val_loss"]
    printed = capsys.readouterr().out
    assert printed.count("epoch-0003 is damaged (the SHA-256") == 1 and "resumes after epoch 2 instead" in printed
    np.testing.assert_allclose(after, before, rtol=1e-3)
    assert sorted(state.name for state in tmp_path.glob("epoch-*")) == ["epoch-0002", "epoch-0003"]
    for state in tmp_path.glob("epoch-*"):
        (state / "model.weights.h5").write_bytes(b"")
    with pytest.raises(TrainingError, match=r"No state in .* epoch-0003 is damaged .*; epoch-0002 .*best.keras"):
        train(tiny(), *batches, tmp_path, epochs=4)
    assert len(list(tmp_path.glob("epoch-*"))) == 2 and (tmp_path / "best.keras").exists()


def test_a_run_of_version_0_1_resumes(batches, tmp_path, capsys):
    train(tiny(), *batches, tmp_path, epochs=1)
    (tmp_path / "epoch-0001" / "SHA256SUMS").unlink()
    (tmp_path / "photos.json").unlink()
    config = json.loads((tmp_path / "config.json").read_text())
    del config["photos"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert len(train(tiny(), *batches, tmp_path, epochs=2)["loss"]) == 2
    assert "damaged" not in capsys.readouterr().out and (tmp_path / "photos.json").exists()


def test_weights_that_are_not_finite_are_not_kept(tmp_path):
    model = tiny()
    model.compile("adam", "mse")
    photos = {"training": [("a.jpg", 1)], "validation": [("b.jpg", 2)]}
    with runs.opened(tmp_path, {"network": "tiny"}, photos, model, model) as run:
        run.keep({"epoch": 1, "val_loss": 2.0})
        model.layers[1].bias.assign([np.nan, 0])
        with pytest.raises(TrainingError, match="weights are no longer finite after epoch 2; .* epoch 1 is safe"):
            run.keep({"epoch": 2, "val_loss": 1.0})
    assert [state.name for state in tmp_path.glob("epoch-*")] == ["epoch-0001"]


def test_a_power_failure_after_an_epoch_takes_nothing_of_it(batches, tmp_path, monkeypatch):
    """What was never flushed is empty after a power failure."""
    flushed, fsync = set(), os.fsync

    def remember(number):
        fsync(number)
        flushed.add(os.fstat(number).st_ino)

    monkeypatch.setattr(os, "fsync", remember)
    train(tiny(), *batches, tmp_path / "run", epochs=2)
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file() and path.stat().st_ino not in flushed:
            path.write_bytes(b"")
    assert (tmp_path / "run").stat().st_ino in flushed
    assert len(train(tiny(), *batches, tmp_path / "run", epochs=3)["loss"]) == 3
    assert Colorizer(tmp_path / "run" / "best.keras")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="JAX's threads do not survive a fork")
def test_kill_9_at_random_moments_loses_nothing_that_was_kept():
    script = [sys.executable, Path(__file__).with_name("interrupted_training.py"), "kill", "4"]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0 and "0 lost" in done.stdout and "0 damaged" in done.stdout, done.stdout + done.stderr


def test_two_trainings_in_one_run_folder(batches, tmp_path):
    def second(picture):
        with pytest.raises(TrainingError, match="Another program trains in .*; wait for it, or name another folder"):
            train(tiny(), *batches, tmp_path, epochs=1)
        tried.append(picture)

    tried = []
    assert len(train(tiny(), *batches, tmp_path, epochs=2, show=second)["loss"]) == 2
    assert len(tried) == 2
    train(tiny(), *batches, tmp_path, epochs=3)


def test_other_photos_of_the_same_number_are_named(samples, tmp_path, monkeypatch):
    monkeypatch.setenv("COLORLIB_CACHE", str(tmp_path / "cache"))
    for number, (name, y) in enumerate((name, y) for name in ("china", "coffee") for y in range(0, 200, 40)):
        colorlib.save_photo(samples[name][y : y + 48, 60:108], tmp_path / "a" / f"{number}.png")
    paths = sorted((tmp_path / "a").iterdir())

    def resume(paths, held_out, epochs):
        pair = Batches(paths, size=32, batch_size=4), Batches(held_out, size=32, augment=False)
        return train(tiny(), *pair, tmp_path / "run", epochs=epochs)

    resume(paths[:8], paths[8:], 1)
    shutil.move(tmp_path / "a", tmp_path / "b")  # the same photos elsewhere
    paths = sorted((tmp_path / "b").iterdir())
    assert len(resume(paths[:8], paths[8:], 2)["loss"]) == 2
    with pytest.raises(TrainingError, match="the training photos are in another order; name another folder"):
        resume(paths[7::-1], paths[8:], 3)
    (tmp_path / "b" / "0.png").rename(tmp_path / "b" / "new.png")
    colorlib.save_photo(samples["rocket"][:48, :48], tmp_path / "b" / "1.png")
    paths = [tmp_path / "b" / "new.png", *paths[1:]]
    words = r"1 training photos are changed \(1.png\), 1 .* are gone \(0.png\), 1 training photos are new \(new.png\)"
    with pytest.raises(TrainingError, match=words):
        resume(paths[:8], paths[8:], 3)
