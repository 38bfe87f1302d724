"""A cache of decoded photos: their middle squares at one size, in a file that is mapped into memory."""

import contextlib
import hashlib
import json
import os
import shutil
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib.files import reason, remove_folder, remove_leftovers, whole_folder
from colorlib.photos import PhotoError, load_photo
from colorlib.settings import Settings

READERS = 6  # photos decoded at a time: few fit in memory when large, and Google Drive is slow to answer each
WHOLE = "cache.json"  # written last, removed first
SQUARES = "squares"
BLOCK = 1 << 24  # bytes read at a time
LEFTOVER = 3 * 24 * 3600  # seconds after which no program makes a cache any more
FORGOTTEN = 30 * 24 * 3600  # seconds after which an unused cache is removed


def squares(paths, side, folder):
    """(squares, broken): the middle squares of photos, `(N, side, side, 3) uint8`, and {path: error} of broken files.

    The squares are mapped from their cache. A cache that is missing, or whose length or checksum is wrong, is made.
    """
    folder = Path(folder or Settings.from_environment().cache or Path.home() / ".cache" / "colorlib")
    place = folder / f"colorlib-batches-{_key(paths, side)}"
    broken = _broken(place)
    if broken is None:
        if (place / WHOLE).exists():
            print(f"The cache of decoded photos {place} is damaged; it is made again.")
        _make_cache(paths, side, place)
        broken = json.loads((place / WHOLE).read_text())["broken"]
    with contextlib.suppress(OSError):  # a cache that may only be read is as good
        os.utime(place)
        _forget(folder)
    if broken:
        print(f"{len(broken)} of {len(paths)} photos cannot be read and are left out; `broken` says why.")
    return np.memmap(place / SQUARES, np.uint8, "r").view(np.ndarray).reshape(-1, side, side, 3), broken


def _broken(place):
    """The broken photos that a cache lists, {path: error}; None where the cache is missing or damaged."""
    try:
        about = json.loads((place / WHOLE).read_text())
        if [about["bytes"], about["crc32"]] == _length_and_crc(place / SQUARES):
            return dict(about["broken"])
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _length_and_crc(path):
    length = crc = 0
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            length, crc = length + len(block), zlib.crc32(block, crc)
    return [length, crc]


def _key(paths, side):
    def facts(path):
        try:
            return str(path), path.stat().st_size, path.stat().st_mtime_ns
        except OSError:
            return str(path), None, None

    return hashlib.sha256(json.dumps([side, [facts(path) for path in paths]]).encode()).hexdigest()[:20]


def _make_cache(paths, side, place):
    """Decode photos into a folder with a temporary name, then rename it: the cache is complete or absent."""
    try:
        with whole_folder(place) as part:
            with open(part / SQUARES, "wb") as file:
                broken = _write_squares(paths, side, file)
            if len(broken) == len(paths):
                first = next(iter(broken.values()))
                raise PhotoError(f"None of the {len(paths)} photos can be read; the first: {first}")
            length, crc = _length_and_crc(part / SQUARES)
            (part / WHOLE).write_text(json.dumps({"broken": broken, "bytes": length, "crc32": crc}))
            if _broken(place) is None:  # damaged, or what another process removed by half
                remove_folder(place)
    except OSError as error:
        raise PhotoError(
            f"The cache {place.parent} cannot be written ({reason(error)}); name another folder as cache."
        ) from error


def _write_squares(paths, side, file):
    """Write the squares of all photos that can be read, 256 at a time; {path: error} of the others."""
    from tqdm.auto import tqdm

    broken = {}
    with ThreadPoolExecutor(READERS) as threads, tqdm(total=len(paths), desc="decoding", unit="photo") as progress:
        for start in range(0, len(paths), 256):
            some = paths[start : start + 256]
            for path, square in zip(some, threads.map(partial(_read, side=side), some)):
                progress.update()
                if isinstance(square, PhotoError):
                    broken[str(path)] = str(square)
                else:
                    file.write(square)
    return broken


def _read(path, side):
    try:
        return square_of(load_photo(path, least=2 * side), side)
    except PhotoError as error:
        return error


def _forget(folder):
    """Remove caches that were not used for long, and unfinished ones of killed programs."""
    remove_leftovers(folder, seconds=LEFTOVER, others=("colorlib-batches-*.part",))
    for old in folder.glob("colorlib-batches-*"):
        if time.time() - old.stat().st_mtime > FORGOTTEN:
            (old / WHOLE).unlink(missing_ok=True)  # first: what is left half removed is no cache
            shutil.rmtree(old, ignore_errors=True)


def square_of(photo, side):
    """The middle square of a photo at another size, `(side, side, 3) uint8`."""
    height, width = photo.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    image = Image.fromarray(photo[top : top + short, left : left + short])
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))
