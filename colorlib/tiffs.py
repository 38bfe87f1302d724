"""TIFF: which of a file's pictures is the photo, and pixels of every depth and layout.

A TIFF may hold a small preview before the photo, several pages, or a camera's raw data. Pillow reads 8-bit pages;
deeper ones are read with tifffile, so that 12 bits are 12 bits and planes are planes.
"""

import io
import logging
import struct
from dataclasses import dataclass

import numpy as np

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # else it tells a terminal of every odd tag
MOST_PAGES = 2000
TINY = 25  # times that the largest page has more pixels than a preview that is not marked as one
RAW = (32803, 34892)  # photometric interpretations of a camera's sensor
PHOTOMETRIC = {0: "gray", 1: "gray", 2: "RGB", 3: "palette", 5: "CMYK", 6: "YCbCr", 8: "Lab", 9: "Lab", 10: "Lab"}
PHOTOMETRIC |= {32844: "LogL", 32845: "LogLuv"}
COLORS, LAB = (0, 1, 2, 5), (8, 9)  # photometric interpretations whose numbers are read here; Lab of 16 bits
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
NONE, DEFLATE, PACKBITS = (1,), (8, 32946), (32773,)
LAST_BIT_FIRST = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)[:, ::-1], axis=1)[:, 0]
TURNED = {  # Exif's orientation -> rows and columns as they are seen
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: p.swapaxes(0, 1)[:, ::-1],
    7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
    8: lambda p: p.swapaxes(0, 1)[::-1],
}


class NotReadable(ValueError):
    """A page that no reader here can read; the message is a noun: "a 16-bit gray TIFF with alpha, JPEG"."""


@dataclass
class Page:
    """One picture of a TIFF: tifffile's page, its number in the file from 1, and whether it is only a preview."""

    page: object
    number: int
    preview: bool

    @property
    def size(self):
        return self.page.imagewidth, self.page.imagelength

    @property
    def bits(self):
        bits = self.page.bitspersample
        return max(bits) if isinstance(bits, tuple) else bits

    @property
    def plain(self):
        """Whether Pillow reads it right: up to 8 bits, unsigned, its samples side by side."""
        return self.bits <= 8 and int(self.page.sampleformat or 1) == UNSIGNED

    def words(self):
        """What it is, in words: "a 16-bit gray TIFF with alpha"."""
        kind = {SIGNED: "signed ", FLOAT: "float "}.get(int(self.page.sampleformat or 1), "")
        color = PHOTOMETRIC.get(int(self.page.photometric), f"photometric {int(self.page.photometric)}")
        alpha = " with alpha" if self.page.extrasamples else ""
        compression = getattr(self.page.compression, "name", self.page.compression)
        packed = "" if self.page.compression in NONE else f", compressed by {compression}"
        return f"{'an' if self.bits == 8 else 'a'} {self.bits}-bit {kind}{color} TIFF{alpha}{packed}"


def pages(data):
    """The `Page`s of a TIFF, previews and sub-images among them; [] where its directories are damaged.

    Args:
        data: The file's bytes, or the open file.
    """
    import tifffile

    found = []
    try:
        with tifffile.TiffFile(io.BytesIO(data) if isinstance(data, bytes) else data) as file:
            for number, page in enumerate(file.pages, 1):
                page = page.aspage()
                found.append(Page(page, number, bool(int(page.subfiletype) & 1)))
                for sub in _sub_images(page):
                    found.append(Page(sub, number, bool(int(sub.subfiletype) & 1)))
                if len(found) > MOST_PAGES:
                    break
    except Exception:  # tifffile raises all kinds on hostile directories: what came before counts
        pass
    return [page for page in found if page.size[0] > 0 and page.size[1] > 0]


def _sub_images(page):
    try:
        return [sub.aspage() for _, sub in zip(range(8), page.pages or ())]
    except Exception:
        return []


def photo_of(found, number=None):
    """(the Page that is the photo, how many there are): the largest that is no preview, the first of equals.

    Args:
        found: The `Page`s of a file.
        number: That of the page which is wanted, from 1; None: whichever is the largest.

    Raises:
        LookupError: There is no page of that number.
    """
    full = _full(found)
    wanted = [page for page in full if number in (None, page.number)]
    if not wanted:
        raise LookupError(number)
    return max(wanted, key=_area), len({page.number for page in full if not page.preview})


def photo_numbers(found):
    """The numbers of the pages that are photos of their own, neither previews nor smaller copies of the largest."""
    full = _full(found)
    largest = max(full, key=_area)
    return sorted({page.number for page in full if page is largest or not _is_copy(page, largest)})


def _full(found):
    return [page for page in found if not page.preview and not int(page.page.subfiletype) & 4] or found  # 4: a mask


def _area(page):
    return page.size[0] * page.size[1]


def _is_copy(page, largest):
    """Whether a page looks like the largest one made small: of its shape, and half its size or less, or tiny."""
    (w, h), (W, H) = page.size, largest.size
    is_alike = abs(w * H - h * W) <= max(w, h, 0.02 * w * H)
    return is_alike and 2 * w <= W + 1 or TINY * w * h < W * H


def is_raw(page):
    return int(page.page.photometric) in RAW


def with_first(data, page):
    """The same bytes with that page as the first: Pillow reads no other where one is a sub-image."""
    order = ">" if data[:2] == b"MM" else "<"
    if data[2:4] in (b"+\0", b"\0+"):
        return data[:8] + struct.pack(f"{order}Q", page.page.offset) + data[16:]
    return data[:4] + struct.pack(f"{order}I", page.page.offset) + data[8:]


