"""A state of a training run: weights, the optimizer's numbers and the history, with a checksum of each file.

epoch-0007/
    model.weights.h5   the weights and the optimizer's state
    history.json       one row for each epoch until then
    SHA256SUMS         the SHA-256 of both, in the format of `sha256sum`; states of version 0.1 lack it
"""

import hashlib
import json
import re
from pathlib import Path

import numpy as np

from colorlib.files import check_room, remove_folder, whole_folder

WEIGHTS, HISTORY, SUMS = "model.weights.h5", "history.json", "SHA256SUMS"
EXTRA = 4096, 65536  # bytes that HDF5 takes besides the numbers: for each array, and once


class DamagedState(ValueError):
    """A state that cannot be resumed from; the message says why, without a full stop."""


def path_of(run, epoch):
    """The folder of the state after an epoch: `run/epoch-0007`."""
    return Path(run, f"epoch-{epoch:04d}")


def epoch_of(path):
    """The epoch that a state was written after; None for the path of something else."""
    match = re.fullmatch(r"epoch-(\d{4,})", Path(path).name)
    return int(match[1]) if match else None


def find_states(run):
    """The folders of the states in a run folder, the oldest first."""
    folders = (path for path in Path(run).glob("epoch-*") if epoch_of(path) is not None and path.is_dir())
    return sorted(folders, key=epoch_of)


def write_state(path, learner, rows):
    """Write the state of a keras.Model; it is complete, and on the disk, when it has its name.

    Args:
        path: The folder of the state; a damaged one of the same name is replaced.
        learner: The network, with its optimizer.
        rows: The history, a list with one dict for each epoch.

    Raises:
        OSError, RuntimeError: It cannot be written.
    """
    remove_folder(path)
    with whole_folder(path) as temporary:
        check_room(temporary, _size(learner))  # HDF5 crashes when Python ends if the disk was full
        learner.save_weights(temporary / WEIGHTS)
        (temporary / HISTORY).write_text(json.dumps(rows))
        sums = (f"{_sha256(temporary / name)}  {name}\n" for name in (WEIGHTS, HISTORY))
        (temporary / SUMS).write_text("".join(sums))


def read_state(path, learner):
    """The history in a state, a list with one dict for each epoch; its weights are put into a keras.Model.

    Raises:
        DamagedState: A file is missing, is not what SHA256SUMS says, or holds numbers that are not finite. The
            network may hold some of the weights then.
    """
    check_state(path)
    rows = _history(path)
    try:
        learner.load_weights(path / WEIGHTS)
    except Exception as error:  # h5py and Keras each raise their own
        raise DamagedState(f"{WEIGHTS} cannot be loaded") from error
    if not is_finite(learner):
        raise DamagedState(f"{WEIGHTS} holds numbers that are not finite")
    return rows


def _size(learner):
    """About how many bytes the state of a keras.Model takes, at most."""
    sizes = [np.asarray(variable).nbytes for variable in _variables(learner)]
    return sum(sizes) + EXTRA[0] * len(sizes) + EXTRA[1]


def _variables(learner):
    return [*learner.variables, *(learner.optimizer.variables if learner.optimizer else ())]


def is_finite(learner):
    """Whether all weights of a keras.Model, and the numbers of its optimizer, are finite."""
    real = (variable for variable in _variables(learner) if "float" in str(variable.dtype))
    return all(np.isfinite(np.asarray(variable, np.float32)).all() for variable in real)


def check_state(path):
    """Raise DamagedState where a file of a state is missing or is not what SHA256SUMS says."""
    for name in (WEIGHTS, HISTORY):
        if not (path / name).is_file():
            raise DamagedState(f"{name} is missing")
    if not (path / SUMS).exists():  # written by version 0.1
        return
    listed = dict(line.split(maxsplit=1)[::-1] for line in _text(path / SUMS).splitlines() if len(line.split()) == 2)
    for name in (WEIGHTS, HISTORY):
        if listed.get(name) != _sha256(path / name):
            raise DamagedState(f"the SHA-256 of {name} is not the one in {SUMS}")


def _history(path):
    try:
        rows = json.loads(_text(path / HISTORY))
        complete = len(rows) == epoch_of(path) and all(float(row["val_loss"]) is not None for row in rows)
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedState(f"{HISTORY} cannot be read") from error
    if not complete:
        raise DamagedState(f"{HISTORY} has {len(rows)} epochs")
    return rows


def _text(path):
    return path.read_text(encoding="utf-8", errors="replace")


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
