"""An archive in parts and on Ray, against the plain command, on one machine.

The same photos of mixed sizes, colored by `colorlib colorize` as one command (*plain*), by as many commands side by
side as there are parts (`--part i/n`), and by `colorlib archive` on a Ray cluster that it starts here, with so many
workers. *photos/s* is the median of 3 runs, in turns, and counts what each command needs to begin: Python, TensorFlow,
the weights, Ray. *network loaded* counts from the first result to the last. *Killed and resumed*: one of two parts is
killed with SIGKILL on its way, then the same commands are run again; counted are results that were made twice, and
results that are missing in the end. More parts than cores gain nothing on one machine: parts are for several. Ray's
rows need its environment, which `make test-ray` makes.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from measure import mosaic, table

import colorlib

COUNT, TURNS = 120, 3
RAY = Path(__file__).parent.parent / ".venv-ray" / "bin" / "python"
QUIET = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}


def album(folder):
    photo, rng = mosaic(6, 8, 256), np.random.default_rng(0)
    for i in range(COUNT):
        height, width = rng.integers(300, 1500, 2)
        colorlib.save_photo(photo[:height, :width], folder / f"{i:03}.jpg")


def started(python, *words):
    command = [str(word) for word in (python, "-m", "colorlib", *words)]
    return subprocess.Popen(command, env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def parts(album, out, n):
    """The running commands of n parts; of one, the plain command."""
    own = [["--part", f"{i}/{n}"] for i in range(1, n + 1)] if n > 1 else [[]]
    return [started(sys.executable, "colorize", album, "--out", out, *words) for words in own]


def on_ray(album, out, workers):
    return [started(RAY, "archive", album, out, "--workers", workers)]


def results(out):
    return sorted(path for path in Path(out).rglob("*.jpg") if not path.name.startswith("."))


def timed(begin, album, *arguments):
    """Seconds of all, and from the first result to the last."""
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        for process in begin(album, Path(out), *arguments):
            if process.wait():
                sys.exit(f"{' '.join(process.args)} ended with {process.returncode}.")
        wall = time.perf_counter() - start
        times = sorted(path.stat().st_mtime for path in results(out))
        assert len(times) == COUNT
        return wall, times[-1] - times[0]


def killed_and_resumed(album):
    """(results that were made twice, results that are missing) when one of two parts is killed on its way."""
    with tempfile.TemporaryDirectory() as out:
        running = parts(album, Path(out), 2)
        while len(results(out)) < COUNT // 4:
            time.sleep(0.05)
        running[0].send_signal(signal.SIGKILL)
        for process in running:
            process.wait()
        before = {path: path.stat().st_mtime_ns for path in results(out)}
        for process in parts(album, Path(out), 2):
            process.wait()
        again = sum(path.stat().st_mtime_ns != moment for path, moment in before.items())
        return again, COUNT - len(results(out))


def main():
    ways = {"plain": (parts, 1), "2 parts": (parts, 2), "4 parts": (parts, 4)}
    if RAY.exists():
        ways |= {"Ray, 1 worker": (on_ray, 1), "Ray, 2 workers": (on_ray, 2)}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        album(folder)
        seconds = {name: [] for name in ways}
        for turn in range(TURNS):
            for name, (begin, number) in ways.items():
                print(f"  {turn + 1}/{TURNS} {name}", file=sys.stderr, flush=True)
                seconds[name].append(timed(begin, folder, number))
        walls, loaded = ({name: median(s[i] for s in seconds[name]) for name in ways} for i in (0, 1))
        rows = [
            (
                name,
                COUNT / walls[name],
                walls["plain"] / walls[name],
                COUNT / loaded[name],
                loaded["plain"] / loaded[name],
            )
            for name in ways
        ]
        table(("way", "photos/s", "times plain", "photos/s, network loaded", "times plain"), rows)
        twice, missing = killed_and_resumed(folder)
        table(("killed and resumed", "made twice", "missing"), [(f"{COUNT} photos, 2 parts", twice, missing)])


if __name__ == "__main__":
    main()
