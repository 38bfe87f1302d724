"""An archive colored by a real Ray cluster on this machine: a head and two workers, processes of their own.

Needs the extra `ray` and moto's S3 server: `make test-ray` brings both.
"""

import contextlib
import csv
import os
import signal
import sys
import threading
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from colorlib import Colorizer, PhotoError, archive, archive_storage, cli, find_photos, load_photo, metadata, save_photo
from colorlib.archive import color_archive
from colorlib.archive_listing import listed
from colorlib.archive_storage import Folder

PHOTOS, BAD, DONE = 64, 3, 10


def missing(*modules):
    return [name for name in modules if not find_spec(name)]


needs_ray = pytest.mark.skipif(
    bool(missing("ray", "moto", "flask_cors")),
    reason="ARCHIVES ON RAY ARE NOT TESTED HERE: ray, moto or flask-cors is not installed; `make test-ray` tests them",
)


@pytest.fixture(scope="module")
def album(tmp_path_factory, samples):
    """Photos in subfolders: two in one TIFF, one WebP, one of a name that is not UTF-8; bad ones, and a text."""
    top = tmp_path_factory.mktemp("album")
    crops = [photo[y : y + 320, x : x + 320] for photo in samples.values() for x in (0, 60) for y in (0, 50)]
    for i in range(PHOTOS - 4):
        save_photo(crops[i % len(crops)], top / f"{i % 4}" / f"{i:02}.jpg")
    Image.fromarray(crops[0]).save(top / "scan.webp")
    pages = [Image.fromarray(crop).resize((80, 60 + 20 * i)) for i, crop in enumerate(crops[:2])]
    pages[0].save(top / "pages.tif", save_all=True, append_images=pages[1:])
    os.rename(save_photo(crops[1], top / "odd.png"), os.fsencode(top) + b"/stra\xdfe.png")
    for i in range(BAD):
        (top / f"{i}" / f"bad{i}.jpg").write_bytes((top / "0" / "00.jpg").read_bytes()[: 400 * i])
    (top / "notes.txt").write_text("no photo")
    return top


@pytest.fixture(scope="module")
def cluster(bucket):
    """The address of a cluster of three machines, as far as Ray knows, and its workers' `Node`s."""
    from ray.cluster_utils import Cluster

    os.environ |= archive.RAY_SETTINGS | {"RAY_raylet_start_wait_time_s": "200"}  # other work keeps processors busy
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    workers = [cluster.add_node(num_cpus=1, wait=False) for _ in range(2)]
    cluster.wait_for_nodes()
    yield cluster.address, workers
    for worker in workers:
        worker.kill_all_processes(check_alive=False, allow_graceful=False)
    cluster.worker_nodes.clear()
    cluster.shutdown()


@pytest.fixture(scope="module")
def bucket():
    """A bucket of an S3 server: a function from the name of a folder to its address."""
    from moto.server import ThreadedMotoServer
    from pyarrow import fs

    os.environ |= {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    query = f"?endpoint_override={host}:{port}&scheme=http&region=us-east-1&allow_bucket_creation=true"
    fs.FileSystem.from_uri(f"s3://bucket{query}")[0].create_dir("bucket")
    yield lambda folder: f"s3://bucket/{folder}{query}"
    server.stop()


def killed_in_the_middle(worker, out, least):
    """A thread that kills a machine of the cluster when there are some results; how many there were, in a list."""
    seen = []

    def watch():
        while len(results := list(out.rglob("*.jpg"))) < least:
            time.sleep(0.005)
        for processes in worker.all_processes.values():
            for info in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(info.process.pid, signal.SIGKILL)
        seen.append(len(results))

    threading.Thread(target=watch, daemon=True).start()
    return seen


@needs_ray
def test_nothing_is_lost_and_nothing_done_twice_when_a_machine_dies(album, cluster, network, tmp_path, capfd):
    address, workers = cluster
    out, colorizer = tmp_path / "out", Colorizer(network, size=64)
    for path in find_photos(album / "0")[1 : DONE + 1]:  # what `colorlib colorize` has made is not made again
        Path(tmp_path / "some").mkdir(exist_ok=True)
        os.link(path, tmp_path / "some" / path.name)
    colorizer.folder(tmp_path / "some", out / "0")
    done = {path: path.stat().st_mtime_ns for path in out.rglob("*.jpg")}
    killed = killed_in_the_middle(workers[0], out, DONE + 4)
    arguments = ["archive", str(album), str(out), "--model", str(network), "--size", "64", "--address", address]
    assert cli.main(arguments) == 1  # as some are bad
    assert killed and DONE < killed[0] < PHOTOS

    with open(out / "report.csv", encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["photo"] for row in rows}) == PHOTOS + BAD
    assert Counter(row["status"] == "failed" for row in rows) == {True: BAD, False: PHOTOS}
    results = find_photos(out)
    assert sorted(str(path) for path in results) == sorted(row["result"] for row in rows if row["status"] != "failed")
    for row in rows:
        if row["status"] != "failed":
            if "pages" not in row["photo"]:
                assert load_photo(row["result"]).shape == load_photo(row["photo"]).shape
            assert metadata.made_of(row["result"])["weights"] == colorizer.made_with["weights"]
    assert [load_photo(out / f"pages.tif.page-{i}.png").shape for i in (1, 2)] == [(60, 80, 3), (80, 80, 3)]
    assert all(path.stat().st_mtime_ns == time for path, time in done.items())
    assert not [path for path in out.rglob(".*") if path.name != ".colorlib.lock"]
    printed = capfd.readouterr()
    assert f"{PHOTOS} of {PHOTOS + BAD} photos are in color" in printed.out
    assert "bad0.jpg is empty (0 bytes)." in printed.out
    assert cli.main(["report", str(out)]) == 1
    assert capfd.readouterr().out.startswith(f"{PHOTOS} of {PHOTOS + BAD} photos are in color.\nFailed: ")


