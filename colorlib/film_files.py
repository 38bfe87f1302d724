"""Read film files and folders of frames as upright frames in 8-bit Y'CbCr, each with its own time.

Only this module reads films. FFmpeg decodes them, through PyAV (`pip install colorlib[video]`).
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from colorlib.files import reason
from colorlib.film_planes import BT709, is_full_range, matrix_of, planes_of
from colorlib.photos import PhotoError, find_photos, load_photo

PHOTO_FORMATS = re.compile(r"image2|.*_pipe")  # FFmpeg's demuxers for still pictures
EARLIER = 1  # reading begins this many seconds before the wanted frame: deinterlacing needs the frames before it


@dataclass(frozen=True)
class Frame:
    """An upright frame, in the film's own range and matrix.

    Attributes:
        pts: Its time, in ticks of the film's `time_base`.
        Y: `(H, W) uint8`.
        U: `(ceil(H / 2), ceil(W / 2)) uint8`.
        V: The same shape as U.
    """

    pts: int
    Y: np.ndarray
    U: np.ndarray
    V: np.ndarray


class Film:
    """A film: a file in any format that FFmpeg reads, or a folder of numbered frames.

    Args:
        source: The path of the file or folder.
        fps: The frames per second of a folder.

    Attributes:
        path: Its path.
        is_folder: Whether it is a folder of frames.
        size: (height, width) of its upright frames, in pixels.
        time_base: The length of a tick of `Frame.pts` in seconds, a Fraction.
        rate: The average number of frames per second, a Fraction.
        seconds: Its duration according to its header, or None.
        count: The number of frames according to its header, or None.
        offset: The tick in the file at which the film starts; `Frame.pts` counts from there.
        matrix: BT709 or BT601, the matrix between R'G'B' and Y'CbCr.
        full_range: Whether Y is 0..255 rather than 16..235.
        pixel_aspect: The width of a pixel divided by its height, a Fraction.
        damaged: How many pieces could not be decoded so far.

    Raises:
        PhotoError: The source is not a film, or cannot be read.
    """

    def __init__(self, source, fps=24):
        self.path, self.damaged, self.last_pts = Path(source), 0, None
        self.is_folder = self.path.is_dir()
        self._open_folder(fps) if self.is_folder else self._open_file()

    def _open_folder(self, fps):
        found = [path for path in find_photos(self.path) if path.parent == self.path]
        if not found:
            raise PhotoError(f"There are no frames in the folder {self.path}.")
        self._files = sorted(found, key=_by_number)
        self.time_base, self.rate = 1 / Fraction(fps).limit_denominator(1001), Fraction(fps).limit_denominator(1001)
        self.size = load_photo(self._files[0]).shape[:2]
        self.count, self.seconds = len(self._files), float(len(self._files) / self.rate)
        self.matrix, self.full_range, self.pixel_aspect, self.offset = BT709, False, Fraction(1), 0

    def _open_file(self):
        with opened(self.path) as container:
            stream = video_stream(container, self.path)
            self.time_base = stream.time_base
            self.rate = stream.average_rate or stream.guessed_rate or Fraction(25)
            self.seconds = container.duration / 1e6 if container.duration else None
            self.count = stream.frames or (self.seconds and round(self.seconds * self.rate)) or None
            self.offset = round(Fraction(container.start_time or 0, 10**6) / self.time_base)
            aspect = stream.sample_aspect_ratio or Fraction(1)
            first = next(_decoded(container, stream, self), None)
            if first is None:
                raise PhotoError(f"{self.path.name} holds no frame that can be decoded.")
            turned = first.rotation % 180 == 90
            self.size = (first.width, first.height) if turned else (first.height, first.width)
            self.pixel_aspect = 1 / aspect if turned and aspect else aspect
            self.full_range = is_full_range(first, stream.codec_context.name)
            self.matrix = matrix_of(first)
        self.damaged = 0

    def frames(self, start=None):
        """Yield the Frames in order.

        Args:
            start: The first frame is the first one with at least this pts. None: the first frame of the film.

        Yields:
            Frame objects, with increasing pts.

        Raises:
            PhotoError: A frame in a folder has another size than the first one.
        """
        self.last_pts = None
        return self._folder_frames(start) if self.is_folder else self._file_frames(start)

    def _folder_frames(self, start):
        for pts, path in list(enumerate(self._files))[start or 0 :]:
            photo = load_photo(path)
            if photo.shape[:2] != self.size:
                raise PhotoError(
                    f"{path.name} has {photo.shape[1]} x {photo.shape[0]} pixels; "
                    f"wanted {self.size[1]} x {self.size[0]}, as the frames before."
                )
            yield self._upright(av.VideoFrame.from_ndarray(photo, format="rgb24"), pts)

    def _file_frames(self, start):
        with opened(self.path) as container:
            stream = video_stream(container, self.path)
            frames = self._sought(container, stream, start) if start else None
            if frames is not None:
                yield from frames
                return
        with opened(self.path) as container:
            stream = video_stream(container, self.path)
            for frame in self._timed(container, stream):
                if start is None or frame.pts >= start:
                    yield frame

    def _sought(self, container, stream, start):
        """An iterator of the Frames from `start` on; None if FFmpeg cannot seek to a place before `start`."""
        try:
            container.seek(start + self.offset - round(EARLIER / self.time_base), stream=stream)
            frames = self._timed(container, stream)
            first = next(frames)
        except (OSError, ValueError, StopIteration):
            return None
        if first.pts > start:
            return None
        return (frame for frame in _chained(first, frames) if frame.pts >= start)

    def _timed(self, container, stream):
        """Yield the container's frames as upright Frames, whose pts always increase."""
        step, last = max(1, round(1 / (self.rate * self.time_base))), None
        for frame in _deinterlaced(_decoded(container, stream, self), stream):
            pts = _ticks(frame, self.time_base)
            pts = (0 if last is None else last + step) if pts is None else pts - self.offset
            last = pts if last is None else max(pts, last + 1)  # two frames with the same time cannot be stored
            self.last_pts = last
            yield self._upright(frame, last)

    def _upright(self, frame, pts):
        turns = 0 if self.is_folder else round(frame.rotation / 90) % 4
        height, width = self.size[::-1] if turns % 2 else self.size
        planes = planes_of(frame, height, width, self.matrix, self.full_range)
        return Frame(pts, *(np.ascontiguousarray(np.rot90(plane, turns)) for plane in planes))


