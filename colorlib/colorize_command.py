"""The command `colorlib colorize`: photos, folders and patterns, into a folder or one file."""

import os
import stat
import sys
from pathlib import Path

from colorlib import by_hand_command, folders, formats
from colorlib.files import printable
from colorlib.parts import Part
from colorlib.photos import INVENTED, SAMPLES, PhotoError, check_writable, expanded, sample_path


def add_options(command):
    """Add the command's arguments to an argparse parser."""
    command.add_argument(
        "photos", nargs="*", metavar="PHOTO", help="a photo, a folder, or a pattern with stars; none: the samples"
    )
    command.add_argument(
        "--out", default="colored", help="folder of the results, or for one photo the file (the folder colored)"
    )
    command.add_argument("--saturation", type=float, default=1.0, help="0 is gray, 1 as the network says, 1.3 vivid")
    command.add_argument("--temperature", type=float, help="lower is more vivid and patchier, 1 is grayish")
    command.add_argument("--negative", action="store_true", help="the photos are negatives: turn them first")
    command.add_argument("--no-note", action="store_true", help="do not write into files that colors are invented")
    command.add_argument("--keep-times", action="store_true", help="give results the times of their photos' files")
    command.add_argument("--report", help="a CSV file of the outcome of each photo")
    command.add_argument("--part", metavar="I/N", help="only part I of N, such as 3/8: one for each of N machines")
    command.add_argument("--overwrite", action="store_true", help="color again what is colored already")
    by_hand_command.add_options(command)


def run(options, make_colorizer):
    """Color what the options name; the exit status.

    Args:
        options: What argparse made of `add_options`.
        make_colorizer: A function that makes the Colorizer, called once there is something to color.
    """
    sources = options.photos or [sample_path(name) for name in SAMPLES]
    part = Part.parse(options.part) if options.part else None
    plan, destination = planned(sources, options.out)
    report = _take_part(plan, destination, part, options.report) if part else options.report
    color, write = by_hand_command.chosen(options, make_colorizer(), plan.pairs)
    note, passed = None if options.no_note else INVENTED, folders.not_colored(plan)
    for outcome in passed:
        print(f"Left out: {printable(outcome.error)}")
    if summary := plan.summary():
        print(summary)
    outcomes = folders.color(
        color,
        plan.pairs,
        destination,
        options.overwrite,
        note,
        report,
        part and str(part),
        write=write,
        passed_over=passed,
        keep_times=options.keep_times,
    )
    failed = folders.failures(outcomes)
    photos = len(plan.pairs) + sum(outcome.status == "failed" for outcome in passed)
    print(f"{photos - len(failed)} of {photos} photos are in color in {printable(options.out)}.")
    if failed:
        print(f"colorlib: {len(failed)} could not be colored, named above.", file=sys.stderr)
    return 1 if failed else 0


def planned(sources, out):
    """The `plans.Plan` for `--out`, and the folder to lock: None when `out` is a file for one photo."""
    path = expanded(out)
    is_folder = os.path.isdir(path)
    if is_folder or not formats.by_ending(path) and not os.path.isfile(path):
        return folders.plan(sources, path), path
    plan = folders.plan(sources, path)  # as if it were a folder: to count what there is
    if len(plan.pairs) != 1 or _is_folder(sources[0]):
        files = {os.fspath(photo) for photo, _ in plan.pairs}
        kind = "photos" if len(files) > 1 else "pages"
        count = f"{len(plan.pairs)} {kind}" if len(plan.pairs) > 1 else "a folder"
        raise PhotoError(f"--out is the file {printable(path)}; wanted a folder for {count}.")
    check_writable(path)
    photo = plan.pairs[0][0]
    if os.path.realpath(photo) == os.path.realpath(path):
        raise ValueError(f"The result would replace the photo {printable(photo)} itself; wanted another file.")
    plan.pairs = [(photo, path)]
    return plan, None


def _take_part(plan, destination, part, report):
    """Leave in a `plans.Plan` what is in a part; the path of the part's report. Part 1 reports what is no photo."""
    if destination is None:
        raise ValueError(f"--part is {part.number}/{part.count}; wanted a folder as --out with it.")
    plan.pairs = part.of(plan.pairs, destination)
    if part.number > 1:
        plan.failed, plan.skipped = {}, {}
    return part.report(report or destination / "report.csv")


def _is_folder(source):
    try:
        return stat.S_ISDIR(os.stat(Path(source).expanduser()).st_mode)
    except (OSError, ValueError, RuntimeError):
        return False
