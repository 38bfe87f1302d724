"""train(): train a network on batches, with progress, pictures and a state after each epoch, stored by `runs`."""

import hashlib
import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from colorlib import ab_bins, models
from colorlib.color import lab_to_rgb
from colorlib.learning.batches import Batches
from colorlib.learning.devices import Even, chosen, copied, spread
from colorlib.learning.losses import RareColors
from colorlib.learning.optimizers import FineTuning, averaged, optimizer_for
from colorlib.learning.runs import TrainingError, opened
from colorlib.learning.sampling import draw
from colorlib.photos import save_photo

PRIOR_PHOTOS = 6000  # drawn to measure the prior on, where photos are weighted
PICTURES = 6  # validation photos shown after each epoch
STRENGTH, MOST = 0.5, 4  # of the re-weighting: the full one (1, no bound) makes blotches of rare colors


def train(
    model: keras.Model,
    batches: Batches,
    validation: Batches,
    run_dir: str | os.PathLike,
    *,
    epochs: int = 15,
    learning_rate: float = 1e-3,
    patience: int | None = None,
    mixed_precision: str | None = None,
    show: Callable | None = None,
    loss: keras.losses.Loss | None = None,
    average: bool = False,
    learner: keras.Model | None = None,
    config: dict | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    devices: int | str | None = None,
) -> dict[str, list[float]]:
    """Train a network, or resume the run in `run_dir`; the history, {name: [value of each epoch]}.

    The same call resumes a run that was interrupted at any moment, with at most one epoch lost, and the same data. The
    model is left with the weights of the last epoch; `best.keras` holds those of the best one.

    Args:
        model: A network from L to ab, as those of `models`. Unless it is compiled already, it is trained with Adam; one
            with a pretrained encoder gets a rate that rises, then falls to 0 over all epochs, and a sixth of it for
            the encoder (`FineTuning`).
        batches: The photos to learn from.
        validation: The held-out photos.
        run_dir: The folder of the run.
        epochs: How often the photos are seen.
        learning_rate: Adam's.
        patience: Training ends after so many epochs without a better validation loss. None: never early.
        mixed_precision: "float16" or "bfloat16", for GPUs and CPUs that are faster so.
        show: Called with each new picture, `(H, W, 3) uint8`.
        loss: None: the mean squared error of ab; for a network with logits their cross-entropy, in which the colors
            rare among the training photos count more (`losses.RareColors`).
        average: Whether the running means of the weights are validated and kept in `best.keras`.
        learner: What is trained instead of the network, compiled, where a loss needs more than the network's output:
            such as `critic.AgainstCritic`.
        config: What else must stay the same in a resume, a dict for JSON.
        callbacks: Callbacks of Keras; what they add to the logs of an epoch becomes columns of the history.
        devices: "all" GPUs, or, without any, all CPUs that the backend names; or how many. Each gets an equal share of
            every batch, so that the steps are those of one device. A resume may have another number. None: one.

    Raises:
        ValueError: `epochs` is less than one, there are not so many devices, or several of them get a network that is
            compiled already.
        TrainingError: The folder or disk cannot be written, the folder holds another run, or one on other photos, or is
            in use by another program; or the loss or the weights stop being finite. Nothing that was learned is lost.

    >>> photos = Batches([np.zeros((40, 40, 3), np.uint8)], size=32, batch_size=1)
    >>> history = train(models.beta(), photos, photos, "run", epochs=1)  # doctest: +ELLIPSIS
    1 batches an epoch, epochs 1 to 1:...
    >>> sorted(history)
    ['epoch', 'loss', 'seconds', 'val_loss']
    """
    if epochs < 1:
        raise ValueError(f"epochs is {epochs!r}; wanted one or more.")
    run_dir = Path(run_dir)

    names = chosen(devices)
    if names and (learner or model).compiled:
        raise ValueError(f"devices is {devices!r} for a network or learner that is compiled; wanted devices=None.")
    settings = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "patience": patience,
        "mixed_precision": mixed_precision,
        "show": show,
        "loss": loss,
        "average": average,
        "learner": learner,
        "config": config,
        "callbacks": callbacks,
    }
    if not names:
        return _train(model, batches, validation, run_dir, **settings)
    with spread(names):
        print(f"Each batch is shared by {len(names)} devices: {', '.join(names)}.")
        copy = copied(model)
        history = _train(copy, batches, validation, run_dir, **settings, shared_by=len(names))
    model.set_weights(copy.get_weights())
    return history


