import numpy as np
import pytest

from colorlib.learning import sampling
from colorlib.learning.batches import Batches

PHOTOS = ["data/faces/train/a.jpg", "data/faces/train/b.jpg", "data/cats/train/c.jpg", "data/dogs/train/d.jpg"]


def test_the_first_pattern_that_matches_gives_the_weight(tmp_path):
    path = tmp_path / "weights.csv"
    path.write_text("# how often\n*/faces/*b.jpg,3\n*/faces/*,0.5\n\n*/cats/*,0\n")
    assert sampling.weights_of(PHOTOS, path).tolist() == [0.5, 3, 0, 1]
    assert sampling.weights_of(PHOTOS, [("*", 2)]).tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize("line", ["*/faces/*", "*/faces/*,many", "*/faces/*,-1", "*/faces/*,nan", ",2"])
def test_lines_of_another_form_are_refused(tmp_path, line):
    path = tmp_path / "weights.csv"
    path.write_text(line)
    with pytest.raises(ValueError, match="wanted PATTERN,WEIGHT"):
        sampling.weights_of(PHOTOS, path)


def test_weights_that_cannot_be_meant_are_refused(tmp_path):
    with pytest.raises(ValueError, match="used for no photo"):
        sampling.weights_of(PHOTOS, [("*/birds/*", 2)])
    with pytest.raises(ValueError, match="wanted at least one above 0"):
        sampling.weights_of(PHOTOS, [("*", 0)])
    with pytest.raises(ValueError, match="cannot be read"):
        sampling.weights_of(PHOTOS, tmp_path / "none.csv")


def test_photos_are_drawn_in_proportion(rng):
    drawn = sampling.draw(np.array([0, 1, 2.5, 0.5]), 400, rng)
    assert np.bincount(drawn, minlength=4).tolist() == [0, 100, 250, 50]
    assert sorted(sampling.draw(np.ones(7), 7, rng)) == list(range(7))


def test_batches_draw_by_weight_and_repeat_after_a_resume(rng):
    photos = list(rng.integers(0, 256, (4, 16, 16, 3), np.uint8))
    batches = Batches(photos, 8, 3, augment=False, weights=[0, 1, 1, 2], epoch_photos=8)
    assert len(batches) == 3 and len(batches[2][0]) == 2
    first = [batches[i][0] for i in range(3)]
    own = [Batches([photo], 8, augment=False)[0][0][0] for photo in photos]
    counts = [sum(np.array_equal(L, seen) for batch in first for seen in batch) for L in own]
    assert counts == [0, 2, 2, 4]
    again = Batches(photos, 8, 3, augment=False, weights=[0, 1, 1, 2], epoch_photos=8)
    again.epoch = 1
    assert not all(np.array_equal(a, again[i][0]) for i, a in enumerate(first))
    again.epoch = 0
    assert all(np.array_equal(a, again[i][0]) for i, a in enumerate(first))


@pytest.mark.parametrize("weights", [[1, 2], [1, -1, 1, 1], [0, 0, 0, 0], [1, np.nan, 1, 1]])
def test_weights_that_do_not_fit_the_photos_are_refused(rng, weights):
    with pytest.raises(ValueError, match="wanted one number, 0 or more, a photo"):
        Batches(list(rng.integers(0, 256, (4, 16, 16, 3), np.uint8)), 8, weights=weights)
