"""RGB to Lab and back, 12 megapixels, against scikit-image.

How long colorlib's color conversions take on one photo of 4000 x 3000 pixels, how much processor
time (all threads together), and how much memory they need beside their input, their result included.
Medians of 5 fresh processes each, taking turns. scikit-image gets float64, as `rgb2lab(photo)` gives it,
and float32, its quicker way; `lab2rgb` ends on floats, and turning them into bytes is not counted against
it. "Times ours" is what scikit-image needs divided by what we need; wanted: at least 4 for Lab to RGB.
"""

import numpy as np
from measure import alternated, cost, medians, mosaic, table
from skimage.color import gray2rgb, lab2rgb, rgb2lab

from colorlib import lab_to_rgb, lightness, rgb_to_lab

REPETITIONS = 5


def float32(photo):
    return photo.astype(np.float32) / 255


def lab(photo):
    return rgb_to_lab(photo)


def lab64(photo):
    return rgb_to_lab(photo).astype(np.float64)


def saturated(photo):
    return rgb_to_lab(photo) * np.array([1, 1.5, 1.5], np.float32)


def gray(photo):
    return photo[..., 1].copy()


def same(photo):
    return photo


def skimage_L(photo):
    return rgb2lab(photo)[..., 0]


def skimage_L_of_gray(photo):
    return rgb2lab(gray2rgb(photo))[..., 0]


QUESTIONS = {  # question -> {way: (what is timed, what makes its input of the photo)}; ours first
    "RGB to Lab": {
        "`rgb_to_lab`": (rgb_to_lab, same),
        "`rgb2lab`, float64": (rgb2lab, same),
        "`rgb2lab`, float32": (rgb2lab, float32),
    },
    "Lab to RGB": {
        "`lab_to_rgb`": (lab_to_rgb, lab),
        "`lab2rgb`, float64": (lab2rgb, lab64),
        "`lab2rgb`, float32": (lab2rgb, lab),
    },
    "Lab to RGB, a and b 1.5 times too large": {
        "`lab_to_rgb`, fitted at constant L": (lab_to_rgb, saturated),
        "`lab2rgb`, clipped, float32": (lab2rgb, saturated),
    },
    "L of a color photo": {
        "`lightness`": (lightness, same),
        "`rgb2lab(photo)[..., 0]`": (skimage_L, same),
    },
    "L of a gray photo": {
        "`lightness`": (lightness, gray),
        "`rgb2lab(gray2rgb(photo))[..., 0]`": (skimage_L_of_gray, gray),
    },
}


def measured(function, prepared):
    photo = prepared(mosaic(3, 4, 1000))
    function(photo[:64, :64])  # what is imported or filled at the first call is not this photo's cost
    return cost(function, photo)[0]


def rows(question, ways):
    costs = alternated({way: (measured, *what) for way, what in ways.items()}, REPETITIONS)
    costs = {way: medians(several) for way, several in costs.items()}
    ours = next(iter(costs.values()))
    for way, (wall, cpu, before, peak) in costs.items():
        memory = peak - before
        yield question, way, wall, cpu, memory, cpu / ours.cpu, memory / (ours.peak - ours.before)


if __name__ == "__main__":
    table(
        ["question", "way", "wall s", "CPU s", "memory added MB", "CPU, times ours", "memory, times ours"],
        [row for question, ways in QUESTIONS.items() for row in rows(question, ways)],
    )
