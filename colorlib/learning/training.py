"""train(): progress, pictures while learning, a state after each epoch, and resume.

A run directory holds everything of a training run:

    config.json          what was trained, and on what
    history.csv          one row an epoch
    best.keras           the network of the best epoch, for `Colorizer`
    epoch-0007/          the last epoch's weights and optimizer, written whole, then renamed
    pictures/0007.jpg    the same validation photos after each epoch: gray, predicted, original
"""

import contextlib
import hashlib
import json
import math
import shutil
import time
from pathlib import Path

import keras
import numpy as np

from colorlib import ab_bins, models
from colorlib.color import lab_to_rgb
from colorlib.files import reason, remove_leftovers, whole_file, whole_folder, write_whole
from colorlib.learning.losses import RareColors
from colorlib.learning.optimizers import FineTuning, averaged, optimizer_for
from colorlib.learning.sampling import draw
from colorlib.photos import save_photo

PRIOR_PHOTOS = 6000  # drawn to measure the prior on, where photos are weighted
PICTURES = 6  # validation photos shown after each epoch
STRENGTH, MOST = 0.5, 4  # of the re-weighting: the full one (1, no bound) makes blotches of rare colors


class TrainingError(ValueError):
    """A training run that cannot begin or go on; the message is one sentence for its owner."""


def train(
    model,
    train,
    validation,
    run_dir,
    epochs=15,
    learning_rate=1e-3,
    patience=None,
    mixed_precision=None,
    show=None,
    loss=None,
    average=False,
):
    """Train a network, or go on with the run in `run_dir`; the history, {name: [value of each epoch]}.

    `model` takes L to ab. Unless compiled already, it is trained with Adam at `learning_rate` on `loss`: by
    default the mean squared error of ab, or, for a network with logits, their cross-entropy, in which the
    colors rare among the training photos count more (`losses.RareColors`). One with a pretrained encoder gets
    a rate that rises, then falls to 0 over all `epochs`, and a sixth of it for the encoder (`FineTuning`).

    `train` and `validation` are Batches. The same call continues a run that was interrupted at any moment,
    with at most one epoch lost, and the same data. Training ends after `epochs`, or after `patience` epochs
    without a better validation loss; the model is left with the weights of the last epoch. `mixed_precision`
    is "float16" or "bfloat16", for GPUs and CPUs that are faster so. With `average`, what is validated and kept in
    best.keras are the running means of the weights. `show` is called with each new picture,
    `(H, W, 3) uint8`.

    Raises ValueError for less than one epoch; TrainingError, with nothing lost that was learned, when the folder or
    disk cannot be written, holds another run, or the loss stops being a number.
    """
    if epochs < 1:
        raise ValueError(f"epochs is {epochs!r}; wanted one or more.")
    run_dir = Path(run_dir)
    learner = model
    if not model.compiled:
        learner = models.learner(model)
        optimizer = optimizer_for(learner, learning_rate, mixed_precision, epochs * len(train), average)
        learner.compile(optimizer, loss or _loss(model, train))
    config = _config(model, train, validation, mixed_precision) | _schedule(learner, epochs)
    run = _Run(run_dir, config, model, learner)
    train.epoch = run.done
    if run.finished(epochs, patience):
        print(f"{run_dir} has learned {run.done} epochs already; best.keras is the best of them.")
        return run.history
    callback = _EachEpoch(run, epochs, patience, validation, show)
    learner.fit(
        train,
        validation_data=validation,
        epochs=epochs,
        initial_epoch=run.done,
        shuffle=False,  # Batches shuffles by itself, the same way after a resume
        verbose=0,
        callbacks=[callback],
    )
    return run.history


class _Run:
    """The run directory: what is written there, and in which order, so that a kill loses nothing."""

    def __init__(self, folder, config, model, learner):
        self.folder, self.model, self.learner = folder, model, learner
        self.rows = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _check_same(folder / "config.json", config)
            write_whole(json.dumps(config, indent=1).encode(), folder / "config.json")
            remove_leftovers(folder)
        except OSError as error:
            raise TrainingError(f"{folder} cannot be written ({reason(error)}); name another.") from error
        self._load()

    @property
    def done(self):
        return len(self.rows)

    @property
    def best(self):
        """Number of the first epoch with the lowest validation loss, but for rounding; 0 before the first."""
        losses = np.array([row["val_loss"] for row in self.rows])
        return 1 + int(np.argmax(losses <= losses.min() * (1 + 1e-6))) if len(losses) else 0

    @property
    def history(self):
        return {name: [row[name] for row in self.rows] for name in (self.rows[0] if self.rows else [])}

    def finished(self, epochs, patience):
        return self.done >= epochs or bool(patience and self.rows and self.done - self.best >= patience)

    def keep(self, row):
        """Write the state after one more epoch: the directory whole, then renamed; then the rest."""
        self.rows.append(row)
        try:
            state = self.folder / f"epoch-{self.done:04d}"
            with whole_folder(state) as part:
                self.learner.save_weights(part / "model.weights.h5")  # with the optimizer's state
                (part / "history.json").write_text(json.dumps(self.rows))
            self._finish_keeping(state)
        except (OSError, RuntimeError) as error:  # HDF5 reports a full disk as either
            raise TrainingError(
                f"Epoch {self.done} could not be written to {self.folder} ({reason(error)}); what was learned until "
                f"epoch {self.done - 1} is safe there, and the same call goes on from it."
            ) from error

    def _finish_keeping(self, state):
        """What can be made again from a state, should the process be killed before it is done."""
        if self.best == self.done:
            with whole_file(self.folder / "best.keras") as part, averaged(self.learner):
                self.model.save(part)
        lines = [",".join(self.rows[0]), *(",".join(map(str, row.values())) for row in self.rows)]
        write_whole("\n".join([*lines, ""]).encode(), self.folder / "history.csv")
        for older in self.folder.glob("epoch-????"):
            if older != state:
                shutil.rmtree(older)

    def _load(self):
        states = sorted(self.folder.glob("epoch-????"))
        if not states:
            return
        optimizer = self.learner.optimizer
        optimizer.build(self.learner.trainable_variables)
        rate = float(optimizer.learning_rate)
        self.learner.load_weights(states[-1] / "model.weights.h5")
        with contextlib.suppress(TypeError):  # a schedule has no rate of its own to set
            optimizer.learning_rate = rate  # the one asked for now, not the stored one
        self.rows = json.loads((states[-1] / "history.json").read_text())
        self._finish_keeping(states[-1])