def opened(path):
    """An open PyAV container of a film; PhotoError if `path`, a Path, is not a film or cannot be read."""
    if not path.exists():
        raise PhotoError(f"There is no file {path}.")
    if path.is_dir():
        raise PhotoError(f"{path} is a folder; wanted a film.")
    if not path.stat().st_size:
        raise PhotoError(f"{path.name} is empty (0 bytes).")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise PhotoError(f"{path.name} is not a film that can be read ({reason(error)}).") from error
    if PHOTO_FORMATS.fullmatch(container.format.name.split(",")[0]) and "gif" not in container.format.name:
        container.close()
        raise PhotoError(f"{path.name} is a photo, not a film; `colorlib colorize` colors photos.")
    return container


def video_stream(container, path):
    """The largest video stream of a container that is not cover art; PhotoError, naming `path`, if there is none."""
    cover = av.stream.Disposition.attached_pic
    streams = [s for s in container.streams.video if not s.disposition & cover and s.codec_context is not None]
    if not streams:
        raise PhotoError(f"{path.name} holds no pictures: {_kinds(container)}.")
    stream = max(streams, key=lambda s: s.codec_context.width * s.codec_context.height)
    stream.thread_type = "AUTO"
    return stream


def _kinds(container):
    """The kinds of a container's streams, as text for an error message."""
    kinds = sorted({stream.type for stream in container.streams})
    return "only " + " and ".join(kinds) if kinds else "nothing at all"


def _decoded(container, stream, film):
    """Yield PyAV's frames; pieces that cannot be decoded are skipped and counted in `film.damaged`."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.FFmpegError, OSError):  # the file is cut off: keep the frames before
            film.damaged += 1
            with suppress(av.FFmpegError, OSError):
                yield from stream.decode(None)
            return
        try:
            yield from packet.decode()
        except (av.FFmpegError, OSError):
            film.damaged += 1


def _deinterlaced(frames, stream):
    """Yield the frames; from the first interlaced one on they go through yadif, which keeps progressive frames."""
    graph = None
    for frame in frames:
        if graph is None and not frame.interlaced_frame:
            yield frame
            continue
        graph = graph or _graph(frame, stream)
        graph.vpush(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.vpush(None)
        yield from _pulled(graph)


def _graph(frame, stream):
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format.name, time_base=stream.time_base
    )
    yadif = graph.add("yadif", "mode=send_frame:deint=interlaced")
    sink = graph.add("buffersink")
    source.link_to(yadif)
    yadif.link_to(sink)
    graph.configure()
    return graph


def _pulled(graph):
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return


def _ticks(frame, time_base):
    """The time of PyAV's frame in ticks of `time_base`; None if it has none."""
    pts = frame.dts if frame.pts is None else frame.pts
    return None if pts is None else round(pts * Fraction(frame.time_base or time_base) / time_base)


def _by_number(path):
    """A sort key that puts frame_2 before frame_10."""
    return [int(word) if word.isdigit() else word for word in re.split(r"(\d+)", path.name)]


def _chained(first, rest):
    yield first
    yield from rest
