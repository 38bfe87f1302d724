"""The command `colorlib film`: color a film, or draw a sheet of its scenes."""

from pathlib import Path

from colorlib.photos import INVENTED, load_photo


def add_options(film):
    """Add the command's arguments to an argparse parser."""
    film.add_argument("source", type=Path, metavar="SOURCE", help="a film, or a folder of numbered frames")
    film.add_argument("--out", type=Path, required=True, metavar="FILE", help="the result: .mp4, .mov or .mkv")
    film.add_argument("--saturation", type=float, default=1.0, help="0 is gray, 1 as the network says, 1.3 vivid")
    film.add_argument("--temperature", type=float, help="lower is more vivid, 1 is grayish")
    film.add_argument("--from", dest="start", type=_seconds, default=0, metavar="TIME", help="begin at 75 or 1:15")
    film.add_argument("--for", dest="seconds", type=_seconds, metavar="TIME", help="color so much, such as 5, to try")

    film.add_argument("--hints", type=Path, metavar="FILE", help="your colors at points of frames, as JSON")
    film.add_argument("--like", type=Path, metavar="PHOTO", help="a photo in color whose colors to take")
    film.add_argument("--sheet", action="store_true", help="--out is a picture of all scenes; nothing is colored")
    film.add_argument("--every", type=int, default=5, help="frames from one the network sees to the next (5)")
    film.add_argument("--no-look-ahead", action="store_true", help="colors come from earlier frames only")
    film.add_argument("--fps", type=float, default=24, help="frames per second of a folder (24)")
    film.add_argument("--quality", type=int, default=20, help="lower is better and larger (20; 18 is nearly lossless)")
    film.add_argument("--no-note", action="store_true", help="do not write into the file that colors are invented")
    film.add_argument("--overwrite", action="store_true", help="replace an existing FILE")


def _seconds(text):
    """The seconds, a float, in a text such as "75", "1:15" or "0:01:15"."""
    seconds = 0
    for word in text.split(":"):
        seconds = 60 * seconds + float(word)
    return seconds


def run(options, colorizer):
    """Color a film, or draw its scenes; returns the exit status. `colorizer` is a function that returns a Colorizer."""
    try:
        from colorlib import scenes, video
    except ImportError as error:
        raise ValueError(f'Films need {error.name}: pip install "colorlib[video]".') from error
    if options.sheet:
        found = scenes.save_sheet(options.source, options.out, fps=options.fps)
        print(f"{len(found)} scenes are on {options.out}.")
        return 0
    names = ("start", "seconds", "every", "fps", "quality", "overwrite")
    chosen = {name: getattr(options, name) for name in names}
    video.check(options.source, options.out, **chosen)  # before TensorFlow is loaded
    chosen |= {"look_ahead": not options.no_look_ahead, "note": None if options.no_note else INVENTED}
    chosen |= {"hints": options.hints, "like": options.like and load_photo(options.like)}
    outcome = video.color_film(options.source, options.out, colorizer(), **chosen)
    for note in outcome.notes:
        print(note)
    print(f"{outcome.frames} frames in {outcome.scenes} scenes are in color in {options.out}.")
    return 0
