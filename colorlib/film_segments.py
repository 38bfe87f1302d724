"""Segments of a film that is being colored: they are kept on disk, and joined into one file with the film's sound.

Each segment is encoded in memory and then written; it is complete or absent. A manifest lists the finished ones, so
that a killed run can be resumed. They are in a hidden folder beside the destination, which is removed at the end.
"""

import contextlib
import heapq
import io
import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from colorlib.files import reason, remove_folder, remove_leftovers, resumable_folder, whole_file, write_whole
from colorlib.film_files import opened
from colorlib.film_planes import FULL
from colorlib.locks import Locked, locked
from colorlib.photos import PhotoError

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
FORGOTTEN = ("major_brand", "minor_version", "compatible_brands", "encoder")  # describe the file, not the film
MANIFEST, LOCK = "manifest.json", "lock"


class Encoder:
    """Encodes frames of a Film as one segment: H.264 in NUT, a format that keeps every time base exactly.

    `quality` is the constant rate factor of H.264; `frames` counts the frames so far, `last_pts` is the last one's pts.
    """

    def __init__(self, film, quality):
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="nut")
        self._stream = self._container.add_stream("libx264", rate=film.rate)
        height, width = (side + side % 2 for side in film.size)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base, context.sample_aspect_ratio = film.time_base, film.pixel_aspect
        context.color_range = FULL if film.full_range else 1
        context.colorspace = context.color_primaries = context.color_trc = film.matrix
        context.flags |= av.codec.context.Flags.global_header.value
        context.options = {"crf": str(quality), "preset": "veryfast", "bf": "0"}  # B-frames would complicate joining
        self._time_base, self.frames, self.last_pts = film.time_base, 0, None

    def add(self, pts, planes):
        """Add a frame: its time in ticks, and (Y, U, V) `uint8`, Y with even height and width."""
        context = self._stream.codec_context
        frame = av.VideoFrame(context.width, context.height, "yuv420p")
        for plane, values in zip(frame.planes, planes):
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            rows[: values.shape[0], : values.shape[1]] = values
        frame.pts, frame.time_base = pts, self._time_base
        frame.colorspace, frame.color_range = context.colorspace, context.color_range
        self._container.mux(self._stream.encode(frame))
        self.frames, self.last_pts = self.frames + 1, pts

    def finish(self):
        """Finish encoding, and return the segment as bytes."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._file.getvalue()


class Work:
    """The finished segments of one film, on disk.

    Args:
        destination: The Path of the result.
        settings: A dict for JSON. Segments made with other settings are not used.

    Attributes:
        folder: The hidden folder of the segments.
        entries: A list with a dict for each finished segment.
        state: The `flow.Steady.state` after the last one; None before the first.
    """

    def __init__(self, destination, settings):
        self.folder, self._settings = resumable_folder(destination), settings
        manifest = self._read()
        self.entries = manifest["segments"] if manifest.get("settings") == settings else []
        self.state = self._read_state()
        remove_leftovers(self.folder)

    def _read(self):
        try:
            return json.loads((self.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def _read_state(self):
        if not self.entries:
            return None
        with np.load(self.folder / self.entries[-1]["state"]) as arrays:
            return arrays["small"], arrays["forward"]

    def add(self, data, state, **entry):
        """Store a finished segment. It counts as finished once the manifest lists it.

        Args:
            data: The bytes of the segment.
            state: The `flow.Steady.state` after it.
            **entry: Numbers to keep in the manifest, such as `frames` and `last_pts`.
        """
        number = len(self.entries)
        names = {"file": f"{number:05}.nut", "state": f"{number:05}.npz"}
        arrays = io.BytesIO()
        np.savez(arrays, small=state[0], forward=state[1])
        write_whole(data, self.folder / names["file"])
        write_whole(arrays.getvalue(), self.folder / names["state"])
        self.entries.append(names | entry)
        text = json.dumps({"settings": self._settings, "segments": self.entries}, indent=1)
        write_whole(text.encode("utf-8"), self.folder / MANIFEST)
        if number:
            (self.folder / self.entries[number - 1]["state"]).unlink(missing_ok=True)

    def total(self, count):
        """The sum of the number called `count` over all finished segments."""
        return sum(entry[count] for entry in self.entries)


@contextlib.contextmanager
def alone(destination):
    """Lock a destination, a Path, while the block runs; PhotoError if it is locked or the disk cannot be written."""
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        folder = resumable_folder(destination)
        with locked(folder / LOCK):
            try:
                yield
            finally:
                if not (folder / MANIFEST).exists():  # no segment is finished, or the film is
                    remove_folder(folder)
    except Locked:
        raise PhotoError(f"Another run colors a film into {destination}; wait for it, or name another file.") from None
    except (OSError, av.FFmpegError) as error:
        if getattr(error, "errno", None) == 28:
            raise PhotoError(
                f"The disk is full: {destination} is not finished. Free some space, and continue."
            ) from error
        raise PhotoError(f"{destination} cannot be written: {reason(error)}.") from error


def join(work, film, destination, note, start=Fraction(0), end=None):
    """Join the finished segments into one file, with the film's own sound, subtitles, chapters and metadata.

    Packets of sound and subtitles are copied unchanged.

    Args:
        work: The Work.
        film: The `film_files.Film`.
        destination: The Path of the result.
        note: A comment for the file's metadata. None: no comment.
        start: The second of the film at which the result starts, a Fraction.
        end: The second at which it ends, a Fraction. None: the end of the film.

    Returns:
        A list of sentences about what could not be kept.

    Raises:
        PhotoError: The destination's format cannot hold the film's sound.
    """
    with contextlib.ExitStack() as stack:
        source = None if film.is_folder else stack.enter_context(opened(film.path))
        temporary = stack.enter_context(whole_file(destination))
        options = {} if FORMATS[destination.suffix.lower()] == "matroska" else {"movflags": "+faststart"}
        out = stack.enter_context(av.open(str(temporary), "w", options=options))
        first = stack.enter_context(av.open(str(work.folder / work.entries[0]["file"])))
        video = out.add_stream_from_template(first.streams.video[0], time_base=film.time_base)
        kept, lost = split_streams(source, destination) if source else ([], [])
        copies = {stream.index: out.add_stream_from_template(stream) for stream in kept}
        _describe(out, source, copies, note, whole=not start and end is None)
        shift = film.offset * film.time_base + start
        streams = [_video_packets(work, film, video, start)]
        if copies:
            streams.append(_other_packets(source, kept, copies, shift, None if end is None else end - start))
        for packet in heapq.merge(*streams, key=lambda packet: packet.dts * packet.time_base):
            out.mux(packet)
        return lost


def split_streams(source, destination):
    """Find the streams of sound and subtitles that the destination's format can hold.

    Args:
        source: An open PyAV container.
        destination: The Path of the result.

    Returns:
        (a list of streams to keep, a list of sentences about subtitles that the format cannot hold).

    Raises:
        PhotoError: The format cannot hold the sound.
    """
    kept, lost = [], []
    for stream in (*source.streams.audio, *source.streams.subtitles):
        name = stream.codec_context.name if stream.codec_context else "unknown"
        if stream.codec_context and _fits(stream, destination):
            kept.append(stream)
        elif stream.type == "audio":
            wanted = "sound that it can hold, such as aac" if destination.suffix == ".mkv" else "a name in .mkv"
            raise PhotoError(f"{destination.suffix} cannot hold this film's sound ({name}); wanted {wanted}.")
        else:
            lost.append(f"Its subtitles ({name}) do not fit into {destination.suffix}; they do into .mkv.")
    return kept, lost


def _fits(stream, destination):
    """Whether the destination's format can hold a stream, found by trying it."""
    try:
        with av.open(io.BytesIO(), "w", format=FORMATS[destination.suffix.lower()]) as trial:
            trial.add_stream_from_template(stream)
            trial.start_encoding()
        return True
    except (av.FFmpegError, ValueError):
        return False


