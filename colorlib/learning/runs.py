"""A run directory: everything of a training run, written so that a kill at any moment loses nothing.

config.json          what was trained, and on what
history.csv          one row an epoch
best.keras           the network of the best epoch, for `Colorizer`
epoch-0007/          the last epoch's weights and optimizer, written completely, then renamed
pictures/0007.jpg    the same validation photos after each epoch: gray, predicted, original
"""

import contextlib
import json
import shutil

import numpy as np

from colorlib.files import reason, remove_leftovers, whole_file, whole_folder, write_whole
from colorlib.learning.optimizers import averaged


class TrainingError(ValueError):
    """A training run that cannot begin or go on; the message is one sentence for its owner."""


class Run:
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
