"""Hostile image files in families, each file from a seed; run as a program it reads them and says what each one cost.

`python tests/hostile_files.py SEED COUNT` reads COUNT files of each family in this one process, whose memory is
limited, and prints a line of JSON for each: family, number, outcome, CPU seconds, and megabytes at its peak.
"""

import json
import resource
import struct
import sys
import time
import zlib

import numpy as np
from odd_files import GRAYS, file_of, gray_profile, png_with, profile, rgb_profile, shade, tiff
from PIL import Image

LARGE = (0, 1, 255, 65_535, 65_536, 1 << 20, (1 << 31) - 1, (1 << 32) - 1)
ADDRESS_SPACE = 6 << 30  # bytes beside what the program has when it begins
WHITE = shade(np.full((40, 64), 255, np.uint8))


def pick(rng, some):
    return some[rng.integers(len(some))]


def flipped(data, rng, most=8):
    damaged = bytearray(data)
    for place in rng.integers(0, len(data), rng.integers(0, most)):
        damaged[place] ^= 1 << rng.integers(0, 8)
    return bytes(damaged)


def directories(rng):
    """TIFFs whose directories lead in circles, claim counts, or say impossible things of their pixels."""
    order = pick(rng, "<>")
    width, height = GRAYS.shape[::-1]
    data = bytearray(tiff(width, height, GRAYS.tobytes(), 8, order=order, t700=(3, [7] * 40)))
    count = struct.unpack_from(order + "H", data, 8)[0]
    for _ in range(rng.integers(1, 4)):
        place = 10 + 12 * rng.integers(count)
        part = pick(rng, ((2, "H"), (4, "I"), (8, "I")))
        struct.pack_into(order + part[1], data, place + part[0], pick(rng, LARGE) & (65_535 if part[1] == "H" else -1))
    links = pick(rng, ("none", "itself", "far", "chain", "count"))
    if links == "itself":
        struct.pack_into(order + "I", data, 10 + 12 * count, 8)
    elif links == "far":
        struct.pack_into(order + "I", data, 10 + 12 * count, pick(rng, LARGE))
    elif links == "count":
        struct.pack_into(order + "H", data, 8, pick(rng, LARGE) & 65_535)
    elif links == "chain":
        for _ in range(rng.integers(2, 3000)):
            struct.pack_into(order + "I", data, len(data) - 4, len(data)) if len(data) % 2 else None
            data += struct.pack(order + "HHHIII", 1, 256, 4, 1, 9, len(data) + 18)
        struct.pack_into(order + "I", data, 10 + 12 * count, len(tiff(width, height, GRAYS.tobytes())))
    return bytes(data)


def claims(rng):
    """Files of every kind whose headers claim another size than their pixels have."""
    kind = pick(rng, ("PNG", "JPEG", "GIF", "BMP", "WEBP", "JPEG2000", "PPM", "TGA", "SGI", "PCX", "TIFF", "PSD"))
    side, high = 1 << int(rng.integers(8, 17)), 1 << int(rng.integers(8, 17))
    if kind == "TIFF":
        return tiff(
            side, high, GRAYS.tobytes(), int(pick(rng, (1, 8, 12, 16, 32, 64))), samples=int(pick(rng, (1, 3, 4)))
        )
    if kind == "PSD":
        return b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, high, side, 8, 3) + bytes(12) + b"\0\1" + bytes(200)
    if kind == "PPM":
        return b"P%d %d %d 255 " % (rng.integers(1, 7), side, high) + GRAYS.tobytes()
    data = bytearray(file_of(WHITE if kind != "WEBP" else WHITE.convert("RGB"), kind))
    if kind == "PNG":
        struct.pack_into(">II", data, 16, side, high)
        struct.pack_into(">I", data, 29, zlib.crc32(data[12:29]))
    elif kind == "JPEG":
        struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, high & 65_535, side & 65_535)
    elif kind == "JPEG2000":
        for large, small in ((side, 64), (high, 40)):
            data = bytearray(bytes(data).replace(small.to_bytes(4, "big"), large.to_bytes(4, "big")))
    else:
        places = {"GIF": (6, "<HH"), "BMP": (18, "<ii"), "WEBP": (26, "<HH"), "TGA": (12, "<HH"), "PCX": (8, "<HH")}
        place, form = places.get(kind, (6, ">HH"))
        most = 16_383 if kind == "WEBP" else 65_535 if form[-1] == "H" else 1 << 30
        struct.pack_into(form, data, place, min(side, most), min(high, most))
    return bytes(data)


