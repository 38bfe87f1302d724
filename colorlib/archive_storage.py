"""The storage of an archive: a folder, or object storage with an address (s3://, gs://, ...).

Both classes read and write photos by names relative to their top, such as "1950/harbor.jpg". Object storage needs
pyarrow, which comes with the extra `ray`; addresses that pyarrow does not support, such as sftp://, go to fsspec.
"""

import importlib
import io
import os
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from colorlib import bounds, folders, formats, metadata, photos, plans, seals, xmp
from colorlib.files import printable, reason, write_whole
from colorlib.photos import PhotoError, encoded, save_photo
from colorlib.reading import PageOf

SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
MARK = ".colorlib.archive"  # in the destination during a run: a machine that does not see it does not share the disk


def is_address(text):
    """Whether a text is an address, such as s3://bucket/folder, rather than a path."""
    return isinstance(text, str) and bool(SCHEME.match(text))


def storage(place):
    """The Folder for a path, or the Bucket for an address."""
    return Bucket.at(place) if is_address(place) else Folder(photos.expanded(place))


@dataclass(frozen=True)
class Folder:
    """A folder on a disk that all machines share; `top` is its path."""

    top: Path

    def __str__(self):
        return str(self.top)

    def where(self, name):
        """The full path of a file, or of a page in it, as text."""
        return str(self._page_or_path(name))

    def _page_or_path(self, name):
        return PageOf(self.top / name.path, name.number) if isinstance(name, PageOf) else self.top / name

    def has(self, name):
        """Whether a file exists."""
        return plans.exists(self.top / name)

    def facts(self, name):
        """(size in bytes, modification time in ns) of a file."""
        status = os.stat(self.top / name)
        return status.st_size, status.st_mtime_ns

    def read(self, name):
        """The `photos.Picture` in a file; PhotoError if it cannot be read."""
        return folders.read(self._page_or_path(name))

    def digest(self, name):
        """The SHA-256 of a file, as in `photos.source_of`."""
        return photos.source_of_file(self.top / name)["sha256"]

    def made(self, name):
        """The settings and the photo that a result was made from, a dict or None; see `metadata.made_of`."""
        return metadata.made_of(self.top / name)

    def is_changed(self, name):
        """Whether a result was edited since it was written; see `metadata.is_changed`."""
        return metadata.is_changed(self.top / name)

    def write(self, photo, name, **options):
        """Write a photo, with the arguments of `save_photo`."""
        save_photo(photo, self.top / name, **options)

    def write_bytes(self, data, name):
        """Write a file; it is complete or absent."""
        self.top.mkdir(parents=True, exist_ok=True)
        write_whole(data, self.top / name)

    def read_bytes(self, name):
        """The bytes of a small file; None if it does not exist."""
        return (self.top / name).read_bytes() if self.has(name) else None

    def remove(self, name):
        """Remove a file."""
        (self.top / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class Bucket:
    """A folder in object storage. Its methods are those of Folder.

    Attributes:
        address: The address, without its query.
        files: The pyarrow file system.
        top: The path of the folder in that file system.
    """

    address: str
    files: object = field(compare=False)
    top: str = field(compare=False)

    @classmethod
    def at(cls, address):
        """The Bucket at an address, whose query, as in s3://bucket/folder?region=eu-west-1, goes to pyarrow."""
        pyarrow = needed("pyarrow.fs")
        try:
            files, top = pyarrow.FileSystem.from_uri(quote(address, safe="/:?=&%@+,;~!$'()*[]#"))
        except (pyarrow_errors()[0], NotImplementedError):
            files, top = _through_fsspec(address)
        except OSError as error:
            raise PhotoError(f"{printable(address)} cannot be opened: {_short(error)}.") from error
        return cls(address.split("?")[0].rstrip("/"), files, top.rstrip("/"))

    def __str__(self):
        return self.address

    def where(self, name):
        return posixpath.join(self.address, name)

    def has(self, name):
        return self._info(name).is_file

    def facts(self, name):
        info = self._info(name)
        if not info.is_file:
            raise PhotoError(f"There is no file {printable(self.where(name))}.")
        return info.size, info.mtime_ns or 0

    def read(self, name):
        size, modified = self.facts(name)
        if size > bounds.MAX_BYTES:
            raise PhotoError(f"{printable(name)} has {size / 1e9:.1f} GB; the limit is {bounds.MAX_BYTES / 1e9:g}.")
        data = self._bytes(name)
        if data and not formats.is_read(kind := formats.kind_of(data[: formats.LOOKS_AT], name)):
            raise PhotoError(formats.refusal(printable(posixpath.basename(name)), kind))
        file = io.BytesIO(data)
        file.name = name
        picture = photos.read_picture(file)
        picture.source["modified"] = modified
        return picture

    def digest(self, name):
        return photos.source_of(self._bytes(name))["sha256"]

    def made(self, name):
        return xmp.made_in(self._bytes(name, metadata.HEAD))

    def is_changed(self, name):
        return seals.is_changed(self._bytes(name))

    def write(self, photo, name, quality=95, **options):
        self.write_bytes(encoded(photo, posixpath.splitext(name)[1], quality, **options), name)

    def write_bytes(self, data, name):
        path = posixpath.join(self.top, name)
        try:
            if self.files.type_name != "s3":  # S3 has no folders
                self.files.create_dir(posixpath.dirname(path), recursive=True)
            with self.files.open_output_stream(path) as stream:  # an object appears when it is complete
                stream.write(data)
        except OSError as error:
            raise PhotoError(f"{printable(self.where(name))} could not be written: {_short(error)}.") from error

    def read_bytes(self, name):
        return self._bytes(name) if self.has(name) else None

    def remove(self, name):
        self.files.delete_file(posixpath.join(self.top, name))

    def names(self):
        """Yield the names of all files that are not hidden, folder by folder; PhotoError if they cannot be listed."""
        selector, waiting = needed("pyarrow.fs").FileSelector, [self.top]
        while waiting:
            folder = waiting.pop()
            try:
                infos = sorted(self.files.get_file_info(selector(folder)), key=lambda info: info.path)
            except OSError as error:
                raise PhotoError(f"{printable(self.address)} cannot be listed: {_short(error)}.") from error
            for info in infos:
                if not posixpath.basename(info.path.rstrip("/")).startswith("."):
                    if info.is_file:
                        yield info.path[len(self.top) :].lstrip("/")
                    else:
                        waiting.append(info.path.rstrip("/"))

    def _info(self, name):
        try:
            return self.files.get_file_info(posixpath.join(self.top, name))
        except OSError as error:
            raise PhotoError(f"{printable(self.where(name))} could not be opened ({_short(error)}).") from error

    def _bytes(self, name, most=None):
        try:
            with self.files.open_input_stream(posixpath.join(self.top, name)) as stream:
                return stream.read(most) if most else stream.read()
        except FileNotFoundError as error:
            raise PhotoError(f"There is no file {printable(self.where(name))}.") from error
        except OSError as error:
            raise PhotoError(f"{printable(self.where(name))} could not be opened ({_short(error)}).") from error


def needed(name):
    """The module `name` from the extra `ray`; ValueError that says how to install it if it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing = error.name or name
        raise ValueError(f'Archives need {missing.split(".")[0]}: pip install "colorlib[ray]".') from error


def pyarrow_errors():
    """The classes of the errors that pyarrow raises for addresses that it does not support, a tuple."""
    lib = needed("pyarrow.lib")
    return (lib.ArrowInvalid, lib.ArrowNotImplementedError)


def _through_fsspec(address):
    """(pyarrow file system, path in it) of an address that pyarrow itself does not support."""
    fsspec, pyarrow = needed("fsspec"), needed("pyarrow.fs")
    try:
        files, top = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise PhotoError(f"{printable(address)} cannot be opened: {_short(error)}.") from error
    return pyarrow.PyFileSystem(pyarrow.FSSpecHandler(files)), top


def _short(error):
    """The first line of an error's reason: pyarrow appends the whole answer of the server."""
    return printable(reason(error).strip().splitlines()[0])[:300].rstrip(".")
