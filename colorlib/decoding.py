"""The bytes of an image file -> the pixels that its owner sees, whatever Pillow and the file's maker made of them."""

import contextlib
import io
import threading
import warnings

import numpy as np
from PIL import Image

from colorlib import bounds, containers, formats, photoshop, pixels, tiffs


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


MOST_VIEWS = 20  # of a JPEG that are looked at
_pillow_limit, quiet = threading.Lock(), _Quiet()


def opened(data, name):
    """The PIL image of a file's bytes, its size not yet judged: our limit stands in for Pillow's.

    Metadata is taken out first where it could decide whether the pixels can be read, and put into the image's `info`.
    """
    kind = formats.kind_of(data[: formats.LOOKS_AT], name)
    if not formats.is_read(kind):
        raise PhotoError(formats.refusal(name, kind))
    if kind in formats.PLUGINS:
        formats.plug_in(kind)
    try:
        if kind == "PNG":
            return _with_info(_open(containers.png_without_metadata(data), kind), containers.png_metadata(data))
        if kind != "JPEG":
            return _open(data, kind)
        with contextlib.suppress(Exception):
            return _open(data, kind)
        return _open(containers.jpeg_without_metadata(data), kind)
    except MemoryError:
        raise
    except Exception as error:  # Pillow raises all kinds on hostile headers
        raise PhotoError(formats.refusal(name, None)) from error


def _open(data, kind):
    with _pillow_limit, quiet:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            Image.init()
            return Image.open(io.BytesIO(data), formats=[kind])
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _with_info(image, metadata):
    text = metadata.pop("text")
    image.info |= metadata
    if profile := text.get("Raw profile type exif"):  # as ImageMagick writes Exif
        image.info["Raw profile type exif"] = profile
    return image


def decoded_file(data, name, max_megapixels, page=None, least=None):
    """The pixels of a file's bytes, `(H, W, 3) uint8` sRGB, upright, and what to say about them.

    Args:
        data: The bytes.
        name: What errors call the file.
        max_megapixels: More are refused.
        page: The number, from 1, of the page of a TIFF; None: the largest.
        least: The shorter side, in pixels, of a smaller copy that is enough: a JPEG is shrunk while it is decoded, to
            this side or more. None: the photo's own size.

    Returns:
        (photo, notes): notes are ends of sentences, such as "has 3 pages; page 1 was taken".

    Raises:
        PhotoError: The file is no photo, too large, cut off or damaged, or claims more than it can hold.
    """
    kind = formats.kind_of(data[: formats.LOOKS_AT])
    try:
        try:
            if kind == "TIFF" and (found := tiffs.pages(data)):
                return _decoded_tiff(data, found, name, max_megapixels, page)
            if kind == "PSD":
                return _decoded_photoshop(data, name, max_megapixels), []
        except (PhotoError, MemoryError):
            raise
        except Exception as error:  # the tags of a damaged file may hold anything
            raise _damaged(name, error) from error
        with opened(data, name) as image:
            _check(*image.size, name, max_megapixels, _kind(image), image.mode, data)
            notes = _notes(image, data)
            if least and image.format == "JPEG":
                image.draft(None, (least, least))
            return decoded(image, name, max_megapixels), notes
    except MemoryError as error:
        raise PhotoError(f"There is not enough memory to read {name}.") from error


def _decoded_tiff(data, found, name, max_megapixels, number=None):
    try:
        page, count = tiffs.photo_of(found, number)
    except LookupError:
        raise PhotoError(f"{name} has no page {number}.") from None
    if tiffs.is_raw(page):
        raise PhotoError(formats.refusal(name, "raw"))
    mode = {8: "RGB", 16: "I;16"}.get(page.bits, "F") if page.bits > 8 or page.page.samplesperpixel > 1 else "L"
    _check(*page.size, name, max_megapixels, "TIFF", mode, data, page.page.samplesperpixel * page.bits / 8)
    notes = _page_notes(found, page, count) if number else []
    if count > 1 and not number:
        notes = [f"has {count} pages; page {page.number} was taken"]
    reason = None
    if not page.plain:
        try:
            return pixels.of_page(data, page), notes
        except tiffs.NotReadable as error:
            reason = error
        except Exception as error:  # a broken stream raises whatever its decoder met
            raise _damaged(name, error) from error
    try:
        with opened(tiffs.with_first(data, page), name) as image:
            if page.page.planarconfig == 2 and not page.plain:
                raise PhotoError(f"{name} has planes that only other packages can read.")
            return decoded(image, name, max_megapixels), notes
    except PhotoError as error:
        with contextlib.suppress(Exception):
            if reason is None and page.bits <= 16:
                return pixels.of_page(data, page), notes
        if reason is None:
            raise
        way_out = "save it as a 16-bit gray or RGB TIFF without compression"
        way_out += ", or pip install imagecodecs" if page.page.compression not in tiffs.NONE else ""
        raise PhotoError(f"{name} is {reason}, which cannot be read: {way_out}.") from error


