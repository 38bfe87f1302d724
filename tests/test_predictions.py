import datetime
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from colorlib import PhotoError, load_photo
from colorlib.page.predictions import Entry, History


@pytest.fixture
def pair(samples):
    colored = samples["coffee"][::4, ::4]
    return colored.mean(axis=2).astype(np.uint8), colored


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "deep" / "history")


def test_an_entry_is_found_again_by_another_history(history, pair):
    before = datetime.datetime.now().astimezone()
    added = history.add(*pair, "coffee.jpg")
    (entry,), damaged = History(history.folder).read()
    assert damaged == [] and entry == added and entry.title == "coffee.jpg"
    assert before <= entry.when <= datetime.datetime.now().astimezone()
    assert load_photo(entry.gray).shape == load_photo(entry.colored).shape == pair[1].shape
    assert np.abs(load_photo(entry.colored).astype(int) - pair[1]).mean() < 4
    height, width = load_photo(entry.preview).shape[:2]
    assert height <= 200 and width > 2 * height


def test_lossless_is_lossless(history, pair):
    entry = history.add(*pair, "coffee.png", lossless=True)
    assert (load_photo(entry.colored) == pair[1]).all() and entry.colored.suffix == ".png"
    assert (load_photo(entry.gray)[..., 0] == pair[0]).all()


def test_newest_first_and_the_oldest_make_room(history, pair):
    history.keep = 3
    for i in range(5):
        history.add(*pair, f"{i}.jpg")
    assert [entry.title for entry in history.read()[0]] == ["4.jpg", "3.jpg", "2.jpg"]
    assert len(list(history.folder.iterdir())) == 3
    with pytest.raises(ValueError, match="keep is 0"):
        History(history.folder, keep=0)


@pytest.mark.parametrize(
    "title", ["../../x", "/etc/passwd", "<b>&\"'", "a\0b\n", "..\\..\\x", "x" * 5000, "фото.jpg", ""]
)
def test_names_of_photos_are_never_names_of_files(history, pair, title):
    history.add(*pair, title)
    (entry,), _ = history.read()
    assert entry.title == title[:200]
    files = [path.name for path in history.folder.parent.rglob("*") if path.is_file()]
    assert sorted(files) == ["about.json", "colored.jpg", "gray.jpg", "preview.jpg"]


def damage_about(entry):
    (entry.folder / "about.json").write_text("{")


def damage_title(entry):
    (entry.folder / "about.json").write_text("[]")


def damage_preview(entry):
    entry.preview.write_bytes(entry.preview.read_bytes()[:300])


def damage_colored(entry):
    entry.colored.unlink()


def damage_gray(entry):
    entry.gray.write_bytes(b"")


@pytest.mark.parametrize("damage", [damage_about, damage_title, damage_preview, damage_colored, damage_gray])
def test_a_damaged_entry_is_left_out_with_a_word(history, pair, damage):
    good, bad = history.add(*pair, "good"), history.add(*pair, "bad")
    damage(bad)
    entries, damaged = history.read()
    assert entries == [good]
    assert damaged == [f"The previous prediction {bad.folder.name} is damaged and was left out."]


def test_foreign_things_in_the_folder_are_left_alone(history, pair):
    history.keep = 1
    history.add(*pair, "one")
    (history.folder / "letter.txt").write_text("mine")
    (history.folder / "album").mkdir()
    history.add(*pair, "two")
    assert [entry.title for entry in history.read()[0]] == ["two"]
    assert (history.folder / "letter.txt").exists() and (history.folder / "album").exists()


def test_delete_and_delete_again(history, pair):
    one, two = history.add(*pair, "one"), history.add(*pair, "two")
    history.delete(one)
    history.delete(one)
    assert history.read()[0] == [two] and len(list(history.folder.iterdir())) == 1


def test_nothing_outside_is_deleted(history, pair, tmp_path):
    history.add(*pair, "one")
    other = History(tmp_path / "other").add(*pair, "other")
    for folder in (other.folder, tmp_path, history.folder / ".." / "..", history.folder / "album"):
        with pytest.raises(ValueError, match="is not in the history"):
            history.delete(Entry(folder, "", datetime.datetime.now()))
    assert other.colored.exists()


