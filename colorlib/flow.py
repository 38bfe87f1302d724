"""Motion between frames, and colors that follow it, so that a film does not flicker.

A network colors each frame independently, which makes colors flicker. Here a frame's colors are a weighted mean over
the frames around it. The colors of each are moved along the motion, and they count only where the motion is certain
and the lightness agrees. `notebooks/07_film.ipynb` derives it.
"""

import functools
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

BLUR = 1.5  # sigma in pixels of the blur that removes grain before motion is estimated
TOLERANCE = 0.5  # pixels that motion there and back may miss its start by, plus a tenth of its length, for half trust
PLAIN = 2.0  # difference in L along that miss up to which a pixel still gets half trust
AROUND = 7  # side in pixels of the square over which the slope of L is averaged for PLAIN
LEAST = 32  # side in pixels of the smallest frame that OpenCV's optical flow accepts
ALIKE = 6  # an object may become lighter or darker by about this much L and still be the same
SURE = 0.5  # agreement above which a pixel is used to measure how the light of the whole frame has changed
ENOUGH = 0.2  # smallest share of such pixels; between two scenes there are fewer
BRIGHTER = 1.5  # largest factor by which contrast may change within a scene when the light changes
# A new scene begins where the mean trust between two frames is lower than this. Measured at 96 pixels, true cuts reach
# .06; noise, zooms of 10 % per frame, flashes, dissolves and pans of 8 % of the width per frame stay above .2. In dark
# film one cut in thirty reaches .16 and is missed. A faster pan without texture, or a cut through black, counts as one.
CUT = 0.1
# Frames from one key frame to the next. In a slow pan with three kinds of grain, PSNR is lower than frame by frame by
# .05 on average with 5, by .19 with 8 and by .22 with 4. Why 5 is best was not found out.
EVERY = 5
MEMORY = 0.85  # the share of its weight that a color keeps at most from one key frame to the next
KNOWN = 0.02  # a pixel with less weight than this counts as unknown from other frames
HALF = np.float32(np.log(2))  # exp(-x * HALF) is 0.5 at x = 1
UNKNOWN = 0.1  # with more than this share of unknown pixels, a frame becomes a key frame early


