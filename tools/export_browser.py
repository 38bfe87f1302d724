"""Write the network that comes with colorlib for the page in the browser: one LiteRT file and its manifest.

    python tools/export_browser.py            # into browser/model/: network.tflite, manifest.json, samples/
    python tools/export_browser.py --vectors  # into browser/test/vectors/: what the page's own code has to equal

A LiteRT file has fixed sizes, a photo has any. So the network is converted at two sizes; the files differ in their
sizes alone, and the manifest lists where each stands and which fraction of the height or width it is. The page
writes the sizes of its photo there: one file for all photos (`resized` is the same in Python).
"""

import argparse
import dataclasses
import hashlib
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib import inference, pretrained_networks
from colorlib.color import gray_of
from colorlib.files import write_whole
from colorlib.photos import sample_photo
from colorlib.weight_files import FOLDER

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "browser"
BASE, OTHER = (224, 352), (416, 544)  # 7, 11, 13 and 17 times 32: every size in the file says what it is
FRACTIONS = (1, 2, 4, 8, 16, 32)
OUTPUTS = ("ab", "features", "logits")  # in this order: the file's outputs have no other names
SAMPLES = ("astronaut", "camera", "coffee", "rocket")
KNOWN = {"temperature", "shift", "gain", "fade"}  # of the annealed mean, which the page works out itself


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default=pretrained_networks.DEFAULT)
    parser.add_argument("--out", type=Path, default=BROWSER / "model")
    parser.add_argument("--vectors", action="store_true", help="write the test vectors instead")
    options = parser.parse_args()
    if options.vectors:
        import browser_vectors

        browser_vectors.write(BROWSER / "test" / "vectors")
        return
    refresh(options.out, options.name)
    print(f"{options.out}: {(options.out / 'network.tflite').stat().st_size / 1e6:.1f} MB")


def refresh(folder, name=pretrained_networks.DEFAULT):
    """Write everything into a folder, unless it was made from the same weights and code already."""
    made_from = fingerprint(name)
    manifest = Path(folder) / "manifest.json"
    if manifest.is_file() and json.loads(manifest.read_text()).get("made_from") == made_from:
        return
    (Path(folder) / "samples").mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        write_whole(gray_jpeg(sample), Path(folder) / "samples" / f"{sample}.jpg")
    write(name, Path(folder), made_from)


def fingerprint(name):
    """The SHA-256 of all that the files depend on: the weights, their settings, the network's code, this file."""
    code = [ROOT / "colorlib" / f"{module}.py" for module in ("models", "layers", "encoder", "ab_bins")]
    code += [Path(__file__), Path(__file__).with_name("litert_halves.py")]
    about = json.loads((FOLDER / f"{name}.json").read_text())
    weights = [FOLDER / f"{name}.npz", FOLDER / f"{name}.json"] + [FOLDER / "lite0.npz"] * (about["encoder"] == "lite0")
    return hashlib.sha256(b"".join(path.read_bytes() for path in [*weights, *code])).hexdigest()


def write(name, folder, made_from):
    """Write network.tflite and manifest.json of a network that comes with colorlib."""
    from colorlib import ab_bins, models

    model, settings = pretrained_networks.load(name)
    data, sizes = convert(model)
    manifest = {
        "network": name,
        "made_from": made_from,
        "file": "network.tflite",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "outputs": list(OUTPUTS),
        "multiple": inference.MULTIPLE,
        "longest": inference.LONGEST,
        "doublings": models.doublings(model),
        "settings": dataclasses.asdict(settings),
        "annealed_mean": annealed_mean(model),
        "bins": ab_bins.bins().tolist(),
        "sizes": sizes,
    }
    write_whole(data, folder / "network.tflite")
    write_whole(json.dumps(manifest).encode(), folder / "manifest.json")  # the last: it says that all is there


def annealed_mean(model):
    """The network's annealed mean, as JSON; ValueError for settings that the page does not know."""
    from colorlib import models

    settings = models.annealed_mean_of(model).settings()
    if unknown := settings.keys() - KNOWN:
        raise ValueError(f"The annealed mean has {', '.join(sorted(unknown))}; the page knows {', '.join(KNOWN)}.")
    return {name: np.asarray(value, float).tolist() for name, value in settings.items()}


def convert(model):
    """The network as a LiteRT file, its kernels in half precision, and where its sizes stand.

    Args:
        model: A keras.Model that chooses among bins.

    Returns:
        The bytes of a file for L `(1, *BASE, 1)`, and its sizes: {"height" or "width": {fraction: [offset in words
        of 4 bytes, ...]}}.
    """
    import keras

    from colorlib import models

    answers = models.with_inner_answers(model).output
    answers["ab"] = models.annealed_mean_of(model).output  # not enlarged: the page works on this one's size
    inner = keras.Model(model.input, [answers[name] for name in OUTPUTS], name="answers")
    data, other = (_converted(inner, *size) for size in (BASE, OTHER))
    return data, _sizes(data, other)


def resized(data, sizes, height, width):
    """The LiteRT file for L `(1, height, width, 1)`, both multiples of 32."""
    words = np.frombuffer(data, "<i4").copy()
    for side, length in (("height", height), ("width", width)):
        for fraction, offsets in sizes[side].items():
            words[offsets] = length // int(fraction)
    return words.tobytes()


def _converted(model, height, width):
    """The bytes of a LiteRT file for L `(1, height, width, 1)`.

    The variables are frozen first: without that, `from_concrete_functions` writes a file without weights.
    """
    import litert_halves
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    function = tf.function(lambda L: model(L, training=False))
    concrete = function.get_concrete_function(tf.TensorSpec((1, height, width, 1), "float32", name="L"))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])
    return litert_halves.halved(converter.convert())


def _sizes(data, other):
    """Where sizes stand in two files of one network; ValueError when the files differ in more than sizes."""
    if len(data) != len(other) or len(data) % 4:
        raise ValueError(f"The LiteRT files have {len(data)} and {len(other)} bytes; wanted the same, times 4.")
    words, others = np.frombuffer(data, "<i4"), np.frombuffer(other, "<i4")
    meaning = {
        (length // fraction, long // fraction): (side, fraction)
        for side, length, long in zip(("height", "width"), BASE, OTHER)
        for fraction in FRACTIONS
    }
    sizes, strange = {"height": {}, "width": {}}, 0
    for offset in np.flatnonzero(words != others):
        side, fraction = meaning.get((words[offset], others[offset]), (None, None))
        if side is None:
            strange += 1
            continue
        sizes[side].setdefault(fraction, []).append(int(offset))
    if strange > 8:  # the two hashes in the file's names take a few words
        raise ValueError(f"The LiteRT files of two sizes differ in {strange} words that are no sizes.")
    return sizes


def gray_jpeg(name):
    """A sample photo in black and white, as the bytes of a JPEG file."""
    gray = Image.fromarray(gray_of(sample_photo(name)))
    file = io.BytesIO()
    gray.save(file, "JPEG", quality=88)
    return file.getvalue()


if __name__ == "__main__":
    main()
