"""train(): a network learns from batches, with progress, pictures, and a state after each epoch. `runs` keeps them."""

import hashlib
import math
import time
from pathlib import Path

import keras
import numpy as np

from colorlib import ab_bins, models
from colorlib.color import lab_to_rgb
from colorlib.learning.losses import RareColors
from colorlib.learning.optimizers import FineTuning, averaged, optimizer_for
from colorlib.learning.runs import TrainingError, opened
from colorlib.learning.sampling import draw
from colorlib.photos import save_photo

PRIOR_PHOTOS = 6000  # drawn to measure the prior on, where photos are weighted
PICTURES = 6  # validation photos shown after each epoch
STRENGTH, MOST = 0.5, 4  # of the re-weighting: the full one (1, no bound) makes blotches of rare colors


def train(
    model,
    batches,
    validation,
    run_dir,
    *,
    epochs=15,
    learning_rate=1e-3,
    patience=None,
    mixed_precision=None,
    show=None,
    loss=None,
    average=False,
):
    """Train a network, or resume the run in `run_dir`; the history, {name: [value of each epoch]}.

    `model` takes L to ab. Unless compiled already, it is trained with Adam at `learning_rate` on `loss`: by
    default the mean squared error of ab, or, for a network with logits, their cross-entropy, in which the
    colors rare among the training photos count more (`losses.RareColors`). One with a pretrained encoder gets
    a rate that rises, then falls to 0 over all `epochs`, and a sixth of it for the encoder (`FineTuning`).

    `batches` and `validation` are Batches. The same call continues a run that was interrupted at any moment,
    with at most one epoch lost, and the same data. Training ends after `epochs`, or after `patience` epochs
    without a better validation loss; the model is left with the weights of the last epoch. `mixed_precision`
    is "float16" or "bfloat16", for GPUs and CPUs that are faster so. With `average`, what is validated and kept in
    best.keras are the running means of the weights. `show` is called with each new picture,
    `(H, W, 3) uint8`.

    Raises ValueError for less than one epoch; TrainingError, with nothing lost that was learned, when the folder or
    disk cannot be written, holds another run, or one on other photos, is trained by another program, or the loss or
    the weights stop being finite.
    """
    if epochs < 1:
        raise ValueError(f"epochs is {epochs!r}; wanted one or more.")
    run_dir = Path(run_dir)

    # 1. What is trained: from L to the logits, where there are any. The optimizer and the loss.
    learner = model
    if not model.compiled:
        learner = models.learner(model)
        optimizer = optimizer_for(learner, learning_rate, mixed_precision, epochs * len(batches), average)
        learner.compile(optimizer, loss or _loss(model, batches))

    # 2. The run's folder: a new one, or one of the same run, whose last state is loaded.
    config = _config(model, batches, validation, mixed_precision) | _schedule(learner, epochs)
    photos = {"training": batches.sources, "validation": validation.sources}
    with opened(run_dir, config, photos, model, learner) as run:
        batches.epoch = run.done
        if run.finished(epochs, patience):
            print(f"{run_dir} has learned {run.done} epochs already; best.keras is the best of them.")
            return run.history

        # 3. The epochs. After each, the callback keeps the state, draws the picture and says how long it will take.
        learner.fit(
            batches,
            validation_data=validation,
            epochs=epochs,
            initial_epoch=run.done,
            shuffle=False,  # Batches shuffles by itself, the same way after a resume
            verbose=0,
            callbacks=[_EachEpoch(run, epochs, patience, validation, show)],
        )
        return run.history


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
