"""The command line: colorlib colorize | demo."""

import argparse
import os
import sys
from pathlib import Path

from colorlib.colorizer import Colorizer, results_for


def main(arguments=None):
    """Run one command; the exit status: 0 when all is done, 1 with a sentence on stderr when not."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
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
    colorize.set_defaults(run=_colorize)
    demo = commands.add_parser("demo", help="see it work: train the alpha network on a sample portrait")
    demo.add_argument("--out", type=Path, default=Path("outputs"), help="folder of the pictures (outputs)")
    demo.add_argument("--epochs", type=int, default=200, help="times the network sees the portrait (200)")
    demo.set_defaults(run=_demo)
    return parser


def _colorize(options):
    pairs = results_for(options.photos, options.out)
    _import_keras_quietly()
    failed = Colorizer(options.model, options.size).files(pairs, options.overwrite)
    print(f"{len(pairs) - len(failed)} of {len(pairs)} photos are in color in {options.out}.")
    if failed:
        print(f"colorlib: {len(failed)} could not be colored, named above.", file=sys.stderr)
    return 1 if failed else 0


def _demo(options):
    from colorlib.demo import first_colors

    _import_keras_quietly()
    first_colors(options.out, options.epochs)
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
