"""History: previous predictions in a folder, newest first, kept until somebody deletes them.

Each is a folder of its own, filled under a temporary name and then moved: it is there whole or not at
all, and several pages may write at once. Its name is the time; names of photos stay inside about.json.
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
NAME = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{8}")  # UTC, microseconds, and eight digits of chance
PREVIEW = (260, 200)  # at most this wide and high, each half of the picture in a list
ROOM = "room.json"  # says how much room the entries may take
LEFTOVER = 86400  # seconds after which a temporary folder belongs to nobody
LOSSY = (".jpg", ".jpeg", ".webp", ".avif", ".jp2")  # results of all other files are kept as PNG


def is_lossless(name):
    """Whether the results of a photo of such a file name are kept as PNG."""
    return not name.lower().endswith(LOSSY)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One previous prediction: its folder, the photo's name as its owner gave it, when (local time), its settings."""

    folder: Path
    title: str
    when: datetime.datetime
    settings: dict = dataclasses.field(default_factory=dict, compare=False)

    @property
    def bytes(self):
        """How much room its files take."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    @property
    def gray(self):
        """The file in black and white."""
        return _file(self.folder, "gray")

    @property
    def colored(self):
        """The file in color, full size."""
        return _file(self.folder, "colored")

    @property
    def hints(self):
        """The Hints with which it was colored by hand; none where there are none, or they cannot be read."""
        try:
            return by_points.load(by_points.path_beside(self.colored))
        except ValueError:  # PhotoError too
            return []

    def saved_as(self, kind="colored"):
        """The name under which a browser saves its file in color, or in black and white (`kind` "gray")."""
        stem = Path(self.title.replace("\\", "/")).stem or "photo"
        return f"{stem}_in_color{self.colored.suffix}" if kind == "colored" else f"{stem}_gray{self.gray.suffix}"

    @property
    def preview(self):
        """A small JPEG of both, side by side."""
        return self.folder / "preview.jpg"


class History:
    """Previous predictions in `folder`, which is made when first needed. All stay, or the newest `keep`."""

    def __init__(self, folder, keep=None):
        if keep is not None and keep < 1:
            raise ValueError(f"keep is {keep!r}; wanted at least 1.")
        self.folder, self.keep = Path(folder), keep

    def add(self, gray, colored, title, lossless=False, about=None, made=None, settings=None, hints=()):
        """Keep a photo in black and white `(H, W) uint8` and in color `(H, W, 3) uint8`; the Entry.

        Both are written as JPEG, as PNG when `lossless`. `title` is the photo's name, for people to
        read: no file is called by it. `about` is the photo's Metadata, `made` a dict of what it was colored with:
        the color file keeps both; `settings` is a dict of how it was colored, and `hints` are the Hints, which are
        kept beside it as `colorlib colorize` does. What is over `keep` is deleted, oldest
        first. The folder is for this account alone. Raises PhotoError when it cannot be written.
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
        """(the entries, newest first; a sentence about each that is damaged and left out)."""
        entries, damaged = [], []
        for name in reversed(self._names()):
            try:
                entries.append(_entry(self.folder / name))
            except (OSError, ValueError, KeyError, TypeError):
                if (self.folder / name).exists():  # else another page has just deleted it
                    damaged.append(f"The previous prediction {name} is damaged and was left out.")
        return entries, damaged

    def entry(self, name):
        """The Entry of that name; ValueError when there is none, or it is damaged."""
        if not NAME.fullmatch(name) or not (self.folder / name).is_dir():
            raise ValueError(f"There is no previous prediction {name}.")
        try:
            return _entry(self.folder / name)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"The previous prediction {name} is damaged.") from error

    @property
    def room(self):
        """How many bytes all entries together should take at most, as somebody chose; None without a limit."""
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
        """The oldest of `entries` (newest first) that must go for the others to fit in `room`; nothing is deleted."""
        room, taken, kept = self.room, 0, len(entries)
        for i, entry in enumerate(entries):
            taken += entry.bytes
            if room is not None and taken > room:
                kept = i
                break
        return entries[kept:]

    def delete(self, entry):
        """Delete an entry for good; one that is gone already is no error. ValueError for a foreign one."""
        if entry.folder.parent != self.folder or not NAME.fullmatch(entry.folder.name):
            raise ValueError(f"{entry.folder} is not in the history {self.folder}.")
        remove_folder(entry.folder)

    def remove(self, name):
        """Delete an entry in a way that `restore` can undo for a day; False when it was gone already."""
        if not NAME.fullmatch(name):
            raise ValueError(f"There is no previous prediction {name}.")
        with contextlib.suppress(FileNotFoundError):
            os.rename(self.folder / name, self._removed(name))
            os.utime(self._removed(name))  # its day begins now
            return True
        return False

    def restore(self, name):
        """Bring back a removed entry; ValueError when it is gone for good."""
        if not NAME.fullmatch(name) or not self._removed(name).is_dir():
            raise ValueError(f"The previous prediction {name} is gone for good.")
        os.rename(self._removed(name), self.folder / name)

    def _removed(self, name):
        return self.folder / f".{name}.00000000.part"  # a leftover, as far as `remove_leftovers` knows

    def _names(self):
        """The names of all entries, oldest first."""
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path.name for path in found if NAME.fullmatch(path.name))

    def _clean(self, new):
        """Remove what is over `keep`, but not the new entry, even if a clock set back makes it the oldest."""
        others = [name for name in self._names() if name != new]
        if self.keep is not None:
            for name in others[: max(0, len(others) + 1 - self.keep)]:
                remove_folder(self.folder / name)
        remove_leftovers(self.folder, seconds=LEFTOVER, others=(OLD_LEFTOVERS,))


def _file(folder, stem):
    """The PNG of that name if there is one, else the JPEG."""
    png = folder / f"{stem}.png"
    return png if png.exists() else folder / f"{stem}.jpg"


def _entry(folder):
    """The Entry in a folder; OSError, ValueError, KeyError or TypeError when it is damaged."""
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    when = datetime.datetime.strptime(folder.name[:22], "%Y%m%d-%H%M%S-%f").replace(tzinfo=datetime.UTC)
    title, settings = str(about["title"]), about.get("settings")  # older entries have none
    entry = Entry(folder, title, when.astimezone(), settings if isinstance(settings, dict) else {})
    load_photo(entry.preview)  # small; the large ones are read when somebody wants to see them
    for path in (entry.gray, entry.colored):
        if path.stat().st_size == 0:
            raise ValueError(f"{path} is empty.")
    return entry


def _preview(gray, colored):
    """Both small, side by side on white: `(h, w, 3) uint8`."""
    halves = [Image.fromarray(photo).convert("RGB") for photo in (gray, colored)]
    for half in halves:
        half.thumbnail(PREVIEW, Image.Resampling.LANCZOS)
    width, height = halves[0].size
    both = Image.new("RGB", (2 * width + 6, height), "white")
    for left, half in zip((0, width + 6), halves):
        both.paste(half, (left, 0))
    return np.asarray(both)