def numbers(data, page):
    """The numbers of a page `(H, W, C)`, as they are in the file, upright, white not yet considered.

    Raises NotReadable for a compression or layout that only Pillow may read, ValueError for a damaged page.
    """
    tiff = page.page
    if not page.plain and int(tiff.photometric) not in ((*COLORS, *LAB) if page.bits == 16 else COLORS):
        raise NotReadable(page.words())
    segments = sum(tiff.databytecounts)
    if not tiff.dataoffsets or max(map(sum, zip(tiff.dataoffsets, tiff.databytecounts))) > len(data) or not segments:
        raise ValueError("its pixels end before they should")
    if page.bits not in (8, 16, 32, 64):
        array = _unpacked(data, page)
    else:
        try:
            import tifffile

            with tifffile.TiffFile(io.BytesIO(with_first(data, page))) as file:
                first = file.pages.first
                array = first.asarray(maxworkers=1)
                planes = first.planarconfig == 2 and array.ndim == 3
                array = np.moveaxis(array, 0, -1) if planes else array
        except (NotImplementedError, ImportError, KeyError) as error:
            raise NotReadable(page.words()) from error
        except ValueError as error:
            if "imagecodecs" in str(error):
                raise NotReadable(page.words()) from error
            raise
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[:2] != (page.size[1], page.size[0]):
        raise NotReadable(page.words())
    return TURNED.get(_orientation(tiff), lambda p: p)(array)


def _orientation(tiff):
    tag = tiff.tags.get(274)
    return tag.value if tag and isinstance(tag.value, int) else 1


def _unpacked(data, page):
    """Numbers of 9 to 31 bits that lie packed, row by row, each row beginning with a byte of its own."""
    tiff, bits = page.page, page.bits
    width, height = page.size
    if tiff.is_tiled or tiff.compression not in (*NONE, *DEFLATE, *PACKBITS) or bits > 31 or tiff.predictor != 1:
        raise NotReadable(page.words())
    planes = tiff.samplesperpixel if tiff.planarconfig == 2 else 1
    samples = tiff.samplesperpixel // planes
    packed = b"".join(_segment(data, *place, tiff.compression) for place in zip(tiff.dataoffsets, tiff.databytecounts))
    row = (width * samples * bits + 7) // 8
    if len(packed) < row * height * planes:
        raise ValueError("its pixels end before they should")
    rows = np.frombuffer(packed, np.uint8, row * height * planes).reshape(planes * height, row)
    if tiff.fillorder == 2:
        rows = LAST_BIT_FIRST[rows]
    array = np.empty((planes * height, width * samples), np.uint32 if bits > 16 else np.uint16)
    powers = (1 << np.arange(bits - 1, -1, -1)).astype(array.dtype)
    step = max(1, (1 << 18) // row)
    for top in range(0, len(rows), step):
        ones = np.unpackbits(rows[top : top + step], axis=1)[:, : width * samples * bits]
        array[top : top + step] = (ones.reshape(len(ones), -1, bits) * powers).sum(axis=2, dtype=array.dtype)
    return np.moveaxis(array.reshape(planes, height, width, samples), 0, 2).reshape(height, width, -1)


def _segment(data, offset, count, compression):
    import tifffile

    segment = data[offset : offset + count]
    return segment if compression in NONE else tifffile.TIFF.DECOMPRESSORS[compression](segment)


def sixteen_bits(array, page):
    """Numbers `(H, W, C)` of any kind as uint16 with white at 65535, by the true number of bits.

    The brightest value says where white is only for floats and whole numbers of 32 bits, whose files do not.
    """
    most = page.page.tags.get(281)  # MaxSampleValue: a scanner's 12 bits kept in 16
    if array.dtype.kind == "u" and page.bits < 32:
        white = (1 << page.bits) - 1
        stated = np.max(most.value) if most else white
        if 255 < stated < white and array.max() <= stated:
            white = int(stated)
        return array if white == 65535 and array.dtype == np.uint16 else _scaled(array, 0, white)
    if array.dtype.kind == "i" and page.bits <= 16:
        half = 1 << (page.bits - 1)
        return _scaled(array, -half if array.min() < 0 else 0, half - 1)
    return scaled_by_range(array)


def scaled_by_range(array):
    """Floats, or whole numbers of 32 bits, as uint16: white is 1, 255, 65535, or the brightest value."""
    low, high = _range(array)
    low = min(low, 0)
    if array.dtype in (np.uint32, np.int32) and high >= 1 << 24:
        high = int(np.iinfo(array.dtype).max)
    white = next((white for white in (1, 255, 65535) if high <= white), high)
    return _scaled(array, low, white)


def _strips(array):
    rows = max(1, (1 << 20) // max(1, array[0].size))
    return (slice(top, top + rows) for top in range(0, len(array), rows))


def _range(array):
    low, high = np.inf, -np.inf
    for strip in _strips(array):
        some = array[strip]
        if array.dtype.kind == "f":
            some = some[np.isfinite(some)]
        if some.size:
            low, high = min(low, float(some.min())), max(high, float(some.max()))
    return (low, high) if high >= low else (0.0, 1.0)


def _scaled(array, low, white):
    result = np.empty(array.shape, np.uint16)
    for strip in _strips(array):
        some = array[strip].astype(np.float64)
        if array.dtype.kind == "f":
            np.nan_to_num(some, copy=False, nan=0, posinf=0, neginf=0)
        result[strip] = np.round(65535 * np.clip((some - low) / (white - low), 0, 1))
    return result
