"""Color a folder of photos, one photo or thousands, a few at a time in threads."""

import contextlib
import errno
import os
import re
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

from colorlib import bounds, formats, hints, metadata, photos
from colorlib.files import printable, reason, remove_leftovers
from colorlib.locks import Locked, locked
from colorlib.outcomes import Outcome, failures, not_colored
from colorlib.photos import INVENTED, PhotoError, save_photo
from colorlib.plans import exists, is_current, plan, results_for
from colorlib.progress import shown
from colorlib.reports import reported, write_report

__all__ = [
    "Outcome",
    "color",
    "color_each",
    "failures",
    "in_order",
    "not_colored",
    "plan",
    "results_for",
    "shown",
    "write_report",
]
AT_ONCE = min(os.cpu_count() or 1, 4)  # photos colored at once: one leaves cores idle, more need too much memory
LOCK = ".colorlib{part}.lock"  # in the destination; held while a run writes to it, or to a part of it
ENDS_ALL = {  # errors that end the run, because no further result could be written
    errno.ENOSPC: "The disk is full",
    getattr(errno, "EDQUOT", errno.ENOSPC): "The disk is full (the quota is used up)",
    errno.EIO: "The disk fails",
    errno.EROFS: "The disk can only be read",
}


class _Ended(PhotoError):
    """The run must end, because nothing more can be written."""


def color(
    colorizer,
    pairs,
    destination,
    overwrite=False,
    note=INVENTED,
    report=None,
    part=None,
    write=None,
    passed_over=(),
    keep_times=False,
):
    """Color photos into a folder, and show a progress line with the rate, the time left and the number of failures.

    Photos that have a result are skipped, so the same call resumes an interrupted run. A photo is colored again if the
    photo or the colorizer's settings have changed since its result was made, unless somebody has edited the result.
    A photo that cannot be read fails; the others are still colored.

    Args:
        colorizer: A function from a photo to the colored photo, both `(H, W, 3) uint8`. Several threads call it. Its
            attribute `made_with`, a dict of settings, is stored in the results' metadata. Its attribute
            `looks_negative`, a function from a photo to a bool, adds a note to the outcome where it is True.
        pairs: A list of (path of a photo, path of its result), as `results_for` returns it.
        destination: The folder of the results, which is locked during the run. None: no lock.
        overwrite: Whether to color photos that have a result again.
        note: A sentence for the results' metadata that says that the colors are invented. None: no note.
        report: The path of a CSV file of the outcomes. None: no report.
        part: A name for these pairs, such as "3-of-8". Runs of different parts may share one destination.
        write: The function that writes a result, with the arguments of `save_photo`. None: `save_photo`.
        passed_over: Outcomes of files that are not colored, to be included in the report.
        keep_times: Whether a result gets the modification time of its photo.

    Returns:
        The `Outcome` of each photo, in the order of `pairs`, followed by `passed_over`.

    Raises:
        PhotoError: The disk is full, the destination or the report cannot be written, or another run is using the
            destination.
    """
    outcomes = {result: Outcome(path, result) for path, result in pairs}
    made_with = getattr(colorizer, "made_with", None) or {}
    if not overwrite:
        outcomes |= _done(outcomes, made_with)
    waiting = [outcome for outcome in outcomes.values() if not outcome.status]
    room, rows = bounds.Room(), {**outcomes, **{outcome.photo: outcome for outcome in passed_over}}

    written = writer(write or save_photo, note, made_with)

    def write_picture(picture, result):
        written(picture, result)
        if keep_times:
            os.utime(result, ns=(picture.source["modified"], picture.source["modified"]))

    def taken(path):
        return room.taken(photos.memory_for(path))

    with locked_for(destination, part, {*outcomes, Path(report or "")}), reported(rows, report) as count_one:
        for outcome in shown(color_each(on_pictures(colorizer), waiting, read, write_picture, taken), len(waiting)):
            outcomes[outcome.result] = rows[outcome.result] = outcome
            count_one()
    return [*outcomes.values(), *passed_over]


def _done(outcomes, made_with):
    """{result: Outcome} of the existing results to keep, with the status "skipped"; prints how many there are.

    A result made with other settings or from another photo is colored again, unless somebody has edited it.
    """
    there = [outcome for outcome in outcomes.values() if exists(outcome.result)]
    done = {o.result: replace(o, status="skipped") for o in there if is_current(o.photo, o.result, made_with)}
    others = [outcome for outcome in there if outcome.result not in done]
    changed = [outcome for outcome in others if metadata.is_changed(outcome.result)]
    if done:
        print(f"{len(done)} of {len(outcomes)} photos are colored already.")
    if len(others) > len(changed):
        again = f"{len(others) - len(changed)} of {len(outcomes)} were made with other settings, or of another photo"
        print(f"{again}: they are colored again.")
    for outcome in changed:
        note = changed_by_hand(outcome.result)
        print(f"Note: {note}")
        done[outcome.result] = replace(outcome, status="skipped", note=note)
    return done


def changed_by_hand(result):
    """A sentence that says that an edited result is kept."""
    return f"{printable(result)} was changed after it was colored, and is kept; --overwrite replaces it."


def read(path):
    """The `photos.Picture` in a file, with the file's modification time in its `source`."""
    picture = photos.read_picture(path)
    picture.source["modified"] = os.stat(photos.expanded(path)).st_mtime_ns
    return picture


