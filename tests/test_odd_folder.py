"""A folder with one of each odd thing among good photos: all good ones are colored, each other gets one line."""

import csv
import errno
import io
import os
import re
import signal
import subprocess
import sys
import time

import filelock
import numpy as np
import pytest
import tifffile
from odd_files import GRAYS, file_of, shade, tiff
from PIL import Image, PngImagePlugin

import colorlib
from colorlib import cli, folders, locks, metadata, plans, save_photo, seals
from colorlib.photos import PhotoError, load_photo

posix = pytest.mark.skipif(sys.platform == "win32", reason="has no pipes and links in folders")
CLAIM = file_of(Image.new("L", (3000, 3000)), "JPEG2000").replace((3000).to_bytes(4, "big"), (12000).to_bytes(4, "big"))
PROGRESSIVE = file_of(shade(np.tile(GRAYS, (5, 5))), "JPEG", progressive=True)
ODD = {
    "phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
    "raw.dng": tiff(40, 24, GRAYS.astype("<u2").tobytes(), 16, photometric=32803),
    "layers.xcf": b"gimp xcf file",
    "empty.jpg": b"",
    "text.jpg": b"no photo at all",
    "page.jpg": b"<!DOCTYPE html><html></html>",
    "cut.png": file_of(shade(GRAYS), "PNG")[:60],
    "claim.jp2": CLAIM,
    "scans.jpg": PROGRESSIVE[:-2] + PROGRESSIVE[PROGRESSIVE.rindex(b"\xff\xda") : -2] * 1000 + b"\xff\xd9",
    "evil\x1b[2Jname.jpg": b"no photo",
}


