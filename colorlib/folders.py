"""A folder of photos in color, one photo or thousands: a few are at work side by side."""

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
from colorlib.outcomes import Outcome, failures, not_colored, shown
from colorlib.photos import INVENTED, PhotoError, save_photo
from colorlib.plans import exists, is_current, plan, results_for
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
AT_ONCE = min(os.cpu_count() or 1, 4)  # photos at work: one alone leaves cores idle, memory holds no more
LOCK = ".colorlib{part}.lock"  # in the destination; held while it, or a part of it, is filled
ENDS_ALL = {  # what ends all work, as each further photo would be colored and thrown away
    errno.ENOSPC: "The disk is full",
    getattr(errno, "EDQUOT", errno.ENOSPC): "The disk is full (the quota is used up)",
    errno.EIO: "The disk fails",
    errno.EROFS: "The disk can only be read",
}


class _Ended(PhotoError):
    """What ends a folder: nothing more can be written."""


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
    """Color photos into a folder, and show one line of progress with the rate, the time left and the failures.

    A photo whose result is there already is skipped, so that the same call continues an interrupted one; it is
    colored again when the photo or the colorizer's settings are not those that its result was made with, unless
    somebody has changed the result since. A photo that cannot be read fails; the others are colored all the same.

    Args:
        colorizer: A function from a photo `(H, W, 3) uint8` to one in color; several threads call it. Its attribute
            `made_with`, a dict, is kept in the results.
        pairs: A list of (path, result's path), as `results_for` gives it.
        destination: The folder of the results, which is locked meanwhile; None: no lock.
        overwrite: Whether to color again what is colored already.
        note: A sentence in the results' metadata that says how the colors came about; None for none.
        report: The path of a CSV file of the outcomes.
        part: A name for these pairs, such as "3-of-8". Runs of different parts may fill one destination at a time.
        write: What writes a result, with the arguments of `save_photo`, which is the default.
        passed_over: Outcomes of files that are not colored, for the report.
        keep_times: Whether results get the times of their photos' files.

    Returns:
        The `Outcome` of each photo, in the order of `pairs`, then those passed over.

    Raises:
        PhotoError: The disk is full, the destination or the report cannot be written, or another run fills it.
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
    """{result: Outcome} of the results that are there and are kept, "skipped"; says how many, and what is done again.

    A result that was made with other settings, or of another photo, is kept where somebody has changed it by hand.
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
    """The sentence about a result that is not replaced."""
    return f"{printable(result)} was changed after it was colored, and is kept; --overwrite replaces it."


def read(path):
    """The `photos.Picture` in a file, which knows the file's time of change too."""
    picture = photos.read_picture(path)
    picture.source["modified"] = os.stat(photos.expanded(path)).st_mtime_ns
    return picture


def on_pictures(colorizer):
    """A colorizer of photos as one of Pictures."""
    return lambda picture: replace(picture, photo=colorizer(picture.photo))


def writer(write, note, made_with):
    """A function that writes a Picture with its metadata, the note and what it was made with.

    Args:
        write: What writes a photo, with the arguments of `save_photo`.
        note: A sentence that says how the colors came about; None for none.
        made_with: A dict, see `color`.
    """

    def write_picture(picture, result):
        about = {"about": picture.metadata, "made": {"photo": picture.source, **made_with}}
        write(picture.photo, result, note=note, **about)

    return write_picture


def color_each(colorizer, outcomes, read, write, room=None, at_once=None):
    """Color photos a few at a time, each in a thread of its own; their outcomes, one by one, in the given order.

    Args:
        colorizer: A function from a photo `(H, W, 3) uint8` to one in color.
        outcomes: An iterable of waiting Outcomes; taken one by one, as there is room.
        read: A function from an outcome's `photo` to `(H, W, 3) uint8`, which raises PhotoError.
        write: A function of a photo in color and an outcome's `result`, which raises PhotoError.
        room: A function from an outcome's `photo` to a context in which there is memory for it.
        at_once: How many photos are at work side by side; None: AT_ONCE.

    Yields:
        The same Outcomes, "colored" or "failed".

    Raises:
        PhotoError: The disk is full, or can be written no more.
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
                written(colorizer(picture), outcome)
            return replace(outcome, status="colored", note=" ".join(getattr(picture, "notes", ())) or None)
        except _Ended:
            raise
        except PhotoError as error:  # one of reading too: a bad place on the disk is one photo's
            return replace(outcome, status="failed", error=str(error))
        except Exception as error:  # one photo never ends a folder
            if isinstance(error, MemoryError) or "ResourceExhausted" in type(error).__name__:
                return replace(outcome, status="failed", error=f"{name} needs more memory than there is.")
            why = printable(str(error) or type(error).__name__)[:300]
            return replace(outcome, status="failed", error=f"{name} could not be colored ({why}).")

    return in_order(one, outcomes, at_once)


def in_order(function, items, at_once=None):
    """`function(item)` of each item, in order, while the next ones are already at work in threads.

    Items are taken from their iterator in this thread, at most `at_once` + 1 ahead (default: AT_ONCE), so that
    memory holds few of them.
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
    finally:  # those at work end theirs; after an error or Ctrl-C no other begins
        threads.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def locked_for(destination, part, expected):
    """Keep a second run out of a folder, or a part of it, while it is filled; a lock dies with its process.

    Temporary files of the expected ones, which a killed run left, are removed.
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
    """Whether a file belongs to a run that fills a folder: one of the expected, or a version or the hints of one."""
    if path in expected or not path.name.endswith((*formats.WRITTEN, hints.ENDING)):
        return path in expected
    stem = re.sub(r"(\.\d+)?\.[^.]+$", "", path.name.replace(hints.ENDING, ".hints"))
    return any(path.with_name(stem + ending) in expected for ending in formats.WRITTEN)
