"""A folder of photos in color, one photo or thousands: a few are at work side by side."""

import contextlib
import csv
import errno
import io
import itertools
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout

from colorlib.files import reason, remove_leftovers, write_whole
from colorlib.photos import INVENTED, PhotoError, find_photos, load_photo, save_photo

AT_ONCE = min(os.cpu_count() or 1, 4)  # photos at work: one alone leaves cores idle, memory holds no more
LOCK = ".colorlib.lock"  # in the destination; held while it is filled
EACH = 100  # photos after which the report is written anew


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


def color(colorizer, pairs, destination, overwrite=False, note=INVENTED, report=None):
    """Color each photo of `pairs`, (path, result's path), into the folder `destination`; {path: why not}.

    `colorizer` takes a photo `(H, W, 3) uint8` to one in color; several threads call it. Shows one line of progress
    with the rate, the time left and the failures. A photo whose result is there already is skipped unless
    `overwrite`, so that the same call continues an interrupted one; one that cannot be read is reported and the
    others go on. `note` is written into the results' metadata, unless None. `report` is a CSV file of what became
    of each photo.

    Raises PhotoError when the disk is full, the destination or the report cannot be written, or another run fills it.
    """
    waiting = [pair for pair in pairs if overwrite or not pair[1].exists()]
    if len(waiting) < len(pairs):
        print(f"{len(pairs) - len(waiting)} of {len(pairs)} photos are colored already.")
    became = dict.fromkeys((path for path, _ in pairs), "colored already") | dict.fromkeys((p for p, _ in waiting), "")
    expected = {result for _, result in pairs} | {Path(report or "")}
    with _alone(Path(destination), expected), _reported(pairs, became, report) as tell:
        for path, words in _colored(colorizer, waiting, note):
            became[path] = words or "colored"
            tell()
    return {path: words for path, words in became.items() if words not in ("", "colored", "colored already")}


def _colored(colorizer, waiting, note):
    """(path, why not or None) of each photo once it is written, in order, while others are at work."""
    from tqdm.auto import tqdm

    failures = 0
    with tqdm(total=len(waiting), desc="coloring", unit="photo", disable=not waiting) as progress:
        for path, words in _written(colorizer, waiting, note):
            if words:
                failures += 1
                tqdm.write(f"Left out: {words}")
                progress.set_postfix_str(f"{failures} left out", refresh=False)
            progress.update()
            yield path, words


def _written(colorizer, waiting, note):
    with ThreadPoolExecutor(AT_ONCE) as threads:
        working, waiting = deque(), iter(waiting)
        while True:
            for path, result in islice(waiting, AT_ONCE + 1 - len(working)):
                working.append((path, threads.submit(_one, colorizer, path, result, note)))
            if not working:
                return
            path, done = working.popleft()
            yield path, done.result()


def _one(colorizer, path, result, note):
    """Read, color and write a photo; why that could not be, or None."""
    try:
        photo = load_photo(path)
    except PhotoError as error:
        return str(error)
    return _save(colorizer(photo), result, note)


def _save(colored, result, note):
    """Why a result could not be saved, or None. Raises PhotoError when the disk is full, as it is for all others."""
    try:
        save_photo(colored, result, note=note)
    except PhotoError as error:
        if getattr(error.__cause__, "errno", None) == errno.ENOSPC:
            raise PhotoError(f"The disk is full: {result} could not be written. Free some, and go on.") from error
        return str(error)


@contextlib.contextmanager
def _alone(destination, expected):
    """Keep a second run out of a folder while it is filled; the lock of a killed run is gone with it.

    What a run that was killed left half written of the files expected is removed.
    """
    try:
        destination.mkdir(parents=True, exist_ok=True)
        with FileLock(destination / LOCK, timeout=0):
            remove_leftovers(destination, of=expected)
            yield
    except Timeout:
        raise PhotoError(f"Another run fills {destination}; wait for it, or name another folder.") from None
    except OSError as error:
        raise PhotoError(f"{destination} cannot be written: {reason(error)}.") from error


@contextlib.contextmanager
def _reported(pairs, became, report):
    """A function that counts photos and writes the report now and then; it is written at the end in any case."""
    count = itertools.count(1)

    def tell(force=False):
        if report and (force or next(count) % EACH == 0):
            text = io.StringIO()
            csv.writer(text).writerows([("photo", "result", "what became of it")])
            csv.writer(text).writerows((path, result, became[path] or "not yet colored") for path, result in pairs)
            try:
                write_whole(text.getvalue().encode("utf-8", "surrogateescape"), Path(report))
            except OSError as error:
                raise PhotoError(f"The report {report} cannot be written: {reason(error)}.") from error

    tell(force=True)  # before the work is done, not after
    try:
        yield tell
    finally:
        tell(force=True)
