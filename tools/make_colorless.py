"""Photos of what has no colors, to train on: blank paper, print, fog, night skies, black-and-white cloth, flat gray.

    python tools/make_colorless.py data/landscapes/train data/colorless/train --count 1000
    python tools/make_colorless.py data/landscapes/val data/colorless/val --count 60 --seed 1

A network that saw color in every training photo invents some for a blank page, too. Here paper, letters, stars and
cloth are drawn, gray in all three channels; fog is laid over real landscapes, whose colors fade with the distance.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter
from tqdm.auto import tqdm

from colorlib import find_photos, lab_to_rgb, load_photo, rgb_to_lab, save_photo

SIDE = 224
DOWN, ACROSS = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
LETTERS = list("abcdefghijklmnopqrstuvwxyz" * 4 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ.,;" + " " * 20)


def paper(rng):
    """L `(SIDE, SIDE)` of a blank sheet: one tone, uneven light, stains, grain, at times an edge or a fold."""
    L = rng.uniform(5, 98) + rng.uniform(-8, 8) * DOWN + rng.uniform(-8, 8) * ACROSS
    L = L - rng.uniform(0, 8) * (DOWN**2 + ACROSS**2) + clouds(rng, rng.uniform(4, 40), rng.uniform(0, 4))
    if rng.random() < 0.3:  # the table under the sheet
        edge = rng.uniform(0.6, 0.95)
        L = np.where(np.maximum(abs(DOWN), abs(ACROSS * rng.uniform(0.8, 1.2))) > edge, rng.uniform(2, 98), L)
    if rng.random() < 0.3:
        L = L - rng.uniform(2, 10) * np.exp(
            -((((DOWN if rng.random() < 0.5 else ACROSS) - rng.uniform(-1, 1)) * 40) ** 2)
        )
    return L


def flat(rng):
    """L `(SIDE, SIDE)` of one tone, as it comes from a scanner with nothing in it."""
    return np.full((SIDE, SIDE), rng.uniform(0, 100)) + rng.uniform(0, 1.5) * rng.standard_normal((SIDE, SIDE))


def print_(rng):
    """L `(SIDE, SIDE)` of a page of print, dark on light or, rarely, light on dark."""
    ground, ink = rng.uniform(70, 98), rng.uniform(2, 35)
    if rng.random() < 0.15:
        ground, ink = ink, ground
    mask = Image.new("L", (SIDE, SIDE))
    draw, size, margin = ImageDraw.Draw(mask), rng.uniform(7, 30), rng.uniform(4, 40)
    font = ImageFont.load_default(size)
    for top in np.arange(margin, SIDE - margin, size * rng.uniform(1.15, 1.7)):
        if rng.random() < 0.85:
            draw.text((margin, top), "".join(rng.choice(LETTERS, int(2 * (SIDE - 2 * margin) / size))), 255, font)
    if rng.random() < 0.3:
        corners = np.sort(rng.uniform(0, SIDE, (2, 2)), axis=0)  # top left, bottom right
        draw.rectangle([*corners[0], *corners[1]], outline=255)
    mask = mask.rotate(rng.uniform(-4, 4), Image.Resampling.BILINEAR)
    letters = gaussian_filter(np.asarray(mask) / 255, rng.uniform(0, 1))
    return paper(rng) * 0.1 + 0.9 * ground + letters * (ink - ground)


def night(rng):
    """L `(SIDE, SIDE)` of a night sky: dark, stars of many sizes, at times the moon."""
    stars = np.zeros((SIDE, SIDE))
    for _ in range(3):
        count = int(rng.uniform(5, 250))
        some = np.zeros_like(stars)
        some[tuple(rng.integers(0, SIDE, (2, count)))] = rng.exponential(1, count)
        stars += gaussian_filter(some, rng.uniform(0.4, 1.6)) * rng.uniform(100, 900)
    moon = 85 / (
        1 + np.exp(40 * (np.hypot(DOWN - rng.uniform(-1, 1), ACROSS - rng.uniform(-1, 1)) - rng.uniform(0.05, 0.3)))
    )
    return rng.uniform(1, 14) + clouds(rng, 30, rng.uniform(0, 4)) + stars + (moon if rng.random() < 0.2 else 0)


def cloth(rng):
    """L `(SIDE, SIDE)` of black, white and gray cloth: stripes, checks or dots over soft folds."""
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(0.03, 0.3)
    u, v = (
        (ACROSS * np.cos(angle) + DOWN * np.sin(angle)) / pitch,
        (DOWN * np.cos(angle) - ACROSS * np.sin(angle)) / pitch,
    )
    folds = clouds(rng, rng.uniform(8, 30), rng.uniform(2, 12))
    u, v = u + folds / 20, v + folds / 20
    kinds = (
        np.sin(6.28 * u) > 0,
        (np.sin(6.28 * u) > 0) ^ (np.sin(6.28 * v) > 0),
        np.cos(6.28 * u) + np.cos(6.28 * v) > 0.8,
    )
    pattern = gaussian_filter(np.float32(kinds[rng.integers(3)]), rng.uniform(0.3, 1.2))
    dark, light = rng.uniform(2, 40), rng.uniform(50, 97)
    return (
        dark
        + pattern * (light - dark) * (rng.random() < 0.8)
        + folds
        + rng.uniform(0, 2) * rng.standard_normal(u.shape)
    )


def clouds(rng, width, strength):
    """Soft spots `(SIDE, SIDE)`, `width` pixels wide, `strength` L units strong."""
    noise = gaussian_filter(rng.standard_normal((SIDE, SIDE)), width, mode="wrap")
    return strength * noise / noise.std()


def fog(photo, rng):
    """A landscape `(h, w, 3) uint8` in fog, thicker towards its top."""
    lab = rgb_to_lab(photo)
    depth = np.linspace(1, rng.uniform(0.2, 0.9), len(lab))[:, None, None]
    clear = np.exp(-rng.uniform(1, 4) * depth)
    lab = clear * lab + (1 - clear) * np.array([rng.uniform(60, 95), 0, 0])
    return lab_to_rgb(np.float32(lab.clip([0, -128, -128], [100, 127, 127])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landscapes", type=Path)
    parser.add_argument("colorless", type=Path)
    parser.add_argument("--count", type=int, default=1000, help="photos to make (1000)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed draws the same pictures (0)")
    options = parser.parse_args()
    landscapes = find_photos(options.landscapes)
    drawn = {"paper": paper, "flat": flat, "print": print_, "night": night, "cloth": cloth}
    for number in tqdm(range(options.count)):
        rng = np.random.default_rng((options.seed, number))
        kind = [*drawn, "fog"][number % 6]
        if kind == "fog":
            photo = fog(load_photo(landscapes[rng.integers(len(landscapes))]), rng)
        else:
            L = np.clip(drawn[kind](rng), 0, 100).astype(np.float32)
            photo = lab_to_rgb(np.dstack([L, np.zeros((SIDE, SIDE, 2), np.float32)]))
        save_photo(photo, options.colorless / f"{kind}-{number:04d}.png")


if __name__ == "__main__":
    main()
