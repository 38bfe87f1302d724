"""The trained networks that come with colorlib: NAME.npz, NAME.json and their card NAME.md in `weights/`.

The JSON says which network of `models` it is, and how it is asked (`inference.Decode`). A network whose encoder
was not trained stores the rest only: the encoder is `lite0.npz`, once for all.
"""

import dataclasses
import json
from pathlib import Path

from colorlib import weight_files
from colorlib.files import write_whole
from colorlib.inference import Decode

DEFAULT = "unet"


def pretrained():
    """The trained networks there are, name -> card, the one used by default first.

    A card is markdown: what it was trained on and how, its scores beside the baselines, what it cannot do.
    """
    names = sorted(path.stem for path in weight_files.FOLDER.glob("*.json"))
    names.sort(key=lambda name: name != DEFAULT)
    return {name: (weight_files.FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in names}


def load(name=None, folder=weight_files.FOLDER):
    """A trained network and how it is asked: (keras.Model, Decode); the default one when no name is given.

    Raises ValueError for another name, and for weights that are damaged, incomplete or of another network.
    """
    from colorlib import models

    name = name or DEFAULT
    about = _about(name, folder)
    model = getattr(models, about["network"])()
    arrays = weight_files.read(name, folder)
    weight_files.assign(model, arrays, without="encoder_" if about["encoder"] == "lite0" else None)
    return model, Decode(**about["decode"])


def is_file(model):
    """Whether `model` is meant as a file: names have no ending."""
    return bool(model) and bool(Path(model).suffix)


def check(model=None, size=None):
    """ValueError unless `model` is None or a name that `pretrained()` lists, without `size`, or a file there is."""
    if is_file(model):
        if not Path(model).is_file():
            raise ValueError(f"There is no network file {model}; wanted a .keras file saved with model.save().")
        return
    _about(model or DEFAULT)
    if size:
        raise ValueError(f"--size is {size} without a .keras file; a network that comes with colorlib has one.")


def save(name, model, decode, frozen_encoder=False, folder=weight_files.FOLDER):
    """Store a network of `models`, in half precision, with how it is asked; its card is written by hand."""
    arrays = weight_files.arrays_of(model)
    if frozen_encoder:
        arrays = {path: array for path, array in arrays.items() if not path.startswith("encoder_")}
    about = {"network": model.name, "encoder": "lite0" if frozen_encoder else "its own"}
    about["decode"] = dataclasses.asdict(decode)
    weight_files.write(name, arrays, folder)
    write_whole((json.dumps(about, indent=1) + "\n").encode(), Path(folder) / f"{name}.json")


def _about(name, folder=weight_files.FOLDER):
    path = Path(folder) / f"{name}.json"
    if not path.is_file():
        have = ", ".join(sorted(other.stem for other in Path(folder).glob("*.json")))
        raise ValueError(f"There is no trained network {name!r}; wanted one of {have}, or the path of a .keras file.")
    return json.loads(path.read_text())
