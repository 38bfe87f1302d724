"""Files <-> photos: the one room that reads or writes image files.

A photo is `(H, W, 3) uint8` sRGB.
"""

import hashlib
import io
import os
import stat
import warnings
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlib import bounds, formats, metadata, seals
from colorlib.bounds import MAX_MEGAPIXELS
from colorlib.decoding import PhotoError, decoded, decoded_file, opened
from colorlib.files import printable, reason, write_whole
from colorlib.finding import find_photos
from colorlib.formats import ENDINGS
from colorlib.metadata import INVENTED, Metadata
from colorlib.reading import PageOf, bytes_of, expanded, name_of

__all__ = ["ENDINGS", "INVENTED", "MAX_MEGAPIXELS", "PhotoError", "find_photos", "load_photo", "save_photo"]

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
        name: What its owner calls it.
    """

    photo: np.ndarray
    metadata: Metadata = field(default_factory=Metadata)
    notes: list = field(default_factory=list)
    source: dict = field(default_factory=dict)
    name: str = "The photo"


Photo = NDArray[np.uint8]
File = str | os.PathLike | bytes | BinaryIO | Image.Image  # what a photo can be read from
Source = Photo | File


def load_photo(source: File, max_megapixels: float = MAX_MEGAPIXELS, least: int | None = None) -> Photo:
    """The photo in a file, `(H, W, 3) uint8` sRGB, upright, as its owner sees it.

    Rotation and color profiles are applied, transparency is laid on white. Of several pages the largest is taken, of
    equals and of an animation the first; a warning says so.

    Args:
        source: A path, the file's bytes, an open binary file, or a PIL image.
        max_megapixels: More are refused.
        least: The shorter side, in pixels, of a smaller copy that is enough: some files are read several times as fast
            at a half, a quarter or an eighth of their size, and are given so, with this side or more. None: full size.

    Raises:
        PhotoError: The file is missing, empty, damaged, no photo, or claims more than it can hold; or there is not
            enough memory. `decoding.TooLarge`, which is one too: it has more than `max_megapixels`.

    >>> load_photo(sample_path("china")).shape
    (427, 640, 3)
    """
    if isinstance(source, Image.Image):
        return decoded(source, name_of(source), max_megapixels)
    name = name_of(source)
    photo, notes = decoded_file(bytes_of(source, name), name, max_megapixels, least=least)
    for note in notes:
        warnings.warn(f"{name} {note}.", stacklevel=2)
    return photo


def read_picture(source, max_megapixels=MAX_MEGAPIXELS):
    """The `Picture` in a file: what `load_photo` gives, and what the file says about it. Raises the same."""
    name = name_of(source)
    data = bytes_of(source, name)
    page = source.number if isinstance(source, PageOf) else None
    photo, notes = decoded_file(data, name, max_megapixels, page)
    notes = [f"{name} {note}." for note in notes]
    return Picture(photo, metadata.read(data, page), notes, source_of(data), name)


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


def is_one(photos):
    """Whether `photos` is one photo, or what one can be read from; False for several."""
    if isinstance(photos, np.ndarray):
        return photos.ndim < 4
    return isinstance(photos, (str, os.PathLike, bytes, Image.Image)) or hasattr(photos, "read")


def opened_photo(photo):
    """The array of one photo, checked, or of whatever `load_photo` reads."""
    return check_photo(photo, gray=True) if isinstance(photo, np.ndarray) else load_photo(photo)


def source_of_file(path):
    """`source_of` for a file."""
    return source_of(bytes_of(path, name_of(path)))


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
            return size + image.size[0] * image.size[1] * bounds.PER_PIXEL
    except (OSError, ValueError):  # a TIFF's header may stand at its end
        return min(size * 10, bounds.DECODING)


def save_photo(
    photo: Photo,
    path: str | os.PathLike,
    quality: int = 95,
    note: str | None = None,
    about: Metadata | None = None,
    made: dict | None = None,
) -> Path:
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
        PhotoError: `path` has another ending, or cannot be written.
        ValueError: The array is no photo.

    >>> save_photo(np.full((2, 3), 128, np.uint8), "gray.png").name
    'gray.png'
    """
    target, photo = expanded(path), check_photo(photo, gray=True)
    photo = photo[..., 0] if photo.shape[2:] == (1,) else photo
    check_writable(target)
    data = encoded(photo, target.suffix, quality, note, about, made)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(data, target)
    except OSError as error:
        raise PhotoError(f"{printable(target)} could not be written: {reason(error)}.") from error
    return target


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
    return seals.sealed(file.getvalue()) if made else file.getvalue()


def tool():
    """The program's name and version, as metadata name it."""
    try:
        return f"colorlib {version('colorlib')}"
    except PackageNotFoundError:
        return "colorlib"


def sample_photos() -> dict[str, Photo]:
    """Photos that come with scikit-image and scikit-learn: name -> `(H, W, 3) uint8`; no download.

    All are in color but `camera`, which is truly black and white.

    >>> sample_photos()["astronaut"].shape
    (512, 512, 3)
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
