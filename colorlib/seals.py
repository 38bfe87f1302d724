"""A result's seal: the digest of its own bytes, kept in its XMP, so that a result changed by hand is recognized.

The digest is taken with zeros in its own place.
"""

import hashlib
import re
import zlib

from colorlib.containers import png_chunks

EMPTY = "0" * 64
SEAL = re.compile(rb"<colorlib:Seal>([0-9a-f]{64})</colorlib:Seal>")


def sealed(data):
    """A file's bytes with the empty seal that stands in them filled; the same bytes where there is none."""
    place = SEAL.search(data)
    return _with(data, place, hashlib.sha256(data).hexdigest().encode()) if place else data


def is_changed(data):
    """Whether a file's bytes are not those that were sealed; False where there is no seal."""
    place = SEAL.search(data)
    return bool(place) and hashlib.sha256(_with(data, place, EMPTY.encode())).hexdigest().encode() != place[1]


def _with(data, place, digest):
    """The bytes with another digest in the place of a seal; in a PNG, its chunk's checksum follows."""
    data = bytearray(data)
    data[place.start(1) : place.end(1)] = digest
    if data[:4] == b"\x89PNG":
        for _, start, end in png_chunks(data):
            if start <= place.start() < end:
                data[end : end + 4] = zlib.crc32(memoryview(data)[start - 4 : end]).to_bytes(4, "big")
                break
    return bytes(data)
