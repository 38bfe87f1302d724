"""Guards of a training against a critic: what is measured at each checkpoint, and when it has to stop.

A critic never says that it is enough. What goes wrong is known: flat areas become noisy, everything too colorful, the
colors wrong, skin orange.
"""

from pathlib import Path

import keras
import numpy as np
from scipy import ndimage

from colorlib import metrics
from colorlib.color import lab_to_rgb
from colorlib.files import whole_file

FLAT = 2  # standard deviation of L in 5 x 5 pixels under which an area counts as flat
SKIN = {"L": (35, 90), "chroma": (10, 40), "hue": (25, 75)}  # colors of skin; hue in degrees from a to b
ORANGE = np.array([0.5, 0.866])  # direction of orange in the ab plane, 60 degrees
SLACK = 1.02  # CIEDE2000 may become worse by 2 %
BEYOND = 1.1  # a network that is over a limit from the start may become worse by 10 %
LIMITS = {"flat noise": 1.0, "colorfulness": 1.05, "orange skin": 1.25}  # each a ratio to the photos
WORDS = {
    "flat noise": "flat areas have more color noise than the photos",
    "colorfulness": "the photos become too colorful",
    "CIEDE2000": "the colors become wrong",
    "orange skin": "skin becomes orange",
}


def measures(L, ab, made):
    """The numbers that the guards check, a dict: ratios of predicted to true colors, and CIEDE2000.

    Args:
        L: `(N, H, W, 1)` 0..100.
        ab: The photos' own colors, `(N, H, W, 2)` in Lab units.
        made: The predicted colors, `(N, H, W, 2)` in Lab units.
    """
    true, guess = (lab_to_rgb(np.concatenate([L, colors], axis=-1)) for colors in (ab, made))
    skin, flat = _skin(L, ab), np.stack([_spread(plane) for plane in L[..., 0]]) < FLAT
    return {
        "flat noise": _ratio(_noise(made, flat), _noise(ab, flat)),
        "colorfulness": _ratio(*(sum(map(metrics.colorfulness, photos)) for photos in (guess, true))),
        "CIEDE2000": float(np.mean([metrics.ciede2000(*pair) for pair in zip(true, guess)])),
        "orange skin": _ratio(*((colors[skin] @ ORANGE).sum() for colors in (made, ab))),
    }


def tripped(now, before):
    """The names of the guards whose limit is passed, a list; `now` and `before` are `measures`.

    CIEDE2000 may grow by 2 %. A measure that was over its limit from the start may grow by 10 %.
    """
    limits = {name: limit if before[name] <= limit else BEYOND * before[name] for name, limit in LIMITS.items()}
    limits["CIEDE2000"] = SLACK * before["CIEDE2000"]
    return [name for name in WORDS if now[name] > limits[name]]


class Guards(keras.callbacks.Callback):
    """Measure held-out photos after each checkpoint, and stop the training when a guard's limit is passed.

    The measures become columns of the history, with "stopped", 1 where training stops. While all limits hold, the
    network is saved as `passed.keras`, once it has begun to learn.

    Args:
        network: The network before the training, with which later measures are compared.
        validation: The held-out photos, a `Batches`.
        folder: The run's folder.
        photos: The number of photos that are measured.
        stops: Whether the training stops. If not, the measures are stored only.
    """

    def __init__(self, network, validation, folder, photos=64, stops=True):
        super().__init__()
        self.network, self.folder, self.stops = network, Path(folder), stops
        validation.epoch = 0
        some = [validation[i] for i in range(min(len(validation), -(-photos // validation.batch_size)))]
        self.L, self.ab = (np.concatenate(parts)[:photos] for parts in zip(*some))
        self.before = self.measured()

    def measured(self):
        """The `measures` of the network now."""
        made = np.concatenate([self.network.predict_on_batch(self.L[i : i + 8]) for i in range(0, len(self.L), 8)])
        return measures(self.L, self.ab, made)

    def on_epoch_end(self, epoch, logs=None):
        now = self.measured()
        stop = tripped(now, self.before)
        logs.update(now, stopped=float(bool(stop and self.stops)))
        if not stop and float(self.model.ready):
            self.folder.mkdir(parents=True, exist_ok=True)
            with whole_file(self.folder / "passed.keras") as part:
                self.network.save(part)
        elif stop and self.stops:
            self.model.stop_training = True
            reasons = ", ".join(f"{WORDS[name]} ({name} {self.before[name]:.2f} -> {now[name]:.2f})" for name in stop)
            print(f"\nStopped after checkpoint {epoch + 1}: {reasons}.")


def _spread(plane):
    """The standard deviation of the 5 x 5 pixels around each pixel of a plane."""
    mean, square = (ndimage.uniform_filter(values, 5) for values in (plane, plane.astype(np.float64) ** 2))
    return np.sqrt(np.maximum(square - mean.astype(np.float64) ** 2, 0))


def _noise(colors, flat):
    """The mean spread of colors `(N, H, W, 2)` in flat areas."""
    spread = sum(np.stack([_spread(plane) for plane in colors[..., i]]) for i in range(2))
    return spread[flat].mean() if flat.any() else 0.0


def _skin(L, ab):
    """Where the true color is one of skin, `(N, H, W) bool`."""
    values = {
        "L": L[..., 0],
        "chroma": np.hypot(ab[..., 0], ab[..., 1]),
        "hue": np.degrees(np.arctan2(ab[..., 1], ab[..., 0])),
    }
    return np.logical_and.reduce([(low <= values[name]) & (values[name] <= high) for name, (low, high) in SKIN.items()])


def _ratio(part, whole):
    return float(part / whole) if whole else 0.0
