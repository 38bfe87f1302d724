"""The command `colorlib archive`: color an archive with Ray, on this machine or on a cluster."""

import sys

from colorlib.files import printable
from colorlib.photos import INVENTED


def add_options(command):
    """Add the command's arguments to an argparse parser."""
    command.add_argument(
        "source",
        metavar="SOURCE",
        help="a folder, an address such as s3://bucket/folder, or a .txt file that lists photos",
    )
    command.add_argument("destination", metavar="DESTINATION", help="folder or address of the results")
    command.add_argument("--address", help="a running Ray cluster, such as auto or 10.0.0.1:6379 (Ray starts here)")
    command.add_argument("--workers", type=int, metavar="N", help="photos colored at a time (all cores)")
    command.add_argument("--saturation", type=float, default=1.0, help="0 is gray, 1 as the network says, 1.3 vivid")
    command.add_argument("--temperature", type=float, help="lower is more vivid and patchier, 1 is grayish")
    command.add_argument("--negative", action="store_true", help="the photos are negatives: turn them first")
    command.add_argument("--no-note", action="store_true", help="do not write into files that colors are invented")
    command.add_argument("--report", help="a CSV file of the outcomes (report.csv in the folder DESTINATION)")
    command.add_argument("--overwrite", action="store_true", help="color again what is colored already")


def run(options):
    """Color the archive that the options name; returns the exit status, 1 if a photo failed."""
    from colorlib.archive import color_archive

    counts = color_archive(
        options.source,
        options.destination,
        options.model,
        options.size,
        address=options.address,
        workers=options.workers,
        overwrite=options.overwrite,
        note=None if options.no_note else INVENTED,
        report=options.report,
        saturation=options.saturation,
        temperature=options.temperature,
        negative=options.negative,
    )
    if counts["skipped"]:
        print(f"{counts['skipped']} photos were colored already.")
    done = counts["colored"] + counts["skipped"]
    print(f"{done} of {done + counts['failed']} photos are in color in {printable(options.destination)}.")
    if counts["failed"]:
        print(f"colorlib: {counts['failed']} could not be colored, named above.", file=sys.stderr)
    return 1 if counts["failed"] else 0
