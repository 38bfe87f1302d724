"""Bounds of memory and time: files that claim more than they hold, and how many photos fit the memory at a time."""

import contextlib
import threading

MAX_MEGAPIXELS = 150  # a 70-megapixel scan is legitimate; a bomb claims thousands
MAX_BYTES = 2_000_000_000  # of a file
DECODING = 3_500_000_000  # bytes of memory that decoding one file may take
AT_WORK = 3_000_000_000  # bytes of memory for all photos that are colored side by side
PER_PIXEL = 20  # bytes of memory for coloring: the photo, its L, the result and their working arrays
HEAD = 1 << 20  # bytes of a file in which its size is looked for
SMALL = 4_000_000  # pixels; a file that claims fewer costs little whatever it holds
MOST_PIXELS_PER_BYTE = {  # blank pages come near these; JPEG: one bit for each 8 x 8; deflate packs 1032 to 1
    "JPEG": 2000,
    "PNG": 9000,
    "GIF": 6000,
    "BMP": 200,
    "PPM": 9,
    "PSD": 9000,
    "TGA": 200,
    "PCX": 600,
    "SGI": 600,
    "SUN": 600,
    "TIFF": 300_000,  # CCITT: one bit for a row
}
OTHERS = 60_000
SCANS, SCANS_MEGAPIXELS = 100, 3000  # of a progressive JPEG; ten are usual


def refusal(width, height, kind, size):
    """Why a file's claim of its size is not believed, as the end of a sentence; None where it is.

    Args:
        width, height: What it claims.
        kind: Pillow's name of its format.
        size: How many bytes the file has; None where that is not known.
    """
    pixels = width * height
    if size and pixels > SMALL and pixels > size * MOST_PIXELS_PER_BYTE.get(kind, OTHERS):
        return f"claims {width} x {height} pixels, more than its {size} bytes can hold"
    return None


def too_many_scans(scans, megapixels):
    """Whether a progressive JPEG goes over its pixels more often than any program writes."""
    return scans > SCANS or scans > 20 and scans * megapixels > SCANS_MEGAPIXELS


def memory(width, height, kind, mode="RGB", progressive=False):
    """About how many bytes decoding takes at its peak, the result `(H, W, 3) uint8` among them."""
    channels = {"1": 1, "L": 1, "P": 1, "I": 4, "F": 4, "I;16": 2, "LA": 2}.get(mode, 4)
    per_pixel = 3 + 4 + channels
    if kind == "JPEG2000":
        per_pixel += 8 * (1 if mode in ("L", "I;16") else 3)
    if kind in ("AVIF", "HEIF", "JXL", "WEBP"):
        per_pixel += 8
    return width * height * (per_pixel + (6 if progressive else 0))


def available():
    """Bytes of memory that this computer can give now; None where it does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, ValueError, StopIteration):
        return None


class Room:
    """Memory shared by threads: each waits until its part is free. One alone gets in whatever it needs."""

    def __init__(self, size=None):
        if size is None:
            size = min(AT_WORK, (available() or AT_WORK) // 2)
        self.size, self._used, self._changed = size, 0, threading.Condition()

    @contextlib.contextmanager
    def taken(self, size):
        """Take `size` bytes for the time of the block."""
        with self._changed:
            self._changed.wait_for(lambda: not self._used or self._used + size <= self.size)
            self._used += size
        try:
            yield
        finally:
            with self._changed:
                self._used -= size
                self._changed.notify_all()
