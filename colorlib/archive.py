"""An archive in color, on all cores of this machine or of a cluster, by Ray Data (`pip install colorlib[ray]`).

Ray's actors load the network once. Each writes the results itself and gives back outcomes alone, so that no photo ever
goes through Ray's own memory. A photo that cannot be colored is an outcome, too; an actor whose machine dies is
replaced, and the photos it had begun are looked at again.
"""

import contextlib
import csv
import os
import secrets
from collections import Counter
from dataclasses import replace
from itertools import islice

from colorlib import archive_listing, folders, parts
from colorlib.archive_actors import ENDS, Attempts, ColorSome, Job, Network, decoded
from colorlib.archive_listing import listed
from colorlib.archive_storage import MARK, Folder, needed, storage
from colorlib.files import printable, reason, remove_leftovers, whole_file
from colorlib.photos import INVENTED, PhotoError, expanded

BLOCK = 16  # photos an actor takes at a time, and begins again after a crash
ROUND = 200_000  # photos that Ray knows of at a time: bounded memory in archives of millions
RAY_SETTINGS = {  # nothing is sent to Ray's makers; its own log stays in files
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_raylet_start_wait_time_s": "120",
}


def color_archive(
    source,
    destination,
    network=None,
    size=None,
    *,
    address=None,
    workers=None,
    overwrite=False,
    note=INVENTED,
    report=None,
    **tuning,
):
    """Color an archive on Ray; how many photos have which status, a Counter of "colored", "skipped" and "failed".

    Results keep the photos' subfolders and names, and get the same metadata as those of `Colorizer.folder`. A result
    that is there already, and was made of the same photo with the same settings, is not made again: the same call
    continues an interrupted one, and one of `colorlib colorize`.

    Args:
        source: A folder, an address such as s3://bucket/folder, a `.txt` file with a path or an address on each line,
            or a list of them.
        destination: A folder or an address. Folders must be on a disk that all machines of the cluster share.
        network, size: As those of `Colorizer`. A `.keras` file needs to lie on this machine alone.
        address: A running Ray cluster, such as "auto" or "10.0.0.1:6379". None: Ray is started on this machine.
        workers: How many photos are colored at a time. None: one less than the cluster has cores.
        overwrite: Whether to color again what is colored already.
        note: A sentence in the results' metadata that says how the colors came about; None for none.
        report: The path of a CSV file of the outcomes; None: `report.csv` in a destination that is a folder.
        tuning: The `saturation`, `temperature` and `negative` of `Colorizer`.

    Raises:
        PhotoError: There is nothing to color, the destination or the report cannot be written, another run fills the
            destination, or a machine of the cluster does not see the folders.
        ValueError: Ray is not installed, there is no such cluster, network or number of workers, or a result would
            replace its photo.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers}; wanted 1 or more.")
    needed("ray.data")
    destination = storage(destination)
    found = listed(source, destination)
    made_with = Network.of(network, size, tuning)
    job = Job(found.source, destination, made_with, overwrite, note, secrets.token_hex(8))
    if report is None and isinstance(destination, Folder):
        report = destination.top / "report.csv"
    for outcome in found.passed_over:
        print(f"Left out: {printable(outcome.error)}")
    with _marked(job, found.pairs), _connected(address, workers) as workers:
        outcomes = folders.shown(_outcomes(job, found.pairs, workers), len(found.pairs))
        return _counted(outcomes, found, destination, report)


def _outcomes(job, pairs, workers):
    """The Outcome of each pair, by its address, as they come; PhotoError where one ends all."""
    import ray

    pairs = iter(pairs)
    while some := list(islice(pairs, ROUND)):
        attempts = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Attempts).remote()
        for row in _rows(replace(job, attempts=attempts), some, workers):
            photo, result = decoded(row.pop("photo"), row.pop("result"))
            rest = {name: text and os.fsdecode(text) for name, text in row.items()}
            if rest["status"] == ENDS:
                raise PhotoError(rest["error"])
            yield folders.Outcome(job.source.where(photo), job.destination.where(result), **rest)


def _rows(job, pairs, workers):
    """The rows that actors give back for pairs of names; names are bytes, as they need not be UTF-8."""
    import ray

    items = [{"photo": os.fsencode(photo), "result": os.fsencode(result)} for photo, result in pairs]
    workers = min(workers, -(-len(items) // BLOCK))
    dataset = ray.data.from_items(items, override_num_blocks=-(-len(items) // BLOCK)).map_batches(
        ColorSome,
        fn_constructor_args=(job,),
        batch_size=BLOCK,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=2),
        num_cpus=1,
    )
    for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        yield from batch.to_pylist()


def _counted(outcomes, found, destination, report):
    """Count outcomes and write them to a CSV file as they come; what is not reached, as waiting."""
    waiting, counts, ended = dict.fromkeys(destination.where(result) for _, result in found.pairs), Counter(), None
    with _report(report) as write:
        for outcome in found.passed_over:
            counts[outcome.status] += outcome.status == "failed"
            write(outcome)
        try:
            for outcome in outcomes:
                counts[outcome.status] += 1
                del waiting[outcome.result]  # an outcome that comes twice, or of nothing, is an error of ours
                write(outcome)
        except BaseException as error:  # Ctrl-C too: the report is written all the same
            ended = error
        for photo, result in found.pairs if waiting else ():
            if destination.where(result) in waiting:
                photo = archive_listing.photo_of(photo, result)
                write(folders.Outcome(found.source.where(photo), destination.where(result), "waiting"))
    if ended:
        raise ended
    if waiting:
        raise PhotoError(f"Ray gave back no outcome of {len(waiting)} photos; run the same command again.")
    return counts


@contextlib.contextmanager
def _report(path):
    """A function that writes an Outcome to a CSV file, as `folders.write_report` does; the file appears when whole."""
    if not path:
        yield lambda outcome: None
        return
    try:
        with whole_file(expanded(path)) as temporary, _opened(temporary) as file:
            rows = csv.writer(file)
            rows.writerow(parts.COLUMNS)
            yield lambda o: rows.writerow([o.photo, o.result or "", o.status, o.error or "", o.note or ""])
            file.flush()
    except OSError as error:
        raise PhotoError(f"The report {printable(path)} cannot be written: {reason(error)}.") from error


def _opened(path):
    return open(path, "w", encoding="utf-8", errors="surrogateescape", newline="")


@contextlib.contextmanager
def _marked(job, pairs):
    """The destination, locked and free of leftovers where it is a folder, with the file MARK while the block runs."""
    is_folder = isinstance(job.destination, Folder)
    results = {job.destination.top / result for _, result in pairs} if is_folder else set()
    with folders.locked_for(job.destination.top if is_folder else None, None, results):
        try:
            job.destination.write_bytes(job.mark.encode(), MARK)
        except OSError as error:
            raise PhotoError(f"{printable(job.destination)} cannot be written: {reason(error)}.") from error
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                job.destination.remove(MARK)
            if is_folder:  # of actors that died
                remove_leftovers(job.destination.top, of=results)


@contextlib.contextmanager
def _connected(address, workers):
    """How many actors there may be, on a cluster that is joined, or on Ray started here, until the block ends."""
    import ray

    ours = not ray.is_initialized()
    if ours:
        for name, value in RAY_SETTINGS.items():
            os.environ.setdefault(name, value)
        # One core more than there is: Ray wants one without an actor, and needs next to none of it.
        here = {"address": "local", "num_cpus": (workers or os.cpu_count() or 1) + 1, "include_dashboard": False}
        try:
            ray.init(**({"address": address} if address else here), log_to_driver=False, logging_level="ERROR")
        except Exception as error:  # Ray raises bare ones, too
            where = f"There is no Ray cluster at {address}" if address else "Ray does not start on this machine"
            raise ValueError(f"{where} ({_first_line(error)}).") from error
    try:
        _quiet(ray)
        cores = int(ray.cluster_resources().get("CPU", 0))
        if (workers or 1) >= cores:
            wanted = (
                f"wanted at least {(workers or 1) + 1} for {workers or 1} photos at a time, as Ray itself needs one"
            )
            raise ValueError(f"The cluster has {cores} cores; {wanted}.")
        yield workers or cores - 1
    finally:
        if ours:
            ray.shutdown()


def _quiet(ray):
    """Have Ray Data draw no progress of its own, and survive machines that die while an actor starts on them."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.max_consecutive_actor_init_deaths = 3
    import logging

    logging.getLogger("ray.data").setLevel(logging.ERROR)


def _first_line(error):
    return printable(str(error).strip().splitlines()[0])[:200] if str(error).strip() else type(error).__name__
