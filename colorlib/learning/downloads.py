"""Download, check and unpack photos behind a link; errors are one sentence."""

import errno
import hashlib
import re
import shutil
import socket
import zipfile
import zlib
from pathlib import PurePosixPath
from urllib.parse import parse_qs, urlsplit

from tqdm.auto import tqdm

from colorlib.photos import ENDINGS, PhotoError

OFFLINE = (
    "no connection, this computer seems to be offline (colorlib.sample_photos() and a folder of your own photos, "
    "colorlib.find_photos, need none)"
)
PAGE = (
    "a web page came instead of the file: it is not shared with everyone who has the link, or too many fetched "
    "it lately; fetch it in a browser and unpack it, or copy it to your own Drive and use from_drive"
)
BOMB = 100  # photos hardly shrink in a zip; one that grows a hundredfold is not made of photos


class NoRoom(PhotoError):
    """The zip is good, but the disk has no room for its photos."""


def parsed(link):
    """Parse a link: (whether it is a Drive folder, gdown's arguments, a name for the photos)."""
    parts = urlsplit(link)
    if re.fullmatch(r"[-\w]{25,}", link):
        return False, {"id": link}, link
    if parts.hostname in ("drive.google.com", "docs.google.com", "drive.usercontent.google.com"):
        found = re.search(r"/(folders|d)/([-\w]+)", parts.path)
        kind, id = found.groups() if found else ("d", parse_qs(parts.query).get("id", [""])[0])
        if id:
            return kind == "folders", {"id": id}, id
    elif parts.scheme in ("http", "https") and parts.hostname:
        return False, {"url": link}, PurePosixPath(parts.path).stem or parts.hostname
    raise ValueError(f"{link!r} is no link to photos; wanted a Google Drive link or id, or the address of a zip.")


def fetch(link, download, target, place):
    """Download a file or folder with gdown; resume an earlier download, or start again if that fails.

    The sentence is raised outside `except`: a notebook keeps the last exception, and with it gdown's open file.
    """
    import gdown
    from gdown.exceptions import FileURLRetrievalError

    begun, stuck = _begun(place), False
    try:
        done = getattr(gdown, download)(**target, output=str(place), resume=True)
        reason = None if done is not None else PAGE
    except FileURLRetrievalError:
        reason = PAGE
    except Exception as error:  # of the network, of gdown, of the disk
        reason = f"{why(error)}; the same call tries again from where this one stopped"
        stuck = begun and begun == _begun(place) and not isinstance(error, OSError)
    if stuck:  # the server cannot go on in the middle of a file
        for part in begun:
            part.unlink()
        fetch(link, download, target, place)
    elif reason:
        raise PhotoError(f"{link} could not be fetched: {reason}.")


def checked(archive, link, sha256):
    """The SHA-256 of a downloaded file; PhotoError when it is a web page or not the expected file."""
    with archive.open("rb") as file:
        page = b"<html" in file.read(1000).lower()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if page:
        raise PhotoError(f"{link} could not be fetched: {PAGE}.")
    if sha256 and digest != sha256.lower():
        raise PhotoError(f"{link} is not the file wanted: its SHA-256 is {digest}, not {sha256}.")
    return digest


def unzip(archive, folder, link):
    shutil.rmtree(folder, ignore_errors=True)  # what a killed run left
    try:
        with zipfile.ZipFile(archive) as file:
            photos = [entry for entry in file.infolist() if entry.filename.lower().endswith(ENDINGS)]
            _check_entries(photos, archive, link)
            for entry in tqdm(photos, desc="unpacking", unit="photo"):
                file.extract(entry, folder)
    except OSError as error:
        kind = NoRoom if error.errno == errno.ENOSPC else PhotoError
        raise kind(f"{link} could not be unpacked ({why(error)}).") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last: it wants a password
        raise PhotoError(f"{link} is not a zip that can be unpacked ({why(error)}).") from error


def why(error):
    """Why a download failed, in a few words: no network, or the library's own message."""
    if isinstance(error, ImportError):
        return f"it needs {error.name}: pip install {error.name}"
    cause = error
    while cause:
        if isinstance(cause, (socket.gaierror, ConnectionRefusedError, TimeoutError)):
            return OFFLINE
        cause = cause.__cause__ or cause.__context__
    return " ".join(str(error).split())[:200] or type(error).__name__


def _begun(place):
    return {part: part.stat().st_size for part in place.parent.rglob("*.part")}


def _check_entries(entries, archive, link):
    for path in (PurePosixPath(entry.filename.replace("\\", "/")) for entry in entries):
        if path.is_absolute() or ".." in path.parts:
            raise PhotoError(f"{link} is not safe to unpack: it names {path}, outside its folder.")
    size, free = sum(entry.file_size for entry in entries), shutil.disk_usage(archive.parent).free
    if size > BOMB * archive.stat().st_size:
        raise PhotoError(f"{link} is not safe to unpack: it grows more than {BOMB}-fold, to {size / 1e6:,.0f} MB.")
    if size > free:
        raise NoRoom(f"{link} unpacks to {size / 1e6:,.0f} MB, but {free / 1e6:,.0f} MB are free.")
