"""Find the photos in a folder and its subfolders, and say why other files are not used."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from colorlib import formats
from colorlib.decoding import PhotoError
from colorlib.files import printable, reason

CLUTTER = ("thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r")  # files that operating systems leave in every folder
CLUTTER_FOLDERS = {  # previews made by network drives, and deleted files
    *("@eadir", "__macosx", "$recycle.bin", "#recycle", "@recycle", "system volume information", "lost+found"),
}


@dataclass
class Survey:
    """The contents of a folder and its subfolders.

    Attributes:
        photos: The paths of the photos, sorted.
        unreadable: {path: error sentence} of photos and folders that cannot be read, and that the user will miss.
        others: {path: sentence} of files that are not photos.
    """

    photos: list = field(default_factory=list)
    unreadable: dict = field(default_factory=dict)
    others: dict = field(default_factory=dict)


def find_photos(folder: str | os.PathLike, least: int = 0) -> list[Path]:
    """The paths of the photos in a folder and its subfolders, a sorted list.

    Photos are recognized by their file extension; its case does not matter. Hidden files and folders, previews and
    trash folders are left out. Linked folders are followed once. `survey` also lists the other files.

    Args:
        folder: The path of the folder.
        least: The smallest number of photos that is accepted.

    Raises:
        PhotoError: There is no such folder, it cannot be read, or it holds fewer than `least` photos.

    >>> [path.name for path in find_photos("album")]
    ['aunt.jpg', 'uncle.png']
    """
    return enough(survey(folder).photos, folder, least)


def find_and_tell(folder, least=0):
    """The same as `find_photos`; also prints which unreadable photos, and how many other files, are left out."""
    found = survey(folder)
    tell_some("Left out", found.unreadable.values())
    passed = [path for path in (*found.unreadable, *found.others) if not path.is_dir()]
    if passed:
        files = "file was" if len(passed) == 1 else "files were"
        print(f"{len(passed)} other {files} skipped in {printable(folder)}: {count_by_ending(passed)}.")
    return enough(found.photos, folder, least)


def tell_some(what, sentences, most=10):
    """Print "what: sentence" for the first `most` sentences, then how many more there are."""
    sentences = list(sentences)
    for sentence in sentences[:most]:
        print(f"{what}: {printable(sentence)}")
    if len(sentences) > most:
        print(f"{what}: {len(sentences) - most} more.")


def enough(found, folder, least):
    """The list `found` itself; PhotoError if it holds fewer than `least` photos."""
    if len(found) < least:
        few = {0: "are no photos", 1: "is 1 photo"}.get(len(found), f"are {len(found)} photos")
        wanted = f"; wanted {least} or more." if least > 1 else "."
        raise PhotoError(f"There {few} in the folder {printable(folder)}{wanted}")
    return found


def survey(folder):
    """The `Survey` of a folder; PhotoError if there is no such folder, or it cannot be read."""
    folder = find_folder(folder)
    found, links = Survey(), []
    seen = _walk(folder, found, links, set())
    while links:  # after the real folders, so that a photo reached both ways keeps its real path
        path = links.pop(0)
        seen = _walk(path, found, links, seen)
    found.photos.sort()
    return found


def find_folder(folder):
    """A folder as a Path, with `~` expanded; PhotoError if there is no such folder, or it cannot be read."""
    folder = Path(folder).expanduser()
    if why := _no_folder(folder):
        raise PhotoError(why)
    return folder


def _no_folder(folder):
    """A sentence that says why a folder cannot be used; None if it can."""
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
    """Add the files below a folder to `found`, and linked folders to `links`; returns the folders seen so far."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                found.others[folder] = f"{printable(folder)} leads to a folder that has been searched already."
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
    """Add a directory entry to the list it belongs in."""
    path, looks_like_one = Path(entry.path), formats.by_ending(entry.name)
    name = printable(path)
    try:
        mode = entry.stat().st_mode  # follows links
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        why = "is a link to a file that does not exist" if missing else f"cannot be read: {reason(error)}"
        (found.unreadable if looks_like_one else found.others)[path] = f"{name} {why}."
        return
    if stat.S_ISDIR(mode):
        (links if entry.is_symlink() else waiting).append(path)
    elif not stat.S_ISREG(mode):
        kind = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}.get(stat.S_IFMT(mode), "a device")
        (found.unreadable if looks_like_one else found.others)[path] = f"{name} is not a file but {kind}."
    else:
        sort_file(path, looks_like_one or _without_ending(path), found)


def sort_file(path, kind, found):
    """Add the path of a file to the `Survey` in `found`; `kind` is the file's kind as `formats` names it, or None."""
    name = printable(path)
    if formats.is_read(kind):
        found.photos.append(path)
    elif kind in formats.PLUGINS or kind in formats.PHOTOS_NOT_READ:
        found.unreadable[path] = formats.refusal(name, kind)
    elif Path(path).name.lower() not in CLUTTER:
        found.others[path] = formats.refusal(name, kind) if kind else f"{name} is no photo."


def _without_ending(path):
    """The kind of a file without an extension, found from its first bytes; None if there is an extension."""
    if path.suffix:
        return None
    try:
        with open(path, "rb") as file:
            return formats.kind_of(file.read(formats.LOOKS_AT))
    except OSError:
        return None


def count_by_ending(paths):
    """How many paths have each extension, most frequent first, as text: "2 .heic, 1 .dng"."""
    counts = {}
    for path in paths:
        ending = Path(path).suffix.lower() or "without an ending"
        counts[printable(ending)] = counts.get(printable(ending), 0) + 1
    return ", ".join(f"{count} {ending}" for ending, count in sorted(counts.items(), key=lambda item: -item[1]))
