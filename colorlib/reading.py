"""What a photo is read from -- a path, bytes, an open file -- as the bytes of a file, safely.

A pipe would hang, a device never end, and a file can change or vanish while it is decoded: so it is read whole, first.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from colorlib import bounds, formats
from colorlib.decoding import PhotoError
from colorlib.files import printable, reason

ADDRESS = re.compile(r"(https?|ftp|s3|gs|data|file):", re.IGNORECASE)


def expanded(path):
    """A Path, `~` expanded. Raises PhotoError for a web address, which would lose a slash."""
    if isinstance(path, str) and ADDRESS.match(path) and not Path(path).exists():
        raise PhotoError(f"{printable(path)} is a web address; photos are not fetched: download it, and name the file.")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise PhotoError(f"{printable(path)} names a home folder that does not exist.") from error


@dataclass(frozen=True)
class PageOf:
    """A page of a file that holds several: the file's path, and the page's number from 1."""

    path: Path
    number: int

    def __fspath__(self):
        return os.fspath(self.path)

    def __str__(self):
        return f"{self.path} (page {self.number})"


def name_of(source):
    if isinstance(source, PageOf):
        return f"{name_of(source.path)} (page {source.number})"
    if isinstance(source, (str, os.PathLike)):
        return printable(Path(source).name or str(source))
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    return printable(Path(name).name) if isinstance(name, str) and name else "The photo"


def bytes_of(source, name):
    """The file's bytes: decoded from memory, a photo cannot change or vanish under the decoder."""
    try:
        if isinstance(source, (str, os.PathLike)):
            data = _file_bytes(expanded(source), name)
        elif hasattr(source, "read"):
            data = source.read()
        else:
            data = bytes(memoryview(source))
    except FileNotFoundError as error:
        raise PhotoError(f"There is no file {printable(source)}.") from error
    except IsADirectoryError as error:
        raise PhotoError(
            f"{printable(source)} is a folder; wanted one photo (find_photos lists a folder's)."
        ) from error
    except PhotoError:
        raise
    except (OSError, ValueError) as error:
        raise PhotoError(f"{name} could not be opened ({reason(error)}).") from error
    except MemoryError as error:
        raise PhotoError(f"There is not enough memory to read {name}.") from error
    except TypeError as error:
        kind = type(source).__name__
        raise PhotoError(f"A {kind} was given; wanted a path, bytes, an open file or a PIL image.") from error
    if not isinstance(data, bytes):
        raise PhotoError(f"{name} was opened as text; open it with mode 'rb'.")
    if not data:
        raise PhotoError(f"{name} is empty (0 bytes).")
    return data


def _file_bytes(path, name):
    """The bytes of a regular file that begins as a photo: a pipe would hang, a device never end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(found.st_mode):
            raise PhotoError(f"{name} is not a file but a pipe or a device.")
        if found.st_size > bounds.MAX_BYTES:
            limit = f"the limit is {bounds.MAX_BYTES / 1e9:g}"
            raise PhotoError(f"{name} has {found.st_size / 1e9:.1f} GB; {limit}.")
        head = file.read(formats.LOOKS_AT)
        if head and not formats.is_read(kind := formats.kind_of(head, name)):
            raise PhotoError(formats.refusal(name, kind))
        return head + file.read(bounds.MAX_BYTES)
