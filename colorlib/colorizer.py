"""Colorizer: a network put to use on a photo, a list of photos, a folder; any size.

The network sees a small copy of the photo's L; its ab is enlarged and laid under the photo's own L.
"""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib import folders
from colorlib.color import lightness, planes_to_rgb
from colorlib.inference import Decode, guided_lines, stretched
from colorlib.photos import INVENTED, PhotoError, load_photo

MULTIPLE = 32  # sizes are padded to a multiple of this: enough for every network in models
LONGEST = 4  # the longer side the network sees is at most this many times the working size
STRIP = 1 << 20  # full-size pixels worked on at a time


class Colorizer:
    """Colors photos with a network: `Colorizer(model)(photo)` is the photo in color.

    `model` takes L `(B, H, W, 1)` 0..100 to ab `(B, H, W, 2)`: a keras.Model, or the path of a
    `.keras` file. `decode` is how it is asked (`inference.Decode`), or just `size`, the shorter side, in pixels, of
    the copy the network sees. `saturation` multiplies ab: 0 is gray, 1 as the network says. `temperature`
    replaces the network's own, where it chooses among bins: lower is more vivid, and patchier. Both can be set
    at any time. Raises ValueError for another kind of model or file, or numbers out of range.
    """

    def __init__(self, model, size=256, decode=None, saturation=1.0, temperature=None):
        self.decode = decode or Decode(size)
        size = self.decode.size
        if not isinstance(size, (int, np.integer)) or size < MULTIPLE:
            raise ValueError(f"size is {size!r}; wanted a whole number of pixels, at least {MULTIPLE}.")
        self.model = _loaded(model) if isinstance(model, (str, os.PathLike)) else model
        self.size = int(size)
        _check_contract(self.model)
        self._annealed = next((layer for layer in self.model.layers if layer.name == "annealed_mean"), None)
        self._own_temperature = self._annealed and float(self._annealed.temperature)
        self.saturation, self.temperature = saturation, temperature
        self._predict = _compiled(self.model)

    @classmethod
    def from_pretrained(cls, name=None, saturation=1.0, temperature=None):
        """A Colorizer with weights that come with colorlib, `pretrained()` lists them; the first when no name is given.

        Raises ValueError for another name.
        """
        from colorlib import pretrained_networks

        model, decode = pretrained_networks.load(name)
        return cls(model, decode=decode, saturation=saturation, temperature=temperature)

    @classmethod
    def named(cls, model=None, size=None, **settings):
        """A Colorizer of a name that `pretrained()` lists, or of a `.keras` file, which sees `size` pixels (256).

        `settings` are saturation and temperature. Raises ValueError for another name or file, or a size with a name.
        """
        from colorlib import pretrained_networks

        pretrained_networks.check(model, size)
        return (
            cls(model, size or 256, **settings)
            if pretrained_networks.is_file(model)
            else cls.from_pretrained(model, **settings)
        )

    @property
    def saturation(self):
        return self._saturation

    @saturation.setter
    def saturation(self, saturation):
        self._saturation = _number("saturation", saturation, 0, 10)

    @property
    def has_temperature(self):
        """Whether the network chooses among bins, so that a temperature means something."""
        return self._annealed is not None

    @property
    def temperature(self):
        return self._temperature

    @temperature.setter
    def temperature(self, temperature):
        if self.has_temperature:
            used = self._own_temperature if temperature is None else _number("temperature", temperature, 0.01, 10)
            self._annealed.temperature.assign(used)
        elif temperature is not None:
            raise ValueError(f"The network {self.model.name} has no temperature; wanted one that chooses among bins.")
        self._temperature = temperature

    def __call__(self, photos):
        """The photo in color, or for several photos a generator of them, one by one.

        A photo is `(H, W, 3)` or `(H, W)` uint8, or whatever `load_photo` reads, and comes back as
        `(H, W, 3) uint8` of the same size. Its lightness stays, within 0.5 L; colors it had are
        ignored. Raises PhotoError for an unreadable file, ValueError for another kind of array.
        """
        if isinstance(photos, np.ndarray) and photos.ndim < 4:
            return self._color(photos)
        if isinstance(photos, (str, os.PathLike, bytes, Image.Image)) or hasattr(photos, "read"):
            return self._color(load_photo(photos))
        if not hasattr(photos, "__iter__"):
            raise ValueError(f"A {type(photos).__name__} was given; wanted a photo, the path of one, or several.")
        return (self(photo) for photo in photos)

    def folder(self, source, destination, overwrite=False, note=INVENTED, report=None):
        """Color every photo of a folder and its subfolders into another; {path: why not} for the rest.

        Results keep their place and name; those not JPEG or PNG get `.png` added. As `folders.color` otherwise.
        Raises PhotoError when there is no such folder, ValueError when a result would replace its photo.
        """
        if not Path(source).is_dir():
            raise PhotoError(f"There is no folder {source}.")
        pairs = folders.results_for([source], destination)
        return folders.color(self, pairs, destination, overwrite, note, report)

    def predict(self, L):
        """The network's ab `(h, w, 2) float32` for L `(h, w)` 0..100 of any size, as it is seen."""
        h, w = L.shape
        room = [(0, -h % MULTIPLE), (0, -w % MULTIPLE)]
        ab = self._predict(np.pad(L, room, mode="symmetric")[None, ..., None])
        return np.asarray(ab, np.float32)[0, :h, :w]

    def ab(self, L):
        """ab `(H, W, 2) float32` for L `(H, W) float32` 0..100: seen small, enlarged to L's own size."""
        return np.stack(_enlarged(self._seen(L), L, 0, len(L)), axis=-1)

    def _seen(self, L):
        """Planes of the size the network sees: for a and b each a line, slope and start, through L."""
        small = _shrunk(L, *_seen_size(*L.shape, self.size))
        asked = stretched(small, self.decode.levels) if self.decode.levels else small
        ab = self.predict(asked)
        if self.decode.mirror:
            ab = (ab + self.predict(asked[:, ::-1])[:, ::-1]) / 2
        ab = ab * np.float32(self.saturation)
        slopes, starts = guided_lines(small, ab) if self.decode.edges else (None, ab)
        return [[lines is not None and _plane(lines, i) for lines in (slopes, starts)] for i in (0, 1)]

    def _color(self, photo):
        photo = _checked(photo)
        L = lightness(photo)
        planes = self._seen(L)
        colored = np.empty((*L.shape, 3), np.uint8)
        for top, bottom in _strips(*L.shape):
            colored[top:bottom] = planes_to_rgb(L[top:bottom], *_enlarged(planes, L, top, bottom))
        return colored


