"""Color an archive on all cores of this machine or of a cluster, with Ray Data (`pip install colorlib[ray]`).

Each of Ray's actors loads the network once, writes its results itself and returns only outcomes, so that no photo goes
through Ray's object store. A photo that cannot be colored has an outcome too. If an actor's machine dies, Ray replaces
the actor, and the new one checks the photos that the old one had started.
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

BLOCK = 16  # photos an actor takes at a time, and starts again after a crash
ROUND = 200_000  # photos that are given to Ray at a time, so that memory stays bounded in archives of millions
RAY_SETTINGS = {  # no usage statistics are sent; Ray's log stays in files
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
    """Color an archive on Ray, and count the outcomes.

    Results keep the photos' subfolders and names, and get the same metadata as those of `Colorizer.folder`. Photos
    that have a result, made from the same photo with the same settings, are skipped: the same call resumes an
    interrupted run, and also one of `colorlib colorize`.

    Args:
        source: A folder, an address such as s3://bucket/folder, a `.txt` file with a path or an address on each line,
            or a list of paths or addresses.
        destination: A folder or an address. Folders must be on a disk that all machines of the cluster share.
        network: As in `Colorizer`. A `.keras` file is needed on this machine only.
        size: As in `Colorizer`.
        address: The address of a running Ray cluster, such as "auto" or "10.0.0.1:6379". None: start Ray on this
            machine.
        workers: How many photos are colored at the same time. None: one less than the cluster has cores; on this
            machine, one for each core.
        overwrite: Whether to color photos that have a result again.
        note: A sentence for the results' metadata that says that the colors are invented. None: no note.
        report: The path of a CSV file of the outcomes. None: `report.csv` in the destination, if that is a folder.
        **tuning: The `saturation`, `temperature` and `negative` of `Colorizer`.

    Returns:
        A Counter of the statuses "colored", "skipped" and "failed".

    Raises:
        PhotoError: There is nothing to color, the destination or the report cannot be written, another run is using
            the destination, or a machine of the cluster does not see the folders.
        ValueError: Ray is not installed, a result would replace its photo, or there is no such cluster, network or
            number of workers.
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
    """Yield the Outcome of each pair as soon as it is known; PhotoError if an actor reports that the run must end."""
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
    """Yield the rows that the actors return for pairs of names. Names are bytes, as they need not be valid UTF-8."""
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
    """A Counter of the outcomes, which also go into a CSV file, where photos without an outcome are "waiting"."""
    waiting, counts, ended = dict.fromkeys(destination.where(result) for _, result in found.pairs), Counter(), None
    with _report(report) as write:
        for outcome in found.passed_over:
            counts[outcome.status] += outcome.status == "failed"
            write(outcome)
        try:
            for outcome in outcomes:
                counts[outcome.status] += 1
                del waiting[outcome.result]  # KeyError for an outcome that comes twice or has no pair: a bug
                write(outcome)
        except BaseException as error:  # Ctrl-C too: the report is written in any case
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
    """Yield a function that adds an Outcome to a CSV file with the columns of `folders.write_report`.

    The file appears under its name when it is complete.
    """
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
    """Put the file MARK into the destination while the block runs; a folder is also locked and freed of leftovers."""
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
            if is_folder:  # left by actors that died
                remove_leftovers(job.destination.top, of=results)


@contextlib.contextmanager
def _connected(address, workers):
    """Join a Ray cluster, or start Ray here, until the block ends; yields how many actors there may be."""
    import ray

    ours = not ray.is_initialized()
    if ours:
        for name, value in RAY_SETTINGS.items():
            os.environ.setdefault(name, value)
        # One core more than the machine has: Ray reserves one for itself, and hardly uses it.
        here = {"address": "local", "num_cpus": (workers or os.cpu_count() or 1) + 1, "include_dashboard": False}
        try:
            ray.init(**({"address": address} if address else here), log_to_driver=False, logging_level="ERROR")
        except Exception as error:  # Ray raises bare Exceptions, too
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
    """Turn off Ray Data's own progress bars, and let it survive machines that die while an actor starts on them."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.max_consecutive_actor_init_deaths = 3
    import logging

    logging.getLogger("ray.data").setLevel(logging.ERROR)


def _first_line(error):
    return printable(str(error).strip().splitlines()[0])[:200] if str(error).strip() else type(error).__name__
