"""Photos for the notebooks, by the name of their source, with the sample photos where nothing else is to be had."""

from pathlib import Path

import numpy as np
from PIL import Image

from colorlib.learning import datasets
from colorlib.photos import PhotoError, load_photo, sample_photos, save_photo


def folder_of(source, data="data"):
    """The folder of the photos in a source, a Path.

    Args:
        source: A folder, or the name of one in `data`; "drive:FOLDER" of your Google Drive; a link to a zip or a
            shared folder; the name of a public set; or "samples", the few photos that need no network.
        data: The folder into which photos are fetched.

    Raises:
        PhotoError: The source cannot be had.
    """
    if source == "samples":
        return _samples(Path(data, "whole-samples"))
    if Path(data, source).is_dir():
        return Path(data, source)
    if source.startswith("drive:"):
        return datasets.from_drive(source.removeprefix("drive:"))
    if source.startswith("https:"):
        return datasets.from_link(source, Path(data, "linked"))
    return datasets.public(source) if source in datasets.PUBLIC else Path(source)


def split_sources(sources, data="data", validation=0.3, seed=0):
    """(training, held-out) photos by source, two dicts of lists of paths.

    A source that cannot be had is left out, with one printed line; when none can, the samples are used.
    """
    train, test = {}, {}
    for source in sources:
        try:
            train[source], test[source] = datasets.sides(folder_of(source, data), validation, seed)
        except PhotoError as error:
            print(f"Without {source}: {error}")
    if not train:
        train["samples"], test["samples"] = datasets.sides(folder_of("samples", data), validation, seed)
    return train, test


def some(paths, count, rng):
    """A choice of `count` paths by a NumPy generator, in their order; all of them when there are fewer."""
    return [paths[i] for i in sorted(rng.permutation(len(paths))[:count])]


def small(path, longest=256):
    """The photo in a file `(H, W, 3) uint8`, shrunk to `longest` pixels when it is larger."""
    photo = Image.fromarray(load_photo(path, least=2 * longest))
    photo.thumbnail((longest, longest))
    return np.asarray(photo)


def sample_squares(data="data", side=100):
    """A folder in `data` with the sample photos cut into squares, so that there is a little to learn from."""
    folder = Path(data, "samples")
    whole = {path.stem: load_photo(path) for path in sorted(_samples(Path(data, "whole-samples")).iterdir())}
    for name, photo in whole.items():
        rows, columns = (n // side for n in photo.shape[:2])
        for i, (y, x) in enumerate(np.ndindex(rows, columns)):
            square = photo[y * side : (y + 1) * side, x * side : (x + 1) * side]
            save_photo(square, folder / name / f"{name}_{i:04d}.jpg")
    print(f"These are squares of {len(whole)} photos: enough to see the steps, too few to learn color.")
    return folder


def _samples(folder):
    """A folder with the sample photos in color, filled where it is not."""
    for name, photo in sample_photos().items():
        if name != "camera":  # that one is gray
            save_photo(photo, folder / f"{name}.jpg")
    return folder
