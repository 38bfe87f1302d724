"""The drawn figures of the notebooks: a convolution with its numbers, boxes and arrows, a network's sizes.

Each function draws and returns a Figure.
"""

import itertools

import matplotlib.pyplot as plt
import numpy as np

INK, PALE, FRAME = "#0072b2", "#dbe9f4", "#d55e00"


def convolution(grid, kernel, stride=1, padding=0, at=(0, 0)):
    """A convolution of a small grid `(h, w)` of numbers: the grid with its padding, the kernel, and all sums.

    `at` is the row and column of the sum whose window is framed. Padded zeros are pale.
    """
    grid, kernel = np.asarray(grid), np.asarray(kernel)
    padded = np.pad(grid, padding)
    sums = convolved(padded, kernel, stride)
    widths = [padded.shape[1], kernel.shape[1], sums.shape[1]]
    figure, axes = plt.subplots(1, 3, figsize=(8.5, 3.2), width_ratios=[max(width, 3) for width in widths])
    _numbers(axes[0], padded, "input" if not padding else "input, padded with zeros", pale=padding)
    _numbers(axes[1], kernel, "kernel")
    _numbers(axes[2], sums, f"output: {sums.shape[0]} x {sums.shape[1]}")
    row, column = at
    _frame(axes[0], row * stride, column * stride, kernel.shape)
    _frame(axes[2], row, column, (1, 1))
    window = padded[row * stride :, column * stride :][: kernel.shape[0], : kernel.shape[1]]
    terms = [f"{k}·{p}" for k, p in zip(kernel.ravel(), window.ravel())]
    figure.supxlabel(" + ".join(terms).replace("+ -", "− ") + f" = {sums[row, column]}", fontsize=10)
    return figure


def convolved(padded, kernel, stride=1):
    """The sums of a kernel over every window of a grid that fits into it, in steps of `stride`."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (windows * kernel).sum(axis=(2, 3))


def _numbers(ax, grid, title, pale=0):
    """A grid of numbers as a table of squares; the outer `pale` rows and columns are drawn pale."""
    inside = np.zeros(grid.shape, bool)
    inside[pale : len(grid) - pale, pale : grid.shape[1] - pale] = True
    ax.pcolormesh(np.where(inside, 1.0, 0.9), cmap="gray", vmin=0, vmax=1, edgecolors="#999", linewidth=0.8)
    for (row, column), value in np.ndenumerate(grid):
        color = "#222" if inside[row, column] else "#888"
        ax.text(column + 0.5, row + 0.5, value, ha="center", va="center", fontsize=9, color=color)
    ax.set(title=title, aspect="equal")
    ax.invert_yaxis()
    ax.axis("off")


def _frame(ax, row, column, shape):
    ax.add_patch(plt.Rectangle((column, row), shape[1], shape[0], facecolor=FRAME, alpha=0.18))
    ax.add_patch(plt.Rectangle((column, row), shape[1], shape[0], fill=False, edgecolor=FRAME, linewidth=2.5))


def diagram(boxes, arrows, size=(8, 3)):
    """Boxes joined by arrows.

    `boxes` is a dict name -> (x, y, text), in units of about an inch; `arrows` is a list of (from, to) or
    (from, to, label, bend), where `bend` curves the arrow and a label stands beside its middle.
    """
    figure, ax = plt.subplots(figsize=size)
    drawn = {}
    for name, (x, y, text) in boxes.items():
        style = {"boxstyle": "round,pad=0.45", "facecolor": PALE, "edgecolor": INK, "linewidth": 1.4}
        drawn[name] = ax.text(x, y, text, ha="center", va="center", fontsize=10, bbox=style, zorder=3)
    for start, end, *rest in arrows:
        label, bend = rest if rest else ("", 0)
        ends = [boxes[name][:2] for name in (start, end)]
        patches = {f"patch{side}": drawn[name].get_bbox_patch() for side, name in zip("AB", (start, end))}
        arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.6, "connectionstyle": f"arc3,rad={bend}"}
        ax.annotate("", ends[1], ends[0], arrowprops=arrow | {"shrinkA": 2, "shrinkB": 2} | patches)
        middle = np.mean(ends, axis=0) + bend / 2 * np.array([ends[1][1] - ends[0][1], ends[0][0] - ends[1][0]])
        ax.text(*middle, label, ha="center", va="center", fontsize=9, backgroundcolor=figure.get_facecolor())
    x, y = np.array([box[:2] for box in boxes.values()], float).T
    ax.set(xlim=(x.min() - 0.8, x.max() + 0.8), ylim=(y.min() - 0.5, y.max() + 0.5))
    ax.axis("off")
    return figure


def layer_sizes(model, size=256):
    """A network's convolutions and upsamplings as bars: as tall as their maps, and wider the more maps there are."""
    rows = layer_table(model, size)
    figure, ax = plt.subplots(figsize=(8.5, 3.2))
    left = 0
    for (_, side, maps, _), after in itertools.zip_longest(rows, rows[1:]):
        width = 0.5 + maps / 24
        ax.add_patch(plt.Rectangle((left, -side / 2), width, side, facecolor=PALE, edgecolor=INK))
        ax.text(left + width / 2, side / 2 + 6, f"{side}", ha="center", fontsize=9)
        ax.text(left + width / 2, -side / 2 - 6, f"{maps}", ha="center", va="top", fontsize=9)
        left += width + 0.35 * (after is not None)
    ax.set(xlim=(-0.2, left + 0.2), ylim=(-size / 2 - 35, size / 2 + 35))
    ax.set_title("above each layer its height and width in pixels, below it how many maps it makes")
    ax.axis("off")
    return figure


def layer_table(model, size=256):
    """(kind, height and width, maps, weights) of each layer that computes or enlarges, for an input of `size`."""
    rows = []
    for layer in model.layers:
        if layer.weights or "up_sampling" in layer.name:
            shape = layer.compute_output_shape((1, size, size, layer.input.shape[-1]))
            size = shape[1]
            rows.append((type(layer).__name__, size, shape[3], layer.count_params()))
    return rows
