"""Parts of an archive, colored by machines that know nothing of each other, and their reports."""

import csv
from pathlib import Path

import numpy as np
import pytest

from colorlib import PhotoError, cli, folders, save_photo
from colorlib.parts import Part, merge


@pytest.mark.parametrize("text", ["0/8", "9/8", "3", "a/b", "1/0", "-1/8", "3/8/2", ""])
def test_a_part_there_is_not_is_named(text):
    with pytest.raises(ValueError, match=f"part is .*{text}.*; wanted i/n"):
        Part.parse(text)


def test_every_photo_is_in_one_part_wherever_the_archive_lies():
    names = [f"{year}/photo{i}.jpg" for year in range(1900, 1950) for i in range(20)]
    parts = [Part(i, 8) for i in range(1, 9)]
    held = [[name for name in names if part.holds(name)] for part in parts]
    assert sorted(sum(held, [])) == sorted(names)
    assert all(90 < len(some) < 160 for some in held)  # of 125
    assert parts[2].of([(Path("x"), Path("/a/out", held[2][0]))], Path("/a/out"))
    assert Part.parse("3/8") == parts[2] and parts[2].report("r/report.csv") == Path("r/report-3-of-8.csv")


@pytest.fixture
def album(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(12):
        save_photo(rng.integers(0, 256, (40, 40), dtype=np.uint8), tmp_path / "album" / f"{i % 3}" / f"{i}.jpg")
    (tmp_path / "album" / "broken.jpg").write_bytes(b"no photo")
    return tmp_path / "album"


def color_part(album, part):
    """As `colorize --part` does, with a quick colorizer."""
    out = album.parent / "out"
    pairs = part.of(folders.results_for([album], out), out)
    return folders.color(lambda photo: photo, pairs, out, report=part.report(out / "report.csv"), part=str(part))


def test_the_reports_of_all_parts_say_what_is_missing_failed_and_twice(album, tmp_path):
    out = tmp_path / "out"
    colored = [len(color_part(album, Part(i, 3))) for i in (1, 2)]
    merged = merge([out], out / "all.csv")
    assert merged.parts == ["3/3"] and len(merged.rows) == sum(colored) and not merged.is_complete
    assert "1 parts have no report: 3/3." in merged.summary()

    color_part(album, Part(3, 3))
    merged = merge([out], out / "all.csv")
    assert len(merged.rows) == 13 and not (merged.parts or merged.twice or merged.waiting or merged.gone)
    assert [Path(photo).name for photo in merged.failed] == ["broken.jpg"]
    assert merged.summary().startswith("12 of 13 photos are in color.\nFailed: broken.jpg")
    rows = list(csv.DictReader((out / "all.csv").read_text().splitlines()))
    assert len(rows) == 13 and sum(row["status"] == "colored" for row in rows) == 12

    (out / "0" / "0.jpg").unlink()
    color_part(album, Part(1, 2))
    merged = merge([out / "report-1-of-2.csv", *out.glob("report-?-of-3.csv")])
    assert merged.parts == ["2/2"] and merged.twice and set(merged.gone) <= {str(out / "0" / "0.jpg")}


def test_a_report_of_an_interrupted_part_says_what_waits(tmp_path):
    waiting = folders.Outcome(Path("a.jpg"), tmp_path / "a.jpg")
    folders.write_report([waiting], tmp_path / "report-1-of-1.csv")
    merged = merge([tmp_path / "report-1-of-1.csv"])
    assert merged.waiting == ["a.jpg"] and "1 photos wait: a.jpg" in merged.summary()


def test_what_is_no_report_is_named(tmp_path):
    with pytest.raises(PhotoError, match="There are no reports in"):
        merge([tmp_path])
    with pytest.raises(PhotoError, match=r"none.csv cannot be read: No such file"):
        merge([tmp_path / "none.csv"])
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(PhotoError, match="other.csv is not a report; its columns must be photo, result"):
        merge([tmp_path / "other.csv"])


def test_parts_from_the_command_line(album, network, tmp_path, capsys):
    out = tmp_path / "out"
    for part in ("1/2", "2/2"):
        arguments = ["colorize", str(album), "--out", str(out), "--model", str(network), "--size", "32", "--part", part]
        assert cli.main(arguments) in (0, 1)
    assert sorted(path.name for path in out.glob("*.csv")) == ["report-1-of-2.csv", "report-2-of-2.csv"]
    capsys.readouterr()
    assert cli.main(["report", str(out)]) == 1
    assert capsys.readouterr().out.startswith("12 of 13 photos are in color.\nFailed: broken.jpg")
    (album / "broken.jpg").unlink()
    assert cli.main(["colorize", str(album), "--part", "3/2"]) == 1
    assert "part is 3/2; wanted i/n" in capsys.readouterr().err


def test_part_wants_a_folder(album, capsys, tmp_path):
    photo = str(album / "0" / "0.jpg")
    assert cli.main(["colorize", photo, "--out", str(tmp_path / "one.jpg"), "--part", "1/2"]) == 1
    assert "--part is 1/2; wanted a folder as --out" in capsys.readouterr().err
