"""Files <-> photos: the one room that reads or writes image files.

A photo is `(H, W, 3) uint8` sRGB.
"""

import io
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from colorlib.decoding import PhotoError, decoded, decoded_file
from colorlib.files import reason, write_whole
from colorlib.formats import ENDINGS

INVENTED = "Colored by colorlib: the colors are invented by a neural network, they are not known."
MAX_MEGAPIXELS = 150  # a 70-megapixel scan is legitimate; a bomb claims thousands

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


def load_photo(source, max_megapixels=MAX_MEGAPIXELS):
    """The photo in a file, `(H, W, 3) uint8` sRGB, upright, as its owner sees it.

    `source` is a path, the file's bytes, an open binary file, or a PIL image. EXIF rotation is
    applied, transparency is laid on white, of an animation the first frame is taken. Raises
    PhotoError for a missing, empty, damaged or foreign file, and `TooLarge`, which is one too, for one of
    more than `max_megapixels`.
    """
    name = _name(source)
    if isinstance(source, Image.Image):
        return decoded(source, name, max_megapixels)
    return decoded_file(_bytes(source, name), name, max_megapixels)[0]


def save_photo(photo, path, quality=95, note=None):
    """Write a photo, `(H, W, 3)` or `(H, W) uint8`, as JPEG or PNG by the ending of `path`; the Path.

    The file appears whole or not at all: it is written under a temporary name, then moved. Missing
    folders are made. `quality` is JPEG's; `note` becomes the description in the file's metadata.
    Raises PhotoError for another ending or an unwritable place, ValueError for another kind of array.
    """
    path, photo = Path(path), np.asarray(photo)
    if photo.dtype != np.uint8 or photo.size == 0 or not (photo.ndim == 2 or photo.shape[2:] == (3,)):
        raise ValueError(f"photo is {photo.dtype} of shape {photo.shape}; wanted (H, W, 3) uint8.")
    if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        raise PhotoError(f"{path.name} does not end in .jpg, .jpeg or .png, which photos are saved as.")
    data = encoded(photo, path.suffix, quality, note)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(data, path)
    except OSError as error:
        raise PhotoError(f"{path} could not be written: {reason(error)}.") from error
    return path


def encoded(photo, ending=".jpg", quality=95, note=None):
    """The bytes of the file that `save_photo` writes, a PNG for the ending `.png`, else a JPEG."""
    file = io.BytesIO()
    png = ending.lower() == ".png"
    options = {"compress_level": 1} if png else {"quality": quality}  # PNG's usual 6 takes 4 times as long
    if note:
        options["exif"] = Image.Exif()
        options["exif"][ExifTags.Base.ImageDescription] = note
    Image.fromarray(photo).save(file, format="PNG" if png else "JPEG", **options)
    return file.getvalue()


def find_photos(folder):
    """The image files in a folder and its subfolders, as a sorted list of paths.

    Known by their ending, in any case; hidden files and folders are left out. Raises PhotoError
    when there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PhotoError(f"{folder} is not a folder." if folder.exists() else f"There is no folder {folder}.")
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names = (name for name in files if name.lower().endswith(ENDINGS) and not name.startswith("."))
        found.extend(Path(place, name) for name in names)
    return sorted(found)


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
        return Path(source).name or str(source)
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else "The photo"


def _bytes(source, name):
    """The file's bytes: decoded from memory, a photo cannot change or vanish under the decoder."""
    try:
        if isinstance(source, (str, os.PathLike)):
            data = Path(source).read_bytes()
        elif hasattr(source, "read"):
            data = source.read()
        else:
            data = bytes(memoryview(source))
    except FileNotFoundError as error:
        raise PhotoError(f"There is no file {source}.") from error
    except IsADirectoryError as error:
        raise PhotoError(f"{source} is a folder; wanted one photo (find_photos lists a folder's).") from error
    except (OSError, ValueError) as error:
        raise PhotoError(f"{name} could not be opened ({reason(error)}).") from error
    except TypeError as error:
        kind = type(source).__name__
        raise PhotoError(f"A {kind} was given; wanted a path, bytes, an open file or a PIL image.") from error
    if not isinstance(data, bytes):
        raise PhotoError(f"{name} was opened as text; open it with mode 'rb'.")
    if not data:
        raise PhotoError(f"{name} is empty (0 bytes).")
    return data
