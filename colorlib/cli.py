"""The command line: colorlib colorize | report | archive | film | train | evaluate | demo."""

import argparse
import os
import signal
import sys
from functools import partial
from pathlib import Path

from colorlib import archive_command, colorize_command, film_command, parts
from colorlib.colorizer import Colorizer
from colorlib.files import printable
from colorlib.finding import find_and_tell
from colorlib.terminal import import_keras_quietly, safe_streams, stopping_signals


def main(arguments=None):
    """Run one command; the exit status: 0 when all is done, 1 with a sentence on stderr when not."""
    options = _parser().parse_args(arguments)
    with safe_streams():
        try:
            with stopping_signals():
                return options.command(options)
        except ValueError as error:  # PhotoError too
            print(f"colorlib: {printable(error)}", file=sys.stderr)
            return 1
        except MemoryError:
            print("colorlib: There is not enough memory.", file=sys.stderr)
            return 1
        except KeyboardInterrupt as stopped:  # Ctrl-C, and the signals that ask to end
            resumes = options.command in (_colorize, _archive, _film, _train)
            resume = "; run the same command again to resume" if resumes else ""
            print(f"\ncolorlib: stopped{resume}.", file=sys.stderr)
            return 128 + getattr(stopped, "number", signal.SIGINT)


def _parser():
    parser = argparse.ArgumentParser(prog="colorlib", description="Color black-and-white photographs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    colorize = commands.add_parser("colorize", help="color photos, or whole folders of them")
    colorize_command.add_options(colorize)
    _add_network(colorize)
    colorize.set_defaults(command=_colorize)
    report = commands.add_parser("report", help="merge the reports of parts; say what is missing, failed or twice")
    report.add_argument("reports", nargs="+", type=Path, metavar="REPORT", help="a report, or a folder of reports")
    report.add_argument("--out", type=Path, help="write the merged report to this CSV file")
    report.set_defaults(command=_report)
    archive = commands.add_parser("archive", help="color an archive on a cluster, from and to disks or object storage")
    archive_command.add_options(archive)
    _add_network(archive)
    archive.set_defaults(command=_archive)
    film = commands.add_parser("film", help="color a film, or a folder of its frames")
    film_command.add_options(film)
    _add_network(film)
    film.set_defaults(command=_film)
    _add_train(commands.add_parser("train", help="train a network on folders of photos, or resume a run"))
    _add_evaluate(commands.add_parser("evaluate", help="measure a network on photos, beside the baselines"))
    _add_demo(commands.add_parser("demo", help="open the web page: upload photos, color them, save them"))
    return parser


def _add_network(command):
    command.add_argument("--model", help="name of a pretrained network, or a .keras file (unet)")
    command.add_argument(
        "--size", type=int, help="shorter side, in pixels, of the copy the network sees (256 for a .keras file)"
    )


def _add_demo(demo):
    demo.add_argument("--port", type=int, default=8000, help="port of the page (8000)")
    demo.add_argument("--host", default="127.0.0.1", help="0.0.0.0 opens the page to the network (127.0.0.1)")
    demo.add_argument("--token", help="token that opens the page, or $COLORLIB_TOKEN (a new one at each start)")
    demo.add_argument("--pages", type=int, help="most pages open at the same time (as many as fit in memory)")
    demo.add_argument("--no-browser", action="store_true", help="do not open the page in the browser")
    demo.add_argument("--out", type=Path, default=Path("outputs"), help="folder for previous predictions (outputs)")
    _add_network(demo)
    demo.set_defaults(command=_demo)


def _add_train(train):
    train.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="folder of photos; its val/ is held out, or else a tenth of the photos",
    )
    train.add_argument(
        "--network", default="beta", metavar="NAME", help="network to train (beta); a name in `models.NETWORKS`"
    )
    train.add_argument("--start", help="initial weights: a pretrained network or a .keras file, of the same network")
    train.add_argument(
        "--freeze-encoder",
        type=int,
        default=0,
        metavar="N",
        help="keep the first N stages of a pretrained encoder fixed (8: all)",
    )
    train.add_argument("--critic", action="store_true", help="go on from --start with a critic as the loss")
    train.add_argument("--age", action="store_true", help="augment with copies made to look old")
    train.add_argument("--run", type=Path, required=True, help="folder of the run; the same folder resumes it")
    train.add_argument("--epochs", type=int, default=15, help="how often each photo is seen (15)")
    train.add_argument("--size", type=int, default=128, help="side of the training crops, in pixels (128)")
    train.add_argument("--batch-size", type=int, default=32, help="photos per step (32)")
    train.add_argument("--learning-rate", type=float, help="Adam's learning rate (0.001; 0.00001 with --critic)")
    train.add_argument(
        "--weights", type=Path, help="file of PATTERN,WEIGHT lines: how often the photos of each source are drawn"
    )
    train.add_argument("--epoch-photos", type=int, metavar="N", help="photos per epoch (all)")
    train.add_argument("--average", action="store_true", help="keep running means of the weights")
    train.add_argument("--patience", type=int, help="stop after this many epochs without a better validation loss")
    train.add_argument("--mixed-precision", choices=["float16", "bfloat16"], help="faster on hardware made for it")
    train.add_argument("--devices", metavar="N", help="share each batch among N devices, or all (one)")
    train.add_argument("--keep-all", action="store_true", help="keep gray, tiny and duplicate photos")
    train.add_argument("--seed", type=int, default=0, help="seed of the split, the order and the initial weights (0)")
    train.set_defaults(command=_train)


