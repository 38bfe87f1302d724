"""The scenes of a film: where they begin and end, and a sheet of their pictures, which helps to place hints."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from colorlib.film_files import Film
from colorlib.film_planes import Tones
from colorlib.flow import MotionFinder, blurred
from colorlib.photos import save_photo

SIDE = 128  # shorter side in pixels of the frames on which motion is estimated
THUMBNAIL = 320  # width in pixels of a scene's picture on the sheet
COLUMNS, MARGIN, CAPTION = 4, 12, 22  # of the sheet: pictures in a row, then pixels
INTO = 1.0  # a scene's picture is taken this many seconds after its start, when fades are over


@dataclass(frozen=True)
class Scene:
    """A scene from `start` to `end`, with its `picture`, `(h, w, 3) uint8`, from `time`; all times in seconds."""

    start: float
    end: float
    time: float
    picture: np.ndarray


def scenes(source, fps=24):
    """Yield the scenes of a film in order.

    Args:
        source: The path of a film, or of a folder of numbered frames.
        fps: The frames per second of a folder.

    Yields:
        Scene objects.

    Raises:
        PhotoError: The source is not a film.
    """
    film, find, before, scene, early = Film(source, fps), MotionFinder(), None, None, []
    tones, step = Tones(film.matrix, film.full_range), float(1 / film.rate)
    for frame in film.frames():
        time = float(frame.pts * film.time_base)
        small = _small(tones.L(tones.gray(frame)))
        if scene is None or find(before, small).is_cut:
            if scene is not None:
                yield _with_picture(scene, early)
            scene, early = Scene(time, time, time, None), []
        if time - scene.start <= INTO or not early:
            early.append((time, _thumbnail(tones.rgb(frame), film.pixel_aspect)))
        scene, before = replace(scene, end=time + step), small
    if scene is not None:
        yield _with_picture(scene, early)


def save_sheet(source, path, fps=24):
    """Save a sheet with a picture of each scene, its number and its times.

    The ticks beside each picture mark tenths of its width and height, from which a hint's x and y can be read.

    Args:
        source: The path of a film, or of a folder of numbered frames.
        path: The path of the sheet, a JPEG or PNG.
        fps: The frames per second of a folder.

    Returns:
        The list of Scenes.

    Raises:
        PhotoError: The source is not a film, or the sheet cannot be written.
    """
    found = list(scenes(source, fps))
    height, width = found[0].picture.shape[:2]
    columns, rows = min(COLUMNS, len(found)), -(-len(found) // COLUMNS)
    sheet = Image.new(
        "RGB", (MARGIN + columns * (width + MARGIN), MARGIN + rows * (height + CAPTION + MARGIN)), "white"
    )
    draw = ImageDraw.Draw(sheet)
    for i, scene in enumerate(found):
        x, y = MARGIN + i % columns * (width + MARGIN), MARGIN + i // columns * (height + CAPTION + MARGIN)
        sheet.paste(Image.fromarray(scene.picture), (x, y))
        _draw_ticks(draw, x, y, width, height)
        caption = f"{i + 1}: {_clock(scene.start)} to {_clock(scene.end)}, picture at {scene.time:.2f} s"
        draw.text((x, y + height + 6), caption, "black")
    save_photo(np.asarray(sheet), Path(path))
    return found


def _small(L):
    scale = min(1, SIDE / min(L.shape))
    size = max(1, round(L.shape[1] * scale)), max(1, round(L.shape[0] * scale))
    return blurred(cv2.resize(L, size, interpolation=cv2.INTER_AREA))


def _thumbnail(rgb, pixel_aspect):
    height = max(1, round(THUMBNAIL * rgb.shape[0] / (rgb.shape[1] * float(pixel_aspect))))
    return cv2.resize(rgb, (THUMBNAIL, height), interpolation=cv2.INTER_AREA)


def _with_picture(scene, early):
    """The scene with its picture, taken INTO seconds after its start, or in the middle of a short scene."""
    wanted = min(scene.start + INTO, (scene.start + scene.end) / 2)
    time, picture = min(early, key=lambda pair: abs(pair[0] - wanted))
    return replace(scene, time=time, picture=picture)


def _draw_ticks(draw, x, y, width, height):
    for tenth in range(11):
        across, down, long = x + tenth * (width - 1) // 10, y + tenth * (height - 1) // 10, 9 if tenth == 5 else 5
        draw.line([(across, y + height), (across, y + height + long - 4)], "black")
        draw.line([(x - long + 1, down), (x - 1, down)], "black")


def _clock(seconds):
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"
