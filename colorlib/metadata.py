"""What a file says about its photo, kept in the result: dates, places, captions, resolution; and the note beside it.

Read from JPEG, PNG, TIFF, WebP, AVIF, HEIC, GIF, JPEG 2000 and PSD; written to JPEG, PNG and TIFF. Metadata never
decides whether a photo is read or a result written: what is damaged is left out.
"""

import contextlib
import io
import struct
from dataclasses import dataclass, field
from functools import partial

from PIL import Image, PngImagePlugin

from colorlib import containers, seals, tiffs, xmp
from colorlib.decoding import opened, quiet
from colorlib.exif import CAPTION, DPI, IPTC, PHOTOSHOP, XMP, WrittenExif, as_bytes, exif_of, merged
from colorlib.photoshop import Photoshop

INVENTED = "Colored by colorlib: the colors are invented by a neural network, they are not known."
IPTC_BLOCKS = (0x0404, 0x0425, 0x040A, 0x040B)  # of Adobe's: IPTC and its digest, copyright and its address
JP2_XMP = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
JP2_EXIF = b"JpgTiffExif->JP2"
MOST_IN_A_SEGMENT = 65_500  # bytes, of a JPEG
HEAD = 1 << 19  # bytes of a file in which `made_of` looks
OWN_TEXT = ("XML:com.adobe.xmp", "Raw profile type exif", "Raw profile type APP1", "Raw profile type xmp")


@dataclass
class Metadata:
    """What a file says about its photo.

    Attributes:
        exif: Exif's main directory, tag -> value, without what describes the file's own pixels.
        details: Exif's second directory; places: its GPS directory.
        dpi: The resolution, (x, y) in dots per inch; None where it is not known.
        xmp: An XMP packet; "" for none.
        iptc: Adobe's resource blocks that hold IPTC, number -> bytes.
        text: Keyword -> text, as PNG has it; the keyword Comment is a JPEG's or GIF's comment.
    """

    exif: dict = field(default_factory=dict)
    details: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    dpi: tuple | None = None
    xmp: str = ""
    iptc: dict = field(default_factory=dict)
    text: dict = field(default_factory=dict)

    @property
    def has_caption(self):
        """Whether the owner has written a caption, in whatever place."""
        iptc = b"\x1c\x02\x78" in self.iptc.get(0x0404, b"")
        return bool(self.exif.get(CAPTION) or self.text.get("Description") or iptc or "<dc:description" in self.xmp)


def read(data, page=None):
    """The Metadata of an image file's bytes; empty where there is none, or it is damaged.

    Args:
        data: The bytes.
        page: The number, from 1, of the page of a TIFF; None: the largest.
    """
    found = Metadata()
    for reader in (partial(_read_tiff, number=page), _read_png, _read_jpeg2000, _read_photoshop, _read_others):
        with contextlib.suppress(Exception), quiet:  # it never decides whether a photo is read
            if reader(data, found):
                break
    return found


