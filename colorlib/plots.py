"""Every figure the notebooks draw more than once. Each function but the last draws and returns a Figure."""

import io

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from colorlib.color import lab_to_rgb, lightness, rgb_to_lab
from colorlib.metrics import psnr


def gallery(photos, titles=None, columns=4, height=2.2):
    """Photos side by side, `(H, W, 3)` or `(H, W) uint8` each, gray ones in gray.

    `photos` is a list, or a dict whose keys are the titles; `height` is of a row, in inches.
    """
    if isinstance(photos, dict):
        titles, photos = list(photos), list(photos.values())
    rows = -(-len(photos) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * height * 1.15, rows * height), squeeze=False, layout="constrained"
    )
    for ax in axes.flat:
        ax.axis("off")
    for i, (ax, photo) in enumerate(zip(axes.flat, photos)):
        ax.imshow(photo, cmap="gray", vmin=0, vmax=255)
        ax.set_title(titles[i] if titles else "", fontsize=10)
    return figure


def channels(photo):
    """L, a and b of a photo `(H, W, 3) uint8`, a from green to red, b from blue to yellow.

    The a and b planes are drawn in the colors they stand for, at L = 60.
    """
    L, a, b = np.moveaxis(rgb_to_lab(photo), -1, 0)
    none, flat = np.zeros_like(L), np.full_like(L, 60)
    planes = [photo] + [lab_to_rgb(np.stack(lab, -1)) for lab in ((L, none, none), (flat, a, none), (flat, none, b))]
    return gallery(planes, ["the photo", "L: dark to light", "a: green to red", "b: blue to yellow"])


def triptych(photo, colored):
    """Gray, predicted and original side by side, with the prediction's PSNR against the original.

    Both are `(H, W, 3) uint8` of one size.
    """
    gray = lab_to_rgb(np.stack([lightness(photo), *np.zeros((2, *photo.shape[:2]), np.float32)], axis=-1))
    titles = ["gray: what the network sees", f"predicted: {psnr(photo, colored):.1f} dB", "original"]
    return gallery([gray, colored, photo], titles, columns=3, height=3.2)


def training_curve(loss, validation=None, floor=None):
    """Loss by epoch on a logarithmic axis: a list of numbers, a second for held-out photos.

    `floor` is (value, label) of a level worth comparing with, drawn as a dashed line.
    """
    figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    epochs = range(1, len(loss) + 1)
    ax.semilogy(epochs, loss, label="training")
    if validation is not None:
        ax.semilogy(epochs, validation, label="photos held out")
    if floor is not None:
        ax.axhline(floor[0], color="gray", linestyle="--", label=floor[1])
    ax.set(xlabel="epoch", ylabel="loss: mean squared error of ab")
    ax.grid(alpha=0.3)
    ax.legend()
    return figure


def feature_maps(maps, columns=8, titles=None, height=1.1):
    """Feature maps `(h, w, C)` side by side, each from its own lowest (black) to highest value."""
    maps = np.moveaxis(np.asarray(maps, np.float32), -1, 0)
    low, high = (f(maps, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    maps = 255 * (maps - low) / np.maximum(high - low, 1e-6)
    return gallery(list(maps), titles, columns=columns, height=height)


def flow(*rows):
    """Diagrams of what follows what: each row is a list of steps, drawn as boxes joined by arrows."""
    width = max(map(len, rows))
    figure, axes = plt.subplots(len(rows), figsize=(1.55 * width, 0.95 * len(rows)), squeeze=False)
    for ax, steps in zip(axes[:, 0], rows):
        ax.set(xlim=(-0.55, width - 0.45), ylim=(-0.5, 0.5))
        ax.axis("off")
        for i, step in enumerate(steps):
            box = {"boxstyle": "round,pad=0.4", "facecolor": "#e8eef7", "edgecolor": "#5577aa"}
            ax.text(i, 0, step, ha="center", va="center", fontsize=9, bbox=box)
        for i in range(len(steps) - 1):
            ax.annotate("", (i + 0.64, 0), (i + 0.4, 0), arrowprops={"arrowstyle": "->", "color": "#5577aa"})
    return figure


def color_cloud(photos, title=""):
    """How often each color occurs in photos `(H, W, 3) uint8`: the ab plane, on a logarithmic scale.

    a runs to the right (red), b upwards (yellow); gray is in the middle.
    """
    ab = np.concatenate([rgb_to_lab(photo)[::2, ::2, 1:].reshape(-1, 2) for photo in photos])
    figure, ax = plt.subplots(figsize=(3.4, 3.2), layout="constrained")
    counts, *_ = np.histogram2d(*ab.T, bins=110, range=[[-110, 110]] * 2)
    ax.imshow(np.log1p(counts.T), origin="lower", extent=(-110, 110, -110, 110), cmap="magma")
    ax.set(xlabel="a: green to red", ylabel="b: blue to yellow", title=title)
    return figure


def jpeg(photo, quality=85):
    """A photo `(H, W, 3) uint8` as the bytes of a JPEG file, for `IPython.display.Image`."""
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality)
    return file.getvalue()
