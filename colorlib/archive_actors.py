"""The actors that color an archive on Ray: each loads the network once, writes results, and returns their outcomes."""

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from colorlib import archive_listing, folders, parts, plans
from colorlib.archive_storage import MARK, Bucket, Folder
from colorlib.files import printable
from colorlib.photos import PhotoError

DEATHS = 2  # actors that may die of one photo before it counts as failed
ENDS = "ends"  # the status of a row that ends all work: a full disk, a machine that sees other folders
NO_THREADS = {f"TF_NUM_{kind}OP_THREADS": "1" for kind in ("INTRA", "INTER")}  # an actor has one core


@dataclass(frozen=True)
class Network:
    """How each actor makes its Colorizer: a `.keras` file travels as bytes."""

    name: str | None
    file: bytes | None
    size: int | None
    tuning: dict

    @classmethod
    def of(cls, network, size, tuning):
        """The Network of arguments of `Colorizer`, tried here first; ValueError for wrong ones."""
        from colorlib.colorizer import Colorizer

        Colorizer(network, size, **tuning)
        is_file = network is not None and os.path.isfile(network)
        return cls(None if is_file else network, Path(network).read_bytes() if is_file else None, size, tuning)

    def colorizer(self):
        """The Colorizer."""
        import tempfile

        from colorlib.colorizer import Colorizer

        if self.file is None:
            return Colorizer(self.name, self.size, **self.tuning)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "network.keras")
            path.write_bytes(self.file)
            return Colorizer(path, self.size, **self.tuning)


@dataclass(frozen=True)
class Job:
    """What an actor needs to know. `mark` is what the file MARK in the destination holds during this run."""

    source: Folder | Bucket
    destination: Folder | Bucket
    network: Network
    overwrite: bool
    note: str | None
    mark: str
    attempts: object = field(default=None, compare=False)


class ColorSome:
    """An actor of Ray Data: colors some photos, by their names, and returns their outcomes as a pyarrow Table."""

    def __init__(self, job):
        os.environ.update(NO_THREADS)  # before TensorFlow is imported
        self.job = job
        self.colorizer = job.network.colorizer()
        self.made_with = self.colorizer.made_with
        self.sees = job.destination.read_bytes(MARK) == job.mark.encode()

    def __call__(self, table):
        import ray

        names = [decoded(row["photo"], row["result"]) for row in table.to_pylist()]
        if not self.sees:
            machine = ray.util.get_node_ip_address()
            why = f"The machine {machine} does not see {self.job.destination}; wanted a disk that all machines share."
            return _table([folders.Outcome(*names[0], ENDS, why)])
        crashed = ray.get(self.job.attempts.begin.remote(names[0][1])) > 1
        outcomes = []
        for name, result in names if crashed else ():
            if ray.get(self.job.attempts.begin.remote(f"{result}\0")) > DEATHS:  # a name that no result has
                why = f"{printable(name)} ended the program that colored it, {DEATHS} times."
                outcomes.append(folders.Outcome(name, result, "failed", why))
            else:
                outcomes += self._color([(name, result)])
        return _table(outcomes if crashed else self._color(names))

    def _color(self, names):
        """The outcomes of photos; an object storage's answers are waited for by two threads."""
        job = self.job
        looked_at = [self._looked_at(folders.Outcome(name, result)) for name, result in names]
        waiting = [outcome for outcome in looked_at if not outcome.status]
        done = [outcome for outcome in looked_at if outcome.status]
        write = folders.writer(job.destination.write, job.note, self.made_with)
        colorizer, remote = folders.on_pictures(self.colorizer), isinstance(job.source, Bucket)
        try:
            for outcome in folders.color_each(colorizer, waiting, job.source.read, write, at_once=1 + remote):
                done.append(outcome)
        except PhotoError as error:
            done.append(replace(waiting[0], status=ENDS, error=str(error)))
        return done

    def _looked_at(self, outcome):
        """The Outcome, "skipped" where its result is there and is kept, as in `folders.color`."""
        source, destination, result = self.job.source, self.job.destination, outcome.result
        try:
            if self.job.overwrite or not destination.has(result):
                return outcome
            facts, digest = partial(source.facts, outcome.photo), partial(source.digest, outcome.photo)
            if plans.matches(destination.made(result), self.made_with, facts, digest):
                return replace(outcome, status="skipped")
            if destination.is_changed(result):
                return replace(outcome, status="skipped", note=folders.changed_by_hand(result))
        except PhotoError:  # what cannot be looked at is done again
            pass
        return outcome


class Attempts:
    """An actor that outlives the others and counts how often each of several things was begun."""

    def __init__(self):
        self.count = Counter()

    def begin(self, name):
        """Count a beginning; how many there were."""
        self.count[name] += 1
        return self.count[name]


def decoded(photo, result):
    """A photo, a name or a page, and the name of its result, of a row's bytes."""
    result = os.fsdecode(result)
    return archive_listing.photo_of(os.fsdecode(photo), result), result


def _table(outcomes):
    import pyarrow

    def column(name):
        values = [getattr(outcome, name) for outcome in outcomes]
        return pyarrow.array([None if value is None else os.fsencode(value) for value in values], pyarrow.binary())

    return pyarrow.table({name: column(name) for name in parts.COLUMNS})
