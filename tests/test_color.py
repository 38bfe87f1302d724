import numpy as np
import pytest
from skimage import color

import colorlib
from colorlib import lab_to_rgb, lightness, rgb_to_lab
from colorlib.color import gray_of, lab_to_rgb_formula, rgb_to_lab_formula


def corners():
    """Every color whose channels are 0, 1, 5, 10, 11, 128, 254 or 255: faces, edges, corners, the bend near black."""
    steps = np.array([0, 1, 5, 10, 11, 128, 254, 255], np.uint8)
    return np.stack(np.meshgrid(steps, steps, steps), axis=-1)


def gradients():
    ramp = np.arange(256, dtype=np.uint8)
    zero = np.zeros_like(ramp)
    return np.stack([np.stack(c, -1) for c in ([ramp] * 3, [ramp, zero, zero], [zero, ramp, zero], [zero, zero, ramp])])


@pytest.mark.parametrize("make", [corners, gradients])
def test_rgb_to_lab_agrees_with_scikit_image(make):
    rgb = make()
    lab = rgb_to_lab(rgb)
    assert lab.dtype == np.float32 and lab.shape == rgb.shape
    np.testing.assert_allclose(lab, color.rgb2lab(rgb), atol=1e-3)


def test_random_colors_agree_with_scikit_image_as_bytes_and_as_floats(rng):
    rgb = rng.integers(0, 256, (2, 97, 211, 3), dtype=np.uint8)
    np.testing.assert_allclose(rgb_to_lab(rgb), color.rgb2lab(rgb), atol=1e-3)
    floats = rng.random((50, 3))
    np.testing.assert_allclose(rgb_to_lab(floats), color.rgb2lab(floats), atol=1e-3)
    np.testing.assert_allclose(rgb_to_lab(floats.astype(np.float32)), color.rgb2lab(floats), atol=1e-3)


@pytest.mark.parametrize("make", [corners, gradients])
def test_the_tables_agree_with_the_formulas(make, rng):
    for rgb in (make(), rng.integers(0, 256, (300, 400, 3), dtype=np.uint8)):
        np.testing.assert_allclose(rgb_to_lab(rgb), rgb_to_lab_formula(rgb), atol=1e-3)
        np.testing.assert_allclose(lightness(rgb), rgb_to_lab_formula(rgb)[..., 0], atol=1e-3)
        assert np.abs(lab_to_rgb_formula(rgb_to_lab_formula(rgb)).astype(int) - rgb).max() == 0
        assert np.abs(lab_to_rgb(rgb_to_lab_formula(rgb)).astype(int) - rgb).max() <= 1


def test_both_draw_colors_outside_srgb_to_the_same_place(rng):
    """The table keeps the chroma that fits all over a cell of lightness and hue: a little less, never more."""
    lab = np.column_stack([rng.uniform(2, 98, 20_000), rng.uniform(-150, 150, (20_000, 2))])
    fast, slow = (rgb_to_lab(convert(lab)) for convert in (lab_to_rgb, lab_to_rgb_formula))
    assert np.abs(fast[:, 0] - slow[:, 0]).max() < 0.5
    chroma = [np.hypot(*colors[:, 1:].T) for colors in (fast, slow)]
    assert (chroma[0] < chroma[1] + 1).all() and np.mean(chroma[1] - chroma[0]) < 0.5
    assert np.percentile(chroma[1] - chroma[0], 99) < 3


def test_every_photo_survives_the_round_trip(samples):
    for photo in samples.values():
        assert np.abs(lab_to_rgb(rgb_to_lab(photo)).astype(int) - photo).max() <= 1


def test_lab_to_rgb_agrees_with_scikit_image_inside_srgb(rng):
    lab = color.rgb2lab(rng.random((200, 100, 3)))
    theirs = np.round(255 * color.lab2rgb(lab)).astype(int)
    assert np.abs(lab_to_rgb(lab).astype(int) - theirs).max() <= 1


def test_lightness_is_kept_however_wild_ab_is(rng):
    L = rng.uniform(0, 100, 100_000)
    for wildness in (90, 170, 1000, 1e12):
        ab = rng.uniform(-wildness, wildness, (100_000, 2))
        rgb = lab_to_rgb(np.column_stack([L, ab]))
        assert np.abs(lightness(rgb[None])[0] - L).max() < 0.5


