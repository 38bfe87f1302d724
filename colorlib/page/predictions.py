"""History: previous predictions in a folder, kept until the user deletes them.

Each has a folder of its own, which is filled under a temporary name and then renamed: it is complete or absent, and
several pages may write at the same time. The folder's name is the time; the photo's name is only in about.json.
"""

import contextlib
import dataclasses
import datetime
import json
import os
import re
import secrets
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib import hints as by_points
from colorlib.files import make_private, reason, remove_folder, remove_leftovers, whole_folder, write_whole
from colorlib.photos import INVENTED, PhotoError, load_photo, save_photo

OLD_LEFTOVERS = f".{'[0-9]' * 8}-{'[0-9]' * 6}-{'[0-9]' * 6}-{'[0-9a-f]' * 8}.part"  # as version 0.1 named them
NAME = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{8}")  # UTC with microseconds, and eight random digits
PREVIEW = (260, 200)  # largest width and height in pixels of each half of a preview
ROOM = "room.json"  # stores how much disk space the entries may take
LEFTOVER = 86400  # a temporary folder older than this many seconds has been abandoned
LOSSY = (".jpg", ".jpeg", ".webp", ".avif", ".jp2")  # results of other files are stored as PNG


def is_lossless(name):
    """Whether the results of a photo with this file name are stored as PNG."""
    return not name.lower().endswith(LOSSY)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One previous prediction.

    Attributes:
        folder: The Path of its folder.
        title: The name of the photo.
        when: The local time at which it was made, a datetime.
        settings: A dict of the settings it was colored with.
    """

    folder: Path
    title: str
    when: datetime.datetime
    settings: dict = dataclasses.field(default_factory=dict, compare=False)

    @property
    def bytes(self):
        """The size of its files in bytes."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    @property
    def gray(self):
        """The Path of the photo in black and white."""
        return _file(self.folder, "gray")

    @property
    def colored(self):
        """The Path of the photo in color, at full size."""
        return _file(self.folder, "colored")

    @property
    def hints(self):
        """The list of Hints it was colored by hand with; [] if there are none, or they cannot be read."""
        try:
            return by_points.load(by_points.path_beside(self.colored))
        except ValueError:  # PhotoError too
            return []

    def saved_as(self, kind="colored"):
        """The file name for a download of the photo in color, or in black and white (`kind` "gray")."""
        stem = Path(self.title.replace("\\", "/")).stem or "photo"
        return f"{stem}_in_color{self.colored.suffix}" if kind == "colored" else f"{stem}_gray{self.gray.suffix}"

    @property
    def preview(self):
        """The Path of a small JPEG of both, side by side."""
        return self.folder / "preview.jpg"


