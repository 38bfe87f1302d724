"""Which photo becomes which result: files, folders and patterns on one side, a folder or a file on the other."""

import glob
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from colorlib import finding, metadata
from colorlib.files import printable
from colorlib.formats import JPEG_ENDINGS
from colorlib.photos import PhotoError, expanded, source_of_file

KEPT_ENDINGS = (*JPEG_ENDINGS, ".png")  # results of the others get `.png` behind theirs


@dataclass
class Plan:
    """What is to be done.

    Attributes:
        pairs: A list of (photo's path, result's path).
        failed: {path: one sentence} of what cannot be colored and its owner misses: photos of formats that are not
            read, closed folders, pipes.
        skipped: {path: one sentence} of other files with a name in the world: films, archives, drawings.
        others: How many files of other kinds there are.
        results: Paths that are results of other photos beside them.
    """

    pairs: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    skipped: dict = field(default_factory=dict)
    others: int = 0
    results: list = field(default_factory=list)

    def summary(self):
        """A sentence about the files that are passed over; "" for none."""
        passed = [path for path in (*self.failed, *self.skipped) if _mode(path) and stat.S_ISREG(_mode(path))]
        if not passed:
            return ""
        files = "file was" if len(passed) == 1 else "files were"
        return f"{len(passed)} other {files} skipped: {finding.count_by_ending(passed)}."


def results_for(sources, destination):
    """(path, result's path) of each photo in `sources`, files and folders, colored into a folder; see `plan`."""
    return plan(sources, destination).pairs


def plan(sources, destination):
    """The `Plan` for coloring `sources`, files, folders and patterns with stars, into a folder.

    Raises:
        PhotoError: There is nothing to color at all.
        ValueError: A result would replace its photo, or two photos of different sources would share one.
    """
    found, destination = Plan(), expanded(destination)
    for source in _each(sources, found):
        try:
            _add(source, destination, found)
        except PhotoError as error:
            found.failed[source] = str(error)
    _check(found, destination)
    if not found.pairs and found.failed:
        raise PhotoError(next(iter(found.failed.values())))
    return found


def _each(sources, found):
    """The sources as Paths: `~` and stars expanded, web addresses named."""
    for source in sources:
        try:
            path = expanded(source)
        except PhotoError as error:
            found.failed[str(source)] = str(error)
            continue
        if _mode(path) is None and glob.has_magic(str(path)):
            matches = sorted(glob.glob(str(path), recursive=True))
            if not matches:
                found.failed[path] = f"There is nothing that matches {printable(path)}."
            yield from map(Path, matches)
        else:
            yield path


def _add(source, destination, found):
    if not stat.S_ISDIR(_mode(source) or 0):
        found.pairs.append((source, destination / _result_name(source.name)))
        return
    survey = finding.survey(source)
    inside, itself = os.path.realpath(destination), os.path.realpath(source)
    photos = [path for path in survey.photos if inside == itself or not _lies_in(path, inside)]
    found.failed |= {path: why for path, why in survey.unreadable.items() if not _lies_in(path, inside, itself)}
    found.skipped |= {path: why for path, why in survey.others.items() if not why.endswith(" is no photo.")}
    found.others += sum(why.endswith(" is no photo.") for why in survey.others.values())
    results = {path: destination / _result_name(path.relative_to(source)) for path in photos}
    beside = {os.path.realpath(result) for path, result in results.items() if result.name != path.name}
    mine = {path for path in photos if _is_result(path, results, beside)}
    found.results.extend(mine)
    if not set(photos) - mine and not survey.unreadable:
        raise PhotoError(f"There are no photos in the folder {printable(source)}.")
    taken = {}
    for path in photos:
        if path in mine:
            continue
        first = taken.setdefault(results[path], path)
        if first == path:
            found.pairs.append((path, results[path]))
        else:
            both = f"{printable(first)} and {printable(path)} would both become {printable(results[path])}"
            found.failed[path] = f"{both}; rename one of them."


def _is_result(path, results, beside):
    """Whether a photo is the result of another one in its folder: `scan.tif.png` of `scan.tif`."""
    if os.path.realpath(path) in beside:
        return True
    origin = path.with_suffix("")
    return origin in results and results[origin].name == path.name and metadata.made_of(path) is not None


def _lies_in(path, folder, but=None):
    return folder != but and (os.path.realpath(path) + os.sep).startswith(os.path.join(folder, ""))


def _check(found, destination):
    """Raise ValueError where a result would replace its photo, or another source's result."""
    taken = {}
    for path, result in found.pairs:
        if os.path.realpath(path) == os.path.realpath(result):
            where = printable(destination)
            raise ValueError(
                f"The result would replace the photo {printable(path)} itself; wanted another folder than {where}."
            )
        if taken.setdefault(result, path) != path:
            both = f"{printable(taken[result])} and {printable(path)} would both become {printable(result)}"
            raise ValueError(f"{both}; color them into two folders.")
    found.pairs = list(dict.fromkeys(found.pairs))


def _result_name(path):
    return path if Path(path).suffix.lower() in KEPT_ENDINGS else f"{path}.png"


def _mode(path):
    """The mode of what lies at a path, links followed; None where nothing does, or nobody may look."""
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError):
        return None


def exists(path):
    """Whether something lies at a path, as far as one may look."""
    return _mode(path) is not None


def is_current(photo, result, made_with):
    """Whether a result was made of this photo with these settings, as far as its file says.

    Args:
        photo, result: Two paths.
        made_with: A dict of settings; only what the result's file names too is compared.
    """
    made = metadata.made_of(result)
    if made is None:
        return True
    if any(made[name] != value for name, value in made_with.items() if name in made):
        return False
    source = made.get("photo")
    try:
        status = os.stat(photo)
        if not isinstance(source, dict) or (source["bytes"], source["modified"]) == (
            status.st_size,
            status.st_mtime_ns,
        ):
            return True
        return status.st_size == source["bytes"] and source_of_file(photo)["sha256"] == source["sha256"]
    except (OSError, KeyError, PhotoError):
        return True
