"""Plan which photos are colored, and where their results go: files, folders and patterns into a folder."""

import contextlib
import glob
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from colorlib import finding, formats, metadata, tiffs
from colorlib.files import printable
from colorlib.formats import JPEG_ENDINGS
from colorlib.photos import PhotoError, expanded, source_of_file
from colorlib.reading import PageOf

KEPT_ENDINGS = (*JPEG_ENDINGS, ".png")  # results of other files get `.png` appended


@dataclass
class Plan:
    """Which photos are colored, and what happens to the other files.

    Attributes:
        pairs: A list of (path of a photo, path of its result). In a file of several pages each page is a `PageOf`.
        failed: {path: error sentence} of what the user expects to be colored and cannot be: photos in formats that are
            not read, folders without permission, pipes.
        skipped: {path: sentence} of other files of known kinds: films, archives, drawings.
        others: The number of files of unknown kinds.
        results: The paths of files that are results of photos beside them.
    """

    pairs: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    skipped: dict = field(default_factory=dict)
    others: int = 0
    results: list = field(default_factory=list)

    def summary(self):
        """A sentence that counts the files that are left out; "" if there are none."""
        passed = [path for path in (*self.failed, *self.skipped) if _mode(path) and stat.S_ISREG(_mode(path))]
        if not passed:
            return ""
        files = "file was" if len(passed) == 1 else "files were"
        return f"{len(passed)} other {files} skipped: {finding.count_by_ending(passed)}."


def results_for(sources, destination):
    """The pairs of `plan`: a list of (path of a photo, path of its result)."""
    return plan(sources, destination).pairs


def plan(sources, destination):
    """The `Plan` for coloring files and folders into one folder.

    Args:
        sources: An iterable of paths of files and folders, or of patterns such as "album/*.jpg".
        destination: The path of the folder of the results.

    Raises:
        PhotoError: There is nothing to color.
        ValueError: A result would replace its photo, or photos from two sources would get the same result.
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
    """Yield the sources as Paths, with `~` and patterns expanded; what cannot be used goes into `found.failed`."""
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
    """Add a file, or the photos in a folder, to the Plan in `found`."""
    if not stat.S_ISDIR(_mode(source) or 0):
        found.pairs.extend(with_results(source, destination, source.name))
        return
    survey = finding.survey(source)
    inside, itself = os.path.realpath(destination), os.path.realpath(source)
    photos = [path for path in survey.photos if inside == itself or not _lies_in(path, inside)]
    found.failed |= {path: why for path, why in survey.unreadable.items() if not _lies_in(path, inside, itself)}
    found.skipped |= {path: why for path, why in survey.others.items() if not why.endswith(" is no photo.")}
    found.others += sum(why.endswith(" is no photo.") for why in survey.others.values())
    pairs = {path: with_results(path, destination, path.relative_to(source)) for path in photos}
    results = {path: [result for _, result in of_path] for path, of_path in pairs.items()}
    beside = {os.path.realpath(r) for path, some in results.items() for r in some if r.name != path.name}
    mine = {path for path in photos if _is_result(path, results, beside)}
    found.results.extend(mine)
    if not set(photos) - mine and not survey.unreadable:
        raise PhotoError(f"There are no photos in the folder {printable(source)}.")
    taken, same = {}, str.casefold if ignores_case(destination) else str
    for path in photos:
        if path in mine:
            continue
        for photo, result in pairs[path]:
            first = taken.setdefault(same(str(result)), photo)
            if first == photo:
                found.pairs.append((photo, result))
            else:
                both = f"{printable(first)} and {printable(photo)} would both become {printable(result)}"
                found.failed[photo] = f"{both}; rename one of them."


def with_results(path, destination, name):
    """A list of (photo, path of its result) for a file: one pair, or one for each page of a TIFF of several photos.

    Args:
        path: The path of the file.
        destination: The folder of the results.
        name: The file's path below the folder it was found in, which the result keeps.
    """
    numbers = _pages(path)
    if len(numbers) < 2:
        return [(path, destination / result_name(name))]
    return [(PageOf(path, number), destination / f"{name}.page-{number}.png") for number in numbers]


def _pages(path):
    """The numbers of a TIFF's pages that are photos; [] for other files, and for files that cannot be opened."""
    if formats.by_ending(path) == "TIFF" and stat.S_ISREG(_mode(path) or 0):
        with contextlib.suppress(OSError, ValueError, MemoryError), open(path, "rb") as file:
            return tiffs.photo_numbers(tiffs.pages(file))
    return []


def _is_result(path, results, beside):
    """Whether a file is the result of a photo in its folder, as `scan.tif.png` is of `scan.tif`."""
    if os.path.realpath(path) in beside:
        return True
    origin = path.with_suffix("")
    origin = origin.with_suffix("") if re.fullmatch(r"\.page-\d+", origin.suffix) else origin
    named = any(result.name == path.name for result in results.get(origin, ()))
    return named and metadata.made_of(path) is not None


def _lies_in(path, folder, but=None):
    return folder != but and (os.path.realpath(path) + os.sep).startswith(os.path.join(folder, ""))


def ignores_case(folder):
    """Whether a.jpg and A.jpg are the same file in a folder, which need not exist yet."""
    folder = Path(folder).absolute()
    while not exists(folder) and folder != folder.parent:
        folder = folder.parent
    swapped = folder.with_name(folder.name.swapcase())
    try:
        return swapped != folder and os.path.samefile(folder, swapped)
    except OSError:
        return False


def _check(found, destination):
    """Raise ValueError if a result would replace its photo or the result of another source; remove duplicate pairs."""
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


def result_name(path):
    """The file name of a photo's result: JPEG and PNG files keep their name, others get `.png` appended."""
    return path if Path(path).suffix.lower() in KEPT_ENDINGS else f"{path}.png"


def _mode(path):
    """The file mode at a path, following links; None if nothing is there, or there is no permission to look."""
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError):
        return None


def exists(path):
    """Whether a file or folder exists at a path; False if there is no permission to look."""
    return _mode(path) is not None


def is_current(photo, result, made_with):
    """Whether a result was made from this photo with these settings, according to the result's metadata.

    Args:
        photo: The path of the photo.
        result: The path of its result.
        made_with: A dict of settings. Settings that the result's metadata does not have are not compared.
    """

    def facts():
        status = os.stat(photo)
        return status.st_size, status.st_mtime_ns

    return matches(metadata.made_of(result), made_with, facts, lambda: source_of_file(photo)["sha256"])


def matches(made, made_with, facts, digest):
    """Whether a result was made from a photo with these settings, according to the result's metadata.

    A result without such metadata counts as made from it.

    Args:
        made: The settings and the photo that the result was made from, as `metadata.made_of` reads them, or None.
        made_with: A dict of settings. Settings that `made` does not have are not compared.
        facts: A function that returns the size of the photo's file in bytes, and its modification time in ns.
        digest: A function that returns the SHA-256 of the photo's file. Called only if the times differ.
    """
    if made is None:
        return True
    if any(made[name] != value for name, value in made_with.items() if name in made):
        return False
    source = made.get("photo")
    try:
        size, modified = facts()
        if not isinstance(source, dict) or (source["bytes"], source["modified"]) == (size, modified):
            return True
        return size == source["bytes"] and digest() == source["sha256"]
    except (OSError, KeyError, PhotoError):
        return True
