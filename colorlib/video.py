"""Old films in color: `color_film("wedding.avi", "wedding_in_color.mp4", colorizer)`.

Each frame's colors follow the motion of the frames around it (`flow`), so that they do not flicker; its lightness
stays. Sound is copied. A film is worked on in segments of ten seconds: interrupted, the same call continues it.
"""

import hashlib
import itertools
import math
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from colorlib import film_hints
from colorlib.by_hand import HandColoring
from colorlib.color import lab_to_rgb
from colorlib.film_files import Film, opened
from colorlib.film_planes import Tones
from colorlib.film_segments import FORMATS, Encoder, Work, alone, join, remove, split_streams
from colorlib.flow import EVERY, Steady
from colorlib.inference import guided_lines, seen_size
from colorlib.photos import INVENTED, PhotoError

SEGMENT = 10  # seconds of film kept at a time: all that a kill can cost
GRID = 2  # pixels the network sees for one at which colors are followed: its own colors are no finer
THREADS = min(os.cpu_count() or 1, 4)  # frames drawn side by side


@dataclass
class Outcome:
    """What came of a film: counts, and sentences on what is not as in the source."""

    frames: int
    key_frames: int
    scenes: int
    notes: list = field(default_factory=list)


def color_film(
    source,
    destination,
    colorizer,
    *,
    start=0,
    seconds=None,
    every=EVERY,
    look_ahead=True,
    hints=None,
    like=None,
    fps=24,
    quality=20,
    overwrite=False,
    note=INVENTED,
):
    """Write a film in color; its Outcome.

    Args:
        source: Path of a film, or of a folder of numbered frames.
        destination: Path of the result, in .mp4, .mov or .mkv, H.264 in 8 bits.
        colorizer: A `Colorizer`.
        start: Seconds of the film to skip.
        seconds: How many seconds to color from there; None for all.
        every: Frames from one that the network sees to the next; those between are colored by motion.
        look_ahead: Whether a frame's colors come from later frames, too.
        hints: Colors that are known, at points of some frames, which follow the motion through their scenes: the path
            of a file of them, or a list of (seconds, list of `hints.Hint`).
        like: A photo in color whose colors to take, as `Colorizer.reference` takes it.
        fps: Frames per second of a folder.
        quality: H.264's constant rate factor: lower is better and larger, 18 is nearly lossless.
        overwrite: Whether an existing destination is replaced.
        note: Comment written into the file's metadata; None for none.

    Raises:
        PhotoError: The source is not a film, the destination cannot be written, or another run colors into it.
        ValueError: A setting is out of range.
    """
    destination = Path(destination)
    film = check(source, destination, start, seconds, every, fps, quality, overwrite)
    span = Span(film, start, seconds)
    hints = film_hints.load(hints) if isinstance(hints, (str, os.PathLike)) else hints or []
    settings = _settings(film, colorizer, start, seconds, every, look_ahead, quality) | {"hand": _hand(hints, like)}
    with alone(destination):
        work = Work(destination, settings)
        draw = Drawer(film, colorizer, hints, like)
        _color_segments(film, span, work, draw, every, look_ahead, quality)
        if not work.entries:
            raise PhotoError(f"{film.path.name} holds no frame from second {start:g} on.")
        notes = _damage(film, span, work) + join(work, film, destination, note, span.start, span.end)
        remove(destination)
    return Outcome(work.total("frames"), work.total("keys"), 1 + work.total("cuts"), notes)


class Span:
    """A stretch of a film: its `start` and `end` (or None) in seconds, its `first` tick, and a tick's segment."""

    def __init__(self, film, start, seconds):
        self.time_base, self.start = film.time_base, _exact(start)
        self.first = math.ceil(self.start / film.time_base)
        self.end = None if seconds is None else self.start + _exact(seconds)
        length = (film.seconds or 0) - start
        self.seconds = length if seconds is None else min(length, seconds) if film.seconds else seconds

    def holds(self, pts):
        return self.end is None or pts * self.time_base < self.end

    def segment(self, pts):
        return int((pts - self.first) * self.time_base / SEGMENT)


