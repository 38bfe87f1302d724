"""Files <-> photos: the one room that opens or writes image files.

A photo is `(H, W, 3) uint8` sRGB.
"""

import io
import os
import secrets
import threading
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".jp2", ".ppm", ".pgm")
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
KINDS = "JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or JPEG 2000"
INVENTED = "Colored by colorlib: the colors are invented by a neural network, they are not known."
PHOTOMETRIC, SAMPLES_PER_PIXEL = 262, 277  # tags of TIFF
YCBCR = {PHOTOMETRIC: 6, SAMPLES_PER_PIXEL: 3}
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


class _Quiet:
    """No warnings while any thread is inside: filters are the whole process's, so the last one out sets them back."""

    def __init__(self):
        self.lock, self.inside = threading.Lock(), 0

    def __enter__(self):
        with self.lock:
            if not self.inside:
                self.filters = warnings.catch_warnings()
                self.filters.__enter__()
                warnings.simplefilter("ignore")
            self.inside += 1

    def __exit__(self, *error):
        with self.lock:
            self.inside -= 1
            if not self.inside:
                self.filters.__exit__(*error)


_pillow_limit, _quiet = threading.Lock(), _Quiet()


class PhotoError(ValueError):
    """A photo that cannot be read or written; the message is one sentence for its owner."""


def load_photo(source, max_megapixels=MAX_MEGAPIXELS):
    """The photo in a file, `(H, W, 3) uint8` sRGB, upright, as its owner sees it.

    `source` is a path, the file's bytes, an open binary file, or a PIL image. EXIF rotation is
    applied, transparency is laid on white, of an animation the first frame is taken. Raises
    PhotoError for a missing, empty, damaged or foreign file, and for one of more than
    `max_megapixels`.
    """
    name = _name(source)
    if isinstance(source, Image.Image):
        return _decoded(source, name, max_megapixels)
    with _opened(_bytes(source, name), name) as image:
        return _decoded(image, name, max_megapixels)


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
        raise PhotoError(f"{path} could not be written: {error.strerror or error}.") from error
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


def write_whole(data, path):
    """Write bytes to a file that appears whole or not at all: under a temporary name, then moved."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # else a power failure may leave the name without the bytes
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


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
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"{name} could not be opened ({reason}).") from error
    except TypeError as error:
        kind = type(source).__name__
        raise PhotoError(f"A {kind} was given; wanted a path, bytes, an open file or a PIL image.") from error
    if not isinstance(data, bytes):
        raise PhotoError(f"{name} was opened as text; open it with mode 'rb'.")
    if not data:
        raise PhotoError(f"{name} is empty (0 bytes).")
    return data


def _opened(data, name):
    """The PIL image of a file's bytes, its size not yet judged: our limit stands in for Pillow's."""
    with _pillow_limit, _quiet:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            Image.init()
            return Image.open(io.BytesIO(data), formats=[kind for kind in FORMATS if kind in Image.OPEN])
        except Exception as error:  # Pillow raises all kinds on hostile headers
            raise PhotoError(f"{name} is not a photo that can be read; wanted {KINDS}.") from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _decoded(image, name, max_megapixels):
    width, height = image.size
    if width * height > max_megapixels * 1e6:
        raise PhotoError(
            f"{name} claims {width} x {height} pixels, {width * height / 1e6:.0f} megapixels; the limit is "
            f"{max_megapixels:g} (max_megapixels)."
        )
    if width * height == 0:
        raise PhotoError(f"{name} has no pixels ({width} x {height}).")
    try:
        with _quiet:
            misread, negative = _mend_ycbcr(image), _is_negative(image)
            image.load()
            image = Image.merge("YCbCr", image.split()) if misread else _in_srgb(image)
            photo = _eight_bits(_upright(image))
            return np.ascontiguousarray(255 - photo if negative else photo)
    except Exception as error:  # as above: a broken stream raises whatever its decoder met
        raise PhotoError(f"{name} is cut off or damaged and could not be read ({error}).") from error


def _mend_ycbcr(image):
    """Whether the RGB of an image is really YCbCr: Pillow 11 takes a TIFF's uncompressed one for four samples a pixel.

    It is then read as the three samples it has.
    """
    if image.format != "TIFF" or [image.tag_v2.get(tag) for tag in YCBCR] != [*YCBCR.values()]:
        return False
    misread = (
        image.mode == "RGB"
        and image.tile
        and all(codec == "raw" and "RGBX" in args for codec, _, _, args in image.tile)
    )
    if misread:
        image.tile = [tile._replace(args=("RGB", *tile.args[1:])) for tile in image.tile]
    return misread


def _is_negative(image):
    """Whether a TIFF's white is 0 and Pillow leaves it so, as it does where a pixel has more than 8 bits."""
    return image.format == "TIFF" and image.mode[0] in "IF" and image.tag_v2.get(PHOTOMETRIC) == 0


def _in_srgb(image):
    """The image in sRGB where its profile says that its numbers mean other colors; as it is where that fails."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        return image
    try:
        own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        if "sRGB" in ImageCms.getProfileDescription(own):
            return image
        mode, intent = ("RGBA" if image.mode == "RGBA" else "RGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        return ImageCms.profileToProfile(image, own, srgb, intent, mode, flags=flags)
    except Exception:  # a damaged profile, or one of another kind of image, says nothing about the pixels
        return image


def _upright(image):
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF says nothing about the pixels
        return image


def _eight_bits(image):
    """The image's pixels as `(H, W, 3) uint8`, whatever its mode."""
    if image.mode[0] in "IF":  # I;16, I;16B, I, F: Pillow's own convert saturates these
        gray = _gray_eight_bits(np.asarray(image))
        return np.repeat(gray[..., None], 3, axis=2)
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.asarray(image.convert("RGB"))


def _gray_eight_bits(gray):
    """16-bit, 32-bit or float gray `(H, W)` as uint8, its white guessed from its brightest value."""
    if gray.dtype == np.uint16:
        return np.round(gray / 257).astype(np.uint8)
    gray = np.nan_to_num(gray.astype(np.float64), posinf=0, neginf=0)
    low, high = min(gray.min(), 0), gray.max()
    white = next((white for white in (1, 255, 65535) if high <= white), high)
    return np.round(255 * (gray - low) / (white - low)).astype(np.uint8)
