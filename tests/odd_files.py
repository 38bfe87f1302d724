"""Image files of odd depths and layouts, made on the fly."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

GRAYS = np.add.outer(np.arange(24) * 4, np.arange(40) * 4).astype(np.uint8)  # (24, 40), 0..248


def file_of(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def packed(numbers, bits):
    """Rows of numbers `(H, W)`, `bits` each, the first bit first, each row beginning with a byte of its own."""
    ones = (numbers[..., None].astype(np.int64) >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(ones.reshape(len(numbers), -1).astype(np.uint8), axis=1).tobytes()


def tiff(width, height, pixels, bits=8, photometric=1, samples=1, planar=1, order="<", **tags):
    """A TIFF of one page whose pixels are the bytes given; `tags` are t281=(4, value) and the like: type, value."""
    strips = [pixels] if planar == 1 else [pixels[i::samples] for i in range(samples)]
    entries = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * samples),
        259: (3, [1]),
        262: (3, [photometric]),
        273: (4, [0] * len(strips)),
        277: (3, [samples]),
        278: (4, [height]),
        279: (4, [len(strip) for strip in strips]),
        284: (3, [planar]),
    }
    entries |= {int(name[1:]): (kind, np.atleast_1d(value).tolist()) for name, (kind, value) in tags.items()}
    codes = {3: "H", 4: "I"}
    start = 8 + 2 + 12 * len(entries) + 4
    extra, table = b"", b""
    sizes = {tag: struct.calcsize(codes[kind]) * len(values) for tag, (kind, values) in entries.items()}
    pixels_at = start + sum(size for size in sizes.values() if size > 4)
    entries[273] = (4, [pixels_at + sum(map(len, strips[:i])) for i in range(len(strips))])
    for tag, (kind, values) in sorted(entries.items()):
        data = struct.pack(f"{order}{len(values)}{codes[kind]}", *values)
        if len(data) > 4:
            table += struct.pack(f"{order}HHII", tag, kind, len(values), start + len(extra))
            extra += data
        else:
            table += struct.pack(f"{order}HHI", tag, kind, len(values)) + data.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, len(entries))
    return head + table + bytes(4) + extra + b"".join(strips)


def png_with(data, *chunks):
    """A PNG with more chunks, (type, contents), after its header."""
    made = b"".join(
        struct.pack(">I", len(contents)) + kind + contents + struct.pack(">I", zlib.crc32(kind + contents))
        for kind, contents in chunks
    )
    return data[:33] + made + data[33:]


def gray_profile(gamma):
    """A gray ICC profile of one curve, `curv` with one number."""
    white = struct.pack(">4sI3i", b"XYZ ", 0, 63190, 65536, 54061)
    curve = struct.pack(">4sIIHH", b"curv", 0, 1, round(gamma * 256), 0)
    name = b"desc" + bytes(4) + struct.pack(">I", 5) + b"gray\0" + bytes(78)
    name += bytes(-len(name) % 4)
    return profile(b"GRAY", {b"desc": name, b"wtpt": white, b"kTRC": curve})


def rgb_profile(gamma, name=b"linear sRGB", primaries=((28576, 14582, 913), (25235, 46981, 6362), (9377, 3985, 46804))):
    """An RGB ICC profile of a matrix, sRGB's unless given, and one curve."""
    curve = struct.pack(">4sIIHH", b"curv", 0, 1, round(gamma * 256), 0)
    words = b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + b"\0" + bytes(78)
    words += bytes(-len(words) % 4)
    tags = {b"desc": words, b"wtpt": struct.pack(">4sI3i", b"XYZ ", 0, 63190, 65536, 54061)}
    for color, column in zip((b"r", b"g", b"b"), primaries):
        tags[color + b"XYZ"] = struct.pack(">4sI3i", b"XYZ ", 0, *column)
        tags[color + b"TRC"] = curve
    return profile(b"RGB ", tags)


def profile(space, tags):
    start, table, contents = 128 + 4 + 12 * len(tags), b"", b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, start + len(contents), len(tag))
        contents += tag
    head = struct.pack(">I4sI4s4s4s", start + len(contents), b"test", 0x02400000, b"mntr", space, b"XYZ ")
    head = head.ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + contents


def shade(gray8):
    return Image.fromarray(np.ascontiguousarray(gray8))
