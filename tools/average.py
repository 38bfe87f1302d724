"""The mean of the weights of two trained networks, often better than either (Wortsman et al. 2022, "model soups").

python tools/average.py runs/unet/best.keras runs/unet160/best.keras runs/average.keras
"""

import sys

import numpy as np

from colorlib.colorizer import Colorizer


def main(first, second, result):
    mean, other = (Colorizer(path).model for path in (first, second))
    mean.set_weights([np.add(one, two) / 2 for one, two in zip(mean.get_weights(), other.get_weights())])
    mean.save(result)


if __name__ == "__main__":
    main(*sys.argv[1:])
