"""Motion between frames, and colors that follow it: what keeps a colored film steady.

A network colors each frame afresh, so that colors flicker. Here each frame's colors are a weighted mean over the
frames around it, each moved along the motion to where its things are now, and trusted only where motion is certain
and the lightness agrees. `notebooks/07_film.ipynb` derives it.
"""

import functools
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

BLUR = 1.5  # sigma, in pixels, that takes the grain from what motion is found on
TOLERANCE = 0.5  # pixels by which motion there and back may miss its start, beside what it moved, to be half trusted
PLAIN = 2.0  # L that lie between where a pixel is and where motion misses it by, to be half trusted nevertheless
AROUND = 7  # pixels, side of the square over which the slope of L is averaged for that
LEAST = 32  # pixels, side of the smallest frame that OpenCV's motion takes
ALIKE = 6  # L by which a thing may become lighter or darker and still be the same
SURE = 0.5  # agreement of motion from which on a pixel tells how the light of the whole frame has changed
ENOUGH = 0.2  # least share of such pixels; between two scenes there are fewer
BRIGHTER = 1.5  # most by which contrast may grow or fall and still be the same scene in another light
# Mean trust of two frames under which a new scene begins. Measured at 96 pixels, true cuts reach .06; noise, zooms of
# 10 % a frame, flashes, dissolves and pans of 8 % of the width a frame stay above .2. In the dark one cut of thirty
# reaches .16 and is missed; a faster pan over a thing without texture, or a cut through black, counts as a cut.
CUT = 0.1
# Frames from one key frame to the next. Of a slow pan in three kinds of grain, PSNR is lower than frame by frame by .05
# on average with 5, by .19 with 8 and .22 with 4: a camera's steps times 4 or 8 are multiples of the network's strides,
# so that it sees things at the same places again.
EVERY = 5
MEMORY = 0.85  # how much of its weight a color keeps from one key frame to the next, at best
KNOWN = 0.02  # weight under which a pixel's color counts as not known from other frames
HALF = np.float32(np.log(2))  # exp(-x * HALF) is a half at 1
UNKNOWN = 0.1  # share of such pixels from which on the network is called, whether or not it is a frame's turn


@dataclass
class Motion:
    """Motion between two frames that follow each other, and how far it can be trusted.

    Attributes:
        back: `(h, w, 2) float32`, where each pixel of the later frame was in the earlier one, relative to itself.
        there: `(h, w, 2) float32`, where each pixel of the earlier frame is in the later one.
        trust_back, trust_there: `(h, w) float32` 0..1, of both.
        agreement: Mean trust 0..1 of the later frame, without mercy for plain areas.
    """

    back: np.ndarray
    there: np.ndarray
    trust_back: np.ndarray
    trust_there: np.ndarray
    agreement: float

    @property
    def is_cut(self):
        """Whether the later frame begins a new scene."""
        return self.agreement < CUT


class MotionFinder:
    """Finds motion: `MotionFinder()(before, after)`, with frames as `blurred` gives them."""

    def __init__(self):
        self._flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def __call__(self, before, after):
        """The Motion between two frames, `(h, w) uint8` each."""
        there, back = self._flow_of(before, after), self._flow_of(after, before)
        trust_back, agreed_back = _trust(after, before, back, there)
        trust_there, _ = _trust(before, after, there, back)
        return Motion(back, there, trust_back, trust_there, float(agreed_back.mean()))

    def _flow_of(self, frame, other):
        """Motion `(h, w, 2) float32` from a frame to another; small ones are made larger, OpenCV would crash."""
        height, width = frame.shape
        border = 0, max(0, LEAST - height), 0, max(0, LEAST - width)
        frame, other = (cv2.copyMakeBorder(f, *border, cv2.BORDER_REPLICATE) for f in (frame, other))
        return np.ascontiguousarray(self._flow.calc(frame, other, None)[:height, :width])


def blurred(L):
    """L `(h, w) float32` 0..100 as motion is found on it: `(h, w) uint8`, its grain blurred."""
    return cv2.GaussianBlur((L * 2.55).astype(np.uint8), (0, 0), BLUR)


def warped(planes, motion):
    """Planes `(h, w)` or `(h, w, C) float32` moved: each pixel is taken from where `motion` `(h, w, 2)` points."""
    return cv2.remap(
        planes, _places(*motion.shape[:2]) + motion, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


@functools.cache
def _places(height, width):
    """x and y of each pixel, `(height, width, 2) float32`."""
    return np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)


def _trust(frame, other, motion, motion_back):
    """How far each pixel's motion can be trusted, and the same without mercy for plain areas, `(h, w) float32` 0..1.

    In a plain area, a sky or a wall, motion cannot be known, and need not be: what it misses has the same lightness,
    and so, to the network, the same color. Cuts are told without that: dark scenes are plain.
    """
    missed = ((motion + warped(motion_back, motion)) ** 2).sum(axis=-1)  # squared pixels
    length = (motion**2).sum(axis=-1)
    agreement = np.exp(-missed / (TOLERANCE**2 + 0.01 * length) * HALF)
    likeness = _likeness(frame, other, motion, agreement)
    x, y = (cv2.Sobel(frame, cv2.CV_32F, *axis, scale=1 / 8 / 2.55) for axis in ((1, 0), (0, 1)))  # L a pixel
    slope = cv2.blur(x * x + y * y, (AROUND, AROUND))
    plain = np.exp(-missed * slope / PLAIN**2 * HALF)
    return np.maximum(agreement, plain) * likeness, agreement * likeness