class _EachEpoch(keras.callbacks.Callback):
    """Progress with the time left, the picture, the state, early stop, and an eye on the loss."""

    def __init__(self, run, epochs, patience, validation, show):
        super().__init__()
        self.run, self.epochs, self.patience, self.show = run, epochs, patience, show
        validation.epoch = 0  # the same photos in every run
        self.L, self.ab = (array[:PICTURES] for array in validation[0])

    def on_train_begin(self, logs=None):
        self.started, self.begun_at = time.time(), self.run.done
        print(f"{self.params['steps']} batches an epoch, epochs {self.run.done + 1} to {self.epochs}:", flush=True)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch_started, self.printed = time.time(), 0

    def on_train_batch_end(self, batch, logs=None):
        if not np.isfinite(logs["loss"]):
            raise TrainingError(
                f"The loss became {logs['loss']} in epoch {self.run.done + 1}; try a smaller learning rate. What was "
                f"learned until epoch {self.run.done} is safe in {self.run.folder}."
            )
        if time.time() - self.printed > 1:
            self.printed = time.time()
            part = (batch + 1) / self.params["steps"]
            self._print(self.run.done + part, f"{part:.0%}, loss {logs['loss']:.4g}")

    def on_test_begin(self, logs=None):
        self.means = averaged(self.model)
        self.means.__enter__()

    def on_test_end(self, logs=None):
        self.means.__exit__(None, None, None)

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch + 1} | {name: float(value) for name, value in logs.items()}
        self.run.keep(row | {"seconds": round(time.time() - self.epoch_started, 2)})
        self._print(self.run.done, f"loss {row['loss']:.4g}, held out {row['val_loss']:.4g}", end="\n")
        with averaged(self.model):
            picture = _picture(self.run.model, self.L, self.ab)
        save_photo(picture, self.run.folder / "pictures" / f"{self.run.done:04d}.jpg")
        if self.show:
            self.show(picture)
        self.model.stop_training = self.run.finished(self.epochs, self.patience)

    def _print(self, done, text, end=""):
        spent = time.time() - self.started
        left = spent / (done - self.begun_at) * (self.epochs - done)
        line = f"epoch {math.ceil(done)} of {self.epochs}: {text}, {_duration(left)} left"
        print(f"\r{line:<80}", end=end, flush=True)


def _schedule(model, epochs):
    """What must stay the same in a resume when the learning rate depends on how long the run will be."""
    falls = isinstance(getattr(model.optimizer, "inner_optimizer", model.optimizer), FineTuning)
    return {"epochs": epochs} if falls else {}


def _loss(model, train):
    if not models.classifies(model):
        return "mse"
    chosen = (
        range(len(train.photos))
        if train.weights is None
        else draw(train.weights, PRIOR_PHOTOS, rng=np.random.default_rng(0))
    )
    prior = ab_bins.prior(train.photos[i] for i in chosen)  # of what is drawn, not of what lies in the folders
    return RareColors(ab_bins.weights(prior, strength=STRENGTH, most=MOST))


def _config(model, train, validation, mixed_precision):
    photos = {"train_photos": len(train.photos), "validation_photos": len(validation.photos)}
    batches = {name: getattr(train, name) for name in ("size", "batch_size", "seed")}
    network = {"network": model.name, "parameters": model.count_params(), "mixed_precision": mixed_precision}
    network["trained"] = sum(math.prod(weights.shape) for weights in model.trainable_weights)
    if train.weights is not None or train.epoch_photos != len(train.photos):
        batches |= {"epoch_photos": train.epoch_photos, "weights": _digest(train.weights)}
    return network | batches | {"augment": sorted(train.augment)} | photos | {"backend": keras.backend.backend()}


def _digest(weights):
    return None if weights is None else hashlib.sha256(weights.tobytes()).hexdigest()[:16]


def _check_same(path, config):
    if not path.exists():
        return
    try:
        there = dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path} is damaged; name another folder for this run.") from error
    there.setdefault("trained", config["trained"])  # older runs did not write it
    other = [name for name in config if name != "backend" and there.get(name) != config[name]]
    if other:
        begun, now = ({name: values.get(name) for name in other} for values in (there, config))
        raise TrainingError(
            f"{path.parent} holds a run begun with {begun}, not {now}; name another folder for this one."
        )


def _picture(model, L, ab):
    """Rows of photos, gray, predicted and original, one below the other: `(3 S, N S, 3) uint8`."""
    predicted = np.asarray(model.predict_on_batch(L), np.float32)
    rows = [lab_to_rgb(np.concatenate([L, colors], axis=-1)) for colors in (np.zeros_like(ab), predicted, ab)]
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows])


def _duration(seconds):
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
