"""The trained networks that come with colorlib: NAME.npz, NAME.json and their card NAME.md in `weights/`.

The JSON says which network of `models` it is, and its inference settings. A network whose encoder was not trained
stores the rest only: the encoder is `lite0.npz`, once for all.
"""

import dataclasses
import json
import os
from pathlib import Path

from colorlib import weight_files
from colorlib.files import reason
from colorlib.inference import InferenceSettings

DEFAULT = "unet"
ENCODERS = ("lite0", "its own")  # where a network's encoder is stored


def pretrained() -> dict[str, str]:
    """The trained networks there are, name -> card, the one used by default first.

    A card is markdown: what it was trained on and how, its scores beside the baselines, what it cannot do.

    >>> list(pretrained())[:2]
    ['unet', 'fusion']
    """
    names = sorted(path.stem for path in weight_files.FOLDER.glob("*.json"))
    names.sort(key=lambda name: name != DEFAULT)
    return {name: (weight_files.FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in names}


def resolve(network=None, size=None, settings=None):
    """The keras.Model and the InferenceSettings that `network` means; `Colorizer` says what is taken.

    Raises ValueError for a name or file that there is not, and for damaged weights.
    """
    if is_file(network):
        model, own = load_file(network), InferenceSettings()
    elif network is None or isinstance(network, str):
        model, own = load(network)
    else:
        model, own = network, InferenceSettings()
    settings = settings or own
    return model, settings if size is None else dataclasses.replace(settings, size=size)


def load(name=None, folder=weight_files.FOLDER):
    """A trained network and its settings: (keras.Model, InferenceSettings); the default one when no name is given.

    Raises ValueError for another name, and for weights that are damaged, incomplete or of another network.
    """
    from colorlib import encoder, models

    name = name or DEFAULT
    about = _about(name, folder)
    model = models.build(about["network"])
    arrays = weight_files.read(name, folder)
    weight_files.assign(model, arrays, without=encoder.PREFIX if about["encoder"] == "lite0" else None)
    return model, InferenceSettings(**about["inference"])


def load_file(path):
    """The network in a `.keras` file; ValueError where there is none, and where it would need too much memory."""
    check(path)
    from colorlib.network_files import load_network

    return load_network(Path(path))


def is_file(network):
    """Whether `network` means a file: a path, or a string with an ending, which names do not have."""
    return isinstance(network, os.PathLike) or (isinstance(network, str) and bool(Path(network).suffix))


def check(network=None, size=None):
    """Raise ValueError where there is no `network` of that name or path, or the network cannot see `size` pixels."""
    if size is not None:
        InferenceSettings(size)
    if not is_file(network):
        _about(network or DEFAULT)
    else:
        try:
            open(network, "rb").close()
        except OSError as error:  # not there, a folder, a closed folder, a name that is too long
            why = "" if isinstance(error, FileNotFoundError) else f" that can be read ({reason(error)})"
            given = f"There is no network file {network}{why}"
            raise ValueError(f"{given}; wanted a .keras file saved with model.save().") from error


def save(name, model, settings, frozen_encoder=False, folder=weight_files.FOLDER):
    """Store a network of `models`, in half precision, with its InferenceSettings; its card is written by hand."""
    from colorlib import encoder

    arrays = weight_files.arrays_of(model)
    if frozen_encoder:
        arrays = {path: array for path, array in arrays.items() if not path.startswith(encoder.PREFIX)}
    about = {"network": model.name, "encoder": "lite0" if frozen_encoder else "its own"}
    about["inference"] = dataclasses.asdict(settings)
    weight_files.write(name, arrays, folder)
    weight_files.write_listed(Path(folder, f"{name}.json"), (json.dumps(about, indent=1) + "\n").encode())


def _about(name, folder=weight_files.FOLDER):
    path = Path(folder) / f"{name}.json"
    if not path.is_file():
        have = ", ".join(sorted(other.stem for other in Path(folder).glob("*.json")))
        raise ValueError(f"There is no trained network {name!r}; wanted one of {have}, or the path of a .keras file.")
    return _valid(weight_files.read_listed(path), path.name)


def _valid(data, name):
    """What the bytes of NAME.json say; ValueError where they are not what `save` writes."""
    try:
        about = json.loads(data)
        about["inference"] = about.get("inference", about.get("decode"))  # "decode" until version 0.1
        InferenceSettings(**about["inference"])
        if isinstance(about["network"], str) and about["encoder"] in ENCODERS:
            return about
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{name} cannot be read: {error}.") from error
    raise ValueError(f"{name} names the network {about['network']!r} and the encoder {about['encoder']!r}.")
