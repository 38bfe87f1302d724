"""Write what the page in the browser has to equal: ten photos, what a network says of them, and their colors.

    python tools/export_browser.py --vectors

The network's outputs are rounded and stored with each photo; the library works from the same rounded ones. So the
vectors test everything but the network, depend on no weights, and stay small. Written again only when the library's
own arithmetic changes; tests/test_browser_page.py says when that is so.
"""

import base64
import functools
import gzip
import json
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib import ab_bins, models, pretrained_networks
from colorlib.colorizer import Colorizer
from colorlib.files import write_whole
from colorlib.hints import Hint
from colorlib.inference import InferenceSettings
from colorlib.photos import SAMPLES, sample_photo

SIZE = 32  # pixels of the shorter side that the network sees here
STEPS = {"logits": 4, "features": 16}  # of the rounded outputs, in each unit
SHAPES = [(60, 80), (83, 47), (40, 160), (33, 33), (64, 48), (25, 29), (90, 61), (47, 100), (130, 31), (71, 71)]
HINTS = [Hint(0.3, 0.4, "#b03030", 0.5), Hint(0.7, 0.75, "#3060a0", 0.3)]
CASES = [  # what differs from photo to photo: settings, and how it is colored
    {},
    {"smooth": 0.05},
    {"hints": HINTS},
    {"mirror": False},
    {"edges": False},
    {"levels": 0.0},
    {"hints": HINTS, "saturation": 1.3},
    {"smooth": 0.05, "temperature": 0.2},
    {"hints": [Hint(0.5, 0.1, "#808080", 1.0), Hint(0.52, 0.12, "#ffcc00", 0.0)], "mirror": False},
    {"saturation": 2.5},  # many colors outside sRGB
]


def write(folder):
    """Write one file for each photo into a folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    names = [*SAMPLES, "astronaut_cut"]
    for number, (name, shape, case) in enumerate(zip(names, SHAPES, CASES)):
        vector = vector_of(small_photo(name.removesuffix("_cut"), shape), case)
        data = gzip.compress(json.dumps(vector).encode(), mtime=0)
        write_whole(data, Path(folder) / f"{number}_{name}.json.gz")
        print(f"{name}: {len(data) / 1e3:.0f} kB")


def small_photo(name, shape):
    """A sample photo, `(H, W, 3) uint8`, at a size of its own, colors and all."""
    return np.asarray(Image.fromarray(sample_photo(name)).resize(shape[::-1], Image.Resampling.BOX))


def vector_of(photo, case, earlier=None):
    """A photo, the network's rounded outputs and the library's results, as JSON.

    Args:
        photo: `(H, W, 3) uint8`.
        case: What differs from the usual, see CASES.
        earlier: An earlier vector, whose outputs and annealed mean are taken instead of today's network's.
    """
    settings = {"size": SIZE, "levels": 0.25, "mirror": True, "edges": True, "smooth": 0.0}
    settings |= {name: value for name, value in case.items() if name in settings}
    usual = {"saturation": 1.0, "temperature": None}
    colorizer = Colorizer(
        network(), settings=InferenceSettings(**settings), **{n: case.get(n, v) for n, v in usual.items()}
    )
    predict, kept = colorizer._predict, _outputs(earlier) if earlier else {}
    if earlier:
        mean = models.annealed_mean_of(colorizer.model)
        for name, value in earlier["annealed_mean"].items():
            getattr(mean, name).assign(value)

    def rounded(views):
        if not kept:
            answers = {name: np.asarray(array) for name, array in predict(views).items()}
            kept.update({name: _rounded(answers[name], step) for name, step in STEPS.items()})
        return {name: kept[name].astype(np.float32) / step for name, step in STEPS.items()} | {
            "ab": np.zeros((*views.shape[:3], 2), np.float32)  # of a network that chooses among bins it is not used
        }

    colorizer._predict = rounded
    L = colorizer.by_hand(photo).L
    colored = colorizer(photo, hints=case.get("hints"))
    annealing = {name: np.asarray(value, float).tolist() for name, value in colorizer.annealing().items()}
    return {
        "height": photo.shape[0],
        "width": photo.shape[1],
        "settings": settings,
        "annealed_mean": annealing,
        "bins": ab_bins.bins().tolist(),
        "saturation": colorizer.saturation,
        "hints": [_plain(hint) for hint in case.get("hints", [])],
        "steps": STEPS,
        "photo": _packed(photo),
        "outputs": {name: {"data": _packed(array), "shape": array.shape} for name, array in kept.items()},
        "L": _packed(L.astype(np.float32)),
        "seen": _packed(colorizer.answer(L).seen.astype(np.float32)),
        "ab": _packed(colorizer.ab_of(colorizer.answer(L)).astype(np.float32)),
        "rgb": _packed(colored),
    }


@functools.cache
def network():
    """The network that ships, loaded once."""
    return pretrained_networks.load()[0]


def unpacked(vector, name):
    """An array of a vector, flat, by its name: "photo" and "rgb" are uint8, "L", "seen" and "ab" float32."""
    kind = np.uint8 if name in ("photo", "rgb") else np.float32
    return np.frombuffer(base64.b64decode(vector[name]), kind)


def _plain(hint):
    a, b = map(float, hint.ab)
    return {"x": hint.x, "y": hint.y, "a": a, "b": b, "reach": hint.reach}


def _outputs(vector):
    """The rounded outputs in a vector, name -> array."""
    outputs = vector["outputs"].items()
    return {name: np.frombuffer(base64.b64decode(o["data"]), np.int8).reshape(o["shape"]) for name, o in outputs}


def _rounded(array, step):
    return np.clip(np.round(array * step), -127, 127).astype(np.int8)


def _packed(array):
    return base64.b64encode(np.ascontiguousarray(array)).decode()
