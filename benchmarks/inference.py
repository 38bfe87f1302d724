"""The shipped network at work: photos of several sizes, a whole folder, and how soon it can begin.

*Network and color* is `Colorizer` on a photo in memory, `load_photo` and `save_photo` excluded: medians of 5 in one
process, after one that is not counted, of a photo and its mirror image in turns, as the answer for the last photo is
kept. *The network alone* is one pass of `unet` over 192 x 192 pixels, of which a square photo takes two. *A folder* is
`folders.color`, which has several photos at work side by side, against the plain loop
`save_photo(colorizer(load_photo(path)), result)`, on the same 60 photos of mixed sizes. *Start* is a fresh process:
`import colorlib`, `import keras`, then `Colorizer.from_pretrained()`, medians of 3.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from measure import alternated, cost, medians, mosaic, table
from PIL import Image

SIZES = {"0.3 MP": (480, 640), "2 MP": (1200, 1600), "12 MP": (3000, 4000), "24 MP": (4000, 6000)}
REPETITIONS = 5


def colored(height, width):
    import colorlib

    colorizer = colorlib.Colorizer.from_pretrained()
    photo = np.asarray(Image.fromarray(mosaic(3, 4, 256)).resize((width, height), Image.Resampling.BICUBIC))
    photos = photo, np.ascontiguousarray(photo[:, ::-1])
    colorizer(photos[1])
    return medians([cost(colorizer, photos[i % 2])[0] for i in range(REPETITIONS)])


def network(side=192):
    """One pass of the network alone."""
    import colorlib
    from colorlib import compiling

    predict = compiling.compiled(colorlib.Colorizer.from_pretrained().model)
    L = np.random.default_rng(0).uniform(0, 100, (1, side, side, 1)).astype(np.float32)
    for _ in range(3):
        predict(L)
    return medians([cost(predict, L)[0] for _ in range(5 * REPETITIONS)])


def album(folder, count=60):
    import colorlib

    photo, rng = mosaic(6, 8, 256), np.random.default_rng(0)
    for i in range(count):
        height, width = rng.integers(300, 1500, 2)
        colorlib.save_photo(photo[:height, :width], Path(folder) / f"{i:03}.jpg")


def folder(beside):
    """Seconds for a folder, after one photo that is not counted."""
    import colorlib
    from colorlib import folders

    colorizer = colorlib.Colorizer.from_pretrained()
    with tempfile.TemporaryDirectory() as place:
        album(Path(place) / "in")
        pairs = folders.results_for([Path(place) / "in"], Path(place) / "out")
        colorizer(pairs[0][0])
        start = time.perf_counter()
        if beside:
            folders.color(colorizer, pairs, Path(place) / "out")
        else:
            for path, result in pairs:
                colorlib.save_photo(colorizer(colorlib.load_photo(path)), result)
        return time.perf_counter() - start


START = """
import time; times = [time.perf_counter()]
import colorlib; times.append(time.perf_counter())
import keras; times.append(time.perf_counter())
import numpy; colorlib.Colorizer.from_pretrained()(numpy.zeros((64, 64), "uint8")); times.append(time.perf_counter())
print(*times)
"""


def started():
    """Seconds of the three steps, in a process that has imported nothing yet."""
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
    return np.diff([float(word) for word in done.stdout.split()]).tolist()


if __name__ == "__main__":
    runs = alternated({name: (colored, *size) for name, size in SIZES.items()}, 1)
    costs = {name: found[0] for name, found in runs.items()}
    rows = [(name, c.wall, c.cpu, c.wall / np.prod(SIZES[name]) * 2e6, c.peak) for name, c in costs.items()]
    table(["photo", "network and color, wall s", "CPU s", "wall s for 2 MP of it", "peak MB"], rows)
    alone = alternated({"the network alone": (network,)}, 1)["the network alone"][0]
    table(["192 x 192 pixels", "wall ms", "CPU ms"], [("the network alone", 1000 * alone.wall, 1000 * alone.cpu)])
    runs = alternated({"plain loop": (folder, False), "`folders.color`": (folder, True)}, 2)
    plain = median(runs["plain loop"])
    table(["60 photos", "wall s", "times as fast"], [(n, median(t), plain / median(t)) for n, t in runs.items()])
    steps = np.median(alternated({"start": (started,)}, 3)["start"], axis=0)
    names = [
        "`import colorlib`",
        "`import keras` (TensorFlow)",
        "`Colorizer.from_pretrained()` and a first small photo",
    ]
    table(["start", "wall s"], list(zip(names, steps.tolist())))