def _color_segments(film, span, work, draw, every, look_ahead, quality):
    """Color what is not done yet, segment by segment."""
    steady = Steady(draw.predict, draw.grid, every, look_ahead, work.state)
    first = work.entries[-1]["last_pts"] + 1 if work.entries else span.first
    frames = itertools.takewhile(lambda frame: span.holds(frame.pts), film.frames(first))
    encoder, state, found, current, counts = None, None, None, None, np.zeros(3, int)
    drawn = _drawn(draw, steady, _forced(frames, span, draw))
    for pts, planes, *then in _with_progress(drawn, film, span, work):
        if span.segment(pts) != current:
            if encoder:
                counts = _keep(work, encoder, state, film, found, counts)
            encoder, current = Encoder(film, quality), span.segment(pts)
        encoder.add(pts, planes)
        state, found = then
    if encoder:
        _keep(work, encoder, state, film, found, counts)


def _with_progress(drawn, film, span, work):
    """The same, with a line that shows frames a second and the time left."""
    from tqdm.auto import tqdm

    total = round(span.seconds * film.rate) or None
    with tqdm(drawn, desc="coloring", unit="frame", total=total, initial=work.total("frames")) as progress:
        yield from progress


def _keep(work, encoder, state, film, found, before):
    """Store a finished segment with what was counted since the one before; the counts so far."""
    counts = np.array([*found, film.damaged])
    keys, cuts, damaged = (counts - before).tolist()
    numbers = {"keys": keys, "cuts": cuts, "damaged": damaged}
    work.add(encoder.finish(), state, frames=encoder.frames, last_pts=encoder.last_pts, **numbers)
    return counts


def _forced(frames, span, draw):
    """((frame, its gray Y), L as the network sees it, whether a segment begins) of each frame."""
    current = None
    for frame in frames:
        gray = draw.gray(frame)
        draw.pts = frame.pts  # what `draw.predict` is about until the next frame
        yield (frame.pts, gray), draw.seen(gray), span.segment(frame.pts) != current or frame.pts in draw.hinted
        current = span.segment(frame.pts)


def _drawn(draw, steady, frames):
    """(pts, planes, Steady's state, its keys and cuts) of each frame in order; a few are drawn side by side."""
    with ThreadPoolExecutor(THREADS) as threads:
        working = deque()
        for (pts, gray), ab in steady(frames):
            working.append((pts, threads.submit(draw, gray, ab), steady.state, (steady.keys, steady.cuts)))
            while len(working) > THREADS:
                pts, planes, *then = working.popleft()
                yield pts, planes.result(), *then
        for pts, planes, *then in working:
            yield pts, planes.result(), *then


