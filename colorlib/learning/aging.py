"""Aging: the L that a scanned old print of a photo would have. Colors are not changed.

Old photos are not new photos made gray: film saw red as dark, prints faded, and grain, dust and JPEG were added. A
network that never saw this in training colors old photos badly, so it learns ab from the L given here.
"""

import io

import numpy as np
from PIL import Image
from skimage.filters import gaussian

from colorlib._fast_color import LINEAR, SRGB
from colorlib.color import lightness

AGINGS = ("film", "tone", "damage")
WEAR = ("fade", "blur", "grain", "jpeg")
OFTEN = {"film": 0.35, "tone": 0.7, "damage": 0.6}  # fraction of the photos that each is applied to


def aged(photo, L, chance, agings=AGINGS):
    """L `(H, W) float32` 0..100 of a photo as it may look when old.

    Args:
        photo: `(H, W, 3) uint8`.
        L: Its own L, `(H, W)` 0..100.
        chance: A numpy random generator.
        agings: Which kinds of aging are possible; each is applied to some photos only. "film": how the film responded
            to red, green and blue. "tone": contrast and fading. "damage": blur, grain, coarse pixels and JPEG.
    """
    applied = {name for name in AGINGS if chance.random() < OFTEN[name] and name in agings}
    if "film" in applied:
        L = _film(photo, chance)
    if "tone" in applied:
        L = _tone(L, chance)
    if "damage" in applied:
        for damage in chance.choice(len(DAMAGES), chance.integers(1, 5), replace=False):
            L = DAMAGES[damage](L, chance)
    return np.clip(L, 0, 100).astype(np.float32)


def worn(L, wear=WEAR):
    """L `(H, W) float32` 0..100 with a fixed amount of damage, to measure how much a network loses on old photos.

    Args:
        L: `(H, W)` 0..100.
        wear: The kinds of damage, applied in the order of `WEAR`: "fade" to 30..75, "blur" of sigma 1.2, "grain" of
            sigma 4, "jpeg" of quality 20.
    """
    if "fade" in wear:
        L = 30 + 0.45 * L
    if "blur" in wear:
        L = gaussian(L, 1.2)
    if "grain" in wear:
        L = L + 4 * np.random.default_rng(0).standard_normal(L.shape)
    if "jpeg" in wear:
        L = _as_jpeg(L, 20)
    return np.clip(L, 0, 100).astype(np.float32)


def _film(photo, chance):
    """Half panchromatic film, which sees about as we do; half orthochromatic film, which is nearly blind to red."""
    panchromatic = chance.random() < 0.5
    response = chance.dirichlet([4, 12, 3]) if panchromatic else chance.uniform([0, 0.4, 0.4], [0.1, 0.6, 0.6])
    light = LINEAR[photo] @ (response / response.sum()).astype(np.float32)
    return lightness(SRGB[(65535 * light).astype(np.int32)])


def _tone(L, chance):
    """Contrast as an S-curve, gamma, and a fading that lifts black and lowers white."""
    share = np.clip(L / 100, 0, 1) ** np.exp(chance.uniform(-0.5, 0.5))
    steepness = chance.uniform(0.6, 1.5)
    share = share**steepness / (share**steepness + (1 - share) ** steepness)
    black, white = chance.uniform(0, 33), chance.uniform(70, 100)
    return black + share * (white - black)


def _blur(L, chance):
    return gaussian(L, chance.uniform(0.4, 1.6))


def _grain(L, chance):
    grain = chance.standard_normal(L.shape)
    if chance.random() < 0.5:
        grain = gaussian(grain, chance.uniform(0.6, 1))
        grain /= grain.std()
    return L + chance.uniform(1, 8) * grain


def _jpeg(L, chance):
    return _as_jpeg(L, int(chance.integers(15, 71)))


def _as_jpeg(L, quality):
    file = io.BytesIO()
    Image.fromarray(np.uint8(np.clip(2.55 * L, 0, 255))).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file)).astype(np.float32) / 2.55


def _coarse(L, chance):
    image, part = Image.fromarray(np.float32(L)), chance.uniform(0.5, 0.8)
    small = image.resize([max(1, round(part * side)) for side in image.size], Image.Resampling.BOX)
    return np.asarray(small.resize(image.size, Image.Resampling.BILINEAR))


def _vignette(L, chance):
    y, x = (np.linspace(-1, 1, side) for side in L.shape)
    return L * (1 - chance.uniform(0.2, 0.6) * (y[:, None] ** 2 + x**2) / 2)


DAMAGES = (_blur, _grain, _jpeg, _coarse, _vignette)
