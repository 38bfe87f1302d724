"""Augmentation of training photos: crops, flips, shears and zooms.

It is geometry only, and comes before Lab: a change of brightness would change L, the network's input. What makes photos
look old is in `aging`.
"""

import numpy as np

from colorlib.learning.aging import AGINGS
from colorlib.learning.resample import resampled

AUGMENTATIONS = ("crop", "flip", "shear", "zoom")
SHEAR = 0.2  # pixels a row slides against the next: 0.2 radians, as Keras read the report's 0.2 in 2018 (now degrees)
ZOOM = 0.2  # a window of 0.8 to 1.2 training sizes a side, as far as the square reaches


def augmentations(augment):
    """The set of names that `augment` stands for: True is all of AUGMENTATIONS, False none.

    Raises:
        ValueError: A name is not known.
    """
    if isinstance(augment, (bool, np.bool)):
        return set(AUGMENTATIONS) if augment else set()
    names = [augment] if isinstance(augment, str) else augment
    known = AUGMENTATIONS + AGINGS
    if not isinstance(names, (list, tuple, set)) or not all(name in known for name in names):
        raise ValueError(f"augment is {augment!r}; wanted True, False or names out of {', '.join(known)}.")
    return set(names)


def augmented(square, size, names, flip, *chances):
    """One augmented photo `(size, size, 3) uint8`, a view where it can be one.

    Args:
        square: `(C, C, 3) uint8`, C at least `size`.
        size: The side of the result in pixels.
        names: The augmentations to apply, a set of AUGMENTATIONS.
        flip: A random number 0..1; below 0.5 the photo is flipped.
        *chances: Five random numbers 0..1: the window's height and width, its shear, its place from top and left.
    """
    if {"shear", "zoom"} & names:
        photo = resampled(square, size, *_window(len(square), size, names, *chances))
    else:
        top, left = chances[-2:] if "crop" in names else (0.5, 0.5)
        room = len(square) - size + 1
        top, left = int(top * room), int(left * room)
        photo = square[top : top + size, left : left + size]
    return photo[:, ::-1] if "flip" in names and flip < 0.5 else photo


def _window(side, size, names, tall, wide, slant, top, left):
    """(top, left, height, width, slope) of a window in a square, from five random numbers in 0..1.

    Row y begins `slope * y` pixels further to the right; 0 and side - 1 are the centers of the outermost pixels.
    """
    side -= 1
    height = width = size
    if "zoom" in names:
        low, high = (1 - ZOOM) * size, min((1 + ZOOM) * size, side)
        height, width = low + tall * (high - low), low + wide * (high - low)
    slope = (2 * slant - 1) * min(SHEAR, (side - width) / height) if "shear" in names else 0
    if "crop" not in names:
        top = left = 0.5
    drift = slope * height
    return top * (side - height), left * (side - width - abs(drift)) - min(drift, 0), height, width, slope
