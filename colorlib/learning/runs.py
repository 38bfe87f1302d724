"""The folder of a training run, written so that neither a kill nor a power failure loses more than one epoch.

config.json          the configuration, with a digest of photos.json
photos.json          the names and sizes of the photos
history.csv          one row an epoch
best.keras           the network of the best epoch, for `Colorizer`
epoch-0007/          the last two states: weights, optimizer, history and their checksums, see `states`
pictures/0007.jpg    the same validation photos after each epoch: gray, predicted, original
"""

import contextlib
import hashlib
import json
from collections import Counter

import numpy as np

from colorlib.files import reason, remove_folder, remove_leftovers, whole_file, write_whole
from colorlib.learning import states
from colorlib.learning.optimizers import averaged
from colorlib.locks import Locked, locked

LOCK = ".colorlib.lock"  # in the run folder; held while it is trained
OLD_LEFTOVERS = ("epoch-????.part", "best.part.keras")  # what version 0.1 called them
KEPT = 2  # states: when the last one is damaged, the one before it is used
LATER = ("trained", "photos")  # in config.json; version 0.1 did not write them
PHOTOS = {"photos", "train_photos", "validation_photos"}  # what config.json says of them
NAMED = 3  # photos in a sentence


class TrainingError(ValueError):
    """A training run cannot begin or continue; the message is one sentence."""


@contextlib.contextmanager
def opened(folder, config, photos, model, learner):
    """The Run in a folder, a new one or one to resume, locked until the block ends.

    Args:
        folder: A pathlib.Path.
        config: What must be the same in a resume, a dict for JSON.
        photos: What it learns from: {"training": [(name, size), ...], "validation": ...}.
        model: The network.
        learner: The part of it that is trained, compiled.

    Raises:
        TrainingError: The folder cannot be written, holds another run, or is trained by another program.
    """
    with contextlib.ExitStack() as until_the_end:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            until_the_end.enter_context(locked(folder / LOCK))
            run = Run(folder, config, photos, model, learner)
        except Locked as error:
            raise TrainingError(f"Another program trains in {folder}; wait for it, or name another folder.") from error
        except OSError as error:
            raise TrainingError(f"{folder} cannot be written ({reason(error)}); name another.") from error
        yield run


