"""A JPEG in, a colored JPEG out, against the straightforward script.

A photo file is read, colored by a network and written. *Straightforward* is the script one would write with
scikit-image: `io.imread`, `rgb2lab`, L resized to 256 x 256, `model.predict`, ab resized back, `lab2rgb`,
`img_as_ubyte`, `io.imsave`. *Decode and encode* is Pillow reading and writing the file, with no color at all:
the floor. Medians of 3 fresh processes, taking turns. Each process has loaded its network and colored one small
photo before the clock starts: the seconds, wall and CPU (all threads together), are those of each further
photo. *Peak* is the whole process's memory while it works, *framework* what of it was in use before the photo
came: Python, TensorFlow, the network. The networks were trained on a thumbnail of the photo, so that the colors
laid under it are about its own; a photo that stays gray would be cheaper. The second table has what is wanted at
12 megapixels in brackets: at least 12, at most 6, at most 1200.
"""

import tempfile
from itertools import product
from pathlib import Path

import numpy as np
from measure import alternated, cost, medians, mosaic, table
from PIL import Image

REPETITIONS = 3
PHOTOS = {"1 MP, color": (2, 2, 500), "12 MP, color": (3, 4, 1000), "12 MP, black and white": (3, 4, 1000)}
EPOCHS = {"alpha": 200, "beta": 100}
FLOOR = ("none", "decode and encode")  # the network and the way of a photo that is not colored


def decode_encode(network):
    def way(source, result):
        with Image.open(source) as image:
            image.save(result, quality=95)

    return way


def ours(network):
    from colorlib import Colorizer, load_photo, save_photo

    colorizer = Colorizer(network)

    def way(source, result):
        save_photo(colorizer(load_photo(source)), result)

    return way


def straightforward(network):
    import keras
    from skimage import color, io, transform, util

    import colorlib.models  # registers its layers for loading  # noqa: F401

    model = keras.saving.load_model(network)

    def way(source, result):
        photo = io.imread(source)
        if photo.ndim == 2:
            photo = color.gray2rgb(photo)
        L = color.rgb2lab(photo)[..., :1]
        small = transform.resize(L, (256, 256), anti_aliasing=True)
        ab = model.predict(small[None], verbose=0)[0]
        ab = transform.resize(ab, photo.shape[:2])
        rgb = color.lab2rgb(np.concatenate([L, ab], axis=-1))
        io.imsave(result, util.img_as_ubyte(rgb))

    return way


WAYS = {"decode and encode": decode_encode, "ours": ours, "straightforward": straightforward}


def measured(way, network, source, folder):
    """Costs of the start (imports, network, one small photo) and of the photo."""

    def start():
        photo_to_photo = WAYS[way](network)
        photo_to_photo(folder / "small.jpg", folder / "result.jpg")
        return photo_to_photo

    started, photo_to_photo = cost(start)
    return started, cost(photo_to_photo, source, folder / "result.jpg")[0]


def train(name, photo, path):
    from colorlib import models, rgb_to_lab

    thumbnail = Image.fromarray(photo).resize((128, 96), Image.Resampling.BOX)
    lab = rgb_to_lab(np.asarray(thumbnail))[None]
    model = getattr(models, name)()
    model.compile("adam", "mse")
    model.fit(lab[..., :1], lab[..., 1:], epochs=EPOCHS[name], verbose=0)
    model.save(path)


def prepare(folder):
    """Write the photos, small.jpg for the start and the networks; {photo's name: its file}."""
    files = {}
    for name, tiles in PHOTOS.items():
        image = Image.fromarray(mosaic(*tiles)).convert("L" if "black" in name else "RGB")
        files[name] = folder / f"{name}.jpg"
        image.save(files[name], quality=95)
    image.resize((128, 96)).save(folder / "small.jpg")
    for name in EPOCHS:
        alternated({f"train {name}": (train, name, mosaic(*tiles), folder / f"{name}.keras")}, 1)
    return files


def all_costs(folder):
    """{(photo, network, way): (start's Cost, photo's Cost)}; decoding and encoding has no network."""
    files = prepare(folder)
    calls = {
        (photo, network, way): (measured, way, folder / f"{network}.keras", file, folder)
        for photo, file in files.items()
        for network, way in [FLOOR, *product(EPOCHS, ["ours", "straightforward"])]
    }
    costs = alternated(calls, REPETITIONS)
    return {names: [medians(each) for each in zip(*several)] for names, several in costs.items()}


def report(costs):
    rows, ratios = [], []
    for (photo, network, way), (started, work) in costs.items():
        rows.append([photo, network, way, work.wall, work.cpu, work.peak, work.before, started.wall])
        if way == "ours":
            floor, script = (costs[photo, *other][1].cpu for other in [FLOOR, (network, "straightforward")])
            ratios.append([photo, network, script / work.cpu, work.cpu / floor, work.peak])
    table(["photo", "network", "way", "wall s", "CPU s", "peak MB", "framework MB", "start, wall s"], rows)
    header = ["straightforward / ours, CPU (12)", "ours / decode and encode, CPU (6)", "ours, peak MB (1200)"]
    table(["photo", "network", *header], ratios)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        costs = all_costs(Path(folder))
    report(costs)
