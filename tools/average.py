"""The mean of the weights of two trained networks, often better than either (Wortsman et al. 2022, "model soups").

python tools/average.py runs/unet/best.keras runs/unet160/best.keras runs/average.keras

The second may be the state of an epoch in a run's folder, such as runs/studio/epoch-0004.
"""

import sys
from pathlib import Path

import numpy as np

from colorlib import models
from colorlib.colorizer import Colorizer


def main(first, second, result):
    is_state = Path(second).is_dir()
    mean, other = Colorizer(first).model, Colorizer(first if is_state else second).model
    if is_state:
        models.learner(other).load_weights(Path(second) / "model.weights.h5")
    mean.set_weights([np.add(one, two) / 2 for one, two in zip(mean.get_weights(), other.get_weights())])
    mean.save(result)


if __name__ == "__main__":
    main(*sys.argv[1:])
