"""What a call costs, measured in a process of its own; used by every benchmark. Needs Linux for memory."""

import sys
import time
from collections import namedtuple
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np

from colorlib import sample_photos

Cost = namedtuple("Cost", "wall cpu before peak")  # seconds, seconds of all threads, MB in use before, MB at most


def cost(function, *args):
    """The Cost of `function(*args)` and what it returns; memory is the process's resident set.

    The kernel's high-water mark is reset first, so that `peak` is the peak of this call alone.
    """
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    result = function(*args)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(wall, cpu, before, _memory("VmHWM")), result


def alternated(calls, repetitions):
    """What each of `calls`, {name: (function, *args)}, returned each time, {name: list}.

    Every call has a fresh process; the calls take turns, so that a slow minute of the machine hits all.
    """
    results = {name: [] for name in calls}
    for turn in range(repetitions):
        for name, (function, *args) in calls.items():
            print(f"  {turn + 1}/{repetitions} {name}", file=sys.stderr, flush=True)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                results[name].append(process.submit(function, *args).result())
    return results


def medians(costs):
    """The median of each number in a list of Costs, as one Cost."""
    return Cost(*map(median, zip(*costs)))


def mosaic(rows, columns, side):
    """A photo `(rows * side, columns * side, 3) uint8` of sample photos at their native resolution.

    Each tile is one photo, cropped or mirrored to fill it, so that texture and file size are a real photo's.
    """
    photos = [photo for name, photo in sample_photos().items() if name != "camera"]
    tiles = [_filled(photos[i % len(photos)], side) for i in range(rows * columns)]
    return np.vstack([np.hstack(tiles[row * columns : (row + 1) * columns]) for row in range(rows)])


def table(header, rows):
    """Print a markdown table; numbers that are floats get three digits."""
    for row in [header, ["---"] * len(header), *rows]:
        print("|", " | ".join(_digits(cell) if isinstance(cell, float) else str(cell) for cell in row), "|")
    print()


def _digits(number):
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _filled(photo, side):
    photo = photo[:side, :side]
    return np.pad(photo, [(0, side - photo.shape[0]), (0, side - photo.shape[1]), (0, 0)], "symmetric")


def _memory(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))