def _likeness(frame, other, motion, agreement):
    """How like the other frame, moved, each pixel is in lightness, `(h, w) float32` 0..1; see `_in_light_of`."""
    moved = _in_light_of(frame, warped(other, motion), agreement)
    difference = cv2.absdiff(frame.astype(np.float32), moved) / np.float32(2.55)
    return np.exp(-((difference / ALIKE) ** 2))


def _in_light_of(frame, moved, agreement):
    """`moved` as bright and contrasty as `frame`: a flash or an unsteady lamp is no other scene.

    Both are `(h, w) uint8`; what is returned is `float32`. Pixels whose motion agrees say how the light has changed.
    """
    sure = (agreement > SURE).astype(np.uint8)
    if sure.mean() < ENOUGH:
        return moved.astype(np.float32)
    (mean, spread), (wanted, wanted_spread) = (cv2.meanStdDev(pixels, mask=sure) for pixels in (moved, frame))
    gain = np.clip((wanted_spread + 1) / (spread + 1), 1 / BRIGHTER, BRIGHTER)  # 1: flat areas differ by noise alone
    return (moved * gain + wanted - gain * mean).astype(np.float32)


@dataclass
class _Seen:
    """One frame under way: what came with it, and what is known of its colors; weights are the third plane."""

    item: object
    small: np.ndarray
    motion: Motion | None
    own: np.ndarray | None
    forward: np.ndarray


class Steady:
    """Colors of a film's frames that follow its motion: `for item, ab in Steady(predict)(frames)`.

    The network sees key frames, every so many and wherever something new appears. In between, colors are carried
    along the motion from the key frames before and, with `look_ahead`, after. A cut lets nothing through.

    Args:
        predict: Function of L `(H, W) float32` 0..100 to ab `(H, W, 2)`.
        size: (h, w) of the colors it gives.
        every: Frames from one key frame to the next.
        look_ahead: Whether colors come from later frames too; frames are then given out about `2 * every` later.
        state: What `state` was when another Steady had given out the frame before the first one.

    Attributes:
        state: What is known after the last frame that was given out.
        keys, cuts: How many key frames and cuts were among the frames given out.
    """

    def __init__(self, predict, size, every=EVERY, look_ahead=True, state=None):
        self._predict, self._size, self._every, self._look_ahead = predict, size, every, look_ahead
        self._keep, self._find, self.state = MEMORY ** (1 / every), MotionFinder(), state
        self.keys = self.cuts = 0

    def __call__(self, frames):
        """(item, ab `(h, w, 2) float32`) of each of `frames`, which are (item, L `(H, W) float32`, is_forced).

        `is_forced` makes it a key frame: where a frame is one, a later run can begin with `state`.
        """
        seen, last, age = deque(), self.state and _Seen(None, self.state[0], None, None, self.state[1]), 0
        for item, L, is_forced in frames:
            frame = self._entered(item, L, last, is_forced or age + 1 >= self._every)
            age = 0 if frame.own is not None else age + 1
            if frame.motion is None or frame.motion.is_cut:
                yield from self._given(seen, len(seen))
            seen.append(frame)
            if frame.own is not None or not self._look_ahead:
                yield from self._given(seen, self._ready(seen))
            last = frame
        yield from self._given(seen, len(seen))

    def _entered(self, item, L, last, is_key):
        small = blurred(cv2.resize(L, self._size[::-1], interpolation=cv2.INTER_AREA))
        motion = self._find(last.small, small) if last else None
        forward = np.zeros((*self._size, 3), np.float32)
        if motion is not None and not motion.is_cut:
            forward = warped(last.forward, motion.back) * (self._keep * motion.trust_back)[..., None]
        own = None
        if is_key or (forward[..., 2] < KNOWN).mean() > UNKNOWN:
            ab = cv2.resize(self._predict(L), self._size[::-1], interpolation=cv2.INTER_AREA)
            own = np.dstack([ab, np.ones(self._size, np.float32)])
            forward += own
        return _Seen(item, small, motion, own, forward)

    def _ready(self, seen):
        """How many of the frames have key frames enough behind them to be given out."""
        if not self._look_ahead:
            return len(seen)
        return max((i for i in range(len(seen) - self._every) if seen[i].own is not None), default=0)

    def _given(self, seen, count):
        """The first `count` frames, taken out of `seen`, with their colors."""
        if not count:
            return
        totals = self._totals(list(seen)) if self._look_ahead else [frame.forward for frame in seen]
        for total in totals[:count]:
            frame = seen.popleft()
            self.state = frame.small, frame.forward
            self.keys += frame.own is not None
            self.cuts += frame.motion is not None and frame.motion.is_cut
            yield frame.item, _settled(total)

    def _totals(self, seen):
        """Weighted colors from before and after for each frame, `(h, w, 3)`; from the last one back."""
        totals, backward = [], None
        for frame, following in zip(seen[::-1], [None, *seen[:0:-1]]):
            if following is not None:
                motion = following.motion
                backward = warped(backward, motion.there) * (self._keep * motion.trust_there)[..., None]
            totals.append(frame.forward if backward is None else frame.forward + backward)
            own = 0 if frame.own is None else frame.own
            backward = own + (np.zeros_like(frame.forward) if backward is None else backward)
        return totals[::-1]


def _settled(total):
    """ab `(h, w, 2)` of weighted colors `(h, w, 3)`; where hardly any are known, those of the neighborhood."""
    side = 1 + 2 * max(1, min(total.shape[:2]) // 16)
    around = cv2.blur(total, (side, side), borderType=cv2.BORDER_REPLICATE)
    around = around[..., :2] / np.maximum(around[..., 2:], 1e-6)
    return (total[..., :2] + KNOWN * around) / (total[..., 2:] + KNOWN)
