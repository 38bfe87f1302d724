"""Photoshop files: the merged picture, which Pillow reads up to 8 bits; where it is not there, and what 16 bits say."""

import io
import struct

import numpy as np

from colorlib.containers import MOST_METADATA, photoshop_blocks

VERSION_INFO, PROFILE = 1057, 1039  # resource blocks
GRAY, RGB, DUOTONE = 1, 3, 8  # color modes
RAW, PACKBITS = 0, 1
HEADER = 38  # bytes of a file that there must be


class Photoshop:
    """What a Photoshop file's header says.

    Attributes:
        channels, height, width, bits, mode: As they stand there.
        blocks: Resource blocks, number -> bytes.
        has_transparency: Whether a channel behind the colors is transparency; others are selections that were saved.
        is_merged: Whether the file holds its merged picture; without it there are layers only, and a white page.
    """

    def __init__(self, data):
        if len(data) < HEADER:
            raise ValueError("its header is cut off")
        self.channels, self.height, self.width, self.bits, self.mode = struct.unpack_from(">HIIHH", data, 12)
        places = [26]
        for _ in range(3):  # palette, resources, layers: how long each is stands before it
            places.append(places[-1] + 4 + int.from_bytes(data[places[-1] : places[-1] + 4], "big"))
        _, resources, layers, self.pixels_at = places
        self.blocks = photoshop_blocks(data[resources + 4 : min(layers, resources + MOST_METADATA)])
        count = data[layers + 8 : min(layers + 10, self.pixels_at)]
        self.has_transparency = int.from_bytes(count, "big", signed=True) < 0
        version = self.blocks.get(VERSION_INFO, b"")
        self.is_merged = len(version) < 5 or version[4] != 0

    def refusal(self):
        """Why the picture cannot be read, as the end of a sentence with the way out; None where it can."""
        if not self.is_merged:
            return "holds layers but no merged picture: save it with Maximize Compatibility, or as TIFF"
        if self.bits not in (1, 8) and (self.bits != 16 or self.mode not in (GRAY, RGB, DUOTONE)):
            return f"is a Photoshop file of {self.bits} bits in color mode {self.mode}: save it as a 16-bit TIFF"
        return None

    def numbers(self, data):
        """The colors of a file of 16 bits, `(H, W, C) uint16`; ValueError where they are cut off."""
        colors = min(3 if self.mode == RGB else 1, self.channels)
        compression = int.from_bytes(data[self.pixels_at : self.pixels_at + 2], "big")
        pixels = data[self.pixels_at + 2 :]
        if compression == PACKBITS:
            pixels = self._unpacked(pixels, colors)
        count = colors * self.height * self.width
        if compression not in (RAW, PACKBITS) or len(pixels) < 2 * count:
            raise ValueError("its pixels end before they should")
        planes = np.frombuffer(pixels, ">u2", count).reshape(colors, self.height, self.width)
        return np.moveaxis(planes, 0, -1).astype(np.uint16)

    def _unpacked(self, data, colors):
        import tifffile

        unpack = tifffile.TIFF.DECOMPRESSORS[32773]
        lines = self.channels * self.height  # first how long each line is, then the lines
        sizes = np.frombuffer(data, ">u2", lines)[: colors * self.height].tolist()
        if 2 * lines + sum(sizes) > len(data):
            raise ValueError("its pixels end before they should")
        file, length = io.BytesIO(data[2 * lines :]), 2 * self.width
        return b"".join(unpack(file.read(size))[:length].ljust(length, b"\0") for size in sizes)
