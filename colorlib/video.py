"""Color films: `color_film("wedding.avi", "wedding_in_color.mp4", colorizer)`.

Each frame's colors follow the motion of the frames around it (`flow`), so that they do not flicker. Its lightness does
not change. Sound is copied. A film is colored in segments of ten seconds: the same call resumes an interrupted one.
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
from colorlib.progress import frames_shown

SEGMENT = 10  # seconds of film in a segment: a killed run loses at most this much
GRID = 2  # pixels the network sees for each pixel of the colors that motion carries: the network's colors are no finer
THREADS = min(os.cpu_count() or 1, 4)  # frames drawn at the same time


@dataclass
class Outcome:
    """The outcome of a film: three counts, and sentences about what differs from the source, such as damaged pieces."""

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
    """Write a film in color, and return its Outcome.

    Args:
        source: The path of a film, or of a folder of numbered frames.
        destination: The path of the result, which ends in .mp4, .m4v, .mov or .mkv. Its codec is H.264 in 8 bits.
        colorizer: A `Colorizer`.
        start: The second of the film at which to begin.
        seconds: How many seconds to color. None: to the end.
        every: Frames from one key frame, which the network sees, to the next, 1..100; motion colors those between.
        look_ahead: Whether colors come from later frames as well as from earlier ones.
        hints: Known colors at points of some frames, which follow the motion through their scenes: a file's path, see
            `film_hints.load`, or a list of (seconds, list of `hints.Hint`).
        like: A photo in color to take the colors from, as in `Colorizer.reference`.
        fps: Frames per second of a folder, 0.1..1000.
        quality: The constant rate factor of H.264, 0..51: lower is better and larger, 18 is nearly lossless.
        overwrite: Whether to replace an existing destination.
        note: A comment for the file's metadata. None: no comment.

    Raises:
        PhotoError: The source is not a film, the destination cannot be written, or another run is writing to it.
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
    """A part of a film, from second `start` to `end` (Fractions; None: no end); `first` is the tick of its start."""

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
    """Color the rest of the film, segment by segment."""
    steady = Steady(draw.predict, draw.grid, every, look_ahead, work.state)
    first = work.entries[-1]["last_pts"] + 1 if work.entries else span.first
    frames = itertools.takewhile(lambda frame: span.holds(frame.pts), film.frames(first))
    encoder, state, found, current, counts = None, None, None, None, np.zeros(3, int)
    drawn = _drawn(draw, steady, _forced(frames, span, draw))
    total = round(span.seconds * film.rate) or None
    for pts, planes, *then in frames_shown(drawn, total, work.total("frames")):
        if span.segment(pts) != current:
            if encoder:
                counts = _keep(work, encoder, state, film, found, counts)
            encoder, current = Encoder(film, quality), span.segment(pts)
        encoder.add(pts, planes)
        state, found = then
    if encoder:
        _keep(work, encoder, state, film, found, counts)


def _keep(work, encoder, state, film, found, before):
    """Store a finished segment with its counts; returns the counts since the start of this run."""
    counts = np.array([*found, film.damaged])
    keys, cuts, damaged = (counts - before).tolist()
    numbers = {"keys": keys, "cuts": cuts, "damaged": damaged}
    work.add(encoder.finish(), state, frames=encoder.frames, last_pts=encoder.last_pts, **numbers)
    return counts


def _forced(frames, span, draw):
    """Yield ((pts, gray Y), L as the network sees it, whether it must be a key frame) for each frame."""
    current = None
    for frame in frames:
        gray = draw.gray(frame)
        draw.pts = frame.pts  # the frame that `draw.predict` gets L of
        yield (frame.pts, gray), draw.seen(gray), span.segment(frame.pts) != current or frame.pts in draw.hinted
        current = span.segment(frame.pts)


