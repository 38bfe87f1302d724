"""Hints as data and as a file; their spreading against a loop that can be read; spots that make them exact."""

import numpy as np
import pytest

from colorlib import Hint, PhotoError, hints
from colorlib.color import lab_to_rgb


@pytest.mark.parametrize("color", ["#FF8000", (255, 128, 0), np.array([255, 128, 0]), "rgb(255, 128, 0)"])
def test_a_color_is_kept_as_hexadecimal(color):
    assert Hint(0.25, 1, color) == Hint(0.25, 1.0, "#ff8000", 0.5)


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"x": 1.2}, "x of the hint is 1.2; wanted a number from 0 to 1"),
        ({"y": "top"}, "y of the hint is 'top'"),
        ({"y": float("nan")}, "y of the hint is nan"),
        ({"reach": -1}, "reach of the hint is -1"),
        ({"color": "#12"}, "color of the hint is '#12'; wanted \"#rrggbb\""),
        ({"color": (1, 2, 300)}, "color of the hint is"),
        ({"color": (0.5, 0.5, 0.5)}, "color of the hint is"),
        ({"color": None}, "color of the hint is None"),
    ],
)
def test_bad_hints_get_a_sentence(wrong, sentence):
    with pytest.raises(ValueError) as error:
        Hint(**({"x": 0.5, "y": 0.5, "color": "#808080"} | wrong))
    assert str(error.value).startswith(sentence)


def test_the_last_pixel_is_inside():
    assert Hint(1, 1, "#000000").at(30, 40) == (29, 39) and Hint(0, 0, "#000000").at(30, 40) == (0, 0)


def test_a_file_of_hints_and_back(tmp_path):
    given = [Hint(0.1, 0.2, "#abcdef", 1.0), Hint(1 / 3, 0, "#808080")]
    path = hints.save(given, hints.path_beside(tmp_path / "new" / "aunt.jpg"))
    assert path.name == "aunt.hints.json" and hints.load(path) == given
    assert hints.from_json(hints.to_json([])) == []


@pytest.mark.parametrize("text", ["", "[]", '{"hints": 3}', '{"hints": [{"x": 1}]}', "{", '{"hints": [[1, 2]]}'])
def test_another_file_gets_a_sentence(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match="a.json: The hints cannot be read; wanted"):
        hints.load(tmp_path / "a.json")
    with pytest.raises(PhotoError, match="No such file"):
        hints.load(tmp_path / "none.json")


def spread_by_a_loop(ab, features, points, colors):
    """The same as `hints.spread` for a reach of 0.5, one place at a time."""
    height, width, _ = ab.shape
    now = ab.astype(float)
    for tau, reach, as_it_is in hints.STEPS:
        result = now.copy()
        for y, x in np.ndindex(height, width):
            weights, wanted, there = 1e-12, 0, 0
            for (v, u), color in zip(points, colors):
                one, other = features[y, x], features[v, u]
                cos = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
                far = ((y - v) ** 2 + (x - u) ** 2) / (height * width)
                weight = np.exp((cos - 1) / tau - far / (2 * reach**2))
                weights, wanted, there = weights + weight, wanted + weight * color, there + weight * now[v, u]
            before = as_it_is * now[y, x] + (1 - as_it_is) * there / weights
            result[y, x] += weights / (weights + hints.NOTHING) * (wanted / weights - before)
        now = result
    return now


def test_spreading_equals_a_loop(rng):
    ab, features = rng.normal(0, 20, (6, 8, 2)).astype(np.float32), rng.random((6, 8, 5)).astype(np.float32)
    points, colors = np.array([[1, 2], [4, 7], [5, 0]]), rng.normal(0, 40, (3, 2))
    expected = spread_by_a_loop(ab, features, points, colors)
    np.testing.assert_allclose(hints.spread(ab, features, points, colors), expected, atol=1e-3)


@pytest.fixture
def two_things():
    """Features of a left and a right half that are nothing alike, and gray ab."""
    features = np.zeros((20, 20, 2), np.float32)
    features[:, :10, 0], features[:, 10:, 1] = 1, 1
    return np.zeros((20, 20, 2), np.float32), features


def test_a_hint_colors_what_is_alike_and_leaves_the_rest(two_things):
    ab = hints.spread(*two_things, [[10, 4]], [[40, 20]])
    assert np.linalg.norm(ab[10, 4] - [40, 20]) < 2
    assert np.linalg.norm(ab[8:13, 2:8] - [40, 20], axis=-1).max() < 4
    assert np.abs(ab[:, 10:]).max() < 0.01


def test_reach_goes_from_this_spot_to_everything_like_it(two_things):
    spread = [hints.spread(*two_things, [[10, 4]], [[40, 20]], reach) for reach in (0, 0.1, 0.3, 0.5, 1)]
    changed = [(ab[..., 0] > 20).sum() for ab in spread]
    assert changed == sorted(changed) and changed[0] <= 1 and changed[-1] == 200


def test_a_gray_hint_is_a_hint(two_things):
    ab, features = two_things
    assert np.abs(Hint(0, 0, "#777777").ab).max() < 0.01
    colored = ab + np.float32([30, 30])
    left = hints.spread(colored, features, [[10, 4]], [Hint(0, 0, "#777777").ab])
    assert np.linalg.norm(left[10, 4]) < 3 and np.abs(left[:, 10:] - 30).max() < 0.01


def test_no_hints_change_nothing(two_things):
    ab, features = two_things
    assert (hints.spread(ab + 7, features, np.zeros((0, 2)), np.zeros((0, 2))) == 7).all()


def test_spots_give_each_point_its_color_even_side_by_side(rng):
    L = rng.uniform(20, 80, (90, 120)).astype(np.float32)
    colors = {(40, 50): "#a03030", (40, 51): "#3030a0", (41, 50): "#808080", (0, 0): "#20a020", (89, 119): "#a0a020"}
    given = [Hint((x + 0.5) / 120, (y + 0.5) / 90, color) for (y, x), color in colors.items()]
    spots = hints.Spots(given, L, lambda L, top, bottom: [np.full_like(L[top:bottom], 5)] * 2)
    ab = np.stack(spots.rows(L, 0, 90), axis=-1)
    parts = [np.stack(spots.rows(L, top, top + 30), axis=-1) for top in (0, 30, 60)]
    np.testing.assert_allclose(np.concatenate(parts), ab, atol=1e-5)  # strips have no seams
    for hint in given:
        at = hint.at(90, 120)
        np.testing.assert_allclose(ab[at], hints.shown_ab(hint.ab[None], L[at][None])[0], atol=0.01)
    assert (ab[20, 90] == 5).all()


def test_a_spot_stops_at_an_edge():
    L = np.where(np.arange(200) < 100, 20, 80).astype(np.float32) * np.ones((200, 1), np.float32)
    hint = Hint(98.5 / 200, 0.5, "#6030a0")
    a = hints.Spots([hint], L, lambda L, top, bottom: [np.zeros_like(L[top:bottom])] * 2).rows(L, 0, 200)[0]
    assert a[100, 96] > 10 and abs(a[100, 101]) < 0.01


def test_shown_ab_is_what_srgb_holds_at_that_lightness():
    (ab,) = hints.shown_ab([[80, 67]], [20])
    rgb = lab_to_rgb(np.float32([[20, 80, 67]]))
    assert np.hypot(*ab) < 60 and abs(ab[1] / ab[0] - 67 / 80) < 0.1 and rgb[0, 0] > rgb[0, 1]
