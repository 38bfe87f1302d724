import csv
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from filelock import FileLock

import colorlib
from colorlib import Colorizer, folders, load_photo, models, photos, save_photo
from colorlib.photos import INVENTED, PhotoError


@pytest.fixture(scope="module")
def alpha():
    return Colorizer(models.alpha(), size=64)


@pytest.fixture
def album(samples, tmp_path):
    """A folder with two photos, one in a subfolder as WebP, one broken, and something else."""
    from PIL import Image

    source = tmp_path / "album"
    save_photo(samples["camera"][::4, ::4], source / "camera.jpg")
    (source / "trip").mkdir()
    Image.fromarray(samples["china"][::4, ::4]).save(source / "trip" / "china.webp")
    (source / "broken.jpg").write_bytes((source / "camera.jpg").read_bytes()[:2000])
    (source / "notes.txt").write_text("not a photo")
    return source


def test_folder(alpha, album, tmp_path, capsys):
    colored = tmp_path / "colored"
    outcomes = alpha.folder(album, colored)
    assert [outcome.status for outcome in outcomes] == ["failed", "colored", "colored"]
    failed = folders.failures(outcomes)
    assert list(failed) == [album / "broken.jpg"] and "cut off" in failed[album / "broken.jpg"]
    assert colorlib.find_photos(colored) == [colored / "camera.jpg", colored / "trip" / "china.webp.png"]
    assert load_photo(colored / "trip" / "china.webp.png").shape == load_photo(album / "trip" / "china.webp").shape
    assert "broken.jpg" in capsys.readouterr().out


def test_folder_skips_what_is_done(alpha, album, tmp_path, capsys):
    alpha.folder(album, tmp_path / "colored")
    done = tmp_path / "colored" / "camera.jpg"
    os.utime(done, (1, 1))
    alpha.folder(album, tmp_path / "colored")
    assert done.stat().st_mtime == 1 and "2 of 3 photos are colored already" in capsys.readouterr().out
    alpha.folder(album, tmp_path / "colored", overwrite=True)
    assert done.stat().st_mtime > 1


def test_folder_inside_its_source_is_not_colored_again(alpha, album):
    alpha.folder(album, album / "colored")
    alpha.folder(album, album / "colored")
    assert len(colorlib.find_photos(album / "colored")) == 2


def test_folder_refuses_what_would_lose_photos(alpha, album, tmp_path):
    with pytest.raises(ValueError, match="would replace the photo"):
        alpha.folder(album, album)
    with pytest.raises(ValueError, match="There is no folder"):
        alpha.folder(tmp_path / "none", tmp_path / "colored")
    (tmp_path / "bare").mkdir()
    with pytest.raises(ValueError, match="no photos in the folder"):
        alpha.folder(tmp_path / "bare", tmp_path / "colored")
    twins = [album / "camera.jpg", save_photo(np.zeros((9, 9), np.uint8), tmp_path / "other" / "camera.jpg")]
    with pytest.raises(ValueError, match="would both become"):
        folders.results_for(twins, tmp_path / "colored")


def test_report_and_note(alpha, album, tmp_path):
    alpha.folder(album, tmp_path / "colored", report=tmp_path / "report.csv")
    rows = list(csv.DictReader((tmp_path / "report.csv").read_text().splitlines()))
    assert [(os.path.basename(row["photo"]), row["status"]) for row in rows] == [
        ("broken.jpg", "failed"),
        ("camera.jpg", "colored"),
        ("china.webp", "colored"),
    ]
    assert "cut off" in rows[0]["error"] and rows[1]["error"] == ""
    again = alpha.folder(album, tmp_path / "colored", report=tmp_path / "report.csv")
    assert [outcome.status for outcome in again] == ["failed", "skipped", "skipped"]
    assert ",skipped," in (tmp_path / "report.csv").read_text()
    from PIL import Image

    assert Image.open(tmp_path / "colored" / "camera.jpg").getexif()[0x010E] == INVENTED
    assert Image.open(tmp_path / "colored" / "trip" / "china.webp.png").getexif()[0x010E] == INVENTED
    alpha.folder(album, tmp_path / "plain", note=None)
    assert not Image.open(tmp_path / "plain" / "camera.jpg").getexif()


def test_two_runs_on_one_destination(alpha, album, tmp_path):
    (tmp_path / "colored").mkdir()
    with (
        FileLock(tmp_path / "colored" / folders.LOCK.format(part="")),
        pytest.raises(PhotoError, match="Another run fills"),
    ):
        alpha.folder(album, tmp_path / "colored")
    assert len(folders.failures(alpha.folder(album, tmp_path / "colored"))) == 1  # the lock is gone


