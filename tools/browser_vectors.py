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

from colorlib import ab_bins, inference, models, preparation, pretrained_networks
from colorlib.color import gray_of, lightness
from colorlib.colorizer import Colorizer
from colorlib.files import write_whole
from colorlib.hints import Hint
from colorlib.inference import InferenceSettings
from colorlib.photos import SAMPLES, sample_photo

PREPARED = "preparation.json.gz"
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
    write_whole(gzip.compress(json.dumps(prepared()).encode(), mtime=0), Path(folder) / PREPARED)


def prepared():
    """What colorlib.preparation makes of odd photos, and of a long one in pieces, as JSON."""
    return {"photos": [_prepared(name, gray) for name, gray in _odd_photos()], "pieces": _pieces()}


def _odd_photos():
    """(name, `(H, W) uint8`): in a white border, in a black one, a page of writing, a faded photo, a print."""
    portrait, noise = gray_of(sample_photo("astronaut")), np.random.default_rng(0)
    portrait = np.asarray(Image.fromarray(portrait).resize((120, 120), Image.Resampling.BOX))
    page = np.linspace(150, 215, 130)[:, None] + noise.normal(0, 2, (130, 110))
    page[30:100:10, 20:90:3] = 60
    dots = np.sin(np.arange(300) * 2 * np.pi / 4.5)
    print_ = np.asarray(Image.fromarray(portrait).resize((300, 200), Image.Resampling.BICUBIC)) * 0.8 + 20
    yield "white border", np.pad(portrait[:90], [(12, 20), (11, 9)], constant_values=248)
    yield "black border", np.pad(portrait[:, 20:], [(8, 9), (14, 6)], constant_values=4)
    yield "page", page.round().astype(np.uint8)
    yield "faded", (190 + portrait[:100] / 14).round().astype(np.uint8)
    yield "print", (print_ + 25 * np.outer(dots[:200], dots)).clip(0, 255).round().astype(np.uint8)


def _prepared(name, gray):
    L = lightness(gray)
    small = inference.shrunk(preparation.descreened(L), *inference.seen_size(*L.shape, SIZE))
    seen = preparation.without_border(small, lambda L: inference.stretched(L, 0.5))
    return {
        "name": name,
        "height": L.shape[0],
        "width": L.shape[1],
        "gray": _packed(gray),
        "period": preparation.screen_period(L),
        "border": preparation.border(small),
        "structure": preparation.structure(small),
        "share": float(preparation.color_share(small).max()),
        "seen": _packed(seen.astype(np.float32)),
    }


def _pieces():
    """A long plane, and what `in_pieces` says of it: means of 4 x 4 pixels plus how far to the right in the piece."""

    def predict(views):
        cells = views.reshape(1, views.shape[1] // 4, 4, -1, 4).mean(axis=(2, 4))
        ramp = np.broadcast_to(np.arange(cells.shape[2], dtype=np.float32), cells.shape)
        return {"maps": np.stack([cells, ramp], axis=-1).astype(np.float32)}

    width = 2208
    row = 50 + 40 * np.sin(np.arange(width) / 30)
    maps = preparation.in_pieces(predict, np.tile(row.astype(np.float32), (32, 1))[None, ..., None])["maps"]
    return {"width": width, "row": _packed(row.astype(np.float32)), "maps": _packed(maps[0, 0])}


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
