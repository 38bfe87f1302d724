"""Store a trained network among those that come with colorlib, with the calibration that `calibrate.py` found.

    python tools/ship.py runs/unet/best.keras unet data/landscapes data/faces data/general --size 192

Written are NAME.npz, NAME.json and its line in SHA256SUMS; the card NAME.md is written by hand.
"""

import argparse
from pathlib import Path

import numpy as np
from calibrate import prior_of

from colorlib import ab_bins, models, pretrained_networks
from colorlib.colorizer import Colorizer
from colorlib.inference import InferenceSettings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("name")
    parser.add_argument("folders", nargs="+", type=Path, help="those it was trained on")
    parser.add_argument("--weights", type=Path, help="the sampling weights it was trained with")
    parser.add_argument("--frozen-encoder", action="store_true", help="its encoder was not trained: not stored again")
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--levels", type=float, default=0.25)
    parser.add_argument("--tau", type=float, default=0.25)
    parser.add_argument("--temperature", type=float, default=0.45)
    parser.add_argument("--fade", type=float, default=1.0)
    parser.add_argument("--smooth", type=float, default=0.0)
    parser.add_argument("--gain", type=float, default=1.0)
    options = parser.parse_args()

    model = Colorizer(options.model).model
    if models.classifies(model):
        mean = models.annealed_mean_of(model)
        mean.shift.assign(options.tau * np.log(ab_bins.weights(prior_of(options.folders, options.weights))))
        for name in ("temperature", "fade", "gain"):
            getattr(mean, name).assign(getattr(options, name))
    settings = InferenceSettings(options.size, options.levels, mirror=True, edges=True, smooth=options.smooth)
    pretrained_networks.save(options.name, model, settings, options.frozen_encoder)
    path = pretrained_networks.weight_files.FOLDER / f"{options.name}.npz"
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
