"""Photos for the notebooks, by the name of their source."""

import numpy as np
import pytest

from colorlib import PhotoError, find_photos, load_photo, save_photo
from colorlib.learning import sources


def test_a_folder_is_found_by_path_and_by_name(tmp_path):
    (tmp_path / "data" / "mine").mkdir(parents=True)
    assert sources.folder_of("mine", tmp_path / "data") == tmp_path / "data" / "mine"
    assert sources.folder_of(str(tmp_path), tmp_path / "data") == tmp_path


def test_the_samples_are_photos_in_color(tmp_path):
    photos = find_photos(sources.folder_of("samples", tmp_path))
    assert len(photos) > 5 and "camera" not in {path.stem for path in photos}


def test_what_cannot_be_had_is_left_out_by_name(tmp_path, capsys):
    train, test = sources.split_sources(["nowhere"], tmp_path)
    assert list(train) == list(test) == ["samples"] and train["samples"] and test["samples"]
    assert "Without nowhere: " in capsys.readouterr().out


def test_no_photo_is_on_both_sides(tmp_path):
    train, test = sources.split_sources(["samples"], tmp_path)
    assert not set(train["samples"]) & set(test["samples"])


def test_some_are_a_seeded_choice_in_order():
    chosen = sources.some(list(range(50)), 5, np.random.default_rng(1))
    assert chosen == sorted(chosen) == sources.some(list(range(50)), 5, np.random.default_rng(1)) and len(chosen) == 5
    assert sources.some([1, 2], 5, np.random.default_rng(0)) == [1, 2]


def test_small_shrinks_only_what_is_larger(tmp_path):
    photo = np.full((40, 80, 3), 90, np.uint8)
    save_photo(photo, tmp_path / "a.png")
    assert sources.small(tmp_path / "a.png", 20).shape == (10, 20, 3)
    assert sources.small(tmp_path / "a.png", 100).shape == photo.shape
    with pytest.raises(PhotoError):
        sources.small(tmp_path / "missing.png")
    assert np.array_equal(sources.small(tmp_path / "a.png", 100), load_photo(tmp_path / "a.png"))


def test_squares_of_the_samples_are_in_color_and_enough_to_begin(tmp_path, capsys):
    photos = find_photos(sources.sample_squares(tmp_path, side=200))
    assert len(photos) > 10 and {load_photo(path).shape for path in photos} == {(200, 200, 3)}
    assert f"squares of {len({path.parent for path in photos})} photos" in capsys.readouterr().out