@dataclass
class Motion:
    """Motion between two consecutive frames, and how far it can be trusted.

    Attributes:
        back: `(h, w, 2) float32`, x and y in pixels from each pixel of the later frame to its place in the earlier one.
        there: `(h, w, 2) float32`, the same from the earlier frame to the later one.
        trust_back: `(h, w) float32` 0..1, the trust in `back`.
        trust_there: `(h, w) float32` 0..1, the trust in `there`.
        agreement: The mean trust in `back`, 0..1, without the allowance for plain areas.
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
    """Estimates motion: `MotionFinder()(before, after)`, with frames from `blurred`."""

    def __init__(self):
        self._flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def __call__(self, before, after):
        """The Motion between two consecutive frames, both `(h, w) uint8`."""
        there, back = self._flow_of(before, after), self._flow_of(after, before)
        trust_back, agreed_back = _trust(after, before, back, there)
        trust_there, _ = _trust(before, after, there, back)
        return Motion(back, there, trust_back, trust_there, float(agreed_back.mean()))

    def _flow_of(self, frame, other):
        """Motion from one frame to another, `(h, w, 2) float32`. Small frames are padded, as OpenCV crashes on them."""
        height, width = frame.shape
        border = 0, max(0, LEAST - height), 0, max(0, LEAST - width)
        frame, other = (cv2.copyMakeBorder(f, *border, cv2.BORDER_REPLICATE) for f in (frame, other))
        return np.ascontiguousarray(self._flow.calc(frame, other, None)[:height, :width])


def blurred(L):
    """A frame for MotionFinder, `(h, w) uint8` with blurred grain, of L `(h, w) float32` 0..100."""
    return cv2.GaussianBlur((L * 2.55).astype(np.uint8), (0, 0), BLUR)


def warped(planes, motion):
    """Planes moved along a motion: each pixel comes from where the motion points.

    Args:
        planes: `(h, w)` or `(h, w, C)`, uint8 or float32.
        motion: `(h, w, 2) float32`, x and y in pixels.
    """
    return cv2.remap(
        planes, _places(*motion.shape[:2]) + motion, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


@functools.cache
def _places(height, width):
    """The coordinates x and y of each pixel, `(height, width, 2) float32`."""
    return np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)


def _trust(frame, other, motion, motion_back):
    """The trust in each pixel's motion, with and without an allowance for plain areas: two `(h, w) float32` 0..1.

    In a plain area, such as a sky or a wall, motion cannot be estimated and need not be: pixels nearby have the same
    lightness, and so the same color to the network. Cuts are detected without the allowance, as dark scenes are plain.
    """
    missed = ((motion + warped(motion_back, motion)) ** 2).sum(axis=-1)  # squared pixels
    length = (motion**2).sum(axis=-1)
    agreement = np.exp(-missed / (TOLERANCE**2 + 0.01 * length) * HALF)
    likeness = _likeness(frame, other, motion, agreement)
    x, y = (cv2.Sobel(frame, cv2.CV_32F, *axis, scale=1 / 8 / 2.55) for axis in ((1, 0), (0, 1)))  # L per pixel
    slope = cv2.blur(x * x + y * y, (AROUND, AROUND))
    plain = np.exp(-missed * slope / PLAIN**2 * HALF)
    return np.maximum(agreement, plain) * likeness, agreement * likeness


def _likeness(frame, other, motion, agreement):
    """How similar each pixel is in lightness to the moved other frame, `(h, w) float32` 0..1; see `_in_light_of`."""
    moved = _in_light_of(frame, warped(other, motion), agreement)
    difference = cv2.absdiff(frame.astype(np.float32), moved) / np.float32(2.55)
    return np.exp(-((difference / ALIKE) ** 2))


def _in_light_of(frame, moved, agreement):
    """`moved` with the brightness and contrast of `frame`, `(h, w) float32`: a flash is not a new scene.

    Both frames are `(h, w) uint8`. The change of the light is measured on pixels whose motion agrees.
    """
    sure = (agreement > SURE).astype(np.uint8)
    if sure.mean() < ENOUGH:
        return moved.astype(np.float32)
    (mean, spread), (wanted, wanted_spread) = (cv2.meanStdDev(pixels, mask=sure) for pixels in (moved, frame))
    gain = np.clip((wanted_spread + 1) / (spread + 1), 1 / BRIGHTER, BRIGHTER)  # + 1: flat areas differ by noise only
    return (moved * gain + wanted - gain * mean).astype(np.float32)


@dataclass
class _Seen:
    """A frame whose colors are not complete yet.

    Attributes:
        item: The caller's object for the frame.
        small: The frame as `blurred` returns it, `(h, w) uint8`.
        motion: The Motion from the frame before; None for the first frame.
        own: Weighted ab and the weight, `(h, w, 3) float32`, if the network saw it; else None.
        forward: The same, accumulated from this frame and earlier ones.
    """

    item: object
    small: np.ndarray
    motion: Motion | None
    own: np.ndarray | None
    forward: np.ndarray


class Steady:
    """Colors for the frames of a film that follow its motion: `for item, ab in Steady(predict, size)(frames)`.

    The network sees key frames: one every few frames, and each frame with enough new content. In between, the motion
    carries colors from the key frames before and, with `look_ahead`, after. Colors never cross a cut.

    Args:
        predict: A function from L `(H, W) float32` 0..100 to ab `(H, W, 2) float32`.
        size: (h, w) of the colors that are returned, in pixels.
        every: The number of frames from one key frame to the next.
        look_ahead: Whether colors come from later frames, too. Frames are then returned about `2 * every` frames later.
        state: The `state` of another Steady that had returned the frame before the first one, to resume from; or None.

    Attributes:
        state: What is needed to resume after the last frame that was returned.
        keys: The number of key frames among the frames returned.
        cuts: The number of cuts among them.
    """

    def __init__(self, predict, size, every=EVERY, look_ahead=True, state=None):
        self._predict, self._size, self._every, self._look_ahead = predict, size, every, look_ahead
        self._keep, self._find, self.state = MEMORY ** (1 / every), MotionFinder(), state
        self.keys = self.cuts = 0

    def __call__(self, frames):
        """Yield the colors of frames in order.

        Args:
            frames: An iterable of (item, L `(H, W) float32` 0..100, is_forced). `item` is any object. `is_forced` makes
                the frame a key frame, so that a later run can resume there from `state`.

        Yields:
            (item, ab `(h, w, 2) float32`).
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
        """The _Seen of a new frame, with the colors that the motion carries from the frame `last`, or None."""
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
        """How many of the frames can be returned, because enough key frames follow them."""
        if not self._look_ahead:
            return len(seen)
        return max((i for i in range(len(seen) - self._every) if seen[i].own is not None), default=0)

    def _given(self, seen, count):
        """Remove the first `count` frames from `seen`, and yield each with its colors."""
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
        """A list of each frame's weighted colors from earlier and later frames, `(h, w, 3) float32`."""
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
    """ab `(h, w, 2)` of weighted colors `(h, w, 3)`; where the weight is small, the mean of the neighborhood."""
    side = 1 + 2 * max(1, min(total.shape[:2]) // 16)
    around = cv2.blur(total, (side, side), borderType=cv2.BORDER_REPLICATE)
    around = around[..., :2] / np.maximum(around[..., 2:], 1e-6)
    return (total[..., :2] + KNOWN * around) / (total[..., 2:] + KNOWN)