def _decoded_photoshop(data, name, max_megapixels):
    file = photoshop.Photoshop(data)
    if why := file.refusal():
        raise PhotoError(f"{name} {why}.")
    mode = "L" if file.channels < 3 else "RGB"
    _check(file.width, file.height, name, max_megapixels, "PSD", mode, data, file.channels * file.bits / 8)
    if file.bits == 16:
        return pixels.of_numbers(file.numbers(data), {"icc_profile": file.blocks.get(photoshop.PROFILE)})
    with opened(data, name) as image:
        if image.mode == "RGBA" and not file.has_transparency:
            image = image.convert("RGB")
        photo = decoded(image, name, max_megapixels)
        return 255 - photo if file.bits == 1 else photo  # a bit is black


def _page_notes(found, page, count):
    """What to say of the first page of a file whose pages are read one by one: which pages are not."""
    numbers = tiffs.photo_numbers(found)
    if page.number != numbers[0] or count == len(numbers):
        return []
    return [f"has {count} pages; {count - len(numbers)} of them are small copies and were left out"]


def _check(width, height, name, max_megapixels, kind, mode, data=b"", bytes_per_pixel=0):
    """Raise PhotoError for a size that is not believed, or needs more memory or time than there is."""
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise TooLarge(
            f"{name} claims {width} x {height} pixels, {megapixels:.0f} megapixels; the limit is "
            f"{max_megapixels:g} (max_megapixels).",
            megapixels,
        )
    if width * height == 0:
        raise PhotoError(f"{name} has no pixels ({width} x {height}).")
    if words := bounds.refusal(width, height, kind, len(data)):
        raise PhotoError(f"{name} {words}.")
    progressive = kind == "JPEG" and containers.jpeg_is_progressive(data)
    if progressive and bounds.too_many_scans(scans := containers.jpeg_scans(data), megapixels):
        raise PhotoError(f"{name} has {scans} scans of {megapixels:.0f} megapixels, which would take too long.")
    needed = max(bounds.memory(width, height, kind, mode, progressive), width * height * (bytes_per_pixel * 2 + 3))
    free = bounds.available() if needed > 3e8 else None
    if needed > bounds.DECODING:
        limit = f"the limit is {bounds.DECODING / 1e9:.1f}"
        raise PhotoError(f"{name} needs about {needed / 1e9:.1f} GB of memory to be read; {limit}.")
    if free is not None and needed > free:
        raise PhotoError(
            f"There is not enough memory to read {name}: it needs about {needed / 1e9:.1f} GB, {free / 1e9:.1f} are "
            "free."
        )


def _kind(image):
    return "JPEG" if image.format == "MPO" else image.format


def _notes(image, data):
    """What to say of a file that holds several pictures, of which Pillow takes the first, or the main one."""
    if image.format not in ("GIF", "WEBP", "PNG", "AVIF", "HEIF", "JXL", "TIFF", "MPO"):
        return []
    with contextlib.suppress(Exception), quiet:
        count = getattr(image, "n_frames", 1)
        if count > 1 and image.format == "MPO":
            return _other_views(data, count)
        if count > 1 and image.format == "HEIF":
            return [f"has {count} pictures; the main one was taken"]
        if count > 1:
            return [f"has {count} pictures, as an animation has; the first was taken"]
    return []


def _other_views(data, count):
    """What to say of a JPEG with further pictures behind it: nothing of previews and maps, which are smaller."""
    with _open(data, "JPEG") as image:
        first, views = image.size, 1
        for number in range(1, min(count, MOST_VIEWS)):
            image.seek(number)
            views += image.size >= first
    return [f"has {views} pictures, as stereo cameras take; the first was taken"] if views > 1 else []


def decoded(image, name, max_megapixels):
    """A PIL image's pixels, `(H, W, 3) uint8` sRGB, upright; PhotoError where it is too large or cut off."""
    _check(*image.size, name, max_megapixels, None, image.mode)
    try:
        with quiet:
            return np.ascontiguousarray(pixels.of_image(image))
    except MemoryError as error:
        raise PhotoError(f"There is not enough memory to read {name}.") from error
    except Exception as error:  # as above: a broken stream raises whatever its decoder met
        raise _damaged(name, error) from error


def _damaged(name, error):
    return PhotoError(f"{name} is cut off or damaged and could not be read ({error}).")
