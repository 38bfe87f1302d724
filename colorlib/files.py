"""Files and folders that are complete or absent: the one place that knows temporary names.

A file is written under a hidden name beside its final one, flushed to the disk, then moved. A program that is killed
leaves the hidden name behind; `remove_leftovers` removes it later.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from pathlib import Path

CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # answers of a drive that cannot flush
LONGEST_NAME = 255  # bytes, on most drives
TEMPORARY = re.compile(r"\.(?P<stem>.+)\.[0-9a-f]{4,8}\.part(?P<ending>\.[^.]*)?")


def temporary_path(path):
    """A new hidden name beside `path`, of the same ending, to write under: `.photo.0a1b2c3d.part.jpg`.

    Of a name so long that this one would be too long, the first letters.
    """
    path = Path(path)
    behind = f".{secrets.token_hex(4)}.part{path.suffix}"
    stem = os.fsencode(path.stem)[: max(0, LONGEST_NAME - 1 - len(os.fsencode(behind)))]
    return path.with_name(f".{stem.decode('utf-8', 'ignore')}{behind}")


def final_path(path):
    """The path that a temporary one was to become; None for a path that is not temporary."""
    match = TEMPORARY.fullmatch(Path(path).name)
    return Path(path).with_name(match["stem"] + (match["ending"] or "")) if match else None


@contextlib.contextmanager
def whole_file(path):
    """A temporary path to write to; moved to `path` when the block ends, removed when it raises.

    >>> with whole_file("table.csv") as temporary:
    ...     _ = temporary.write_text("a,b")
    """
    temporary = temporary_path(path)
    try:
        yield temporary
        flush(temporary)  # else a power failure may leave the name without the bytes
        os.replace(temporary, path)
        flush(temporary.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(path):
    """A new temporary folder to fill; renamed to `path` when the block ends, removed when it raises.

    Where another program has made `path` in the meantime, that folder is kept.
    """
    temporary = temporary_path(path)
    try:
        temporary.mkdir(parents=True)
        yield temporary
        for place, _, names in os.walk(temporary, topdown=False):
            for name in (*names, ""):  # the files, then the folder that lists them
                flush(Path(place, name))
        try:
            os.rename(temporary, path)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        flush(temporary.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def flush(path):
    """Have the system write a file, or a folder's list of names, to the disk; then a power failure cannot undo it.

    Some network drives cannot, and Windows has no such call for folders: there nothing happens.
    """
    path = Path(path)
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in CANNOT:
            raise
    finally:
        os.close(descriptor)


def check_room(folder, size):
    """Raise OSError where `size` more bytes cannot be written to a folder: its disk is full, or a quota is used up."""
    path = temporary_path(Path(folder) / "room")
    try:
        with open(path, "wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            elif shutil.disk_usage(folder).free < size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        if error.errno not in CANNOT:
            raise
    finally:
        path.unlink(missing_ok=True)


def write_whole(data, path):
    """Write bytes to a file that is complete or absent."""
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def make_private(folder):
    """Make a folder, and those above it, unless it is there; a new one is closed to other accounts."""
    folder = Path(folder)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def resumable_folder(path, key=""):
    """A hidden folder beside `path` that survives a kill: the same `path` and `key` give the same folder again."""
    path = Path(path)
    folder = path.with_name(f".{path.name}.{key}.part" if key else f".{path.name}.part")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_folder(path):
    """Remove a folder at once for others, who never see half of it: it is renamed first. None there is no error."""
    temporary = temporary_path(path)
    with contextlib.suppress(FileNotFoundError):
        os.rename(path, temporary)
        shutil.rmtree(temporary, ignore_errors=True)


def remove_leftovers(folder, of=None, seconds=0, others=()):
    """Remove temporary files and folders that a killed program left in `folder`.

    Args:
        folder: The folder in which they lie.
        of: A function of a final path, below `folder` at any depth: whether what was to become it is removed. None:
            everything temporary in the folder itself.
        seconds: How long they must have been unchanged.
        others: Patterns of further names in the folder that are temporary: those that earlier versions gave.
    """
    found = Path(folder).rglob(".*.part*") if of is not None else Path(folder).glob(".*.part*")
    found = [path for path in found if (final := final_path(path)) and (of is None or of(final))]
    for path in [*found, *(path for pattern in others for path in Path(folder).glob(pattern))]:
        with contextlib.suppress(FileNotFoundError):  # another program was quicker
            if time.time() - path.stat().st_mtime >= seconds:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def reason(error):
    """Why an operation of the system failed, in its own words: "No space left on device"."""
    return getattr(error, "strerror", None) or str(error)


def printable(name):
    """A name as a terminal may show it: letters that would move its cursor, or reverse the line, are escaped.

    >>> printable("photo\\x1b[2J.jpg")
    'photo\\\\x1b[2J.jpg'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(name))
