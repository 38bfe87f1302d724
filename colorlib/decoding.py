"""The bytes of an image file -> the pixels that its owner sees, whatever Pillow and the file's maker made of them."""

import io
import threading
import warnings

import numpy as np
from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
KINDS = "JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or JPEG 2000"
PHOTOMETRIC, SAMPLES_PER_PIXEL = 262, 277  # tags of TIFF
YCBCR = {PHOTOMETRIC: 6, SAMPLES_PER_PIXEL: 3}


class PhotoError(ValueError):
    """A photo that cannot be read or written; the message is one sentence for its owner."""


class TooLarge(PhotoError):
    """A photo of more megapixels than are allowed.

    Attributes:
        megapixels: How many it has.
    """

    def __init__(self, message, megapixels):
        super().__init__(message)
        self.megapixels = megapixels


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


def opened(data, name):
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


def decoded(image, name, max_megapixels):
    """A PIL image's pixels, `(H, W, 3) uint8` sRGB, upright; PhotoError where it is too large or cut off."""
    width, height = image.size
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise TooLarge(
            f"{name} claims {width} x {height} pixels, {megapixels:.0f} megapixels; the limit is "
            f"{max_megapixels:g} (max_megapixels).",
            megapixels,
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
