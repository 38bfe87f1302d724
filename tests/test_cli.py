import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import colorlib
from colorlib import cli, save_photo

CLASSIFIER = str(Path(__file__).parent / "data" / "classifier.keras")


@pytest.fixture
def photo(samples, tmp_path):
    return save_photo(samples["camera"][::4, ::4], tmp_path / "camera.jpg")


def test_a_photo_and_a_folder(network, photo, samples, tmp_path, capsys):
    save_photo(samples["china"][::4, ::4], tmp_path / "album" / "trip" / "china.png")
    arguments = [
        "colorize",
        str(photo),
        str(tmp_path / "album"),
        "--model",
        str(network),
        "--out",
        str(tmp_path / "out"),
    ]
    assert cli.main(arguments) == 0
    assert colorlib.load_photo(tmp_path / "out" / "camera.jpg").shape == (128, 128, 3)
    assert (tmp_path / "out" / "trip" / "china.png").exists()
    assert "2 of 2 photos are in color" in capsys.readouterr().out


def test_bad_among_good(network, photo, tmp_path, capsys):
    (tmp_path / "text.jpg").write_text("no photo")
    arguments = [
        "colorize",
        str(tmp_path / "text.jpg"),
        str(photo),
        "--model",
        str(network),
        "--out",
        str(tmp_path / "out"),
    ]
    assert cli.main(arguments) == 1
    printed = capsys.readouterr()
    assert "text.jpg is not a photo" in printed.out and "1 could not be colored" in printed.err
    assert (tmp_path / "out" / "camera.jpg").exists()


def test_bad_input_from_a_shell_gets_one_sentence(photo, tmp_path):
    command = [sys.executable, "-m", "colorlib", "colorize"]
    for arguments, words in [
        ([photo, "--model", "none.keras"], "There is no network file none.keras"),
        ([tmp_path / "none", "--model", "none.keras"], "There is no network file"),
        ([photo, "--out", photo.parent, "--model", "none.keras"], "would replace the photo"),
    ]:
        done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 1 and done.stderr.startswith("colorlib: ") and words in done.stderr
        assert done.stderr.count("\n") == 1 and done.stdout == ""