def test_an_unwritable_folder_gets_one_sentence(tmp_path, pair):
    (tmp_path / "file").write_text("")
    with pytest.raises(PhotoError, match="file.* could not be written"):
        History(tmp_path / "file").add(*pair, "x")
    assert History(tmp_path / "file").read() == ([], [])


def test_a_full_disk_leaves_no_half_entry(history, pair, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(PhotoError, match="No space left"):
        history.add(*pair, "x")
    assert list(history.folder.iterdir()) == []


def test_several_write_and_read_at_once(history, pair):
    histories = [History(history.folder, keep=10) for _ in range(4)]
    damaged = []

    def work(mine):
        for i in range(8):
            mine.add(*pair, str(i))
            damaged.extend(mine.read()[1])

    threads = [threading.Thread(target=work, args=[mine]) for mine in histories]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert damaged == [] and len(history.read()[0]) == 10
    assert not list(history.folder.glob(".*"))


def test_killed_while_writing_leaves_whole_entries_only(history, pair):
    program = (
        "import sys, numpy as np; from colorlib.page.predictions import History\n"
        "gray = np.zeros((600, 800), np.uint8)\n"
        "while True: History(sys.argv[1]).add(gray, np.stack([gray] * 3, -1), 'x'); print(flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(history.folder)], stdout=subprocess.PIPE)
    for _ in range(3):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    entries, damaged = history.read()
    assert len(entries) >= 3 and damaged == []
    leftover = history.folder / ".20200101-000000-000000-00000000.0a1b2c3d.part"
    of_old = history.folder / ".20200101-000000-000000-0a1b2c3d.part"  # as version 0.1 named them
    for folder in (leftover, of_old):
        folder.mkdir()
        os.utime(folder, (0, 0))
    history.add(*pair, "next")
    assert not leftover.exists() and not of_old.exists()


def test_history_needs_no_tensorflow():
    program = "import sys, colorlib.page.predictions; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent.parent).returncode == 0


def test_a_clock_set_back_does_not_cost_the_new_entry(history, pair):
    history.keep = 1
    newest = history.add(*pair, "later.jpg").folder
    newest.rename(newest.with_name("2999" + newest.name[4:]))
    assert history.add(*pair, "now.jpg").title == "now.jpg"
    assert [entry.title for entry in history.read()[0]] == ["now.jpg"]


def test_the_color_file_keeps_what_the_photo_says_and_is_private(tmp_path, gaudy):
    import io
    import stat

    from PIL import Image

    from colorlib import Colorizer, metadata
    from colorlib.page.session import Session

    exif, file = Image.Exif(), io.BytesIO()
    exif[0x010E] = "The mill"
    Image.new("L", (40, 30), 128).save(file, "JPEG", exif=exif, dpi=(600, 600))
    session = Session(Colorizer(gaudy), tmp_path / "history")
    photo = session.read("mill.jpg", file.getvalue())
    session.color(photo)
    with Image.open(photo.entry.colored) as result:
        assert result.getexif()[0x010E] == "The mill" and result.info["dpi"] == (600, 600)
    made = metadata.made_of(photo.entry.colored)
    assert made["photo"]["bytes"] == len(file.getvalue()) and made["saturation"] == 1
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o700


def test_more_than_the_chosen_room_is_named_and_kept(history, pair):
    entries = [history.add(*pair, f"{i}.jpg") for i in range(4)][::-1]
    assert history.room is None and history.over_room(entries) == []
    history.room = 2 * entries[0].bytes + entries[0].bytes // 2
    other = History(history.folder)  # after a restart
    assert other.room == history.room and other.over_room(entries) == entries[2:]
    assert len(other.read()[0]) == 4 and other.read()[1] == []
    other.room = None
    assert history.room is None
    (history.folder / "room.json").write_text("[1]")
    assert history.room is None
