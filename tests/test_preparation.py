"""Blank pages, borders, screens, long photos: what the network sees of them, and what it may say."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from colorlib import Colorizer, inference, preparation
from colorlib.color import gray_of, lightness, rgb_to_lab


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer()


def chroma(photo):
    return np.hypot(*np.moveaxis(rgb_to_lab(photo)[..., 1:], -1, 0)).mean()


@pytest.mark.parametrize("gray", [20, 60, 128, 200, 235])
def test_a_blank_page_is_nearly_neutral(gray, colorizer, rng):
    flat = np.full((300, 400), gray, np.uint8)
    page = np.clip(flat + rng.normal(0, 5, flat.shape) + np.linspace(-12, 12, 400), 0, 255).astype(np.uint8)
    assert chroma(colorizer(flat)) < 1 and chroma(colorizer(page)) < 1


def seen(gray):
    """L `(h, w)` of a photo as the network sees it."""
    L = lightness(np.clip(np.round(gray), 0, 255).astype(np.uint8))
    return inference.shrunk(L, *inference.seen_size(*L.shape, 256))


@pytest.mark.parametrize("contrast", [0.5, 0.2, 0.12])
def test_a_faded_photo_keeps_its_colors(contrast, samples, rng):
    for name in ("astronaut", "camera", "china", "coffee", "chelsea"):
        gray = gray_of(samples[name]).astype(float)
        faded = 150 + contrast * (gray - gray.mean()) + rng.normal(0, 1.5, gray.shape)
        assert preparation.color_share(seen(faded)).min() == 1, name


def test_what_is_on_a_blank_page_is_no_photo(rng):
    """Light that falls off from the middle, the paper's grain, a line of writing, and all of them."""
    y, x = np.mgrid[-1:1:450j, -1:1:600j]
    light = -12 * (x**2 + y**2)
    grain = gaussian_filter(rng.normal(0, 1, x.shape), 3)
    page = Image.new("L", (600, 450))
    ImageDraw.Draw(page).text((130, 200), "Aunt Ada, 1932", fill=255, font_size=36)
    grain, writing = 3 * grain / grain.std(), -100 * (np.asarray(page) / 255)
    for marks in (light, grain, writing, light + grain + writing):
        for paper in (70, 140, 225):
            assert preparation.color_share(seen(paper + marks)).max() < 0.3


def test_a_photo_keeps_its_colors_without_a_border(colorizer, samples):
    for name in ("coffee", "camera"):
        gray = gray_of(samples[name])
        side = round(0.08 * min(gray.shape))
        framed = colorizer(np.pad(gray, side, constant_values=250))
        inside = framed[side:-side, side:-side]
        assert chroma(inside) > 0.85 * chroma(colorizer(gray)), name
        assert chroma(framed[: side // 2]) < 1.5


def test_borders_are_found_and_skies_are_none(samples):
    L = lightness(samples["coffee"])[::2, ::2]
    h, w = L.shape
    assert preparation.border(L) == (0, h, 0, w)
    framed = np.pad(L, [(20, 10), (12, 16)], constant_values=97)
    assert preparation.border(framed) == (20, 20 + h, 12, 12 + w)
    assert preparation.border(np.pad(L, [(40, 0), (0, 0)], constant_values=97)) == (0, h + 40, 0, w)


def printed(gray, period):
    """A photo as dots of ink on paper."""
    y, x = np.mgrid[: gray.shape[0], : gray.shape[1]] * (2 * np.pi / period)
    dots = 128 + 60 * (np.cos(x + 0.5 * y) + np.cos(y - 0.5 * x))
    return np.clip(128 + 4 * (gray.astype(float) - dots), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("period", [4, 6, 9])
def test_the_screen_of_a_print_is_found(period, samples):
    gray = gray_of(samples["astronaut"])
    found = preparation.screen_period(lightness(printed(gray, period)))
    assert abs(found - period / np.hypot(1, 0.5)) < 0.5
    smooth = preparation.descreened(lightness(printed(gray, period)))
    small = [np.asarray(Image.fromarray(L).resize((64, 64), Image.Resampling.BOX)) for L in (smooth, lightness(gray))]
    assert np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1] > 0.9


def test_photos_are_no_prints(samples):
    for name, photo in samples.items():
        assert preparation.screen_period(lightness(photo)) == 0, name


@pytest.mark.parametrize("times", [8, 16, 32])
@pytest.mark.parametrize("tall", [False, True])
def test_long_photos_keep_their_colors(times, tall, colorizer, samples):
    gray = gray_of(samples["astronaut"])[:128, 100:228]
    long = np.tile(np.hstack([gray, gray[:, ::-1]]), (1, times // 2))
    colored = colorizer(long.T if tall else long)
    pair = colorizer(np.tile(np.hstack([gray, gray[:, ::-1]]), (1, 2)).T if tall else long[:, :512])
    assert 0.8 < chroma(colored) / chroma(pair) < 1.25


@pytest.mark.parametrize("tall", [False, True])
def test_pieces_are_what_the_whole_is(tall, rng):
    """A function of each pixel alone gives the same in pieces and at once."""
    views, calls = rng.random((2, 3200, 32, 1) if tall else (2, 32, 3200, 1)).astype(np.float32), []

    def predict(some):
        calls.append(some.shape)
        small = some.reshape(2, some.shape[1] // 4, 4, some.shape[2] // 4, 4, 1).mean(axis=(2, 4))
        return {"ab": some * 3, "logits": small}

    found = preparation.in_pieces(predict, views)
    assert len(calls) > 3 and max(max(shape) for shape in calls) == preparation.PIECE
    np.testing.assert_allclose(found["ab"], views * 3, rtol=1e-5)
    np.testing.assert_allclose(found["logits"], predict(views)["logits"], rtol=1e-5)


def test_the_longer_side_is_bounded():
    assert inference.seen_size(100, 100_000, 256) == (8, 8192)


def test_negatives_are_turned_on_request(samples, network):
    gray = gray_of(samples["camera"])[::4, ::4]
    turned = Colorizer(network, negative=True)(255 - gray)
    np.testing.assert_array_equal(turned, Colorizer(network)(gray))
