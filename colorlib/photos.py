"""Files <-> photos: the one room that reads or writes image files.

A photo is `(H, W, 3) uint8` sRGB.
"""

import hashlib
import io
import os
import re
import stat
import warnings
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib import bounds, formats, metadata
from colorlib.bounds import MAX_MEGAPIXELS
from colorlib.decoding import PhotoError, decoded, decoded_file, opened
from colorlib.files import printable, reason, write_whole
from colorlib.finding import find_photos
from colorlib.formats import ENDINGS
from colorlib.metadata import INVENTED, Metadata

__all__ = ["ENDINGS", "INVENTED", "MAX_MEGAPIXELS", "PhotoError", "find_photos", "load_photo", "save_photo"]
ADDRESS = re.compile(r"(https?|ftp|s3|gs|data|file):", re.IGNORECASE)

SAMPLES = {  # name -> the file scikit-image or scikit-learn ships, in the order galleries show them
    "astronaut": "astronaut.png",
    "camera": "camera.png",  # truly black and white
    "china": "china.jpg",
    "flower": "flower.jpg",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
    "motorcycle": "motorcycle_left.png",
    "hubble": "hubble_deep_field.jpg",
}


@dataclass(eq=False)
class Picture:
    """A photo and what its file says about it.

    Attributes:
        photo: `(H, W, 3) uint8` sRGB, upright.
        metadata: The file's `metadata.Metadata`.
        notes: Sentences to tell its owner, such as which page was taken.
        source: What the photo is known by: {"bytes": how many the file has, "sha256": its digest}.
    """

    photo: np.ndarray
    metadata: Metadata = field(default_factory=Metadata)
    notes: list = field(default_factory=list)
    source: dict = field(default_factory=dict)


def load_photo(source, max_megapixels=MAX_MEGAPIXELS):
    """The photo in a file, `(H, W, 3) uint8` sRGB, upright, as its owner sees it.

    Rotation and color profiles are applied, transparency is laid on white. Of several pages the largest is taken, of
    equals and of an animation the first; a warning says so.

    Args:
        source: A path, the file's bytes, an open binary file, or a PIL image.
        max_megapixels: More are refused.

    Raises:
        PhotoError: The file is missing, empty, damaged, no photo, or claims more than it can hold; or there is not
            enough memory. `decoding.TooLarge`, which is one too: it has more than `max_megapixels`.
    """
    if isinstance(source, Image.Image):
        return decoded(source, _name(source), max_megapixels)
    name = _name(source)
    photo, notes = decoded_file(_bytes(source, name), name, max_megapixels)
    for note in notes:
        warnings.warn(f"{name} {note}.", stacklevel=2)
    return photo


def read_picture(source, max_megapixels=MAX_MEGAPIXELS):
    """The `Picture` in a file: what `load_photo` gives, and what the file says about it. Raises the same."""
    name = _name(source)
    data = _bytes(source, name)
    photo, notes = decoded_file(data, name, max_megapixels)
    return Picture(photo, metadata.read(data), [f"{name} {note}." for note in notes], source_of(data))


def source_of(data):
    """What a file's bytes are known by: {"bytes": how many, "sha256": the first 16 digits of their digest}."""
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()[:16]}


def check_photo(photo, name="photo", gray=False):
    """The photo as an array; ValueError unless it is `(H, W, 3) uint8`, or, with `gray`, `(H, W)` or `(H, W, 1) uint8`.

    Args:
        photo: What is to be checked.
        name: What the error calls it.
        gray: Whether gray photos are taken too.
    """
    array = np.asarray(photo)
    is_gray = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 1)
    is_color = array.ndim == 3 and array.shape[2] == 3
    if array.dtype != np.uint8 or array.size == 0 or not (is_color or (gray and is_gray)):
        wanted = "(H, W, 3) or (H, W) uint8" if gray else "(H, W, 3) uint8"
        raise ValueError(f"{name} is {array.dtype} of shape {array.shape}; wanted {wanted}.")
    return array


def source_of_file(path):
    """`source_of` for a file."""
    return source_of(_bytes(path, _name(path)))


def memory_for(path):
    """About how many bytes of memory coloring the photo in a file takes; 0 where it cannot be read anyway."""
    size = 0
    try:
        path = expanded(path)
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return 0
        size = status.st_size
        with open(path, "rb") as file, opened(file.read(bounds.HEAD), "") as image:
            return image.size[0] * image.size[1] * bounds.PER_PIXEL
    except (OSError, ValueError):  # a TIFF's header may stand at its end
        return min(size * 10, bounds.DECODING)


