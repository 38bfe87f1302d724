import errno
import os

import pytest

from colorlib.files import (
    final_path,
    flush,
    reason,
    remove_folder,
    remove_leftovers,
    resumable_folder,
    temporary_path,
    whole_file,
    whole_folder,
    write_whole,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_complete_or_absent(tmp_path):
    write_whole(b"old", tmp_path / "table.csv")
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "table.csv") as temporary:
        temporary.write_bytes(b"half")
        assert temporary.suffix == ".csv" and (tmp_path / "table.csv").read_bytes() == b"old"
        1 / 0  # noqa: B018
    assert names(tmp_path) == ["table.csv"] and (tmp_path / "table.csv").read_bytes() == b"old"
    write_whole(b"new", tmp_path / "table.csv")
    assert names(tmp_path) == ["table.csv"] and (tmp_path / "table.csv").read_bytes() == b"new"


def test_a_folder_is_complete_or_absent(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "entry") as temporary:
        (temporary / "a").write_text("half")
        1 / 0  # noqa: B018
    assert names(tmp_path) == []
    with whole_folder(tmp_path / "entry") as temporary:
        (temporary / "a").write_text("all")
    assert names(tmp_path) == ["entry"] and (tmp_path / "entry" / "a").read_text() == "all"


@pytest.fixture
def calls(monkeypatch):
    """The flushes and renames of this process, in their order, as (kind, file name)."""
    calls, fsync, replace, rename = [], os.fsync, os.replace, os.rename

    def spy(kind, function):
        def called(first, *others):
            path = os.readlink(f"/proc/self/fd/{first}") if kind == "flush" else first
            calls.append((kind, os.path.basename(path)))
            return function(first, *others)

        return called

    monkeypatch.setattr(os, "fsync", spy("flush", fsync))
    monkeypatch.setattr(os, "replace", spy("move", replace))
    monkeypatch.setattr(os, "rename", spy("move", rename))
    return calls


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="the names of open files are Linux's")
def test_everything_is_on_the_disk_before_it_has_its_name(tmp_path, calls):
    write_whole(b"all", tmp_path / "table.csv")
    (_, temporary), *others = calls
    assert temporary.startswith(".table.") and others == [("move", temporary), ("flush", tmp_path.name)]
    calls.clear()
    with whole_folder(tmp_path / "entry") as temporary:
        (temporary / "deep").mkdir()
        (temporary / "deep" / "a").write_text("all")
        (temporary / "b").write_text("all")
    flushed, moved = calls[:4], calls[4:]
    assert {name for _, name in flushed} == {"a", "b", "deep", temporary.name}
    assert flushed[0] == ("flush", "a") and flushed[-1] == ("flush", temporary.name)
    assert moved == [("move", temporary.name), ("flush", tmp_path.name)]


@pytest.mark.parametrize("answer", [errno.EINVAL, errno.EOPNOTSUPP])
def test_a_drive_that_cannot_flush_is_no_error_but_a_broken_one_is(tmp_path, monkeypatch, answer):
    def refuse(number):
        raise OSError(answer, os.strerror(answer))

    monkeypatch.setattr(os, "fsync", refuse)
    write_whole(b"all", tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == b"all"
    answer = errno.EIO
    with pytest.raises(OSError, match="Input/output error"):
        flush(tmp_path)


def test_the_folder_of_a_quicker_program_is_kept(tmp_path):
    with whole_folder(tmp_path / "entry") as temporary:
        (temporary / "a").write_text("slow")
        (tmp_path / "entry").mkdir()
        (tmp_path / "entry" / "a").write_text("quick")
    assert names(tmp_path) == ["entry"] and (tmp_path / "entry" / "a").read_text() == "quick"


@pytest.mark.parametrize("name", ["photo.jpg", "best.keras", "epoch-0001", "a.b.tar.gz", ".colorlib", "no ending."])
def test_a_temporary_name_says_what_it_was_to_become(tmp_path, name):
    temporary = temporary_path(tmp_path / name)
    assert temporary.name.startswith(".") and final_path(temporary) == tmp_path / name
    assert final_path(tmp_path / name) is None


def test_leftovers_go_and_strangers_stay(tmp_path):
    strangers = ["holiday.part1.rar", ".movie.mkv.part", ".2026.part", "x.0a1b2c3d.part"]
    leftovers = [".a.jpg.0a1b2c3d.part", ".b.0a1b2c3d.part.png"]
    (tmp_path / "deep").mkdir()
    for name in [*strangers, *leftovers, "deep/.c.0a1b2c3d.part.png"]:
        (tmp_path / name).touch()
    (tmp_path / ".epoch.0a1b2c3d.part").mkdir()
    remove_leftovers(tmp_path, seconds=60)
    assert len(names(tmp_path)) == len(strangers) + 4
    remove_leftovers(tmp_path, of={tmp_path / "b.png", tmp_path / "deep" / "c.png"}.__contains__)
    assert ".a.jpg.0a1b2c3d.part" in names(tmp_path) and ".b.0a1b2c3d.part.png" not in names(tmp_path)
    assert names(tmp_path / "deep") == []
    os.utime(tmp_path / ".epoch.0a1b2c3d.part", (0, 0))
    remove_leftovers(tmp_path, seconds=60)
    assert names(tmp_path) == sorted([*strangers, ".a.jpg.0a1b2c3d.part", "deep"])
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted([*strangers, "deep"])


def test_leftovers_of_earlier_versions_go_where_they_are_ours(tmp_path):
    for name in ("epoch-0001.part", "movie.part"):
        (tmp_path / name).mkdir()
    (tmp_path / "best.part.keras").touch()
    remove_leftovers(tmp_path, others=("epoch-????.part", "best.part.keras"))
    assert names(tmp_path) == ["movie.part"]


def test_a_resumable_folder_is_the_same_again(tmp_path):
    first = resumable_folder(tmp_path / "photos", "0a1b")
    (first / "half").touch()
    assert names(resumable_folder(tmp_path / "photos", "0a1b")) == ["half"]
    assert resumable_folder(tmp_path / "photos") != first != resumable_folder(tmp_path / "photos", "ffff")


def test_removing_a_folder_that_is_gone_is_no_error(tmp_path):
    (tmp_path / "entry").mkdir()
    remove_folder(tmp_path / "entry")
    remove_folder(tmp_path / "entry")
    assert names(tmp_path) == []


def test_the_reason_is_the_systems(tmp_path):
    with pytest.raises(OSError) as caught:
        (tmp_path / "none").read_bytes()
    assert reason(caught.value) == "No such file or directory" and reason(ValueError("odd")) == "odd"
