"""Whether a photo looks like a negative: for a note to its owner, nothing else depends on it.

The score is linear in what a network's encoder sees in a photo, less what it sees in the photo turned over. So a photo
and its negative have scores of opposite signs. `tools/fit_negatives.py` fits it; its card is `weights/negatives.md`.
"""

import hashlib
import io

import numpy as np
from PIL import Image

from colorlib import compiling, inference, weight_files
from colorlib.color import gray_of, lightness

FILE = weight_files.FOLDER / "negatives.npz"
LAYERS = ("encoder_4c_add", "encoder_5c_add", "encoder_6d_add", "encoder_7a_project")
SIDE, LEVELS = 160, 0.25  # of what the encoder is given: pixels, and how far its levels are stretched
ENOUGH = 4 * SIDE  # pixels of a side on which lightness is computed


def detector_of(model, path=FILE):
    """A function from a photo `(H, W, 3)` or `(H, W) uint8` to whether it looks like a negative.

    None for a network with another encoder than the score was fitted to, and where the file of the score is missing or
    damaged: no photo fails for want of a note.

    Args:
        model: A keras.Model from L to ab.
        path: The file that `save` wrote.
    """
    try:
        with np.load(io.BytesIO(weight_files.read_listed(path))) as file:
            weights, threshold, encoder = file["weights"], float(file["threshold"]), str(file["encoder"])
        if fingerprint(model) != encoder:
            return None
    except (OSError, ValueError, KeyError):
        return None
    see = encoder_of(model)
    return lambda photo: bool(differences(see, [square(photo)])[0] @ weights > threshold)


def save(weights, threshold, model, path=FILE):
    """Write a score, `(C,)` weights and its threshold, fitted to a network's encoder; its SHA-256 is listed beside."""
    file = io.BytesIO()
    np.savez(file, weights=np.float32(weights), threshold=np.float32(threshold), encoder=fingerprint(model))
    weight_files.write_listed(path, file.getvalue())


def fingerprint(model):
    """A digest of the names and numbers of a network's encoder; ValueError when it has none."""
    from colorlib import models

    digest = hashlib.sha256()
    for layer in models.encoder_layers(model):
        for weight in layer.weights:
            digest.update(weight.path.encode() + np.asarray(weight).tobytes())
    return digest.hexdigest()


def encoder_of(model):
    """The compiled function from L `(B, SIDE, SIDE, 1)` to the means of LAYERS, name -> `(B, C)`."""
    import keras

    means = {name: keras.layers.GlobalAveragePooling2D()(model.get_layer(name).output) for name in LAYERS}
    return compiling.compiled(keras.Model(model.input, means))


def differences(see, squares):
    """What an encoder sees in grays `(SIDE, SIDE) uint8`, less what it sees in them turned over: `(N, C) float32`."""
    both = [gray for square in squares for gray in (square, 255 - square)]
    L = np.stack([inference.stretched(lightness(gray), LEVELS) for gray in both])[..., None]
    seen = see(L)
    means = np.concatenate([np.asarray(seen[name]) for name in LAYERS], axis=1)
    return means[::2] - means[1::2]


def square(photo):
    """The middle square of a photo `(H, W, 3)` or `(H, W) uint8`, as gray `(SIDE, SIDE) uint8`."""
    photo = photo[..., 0] if photo.shape[2:] == (1,) else photo
    side = min(photo.shape[:2])
    top, left = (photo.shape[0] - side) // 2, (photo.shape[1] - side) // 2
    middle = Image.fromarray(np.ascontiguousarray(photo[top : top + side, left : left + side]))
    if side > ENOUGH:
        middle = middle.resize((ENOUGH, ENOUGH), Image.Resampling.BOX)
    method = Image.Resampling.BOX if side > SIDE else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(gray_of(np.asarray(middle))).resize((SIDE, SIDE), method))
