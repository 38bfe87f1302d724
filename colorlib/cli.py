"""The command line: colorlib colorize | train | evaluate | demo."""

import argparse
import os
import sys
from pathlib import Path

from colorlib.colorizer import Colorizer, results_for
from colorlib.photos import find_photos


def main(arguments=None):
    """Run one command; the exit status: 0 when all is done, 1 with a sentence on stderr when not."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except ValueError as error:  # PhotoError too
        print(f"colorlib: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ncolorlib: stopped; the same command goes on where this one stopped.", file=sys.stderr)
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="colorlib", description="Color black-and-white photographs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    colorize = commands.add_parser("colorize", help="color photos, or whole folders of them")
    colorize.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="a photo or a folder")
    colorize.add_argument("--model", required=True, help="the network: a .keras file")
    colorize.add_argument("--out", type=Path, default=Path("colored"), help="folder of the results (colored)")
    colorize.add_argument("--size", type=int, default=256, help="shorter side the network sees (256)")
    colorize.add_argument("--overwrite", action="store_true", help="color again what is colored already")
    colorize.set_defaults(command=_colorize)
    _add_train(commands.add_parser("train", help="train a network on a folder of photos, or go on with a run"))
    _add_evaluate(commands.add_parser("evaluate", help="measure a network on photos, beside the baselines"))
    _add_demo(commands.add_parser("demo", help="the web page: upload, start coloring, look, keep"))
    return parser


def _add_demo(demo):
    demo.add_argument("--port", type=int, default=8000, help="of the page (8000)")
    demo.add_argument("--host", default="127.0.0.1", help="0.0.0.0 opens the page to the network (127.0.0.1)")
    demo.add_argument("--token", help="let in only who knows this word")
    demo.add_argument("--out", type=Path, default=Path("outputs"), help="folder of the previous predictions (outputs)")
    demo.add_argument("--model", help="a network of your own: a .keras file")
    demo.set_defaults(command=_demo)


def _add_train(train):
    train.add_argument("folder", type=Path, help="photos; train/ and val/ inside are used, else a tenth is held out")
    train.add_argument("--network", choices=["alpha", "beta", "faces"], default="beta", help="which to train (beta)")
    train.add_argument("--run", type=Path, required=True, help="folder of the run; the same one goes on with it")
    train.add_argument("--epochs", type=int, default=15, help="times each photo is seen (15)")
    train.add_argument("--size", type=int, default=128, help="side of the squares it learns from, in pixels (128)")
    train.add_argument("--batch-size", type=int, default=32, help="photos a step (32)")
    train.add_argument("--learning-rate", type=float, default=1e-3, help="of Adam (0.001)")
    train.add_argument("--patience", type=int, help="end after so many epochs without a better validation loss")
    train.add_argument("--mixed-precision", choices=["float16", "bfloat16"], help="faster on GPUs made for it")
    train.add_argument("--keep-all", action="store_true", help="learn from gray, tiny and duplicate photos too")
    train.add_argument("--seed", type=int, default=0, help="of the split, the order and the first weights (0)")
    train.set_defaults(command=_train)


def _add_evaluate(evaluate):
    evaluate.add_argument("folder", type=Path, help="photos in color; with train/ and val/ inside, val/")
    evaluate.add_argument("--model", required=True, help="the network: a .keras file")
    evaluate.add_argument("--size", type=int, default=256, help="shorter side the network sees (256)")
    evaluate.add_argument("--train", type=Path, help="photos the baselines may learn from (train/, or a split)")
    evaluate.add_argument("--csv", type=Path, help="write the table to this file too")
    evaluate.set_defaults(command=_evaluate)


def _colorize(options):
    pairs = results_for(options.photos, options.out)
    _import_keras_quietly()
    failed = Colorizer(options.model, options.size).files(pairs, options.overwrite)
    print(f"{len(pairs) - len(failed)} of {len(pairs)} photos are in color in {options.out}.")
    if failed:
        print(f"colorlib: {len(failed)} could not be colored, named above.", file=sys.stderr)
    return 1 if failed else 0


def _train(options):
    _import_keras_quietly()
    import keras

    from colorlib import datasets, models, training
    from colorlib.batches import Batches

    keras.utils.set_random_seed(options.seed)
    learned, held_out = datasets.sides(options.folder, seed=options.seed)
    learned = learned if options.keep_all else datasets.clean(learned, held_out)[0]
    training.train(
        getattr(models, options.network)(),
        Batches(learned, options.size, options.batch_size, seed=options.seed),
        Batches(held_out, options.size, augment=False),
        options.run,
        options.epochs,
        options.learning_rate,
        options.patience,
        options.mixed_precision,
    )
    print(f"To color with it: colorlib colorize PHOTO --model {options.run / 'best.keras'} --size {options.size}")
    return 0


def _evaluate(options):
    from colorlib import baselines, datasets, metrics

    learned, held_out = datasets.sides(options.folder)
    if options.train:
        learned, held_out = find_photos(options.train), find_photos(options.folder)
    _import_keras_quietly()
    colorizer = Colorizer(options.model, options.size)
    rows = metrics.evaluate(held_out, baselines.fit(learned) | {colorizer.model.name: colorizer.ab})
    print(metrics.format_table(rows))
    if options.csv:
        print(f"Written to {metrics.save_table(rows, options.csv)}.")
    return 0


def _demo(options):
    from colorlib.serve import serve

    serve(options.port, options.host, options.token, options.out / "predictions", options.model)
    return 0


def _import_keras_quietly():
    """Import Keras with stderr closed: TensorFlow greets there before it reads any setting."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
