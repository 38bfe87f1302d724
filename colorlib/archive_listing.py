"""List the photos in an archive, and name their results."""

import os
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

from colorlib import finding, folders, formats, photos, plans
from colorlib.archive_storage import SCHEME, Bucket, Folder, is_address
from colorlib.files import printable
from colorlib.photos import PhotoError
from colorlib.reading import PageOf


@dataclass
class Listed:
    """The photos in an archive.

    Attributes:
        source: The Folder or Bucket that holds the photos.
        pairs: A list of (photo's name, result's name), both relative to the top of their storage.
        passed_over: A list of the `folders.Outcome` of each file that is not colored.
    """

    source: Folder | Bucket
    pairs: list
    passed_over: list = field(default_factory=list)


def listed(source, destination):
    """List the photos of an archive; returns a Listed.

    Args:
        source: The path of a folder or a photo, an address, a `.txt` file with a path or an address on each line, or a
            list of paths or addresses. All must be in the same storage.
        destination: The Folder or Bucket of the results.

    Raises:
        PhotoError: There is nothing to color, or the source cannot be listed.
        ValueError: A result would replace its photo.
    """
    if not isinstance(source, (str, os.PathLike)):
        return _of_list([os.fspath(place) for place in source], destination)
    if is_address(source):
        return _of_bucket(Bucket.at(source), destination)
    path = photos.expanded(source)
    if path.suffix.lower() == ".txt" and path.is_file():
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        return _of_list([line.strip() for line in lines if line.strip()], destination)
    return _of_folder(path, destination)


def _of_folder(path, destination):
    """The Listed of a folder or a photo, planned as `colorlib colorize` does."""
    out = destination.top if isinstance(destination, Folder) else Path(os.sep, "colorlib-results-elsewhere")
    plan, top = folders.plan([path], out), path if path.is_dir() else path.parent
    pairs = [(os.path.relpath(photo, top), str(result.relative_to(out))) for photo, result in plan.pairs]
    return Listed(Folder(top), pairs, folders.not_colored(plan))


def photo_of(name, result):
    """The name itself, or a `reading.PageOf` if the result is that of a page, such as scan.tif.page-2.png."""
    page = re.fullmatch(rf"{re.escape(name)}\.page-(\d+)\.png", result)
    return PageOf(name, int(page[1])) if page else name


def _of_bucket(bucket, destination):
    """The Listed of object storage; results that are stored below the photos are left out."""
    if bucket == destination:
        raise ValueError(f"The results would replace the photos in {bucket}; wanted another destination.")
    inside = f"{destination}/".removeprefix(f"{bucket}/") if f"{destination}/".startswith(f"{bucket}/") else None
    survey = finding.Survey()
    for name in bucket.names():
        if inside is None or not name.startswith(inside):
            finding.sort_file(name, formats.by_ending(name), survey)
    if not survey.photos:
        raise PhotoError(f"There are no photos in {printable(bucket)}.")
    passed = [folders.Outcome(bucket.where(name), None, "failed", why) for name, why in survey.unreadable.items()]
    for name, why in survey.others.items():
        if not why.endswith(" is no photo."):
            passed.append(folders.Outcome(bucket.where(name), None, "skipped", why))
    return _paired(bucket, survey.photos, passed)


def _of_list(places, destination):
    """The Listed of paths or addresses. Results keep the folders below the deepest one that all photos share."""
    if not places:
        raise PhotoError("The list of photos is empty.")
    if len({SCHEME.match(place)[0] if is_address(place) else "" for place in places}) > 1:
        raise ValueError("The list names photos of several storages; wanted paths alone, or addresses of one storage.")
    if is_address(places[0]):
        paths = [place.partition("?")[0].partition("://")[2] for place in places]
        top = posixpath.commonpath([posixpath.dirname(path) for path in paths])
        query = places[0].partition("?")[1:]  # options for pyarrow; those of the first address are used for all
        source = Bucket.at(f"{SCHEME.match(places[0])[0]}{top}{''.join(query)}")
        names = [path[len(top) :].lstrip("/") for path in paths]
    else:
        paths = [os.path.abspath(photos.expanded(place)) for place in places]
        source = Folder(Path(os.path.commonpath([os.path.dirname(path) for path in paths])))
        names = [os.path.relpath(path, source.top) for path in paths]
    if source == destination:
        raise ValueError(f"The results would replace the photos in {source}; wanted another destination.")
    return _paired(source, names, [])


def _paired(source, names, passed):
    """The Listed of photos' names. If two photos would get the same result, the second one fails."""
    taken = {}
    for name in names:
        for result in _results(source, name):
            first = taken.setdefault(result, name)
            if first != name:
                both = f"{printable(first)} and {printable(name)} would both become {printable(result)}"
                passed.append(folders.Outcome(source.where(name), None, "failed", f"{both}; rename one of them."))
    return Listed(source, [(name, result) for result, name in taken.items()], passed)


def _results(source, name):
    """The names of a file's results: one for each page of a TIFF on a disk. Files in object storage are not opened."""
    if isinstance(source, Bucket):
        return [str(plans.result_name(name))]
    return [str(result) for _, result in plans.with_results(source.top / name, Path(), name)]