def _train(
    model,
    batches,
    validation,
    run_dir,
    epochs,
    learning_rate,
    patience,
    mixed_precision,
    show,
    loss,
    average,
    learner,
    config,
    callbacks,
    shared_by=1,
):
    """`train`, on the device or devices that the model lives on."""

    # 1. What is trained: from L to the logits, where there are any. The optimizer and the loss.
    learner = learner or model
    if not learner.compiled:
        learner = models.learner(model)
        optimizer = optimizer_for(learner, learning_rate, mixed_precision, epochs * len(batches), average)
        learner.compile(optimizer, loss or (rare_colors(batches) if models.classifies(model) else "mse"))

    # 2. The run's folder: a new one, or one of the same run, whose last state is loaded.
    config = _config(model, batches, validation, mixed_precision) | _schedule(learner, epochs) | (config or {})
    photos = {"training": batches.sources, "validation": validation.sources}
    with opened(run_dir, config, photos, model, learner) as run:
        batches.epoch = run.done
        if run.finished(epochs, patience):
            print(f"{run_dir} has learned {run.done} epochs already; best.keras is the best of them.")
            return run.history

        # 3. The epochs. After each, the callback keeps the state, draws the picture and says how long it will take.
        learner.fit(
            Even(batches, shared_by) if shared_by > 1 else batches,
            validation_data=Even(validation, shared_by, validation=True) if shared_by > 1 else validation,
            epochs=epochs,
            initial_epoch=run.done,
            shuffle=False,  # Batches shuffles by itself, the same way after a resume
            verbose=0,
            callbacks=[*callbacks, _EachEpoch(run, epochs, patience, batches, validation, show)],
        )
        return run.history


class _EachEpoch(keras.callbacks.Callback):
    """Progress with the time left, the picture, the state, early stop, and an eye on the loss."""

    def __init__(self, run, epochs, patience, batches, validation, show):
        super().__init__()
        self.run, self.epochs, self.patience, self.batches, self.show = run, epochs, patience, batches, show
        validation.epoch = 0  # the same photos in every run
        self.L, self.ab = (array[:PICTURES] for array in validation[0])

    def on_train_begin(self, logs=None):
        self.started, self.begun_at = time.time(), self.run.done
        print(f"{self.params['steps']} batches an epoch, epochs {self.run.done + 1} to {self.epochs}:", flush=True)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch_started, self.printed = time.time(), 0
        self.batches.epoch = epoch  # Keras's first look may have taken a whole epoch

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
        self.model.stop_training |= self.run.finished(self.epochs, self.patience)

    def _print(self, done, text, end=""):
        spent = time.time() - self.started
        left = spent / (done - self.begun_at) * (self.epochs - done)
        line = f"epoch {math.ceil(done)} of {self.epochs}: {text}, {_duration(left)} left"
        print(f"\r{line:<80}", end=end, flush=True)


def _schedule(model, epochs):
    """What must stay the same in a resume when the learning rate depends on how long the run will be."""
    falls = isinstance(getattr(model.optimizer, "inner_optimizer", model.optimizer), FineTuning)
    return {"epochs": epochs} if falls else {}


def rare_colors(batches, **arguments):
    """The loss `RareColors` for the colors in Batches; `arguments` are those of every Keras loss."""
    chosen = range(len(batches.photos))
    if batches.weights is not None:
        chosen = draw(batches.weights, PRIOR_PHOTOS, rng=np.random.default_rng(0))
    prior = ab_bins.prior(batches.photos[i] for i in chosen)  # of what is drawn, not of what lies in the folders
    return RareColors(ab_bins.weights(prior, strength=STRENGTH, most=MOST), **arguments)


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


def _picture(model, L, ab):
    """Rows of photos, gray, predicted and original, one below the other: `(3 S, N S, 3) uint8`."""
    predicted = keras.ops.convert_to_numpy(model(L, training=False)).astype(np.float32)
    rows = [lab_to_rgb(np.concatenate([L, colors], axis=-1)) for colors in (np.zeros_like(ab), predicted, ab)]
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows])


def _duration(seconds):
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