def _add_evaluate(evaluate):
    evaluate.add_argument("folder", type=Path, help="folder of color photos; its val/ is measured if there is one")
    _add_network(evaluate)
    evaluate.add_argument("--seed", type=int, default=0, help="seed of the split, as in training (0)")
    evaluate.add_argument("--train", type=Path, help="photos for the baselines to learn from (train/, or a split)")
    evaluate.add_argument(
        "--worn", nargs="*", metavar="WEAR", help="give the network damaged copies: fade blur grain jpeg (all)"
    )
    evaluate.add_argument("--csv", type=Path, help="also write the table to this file")
    evaluate.set_defaults(command=_evaluate)


def _colorize(options):
    def colorizer():
        import_keras_quietly()
        tuning = {"saturation": options.saturation, "temperature": options.temperature}
        return Colorizer(options.model, options.size, negative=options.negative, **tuning)

    return colorize_command.run(options, colorizer)


def _report(options):
    merged = parts.merge(options.reports, options.out)
    print(merged.summary())
    return 0 if merged.is_complete else 1


def _archive(options):
    from colorlib.archive_storage import needed

    needed("ray")
    import_keras_quietly()
    return archive_command.run(options)


def _film(options):
    def colorizer():
        import_keras_quietly()
        tuning = {"saturation": options.saturation, "temperature": options.temperature}
        return Colorizer(options.model, options.size, **tuning)

    return film_command.run(options, colorizer)


def _train(options):
    import_keras_quietly()
    import keras

    from colorlib.learning import aging, augmentation, batches, critic_command, datasets, sampling, training

    if options.critic:
        critic_command.prepare(options)
    keras.utils.set_random_seed(options.seed)
    if options.keep_all:
        sides = [datasets.sides(folder, seed=options.seed) for folder in options.folders]
        learned, held_out = (sum(photos, []) for photos in zip(*sides))
    else:
        learned, held_out = datasets.clean_sides(options.folders, seed=options.seed)
    augment = augmentation.AUGMENTATIONS + aging.AGINGS if options.age else True
    network = _network(options)
    photos = batches.Batches(
        learned,
        options.size,
        options.batch_size,
        augment,
        options.seed,
        weights=sampling.weights_of(learned, options.weights) if options.weights else None,
        epoch_photos=options.epoch_photos,
    )
    validation = batches.Batches(held_out, options.size, augment=False)
    if options.critic:
        return critic_command.run(options, network, photos, validation)
    training.train(
        network,
        photos,
        validation,
        options.run,
        epochs=options.epochs,
        learning_rate=options.learning_rate or 1e-3,
        patience=options.patience,
        mixed_precision=options.mixed_precision,
        average=options.average,
        devices=options.devices,
    )
    print(f"To color with it: colorlib colorize PHOTO --model {options.run / 'best.keras'} --size {options.size}")
    return 0


def _network(options):
    from colorlib import models
    from colorlib.learning.widening import can_widen, widen

    model = models.build(options.network)
    if options.start:
        begun = Colorizer(options.start).model
        if [w.shape for w in begun.weights] == [w.shape for w in model.weights]:
            model.set_weights(begun.get_weights())
        elif can_widen(model, begun):
            widen(model, begun)
        else:
            raise ValueError(f"{options.start} holds the network {begun.name}; wanted {options.network}.")
    if options.freeze_encoder:
        models.freeze_encoder(model, options.freeze_encoder)
    return model


def _evaluate(options):
    from colorlib import baselines, metrics
    from colorlib.learning import datasets

    seen = _worn(options.worn)
    own = datasets.own_sides(options.folder)
    if options.train:
        learned, held_out = find_and_tell(options.train), own[1] if own else find_and_tell(options.folder)
    else:
        learned, held_out = datasets.sides(options.folder, seed=options.seed)
    import_keras_quietly()
    colorizer = Colorizer(options.model, options.size)
    predictors = baselines.fit(learned) | {colorizer.model.name: colorizer.ab}
    rows = metrics.evaluate(held_out, predictors, seen=seen)
    print(metrics.format_table(rows))
    if options.csv:
        print(f"Written to {metrics.save_table(rows, options.csv)}.")
    return 0


def _worn(wear):
    """The function that damages photos as --worn asks: every kind of damage if it names none, None without it."""
    from colorlib.learning import aging

    if unknown := set(wear or ()) - set(aging.WEAR):
        raise ValueError(f"--worn names {', '.join(sorted(unknown))}; wanted some of {', '.join(aging.WEAR)}, or none.")
    return None if wear is None else partial(aging.worn, wear=wear or aging.WEAR)


def _demo(options):
    from colorlib.page.serve import serve

    _hide_token(options.token)
    serve(
        options.port,
        options.host,
        options.token,
        options.out / "predictions",
        options.model,
        options.size,
        options.pages,
        not options.no_browser,
    )
    return 0


def _hide_token(token):
    """Start this program again with the token in its environment: every account can read a command line."""
    words = [word for word in sys.argv[1:] if word not in ("--token", token, f"--token={token}")]
    if token and len(words) < len(sys.argv) - 1:
        os.environ["COLORLIB_TOKEN"] = token
        os.execv(sys.executable, [sys.executable, "-m", "colorlib", *words])
