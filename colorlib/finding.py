"""Finding photos: what lies in a folder and its subfolders, which of it are photos, and why the rest is not."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from colorlib import formats
from colorlib.decoding import PhotoError
from colorlib.files import printable, reason

CLUTTER = ("thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r")  # what systems leave in every folder
CLUTTER_FOLDERS = {  # previews that network drives make, and deleted files
    *("@eadir", "__macosx", "$recycle.bin", "#recycle", "@recycle", "system volume information", "lost+found"),
}


@dataclass
class Survey:
    """What lies in a folder and its subfolders.

    Attributes:
        photos: Paths of the photos, sorted.
        unreadable: {path: one sentence} of photos and folders that cannot be read: their owner misses them.
        others: {path: one sentence} of files that are no photos.
    """

    photos: list = field(default_factory=list)
    unreadable: dict = field(default_factory=dict)
    others: dict = field(default_factory=dict)


def find_photos(folder: str | os.PathLike, least: int = 0) -> list[Path]:
    """The photos in a folder and its subfolders, as a sorted list of paths.

    Photos are recognized by their ending, in any case. Hidden files and folders, and the folders in which systems keep
    previews and what was thrown away, are left out; linked folders are followed once. `survey` says what else there is.

    Args:
        folder: Where to look.
        least: How many photos are wanted.

    Raises:
        PhotoError: There is no such folder, it cannot be read, or fewer than `least` photos are in it.

    >>> [path.name for path in find_photos("album")]
    ['aunt.jpg', 'uncle.png']
    """
    return enough(survey(folder).photos, folder, least)


def find_and_tell(folder, least=0):
    """`find_photos`; what is passed over in the folder is printed, by name where its owner will miss it."""
    found = survey(folder)
    tell_some("Left out", found.unreadable.values())
    passed = [path for path in (*found.unreadable, *found.others) if not path.is_dir()]
    if passed:
        files = "file was" if len(passed) == 1 else "files were"
        print(f"{len(passed)} other {files} skipped in {printable(folder)}: {count_by_ending(passed)}.")
    return enough(found.photos, folder, least)


def tell_some(what, sentences, most=10):
    """Print "what: sentence" for the first sentences, and how many more there are."""
    sentences = list(sentences)
    for sentence in sentences[:most]:
        print(f"{what}: {printable(sentence)}")
    if len(sentences) > most:
        print(f"{what}: {len(sentences) - most} more.")


def enough(found, folder, least):
    """The photos found in a folder; PhotoError where they are fewer than `least`."""
    if len(found) < least:
        few = {0: "are no photos", 1: "is 1 photo"}.get(len(found), f"are {len(found)} photos")
        wanted = f"; wanted {least} or more." if least > 1 else "."
        raise PhotoError(f"There {few} in the folder {printable(folder)}{wanted}")
    return found


def survey(folder):
    """The `Survey` of a folder; raises PhotoError where there is no such folder, or it cannot be read."""
    folder = find_folder(folder)
    found, links = Survey(), []
    seen = _walk(folder, found, links, set())
    while links:  # behind the folders themselves: their photos keep their own paths
        path = links.pop(0)
        seen = _walk(path, found, links, seen)
    found.photos.sort()
    return found


def find_folder(folder):
    """A folder as a Path, `~` expanded; PhotoError where there is no such folder, or it cannot be read."""
    folder = Path(folder).expanduser()
    if why := _no_folder(folder):
        raise PhotoError(why)
    return folder


def _no_folder(folder):
    name = printable(folder)
    try:
        mode = os.stat(folder).st_mode
        if not stat.S_ISDIR(mode):
            return f"{name} is not a folder."
        os.scandir(folder).close()
    except FileNotFoundError:
        return f"There is no folder {name}."
    except (OSError, ValueError) as error:
        return f"The folder {name} cannot be read: {reason(error)}."
    return None


def _walk(folder, found, links, seen):
    """Sort what lies below a folder into `found`, and linked folders into `links`; the folders seen so far."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                found.others[folder] = f"{printable(folder)} leads to a folder that was looked through already."
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                entries = sorted(entries, key=lambda entry: entry.name)
        except (OSError, ValueError) as error:
            found.unreadable[folder] = f"The folder {printable(folder)} cannot be read: {reason(error)}."
            continue
        for entry in entries:
            if not entry.name.startswith(".") and entry.name.lower() not in CLUTTER_FOLDERS:
                _sort(entry, found, waiting, links)
    return seen


def _sort(entry, found, waiting, links):
    path, looks_like_one = Path(entry.path), formats.by_ending(entry.name)
    name = printable(path)
    try:
        mode = entry.stat().st_mode  # of what a link leads to
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        why = "leads to a file that is not there" if missing else f"cannot be read: {reason(error)}"
        (found.unreadable if looks_like_one else found.others)[path] = f"{name} {why}."
        return
    if stat.S_ISDIR(mode):
        (links if entry.is_symlink() else waiting).append(path)
    elif not stat.S_ISREG(mode):
        kind = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}.get(stat.S_IFMT(mode), "a device")
        (found.unreadable if looks_like_one else found.others)[path] = f"{name} is no file but {kind}."
    else:
        sort_file(path, looks_like_one or _without_ending(path), found)


def sort_file(path, kind, found):
    """Put the path of a file into a `Survey`, by the file's kind, as `formats` names it."""
    name = printable(path)
    if formats.is_read(kind):
        found.photos.append(path)
    elif kind in formats.PLUGINS or kind in formats.PHOTOS_NOT_READ:
        found.unreadable[path] = formats.refusal(name, kind)
    elif Path(path).name.lower() not in CLUTTER:
        found.others[path] = formats.refusal(name, kind) if kind else f"{name} is no photo."


def _without_ending(path):
    """The kind of a file without any ending, by its first bytes."""
    if path.suffix:
        return None
    try:
        with open(path, "rb") as file:
            return formats.kind_of(file.read(formats.LOOKS_AT))
    except OSError:
        return None


def count_by_ending(paths):
    """Paths counted by their endings, the most frequent first: "2 .heic, 1 .dng"."""
    counts = {}
    for path in paths:
        ending = Path(path).suffix.lower() or "without an ending"
        counts[printable(ending)] = counts.get(printable(ending), 0) + 1
    return ", ".join(f"{count} {ending}" for ending, count in sorted(counts.items(), key=lambda item: -item[1]))