def test_colors_outside_srgb_keep_their_hue_and_as_much_chroma_as_fits():
    L, a, b = np.broadcast_arrays(50.0, 150 * np.cos(np.arange(0, 6.28, 0.1)), 150 * np.sin(np.arange(0, 6.28, 0.1)))
    drawn = rgb_to_lab(lab_to_rgb(np.stack([L, a, b], -1)))
    turned = np.angle(np.exp(1j * (np.arctan2(drawn[:, 2], drawn[:, 1]) - np.arctan2(b, a))))
    assert np.abs(turned).max() < np.deg2rad(3)
    more = np.stack([L, drawn[:, 1] * 1.1, drawn[:, 2] * 1.1], -1).astype(np.float32)
    linear = color.xyz2rgb(color.lab2xyz(more))  # clipped by scikit-image: at the rim of sRGB
    assert ((linear <= 0) | (linear >= 1)).any(axis=-1).all()


def test_known_shift_of_plain_clipping_is_gone():
    lab = np.array([[50.0, 0, -170]])
    assert abs(color.rgb2lab(color.lab2rgb(lab))[0, 0] - 50) > 5
    assert abs(rgb_to_lab(lab_to_rgb(lab))[0, 0] - 50) < 0.5


def test_lightness_of_color_gray_and_batches(rng):
    photo = rng.integers(0, 256, (30, 41, 3), dtype=np.uint8)
    np.testing.assert_allclose(lightness(photo), color.rgb2lab(photo)[..., 0], atol=1e-3)
    np.testing.assert_allclose(lightness(np.stack([photo, photo]))[1], lightness(photo))
    gray = photo[..., 0]
    as_color = np.repeat(gray[..., None], 3, -1)
    for same in (gray, gray[..., None], as_color, gray / 255, as_color / 255):
        np.testing.assert_allclose(lightness(same), color.rgb2lab(as_color)[..., 0], atol=1e-3)
    assert lightness(gray).dtype == np.float32


def test_empty_arrays_stay_empty():
    assert rgb_to_lab(np.zeros((0, 5, 3), np.uint8)).shape == (0, 5, 3)
    assert lab_to_rgb(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(
    ("function", "value", "words"),
    [
        (rgb_to_lab, np.zeros((4, 4, 3), np.int64), "int64.*wanted uint8"),
        (rgb_to_lab, np.full((4, 4, 3), 128.0), "0..128|128..128.*wanted float in 0..1"),
        (rgb_to_lab, np.full((4, 4, 3), np.nan), "nan.*wanted float in 0..1"),
        (rgb_to_lab, np.zeros((4, 4, 4), np.uint8), r"\(4, 4, 4\).*wanted \(..., 3\)"),
        (rgb_to_lab, np.uint8(3), r"shape \(\)"),
        (lightness, np.zeros((4, 4, 2), np.uint8), r"\(4, 4, 2\).*wanted"),
        (lightness, np.zeros((4, 4), np.uint16), "uint16.*wanted uint8"),
        (lab_to_rgb, np.zeros((4, 3), int), "int64.*wanted float"),
        (lab_to_rgb, np.full((4, 3), 101.0), "L in 101..101; wanted 0..100"),
        (lab_to_rgb, np.full((4, 3), -1.0), "L in -1..-1; wanted 0..100"),
        (lab_to_rgb, np.array([[50, np.inf, 0]]), "not a finite"),
        (lab_to_rgb, np.array([[np.nan, 0, 0]]), "wanted 0..100"),
        (lab_to_rgb, np.zeros((4, 2)), r"\(4, 2\).*wanted"),
    ],
)
def test_wrong_input_gets_one_sentence(function, value, words):
    with pytest.raises(ValueError, match=words):
        function(value)


def test_import_leaves_tensorflow_alone():
    import subprocess
    import sys

    code = "import sys, colorlib; colorlib.load_photo; colorlib.Colorizer; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    assert set(colorlib.__all__) <= set(dir(colorlib))


def test_gray_keeps_the_lightness(rng):
    gray = np.arange(256, dtype=np.uint8)[None]
    assert (gray_of(gray) == gray).all() and (gray_of(np.stack([gray] * 3, -1)) == gray).all()
    photo = rng.integers(0, 256, (50, 60, 3), dtype=np.uint8)
    assert gray_of(photo).dtype == np.uint8
    assert np.abs(lightness(gray_of(photo)) - lightness(photo)).max() < 0.5
