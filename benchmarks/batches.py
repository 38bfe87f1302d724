"""Training batches at 256 x 256, against the report's pipeline.

How many photos a second become augmented batches of L and ab, 32 photos each. The report's pipeline is
`ImageDataGenerator(rescale=1/255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True).flow(photos)`, then
scikit-image's `rgb2lab` of each batch. Both start from uint8 photos in memory: decoding, which `Batches`
does once and the report for every run, is not counted. The report's way keeps one core busy, ours all: where
other work takes part of them, the CPU time a photo costs (all threads together) says more. Medians of 2 fresh
processes each, taking turns; wanted: 20 times the report's images with crop and flip, 10 times with shear and
zoom as well.
"""

import os
import time
from itertools import cycle
from statistics import median

from measure import alternated, mosaic, table

SIZE, BATCH = 256, 32
SECONDS = 4  # measured each time, after two batches that are not
REPETITIONS = 2


def photos():
    return mosaic(8, 16, SIZE).reshape(8, SIZE, 16, SIZE, 3).swapaxes(1, 2).reshape(-1, SIZE, SIZE, 3)


def report():
    from skimage.color import rgb2lab
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    generator = ImageDataGenerator(rescale=1 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
    return pace(rgb2lab(rgb) for rgb in generator.flow(photos(), batch_size=BATCH))


def ours(augment):
    from colorlib.learning.batches import Batches

    batches = Batches(photos(), SIZE, BATCH, augment)
    return pace(batches[i] for i in cycle(range(len(batches))))


def pace(batches):
    """Photos a second and CPU milliseconds a photo of an endless iterator of full batches."""
    for _ in range(2):
        next(batches)
    start, cpu, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - start < SECONDS:
        next(batches)
        done += BATCH
    return done / (time.perf_counter() - start), 1000 * (time.process_time() - cpu) / done


PIPELINES = {
    "report: shear, zoom, flip; `rgb2lab`": (report,),
    "`Batches`: crop, flip": (ours, ("crop", "flip")),
    "`Batches`: crop, flip, shear, zoom": (ours, True),
    "`Batches`: no augmentation": (ours, False),
}

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    runs = alternated(PIPELINES, REPETITIONS)
    paces = {name: [median(numbers) for numbers in zip(*several)] for name, several in runs.items()}
    slow, dear = next(iter(paces.values()))
    rows = [(name, rate, rate / slow, cpu, dear / cpu) for name, (rate, cpu) in paces.items()]
    table(["pipeline", "images/s", "times the report's", "CPU ms a photo", "times less than the report's"], rows)