def scans(rng):
    """JPEGs that go over their pixels again and again, and animations of many pictures."""
    kind = pick(rng, ("JPEG", "JPEG", "GIF", "PNG"))
    times = int(rng.integers(2, 3000))
    if kind != "JPEG":
        return file_of(WHITE, kind, save_all=True, append_images=[shade(GRAYS), WHITE] * (times // 60 + 1))
    side = int(rng.integers(1, 8))
    data = file_of(shade(np.tile(GRAYS, (side, side))), "JPEG", progressive=True)
    starts = [i for i in range(len(data)) if data[i : i + 2] == b"\xff\xda"]
    scan = data[pick(rng, starts) : -2]
    return data[:-2] + scan * times + data[-2:]


def profiles(rng):
    """Color profiles that claim tags, curves and tables they do not hold, in files of every mode."""
    whole = pick(rng, (gray_profile(1.8), rgb_profile(1.8)))
    curve = struct.pack(">4sII", b"curv", 0, pick(rng, LARGE)) + bytes(rng.integers(0, 300))
    formula = struct.pack(">4sIHH", b"para", 0, rng.integers(0, 9), 0) + rng.bytes(28)
    table = struct.pack(">4sIBBBB", b"mft2", 0, 3, 3, pick(rng, (2, 33, 255)), 0) + rng.bytes(400)
    spaces = {b"kTRC": pick(rng, (curve, formula)), b"A2B0": table, b"rXYZ": rng.bytes(20), b"rTRC": formula}
    made = profile(pick(rng, (b"GRAY", b"RGB ", b"CMYK", b"Lab ", b"8CLR")), spaces)
    data = bytearray(pick(rng, (whole, made)))
    if rng.random() < 0.5:
        struct.pack_into(">I", data, pick(rng, (0, 128, 136, 140, 148, 152)), pick(rng, LARGE))
    icc = flipped(bytes(data), rng)
    mode, kind = pick(rng, (("L", "PNG"), ("RGB", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("L", "JPEG"), ("RGB", "JPEG"),
                            ("CMYK", "JPEG"), ("RGB", "TIFF"), ("I;16", "TIFF"), ("RGB", "WEBP")))  # fmt: skip
    image = Image.fromarray(GRAYS.astype(np.uint16) * 257) if mode == "I;16" else shade(GRAYS).convert(mode)
    return file_of(image, kind, icc_profile=icc)


def metadata(rng):
    """Metadata that unpack to far more, lead in circles, or fill the file."""
    bomb = zlib.compress(bytes(int(rng.integers(1, 80)) << 20), 9)
    laughs = "".join(f"<!ENTITY l{i + 1} '{f'&l{i};' * 10}'>" for i in range(9))
    packet = f"<!DOCTYPE x [<!ENTITY l0 'ha'>{laughs}]><rdf:RDF>&l9;</rdf:RDF>".encode()
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 3)
    for tag in (0x8769, 0x8825, 0x010E):
        exif += struct.pack(">HHII", tag, int(rng.integers(1, 13)), pick(rng, LARGE), pick(rng, (8, *LARGE)))
    exif += struct.pack(">I", 8)
    blocks = b"8BIM\x04\x04\0\0" + struct.pack(">I", pick(rng, LARGE)) + b"\x1c\x02\x78\xff\xff"
    if rng.random() < 0.5:
        chunks = [
            (b"zTXt", b"a\0\0" + bomb),
            (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb),
            (b"iCCP", b"a\0\0" + bomb),
        ]
        chunks += [(b"eXIf", exif[6:]), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)]
        chunks += [(b"tEXt", b"Raw profile type iptc\0\niptc\n 8\n" + blocks.hex().encode())]
        chunks += [(b"tEXt", b"a%d\0b" % i) for i in range(rng.integers(0, 2000))]
        if rng.random() < 0.1:
            many = zlib.compress(bytes(20 << 20), 9)
            return png_with(file_of(shade(GRAYS), "PNG"), *((b"zTXt", b"a%d\0\0" % i + many) for i in range(60)))
        return png_with(file_of(shade(GRAYS), "PNG"), *(pick(rng, chunks) for _ in range(rng.integers(1, 12))))
    data = file_of(shade(GRAYS), "JPEG")
    pieces = [(0xE1, exif), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet), (0xED, b"Photoshop 3.0\0" + blocks)]
    pieces += [(0xE2, b"ICC_PROFILE\0" + rng.bytes(2) + bytes(100)), (0xE2, b"MPF\0" + exif[6:]), (0xFE, bytes(60_000))]
    chosen = [pick(rng, pieces) for _ in range(rng.integers(1, 40))]
    segments = (bytes([0xFF, marker]) + struct.pack(">H", 2 + len(piece)) + piece for marker, piece in chosen)
    return data[:2] + b"".join(segments) + data[2:]


FAMILIES = (directories, claims, scans, profiles, metadata)


def hostile_file(seed, family, number):
    """The bytes of a file; a third are damaged further."""
    rng = np.random.default_rng((seed, FAMILIES.index(family), number))
    data = family(rng)
    return flipped(data, rng) if rng.random() < 0.33 else data


def peak():
    """Megabytes of memory at this process's peak since `forget_peak`."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def forget_peak():
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def read(data):
    """What becomes of a file: "read" with its pixels, written again with its metadata, or the sentence why not."""
    from colorlib.photos import PhotoError, encoded, read_picture

    try:
        picture = read_picture(data)
    except PhotoError as error:
        return str(error), 0
    for ending in (".jpg", ".png", ".tif"):
        encoded(picture.photo[:32, :32], ending, note="note", about=picture.metadata, made={"model": "none"})
    return "read", picture.photo.size // 3


def main(seed, count):
    read(file_of(shade(GRAYS), "PNG"))  # imports what is imported later
    with open("/proc/self/statm", encoding="ascii") as file:
        own = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + ADDRESS_SPACE, own + ADDRESS_SPACE))
    for family in FAMILIES:
        for number in range(count):
            data = hostile_file(seed, family, number)
            forget_peak()
            before, start = peak(), time.process_time()
            outcome, pixels = read(data)
            cost = {"seconds": time.process_time() - start, "megabytes": peak() - before}
            line = {"family": family.__name__, "number": number, "outcome": outcome, "pixels": pixels} | cost
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
