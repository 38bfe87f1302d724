"""What `colorlib colorize` does with --hints, --like and --versions."""

from functools import partial
from pathlib import Path

from colorlib import hints
from colorlib.photos import load_photo, save_photo


def add_options(colorize):
    """Add the three options to the parser of `colorlib colorize`."""
    about = "colors at points of the photo, a .hints.json file"
    colorize.add_argument("--hints", type=Path, metavar="FILE", help=about)
    colorize.add_argument("--like", metavar="PHOTO", help="color like this one; with --hints, like it with its hints")
    colorize.add_argument("--versions", type=int, default=1, metavar="N", help="N ways to color each: NAME.2.jpg ...")


def chosen(options, colorizer, pairs):
    """A function that colors a photo, and one that writes the result, as the options say.

    Raises ValueError for hints of several photos and for options that exclude each other.
    """
    known = hints.load(options.hints) if options.hints else []
    if options.versions != 1 and (known or options.like):
        raise ValueError("--versions stands beside --hints or --like; wanted one of them.")
    if known and not options.like and len(pairs) > 1:
        raise ValueError(f"--hints is for one photo and {len(pairs)} are named; wanted one, or --like PHOTO beside it.")
    color, write = partial(colorizer), save_photo
    if options.versions != 1:
        color, write = partial(colorizer.versions, n=options.versions), _save_versions
    elif options.like:
        color = partial(colorizer, like=colorizer.reference(load_photo(options.like), known))
    elif known:
        color, write = partial(colorizer, hints=known), partial(hints.save_result, hints=known)
    color.made_with = _made_with(options, colorizer, known)
    color.looks_negative = getattr(colorizer, "looks_negative", None)
    return color, write


def _made_with(options, colorizer, known):
    """What is kept in a result, so that a later run knows whether it was made with the same options."""
    made = dict(getattr(colorizer, "made_with", None) or {})
    if known:
        made["hints"] = hints.to_json(known)
    if options.like:
        made["like"] = str(options.like)
    return made if options.versions == 1 else made | {"versions": options.versions}


def _save_versions(photos, path, **about):
    """Write the versions of a photo as NAME.jpg, NAME.2.jpg, ..., the first one last: a run continues by it."""
    for number, photo in reversed(list(enumerate(photos, 1))):
        save_photo(photo, path if number == 1 else path.with_stem(f"{path.stem}.{number}"), **about)
