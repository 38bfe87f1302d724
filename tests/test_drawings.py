"""The drawn figures: their numbers, and that what they draw is there."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from colorlib import drawings, models


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_convolved_is_keras_convolution():
    from keras import ops

    grid, kernel = np.random.default_rng(0).normal(size=(7, 8)), np.random.default_rng(1).normal(size=(3, 3))
    for stride in (1, 2):
        keras = ops.conv(grid[None, ..., None], kernel[..., None, None], stride, "valid")[0, ..., 0]
        assert np.allclose(drawings.convolved(grid, kernel, stride), keras, atol=1e-5)


def test_convolution_writes_the_sum_it_frames():
    grid, kernel = np.arange(16).reshape(4, 4), np.array([[1, 0, -1]] * 3)
    figure = drawings.convolution(grid, kernel, at=(0, 1))
    assert figure.get_supxlabel().endswith("= -6") and "1·1" in figure.get_supxlabel()
    assert len(texts(figure)) == 16 + 9 + 4
    padded = drawings.convolution(grid, kernel, stride=2, padding=1, at=(0, 0))
    assert len(texts(padded)) == 36 + 9 + 4


def test_diagram_draws_each_box_and_arrow():
    boxes = {"a": (0, 0, "one"), "b": (2, 0, "two"), "c": (1, 1, "three")}
    figure = drawings.diagram(boxes, [("a", "b"), ("b", "c", "back", 0.3)])
    figure.canvas.draw()
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 2 and {"one", "two", "three", "back"} <= set(texts(figure))


def test_layer_table_counts_what_keras_counts():
    alpha = models.alpha()
    rows = drawings.layer_table(alpha)
    assert sum(weights for *_, weights in rows) == alpha.count_params() == 32_202
    assert [size for _, size, *_ in rows] == [128, 128, 128, 64, 64, 32, 64, 64, 128, 128, 256, 256]
    assert rows[1][2:] == (8, 584)
    bars = drawings.layer_sizes(alpha)
    assert len(bars.axes[0].patches) == len(rows)
