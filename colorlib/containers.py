"""The parts of PNG and JPEG files: metadata taken out, so that it never decides whether the pixels can be read."""

import hashlib
import struct
import zlib

PNG_PIXELS = {  # the chunks that say what the pixels are
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"),
    *(b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT"),
}
PHOTOSHOP = b"Photoshop 3.0\0"
XMP, EXTENDED_XMP = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
MOST_EXTENDED = 65_000  # bytes of it in a segment of a JPEG
MOST_METADATA = 32 << 20  # bytes of a file's metadata, unpacked; a printer's profile has 2 to 8 MB


def png_chunks(data):
    """(type, start, end) of the chunks of a PNG, as far as they go; start and end are those of the contents."""
    place = 8
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], place + 8, min(place + 8 + length, len(data))
        place += length + 12


def png_without_metadata(data):
    """A PNG with only the chunks that its pixels need; the same bytes where there are no others."""
    parts, kept_all = [data[:8]], True
    for kind, start, end in png_chunks(data):
        if kind in PNG_PIXELS or not kind[:1].islower():  # a capital: a chunk without which nothing can be read
            parts.append(memoryview(data)[start - 8 : end + 4])
        else:
            kept_all = False
    return data if kept_all else b"".join(parts)


def png_metadata(data):
    """The metadata of a PNG: a dict with "icc_profile", "exif", "xmp", and "text" (keyword -> text)."""
    found, unpack = {"text": {}}, _Unpacker()
    for kind, start, end in png_chunks(data):
        chunk = data[start : min(end, start + MOST_METADATA)] if kind[:1].islower() else b""
        if kind == b"iCCP":
            found["icc_profile"] = unpack(chunk.partition(b"\0")[2][1:])
        elif kind == b"eXIf":
            found["exif"] = chunk
        elif kind == b"cICP":
            found["cicp"] = tuple(chunk[:4])
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, text = _text(kind, chunk, unpack)
            if keyword == "XML:com.adobe.xmp":
                found["xmp"] = text.encode()
            elif keyword:
                found["text"].setdefault(keyword, []).append(text)
    found["text"] = {keyword: "\n".join(dict.fromkeys(texts)) for keyword, texts in found["text"].items()}
    return found


def _text(kind, chunk, unpack):
    keyword, _, rest = chunk.partition(b"\0")
    if kind == b"zTXt":
        rest = unpack(rest[1:])
    elif kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
        rest = unpack(rest) if packed else rest
    return keyword.decode("latin-1"), text_of(rest)


def text_of(data):
    """Bytes as text: UTF-8 where they are, else Latin-1, as older programs write."""
    data = data.rstrip(b"\0")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


class _Unpacker:
    """Unpacks deflated metadata, MOST_METADATA bytes of all of a file's; b"" for what is damaged, or over that."""

    def __init__(self):
        self.left = MOST_METADATA

    def __call__(self, data):
        try:
            unpacker = zlib.decompressobj()
            text = unpacker.decompress(data, max(self.left, 1))
        except zlib.error:
            return b""
        self.left -= len(text)
        return b"" if unpacker.unconsumed_tail else text


def jpeg_segments(data):
    """(marker, start, end) of the segments before a JPEG's first scan, and (0xDA, start, end of the file) for that."""
    place = 2
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == 0xDA:
            yield marker, place, len(data)
            return
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        yield marker, place, min(place + 2 + length, len(data))
        place += 2 + length


def jpeg_without_metadata(data):
    """A JPEG without its comments and application segments, but for JFIF and Adobe's, which say what colors are."""
    kept = [data[start:end] for marker, start, end in jpeg_segments(data) if marker not in _DROPPED]
    return data[:2] + b"".join(kept)


def jpeg_comments(data):
    """The comments of a JPEG, one below the other."""
    comments = (text_of(data[start + 4 : end]) for marker, start, end in jpeg_segments(data) if marker == 0xFE)
    return "\n".join(filter(None, comments))


def jpeg_scans(data):
    """How many scans a JPEG has: passes over all its pixels."""
    start = next((start for marker, start, _ in jpeg_segments(data) if marker == 0xDA), len(data))
    return data.count(b"\xff\xda", start)


def jpeg_is_progressive(data):
    return any(marker in (0xC2, 0xCA) for marker, _, _ in jpeg_segments(data))


def _contents(data, wanted, head):
    """What stands behind a head in the segments of a kind."""
    for marker, start, end in jpeg_segments(data):
        if marker == wanted and data.startswith(head, start + 4):
            yield data[start + 4 + len(head) : end]


def jpeg_segment(marker, contents):
    """The bytes of a segment."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(contents)) + contents


def xmp_segment(packet):
    """The JPEG segment of an XMP packet."""
    return jpeg_segment(0xE1, XMP + packet)


def extended_xmp_segments(packet):
    """The JPEG segments of an XMP packet that is too large for one, as Adobe's specification has them."""
    digest = hashlib.md5(packet, usedforsecurity=False).hexdigest().upper().encode()
    for start in range(0, len(packet), MOST_EXTENDED):
        place = struct.pack(">2I", len(packet), start)
        yield jpeg_segment(0xE1, EXTENDED_XMP + digest + place + packet[start : start + MOST_EXTENDED])


def extended_xmp(data):
    """The part of a JPEG's XMP that is too large for one segment; b"" where there is none."""
    parts = [part for part in _contents(data, 0xE1, EXTENDED_XMP) if len(part) > 40]
    digest = parts[0][:32] if parts else b""
    parts = sorted((int.from_bytes(part[36:40], "big"), part[40:]) for part in parts if part.startswith(digest))
    return b"".join(part for _, part in parts)[:MOST_METADATA]


def jpeg_photoshop_blocks(data):
    """Adobe's resource blocks of a JPEG, which may go on from segment to segment."""
    return photoshop_blocks(b"".join(_contents(data, 0xED, PHOTOSHOP)))


def photoshop_blocks(data):
    """Adobe's resource blocks, number -> bytes, of the contents of a TIFF tag or a JPEG segment; IPTC is 0x0404."""
    blocks, place = {}, 0
    while data[place : place + 4] == b"8BIM" and place + 12 <= len(data):
        number = int.from_bytes(data[place + 4 : place + 6], "big")
        place += 6 + (data[place + 6] + 2) // 2 * 2  # a name, its length before it, padded
        length = int.from_bytes(data[place : place + 4], "big")
        blocks[number] = data[place + 4 : place + 4 + length]
        place += 4 + (length + 1) // 2 * 2
    return blocks


def photoshop_bytes(blocks):
    """The reverse of `photoshop_blocks`."""
    return b"".join(
        b"8BIM" + struct.pack(">HHI", number, 0, len(block)) + block + b"\0" * (len(block) % 2)
        for number, block in blocks.items()
    )


_DROPPED = {0xFE, *range(0xE1, 0xF0)} - {0xEE}
