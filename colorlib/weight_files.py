"""Networks <-> weight files: small trained weights in half precision, checked when they are read.

A network's weights are a dictionary from variable path, such as `encoder_stem/kernel`, to array.
On disk they are `NAME.npz`, and the folder's SHA256SUMS, in the format of `sha256sum`, lists the
file's SHA-256, and that of `NAME.json` beside it.
"""

import hashlib
import io
from pathlib import Path

import numpy as np

from colorlib.files import write_whole

FOLDER = Path(__file__).parent / "weights"


def arrays_of(model):
    """The weights of a keras.Model: variable path -> float32 array; ValueError where two share a path."""
    arrays = {}
    for variable in model.weights:
        if variable.path in arrays:
            raise ValueError(f"Two variables of {model.name} are called {variable.path}; give its layers names.")
        arrays[variable.path] = variable.numpy().astype(np.float32)
    return arrays


def assign(model, arrays, without=None):
    """Put arrays, variable path -> array, into a keras.Model, every one or none.

    Variables whose path begins with `without` are left alone. Raises ValueError for a tensor that is missing, foreign
    or of another shape, naming it.
    """
    variables = [variable for variable in model.weights if not (without and variable.path.startswith(without))]
    foreign = sorted(set(arrays) - {variable.path for variable in variables})
    if foreign:
        raise ValueError(f"The weights hold {_first(foreign)}, which {model.name} does not have.")
    assign_variables(variables, arrays)


def assign_variables(variables, arrays):
    """As `assign`, for these Keras variables only; arrays of other names are left alone."""
    missing = [variable.path for variable in variables if variable.path not in arrays]
    if missing:
        raise ValueError(f"The weights lack {_first(missing)}.")
    for variable in variables:
        given, wanted = np.shape(arrays[variable.path]), tuple(variable.shape)
        if given != wanted:
            raise ValueError(f"The weights hold {variable.path} of shape {given}; wanted {wanted}.")
    for variable in variables:
        variable.assign(arrays[variable.path])


def read(name, folder=FOLDER):
    """The weights in `folder/NAME.npz`: variable path -> float32 array.

    Raises ValueError when there is no such file, when its SHA-256 is not the listed one, or when none is listed.
    """
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        have = ", ".join(sorted(p.stem for p in Path(folder).glob("*.npz"))) or "none"
        raise ValueError(f"There are no weights named {name} in {folder}; there are: {have}.")
    with np.load(io.BytesIO(read_listed(path))) as file:
        return {key: file[key].astype(np.float32) for key in file.files}


def write(name, arrays, folder=FOLDER):
    """Write weights, variable path -> array, to `folder/NAME.npz` and list their SHA-256; the Path.

    Kernels become float16. Vectors, a hundredth of the numbers, stay float32: batch normalization's
    variances can be smaller than float16's smallest number. The same arrays give the same bytes.
    Raises ValueError for a tensor that is not finite in its type.
    """
    stored = {key: _stored(key, arrays[key]) for key in sorted(arrays)}
    file = io.BytesIO()
    np.savez(file, **stored)  # dates every member 1980, so that bytes repeat
    path = Path(folder, f"{name}.npz")
    write_listed(path, file.getvalue())
    return path


def read_listed(path):
    """The bytes of a file that the SHA256SUMS beside it lists.

    Raises ValueError when it is not listed, or its SHA-256 is not the listed one.
    """
    data, listed = path.read_bytes(), _sums(path.parent).get(path.name)
    if listed is None:
        raise ValueError(f"{path.name} is not listed in SHA256SUMS, so that it cannot be checked.")
    if hashlib.sha256(data).hexdigest() != listed:
        raise ValueError(f"{path.name} is damaged: its SHA-256 is not the one in SHA256SUMS; install it again.")
    return data


def write_listed(path, data):
    """Write bytes to a file and list its SHA-256 in the SHA256SUMS beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sums = _sums(path.parent) | {path.name: hashlib.sha256(data).hexdigest()}
    write_whole(data, path)
    lines = (f"{digest}  {file_name}\n" for file_name, digest in sorted(sums.items()))
    write_whole("".join(lines).encode(), path.parent / "SHA256SUMS")


def _stored(key, array):
    array = np.asarray(array)
    with np.errstate(over="ignore"):
        array = array.astype(np.float16 if array.ndim > 1 else np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"{key} has values that are not finite in {array.dtype}.")
    return array


def _sums(folder):
    """SHA256SUMS: file name -> SHA-256 in hexadecimal."""
    path = Path(folder) / "SHA256SUMS"
    lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines if len(line.split()) > 1)}


def _first(paths):
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
