"""A photo that looks like a negative is noted; the samples and other networks' photos are not."""

import csv
import shutil

import numpy as np
import pytest

from colorlib import Colorizer, cli, negatives, save_photo, weight_files
from colorlib.color import gray_of
from colorlib.page.session import Session

WORDS = "looks like a negative"


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer()


@pytest.fixture(scope="module")
def portrait(samples):
    return gray_of(samples["astronaut"])


def test_a_negative_is_known_and_the_samples_are_none(colorizer, samples, portrait):
    looks_negative = colorizer.looks_negative
    assert looks_negative(255 - portrait) and looks_negative(255 - portrait[..., None])
    assert looks_negative(255 - samples["astronaut"])
    assert [name for name, photo in samples.items() if looks_negative(photo)] == []


def test_shapes_without_content(colorizer):
    for shape in [(1, 1), (1, 900), (700, 3, 3), (2000, 1500)]:
        for gray in (0, 128, 255):
            assert not colorizer.looks_negative(np.full(shape, gray, np.uint8))


def test_a_score_and_that_of_the_negative_are_opposite(colorizer, portrait):
    see, square = negatives.encoder_of(colorizer.model), negatives.square(portrait)
    there, back = negatives.differences(see, [square, 255 - square])
    np.testing.assert_allclose(there, -back, atol=1e-4)


def test_other_networks_and_a_damaged_file_give_no_notes(colorizer, network, tmp_path):
    assert Colorizer(network).looks_negative is None
    assert Colorizer("unet_frozen").looks_negative is None
    assert Colorizer(negative=True).looks_negative is None
    assert negatives.detector_of(colorizer.model, tmp_path / "none.npz") is None
    for name in ("negatives.npz", "SHA256SUMS"):
        shutil.copy(weight_files.FOLDER / name, tmp_path)
    copy = tmp_path / "negatives.npz"
    assert negatives.detector_of(colorizer.model, copy) is not None
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    assert negatives.detector_of(colorizer.model, copy) is None


def test_a_score_is_saved_for_one_encoder(colorizer, network, tmp_path, portrait):
    path = tmp_path / "score.npz"
    negatives.save(np.zeros(704), -1, colorizer.model, path)
    assert negatives.detector_of(colorizer.model, path)(portrait)  # 0 is above -1
    assert negatives.detector_of(Colorizer("unet_frozen").model, path) is None
    with pytest.raises(ValueError, match="no pretrained encoder"):
        negatives.save(np.zeros(704), -1, Colorizer(network).model, path)


def test_the_command_line_says_it_and_how_to_turn_it_over(portrait, tmp_path, capsys):
    save_photo(255 - portrait, tmp_path / "in" / "negative.png")
    save_photo(portrait, tmp_path / "in" / "photo.png")
    command = ["colorize", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--report", str(tmp_path / "r.csv")]
    assert cli.main(command) == 0
    sentence = "negative.png looks like a negative; --negative turns it over."
    assert f"Note: {sentence}" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "r.csv").read_text().splitlines()))
    assert [(row["status"], row["note"]) for row in rows] == [("colored", sentence), ("colored", "")]
    assert cli.main([*command, "--negative", "--overwrite"]) == 0
    assert WORDS not in capsys.readouterr().out


def test_the_page_says_it_once(colorizer, portrait, tmp_path):
    save_photo(255 - portrait, tmp_path / "negative.png")
    session = Session(colorizer, tmp_path / "history")
    session.choose([session.read("negative.png", tmp_path / "negative.png")])
    assert session.color(session.photos[0]) == (
        "negative.png looks like a negative; colorlib colorize --negative turns it over."
    )
    assert session.color(session.photos[0]) is None