@pytest.fixture
def album(tmp_path):
    """Twenty good photos, one of each odd thing, and a file that is no photo; the odd names."""
    folder, odd = tmp_path / "album", set(ODD)
    for i in range(20):
        ending = [".jpg", ".png", ".jfif", ".tif", ".webp", ".pnm", ".tga", ".j2k"][i % 8]
        (folder / f"{i:02}").mkdir(parents=True)
        kind = {".jpg": "JPEG", ".jfif": "JPEG", ".tif": "TIFF", ".webp": "WEBP", ".pnm": "PPM", ".tga": "TGA"}
        data = file_of(shade(GRAYS), {".png": "PNG", ".j2k": "JPEG2000"}.get(ending) or kind[ending])
        (folder / f"{i:02}" / f"good{ending}").write_bytes(data)
    for name, data in ODD.items():
        (folder / name).write_bytes(data)
    os.mkfifo(folder / "pipe.jpg")
    os.symlink(folder / "itself.jpg", folder / "itself.jpg")
    os.symlink("/dev/zero", folder / "zeros.png")
    os.symlink(folder / "gone.jpg", folder / "link.jpg")
    os.symlink(folder, folder / "00" / "loop")
    with open(folder / "sparse.jpg", "wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(6_000_000_000)
    (folder / "notes.txt").write_text("not a photo")
    (folder / "bare").mkdir()
    return folder, odd | {"pipe.jpg", "itself.jpg", "zeros.png", "link.jpg", "sparse.jpg"}


@posix
def test_one_of_each_odd_thing_among_twenty_good_photos(album, network, tmp_path, capfd, monkeypatch):
    folder, odd = album
    monkeypatch.setattr(colorlib.formats, "is_read", lambda kind: kind in colorlib.formats.READ)
    out, report = tmp_path / "out", tmp_path / "report.csv"
    command = ["colorize", str(folder), "--model", str(network), "--out", str(out), "--report", str(report)]
    assert cli.main(command) == 1
    results = colorlib.find_photos(out)
    assert len(results) == 20 and all(load_photo(path).shape == (24, 40, 3) for path in results)
    printed = capfd.readouterr()
    assert f"20 of {20 + len(odd)} photos are in color" in printed.out and "Traceback" not in printed.err
    assert f"{len(odd)} could not be colored" in printed.err and "\x1b[2J" not in printed.out + printed.err
    assert "other files were skipped: " in printed.out and "1 .heic" in printed.out
    rows = list(csv.DictReader(report.read_text(encoding="utf-8").splitlines()))
    failed = {os.path.basename(row["photo"]): row["error"] for row in rows if row["status"] == "failed"}
    assert set(failed) == odd and all(error.endswith(".") for error in failed.values())
    for name, words in {
        "phone.heic": "HEIC",
        "raw.dng": "raw data",
        "pipe.jpg": "a pipe",
        "zeros.png": "a device",
        "link.jpg": "does not exist",
        "sparse.jpg": "6.0 GB",
        "page.jpg": "a web page",
        "claim.jp2": "more than its",
        "scans.jpg": "scans",
        "itself.jpg": "cannot be read",
    }.items():
        assert words in failed[name], failed[name]
    assert cli.main(command) == 1 and "20 of 28 photos are colored already" in capfd.readouterr().out


@posix
def test_load_photo_of_what_is_no_file(album):
    folder, _ = album
    for name, words in {
        "pipe.jpg": "not a file but a pipe",
        "zeros.png": "a pipe or a device",
        "itself.jpg": "opened",
    }.items():
        with pytest.raises(PhotoError, match=words):
            load_photo(folder / name)
    with pytest.raises(PhotoError, match="name too long"):
        load_photo("a" * 300 + ".jpg")


def test_linked_folders_are_followed_once(tmp_path):
    save_photo(np.zeros((4, 4, 3), np.uint8), tmp_path / "elsewhere" / "a.png")
    (tmp_path / "in").mkdir()
    for name in ("one", "two"):
        os.symlink(tmp_path / "elsewhere", tmp_path / "in" / name, target_is_directory=True)
    found = colorlib.finding.survey(tmp_path / "in")
    assert found.photos == [tmp_path / "in" / "one" / "a.png"]
    assert "has been searched already" in found.others[tmp_path / "in" / "two"]


def test_closed_folders_are_named(tmp_path, monkeypatch):
    save_photo(np.zeros((4, 4, 3), np.uint8), tmp_path / "in" / "open" / "a.png")
    save_photo(np.zeros((4, 4, 3), np.uint8), tmp_path / "in" / "shut" / "b.png")
    scandir = os.scandir

    def closed(path):
        if "shut" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    plan = folders.plan([tmp_path / "in", tmp_path / "in" / "shut"], tmp_path / "out")
    assert len(plan.pairs) == 1
    assert plan.failed[tmp_path / "in" / "shut"].endswith("cannot be read: Permission denied.")
    with pytest.raises(PhotoError, match="Permission denied"):
        colorlib.find_photos(tmp_path / "in" / "shut")


def test_sources_of_every_kind(tmp_path, monkeypatch):
    for name in ("a.png", "b.png", "album/c.png"):
        save_photo(np.zeros((4, 4, 3), np.uint8), tmp_path / name)
    (tmp_path / "bare").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    sources = ["~/*.png", "~/album", tmp_path / "bare", "https://example.org/a.jpg", "~/*.gif"]
    plan = folders.plan(sources, "~/out")
    assert [path.name for path, _ in plan.pairs] == ["a.png", "b.png", "c.png"]
    assert plan.pairs[0][1] == tmp_path / "out" / "a.png"
    words = " ".join(plan.failed.values())
    assert "no photos in the folder" in words and "https://example.org/a.jpg is a web address" in words
    assert "nothing that matches" in words
    assert load_photo("~/a.png").shape == (4, 4, 3)
    with pytest.raises(PhotoError, match="https://example.org/a.jpg is a web address"):
        load_photo("https://example.org/a.jpg")
    plan = folders.plan(["a" * 300, tmp_path / "a.png"], tmp_path / "out")
    assert len(plan.pairs) == 2


def test_results_beside_their_originals_can_be_resumed(tmp_path, capsys):
    (tmp_path / "scans").mkdir()
    for i in range(3):
        (tmp_path / "scans" / f"{i}.tif").write_bytes(file_of(shade(GRAYS), "TIFF"))
    for _ in range(2):
        plan = folders.plan([tmp_path / "scans"], tmp_path / "scans")
        assert len(plan.pairs) == 3
        folders.color(lambda photo: photo, plan.pairs, tmp_path / "scans")
    assert "3 of 3 photos are colored already" in capsys.readouterr().out
    assert len(folders.plan([tmp_path / "scans"], tmp_path / "elsewhere").pairs) == 3  # and no result of a result


def test_out_is_a_file_for_one_photo(network, tmp_path, capsys):
    for name in ("a.tif", "b.png"):
        (tmp_path / name).write_bytes(file_of(shade(GRAYS), "TIFF" if name == "a.tif" else "PNG"))
    command = ["colorize", "--model", str(network), "--out"]
    for name in ("mine.jpg", "mine.tif", "new/mine.png"):
        assert cli.main([*command, str(tmp_path / name), str(tmp_path / "a.tif")]) == 0
        assert load_photo(tmp_path / name).shape == (24, 40, 3)
    for out, sources, words in [
        ("mine.jpg", ["a.tif", "b.png"], "is the file .*; wanted a folder for 2 photos"),
        ("mine.gif", ["a.tif"], "does not end in"),
        ("b.png", ["b.png"], "would replace the photo"),
    ]:
        capsys.readouterr()
        assert cli.main([*command, str(tmp_path / out), *(str(tmp_path / name) for name in sources)]) == 1
        error = capsys.readouterr().err
        assert re.search(words, error), error
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


class Tinting:
    """A colorizer that states its settings."""

    def __init__(self, saturation):
        self.made_with = {"model": "tint", "saturation": saturation}

    def __call__(self, photo):
        return photo // 2


def test_results_are_made_again_when_the_photo_or_the_settings_changed(tmp_path, capsys):
    photo = save_photo(np.full((8, 8, 3), 100, np.uint8), tmp_path / "in" / "a.png")
    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")

    def statuses(colorizer):
        return [outcome.status for outcome in folders.color(colorizer, pairs, tmp_path / "out")]

    assert statuses(Tinting(1.0)) == ["colored"] and statuses(Tinting(1.0)) == ["skipped"]
    assert metadata.made_of(tmp_path / "out" / "a.png")["saturation"] == 1.0
    assert statuses(Tinting(1.3)) == ["colored"]
    assert "made with other settings, or of another photo: they are colored again" in capsys.readouterr().out
    os.utime(photo, (1, 1))
    assert statuses(Tinting(1.3)) == ["skipped"]  # the same photo, copied
    save_photo(np.full((8, 8, 3), 200, np.uint8), photo)
    assert statuses(Tinting(1.3)) == ["colored"]
    assert load_photo(tmp_path / "out" / "a.png")[0, 0, 0] == 100


def test_a_result_that_somebody_changed_is_kept(tmp_path, capsys):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for name in ("caption.jpg", "pixels.png", "same.png", "same.jpg"):
        save_photo(pixels, tmp_path / "in" / name)
    (tmp_path / "in" / "scan.tif").write_bytes(file_of(shade(GRAYS), "TIFF"))
    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")
    folders.color(Tinting(1.0), pairs, tmp_path / "out")
    caption, painted = tmp_path / "out" / "caption.jpg", tmp_path / "out" / "pixels.png"
    caption.write_bytes(caption.read_bytes().replace(b"invented", b"restored"))
    image = Image.open(painted)
    image.putpixel((3, 3), (255, 0, 0))
    packet = PngImagePlugin.PngInfo()
    packet.add_itxt("XML:com.adobe.xmp", image.info["XML:com.adobe.xmp"])  # as paint programs do
    image.save(painted, pnginfo=packet)
    before = caption.read_bytes(), painted.read_bytes()
    capsys.readouterr()
    outcomes = folders.color(Tinting(1.3), pairs, tmp_path / "out")
    statuses = {outcome.result.name: outcome.status for outcome in outcomes}
    assert statuses == {"caption.jpg": "skipped", "pixels.png": "skipped"} | dict.fromkeys(
        ["same.png", "same.jpg", "scan.tif.png"], "colored"
    )
    assert (caption.read_bytes(), painted.read_bytes()) == before
    assert capsys.readouterr().out.count("was changed after it was colored, and is kept; --overwrite replaces it.") == 2
    assert sum("is kept" in (outcome.note or "") for outcome in outcomes) == 2
    outcomes = folders.color(Tinting(1.3), pairs, tmp_path / "out", overwrite=True)
    assert {outcome.status for outcome in outcomes} == {"colored"} and painted.read_bytes() != before[1]


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_results_are_sealed(ending, tmp_path):
    path = save_photo(np.tile(GRAYS, (3, 1)), tmp_path / f"a{ending}", note="note", made={"model": "tint"})
    data = path.read_bytes()
    assert not metadata.is_changed(path) and load_photo(path).shape == (72, 40, 3) and seals.EMPTY.encode() not in data
    for place in (len(data) // 2, len(data) - 20):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert metadata.is_changed(path)
    if ending == ".png":
        Image.open(io.BytesIO(data)).verify()


def pages_of(*pages, **options):
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for page in pages:
            writer.write(page, photometric="minisblack", **options)
    return file.getvalue()


def test_each_page_of_a_tiff_becomes_a_result(tmp_path, network, capsys):
    twelve = np.arange(24 * 40, dtype=np.uint16).reshape(24, 40) * 60
    album = [GRAYS, GRAYS[:, ::-1], twelve, GRAYS[:14], GRAYS[::4, ::4]]  # the last: a small copy of the first
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "album.tif").write_bytes(pages_of(*album))
    (tmp_path / "in" / "one.tif").write_bytes(pages_of(GRAYS, GRAYS[::4, ::4]))
    report = tmp_path / "report.csv"
    command = ["colorize", str(tmp_path / "in"), "--model", str(network), "--out", str(tmp_path / "out")]
    assert cli.main([*command, "--saturation", "0", "--report", str(report)]) == 0
    printed = capsys.readouterr()
    assert "5 of 5 photos are in color" in printed.out
    assert "has 5 pages; 1 of them are small copies and were left out" in printed.out + printed.err
    results = [tmp_path / "out" / f"album.tif.page-{number}.png" for number in range(1, 5)]
    assert colorlib.find_photos(tmp_path / "out") == [*results, tmp_path / "out" / "one.tif.png"]
    for page, path in zip(album, results):
        gray = page if page.dtype == np.uint8 else np.round(page / 257)
        assert np.abs(load_photo(path)[..., 0].astype(int) - gray).max() <= 1
    rows = list(csv.DictReader(report.read_text(encoding="utf-8").splitlines()))
    assert [row["photo"][-18:] for row in rows][:2] == ["album.tif (page 1)", "album.tif (page 2)"]
    assert "has 2 pages; page 1 was taken" in rows[-1]["note"]
    assert (
        cli.main([*command, "--saturation", "0"]) == 0
        and "5 of 5 photos are colored already" in capsys.readouterr().out
    )
    beside = plans.plan([tmp_path / "in"], tmp_path / "in")
    folders.color(lambda photo: photo, beside.pairs, tmp_path / "in")
    assert len(plans.plan([tmp_path / "in"], tmp_path / "in").pairs) == 5
    assert len(plans.plan([tmp_path / "in"], tmp_path / "elsewhere").pairs) == 5
    assert cli.main(["colorize", str(tmp_path / "in" / "album.tif"), "--out", str(tmp_path / "a.jpg")]) == 1
    assert "wanted a folder for 4 pages" in capsys.readouterr().err
    with pytest.warns(UserWarning, match="album.tif has 5 pages; page 1 was taken"):
        load_photo(tmp_path / "in" / "album.tif")


def test_colorizers_state_their_settings(network):
    colorizer = colorlib.Colorizer(network, saturation=1.5)
    made = colorizer.made_with
    assert made["saturation"] == 1.5 and made["size"] == 256 and made["model"] == colorizer.model.name
    assert made == colorlib.Colorizer(network, saturation=1.5).made_with


def test_times_on_request_and_metadata_in_folders(tmp_path):
    (tmp_path / "in").mkdir()
    exif = Image.Exif()
    exif[0x010E] = "The mill"
    (tmp_path / "in" / "a.jpg").write_bytes(file_of(shade(GRAYS), "JPEG", exif=exif, dpi=(300, 300)))
    os.utime(tmp_path / "in" / "a.jpg", (1e9, 1e9))
    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")
    folders.color(Tinting(1), pairs, tmp_path / "out", keep_times=True)
    result = tmp_path / "out" / "a.jpg"
    with Image.open(result) as image:
        assert image.getexif()[0x010E] == "The mill" and image.info["dpi"] == (300, 300)
    assert result.stat().st_mtime == 1e9


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EIO, errno.EROFS, errno.ENOSPC])
def test_a_disk_that_can_be_written_no_more_ends_the_work(number, tmp_path, monkeypatch):
    for i in range(30):
        save_photo(np.full((8, 8, 3), i, np.uint8), tmp_path / "in" / f"{i:02}.png")
    pairs, colored = folders.results_for([tmp_path / "in"], tmp_path / "out"), []

    def full(data, path):
        raise OSError(number, "no more")

    monkeypatch.setattr(colorlib.photos, "write_whole", full)
    with pytest.raises(PhotoError, match="The disk"):
        folders.color(lambda photo: colored.append(1) or photo, pairs, tmp_path / "out")
    assert len(colored) < 15


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL])
def test_drives_without_locks_and_flushes(number, tmp_path, monkeypatch, capsys):
    fcntl = pytest.importorskip("fcntl")
    save_photo(np.zeros((8, 8, 3), np.uint8), tmp_path / "in" / "a.png")

    def none(*_):
        raise OSError(number, "not here")

    monkeypatch.setattr(fcntl, "flock", none)
    if number != errno.ENOLCK:
        monkeypatch.setattr(os, "fsync", none)
    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")
    assert [o.status for o in folders.color(lambda photo: photo, pairs, tmp_path / "out")] == ["colored"]
    assert capsys.readouterr().out.count("has no locks. Do not start a second run there") == 1