@needs_ray
def test_from_object_storage_to_object_storage(album, cluster, bucket, network, tmp_path, capfd):
    """Photos go up, results are made beside them, what is there already is not made again; a list names them."""
    source, destination = archive_storage.storage(bucket("in box")), archive_storage.storage(bucket("in box/colored"))
    photos = [path.relative_to(album) for path in find_photos(album / "0")]
    for path in photos:
        source.write_bytes((album / path).read_bytes(), path.as_posix())
    source.write_bytes(b"no photo", "0/notes.txt")
    source.write_bytes(b"", ".hidden/x.jpg")
    Colorizer(network, size=64).folder(album / "0", tmp_path / "here")
    destination.write_bytes((tmp_path / "here" / "00.jpg").read_bytes(), "0/00.jpg")
    before = destination.facts("0/00.jpg")
    arguments = (bucket("in box"), bucket("in box/colored"), network, 64)
    counts = color_archive(*arguments, address=cluster[0], report=tmp_path / "report.csv")
    assert counts == {"colored": len(photos) - 2, "skipped": 1, "failed": 1}
    assert sorted(destination.names()) == [path.as_posix() for path in photos if path.stem != "bad0"]
    assert destination.facts("0/00.jpg") == before
    assert source.read("0/04.jpg").photo.shape == destination.read("0/04.jpg").photo.shape
    here, there = load_photo(tmp_path / "here" / "04.jpg"), destination.read("0/04.jpg").photo
    assert abs(here.astype(int) - there).max() <= 2  # another number of threads
    rows = list(csv.DictReader((tmp_path / "report.csv").read_text().splitlines()))
    assert {row["result"] for row in rows} >= {"s3://bucket/in box/colored/0/04.jpg"} and len(rows) == len(photos)
    assert cli.main(["report", str(tmp_path / "report.csv")]) == 1
    assert f"{len(photos) - 1} of {len(photos)} photos are in color.\nFailed: " in capfd.readouterr().out

    places = [f"s3://bucket/in box/0/{name}?{bucket('').partition('?')[2]}" for name in ("00.jpg", "04.jpg")]
    found = listed(places, Folder(tmp_path / "out"))
    assert found.pairs == [("00.jpg", "00.jpg"), ("04.jpg", "04.jpg")] and found.source.has("04.jpg")


@needs_ray
def test_places_that_cannot_be_used_are_named(bucket, network, tmp_path):
    with pytest.raises(PhotoError, match="s3://none/x cannot be listed: .*bucket does not exist"):
        color_archive(bucket("").replace("bucket/", "none/x"), tmp_path, network)
    with pytest.raises(PhotoError, match="foo://x cannot be opened: Protocol not known: foo"):
        color_archive("foo://x", tmp_path, network)
    with pytest.raises(ValueError, match="The results would replace the photos in s3://bucket/a"):
        color_archive(bucket("a"), bucket("a"), network)
    with pytest.raises(ValueError, match="workers is 0; wanted 1 or more"):
        color_archive(tmp_path, tmp_path / "out", network, workers=0)


def test_without_ray_the_way_to_it_is_said(album, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert cli.main(["archive", str(album), str(tmp_path / "out")]) == 1
    assert 'Archives need ray: pip install "colorlib[ray]".' in capsys.readouterr().err


def test_a_list_of_photos_keeps_their_folders(album, tmp_path):
    paths = [*find_photos(album / "0")[:2], album / "scan.webp"]
    (tmp_path / "list.txt").write_text("\n".join(map(str, [*paths, ""])))
    found = listed(tmp_path / "list.txt", Folder(tmp_path / "out"))
    assert found.source == Folder(album)
    assert found.pairs == [("0/00.jpg", "0/00.jpg"), ("0/04.jpg", "0/04.jpg"), ("scan.webp", "scan.webp.png")]
    twins = listed([album / "a.tif", album / "a.tif.png"], Folder(tmp_path))
    assert len(twins.pairs) == 1 and "would both become a.tif.png" in twins.passed_over[0].error
    with pytest.raises(ValueError, match="of several storages"):
        listed([str(album / "a.jpg"), "s3://bucket/a.jpg"], Folder(tmp_path))
    with pytest.raises(ValueError, match="would replace the photos"):
        listed([album / "scan.webp"], Folder(album))
    with pytest.raises(PhotoError, match="The list of photos is empty"):
        listed([], Folder(tmp_path))
