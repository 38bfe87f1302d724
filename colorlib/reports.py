"""The report of a folder: a CSV file of each photo's outcome, written while the work goes on."""

import contextlib
import csv
import io

from colorlib.files import printable, reason, write_whole
from colorlib.photos import PhotoError
from colorlib.reading import expanded

COLUMNS = ("photo", "result", "status", "error", "note")
EACH = 100  # photos after which the report is written again


@contextlib.contextmanager
def reported(outcomes, report):
    """A function that counts photos and writes the report now and then; it is written at the end in any case."""
    if not report:
        yield lambda: None
        return
    count = 0

    def count_one():
        nonlocal count
        count += 1
        if count % EACH == 0:
            write_report(outcomes.values(), report)

    write_report(outcomes.values(), report)  # before the work is done, not after
    try:
        yield count_one
    finally:
        write_report(outcomes.values(), report)


def write_report(outcomes, path):
    """Write outcomes as CSV, with the columns photo, result, status, error, note; PhotoError where that cannot be."""
    text = io.StringIO()
    rows = ((o.photo, o.result or "", o.status or "waiting", o.error or "", o.note or "") for o in outcomes)
    csv.writer(text).writerows([COLUMNS, *rows])
    try:
        write_whole(text.getvalue().encode("utf-8", "surrogateescape"), expanded(path))
    except OSError as error:
        raise PhotoError(f"The report {printable(path)} cannot be written: {reason(error)}.") from error
