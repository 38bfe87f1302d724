"""A folder of photos in color, one photo or thousands: a few are at work side by side."""

import contextlib
import csv
import errno
import io
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout

from colorlib.files import reason, remove_leftovers, write_whole
from colorlib.photos import INVENTED, PhotoError, find_photos, load_photo, save_photo

AT_ONCE = min(os.cpu_count() or 1, 4)  # photos at work: one alone leaves cores idle, memory holds no more
LOCK = ".colorlib{part}.lock"  # in the destination; held while it, or a part of it, is filled
EACH = 100  # photos after which the report is written again


@dataclass(frozen=True)
class Outcome:
    """The outcome of one photo.

    Attributes:
        photo: Where it came from: a path.
        result: Where it goes: a path.
        status: "colored", "skipped" (the result was there already), "failed", or None as long as it waits.
        error: Why it failed, in one sentence; None otherwise.
    """

    photo: Path
    result: Path
    status: str | None = None
    error: str | None = None


def failures(outcomes):
    """{photo: error} of the outcomes that failed."""
    return {outcome.photo: outcome.error for outcome in outcomes if outcome.status == "failed"}


def results_for(sources, destination):
    """(path, result's path) of each photo in `sources`, files and folders, colored into a folder.

    Raises PhotoError when a source is a folder without photos, ValueError when a result would
    replace its photo or two photos would share one.
    """
    pairs = [pair for source in sources for pair in _pairs(Path(source), Path(destination))]
    taken = {}
    for path, result in pairs:
        if path.resolve() == result.resolve():
            raise ValueError(
                f"The result would replace the photo {path} itself; wanted another folder than {destination}."
            )
        if taken.setdefault(result, path) != path:
            raise ValueError(f"{taken[result]} and {path} would both become {result}; color them into two folders.")
    return pairs


def _pairs(source, destination):
    if not source.is_dir():
        return [(source, destination / _result_name(source.name))]
    inside = destination.resolve()  # results among the sources are not photos to color
    paths = [path for path in find_photos(source) if inside not in path.resolve().parents or inside == source.resolve()]
    if not paths:
        raise PhotoError(f"There are no photos in the folder {source}.")
    return [(path, destination / _result_name(path.relative_to(source))) for path in paths]


def _result_name(path):
    return path if Path(path).suffix.lower() in (".jpg", ".jpeg", ".png") else f"{path}.png"


def color(colorizer, pairs, destination, overwrite=False, note=INVENTED, report=None, part=None):
    """Color photos into a folder, and show one line of progress with the rate, the time left and the failures.

    A photo whose result is there already is skipped, so that the same call continues an interrupted one. A photo
    that cannot be read fails; the others are colored all the same.

    Args:
        colorizer: A function from a photo `(H, W, 3) uint8` to one in color; several threads call it.
        pairs: A list of (path, result's path), as `results_for` gives it.
        destination: The folder of the results, which is locked meanwhile.
        overwrite: Whether to color again what is colored already.
        note: The description in the results' metadata; None for none.
        report: The path of a CSV file of the outcomes.
        part: A name for these pairs, such as "3-of-8". Runs of different parts may fill one destination at a time.

    Returns:
        The `Outcome` of each photo, in the order of `pairs`.

    Raises:
        PhotoError: The disk is full, the destination or the report cannot be written, or another run fills it.
    """
    outcomes = {result: Outcome(path, result) for path, result in pairs}
    if not overwrite:
        done = [result for result in outcomes if result.exists()]
        outcomes |= {result: replace(outcomes[result], status="skipped") for result in done}
        if done:
            print(f"{len(done)} of {len(pairs)} photos are colored already.")
    waiting = [outcome for outcome in outcomes.values() if not outcome.status]
    expected = {*outcomes, Path(report or "")}
    with _locked(Path(destination), part, expected), _reported(outcomes, report) as reported:
        write = partial(save_photo, note=note)
        for outcome in _shown(color_each(colorizer, waiting, load_photo, write), len(waiting)):
            outcomes[outcome.result] = outcome
            reported()
    return list(outcomes.values())


