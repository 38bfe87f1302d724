"""Pictures made from previous predictions: before and after in one picture, or many on a contact sheet."""

import io

from PIL import Image, ImageDraw, ImageFont

from colorlib.page.html import short
from colorlib.photos import load_photo

NOTE = "The colors are invented."
LONGEST = 6000  # longer side in pixels of each half, at most
COLUMNS, CELL, GAP = 3, (540, 250), 16  # of a sheet; each cell (width, height in pixels) holds a preview and its name


def before_and_after(entry, note=NOTE):
    """The bytes of a JPEG with a photo in black and white, and in color beside it or, if it is wide, below it.

    Args:
        entry: A `predictions.Entry`.
        note: A line of text below the pictures. "": none.

    Raises:
        PhotoError: A file of the entry cannot be read.
    """
    halves = [Image.fromarray(load_photo(path)) for path in (entry.gray, entry.colored)]
    for half in halves:
        half.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    width, height = halves[0].size
    gap = max(2, max(width, height) // 60)
    wide, foot = width > height, max(12, max(width, height) // 40) if note else 0
    across, down = (width, 2 * height + gap) if wide else (2 * width + gap, height)
    picture = Image.new("RGB", (across, down + (2 * foot if note else 0)), "white")
    for i, half in enumerate(halves):
        picture.paste(half, (0, i * (height + gap)) if wide else (i * (width + gap), 0))
    if note:
        _write(picture, note, across / 2, down + foot, foot)
    return _jpeg(picture)


def contact_sheet(entries):
    """The bytes of a JPEG with the previews of several entries, in rows of three, each above its name.

    Raises:
        ValueError: `entries`, a list of `predictions.Entry`, is empty.
        PhotoError: A preview cannot be read.
    """
    if not entries:
        raise ValueError("No photos were chosen for the sheet; wanted at least one.")
    rows = -(-len(entries) // COLUMNS)
    columns = min(COLUMNS, len(entries))
    sheet = Image.new("RGB", (columns * (CELL[0] + GAP) + GAP, rows * (CELL[1] + GAP) + GAP), "white")
    for i, entry in enumerate(entries):
        left, top = GAP + i % COLUMNS * (CELL[0] + GAP), GAP + i // COLUMNS * (CELL[1] + GAP)
        preview = Image.fromarray(load_photo(entry.preview))
        sheet.paste(preview, (left + (CELL[0] - preview.width) // 2, top + 205 - preview.height))
        _write(sheet, short(entry.title), left + CELL[0] / 2, top + 228, 20)
    return _jpeg(sheet)


def _write(picture, text, x, y, size):
    """Write a line of text, centered at a point."""
    ImageDraw.Draw(picture).text((x, y), text, fill="#333333", anchor="mm", font=ImageFont.load_default(size))


def _jpeg(picture):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()
