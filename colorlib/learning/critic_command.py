"""`colorlib train --critic`: what is different from `colorlib train`."""

from colorlib import encoder

STEPS = 50  # of an epoch, after which the guards look
RATE = 1e-5  # the learning rate where none is given
ENCODED = ("unet", "narrow_unet", "regression_unet", "fusion")  # networks with a pretrained encoder


def prepare(options):
    """Put what is usual with a critic where nothing was given: short epochs, small steps, the decoder alone.

    Raises:
        ValueError: --critic meets an option that it does not go with, or there is nothing to begin with.
    """
    others = {
        "--average": options.average,
        "--patience": options.patience,
        "--mixed-precision": options.mixed_precision,
    }
    if given := [name for name, value in others.items() if value]:
        raise ValueError(f"{given[0]} was given with --critic; wanted one of the two.")
    if not options.start:
        raise ValueError("--critic was given without --start; wanted a trained network to go on from, such as unet.")
    options.epoch_photos = options.epoch_photos or STEPS * options.batch_size
    options.learning_rate = options.learning_rate or RATE
    if options.network in ENCODED:
        options.freeze_encoder = options.freeze_encoder or encoder.ALL


def run(options, network, photos, validation):
    """Train the network against a critic; the exit status."""
    from colorlib.learning import critic

    settings = {"checkpoints": options.epochs, "learning_rate": options.learning_rate}
    critic.fine_tune(network, photos, validation, options.run, **settings)
    passed = options.run / "passed.keras"
    if passed.exists():
        print(f"To color with it: colorlib colorize PHOTO --model {passed} --size {options.size}")
    else:
        print("No checkpoint in which the network learned has passed the guards: keep the network it began with.")
    return 0
