import html
import json
import math
import re

import numpy as np
import pytest

from colorlib.page import turing_page
from colorlib.photos import PhotoError
from colorlib.turing import TuringTest, order, score, verdict, wilson


@pytest.fixture
def pairs(rng):
    real = rng.integers(0, 256, (7, 24, 32, 3), np.uint8)
    return {f"photo {i}": (photo, photo // 2) for i, photo in enumerate(real)}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "answers" / "turing.jsonl"


def result(invented, answer):
    return {"pair": "x", "invented": invented, "answer": answer}


def wrong(test):
    """The side of the real photo in the current trial."""
    return {"left": "right", "right": "left"}[test.trials[len(test.results)]["invented"]]


def parts(test):
    """The words, photos, start button and both answer buttons of a test's widget."""
    style, words, start, photos, row = turing_page.show(test).children
    return words, photos, start, *row.children


def test_order_is_seeded_and_shows_every_pair_once_with_the_sides_in_balance():
    names = [f"n{i}" for i in range(40)]
    trials = order(names, 3)
    assert sorted(name for name, _ in trials) == sorted(names)
    assert [side for _, side in trials].count("left") == 20
    assert trials == order(names, 3) != order(names, 4)
    assert [name for name, _ in trials] != names
    assert {order(["one"], seed)[0][1] for seed in range(20)} == {"left", "right"}
    assert order([]) == []


def test_wilson_agrees_with_hand_computed_intervals():
    np.testing.assert_allclose(wilson(5, 10), (0.2366, 0.7634), atol=1e-4)  # 0.5 -+ 1.96 sqrt(.025 + .09604) / 1.38416
    np.testing.assert_allclose(wilson(0, 10), (0, 3.8416 / 13.8416), atol=1e-9)
    np.testing.assert_allclose(wilson(10, 10), (10 / 13.8416, 1), atol=1e-9)
    assert wilson(0, 0) == (0, 1)
    assert np.ptp(wilson(320, 1000)) < np.ptp(wilson(32, 100))
    with pytest.raises(ValueError, match="3 hits of 2 trials"):
        wilson(3, 2)


def test_score_is_the_share_of_trials_in_which_the_real_photo_was_called_invented():
    seen = [result("left", "left"), result("left", "right"), result("right", "right"), result("right", "right")]
    assert score(seen) == (0.25, *wilson(1, 4))
    rate, low, high = score([])
    assert math.isnan(rate)
    assert (low, high) == (0, 1)


@pytest.mark.parametrize(
    "fooled, trials, ceiling, paper",
    [
        (1, 40, "below", "below"),
        (4, 10, "includes", "includes"),
        (20, 40, "includes", "above"),
        (39, 40, "above", "above"),
    ],
)
def test_verdict_compares_the_interval_with_the_ceiling_and_the_paper(fooled, trials, ceiling, paper):
    words = verdict([result("left", "right")] * fooled + [result("left", "left")] * (trials - fooled))
    assert f"in {100 * fooled / trials:.0f} % of {trials} trials" in words
    assert re.search(rf"interval (lies )?{ceiling} the 50 %", words)
    assert re.search(rf"and (lies )?{paper} the 32 %", words)


def test_answers_are_saved_and_the_same_test_goes_on(pairs, path):
    test = TuringTest(pairs, path, seed=5)
    test.answer(wrong(test))
    test.answer(test.trials[1]["invented"])
    assert test.rate == 0.5
    again = TuringTest(pairs, path, seed=5)
    assert again.results == test.results == [json.loads(line) for line in path.read_text().splitlines()]
    assert again.trials == test.trials
    while not again.done:
        again.answer("left")
    assert {r["pair"] for r in again.results} == set(pairs)
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(ValueError, match="All pairs"):
        TuringTest(pairs, path, seed=5).answer("left")


def test_rounding_of_a_network_is_the_same_test_but_other_colors_are_not(pairs, path):
    TuringTest(pairs, path).answer("left")
    noisy = {
        name: (real, colored + (np.arange(32) == 0)[:, None].astype(np.uint8))
        for name, (real, colored) in pairs.items()
    }
    assert len(TuringTest(noisy, path).results) == 1
    for other in ({name: (real, real // 3) for name, (real, _) in pairs.items()}, dict(list(pairs.items())[:5])):
        with pytest.raises(ValueError, match="of other photos, colors or another seed; delete it or name another"):
            TuringTest(other, path)


@pytest.mark.parametrize(
    "text", ["not json", "[1]", "{}", '{"answer": "up"}', '{"answer": "left"}', '{"pair": "x"', "\x80"]
)
def test_a_damaged_file_gets_one_sentence_and_stays(pairs, path, text):
    path.parent.mkdir()
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="turing.jsonl is damaged, or no Turing test's; delete it"):
        TuringTest(pairs, path)
    assert path.read_bytes() == text.encode("latin-1")


def test_bad_pairs_and_moments_get_one_sentence(pairs):
    photo = pairs["photo 0"][0]
    for pair in ((photo, photo[1:]), (photo,), (photo, photo / 255), (photo[..., 0],) * 2, photo):
        with pytest.raises(ValueError, match=r"^Pair photo 1 is .* wanted \((real, colored\)|H, W, 3\))"):
            TuringTest([pair], None)
    with pytest.raises(ValueError, match="at least one"):
        TuringTest([], None)
    with pytest.raises(ValueError, match="moment is 0"):
        TuringTest(pairs, None, moment=0)
    with pytest.raises(ValueError, match="up was given"):
        TuringTest(pairs, None).answer("up")


def test_clicking_through_the_widget_ends_on_the_result(pairs, path, monkeypatch):
    monkeypatch.setattr(turing_page, "TOO_SOON", 0)
    test = TuringTest(pairs, path, moment=1.5)
    words, photos, start, left, right = parts(test)
    assert "7 pairs, for 1.5 s each" in words.value and photos.value == ""
    start.click()
    for number in range(7):
        assert f"Pair {number + 1} of 7" in words.value
        assert photos.value.count("colorlib-hide 0s 1.5s forwards") == 2
        assert re.findall('alt="(.*?)"', photos.value) == ["left photo", "right photo"]
        {"left": left, "right": right}[wrong(test) if number < 2 else test.trials[number]["invented"]].click()
    assert test.rate == 2 / 7
    assert html.escape(verdict(test.results)) in words.value and "<svg" in words.value
    assert words.value.count("class=fooled") == 2
    assert photos.value == "" and parts(test)[1].value == ""
    left.click()
    assert len(test.results) == 7
    assert "<svg" in parts(TuringTest(pairs, path))[0].value  # a finished test shows its result at once


def test_the_invented_photo_is_on_the_side_the_trial_says(pairs, path, monkeypatch):
    monkeypatch.setattr(turing_page, "_image", lambda photo, alt, style="": f"<img alt={photo.mean():.2f}>")
    test = TuringTest(pairs, None)
    for trial in test.trials:
        shown = [float(mean) for mean in re.findall("alt=([0-9.]+)", turing_page._trial(test)[1])]
        assert trial["invented"] == ("left" if shown[0] < shown[1] else "right")  # the colored are darker here
        test.answer("left")


def test_the_second_click_of_a_double_click_answers_nothing(pairs):
    test = TuringTest(pairs, None, moment=None)
    words, photos, start, left, right = parts(test)
    assert "until you answer" in words.value
    start.click()
    assert "colorlib-hide" not in photos.value
    left.click()
    assert test.results == []


def test_a_place_that_cannot_be_written_is_said_and_the_answer_can_be_given_again(pairs, path, monkeypatch):
    monkeypatch.setattr(turing_page, "TOO_SOON", 0)
    test = TuringTest(pairs, path)
    words, photos, start, left, right = parts(test)
    start.click()
    path.parent.write_text("a file where the folder should be")
    left.click()
    assert "could not be written" in words.value and test.results == []
    with pytest.raises(PhotoError, match="could not be written"):
        test.answer("left")
    path.parent.unlink()
    left.click()
    assert len(test.results) == 1 and "Pair 2 of 7" in words.value


def test_names_are_text_not_html(pairs):
    test = TuringTest({"<script>": pairs["photo 0"]}, None)
    test.answer(wrong(test))
    assert "<script>" not in parts(test)[0].value and "&lt;script&gt;" in parts(test)[0].value