class History:
    """Previous predictions in a folder.

    Args:
        folder: The path of the folder, which is created when it is first needed.
        keep: How many entries are kept; the oldest ones are deleted. None: all.

    Attributes:
        room: The limit for the size of all entries together, in bytes. Nothing is deleted because of it.

    Raises:
        ValueError: `keep` is less than 1.
    """

    def __init__(self, folder, keep=None):
        if keep is not None and keep < 1:
            raise ValueError(f"keep is {keep!r}; wanted at least 1.")
        self.folder, self.keep = Path(folder), keep

    def add(self, gray, colored, title, lossless=False, about=None, made=None, settings=None, hints=()):
        """Store a result, and return its Entry. The folder is made readable for this account only.

        Args:
            gray: The photo in black and white, `(H, W) uint8`.
            colored: The photo in color, `(H, W, 3) uint8`.
            title: The photo's name, for people to read; no file is named after it.
            lossless: Whether both are written as PNG rather than as JPEG.
            about: The photo's `metadata.Metadata`, for the file in color; or None.
            made: A dict of the photo and the settings that the result was made from, for the file in color; or None.
            settings: A dict of the visitor's settings, for about.json.
            hints: The Hints, stored beside the file in color as `colorlib colorize` does.

        Raises:
            PhotoError: The folder cannot be written.
        """
        now = datetime.datetime.now(datetime.UTC)
        name = f"{now:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}"
        ending = ".png" if lossless else ".jpg"
        try:
            make_private(self.folder)
            with whole_folder(self.folder / name) as folder:
                save_photo(gray, folder / f"gray{ending}")
                by_points.save_result(
                    colored, folder / f"colored{ending}", hints, note=INVENTED, about=about, made=made
                )
                save_photo(_preview(gray, colored), folder / "preview.jpg", quality=85)
                facts = {"title": str(title)[:200], "settings": settings or {}}
                (folder / "about.json").write_text(json.dumps(facts), encoding="utf-8")
            self._clean(name)
            return _entry(self.folder / name)
        except OSError as error:
            raise PhotoError(f"{self.folder} could not be written: {reason(error)}.") from error

    def read(self):
        """(list of the entries, newest first; list of sentences about damaged ones, which are left out)."""
        entries, damaged = [], []
        for name in reversed(self._names()):
            try:
                entries.append(_entry(self.folder / name))
            except (OSError, ValueError, KeyError, TypeError):
                if (self.folder / name).exists():  # otherwise another page has just deleted it
                    damaged.append(f"The previous prediction {name} is damaged and was left out.")
        return entries, damaged

    def entry(self, name):
        """The Entry with this name; ValueError if there is none, or it is damaged."""
        if not NAME.fullmatch(name) or not (self.folder / name).is_dir():
            raise ValueError(f"There is no previous prediction {name}.")
        try:
            return _entry(self.folder / name)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"The previous prediction {name} is damaged.") from error

    @property
    def room(self):
        """The limit that the user chose for all entries together, in bytes; None for no limit."""
        try:
            room = json.loads((self.folder / ROOM).read_text(encoding="utf-8"))["bytes"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return room if isinstance(room, int) and room > 0 else None

    @room.setter
    def room(self, room):
        try:
            make_private(self.folder)
            write_whole(json.dumps({"bytes": room}).encode(), self.folder / ROOM)
        except OSError as error:
            raise PhotoError(f"{self.folder} could not be written: {reason(error)}.") from error

    def over_room(self, entries):
        """The oldest of `entries` (newest first), without which the others fit into `room`. Nothing is deleted."""
        room, taken, kept = self.room, 0, len(entries)
        for i, entry in enumerate(entries):
            taken += entry.bytes
            if room is not None and taken > room:
                kept = i
                break
        return entries[kept:]

    def delete(self, entry):
        """Delete an entry permanently, if it still exists; ValueError if it is not in this history."""
        if entry.folder.parent != self.folder or not NAME.fullmatch(entry.folder.name):
            raise ValueError(f"{entry.folder} is not in the history {self.folder}.")
        remove_folder(entry.folder)

    def remove(self, name):
        """Delete the entry with this name; `restore` can undo it for a day. Returns whether the entry existed."""
        if not NAME.fullmatch(name):
            raise ValueError(f"There is no previous prediction {name}.")
        with contextlib.suppress(FileNotFoundError):
            os.rename(self.folder / name, self._removed(name))
            os.utime(self._removed(name))  # the day starts now
            return True
        return False

    def restore(self, name):
        """Bring back a removed entry; ValueError if it has been deleted permanently."""
        if not NAME.fullmatch(name) or not self._removed(name).is_dir():
            raise ValueError(f"The previous prediction {name} has been deleted permanently.")
        os.rename(self._removed(name), self.folder / name)

    def _removed(self, name):
        return self.folder / f".{name}.00000000.part"  # looks like a leftover: `remove_leftovers` deletes it later

    def _names(self):
        """The names of all entries, oldest first."""
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path.name for path in found if NAME.fullmatch(path.name))

    def _clean(self, new):
        """Delete the oldest entries over `keep`, but never the new one, which a wrong clock could make the oldest."""
        others = [name for name in self._names() if name != new]
        if self.keep is not None:
            for name in others[: max(0, len(others) + 1 - self.keep)]:
                remove_folder(self.folder / name)
        remove_leftovers(self.folder, seconds=LEFTOVER, others=(OLD_LEFTOVERS,))


def _file(folder, stem):
    """The Path of the PNG of that name if it exists, otherwise of the JPEG."""
    png = folder / f"{stem}.png"
    return png if png.exists() else folder / f"{stem}.jpg"


def _entry(folder):
    """The Entry in a folder; OSError, ValueError, KeyError or TypeError if it is damaged."""
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    when = datetime.datetime.strptime(folder.name[:22], "%Y%m%d-%H%M%S-%f").replace(tzinfo=datetime.UTC)
    title, settings = str(about["title"]), about.get("settings")  # older entries have none
    entry = Entry(folder, title, when.astimezone(), settings if isinstance(settings, dict) else {})
    load_photo(entry.preview)  # checks it; the large files are read only when they are shown
    for path in (entry.gray, entry.colored):
        if path.stat().st_size == 0:
            raise ValueError(f"{path} is empty.")
    return entry


def _preview(gray, colored):
    """Both photos, small and side by side on white: `(h, w, 3) uint8`."""
    halves = [Image.fromarray(photo).convert("RGB") for photo in (gray, colored)]
    for half in halves:
        half.thumbnail(PREVIEW, Image.Resampling.LANCZOS)
    width, height = halves[0].size
    both = Image.new("RGB", (2 * width + 6, height), "white")
    for left, half in zip((0, width + 6), halves):
        both.paste(half, (left, 0))
    return np.asarray(both)