def color_each(colorizer, outcomes, read, write):
    """Color photos a few at a time, each in a thread of its own; their outcomes, one by one, in the given order.

    Args:
        colorizer: A function from a photo `(H, W, 3) uint8` to one in color.
        outcomes: An iterable of waiting Outcomes; taken one by one, as there is room.
        read: A function from an outcome's `photo` to `(H, W, 3) uint8`, which raises PhotoError.
        write: A function of a photo in color and an outcome's `result`, which raises PhotoError.

    Yields:
        The same Outcomes, "colored" or "failed".

    Raises:
        PhotoError: The disk is full.
    """

    def one(outcome):
        try:
            write(colorizer(read(outcome.photo)), outcome.result)
        except PhotoError as error:
            if getattr(error.__cause__, "errno", None) == errno.ENOSPC:
                raise PhotoError(
                    f"The disk is full: {outcome.result} could not be written. Free some space."
                ) from error
            return replace(outcome, status="failed", error=str(error))
        except MemoryError:
            return replace(outcome, status="failed", error=f"{outcome.photo} needs more memory than there is.")
        return replace(outcome, status="colored")

    return in_order(one, outcomes)


def in_order(function, items, at_once=None):
    """`function(item)` of each item, in order, while the next ones are already at work in threads.

    Items are taken from their iterator in this thread, at most `at_once` + 1 ahead (default: AT_ONCE), so that
    memory holds few of them.
    """
    at_once = at_once or AT_ONCE
    with ThreadPoolExecutor(at_once) as threads:
        working, items = deque(), iter(items)
        while True:
            for item in islice(items, at_once + 1 - len(working)):
                working.append(threads.submit(function, item))
            if not working:
                return
            yield working.popleft().result()


def _shown(outcomes, total):
    """The outcomes, with a line of progress and a sentence for each failure."""
    from tqdm.auto import tqdm

    failed = 0
    with tqdm(total=total, desc="coloring", unit="photo", disable=not total) as progress:
        for outcome in outcomes:
            if outcome.error:
                failed += 1
                tqdm.write(f"Left out: {outcome.error}")
                progress.set_postfix_str(f"{failed} left out", refresh=False)
            progress.update()
            yield outcome


@contextlib.contextmanager
def _locked(destination, part, expected):
    """Keep a second run out of a folder, or a part of it, while it is filled; a lock dies with its process.

    Temporary files of the expected ones, which a killed run left, are removed.
    """
    try:
        destination.mkdir(parents=True, exist_ok=True)
        with FileLock(destination / LOCK.format(part=f"-{part}" if part else ""), timeout=0):
            remove_leftovers(destination, of=expected)
            yield
    except Timeout:
        raise PhotoError(f"Another run fills {destination}; wait for it, or name another folder.") from None
    except OSError as error:
        raise PhotoError(f"{destination} cannot be written: {reason(error)}.") from error


@contextlib.contextmanager
def _reported(outcomes, report):
    """A function that counts photos and writes the report now and then; it is written at the end in any case."""
    if not report:
        yield lambda: None
        return
    count = 0

    def reported():
        nonlocal count
        count += 1
        if count % EACH == 0:
            write_report(outcomes.values(), report)

    write_report(outcomes.values(), report)  # before the work is done, not after
    try:
        yield reported
    finally:
        write_report(outcomes.values(), report)


def write_report(outcomes, path):
    """Write outcomes as CSV, with the columns photo, result, status and error; PhotoError where that cannot be."""
    text = io.StringIO()
    rows = ((o.photo, o.result, o.status or "waiting", o.error or "") for o in outcomes)
    csv.writer(text).writerows([("photo", "result", "status", "error"), *rows])
    try:
        write_whole(text.getvalue().encode("utf-8", "surrogateescape"), Path(path))
    except OSError as error:
        raise PhotoError(f"The report {path} cannot be written: {reason(error)}.") from error