def _checked(photo):
    gray = photo.ndim == 2 or photo.shape[2:] == (1,)
    if photo.dtype != np.uint8 or photo.size == 0 or not (gray or photo.shape[2:] == (3,)):
        raise ValueError(f"photo is {photo.dtype} of shape {photo.shape}; wanted (H, W, 3) or (H, W) uint8.")
    return photo


def _seen_size(height, width, size):
    """Height and width of the copy the network sees: shorter side `size`, longer side bounded."""
    scale = min(size / min(height, width), LONGEST * size / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _shrunk(L, height, width):
    """L at another size: averaged over areas when smaller, smooth when larger."""
    method = Image.Resampling.BOX if height < L.shape[0] else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(L).resize((width, height), method)).clip(0, 100)


def _strips(height, width):
    """(top, bottom) of runs of rows that hold about STRIP pixels."""
    rows = max(1, STRIP // width)
    return ((top, min(top + rows, height)) for top in range(0, height, rows))


def _plane(planes, i):
    return Image.fromarray(np.ascontiguousarray(planes[..., i]))


def _enlarged(planes, L, top, bottom):
    """a and b of rows top..bottom of L, `(rows, W)` each, from their small lines."""
    ab = []
    for slope, start in planes:
        plane = _enlarged_rows(start, top, bottom, *L.shape)
        if slope:
            plane = plane + _enlarged_rows(slope, top, bottom, *L.shape) * L[top:bottom]
        ab.append(plane)
    return ab


def _enlarged_rows(plane, top, bottom, height, width):
    """Rows top..bottom of a plane enlarged to height x width, bilinear, seamless between strips."""
    scale = plane.height / height
    box = (0, top * scale, plane.width, min(bottom * scale, plane.height))
    return np.asarray(plane.resize((width, bottom - top), Image.Resampling.BILINEAR, box=box))


def _number(name, number, least, most):
    if not isinstance(number, (int, float, np.number)) or not least <= number <= most:
        raise ValueError(f"{name} is {number!r}; wanted a number from {least} to {most}.")
    return float(number)


def _loaded(path):
    if not Path(path).is_file():
        raise ValueError(f"There is no network file {path}; wanted a .keras file saved with model.save().")
    import keras

    import colorlib.models  # registers its layers for loading  # noqa: F401

    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # zip, json, h5 and Keras itself each raise their own
        raise ValueError(f"{path} is not a network that can be loaded; wanted a .keras file.") from error


def _check_contract(model):
    shapes = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if not all(isinstance(shape, tuple) and len(shape) == 4 for shape in shapes):
        raise ValueError(f"model is {model!r}; wanted a keras.Model that takes L and gives ab.")
    if (shapes[0][3], shapes[1][3]) != (1, 2):
        raise ValueError(f"model takes {shapes[0]} and gives {shapes[1]}; wanted (B, H, W, 1) and (B, H, W, 2).")


def _compiled(model):
    """The network as one compiled function of L, for any height and width.

    `model.predict` would trace anew for each new size, 0.8-1.8 s each.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        L = tf.TensorSpec((None, None, None, 1), "float32")
        return tf.function(lambda L: model(L, training=False), input_signature=[L])
    if keras.backend.backend() == "jax":
        return _compiled_jax(model)
    return lambda L: keras.ops.convert_to_numpy(model(L, training=False))


def _compiled_jax(model):
    import jax

    def call(variables, L):
        trainable, fixed = variables
        return model.stateless_call(trainable, fixed, L, training=False)[0]

    compiled = jax.jit(call)  # compiles once for each padded size: few, as sizes are multiples of 32
    variables = model.trainable_variables, model.non_trainable_variables  # read at each call: they can be set
    return lambda L: compiled([[variable.value for variable in some] for some in variables], L)