@pytest.mark.parametrize("answer", [NotImplementedError(), filelock.Timeout("lock"), OSError(errno.ENOLCK, "no locks")])
def test_other_versions_of_filelock_on_such_a_drive(answer, tmp_path, monkeypatch, capsys):
    """3.13 to 3.20 wait in vain, others say what the drive said, or that it is not implemented."""
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_, **__):
        raise answer

    def none(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    monkeypatch.setattr(fcntl, "flock", none)
    with locks.locked(tmp_path / "lock"):
        pass
    assert capsys.readouterr().out.count("\n") == 1


def test_a_lock_that_is_held(tmp_path):
    with locks.locked(tmp_path / "lock"), pytest.raises(locks.Locked), locks.locked(tmp_path / "lock"):
        pass
    with locks.locked(tmp_path / "lock"):
        pass


def test_one_photo_never_ends_a_folder(tmp_path):
    for i in range(3):
        save_photo(np.full((8, 8, 3), i, np.uint8), tmp_path / "in" / f"{i}.png")

    def colorizer(photo):
        if photo[0, 0, 0] == 1:
            raise RuntimeError("the network\x1b[2J failed")
        return photo

    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")
    outcomes = folders.color(colorizer, pairs, tmp_path / "out")
    assert [o.status for o in outcomes] == ["colored", "failed", "colored"] and "\x1b" not in outcomes[1].error


def test_large_photos_are_at_work_one_at_a_time():
    import threading

    room, inside, most = colorlib.bounds.Room(100), [], []

    def work(size):
        with room.taken(size):
            inside.append(size)
            most.append(sum(inside))
            time.sleep(0.01)
            inside.remove(size)

    threads = [threading.Thread(target=work, args=(size,)) for size in [60, 60, 300, 40, 40, 60]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(total for total in most if total != 300) <= 100


SLOW = """
import sys, time
from colorlib import cli, colorize_command, folders
def run(options, make):
    def colorizer(photo):
        print("working", flush=True)
        time.sleep(0.2)
        return photo
    folders.color(colorizer, folders.results_for(options.photos, options.out), options.out)
colorize_command.run = run
sys.exit(cli.main(["colorize", sys.argv[1], "--out", sys.argv[2]]))
"""


def _heed_signals():
    """Undo what background jobs and nohup do: a signal that the parent ignores is ignored by the child, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_as_ctrl_c(number, tmp_path):
    for i in range(60):
        save_photo(np.full((8, 8, 3), i, np.uint8), tmp_path / "in" / f"{i:02}.png")
    command = [sys.executable, "-c", SLOW, str(tmp_path / "in"), str(tmp_path / "out")]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_signals,
    )
    process.stdout.readline()
    process.send_signal(number)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 128 + number and "colorlib: stopped; run the same command again" in error
    assert "Traceback" not in error and len(colorlib.find_photos(tmp_path / "out")) < 40
    assert not list((tmp_path / "out").glob(".*.part*"))


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "| true"])
def test_streams_that_are_closed_harm_nothing(closed, network, tmp_path):
    photo = save_photo(np.zeros((8, 8, 3), np.uint8), tmp_path / "a.png")
    command = (
        f"'{sys.executable}' -m colorlib colorize '{photo}' --model '{network}' --out '{tmp_path / 'out'}' {closed}"
    )
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0 and "Traceback" not in done.stderr and "Broken" not in done.stderr
    assert load_photo(tmp_path / "out" / "a.png").shape == (8, 8, 3)


def test_a_photo_on_a_bad_place_of_the_disk_does_not_end_the_folder(tmp_path, monkeypatch):
    for i in range(3):
        save_photo(np.full((8, 8, 3), i, np.uint8), tmp_path / "in" / f"{i}.png")
    whole = colorlib.reading._file_bytes

    def broken(path, name):
        if name == "1.png":
            raise OSError(errno.EIO, "Input/output error")
        return whole(path, name)

    monkeypatch.setattr(colorlib.reading, "_file_bytes", broken)
    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")
    outcomes = folders.color(lambda photo: photo, pairs, tmp_path / "out")
    assert [o.status for o in outcomes] == ["colored", "failed", "colored"]
    assert outcomes[1].error == "1.png could not be opened (Input/output error)."


@posix
@pytest.mark.parametrize("name", ["a" * 251 + ".jpg", "ü" * 125 + ".png", "a.b" * 80 + ".tif"])
def test_names_of_the_greatest_length(name, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(file_of(shade(GRAYS), {"g": "JPEG", "f": "TIFF"}[name[-1]]))
    pairs = folders.results_for([tmp_path / "in"], tmp_path / "out")
    assert [o.status for o in folders.color(lambda photo: photo, pairs, tmp_path / "out")] == ["colored"]
    assert not list((tmp_path / "out").glob(".*.part*"))


@pytest.mark.parametrize("ignores", [False, True])
def test_names_that_the_destination_takes_for_one(ignores, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(file_of(shade(GRAYS), "PNG"))
    (tmp_path / "in" / "A.png").write_bytes(file_of(shade(255 - GRAYS), "PNG"))
    if len(list((tmp_path / "in").iterdir())) < 2:
        pytest.skip("this drive itself takes them for one")
    assert not plans.ignores_case(tmp_path / "out")
    samefile = os.path.samefile
    monkeypatch.setattr(os.path, "samefile", lambda a, b: ignores or samefile(a, b))
    plan = plans.plan([tmp_path / "in"], tmp_path / "out")
    assert len(plan.pairs) == (1 if ignores else 2)
    if ignores:
        assert "would both become" in next(iter(plan.failed.values()))


def test_what_systems_put_into_folders_is_passed_over(tmp_path):
    for name in ("@eaDir/THUMB.jpg", "__MACOSX/._a.jpg", "$RECYCLE.BIN/gone.jpg", "._a.jpg", ".hidden/a.jpg", "a.jpg"):
        save_photo(np.zeros((4, 4, 3), np.uint8), tmp_path / name)
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    found = colorlib.finding.survey(tmp_path)
    assert found.photos == [tmp_path / "a.jpg"] and not found.unreadable and not found.others


def test_a_pattern_that_a_name_looks_like(tmp_path):
    photo = save_photo(np.zeros((8, 8, 3), np.uint8), tmp_path / "a[1].png")
    assert plans.plan([photo], tmp_path / "out").pairs == [(photo, tmp_path / "out" / "a[1].png")]