class Run:
    """A run folder and what is written there, in an order that loses nothing. See `opened`."""

    def __init__(self, folder, config, photos, model, learner):
        self.folder, self.model, self.learner = folder, model, learner
        self.rows = []
        photos = {side: [list(photo) for photo in pairs] for side, pairs in photos.items()}
        config = config | {"photos": _digest(photos)}
        _check_same(folder, config, photos)
        write_whole(json.dumps(photos).encode(), folder / "photos.json")
        write_whole(json.dumps(config, indent=1).encode(), folder / "config.json")
        remove_leftovers(folder, others=OLD_LEFTOVERS)
        self._load()

    @property
    def done(self):
        return len(self.rows)

    @property
    def best(self):
        """The number of the first epoch with the lowest validation loss, within rounding; 0 before the first epoch."""
        losses = np.array([row["val_loss"] for row in self.rows])
        return 1 + int(np.argmax(losses <= losses.min() * (1 + 1e-6))) if len(losses) else 0

    @property
    def history(self):
        return {name: [row[name] for row in self.rows] for name in (self.rows[0] if self.rows else [])}

    def finished(self, epochs, patience):
        stopped = bool(self.rows and self.rows[-1].get("stopped"))  # by a callback, such as a guard
        return stopped or self.done >= epochs or bool(patience and self.rows and self.done - self.best >= patience)

    def keep(self, row):
        """Write the state after one more epoch, flushed to the disk; then the other files."""
        if not states.is_finite(self.learner):
            raise TrainingError(
                f"The weights are no longer finite after epoch {self.done + 1}; try a smaller learning rate. What was "
                f"learned until epoch {self.done} is safe in {self.folder}."
            )
        self.rows.append(row)
        try:
            states.write_state(states.path_of(self.folder, self.done), self.learner, self.rows)
            self._finish_keeping()
        except (OSError, RuntimeError) as error:  # HDF5 reports a full disk as either
            raise TrainingError(
                f"Epoch {self.done} could not be written to {self.folder} ({reason(error)}); what was learned until "
                f"epoch {self.done - 1} is safe there, and the same call resumes from it."
            ) from error

    def _finish_keeping(self):
        """Write the files that a resumed run can make again from the state."""
        if self.best == self.done:
            with whole_file(self.folder / "best.keras") as part, averaged(self.learner):
                self.model.save(part)
        lines = [",".join(self.rows[0]), *(",".join(map(str, row.values())) for row in self.rows)]
        write_whole("\n".join([*lines, ""]).encode(), self.folder / "history.csv")
        for state in states.find_states(self.folder):
            if not self.done - KEPT < states.epoch_of(state) <= self.done:
                remove_folder(state)

    def _load(self):
        """Load the last state that is not damaged into the network."""
        found = states.find_states(self.folder)
        if not found:
            return
        optimizer = self.learner.optimizer
        optimizer.build(self.learner.trainable_variables)
        rate = float(optimizer.learning_rate)
        self.rows = self._last_good(found)
        with contextlib.suppress(TypeError):  # a schedule has no rate of its own to set
            optimizer.learning_rate = rate  # the one asked for now, not the stored one
        self._finish_keeping()

    def _last_good(self, found):
        """The history of the last state that is not damaged; loads its weights, and prints what is damaged."""
        damaged = []
        for state in reversed(found):
            try:
                rows = states.read_state(state, self.learner)
            except states.DamagedState as error:
                damaged.append(f"{state.name} is damaged ({error})")
                continue
            for sentence in damaged:
                print(f"{sentence}; training resumes after epoch {len(rows)} instead.")
            return rows
        raise TrainingError(
            f"No state in {self.folder} can be resumed: {'; '.join(damaged)}. Name another folder, or begin with the "
            f"network in {self.folder / 'best.keras'}."
        )


def _digest(photos):
    return hashlib.sha256(json.dumps(photos).encode()).hexdigest()[:16]


def _check_same(folder, config, photos):
    """Raise TrainingError where a folder holds a run with another configuration or other photos."""
    path = folder / "config.json"
    if not path.exists():
        return
    try:
        there = dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path} is damaged; name another folder for this run.") from error
    there = {name: config[name] for name in LATER if name in config} | there
    if (config["network"], there.get("network")) == ("narrow_unet", "unet"):
        there["network"] = "narrow_unet"  # its name until November 2026; the number of parameters is compared too
    other = [name for name in config if name != "backend" and there.get(name) != config[name]]
    if not other:
        return
    changes = _changes(folder / "photos.json", photos) if set(other) <= PHOTOS else ""
    if changes:
        raise TrainingError(
            f"{folder} holds a run begun with other photos: {changes}; name another folder for this one."
        )
    begun, now = ({name: values.get(name) for name in other} for values in (there, config))
    raise TrainingError(f"{folder} holds a run begun with {begun}, not {now}; name another folder for this one.")


def _changes(path, photos):
    """How the photos of a run differ from those in its photos.json, in words; "" where that cannot be said."""
    try:
        before = {side: [tuple(photo) for photo in pairs] for side, pairs in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return ""
    sentences = []
    for side, pairs in photos.items():
        now, then = Counter(map(tuple, pairs)), Counter(before.get(side, []))
        added, gone = [name for name, _ in now - then], [name for name, _ in then - now]
        changed = [name for name in added if name in gone]
        for names, verb in (
            (changed, "changed"),
            ([name for name in gone if name not in changed], "gone"),
            ([name for name in added if name not in changed], "new"),
        ):
            if names:
                sentences.append(f"{len(names)} {side} photos are {verb} ({_named(names)})")
        if not (added or gone) and list(map(tuple, pairs)) != before.get(side, []):
            sentences.append(f"the {side} photos are in another order")
    return ", ".join(sentences)


def _named(names):
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(map(str, names[:NAMED])) + more
