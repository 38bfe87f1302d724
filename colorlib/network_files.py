"""Load the network in a `.keras` file, after a look at how much memory it would take.

A `.keras` file is a zip of config.json, the layers, and model.weights.h5, their weights. Each can claim far more than
the file holds: the zip by compression, the HDF5 file by its own compression, the layers by their number of units.
Weights do not compress, so that the file of a trained network is about as large as what it claims.
"""

import contextlib
import math
import threading
import zipfile

LEAST = 64e6  # bytes that any file may claim
MOST = 4e9  # bytes that no file may claim: the largest network here takes 20 million
TIMES = 20  # what a larger file may claim, in its own sizes: the zeros of an optimizer compress well
WEIGHTS = "model.weights.h5"


def load_network(path):
    """The network in a `.keras` file, a keras.Model that is not compiled.

    Args:
        path: A pathlib.Path.

    Raises:
        ValueError: It is a file of another format, damaged, or would take far more memory than its size.
    """
    if path.suffix.lower() != ".keras":
        raise ValueError(f"{path} does not end in .keras; wanted a file saved with model.save('NAME.keras').")
    import keras

    import colorlib.models  # registers its layers for loading  # noqa: F401

    most = min(max(LEAST, TIMES * path.stat().st_size), MOST)
    try:
        _check_zip(path, most)
        with _weights_bounded(most):
            return keras.saving.load_model(path, compile=False)
    except _TooMuch as error:
        raise ValueError(f"{path} is refused: its {error} for a file of {_megabytes(path.stat().st_size)}.") from error
    except Exception as error:  # zip, json, h5 and Keras itself each raise their own
        raise ValueError(f"{path} is not a network that can be loaded; wanted a .keras file.") from error


class _TooMuch(Exception):
    """A claim far beyond the file's size."""


def _check_zip(path, most):
    with zipfile.ZipFile(path) as archive:
        _check("unpacked files claim", sum(member.file_size for member in archive.infolist()), most)
        if WEIGHTS in archive.namelist():
            with archive.open(WEIGHTS) as file:
                _check_hdf5(file, most)


def _check_hdf5(file, most):
    """Refuse an HDF5 file whose arrays claim too much, or lie in other files."""
    import h5py

    with h5py.File(file, "r") as weights:
        claimed = []

        def count(name, item):
            if isinstance(item, h5py.Dataset):
                claimed.append(math.inf if item.external or item.is_virtual else item.nbytes)

        def refuse(name, link):
            if not isinstance(link, h5py.HardLink):
                raise ValueError(f"{name} is a link.")

        weights.visititems_links(refuse)
        weights.visititems(count)
        _check("weights claim", sum(claimed), most)


@contextlib.contextmanager
def _weights_bounded(most):
    """Within the block, this thread may make layers of so many bytes; one more raises, before it takes its memory."""
    import keras

    add_weight, thread, made = keras.Layer.add_weight, threading.get_ident(), 0

    def bounded(layer, shape=None, *arguments, **options):
        nonlocal made
        if threading.get_ident() == thread:
            made += 4 * math.prod(shape or ())
            _check("layers claim", made, most)
        return add_weight(layer, shape, *arguments, **options)

    with _patching:
        keras.Layer.add_weight = bounded
        try:
            yield
        finally:
            keras.Layer.add_weight = add_weight


_patching = threading.Lock()  # for one network at a time, so that each finds Keras' own function


def _check(what, count, most):
    if count > most:
        raise _TooMuch(f"{what} {_megabytes(count)}")


def _megabytes(count):
    return f"{count / 1e6:,.1f} MB"
