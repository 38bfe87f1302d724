"""Training batches at 256 x 256, against the report's pipeline.

How many photos a second become augmented batches of L and ab, 32 photos each. The report's pipeline is
`ImageDataGenerator(rescale=1/255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True).flow(photos)`, then
scikit-image's `rgb2lab` of each batch. Both start from uint8 photos in memory: decoding, which `Batches`
does once and the report for every run, is not counted. Medians of 5 fresh processes each, taking turns;
wanted: 20 times the report's pipeline with crop and flip, 10 times with shear and zoom as well.
"""

import os
import time
from itertools import cycle
from statistics import median

from measure import alternated, mosaic, table

SIZE, BATCH = 256, 32
SECONDS = 4  # measured each time, after two batches that are not
REPETITIONS = 5


def photos():
    return mosaic(8, 16, SIZE).reshape(8, SIZE, 16, SIZE, 3).swapaxes(1, 2).reshape(-1, SIZE, SIZE, 3)


def report():
    from skimage.color import rgb2lab
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    generator = ImageDataGenerator(rescale=1 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
    return per_second(rgb2lab(rgb) for rgb in generator.flow(photos(), batch_size=BATCH))


def ours(augment):
    from colorlib.batches import Batches

    batches = Batches(photos(), SIZE, BATCH, augment)
    return per_second(batches[i] for i in cycle(range(len(batches))))


def per_second(batches):
    """Photos a second of an endless iterator of full batches."""
    for _ in range(2):
        next(batches)
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        next(batches)
        done += BATCH
    return done / (time.perf_counter() - start)


PIPELINES = {
    "report: shear, zoom, flip; `rgb2lab`": (report,),
    "`Batches`: crop, flip": (ours, ("crop", "flip")),
    "`Batches`: crop, flip, shear, zoom": (ours, True),
    "`Batches`: no augmentation": (ours, False),
}

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    rates = {name: median(several) for name, several in alternated(PIPELINES, REPETITIONS).items()}
    slowest = next(iter(rates.values()))
    table(["pipeline", "images/s", "times the report's"], [(name, r, r / slowest) for name, r in rates.items()])