def save_photo(photo, path, quality=95, note=None, about=None, made=None):
    """Write a photo as JPEG, PNG or TIFF by the ending of `path`; the Path.

    The file is complete or absent: it is written under a temporary name, then moved. Missing folders are made.

    Args:
        photo: `(H, W, 3)` or `(H, W) uint8` sRGB.
        path: Where to; `.jpg`, `.jpeg`, `.jpe`, `.jfif`, `.png`, `.tif` or `.tiff`.
        quality: JPEG's, 1..100.
        note: A sentence beside the caption that says how the colors came about.
        about: The `metadata.Metadata` of the file it was made from, which is kept.
        made: A dict of what the photo was made with, which `metadata.made_of(path)` reads again.

    Raises:
        PhotoError: Another ending, or the place cannot be written.
        ValueError: Another kind of array.
    """
    path, photo = expanded(path), check_photo(photo, gray=True)
    photo = photo[..., 0] if photo.shape[2:] == (1,) else photo
    check_writable(path)
    data = encoded(photo, path.suffix, quality, note, about, made)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(data, path)
    except OSError as error:
        raise PhotoError(f"{printable(path)} could not be written: {reason(error)}.") from error
    return path


def check_writable(path):
    """Raise PhotoError for a path whose ending photos are not saved as."""
    if Path(path).suffix.lower() not in formats.WRITTEN:
        name = printable(Path(path).name)
        raise PhotoError(f"{name} does not end in .jpg, .jpeg, .png or .tif, which photos are saved as.")


def encoded(photo, ending=".jpg", quality=95, note=None, about=None, made=None):
    """The bytes of the file that `save_photo` writes: PNG for `.png`, TIFF for `.tif` and `.tiff`, else JPEG."""
    file, ending = io.BytesIO(), ending.lower()
    kind = {".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF"}.get(ending, "JPEG")
    options = {"PNG": {"compress_level": 1}, "JPEG": {"quality": quality}}.get(kind, {})  # PNG's usual 6: 4 times
    if note or about or made:
        options |= metadata.options(about, (photo.shape[1], photo.shape[0]), ending, note, made, tool())
    Image.fromarray(photo).save(file, format=kind, **options)
    return file.getvalue()


def tool():
    """The program's name and version, as metadata name it."""
    try:
        return f"colorlib {version('colorlib')}"
    except PackageNotFoundError:
        return "colorlib"


def expanded(path):
    """A Path, `~` expanded. Raises PhotoError for a web address, which would lose a slash."""
    if isinstance(path, str) and ADDRESS.match(path) and not Path(path).exists():
        raise PhotoError(f"{printable(path)} is a web address; photos are not fetched: download it, and name the file.")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise PhotoError(f"{printable(path)} names a home folder that there is not.") from error


def sample_photos():
    """Photos that come with scikit-image and scikit-learn: name -> `(H, W, 3) uint8`; no download.

    All are in color but `camera`, which is truly black and white.
    """
    return {name: sample_photo(name) for name in SAMPLES}


def sample_photo(name):
    """One of `sample_photos` by its name, `(H, W, 3) uint8`; ValueError for a name that is not in SAMPLES."""
    return load_photo(sample_path(name))


def sample_path(name):
    """The file of a sample photo; ValueError for a name that is not in SAMPLES."""
    if name not in SAMPLES:
        raise ValueError(f"There is no sample photo {name!r}; there are {', '.join(SAMPLES)}.")
    homes = [Path(find_spec(package).origin).parent for package in ("skimage", "sklearn")]  # found, not imported: quick
    folders = homes[0] / "data", homes[1] / "datasets" / "images"
    return next(folder / SAMPLES[name] for folder in folders if (folder / SAMPLES[name]).exists())


def _name(source):
    if isinstance(source, (str, os.PathLike)):
        return printable(Path(source).name or str(source))
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    return printable(Path(name).name) if isinstance(name, str) and name else "The photo"


def _bytes(source, name):
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
            raise PhotoError(f"{name} is no file but a pipe or a device.")
        if found.st_size > bounds.MAX_BYTES:
            limit = f"the limit is {bounds.MAX_BYTES / 1e9:g}"
            raise PhotoError(f"{name} has {found.st_size / 1e9:.1f} GB; {limit}.")
        head = file.read(formats.LOOKS_AT)
        if head and not formats.is_read(kind := formats.kind_of(head, name)):
            raise PhotoError(formats.refusal(name, kind))
        return head + file.read(bounds.MAX_BYTES)
