"""Hints on frames of a film. Their points follow the motion through the scene, to later and to earlier frames."""

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np

from colorlib import hints as hints_of_photos
from colorlib.files import reason
from colorlib.flow import MotionFinder, blurred
from colorlib.photos import PhotoError

SIDE = 128  # shorter side in pixels of the frames on which motion is estimated
LOST = 0.1  # a point counts as covered if the trust all around it is lower than this
AROUND = 2  # trust is looked up within this many pixels of a point


def load(path):
    """Read the hints of a film from a JSON file.

    The file is `{"frames": [{"time": 12.4, "hints": [{"x": 0.5, "y": 0.5, "color": "#rrggbb", "reach": 0.5}]}]}`, where
    `time` is in seconds.

    Args:
        path: The path of the file.

    Returns:
        A list of (seconds, list of `hints.Hint`), one for each frame with hints.

    Raises:
        PhotoError: The file cannot be read.
        ValueError: The file holds something else.
    """
    try:
        frames = json.loads(Path(path).read_text(encoding="utf-8"))["frames"]
        return [(float(f["time"]), hints_of_photos.from_json(json.dumps({"hints": f["hints"]}))) for f in frames]
    except (OSError, UnicodeDecodeError) as error:
        raise PhotoError(f"The hints {path} cannot be read: {reason(error)}.") from error
    except (json.JSONDecodeError, TypeError, KeyError) as error:
        form = '{"frames": [{"time": 12.4, "hints": [...]}]}'
        raise ValueError(f"{path} holds no hints of a film; wanted {form}.") from error


def followed(film, tones, hinted):
    """Move hints along the motion to the other frames of their scenes.

    Args:
        film: A `film_files.Film`.
        tones: Its `film_planes.Tones`.
        hinted: A list of (seconds, list of Hints), as `load` returns it.

    Returns:
        ({pts: list of Hints} for every frame that hints reach, the set of the pts of the frames they were given for).

    Raises:
        ValueError: A time is after the end of the film.
    """
    waiting = sorted(((seconds / film.time_base, hints) for seconds, hints in hinted), key=lambda pair: pair[0])
    found, frames, find, before = {}, set(), MotionFinder(), None
    scene, current = [], []  # (pts, Motion from the frame before) of the scene so far; the Hints in this frame
    for frame in film.frames():
        small = _small(tones.L(tones.gray(frame)))
        motion = None if before is None else find(before, small)
        if motion is None or motion.is_cut:
            scene, current, motion = [], [], None
        scene.append((frame.pts, motion))
        current = [] if motion is None else _moved(current, motion.there, motion.trust_there)
        while waiting and frame.pts >= waiting[0][0] - 0.5:
            hints = waiting.pop(0)[1]
            frames.add(frame.pts)
            current = current + list(hints)
            _follow_back(scene, hints, found)
        if current:
            found[frame.pts] = list(current)
        elif not waiting:
            break
        before = small
    if waiting:
        raise ValueError(f"There is no frame at second {float(waiting[0][0] * film.time_base):g} to put hints on.")
    return found, frames


def _follow_back(scene, hints, found):
    """Move hints from the last frame of `scene` back to its earlier frames, and add them to `found`."""
    for (_, motion), (pts, _) in zip(scene[:0:-1], scene[-2::-1]):
        hints = _moved(hints, motion.back, motion.trust_back)
        if not hints:
            return
        found[pts] = found.get(pts, []) + hints


def _moved(hints, flow, trust):
    """The hints, moved along a flow `(h, w, 2)`, without hints that leave the picture or whose points are covered."""
    height, width = trust.shape
    kept = []
    for hint in hints:
        row, column = hint.at(height, width)
        around = trust[max(0, row - AROUND) : row + AROUND + 1, max(0, column - AROUND) : column + AROUND + 1]
        x, y = (np.array([hint.x, hint.y]) + flow[row, column] / (width, height)).tolist()
        if 0 <= x <= 1 and 0 <= y <= 1 and around.max() >= LOST:
            kept.append(dataclasses.replace(hint, x=x, y=y))
    return kept


def _small(L):
    """A frame for MotionFinder whose shorter side has at most SIDE pixels, `(h, w) uint8`, of L `(H, W)`."""
    scale = min(1, SIDE / min(L.shape))
    size = max(1, round(L.shape[1] * scale)), max(1, round(L.shape[0] * scale))
    return blurred(cv2.resize(L, size, interpolation=cv2.INTER_AREA))