def _read_tiff(data, found, number=None):
    if data[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return False
    pages = tiffs.pages(data)
    photo, _ = tiffs.photo_of(pages, number)
    for page in dict.fromkeys([0, pages.index(photo)]):  # a photo behind its preview shares what the first says
        tag = pages[page].page.tags.get(IPTC)  # of numbers, as many programs write it, Pillow gives the first
        if tag and (iptc := as_bytes(tag.value)):
            found.iptc.setdefault(0x0404, iptc)
        _take_exif(exif_of(tiffs.with_first(data, pages[page])), found)
    return True


def _read_png(data, found):
    if data[:4] != b"\x89PNG":
        return False
    parts = containers.png_metadata(data)
    text = parts["text"]
    found.xmp = xmp.kept(parts.get("xmp", b""))
    for keyword, value in text.items():
        profile = _unhexed(value) if keyword.startswith("Raw profile type ") else None
        if keyword.endswith(" iptc") and profile:
            found.iptc |= _blocks(profile)
        elif keyword.endswith((" exif", " APP1")) and profile and "exif" not in parts:
            parts["exif"] = profile
        elif keyword.endswith(" xmp") and profile and not found.xmp:
            found.xmp = xmp.kept(profile)
        elif keyword not in OWN_TEXT:
            found.text[keyword] = value
    for kind, start, _ in containers.png_chunks(data):
        if kind == b"pHYs" and data[start + 8] == 1:
            found.dpi = tuple(n * 0.0254 for n in struct.unpack_from(">2I", data, start))
        if kind == b"IDAT":
            break
    if parts.get("exif"):
        _take_exif(exif_of(parts["exif"]), found)
    return True


def _unhexed(text):
    """The bytes of ImageMagick's way to put a profile into a text: name, length, and hexadecimal digits."""
    with contextlib.suppress(ValueError):
        return bytes.fromhex("".join(text.split()[2:]))


def _blocks(data):
    """IPTC's blocks of Adobe's resource blocks, or of bare IPTC."""
    start = data.find(b"8BIM")
    if data[:1] == b"\x1c":
        return {0x0404: data}
    blocks = containers.photoshop_blocks(data[start:]) if start >= 0 else {}
    return {number: block for number, block in blocks.items() if number in IPTC_BLOCKS}


def _read_jpeg2000(data, found):
    if data[4:8] != b"jP  ":
        return False
    place = 0
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"uuid" and data[place + 8 : place + 24] == JP2_XMP:
            found.xmp = xmp.kept(data[place + 24 : place + length])
        if kind == b"uuid" and data[place + 8 : place + 24] == JP2_EXIF:
            _take_exif(exif_of(data[place + 24 : place + length]), found)
        if length < 8:  # up to the end, or a length of 8 bytes: the pixels, behind which nothing is looked for
            break
        place += length
    with contextlib.suppress(Exception), Image.open(io.BytesIO(data)) as image:
        found.dpi = found.dpi or image.info.get("dpi")
    return True


def _read_photoshop(data, found):
    if data[:4] != b"8BPS":
        return False
    blocks = Photoshop(data).blocks
    found.xmp = xmp.kept(blocks.get(0x0424, b""))
    if exif := blocks.get(0x0422):
        _take_exif(exif_of(exif), found)
    _take_blocks(blocks, found)
    return True


def _read_others(data, found):
    with opened(data, "") as image:
        info, is_jpeg = image.info, image.format in ("JPEG", "MPO")
        found.xmp = xmp.kept(info.get("xmp", b""))
        if is_jpeg:
            found.xmp = xmp.joined(found.xmp, xmp.kept(containers.extended_xmp(data)))
        if info.get("jfif_unit") if is_jpeg else "dpi" in info:  # Pillow says 72 where a JPEG says nothing
            found.dpi = info["dpi"]
        comment = containers.jpeg_comments(data) if is_jpeg else containers.text_of(info.get("comment", b""))
        if comment:
            found.text["Comment"] = comment
        if info.get("exif"):
            _take_exif(exif_of(info["exif"]), found)
    if is_jpeg:
        _take_blocks(containers.jpeg_photoshop_blocks(data), found)
    return True


def _take_blocks(blocks, found):
    """Take what Adobe's resource blocks say where nothing else has said it."""
    found.iptc = {number: block for number, block in blocks.items() if number in IPTC_BLOCKS} | found.iptc
    if not found.dpi and len(blocks.get(0x03ED, b"")) >= 12:
        x, y = (struct.unpack_from(">I", blocks[0x03ED], place)[0] / 65536 for place in (0, 8))
        found.dpi = (x, y)


def _take_exif(exif, found):
    main, found.details, found.places = merged(exif, found)
    packet, iptc, blocks = (main.pop(tag, None) for tag in (XMP, IPTC, PHOTOSHOP))
    found.xmp = found.xmp or xmp.kept(packet or b"")
    if iptc and 0x0404 not in found.iptc:
        found.iptc[0x0404] = iptc
    found.iptc = _blocks(blocks) | found.iptc if blocks else found.iptc
    found.dpi = found.dpi or main.pop(DPI, None)
    main.pop(DPI, None)
    found.exif |= main


def options(metadata, size, ending, note=None, made=None, tool="colorlib"):
    """The arguments of Pillow's `save` that write metadata into a result.

    Args:
        metadata: The photo's Metadata; None for none.
        size: The result's (width, height).
        ending: `.png`, `.tif`, `.tiff`; others mean JPEG.
        note: A sentence beside the caption that says how the colors came about; None for none.
        made: A dict of what the result was made with, which `made_of` reads again; None for none.
        tool: The program's name and version.
    """
    metadata = metadata or Metadata()
    packet = xmp.with_ours(metadata.xmp, bool(note), made, tool)
    exif = WrittenExif(metadata, size, note, tool)
    dpi = {"dpi": metadata.dpi} if _is_resolution(metadata.dpi) else {}
    if ending == ".png":
        return dpi | _png_options(metadata, packet, exif)
    if ending in (".tif", ".tiff"):
        exif.add_comment(exif.add_text(metadata.text))
        return dpi | {"tiffinfo": exif.for_tiff(packet, metadata.iptc)}
    packets = [packet]
    if len(packet) > MOST_IN_A_SEGMENT:
        packets = xmp.in_two(metadata.xmp, bool(note), made, tool)
    if dpi:
        exif.add_dpi(metadata.dpi)  # JFIF holds whole numbers only
    return dpi | _jpeg_options(metadata, packets, exif)


def _is_resolution(dpi):
    with contextlib.suppress(TypeError, ValueError):
        return len(dpi) == 2 and all(1 <= float(n) <= 60_000 for n in dpi)
    return False


def _png_options(metadata, packet, exif):
    text = PngImagePlugin.PngInfo()
    if packet:  # first, where `made_of` looks
        text.add_itxt("XML:com.adobe.xmp", packet.decode())
    for keyword, value in metadata.text.items():
        with contextlib.suppress(Exception):  # a keyword that PNG does not allow
            text.add_text(keyword[:79], value)
    if metadata.iptc:
        blocks = containers.photoshop_bytes(metadata.iptc)
        lines = [blocks[i : i + 36].hex() for i in range(0, len(blocks), 36)]
        text.add_text("Raw profile type iptc", "\n".join(["", "iptc", f"{len(blocks):8d}", *lines, ""]), zip=True)
    return {"pnginfo": text} | ({"exif": data} if (data := exif.tobytes()) else {})


def _jpeg_options(metadata, packets, exif):
    comment = "\n".join(exif.add_text(metadata.text))
    data = exif.tobytes(MOST_IN_A_SEGMENT)
    segments = [containers.jpeg_segment(0xFE, comment.encode()[:MOST_IN_A_SEGMENT])] if comment else []
    segments += [containers.xmp_segment(packets[0])] if packets[0] else []
    for more in packets[1:]:
        segments += containers.extended_xmp_segments(more)
    if metadata.iptc:
        blocks = containers.PHOTOSHOP + containers.photoshop_bytes(metadata.iptc)
        for start in range(0, len(blocks), MOST_IN_A_SEGMENT):
            part = blocks[start : start + MOST_IN_A_SEGMENT]
            segments.append(containers.jpeg_segment(0xED, (containers.PHOTOSHOP if start else b"") + part))
    written = {"exif": data, "extra": b"".join(segments)}  # Pillow 11.3 has no room for a long `comment`
    return {name: value for name, value in written.items() if value}


def is_changed(path):
    """Whether a result was changed after it was written, as far as its file says; False where it cannot be read."""
    with contextlib.suppress(OSError, MemoryError), open(path, "rb") as file:
        return seals.is_changed(file.read())
    return False


def made_of(path):
    """What a result was made with, the dict that `options` wrote; None where the file does not say."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return xmp.made_in(file.read(HEAD))