def test_a_shell_sees_no_chatter(network, photo, tmp_path):
    arguments = ["colorize", photo, "--model", str(network), "--out", tmp_path / "out"]
    done = subprocess.run([sys.executable, "-m", "colorlib", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0 and (tmp_path / "out" / "camera.jpg").exists()
    assert "cuda" not in done.stderr.lower() and "coloring" in done.stderr


def test_without_photos_the_samples_are_colored(network, tmp_path):
    assert cli.main(["colorize", "--model", str(network), "--out", str(tmp_path)]) == 0
    assert {path.stem for path in colorlib.find_photos(tmp_path)} >= {"astronaut", "camera", "china"}


@pytest.fixture(scope="module")
def album(samples, tmp_path_factory):
    """A folder with train/ and val/ of small photos, one of them broken."""
    folder = tmp_path_factory.mktemp("album")
    for side, names in {"train": ["astronaut", "china", "coffee"], "val": ["chelsea", "flower"]}.items():
        for name in names:
            for i in range(4):
                save_photo(samples[name][50 * i :, 60 * i :][:100, :100], folder / side / f"{name}_{i:04d}.jpg")
    for side in ("train", "val"):
        (folder / side / "broken.jpg").write_text("no photo")
        (folder / side / "raw.dng").write_text("raw data")
        (folder / side / "notes.txt").write_text("not a photo")
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COLORLIB_CACHE", str(tmp_path / "cache"))


def test_train_then_go_on_then_evaluate_then_colorize(album, photo, tmp_path, capsys):
    run = tmp_path / "run"
    train = ["train", str(album), "--network", "alpha", "--run", str(run), "--size", "32", "--batch-size", "4"]
    assert cli.main([*train, "--epochs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "2 broken" in printed and printed.count("Left out: broken.jpg is not a photo") == 2
    assert "4 other files were skipped in" in printed and "2 .dng" in printed and "2 .txt" in printed
    assert printed.count("raw.dng is a camera's raw data") == 2
    assert "epoch 1 of 1" in printed and "best.keras" in printed
    assert cli.main([*train, "--epochs", "2"]) == 0
    assert "epochs 2 to 2" in capsys.readouterr().out

    model = str(run / "best.keras")
    table = tmp_path / "table.csv"
    assert cli.main(["evaluate", str(album), "--model", model, "--size", "32", "--csv", str(table)]) == 0
    printed = capsys.readouterr().out
    assert "8 photos; 0 nearly gray, 1 unreadable left out." in printed
    assert "Left out: broken.jpg is not a photo" in printed and "4 other files were skipped in" in printed
    rows = list(csv.DictReader(table.read_text().splitlines()))
    methods = ["gray", "mean ab", "look-up", "10-NN", "alpha", "own ab 32x32", "own ab 64x64"]
    assert [row["method"] for row in rows] == methods and all(f"\n{name} " in printed for name in methods)
    assert 0 < float(rows[0]["AuC"]) < float(rows[-1]["AuC"]) < 100
    assert cli.main(["colorize", str(photo), "--model", model, "--out", str(tmp_path / "out")]) == 0


def test_colorize_takes_its_finer_options(photo, tmp_path):
    os.utime(photo, (1e9, 1e9))
    colored = ["colorize", str(photo), "--model", CLASSIFIER, "--size", "64", "--out"]
    vivid, grayish = tmp_path / "vivid.jpg", tmp_path / "grayish.jpg"
    assert cli.main([*colored, str(vivid), "--temperature", "0.05", "--keep-times"]) == 0
    assert cli.main([*colored, str(grayish), "--temperature", "1", "--no-note"]) == 0
    assert vivid.stat().st_mtime == 1e9 < grayish.stat().st_mtime
    assert b"invented" in vivid.read_bytes() and b"invented" not in grayish.read_bytes()
    assert np.ptp([colorlib.load_photo(path) for path in (vivid, grayish)], axis=0).mean() > 1


def test_evaluate_wears_what_it_is_told(samples, tmp_path):
    rows, folder = [], tmp_path / "photos"
    for side, name in [("train", "china"), ("val", "chelsea")]:
        save_photo(samples[name][:100, :100], folder / side / f"{name}.jpg")
    for worn in ([], ["--worn", "fade", "grain"], ["--worn"]):
        table = tmp_path / "table.csv"
        evaluate = ["evaluate", str(folder), "--model", CLASSIFIER, "--size", "32", "--csv", str(table), *worn]
        assert cli.main(evaluate) == 0
        rows += [row for row in csv.DictReader(table.read_text().splitlines()) if row["method"] == "tiny"]
    assert len(rows) == 3 == len({row["CIEDE2000"] for row in rows}), rows


def test_train_says_what_is_wrong(album, tmp_path, capsys):
    (tmp_path / "bare").mkdir()
    run = ["--run", str(tmp_path / "run")]
    for arguments, words in [
        (["train", str(tmp_path / "bare"), *run], "There are no photos in the folder"),
        (["train", str(tmp_path / "none"), *run], "There is no folder"),
        (["train", str(album), *run, "--size", "0"], "size is 0"),
        (["evaluate", str(album), "--model", "none.keras"], "There is no network file"),
    ]:
        assert cli.main(arguments) == 1
        error = capsys.readouterr().err.splitlines()[-1]
        assert error.startswith("colorlib: ") and words in error


def test_evaluate_measures_on_what_was_held_out_whatever_the_baselines_learn_from(album, network, capsys):
    evaluate = ["evaluate", str(album), "--model", str(network), "--size", "32"]
    assert cli.main(evaluate) == cli.main([*evaluate, "--train", str(album / "train")]) == 0
    assert capsys.readouterr().out.count("8 photos; 0 nearly gray, 1 unreadable left out.") == 2


def test_what_the_console_cannot_show_ends_nothing(network, photo, tmp_path):
    (tmp_path / "写真.jpg").write_text("no photo")
    command = [sys.executable, "-m", "colorlib", "colorize", str(tmp_path / "写真.jpg"), str(photo)]
    command += ["--model", str(network), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 1 and b"1 of 2 photos are in color" in done.stdout and b"Unicode" not in done.stderr


def test_training_takes_every_option(album, tmp_path, capsys):
    weights = tmp_path / "weights.csv"
    weights.write_text("*/train/astronaut*,2\n")
    options = ["--age", "--keep-all", "--average", "--mixed-precision", "bfloat16", "--weights", str(weights)]
    sizes = ["--size", "32", "--batch-size", "2", "--epoch-photos", "4", "--epochs", "3", "--patience", "1"]
    rest = ["--network", "alpha", "--learning-rate", "1e-9", "--devices", "all", "--seed", "3"]
    assert cli.main(["train", str(album), *options, *sizes, *rest, "--run", str(tmp_path / "run")]) == 0
    assert "2 batches an epoch" in capsys.readouterr().out
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert {"film", "tone", "damage", "crop"} <= set(config["augment"]), config


def test_training_begins_with_weights_that_ship(album, tmp_path, capsys):
    run = tmp_path / "run"
    train = ["train", str(album), "--run", str(run), "--size", "32", "--batch-size", "4", "--epochs", "1"]
    fine = ["--network", "unet", "--start", "unet", "--freeze-encoder", "8", "--learning-rate", "1e-9"]
    assert cli.main([*train, *fine]) == 0
    begun, ended = colorlib.Colorizer.from_pretrained().model, colorlib.Colorizer(run / "best.keras").model
    head = [model.get_layer("logits").get_weights()[0] for model in (begun, ended)]
    np.testing.assert_allclose(*head, atol=1e-6)
    capsys.readouterr()
    assert cli.main([*train, "--network", "fusion", "--start", "unet"]) == 1
    assert "holds the network unet; wanted fusion" in capsys.readouterr().err


def test_ctrl_c_while_the_program_loads_is_a_sentence(monkeypatch, capsys):
    from colorlib.__main__ import main

    class Interrupted:
        @staticmethod
        def find_spec(name, *_):
            if name == "colorlib.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "colorlib.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupted, *sys.meta_path])
    assert main() == 130
    assert capsys.readouterr().err == "\ncolorlib: stopped.\n"