def _drawn(draw, steady, frames):
    """Yield (pts, planes, Steady's state, (its keys, its cuts)) for each frame in order; threads draw the frames."""
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
    """Shrinks the frames of a film for the network, and draws its colors into full frames.

    `grid` is (h, w) of the colors that motion carries; `pts` must be the frame's when `predict` is called.
    """

    def __init__(self, film, colorizer, hints=(), like=None):
        self._colorizer, self._tones = colorizer, Tones(film.matrix, film.full_range)
        self._like = None if like is None else colorizer.reference(like)
        self._hints, self.hinted = film_hints.followed(film, self._tones, hints) if hints else ({}, set())
        self.pts = None
        self._pad = [(0, side % 2) for side in film.size]  # H.264 needs even sides: repeat the last row or column
        self._seen = seen_size(*film.size, colorizer.size)
        self.grid = tuple(max(1, side // GRID) for side in self._seen)

    def gray(self, frame):
        """Y of a Frame without its colors, `(H, W) uint8`, padded so that H and W are even."""
        return np.pad(self._tones.gray(frame), self._pad, mode="edge")

    def seen(self, gray):
        """L as the network sees it, `(h, w) float32` 0..100, of a frame `gray`, `(H, W) uint8`."""
        height, width = gray.shape
        gray = gray[: height - self._pad[0][1], : width - self._pad[1][1]]
        method = cv2.INTER_AREA if self._seen[0] < height else cv2.INTER_CUBIC
        return cv2.resize(self._tones.L(gray), self._seen[::-1], interpolation=method).clip(0, 100)

    def predict(self, L):
        """ab that the network gives for L `(h, w) float32`: `(h, w, 2) float32`."""
        hints = self._hints.get(self.pts, ())
        if not hints and self._like is None:
            return self._colorizer.ab_of(self._colorizer.answer(L))
        photo = lab_to_rgb(np.dstack([L, np.zeros((*L.shape, 2), np.float32)]))
        return HandColoring(self._colorizer, photo).ab(hints, self._like)

    def __call__(self, gray, ab):
        """Y, U and V `uint8` of a frame in color: ab `(h, w, 2)` of the size `grid` follows the edges of `gray`."""
        half = gray.shape[1] // 2, gray.shape[0] // 2
        L = self._tones.L(cv2.resize(gray, half, interpolation=cv2.INTER_AREA))
        small = cv2.resize(L, ab.shape[1::-1], interpolation=cv2.INTER_AREA)
        slopes, starts = guided_lines(small, ab) if self._colorizer.settings.edges else (np.zeros_like(ab), ab)
        slopes, starts = (cv2.resize(lines, half, interpolation=cv2.INTER_LINEAR) for lines in (slopes, starts))
        a, b = cv2.split(slopes * L[..., None] + starts)
        return self._tones.colored(gray, a, b)


def check(source, destination, start=0, seconds=None, every=EVERY, fps=24, quality=20, overwrite=False):
    """Check the arguments of `color_film` and raise its errors early; returns the Film at `source`."""
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
            split_streams(container, destination)  # raises for sound that does not fit now, not after hours
    return film


def _settings(film, colorizer, start, seconds, every, look_ahead, quality):
    """The settings that must be the same for a run to resume the work of another one."""
    status = film.path.stat()
    return {
        "source": [film.path.name, status.st_size, status.st_mtime],
        "network": [colorizer.model.name, str(colorizer.settings), colorizer.saturation, colorizer.temperature],
        "span": [float(start), seconds and float(seconds)],
        "film": [every, look_ahead, quality, str(film.rate), av.__version__],
    }


def _hand(hints, like):
    """Text that identifies the hints and the photo whose colors to take."""
    return repr(hints) + ("" if like is None else hashlib.sha256(np.ascontiguousarray(like)).hexdigest())


def _damage(film, span, work):
    """Sentences about pieces that could not be decoded, and about a missing end."""
    notes, pieces = [], work.total("damaged")
    if pieces:
        notes.append(f"{pieces} pieces of {film.path.name} are damaged and could not be decoded.")
    last = float(work.entries[-1]["last_pts"] * film.time_base)
    wanted = span.seconds + float(span.first * film.time_base)
    if wanted - last > 1 + float(1 / film.rate):
        notes.append(f"{film.path.name} ends at second {last:.1f}; its header says {wanted:.1f}.")
    return notes


def _exact(seconds):
    """Seconds as a Fraction: 0.4 becomes 2/5, not the value of the float, which is a little larger."""
    return Fraction(seconds).limit_denominator(10**6)
