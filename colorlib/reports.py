"""The report of a folder: a CSV file with the outcome of each photo, updated during the run."""

import contextlib
import csv
import io

from colorlib.files import printable, reason, write_whole
from colorlib.photos import PhotoError
from colorlib.reading import expanded

COLUMNS = ("photo", "result", "status", "error", "note")
EACH = 100  # the report is updated after this many photos


@contextlib.contextmanager
def reported(outcomes, report):
    """Keep a report up to date while the block runs: yields a function to call after each photo.

    The report is written at the start, after every EACH photos, and at the end, even if the block raises.

    Args:
        outcomes: A dict whose values are `outcomes.Outcome` objects; the caller updates it.
        report: The path of the CSV file. None: no report.

    Raises:
        PhotoError: The report cannot be written.
    """
    if not report:
        yield lambda: None
        return
    count = 0

    def count_one():
        nonlocal count
        count += 1
        if count % EACH == 0:
            write_report(outcomes.values(), report)

    write_report(outcomes.values(), report)  # a path that cannot be written fails now, not after hours
    try:
        yield count_one
    finally:
        write_report(outcomes.values(), report)


def write_report(outcomes, path):
    """Write outcomes to a CSV file with the columns of COLUMNS.

    Args:
        outcomes: An iterable of `outcomes.Outcome`. One without a status is written as "waiting".
        path: The path of the file, which is replaced.

    Raises:
        PhotoError: The file cannot be written.
    """
    text = io.StringIO()
    rows = ((o.photo, o.result or "", o.status or "waiting", o.error or "", o.note or "") for o in outcomes)
    csv.writer(text).writerows([COLUMNS, *rows])
    try:
        write_whole(text.getvalue().encode("utf-8", "surrogateescape"), expanded(path))
    except OSError as error:
        raise PhotoError(f"The report {printable(path)} cannot be written: {reason(error)}.") from error