def _describe(out, source, copies, note, whole):
    """Copy the metadata of the film and its streams, and the chapters of a whole film; add the note."""
    metadata = {} if source is None else {k: v for k, v in source.metadata.items() if k.lower() not in FORGOTTEN}
    if note:
        metadata["comment"] = f"{metadata['comment']} {note}" if metadata.get("comment") else note
    out.metadata.update(metadata)
    for index, copy in copies.items():
        copy.metadata.update(source.streams[index].metadata)
        copy.disposition = source.streams[index].disposition
    if source is not None and whole and source.chapters():
        out.set_chapters(source.chapters())


def _video_packets(work, film, stream, start):
    """Yield the packets of all segments. The duration of each is the time until the next one."""
    shift, waiting = round(start / film.time_base), None
    step = max(1, round(1 / (film.rate * film.time_base)))
    for entry in work.entries:
        with av.open(str(work.folder / entry["file"])) as container:
            for packet in container.demux(video=0):
                if packet.pts is None:  # the end (dts may be unknown before it, too)
                    continue
                packet.pts = packet.dts = round(packet.pts * packet.time_base / film.time_base) - shift
                packet.time_base, packet.stream = film.time_base, stream
                if waiting is not None:
                    waiting.duration = packet.pts - waiting.pts
                    yield waiting
                waiting = packet
    waiting.duration = step
    yield waiting


def _other_packets(source, streams, copies, shift, seconds):
    """Yield packets of sound and subtitles, `shift` seconds earlier, up to `seconds` after that; None: to the end."""
    cut = seconds is not None
    if cut:
        source.seek(int(shift * 10**6))
    packets = source.demux(streams)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError):  # the file is cut off
            return
        if packet is None:
            return
        if packet.dts is None or (cut and not 0 <= packet.pts * packet.time_base - shift < seconds):
            continue
        moved = round(shift / packet.time_base)
        packet.pts, packet.dts = packet.pts - moved, packet.dts - moved
        packet.stream = copies[packet.stream.index]
        yield packet


def remove(destination):
    """Delete the segments of a film that has been joined."""
    remove_folder(resumable_folder(Path(destination)))
