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

DEATHS = 2  # a photo counts as failed after this many actors have died while coloring it
ENDS = "ends"  # the status of a row that ends the run: a full disk, or a machine that does not see the folders
NO_THREADS = {f"TF_NUM_{kind}OP_THREADS": "1" for kind in ("INTRA", "INTER")}  # each actor has one core


@dataclass(frozen=True)
class Network:
    """What an actor needs to create its Colorizer.

    Attributes:
        name: The name of a network; None: the default one, or `file`.
        file: The bytes of a `.keras` file, or None.
        size: As in `Colorizer`.
        tuning: A dict of the other arguments of `Colorizer`.
    """

    name: str | None
    file: bytes | None
    size: int | None
    tuning: dict

    @classmethod
    def of(cls, network, size, tuning):
        """The Network for arguments of `Colorizer`, which are tried here first; ValueError if they are wrong."""
        from colorlib.colorizer import Colorizer

        Colorizer(network, size, **tuning)
        is_file = network is not None and os.path.isfile(network)
        return cls(None if is_file else network, Path(network).read_bytes() if is_file else None, size, tuning)

    def colorizer(self):
        """A new Colorizer."""
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
    """What an actor needs to know.

    Attributes:
        source: Where the photos are.
        destination: Where the results go.
        network: The Network.
        overwrite: Whether to color photos that have a result again.
        note: A sentence for the results' metadata, or None.
        mark: The content of the file MARK in the destination during this run.
        attempts: A Ray handle of `Attempts`.
    """

    source: Folder | Bucket
    destination: Folder | Bucket
    network: Network
    overwrite: bool
    note: str | None
    mark: str
    attempts: object = field(default=None, compare=False)


class ColorSome:
    """An actor of Ray Data: a function from a pyarrow Table of photos' names to one of their outcomes."""

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
            if ray.get(self.job.attempts.begin.remote(f"{result}\0")) > DEATHS:  # no result has such a name
                why = f"The program that colored {printable(name)} ended {DEATHS} times without a result."
                outcomes.append(folders.Outcome(name, result, "failed", why))
            else:
                outcomes += self._color([(name, result)])
        return _table(outcomes if crashed else self._color(names))

    def _color(self, names):
        """A list of the outcomes of photos. With object storage, two threads hide the time spent waiting for it."""
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
        """The Outcome, with the status "skipped" if its result exists and is kept, as in `folders.color`."""
        source, destination, result = self.job.source, self.job.destination, outcome.result
        try:
            if self.job.overwrite or not destination.has(result):
                return outcome
            facts, digest = partial(source.facts, outcome.photo), partial(source.digest, outcome.photo)
            if plans.matches(destination.made(result), self.made_with, facts, digest):
                return replace(outcome, status="skipped")
            if destination.is_changed(result):
                return replace(outcome, status="skipped", note=folders.changed_by_hand(result))
        except PhotoError:  # a result that cannot be read is made again
            pass
        return outcome


class Attempts:
    """An actor that outlives the others and counts how often each batch and each photo was started."""

    def __init__(self):
        self.count = Counter()

    def begin(self, name):
        """Count a start of `name`, and return how many there have been."""
        self.count[name] += 1
        return self.count[name]


def decoded(photo, result):
    """(photo's name or PageOf, result's name), decoded from the bytes in a row."""
    result = os.fsdecode(result)
    return archive_listing.photo_of(os.fsdecode(photo), result), result


def _table(outcomes):
    import pyarrow

    def column(name):
        values = [getattr(outcome, name) for outcome in outcomes]
        return pyarrow.array([None if value is None else os.fsencode(value) for value in values], pyarrow.binary())

    return pyarrow.table({name: column(name) for name in parts.COLUMNS})