def on_pictures(colorizer):
    """A function from a `photos.Picture` to a colored one, made from a colorizer of arrays."""
    looks_negative = getattr(colorizer, "looks_negative", None)

    def color_picture(picture):
        notes = picture.notes
        if looks_negative and looks_negative(picture.photo):
            notes = [*notes, f"{picture.name} looks like a negative; --negative turns it over."]
        return replace(picture, photo=colorizer(picture.photo), notes=notes)

    return color_picture


def writer(write, note, made_with):
    """A function `f(picture, path)` that writes a Picture with its metadata, the note and the settings.

    Args:
        write: The function that writes the photo, with the arguments of `save_photo`.
        note: A sentence that says that the colors are invented. None: no note.
        made_with: The settings, a dict; see `color`.
    """

    def write_picture(picture, result):
        about = {"about": picture.metadata, "made": {"photo": picture.source, **made_with}}
        write(picture.photo, result, note=note, **about)

    return write_picture


def color_each(colorizer, outcomes, read, write, room=None, at_once=None):
    """Color photos in threads, a few at a time, and yield their outcomes in the given order.

    Args:
        colorizer: A function from what `read` returns to what `write` takes: photos `(H, W, 3) uint8`, or Pictures.
        outcomes: An iterable of waiting Outcomes. The next one is taken when a thread is free.
        read: A function from an outcome's `photo` to the photo. May raise PhotoError.
        write: A function `write(colored, result)` that writes the colored photo. May raise PhotoError.
        room: A function from an outcome's `photo` to a context manager that waits until there is enough memory.
        at_once: How many photos are colored at the same time. None: AT_ONCE.

    Yields:
        The same Outcomes, with the status "colored" or "failed".

    Raises:
        PhotoError: The disk is full or can no longer be written.
    """

    def written(picture, outcome):
        try:
            write(picture, outcome.result)
        except PhotoError as error:
            if (number := getattr(error.__cause__, "errno", None)) in ENDS_ALL:
                raise _Ended(f"{ENDS_ALL[number]}: {printable(outcome.result)} could not be written.") from error
            raise

    def one(outcome):
        name = printable(outcome.photo)
        try:
            with room(outcome.photo) if room else contextlib.nullcontext():
                picture = read(outcome.photo)
                colored = colorizer(picture)
                written(colored, outcome)
            return replace(outcome, status="colored", note=" ".join(getattr(colored, "notes", ())) or None)
        except _Ended:
            raise
        except PhotoError as error:  # a disk error while reading, too, concerns this photo only
            return replace(outcome, status="failed", error=str(error))
        except Exception as error:  # one photo must never end the run
            if isinstance(error, MemoryError) or "ResourceExhausted" in type(error).__name__:
                return replace(outcome, status="failed", error=f"{name} needs more memory than there is.")
            why = printable(str(error) or type(error).__name__)[:300]
            return replace(outcome, status="failed", error=f"{name} could not be colored ({why}).")

    return in_order(one, outcomes, at_once)


def in_order(function, items, at_once=None):
    """Yield `function(item)` for each item in order, while threads already work on the next items.

    Args:
        function: A function of one item. Threads call it.
        items: An iterable. This thread advances it, by at most `at_once` + 1 items, so that memory holds few of them.
        at_once: The number of threads. None: AT_ONCE.

    Yields:
        The results, in the order of the items.
    """
    at_once = at_once or AT_ONCE
    threads, working, items = ThreadPoolExecutor(at_once), deque(), iter(items)
    try:
        while True:
            for item in islice(items, at_once + 1 - len(working)):
                working.append(threads.submit(function, item))
            if not working:
                return
            yield working.popleft().result()
    finally:  # running calls finish; after an error or Ctrl-C no new one starts
        threads.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def locked_for(destination, part, expected):
    """Lock a folder, or a part of it, while the block runs; a lock dies with its process.

    Temporary files that a killed run has left are removed.

    Args:
        destination: The folder, created if needed. None: no lock.
        part: The name of the part, such as "3-of-8". None: the whole folder.
        expected: A set of the paths that this run writes: only their temporary files are removed.

    Raises:
        PhotoError: Another run holds the lock, or the folder cannot be written.
    """
    if destination is None:
        yield
        return
    destination = photos.expanded(destination)
    try:
        destination.mkdir(parents=True, exist_ok=True)
        with locked(destination / LOCK.format(part=f"-{part}" if part else "")):
            remove_leftovers(destination, of=lambda path: _is_of(path, expected))
            yield
    except Locked:
        where = printable(destination)
        raise PhotoError(f"Another run fills {where}; wait for it, or name another folder.") from None
    except OSError as error:
        raise PhotoError(f"{printable(destination)} cannot be written: {reason(error)}.") from error


def _is_of(path, expected):
    """Whether a run writes this file: an expected result, one of its versions, or its hints."""
    if path in expected or not path.name.endswith((*formats.WRITTEN, hints.ENDING)):
        return path in expected
    stem = re.sub(r"(\.\d+)?\.[^.]+$", "", path.name.replace(hints.ENDING, ".hints"))
    return any(path.with_name(stem + ending) in expected for ending in formats.WRITTEN)
