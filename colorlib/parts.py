"""Split an archive into parts, one for each machine, and merge their reports.

Machines that share a disk need no coordinator: machine i of n colors the photos whose names a hash puts into part i.
Each part has a lock and a report of its own.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from colorlib.files import printable, reason, write_whole
from colorlib.photos import PhotoError
from colorlib.plans import exists
from colorlib.reports import COLUMNS


@dataclass(frozen=True)
class Part:
    """Part `number` of `count`, as in "3/8"; ValueError if `number` is not in 1..`count`."""

    number: int
    count: int

    def __post_init__(self):
        if not 1 <= self.number <= self.count:
            raise ValueError(f"part is {self.number}/{self.count}; wanted i/n, with i from 1 to n, such as 3/8.")

    @classmethod
    def parse(cls, text):
        """The Part for a text such as "3/8"; ValueError for any other text."""
        match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
        if not match:
            raise ValueError(f"part is {text!r}; wanted i/n, with i from 1 to n, such as 3/8.")
        return cls(*map(int, match.groups()))

    def __str__(self):
        return f"{self.number}-of-{self.count}"

    def holds(self, name):
        """Whether a photo is in this part; `name` is its path below the archive's folder, such as "1950/harbor.jpg"."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1

    def of(self, pairs, destination):
        """The pairs (photo's path, result's path) in this part, chosen by the result's path below `destination`."""
        return [pair for pair in pairs if self.holds(pair[1].relative_to(destination).as_posix())]

    def report(self, path):
        """The path of this part's report, made from that of the whole: `report.csv` becomes `report-3-of-8.csv`."""
        path = Path(path)
        return path.with_name(f"{path.stem}-{self}{path.suffix or '.csv'}")


@dataclass
class Merged:
    """The merged reports of all parts.

    Attributes:
        rows: {photo: its row, a dict with the keys COLUMNS}. Of several rows of a photo, the last "colored" one.
        parts: The parts that have no report, a list of texts such as "3/8".
        waiting: The photos that have no outcome yet.
        failed: {photo: error}.
        twice: The photos that are in several reports.
        gone: The paths of results that are in a report but do not exist.
    """

    rows: dict = field(default_factory=dict)
    parts: list = field(default_factory=list)
    waiting: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    twice: list = field(default_factory=list)
    gone: list = field(default_factory=list)

    @property
    def is_complete(self):
        """Whether, according to the reports, every photo has a result and none was colored twice."""
        return not (self.parts or self.waiting or self.failed or self.twice or self.gone)

    def summary(self):
        """A summary as text, one sentence per line."""
        done = sum(row["status"] in ("colored", "skipped") and bool(row["result"]) for row in self.rows.values())
        total = sum(row["status"] != "skipped" or bool(row["result"]) for row in self.rows.values())
        lines = [f"{done} of {total} photos are in color."]
        for names, what in (
            (self.parts, "parts have no report"),
            (self.waiting, "photos wait"),
            (self.twice, "photos are in more than one report"),
            (self.gone, "results are reported but not there"),
        ):
            if names:
                lines.append(f"{len(names)} {what}: {_some(names)}.")
        lines += [f"Failed: {printable(error)}" for error in self.failed.values()]
        return "\n".join(lines)


def merge(reports, out=None):
    """Merge several reports.

    Args:
        reports: An iterable of paths of reports, or of folders, whose `*.csv` files are used if they are reports.
        out: The path of a CSV file for the merged report. None: it is not written.

    Returns:
        The Merged reports.

    Raises:
        PhotoError: A report cannot be read or is not a report, there are none, or `out` cannot be written.
    """
    paths = [path for given in reports for path in _reports_in(Path(given)) if path != out]
    if not paths:
        raise PhotoError(f"There are no reports in {', '.join(map(printable, reports))}.")
    rows = [row for path in paths for row in _rows(path)]
    merged = Merged(parts=_missing_parts(paths))
    for row in sorted(rows, key=lambda row: row["status"] == "colored"):
        merged.rows[row["photo"]] = row
    merged.twice = [photo for photo, times in Counter(row["photo"] for row in rows).items() if times > 1]
    for photo, row in merged.rows.items():
        if row["status"] == "waiting":
            merged.waiting.append(photo)
        elif row["status"] == "failed":
            merged.failed[photo] = row["error"]
        elif row["result"] and "://" not in row["result"] and not exists(row["result"]):  # object storage is not asked
            merged.gone.append(row["result"])
    if out:
        _write(merged.rows.values(), out)
    return merged


def _reports_in(path):
    if not path.is_dir():
        return [path]
    return [file for file in sorted(path.glob("*.csv")) if _is_report(file)]


def _is_report(path):
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return tuple(next(csv.reader(file), ())) == COLUMNS


def _rows(path):
    try:
        if not _is_report(path):
            raise PhotoError(f"{printable(path)} is not a report; its columns must be {', '.join(COLUMNS)}.")
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, csv.Error) as error:
        raise PhotoError(f"The report {printable(path)} cannot be read: {reason(error)}.") from error


def _missing_parts(paths):
    """The parts without a report, such as "3/8"; the reports' file names say how many parts there are."""
    named = [re.search(r"-(\d+)-of-(\d+)$", path.stem) for path in paths]
    there = {(int(match[1]), int(match[2])) for match in named if match}
    counts = {count for _, count in there}
    return [f"{i}/{count}" for count in sorted(counts) for i in range(1, count + 1) if (i, count) not in there]


def _write(rows, path):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    try:
        write_whole(text.getvalue().encode("utf-8", "surrogateescape"), path)
    except OSError as error:
        raise PhotoError(f"The report {printable(path)} cannot be written: {reason(error)}.") from error


def _some(names):
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(printable, names[:3])) + more
