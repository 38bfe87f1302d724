"""The scenes of a film: where they begin and end, and a sheet of their pictures to put hints on."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from colorlib.film_files import Film
from colorlib.film_planes import Tones
from colorlib.flow import MotionFinder, blurred
from colorlib.photos import save_photo

SIDE = 128  # shorter side, in pixels, at which motion is found
THUMBNAIL = 320  # width of a scene's picture on the sheet
COLUMNS, MARGIN, CAPTION = 4, 12, 22  # of the sheet, in pictures and pixels
INTO = 1.0  # seconds into its scene at which a picture is taken: cuts and fades are over


@dataclass(frozen=True)
class Scene:
    """A scene: `start` and `end` in seconds, and one of its pictures, `(h, w, 3) uint8`, at `time` in seconds."""

    start: float
    end: float
    time: float
    picture: np.ndarray


def scenes(source, fps=24):
    """The Scenes of a film, one by one as they are found.

    Args:
        source: Path of a film, or of a folder of numbered frames.
        fps: Frames per second of a folder.

    Raises:
        PhotoError: It is not a film.
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
    """Save one picture of all scenes of a film as JPEG or PNG, each with its number and time; the list of Scenes.

    The ticks around each picture are tenths of its width and height, to read a hint's x and y from.
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
    """The scene with its picture: the one a second into it, or in the middle of a short one."""
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