def test_parts_fill_one_destination_side_by_side(alpha, album, tmp_path):
    pairs = folders.results_for([album], tmp_path / "colored")
    (tmp_path / "colored").mkdir()
    with FileLock(tmp_path / "colored" / folders.LOCK.format(part="-1-of-2")):
        outcomes = folders.color(alpha, pairs[1:], tmp_path / "colored", part="2-of-2")
        with pytest.raises(PhotoError, match="Another run fills"):
            folders.color(alpha, pairs[:1], tmp_path / "colored", part="1-of-2")
    assert [outcome.status for outcome in outcomes] == ["colored", "colored"]


def test_other_readers_and_writers():
    """Photos from and to a dict, as from and to an archive; one is no photo, one is too large for the memory."""
    source, results = {"a": np.zeros((4, 5, 3), np.uint8), "b": None, "c": np.ones((4, 5, 3), np.uint8)}, {}

    def read(name):
        if source[name] is None:
            raise PhotoError(f"{name} is empty.")
        return source[name]

    def colorizer(photo):
        if photo.any():
            raise MemoryError
        return photo + 1

    waiting = (folders.Outcome(name, name.upper()) for name in source)
    outcomes = list(folders.color_each(colorizer, waiting, read, lambda photo, name: results.update({name: photo})))
    assert [(o.photo, o.status) for o in outcomes] == [("a", "colored"), ("b", "failed"), ("c", "failed")]
    assert outcomes[1].error == "b is empty." and "memory" in outcomes[2].error
    assert list(results) == ["A"] and (results["A"] == 1).all()


def test_full_disk(alpha, album, tmp_path, monkeypatch):
    def full(data, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(photos, "write_whole", full)
    with pytest.raises(PhotoError, match="The disk is full"):
        alpha.folder(album, tmp_path / "colored")
    monkeypatch.undo()
    assert len(folders.failures(alpha.folder(album, tmp_path / "colored"))) == 1


def test_photos_are_at_work_side_by_side_and_few_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "AT_ONCE", 3)
    for i in range(12):
        save_photo(np.full((8, 8), i, np.uint8), tmp_path / "in" / f"{i:02}.png")
    together, at_work, most = threading.Barrier(3), [], []

    def colorizer(photo):
        at_work.append(photo)
        together.wait(timeout=60)  # none goes on before three are here
        most.append(len(at_work))
        together.wait(timeout=60)
        return photo

    def save(*arguments, **options):
        at_work.pop()
        return save_photo(*arguments, **options)

    monkeypatch.setattr(folders, "save_photo", save)
    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")
    assert folders.failures(folders.color(colorizer, pairs, tmp_path / "out")) == {}
    results = [np.unique(colorlib.load_photo(path)).tolist() for path in colorlib.find_photos(tmp_path / "out")]
    assert results == [[i] for i in range(12)] and set(most) == {3}


SLOW = """
import sys, time
from colorlib import folders
def colorizer(photo):
    time.sleep(0.2)
    return photo
folders.color(colorizer, folders.results_for([sys.argv[1]], sys.argv[2]), sys.argv[2])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
def test_killed_and_called_again(tmp_path):
    for i in range(8):
        save_photo(np.full((8, 8), 20 * i, np.uint8), tmp_path / "in" / f"{i}.png")
    command = [sys.executable, "-c", SLOW, str(tmp_path / "in"), str(tmp_path / "out")]
    process = subprocess.Popen(command)
    while not (tmp_path / "out" / "1.png").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    first = {path: path.stat().st_mtime_ns for path in colorlib.find_photos(tmp_path / "out")}
    (tmp_path / "out" / ".7.png.abcd.part").write_bytes(b"half")
    assert subprocess.run(command, check=True) and 2 <= len(first) < 8
    results = {path: path.stat().st_mtime_ns for path in colorlib.find_photos(tmp_path / "out")}
    assert len(results) == 8 and first.items() <= results.items()
    assert not list((tmp_path / "out").glob(".*.part"))


def test_only_what_this_run_would_write_is_cleared(alpha, album, tmp_path):
    out = tmp_path / "out"
    strangers = [out / ".movie.mkv.part", out / "predictions" / ".2026.part" / "gray.jpg"]
    strangers[1].parent.mkdir(parents=True)
    strangers += [out / ".other.jpg.0a1b2c3d.part", out / ".camera.0a1b2c3d.part.mp4"]
    ours = [".camera.jpg.0a1b2c3d.part", ".camera.hints.0a1b2c3d.part.json", ".camera.2.0a1b2c3d.part.jpg"]
    for path in [*strangers, *(out / name for name in ours)]:
        path.write_bytes(b"half")
    alpha.folder(album, out)
    assert all(path.exists() for path in strangers) and not any((out / name).exists() for name in ours)


def test_a_report_that_cannot_be_written_is_said_before_the_work(alpha, album, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PhotoError, match="The report .* cannot be written"):
        alpha.folder(album, tmp_path / "out", report=tmp_path / "file" / "report.csv")
    assert not colorlib.find_photos(tmp_path / "out")
