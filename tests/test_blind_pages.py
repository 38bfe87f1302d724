import json
import sys
from pathlib import Path

import numpy as np
import pytest

import colorlib

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import blind_pages

sys.path.pop(0)


@pytest.fixture
def folder(tmp_path, rng):
    for i in range(4):
        colorlib.save_photo(rng.integers(0, 256, (40, 60, 3), np.uint8), tmp_path / "scenes" / "val" / f"{i}.png")
    return tmp_path / "scenes"


def test_singles_hide_the_key_and_are_scored(folder, network, tmp_path, capsys):
    page = tmp_path / "page"
    arguments = ["singles", page, folder, "--each", "4", "--networks", network]
    assert blind_pages.main([str(word) for word in arguments]) == 0
    key = json.loads((tmp_path / "page.key.json").read_text())
    sources = [trial["sources"][0] for trial in key["trials"]]
    assert sorted(sources) == [str(network)] * 2 + ["real"] * 2
    text = (page / "index.html").read_text()
    assert len(list(page.glob("*.jpg"))) == 4 and str(network) not in text and "0.png" not in text
    answers = tmp_path / "answers.csv"
    rows = [
        f"{trial['number']},{5 if trial['sources'] == ['real'] else 4 - i}" for i, trial in enumerate(key["trials"])
    ]
    answers.write_text("\n".join(["number,answer", *rows]))
    capsys.readouterr()
    assert blind_pages.main(["score", str(page), str(answers)]) == 0
    assert "real: 2 of 2 rated 4 or 5, 100 % (34 to 100 %), mean 5.00" in capsys.readouterr().out


def test_the_same_seed_makes_the_same_page(folder, network, tmp_path):
    for name in "ab":
        blind_pages.make_pages("pairs", tmp_path / name, [folder], 4, [str(network)], 7)
    assert (tmp_path / "a.key.json").read_bytes() == (tmp_path / "b.key.json").read_bytes()
    assert all((tmp_path / "b" / path.name).read_bytes() == path.read_bytes() for path in (tmp_path / "a").iterdir())


def test_pairs_are_scored_by_preference():
    trials = [{"number": n, "sources": ["old", "new"] if n % 2 else ["new", "old"]} for n in range(1, 6)]
    answers = {1: "right", 2: "left", 3: "left", 4: "same"}
    lines = blind_pages.score_pairs({"trials": trials}, answers)
    assert lines[0].startswith("new: preferred in 2 of 3") and lines[2] == "no preference: 1"


@pytest.mark.parametrize("text", ["", "number,answer\n1,6", "number,answer\n9,5", "a,b\n1,2", "number,answer\nx,5"])
def test_answers_of_another_form_are_refused(tmp_path, text):
    path = tmp_path / "answers.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match="wanted"):
        blind_pages.read_answers(path, {"kind": "singles", "trials": [{"number": 1, "sources": ["real"]}]})
