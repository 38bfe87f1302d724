"""Split photos into those to learn from and those held out for validation."""

import hashlib
import os
import re
from pathlib import Path

from colorlib.finding import enough, find_and_tell
from colorlib.learning.cleaning import clean
from colorlib.photos import PhotoError, find_photos

TRAINING, HELD_OUT = ("train", "training"), ("val", "valid", "validation")  # names of subfolders


def sides(folder, validation=0.1, seed=0):
    """(training, validation) photos of a folder, two lists of paths.

    A folder with a val/ inside is split already (`own_sides`); any other is split by `split`. Prints which files are
    not photos, and how many.

    Args:
        folder: The path of the folder.
        validation: The fraction of the photos that is held out where the folder is not split.
        seed: The seed of the split.

    Raises:
        PhotoError: There is no such folder, or it has fewer than two photos.
    """
    found = find_and_tell(folder)
    return own_sides(folder, found) or split(enough(found, folder, 2), validation, seed)


def own_sides(folder, photos=None):
    """(training, validation) photos of a folder that is split into subfolders; None for a folder that is not.

    Validation photos are those in val/, valid/ or validation/, or, beside a train/, in test/. Training photos are
    those in train/ or training/; without such a folder, all that are not held out.

    Raises:
        PhotoError: There is no such folder, or one of the two has no photos.
    """
    photos = find_photos(folder) if photos is None else photos
    training, held = _named_sides(folder)
    if not held:
        return None
    held_out = [photo for photo in photos if set(held) & set(photo.parents)]
    learned = [photo for photo in photos if not training or set(training) & set(photo.parents)]
    learned = [photo for photo in learned if not set(held) & set(photo.parents)]
    for side, place in (learned, training[0] if training else Path(folder)), (held_out, held[0]):
        if not side:
            raise PhotoError(f"There are no photos in the folder {place}; wanted some, or no folder {held[0].name}.")
    return learned, held_out


def _named_sides(folder):
    """The subfolders of a folder that hold its training and its validation photos: two lists."""
    inside = sorted(path for path in Path(folder).iterdir() if path.is_dir())
    training = [path for path in inside if path.name.lower() in TRAINING]
    held = [path for path in inside if path.name.lower() in HELD_OUT]
    if training and not held:
        held = [path for path in inside if path.name.lower() == "test"]
    return training, held


def clean_sides(folders, validation=0.1, seed=0):
    """(training, validation) photos of several folders, cleaned before they are split.

    Each photo is in color, not tiny, and no copy of another one; no training photo is a copy of a validation photo.

    Args:
        folders: Paths of folders, each with its own train/ and val/ or not, as for `sides`.
        validation: The fraction of the photos that is held out where a folder is not split.
        seed: The seed of the split.

    Raises:
        PhotoError: A folder is missing, or nothing is left to learn from or to hold out; says why.
    """
    pairs = [sides(folder, validation, seed) for folder in folders]
    learned, held_out = (sum(photos, []) for photos in zip(*pairs))
    kept, left_out = clean([*held_out, *learned])  # held-out photos first: of copies, the first is kept
    pairs = [_kept(folder, *pair, set(kept), validation, seed) for folder, pair in zip(folders, pairs)]
    cleaned = [sum(photos, []) for photos in zip(*pairs)]
    if not all(cleaned):
        why = "; ".join(f"{len(photos)} {why}, such as {photos[0]}" for why, photos in left_out.items() if photos)
        raise PhotoError(
            f"{len(cleaned[0])} photos are left to learn from and {len(cleaned[1])} to hold out, of "
            f"{len(learned) + len(held_out)} (left out: {why or 'none'}); wanted one or more of each, in color, of 64 "
            "pixels or more a side, that differ."
        )
    return cleaned


def _kept(folder, learned, held_out, kept, validation, seed):
    """(training, validation) photos of a folder that were kept; split again if the folder is not split itself."""
    learned, held_out = ([photo for photo in side if photo in kept] for side in (learned, held_out))
    if _named_sides(folder)[1]:
        return learned, held_out
    photos = sorted(learned + held_out)
    try:
        return split(photos, validation, seed)
    except ValueError:  # too few
        return photos, []


def split(photos, validation=0.1, seed=0, group=None):
    """(training, validation) photos, two lists in the order given.

    A hash of a photo's name, without folder and ending, decides: adding or removing photos moves no other one. Neither
    list is empty: of few photos, the one nearest to the bound is moved.

    Args:
        photos: Paths of photos.
        validation: About which fraction is held out, between 0 and 1.
        seed: Another seed gives another split.
        group: A function from a photo to its group; a group is never divided. By default, photos in a folder with their
            person's name (`Some_Name/Some_Name_0001.jpg`, as in LFW) are a group, and every other photo is one of its
            own. `person` goes by the names alone.

    Raises:
        ValueError: `validation` is not between 0 and 1, or there are fewer than two groups.
    """
    if not 0 < validation < 1:
        raise ValueError(f"validation is {validation!r}; wanted a share between 0 and 1, such as 0.1.")
    photos = list(photos)
    keys = [str((group or _together)(photo)) for photo in photos]
    places = {key: _place(f"{seed} {key}") for key in keys}
    if len(places) < 2:
        raise ValueError(f"{len(photos)} photos in {len(places)} groups cannot be split; wanted two groups or more.")
    count = sum(place < validation for place in places.values())
    held = set(sorted(places, key=places.get)[: min(max(count, 1), len(places) - 1)])
    training = [photo for photo, key in zip(photos, keys) if key not in held]
    return training, [photo for photo, key in zip(photos, keys) if key in held]


def person(photo):
    """The person in a photo: Some_Name for `Some_Name_0001.jpg`; the photo's name where it has no such number."""
    return re.sub(r"_\d{4}$", "", Path(photo).stem)


def _together(photo):
    return person(photo) if person(photo) == Path(photo).parent.name else Path(photo).stem


def _place(key):
    """A number in 0..1 from the hash of a key."""
    return int.from_bytes(hashlib.sha256(os.fsencode(key)).digest()[:8]) / 2**64