class Drawer:
    """Frames of one film -> what the network sees; colors of that size -> full frames."""

    def __init__(self, film, colorizer, hints=(), like=None):
        self._colorizer, self._tones = colorizer, Tones(film.matrix, film.full_range)
        self._like = None if like is None else colorizer.reference(like)
        self._hints, self.hinted = film_hints.followed(film, self._tones, hints) if hints else ({}, set())
        self.pts = None
        self._pad = [(0, side % 2) for side in film.size]  # H.264 wants even sides: the last row or column twice
        self._seen = seen_size(*film.size, colorizer.size)
        self.grid = tuple(max(1, side // GRID) for side in self._seen)

    def gray(self, frame):
        """Y `(H, W) uint8` of a Frame without its colors, H and W made even."""
        return np.pad(self._tones.gray(frame), self._pad, mode="edge")

    def seen(self, gray):
        """L `(h, w) float32` 0..100 as the network sees it."""
        height, width = gray.shape
        gray = gray[: height - self._pad[0][1], : width - self._pad[1][1]]
        method = cv2.INTER_AREA if self._seen[0] < height else cv2.INTER_CUBIC
        return cv2.resize(self._tones.L(gray), self._seen[::-1], interpolation=method).clip(0, 100)

    def predict(self, L):
        """ab `(h, w, 2) float32` of L `(h, w)`, at the size the network sees."""
        hints = self._hints.get(self.pts, ())
        if not hints and self._like is None:
            return self._colorizer.ab_of(self._colorizer.answer(L))
        photo = lab_to_rgb(np.dstack([L, np.zeros((*L.shape, 2), np.float32)]))
        return HandColoring(self._colorizer, photo).ab(hints, self._like)

    def __call__(self, gray, ab):
        """Y, U and V `uint8` of a gray frame in colors `(h, w, 2)` of the size `grid`, laid along its edges."""
        half = gray.shape[1] // 2, gray.shape[0] // 2
        L = self._tones.L(cv2.resize(gray, half, interpolation=cv2.INTER_AREA))
        small = cv2.resize(L, ab.shape[1::-1], interpolation=cv2.INTER_AREA)
        slopes, starts = guided_lines(small, ab) if self._colorizer.settings.edges else (np.zeros_like(ab), ab)
        slopes, starts = (cv2.resize(lines, half, interpolation=cv2.INTER_LINEAR) for lines in (slopes, starts))
        a, b = cv2.split(slopes * L[..., None] + starts)
        return self._tones.colored(gray, a, b)


def check(source, destination, start=0, seconds=None, every=EVERY, fps=24, quality=20, overwrite=False):
    """The Film at `source`, after a check of everything that could end `color_film` early; raises what it raises."""
    destination = Path(destination)
    if destination.suffix.lower() not in FORMATS:
        raise PhotoError(f"{destination.name} does not end in {', '.join(FORMATS)}, which films are saved as.")
    if destination.resolve() == Path(source).resolve():
        raise ValueError(f"The result would replace the film {source} itself; wanted another name.")
    if destination.exists() and not overwrite:
        raise PhotoError(f"{destination} exists already; wanted another name, or to overwrite it.")
    limits = {"start": (0, 10**6), "seconds": (0.01, 10**6), "every": (1, 100), "fps": (0.1, 1000), "quality": (0, 51)}
    for name, number in {"start": start, "seconds": seconds, "every": every, "fps": fps, "quality": quality}.items():
        least, most = limits[name]
        if number is not None and not least <= number <= most:
            raise ValueError(f"{name} is {number}; wanted a number from {least} to {most}.")
    film = Film(source, fps)
    if not film.is_folder:
        with opened(film.path) as container:
            split_streams(container, destination)  # sound that does not fit is found now, not after hours
    return film


def _settings(film, colorizer, start, seconds, every, look_ahead, quality):
    """What must be the same for a run to continue another's work."""
    status = film.path.stat()
    return {
        "source": [film.path.name, status.st_size, status.st_mtime],
        "network": [colorizer.model.name, str(colorizer.settings), colorizer.saturation, colorizer.temperature],
        "span": [float(start), seconds and float(seconds)],
        "film": [every, look_ahead, quality, str(film.rate), av.__version__],
    }


def _hand(hints, like):
    """Hints and a photo to be colored like, as text."""
    return repr(hints) + ("" if like is None else hashlib.sha256(np.ascontiguousarray(like)).hexdigest())


def _damage(film, span, work):
    """Sentences on pieces that could not be decoded, and an end that is missing."""
    notes, pieces = [], work.total("damaged")
    if pieces:
        notes.append(f"{pieces} pieces of {film.path.name} are damaged and could not be decoded.")
    last = float(work.entries[-1]["last_pts"] * film.time_base)
    wanted = span.seconds + float(span.first * film.time_base)
    if wanted - last > 1 + float(1 / film.rate):
        notes.append(f"{film.path.name} ends at second {last:.1f}; its header says {wanted:.1f}.")
    return notes


def _exact(seconds):
    """Seconds as a Fraction: 0.4 is 2/5, not the float a little above it."""
    return Fraction(seconds).limit_denominator(10**6)
