"""Every figure the notebooks draw more than once. Each function but the last draws and returns a Figure."""

import functools
import io
import itertools
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PatchCollection
from PIL import Image

import colorlib  # its rooms on first use: not every figure needs TensorFlow, which ab_bins imports
from colorlib.color import lab_to_rgb, lightness, rgb_to_lab
from colorlib.metrics import psnr


def use_style(quality=80):
    """Draw figures in the style of the course from now on; in a notebook, as JPEG of a quality, 1..95.

    The style is `course.mplstyle`, beside this file: a neutral surround, because color looks different beside color.
    """
    plt.style.use(Path(__file__).with_name("course.mplstyle"))
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("jpeg", pil_kwargs={"quality": quality})


def gallery(photos, titles=None, columns=4, height=2.2, rows=None):
    """Photos side by side, `(H, W, 3)` or `(H, W) uint8` each, gray ones in gray.

    `photos` is a list, or a dict whose keys are the titles; `height` is of a row, in inches; `rows` are labels, one a
    row.
    """
    if isinstance(photos, dict):
        titles, photos = list(photos), list(photos.values())
    count = -(-len(photos) // columns)
    figure, axes = plt.subplots(
        count, columns, figsize=(columns * height * 1.15, count * height), squeeze=False, layout="constrained"
    )
    for ax in axes.flat:
        ax.axis("off")
    for i, (ax, photo) in enumerate(zip(axes.flat, photos)):
        ax.imshow(photo, cmap="gray", vmin=0, vmax=255)
        ax.set_title(titles[i] if titles else "", fontsize=10)
    for ax, label in zip(axes[:, 0], rows or []):
        ax.text(-0.04, 0.5, label, rotation=90, ha="right", va="center", fontsize=10, transform=ax.transAxes)
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
        box = {"boxstyle": "round,pad=0.4", "facecolor": "#e8eef7", "edgecolor": "#5577aa"}
        texts = [ax.text(i, 0, step, ha="center", va="center", fontsize=9, bbox=box) for i, step in enumerate(steps)]
        for i, ends in enumerate(itertools.pairwise(text.get_bbox_patch() for text in texts)):
            arrow = {"arrowstyle": "->", "color": "#5577aa", "patchA": ends[0], "patchB": ends[1]}
            ax.annotate("", (i + 1, 0), (i, 0), arrowprops=arrow)
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


def ab_plane(lightnesses=(20, 45, 70, 95)):
    """The colors that sRGB can show, in the ab plane at each of some lightnesses 0..100; where it has none, gray."""
    a, b = np.meshgrid(np.arange(-95.0, 106), np.arange(-115.0, 101))
    figure, axes = plt.subplots(1, len(lightnesses), figsize=(2.6 * len(lightnesses), 2.9), squeeze=False)
    for ax, L in zip(axes[0], lightnesses):
        lab = np.stack([np.full_like(a, L), a, b], axis=-1).astype(np.float32)
        rgb = lab_to_rgb(lab)
        shown = np.abs(rgb_to_lab(rgb) - lab).max(axis=-1) < 1.5  # 8 bits round by up to about one unit
        ax.imshow(np.where(shown[..., None], rgb, 232), origin="lower", extent=(-95, 105, -115, 100))
        ax.plot(0, 0, "+", color="black", markersize=6)
        ax.set(title=f"L = {L}", xlabel="a: green to red")
    axes[0, 0].set_ylabel("b: blue to yellow")
    return figure


def ab_points(colors, near=False):
    """Colors as points in the ab plane, each in its own color, a panel for each set; the cross is their mean.

    `colors` is a dict title -> Lab `(N, 3) float32`. With `near`, the panels end at -40 and 60.
    """
    figure, axes = _ab_panels(colors, near)
    for ax, lab in zip(axes, colors.values()):
        ax.scatter(*lab[:, 1:].T, c=lab_to_rgb(lab) / 255, s=16)
        _cross(ax, lab[:, 1:].mean(axis=0))
    return figure


def ab_shares(shares, log=False, near=False):
    """Distributions over the ab bins, a panel each: squares in the bins' colors, their areas the shares.

    `shares` is a dict title -> `(Q,)`, none negative. The cross is the mean color. With `log`, the side of a
    square is the logarithm of the share instead, from a millionth of the largest share to the largest. With `near`,
    the panels end at -40 and 60.
    """
    figure, axes = _ab_panels(shares, near)
    for ax, share in zip(axes, map(np.asarray, shares.values())):
        part = share / share.max()
        sides = 1 + np.log10(np.maximum(part, 1e-6)) / 6 if log else np.sqrt(part)
        _squares(ax, sides, facecolors=_bin_colors())
        _cross(ax, share @ colorlib.ab_bins.bins() / share.sum())
    return figure


def _ab_panels(titles, near=False):
    """A figure with the ab plane once for each title, the bins as its pale ground."""
    limits = {"xlim": (-40, 60), "ylim": (-40, 60)} if near else {"xlim": (-95, 105), "ylim": (-115, 100)}
    figure, axes = plt.subplots(1, len(titles), figsize=(3 * len(titles), 3.1), squeeze=False, layout="constrained")
    for ax, title in zip(axes[0], titles):
        _squares(ax, np.ones(len(colorlib.ab_bins.bins())), facecolors="0.94", edgecolors="0.86")
        ax.set(**limits, aspect="equal", title=title, xlabel="a: green to red")
    axes[0, 0].set_ylabel("b: blue to yellow")
    return figure, axes[0]


def _squares(ax, sides, **style):
    """The bins as squares; `sides` `(Q,)` is 1 for a square as large as its bin."""
    corners = zip(colorlib.ab_bins.bins() - colorlib.ab_bins.GRID / 2 * sides[:, None], colorlib.ab_bins.GRID * sides)
    squares = [plt.Rectangle(corner, side, side) for corner, side in corners]
    ax.add_collection(PatchCollection(squares, **style))


def _cross(ax, ab):
    ax.plot(*ab, "x", color="white", markersize=8, markeredgewidth=3)
    ax.plot(*ab, "x", color="black", markersize=7, markeredgewidth=1.2)


@functools.cache
def _bin_colors():
    """A color of each bin, `(Q, 3)` 0..1: at the lightness nearest to 60 at which sRGB can show it."""
    L = np.linspace(5, 95, 19)[:, None]
    lab = np.empty((len(L), len(colorlib.ab_bins.bins()), 3))
    lab[..., 0], lab[..., 1:] = L, colorlib.ab_bins.bins()
    rgb = lab_to_rgb(lab)
    misses = np.linalg.norm(rgb_to_lab(rgb) - lab, axis=-1) + abs(L - 60) / 10
    return rgb[misses.argmin(axis=0), range(lab.shape[1])] / 255


def jpeg(photo, quality=85):
    """A photo `(H, W, 3) uint8` as the bytes of a JPEG file, for `IPython.display.Image`."""
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality)
    return file.getvalue()
