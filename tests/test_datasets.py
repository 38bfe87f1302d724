"""datasets: a server that misbehaves, a fake Colab, splits without leakage, photos sorted out."""

import contextlib
import hashlib
import io
import re
import shutil
import sys
import tarfile
import threading
import types
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gdown
import numpy as np
import pytest
from gdown.exceptions import FileURLRetrievalError
from PIL import Image

import colorlib
from colorlib import PhotoError
from colorlib.learning import datasets

ID = "1aB" + "x" * 30  # as long as Drive's
QUOTA = b"<!DOCTYPE html><html><title>Google Drive - Quota exceeded</title></html>"


def jpeg(seed, size=(96, 96), quality=90):
    """The bytes of a colorful photo of blurred noise."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(file, "JPEG", quality=quality)
    return file.getvalue()


def zipped(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


PHOTOS = {f"album/{i}.jpg": jpeg(i) for i in range(40)}
NOISE = np.random.default_rng(0).bytes(2_000_000)  # gdown keeps what it has in steps of half a MB
ALBUM = zipped(PHOTOS | {"album/noise.bin": NOISE, "run.py": b"print()"})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server, body = self.server, self.server.files.get(self.path)
        asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", "")) if server.ranges else None
        start = int(asked[1]) if asked else 0
        server.hits.append(start)
        self.send_response(404 if body is None else 206 if asked else 200)
        body = body or b"<html>not found</html>"
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        stop = server.cuts.pop(0) if server.cuts else None
        with contextlib.suppress(ConnectionError):  # the other side may have seen enough
            self.wfile.write(body[start:stop])
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    """A web server on this computer: `files` it holds, `cuts` where to break off, whether it knows `ranges`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.cuts, server.ranges, server.hits = {"/album.zip": ALBUM}, [], True, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    """An empty place to work in, no Colab, and no connection to anywhere but this computer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def photo_bytes(folder):
    return sorted(path.read_bytes() for path in colorlib.find_photos(folder))


def test_a_zip_is_fetched_once_and_only_its_photos_unpacked(server, workplace, capsys):
    folder = datasets.from_link(server.url + "/album.zip")
    assert folder.resolve() == workplace / "data" / "album"
    assert photo_bytes(folder) == sorted(PHOTOS.values())
    assert names(workplace / "data") == ["album"] and not list(folder.rglob("*.py"))
    said = capsys.readouterr().out
    assert "License" in said and "Size" in said
    hits = len(server.hits)
    assert datasets.from_link(server.url + "/album.zip", sha256=hashlib.sha256(ALBUM).hexdigest()) == folder
    assert len(server.hits) == hits


@pytest.mark.parametrize("ranges", [True, False])
def test_a_cut_download_is_resumed_or_starts_again(server, workplace, ranges):
    server.ranges, server.cuts = ranges, [len(ALBUM) // 2]
    with pytest.raises(PhotoError, match="the same call"):
        datasets.from_link(server.url + "/album.zip")
    assert not (workplace / "data/album").exists()
    folder = datasets.from_link(server.url + "/album.zip")
    assert photo_bytes(folder) == sorted(PHOTOS.values())
    assert (max(server.hits) > 0) == ranges  # it did not fetch the first half again
    assert names(workplace / "data") == ["album"]


def test_a_download_cut_twice_keeps_what_it_has(server):
    server.cuts = [len(ALBUM) // 3, None, 2 * len(ALBUM) // 3]  # gdown asks twice when it goes on
    for _ in range(2):
        with pytest.raises(PhotoError, match="the same call"):
            datasets.from_link(server.url + "/album.zip")
    assert len(colorlib.find_photos(datasets.from_link(server.url + "/album.zip"))) == 40
    assert max(server.hits) >= 1_000_000


def test_a_wrong_hash_leaves_nothing_and_the_right_one_passes(server, workplace):
    with pytest.raises(PhotoError, match="SHA-256"):
        datasets.from_link(server.url + "/album.zip", sha256="0" * 64)
    assert not (workplace / "data/album").exists() and not list(workplace.rglob("*.zip"))
    right = hashlib.sha256(ALBUM).hexdigest().upper()
    folder = datasets.from_link(server.url + "/album.zip", sha256=right)
    with pytest.raises(PhotoError, match="other photos"):
        datasets.from_link(server.url + "/album.zip", sha256="0" * 64)
    assert len(colorlib.find_photos(folder)) == 40


@pytest.mark.parametrize("path", ["/quota.zip", "/nowhere.zip"])
def test_a_page_instead_of_the_file_is_one_clear_sentence(server, workplace, path):
    server.files["/quota.zip"] = QUOTA
    with pytest.raises(PhotoError) as caught:
        datasets.from_link(server.url + path)
    assert "web page" in str(caught.value) or "404" in str(caught.value)
    assert "\n" not in str(caught.value) and not list(workplace.rglob("*.zip"))
    server.files[path] = ALBUM
    assert len(colorlib.find_photos(datasets.from_link(server.url + path))) == 40


def test_no_connection_is_said_plainly(server):
    server.shutdown()
    server.server_close()
    with pytest.raises(PhotoError, match="offline.*sample_photos.*find_photos"):
        datasets.from_link(server.url + "/album.zip")


def locked(data):
    """The zip with the flag set that says a password is needed."""
    data = bytearray(data)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    return bytes(data)


def damaged(data):
    """The zip with bytes changed in the middle of its first photo."""
    return data[:600] + bytes(255 - byte for byte in data[600:620]) + data[620:]


BAD_ZIPS = {
    "climbs": (zipped({"../../out.jpg": jpeg(1)}), "not safe"),
    "climbs by backslash": (zipped({"a\\..\\..\\..\\out.jpg": jpeg(1)}), "not safe"),
    "absolute": (zipped({"/tmp/out.jpg": jpeg(1)}), "not safe"),
    "bomb": (zipped({"big.bmp": bytes(30_000_000)}), "not safe.*30 MB"),
    "damaged": (damaged(ALBUM), "cannot|can be unpacked"),
    "cut": (ALBUM[:-500], "can be unpacked"),
    "locked": (locked(ALBUM), "can be unpacked.*password"),
    "no zip": (b"hello " * 1000, "can be unpacked"),
    "no photos": (zipped({"read.me": b"hello"}), "no photos"),
}


@pytest.mark.parametrize("kind", BAD_ZIPS)
def test_a_bad_zip_is_refused_whole(server, workplace, kind):
    server.files["/bad.zip"], sentence = BAD_ZIPS[kind]
    with pytest.raises(PhotoError, match=sentence):
        datasets.from_link(server.url + "/bad.zip", workplace / "deep/down/photos")
    assert not (workplace / "deep/down/photos").exists()
    assert not list(workplace.parent.rglob("out.jpg"))
    server.files["/bad.zip"] = ALBUM
    assert len(colorlib.find_photos(datasets.from_link(server.url + "/bad.zip", workplace / "deep/down/photos"))) == 40


def test_stopped_while_unpacking_leaves_no_half_folder(server, workplace, monkeypatch):
    extract, calls = zipfile.ZipFile.extract, []

    def stopped(self, *arguments):
        calls.append(arguments)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return extract(self, *arguments)

    monkeypatch.setattr(zipfile.ZipFile, "extract", stopped)
    with pytest.raises(KeyboardInterrupt):
        datasets.from_link(server.url + "/album.zip")
    assert not (workplace / "data/album").exists()
    assert colorlib.find_photos(workplace / "data") == []  # what is half there is hidden
    hits = len(server.hits)
    assert len(colorlib.find_photos(datasets.from_link(server.url + "/album.zip"))) == 40
    assert len(server.hits) == hits  # unpacked again, not downloaded again


def test_a_folder_of_other_photos_is_not_touched(server, workplace):
    (workplace / "mine").mkdir()
    (workplace / "mine/me.jpg").write_bytes(jpeg(1))
    with pytest.raises(PhotoError, match="other photos"):
        datasets.from_link(server.url + "/album.zip", "mine")
    with pytest.raises(PhotoError, match="other photos"):
        datasets.public("flowers", "mine")
    assert names(workplace / "mine") == ["me.jpg"] and server.hits == []


DRIVE = [
    (ID, "download"),
    (f"https://drive.google.com/file/d/{ID}/view?usp=sharing", "download"),
    (f"https://drive.google.com/open?id={ID}", "download"),
    (f"https://drive.google.com/uc?export=download&id={ID}", "download"),
    (f"https://drive.google.com/drive/folders/{ID}?usp=sharing", "download_folder"),
    (f"https://drive.google.com/drive/u/0/folders/{ID}", "download_folder"),
]


@pytest.mark.parametrize(("link", "way"), DRIVE)
def test_each_kind_of_drive_link_reaches_gdown(monkeypatch, workplace, link, way):
    asked = []

    def download(id, output, resume):
        asked.append((id, resume))
        (workplace / output).write_bytes(ALBUM)
        return output

    def download_folder(id, output, resume):
        asked.append((id, resume))
        (workplace / output).mkdir()
        (workplace / output / "1.jpg").write_bytes(jpeg(1))
        return [output + "/1.jpg"]

    monkeypatch.setattr(gdown, way, {"download": download, "download_folder": download_folder}[way])
    folder = datasets.from_link(link)
    assert asked == [(ID, True)] and len(colorlib.find_photos(folder)) == (40 if way == "download" else 1)
    assert datasets.from_link(link) == folder and len(asked) == 1


@pytest.mark.parametrize(("link", "way"), [DRIVE[1], DRIVE[4]])
@pytest.mark.parametrize("raises", [True, False])
def test_an_exceeded_drive_quota_names_a_way_out(monkeypatch, workplace, link, way, raises):
    def exceeded(**_):
        if raises:
            raise FileURLRetrievalError("Too many users have viewed or downloaded this file recently.")

    monkeypatch.setattr(gdown, way, exceeded)
    with pytest.raises(PhotoError, match="too many.*browser.*from_drive"):
        datasets.from_link(link)
    assert not (workplace / "data" / ID).exists()


@pytest.mark.parametrize("link", ["", "photos.zip", "ftp://x.org/a.zip", "https://drive.google.com/drive/my-drive", 3])
def test_what_is_no_link_is_refused(link):
    with pytest.raises(ValueError, match="wanted a Google Drive link"):
        datasets.from_link(link)


def test_a_hash_of_a_drive_folder_is_refused():
    with pytest.raises(ValueError, match="sha256"):
        datasets.from_link(DRIVE[4][0], sha256="0" * 64)


@pytest.fixture
def colab(monkeypatch, workplace):
    """google.colab with a Drive that holds photos/1.jpg; `colab.refuses` makes it raise when mounted."""
    drive = types.ModuleType("google.colab.drive")
    drive.refuses = False

    def mount(path):
        if drive.refuses:
            raise ValueError("mount failed")
        photos = workplace / path / "MyDrive/photos"
        photos.mkdir(parents=True)
        (photos / "1.jpg").write_bytes(jpeg(1))

    drive.mount = mount
    package = types.ModuleType("google.colab")
    package.drive = drive
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab.drive", drive)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_20261120")
    return drive


def test_drive_is_mounted_in_colab(colab, workplace):
    assert [p.name for p in colorlib.find_photos(datasets.from_drive("photos", workplace / "drive"))] == ["1.jpg"]


def test_drive_without_the_folder_or_without_consent(colab, workplace):
    with pytest.raises(PhotoError, match="no folder faces in My Drive"):
        datasets.from_drive("faces", workplace / "drive")
    colab.refuses = True
    with pytest.raises(PhotoError, match="mount failed.*find_photos.*from_link"):
        datasets.from_drive("photos", workplace / "drive")


def test_drive_outside_colab_names_the_other_ways():
    with pytest.raises(PhotoError, match="Colab only.*find_photos.*from_link"):
        datasets.from_drive("photos")


def tarred(files):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def test_flowers_come_through_keras_and_stay_whole(server, workplace, monkeypatch, capsys):
    import keras

    body = tarred({f"flower_photos/roses/{i}.jpg": jpeg(i) for i in range(3)} | {"flower_photos/LICENSE.txt": b"CC"})
    server.files["/flower_photos.tgz"], get_file = body, keras.utils.get_file

    def local(**options):
        there = {"origin": server.url + "/flower_photos.tgz", "file_hash": hashlib.sha256(body).hexdigest()}
        return get_file(**options | there)

    monkeypatch.setattr(keras.utils, "get_file", local)
    server.cuts = [len(body) // 2]
    with pytest.raises(PhotoError, match="flowers could not be fetched"):
        datasets.public("flowers")
    assert not (workplace / "data/flower-photos").exists()
    folder = datasets.public("flowers")
    assert photo_bytes(folder) == sorted(jpeg(i) for i in range(3)) and list(folder.rglob("LICENSE.txt"))
    assert names(workplace / "data") == ["flower-photos"]
    assert re.search("229 MB; license: CC BY", capsys.readouterr().out)
    hits = len(server.hits)
    assert datasets.public("flowers") == folder and len(server.hits) == hits


def test_faces_come_through_scikit_learn_as_its_jpegs(server, workplace, monkeypatch):
    from sklearn.datasets import _lfw

    same = jpeg(1, (250, 250), 50)
    people = {f"lfw/George_W_Bush/George_W_Bush_{i:04}.jpg": same for i in range(1, 531)}
    body = tarred(people | {"lfw/Ann_Lee/Ann_Lee_0001.jpg": jpeg(2, (250, 250))})

    def local(remote, data):
        server.files["/" + remote.filename] = data
        return remote._replace(url=f"{server.url}/{remote.filename}", checksum=hashlib.sha256(data).hexdigest())

    monkeypatch.setattr(_lfw, "ARCHIVE", local(_lfw.ARCHIVE, body))
    monkeypatch.setattr(_lfw, "TARGETS", [local(target, b"pairs") for target in _lfw.TARGETS])
    half = workplace / "data/.lfw.part/lfw_home/lfw/Half_There"
    half.mkdir(parents=True)
    folder = datasets.public("faces")
    assert len(colorlib.find_photos(folder)) == 531 and not (folder / "Half_There").exists()
    training, held_out = datasets.split(colorlib.find_photos(folder), 0.5)
    assert sorted([len(training), len(held_out)]) == [1, 530]


def test_landscapes_come_through_kagglehub_without_the_streets(workplace, monkeypatch):
    kagglehub = types.ModuleType("kagglehub")

    def dataset_download(handle):
        assert handle == "puneet6060/intel-image-classification"
        for i, kind in enumerate(["sea", "forest", "street", "glacier", "mountain", "buildings"]):
            for half in ("train", "test"):
                place = workplace / f"cache/seg_{half}/seg_{half}" / kind
                place.mkdir(parents=True)
                (place / f"{i}.jpg").write_bytes(jpeg(i))
        return str(workplace / "cache")

    kagglehub.dataset_download = dataset_download
    monkeypatch.setitem(sys.modules, "kagglehub", kagglehub)
    found = colorlib.find_photos(datasets.public("landscapes", workplace / "there"))
    assert {path.parent.name for path in found} == {"sea", "forest", "glacier", "mountain"} and len(found) == 8


def test_without_network_or_library_a_public_set_names_the_other_ways(workplace, monkeypatch):
    from sklearn.datasets import _lfw

    nowhere = [target._replace(url="http://127.0.0.1:9/x") for target in _lfw.TARGETS]
    monkeypatch.setattr(_lfw, "TARGETS", nowhere)
    monkeypatch.setattr("sklearn.datasets._base.time.sleep", lambda seconds: None)
    with pytest.warns(UserWarning), pytest.raises(PhotoError, match="offline.*sample_photos.*find_photos") as caught:
        datasets.public("faces")
    assert "\n" not in str(caught.value)
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(PhotoError, match="pip install kagglehub"):
        datasets.public("landscapes")
    with pytest.raises(ValueError, match="landscapes, faces, flowers"):
        datasets.public("cats")


def test_a_split_is_stable_and_adding_photos_moves_no_other():
    photos = [f"a/{i}.jpg" for i in range(1000)]
    training, held_out = datasets.split(photos)
    assert sorted(training + held_out) == sorted(photos) and 60 < len(held_out) < 140
    assert held_out[:4] == ["a/38.jpg", "a/44.jpg", "a/61.jpg", "a/68.jpg"]  # the same on every machine
    more, more_held = datasets.split([f"b/{i}.png" for i in range(1000, 1500)] + photos[::-1])
    assert set(training) <= set(more) and set(held_out) <= set(more_held)
    moved, _ = datasets.split([path.replace("a/", "/elsewhere/") for path in photos])
    assert [path.replace("/elsewhere/", "a/") for path in moved] == training
    assert datasets.split(photos, seed=1)[1] != held_out
    assert set(held_out) < set(datasets.split(photos, 0.3)[1])


def test_no_person_is_on_both_sides():
    lfw = [f"lfw/Person_{i}/Person_{i}_{k:04}.jpg" for i in range(100) for k in range(1, 6)]
    for photos, group in ((lfw, None), ([path.split("/")[-1] for path in lfw], datasets.person)):
        training, held_out = datasets.split(photos, 0.2, group=group)
        sides = [{datasets.person(path) for path in side} for side in (training, held_out)]
        assert not sides[0] & sides[1] and len(sides[0] | sides[1]) == 100
        assert 5 < len(sides[1]) < 35 and len(held_out) == 5 * len(sides[1])


def test_a_camera_s_numbers_are_no_person():
    training, held_out = datasets.split([f"holiday/IMG_{i:04}.jpg" for i in range(200)])
    assert 5 < len(held_out) < 40 and len(training) + len(held_out) == 200


def test_few_photos_leave_no_side_empty():
    for n in range(2, 12):
        for share in (0.01, 0.99):
            assert all(datasets.split([str(i) for i in range(n)], share))


def test_what_cannot_be_split_is_refused():
    for share in (0, 1, 1.5, -0.1):
        with pytest.raises(ValueError, match="share"):
            datasets.split(["a", "b"], share)
    for photos in ([], ["a.jpg"], ["A_0001.jpg", "A_0002.jpg"]):
        with pytest.raises(ValueError, match="two groups"):
            datasets.split(photos, group=datasets.person)


def test_sides_are_the_folder_s_own_or_a_split(workplace):
    for place in ("album/train", "album/val", "single"):
        (workplace / place).mkdir(parents=True)
    with pytest.raises(PhotoError, match="wanted 2 or more"):
        datasets.sides("single")
    for i in range(20):
        (workplace / ("album/val" if i % 2 else "album/train") / f"{i}.jpg").write_bytes(jpeg(i))
    training, held_out = datasets.sides("album")
    assert len(training) == 10 and {path.parent.name for path in held_out} == {"val"}
    (workplace / "album/val").rename(workplace / "album/more")
    training, held_out = datasets.sides("album", 0.5)
    assert (training, held_out) == datasets.split(colorlib.find_photos("album"), 0.5)


@pytest.fixture(scope="module")
def samples():
    """colorlib's own sample photos that are in color, at most 512 pixels wide."""
    photos = {name: Image.fromarray(photo) for name, photo in colorlib.sample_photos().items()}
    for photo in photos.values():
        photo.thumbnail((512, 512))
    return photos


def saved(photos, folder, **options):
    folder.mkdir()
    for name, photo in photos.items():
        photo.save(folder / f"{name}.jpg", quality=90, **options)
    return colorlib.find_photos(folder)


def toned(photo, white):
    """A black-and-white photo on tinted paper, of the given white."""
    gray = np.asarray(photo.convert("L"))[..., None] / 255
    return Image.fromarray((255 * gray ** np.array([0.9, 1.0, 1.2]) * np.array(white)).astype(np.uint8))


def test_clean_keeps_every_sample_in_color_and_no_gray_one(samples, workplace, capsys):
    paths = saved(samples, workplace / "samples")
    kept, left_out = datasets.clean(paths)
    gray = [path for path in paths if path.stem in ("camera", "hubble")]
    assert left_out["near-gray"] == gray and kept == [path for path in paths if path not in gray]
    assert "7 of 9 photos kept" in capsys.readouterr().out


def test_clean_tells_why_and_counts(samples, workplace, capsys):
    kept = saved({name: samples[name] for name in ("astronaut", "coffee", "flower", "chelsea")}, workplace / "a")
    (workplace / "b").mkdir()
    why = {
        "broken": {"cut.jpg": kept[0].read_bytes()[:3000], "text.jpg": b"hello", "empty.png": b""},
        "tiny": {"icon.jpg": jpeg(1, (200, 40))},
    }
    for files in why.values():
        for name, data in files.items():
            (workplace / "b" / name).write_bytes(data)
    faded = Image.blend(samples["china"], samples["china"].convert("L").convert("RGB"), 0.9)
    saved({"camera": samples["camera"], "faded": faded}, workplace / "gray")
    sepia = {f"sepia-{name}": toned(photo, (1, 0.87, 0.7)) for name, photo in samples.items() if name != "hubble"}
    saved(sepia | {"blue": toned(samples["camera"], (0.6, 0.8, 1))}, workplace / "toned")
    copies = {"small": samples["coffee"].resize((160, 110)), "darker": samples["flower"].point(lambda v: v * 0.97)}
    saved(copies | {"same": samples["chelsea"]}, workplace / "twice")
    paths = kept + [p for name in ("b", "gray", "toned", "twice") for p in colorlib.find_photos(workplace / name)]
    stayed, left_out = datasets.clean(paths)
    assert stayed == kept
    found = {why: sorted(path.name for path in pile) for why, pile in left_out.items()}
    assert found["broken"] == ["cut.jpg", "empty.png", "text.jpg"] and found["tiny"] == ["icon.jpg"]
    assert found["near-gray"] == ["camera.jpg", "faded.jpg"]
    assert found["duplicate"] == ["darker.jpg", "same.jpg", "small.jpg"]
    assert len(found["toned"]) == len(samples)
    assert "left out: 3 broken, 1 tiny, 2 near-gray, 9 toned, 3 duplicate" in capsys.readouterr().out


def test_clean_bounds_can_be_moved(workplace):
    (workplace / "photos").mkdir()
    for i in range(3):
        (workplace / f"photos/{i}.jpg").write_bytes(jpeg(i))
    paths = colorlib.find_photos(workplace / "photos")
    assert datasets.clean(paths)[0] == paths
    assert datasets.clean(paths, min_side=97)[1]["tiny"] == paths
    assert datasets.clean(paths, min_chroma=150)[1]["near-gray"] == paths


def test_clean_leaves_out_what_is_held_out(samples, workplace):
    paths = saved(samples, workplace / "held out")
    smaller = saved({name: photo.reduce(2) for name, photo in samples.items()}, workplace / "smaller")
    kept, _ = datasets.clean(smaller)
    assert len(kept) > 4
    assert datasets.clean(kept, held_out=paths)[1]["duplicate"] == kept


def test_clean_of_nothing_is_nothing():
    assert datasets.clean([]) == ([], {"broken": [], "tiny": [], "near-gray": [], "toned": [], "duplicate": []})


def test_a_zip_of_the_same_name_from_elsewhere_is_not_mistaken(server, workplace, monkeypatch):
    """The first is fetched and, for want of room, not unpacked; it is not thrown away either."""
    server.files["/other/album.zip"] = zipped({"one.jpg": jpeg(99)})
    usage = shutil.disk_usage(workplace)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda place: usage._replace(free=10))
        with pytest.raises(PhotoError, match="are free"):
            datasets.from_link(server.url + "/other/album.zip")
    assert photo_bytes(datasets.from_link(server.url + "/album.zip", "album")) == sorted(PHOTOS.values())
    hits = len(server.hits)
    assert photo_bytes(datasets.from_link(server.url + "/other/album.zip")) == [jpeg(99)]
    assert len(server.hits) == hits


def test_an_empty_folder_is_as_good_as_none(server, workplace):
    (workplace / "mine").mkdir()
    assert len(colorlib.find_photos(datasets.from_link(server.url + "/album.zip", workplace / "mine"))) == 40


def album_of(folder, photos):
    """A folder of photos: name -> bytes."""
    for name, data in photos.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def gray(seed):
    file = io.BytesIO()
    Image.open(io.BytesIO(jpeg(seed))).convert("L").save(file, "JPEG")
    return file.getvalue()


def names_of(photos):
    return [photo.name for photo in photos]


@pytest.mark.parametrize(
    ("training", "held"), [("train", "val"), ("Train", "Validation"), ("training", "valid"), ("train", "test")]
)
def test_a_folder_that_names_its_sides(tmp_path, training, held):
    album = album_of(
        tmp_path / "a", {f"{training}/deep/{i}.jpg": jpeg(i) for i in range(3)} | {f"{held}/9.jpg": jpeg(9)}
    )
    learned, held_out = datasets.sides(album)
    assert names_of(learned) == ["0.jpg", "1.jpg", "2.jpg"] and names_of(held_out) == ["9.jpg"]


def test_held_out_photos_beside_others_are_not_learned_from(tmp_path):
    album = album_of(tmp_path / "a", {f"{i}.jpg": jpeg(i) for i in range(3)} | {"validation/9.jpg": jpeg(9)})
    learned, held_out = datasets.sides(album)
    assert names_of(learned) == ["0.jpg", "1.jpg", "2.jpg"] and names_of(held_out) == ["9.jpg"]
    (album / "test").mkdir()
    assert datasets.sides(album)[1] == held_out
    assert datasets.own_sides(album_of(tmp_path / "b", {"test/1.jpg": jpeg(1), "2.jpg": jpeg(2)})) is None


@pytest.mark.parametrize("empty", ["train", "val"])
def test_an_empty_side_is_named(tmp_path, empty):
    album = album_of(tmp_path / "a", {f"{side}/{i}.jpg": jpeg(i) for side in ("train", "val") for i in range(2)})
    for photo in (album / empty).iterdir():
        photo.unlink()
    with pytest.raises(
        PhotoError, match=f"There are no photos in the folder {album / empty}; wanted some, or no folder"
    ):
        datasets.sides(album)


def test_photos_are_cleaned_before_they_are_split(tmp_path, capsys):
    """Held-out photos too: the gray ones, which every gray network predicts best, measure nothing."""
    photos = {f"{i}.jpg": jpeg(i) for i in range(40)} | {f"gray{i}.jpg": gray(50 + i) for i in range(30)}
    photos |= {"copy.jpg": jpeg(3), "small.jpg": jpeg(60, (20, 20)), "broken.jpg": b"no photo"}
    learned, held_out = datasets.clean_sides([album_of(tmp_path / "a", photos)])
    names = names_of(learned) + names_of(held_out)
    assert len(names) == len(set(names)) == 40 and not any(name.startswith("gray") for name in names)
    assert ("3.jpg" in names) != ("copy.jpg" in names) and held_out
    assert "1 broken, 1 tiny, 30 near-gray, 0 toned, 1 duplicate" in capsys.readouterr().out


def test_a_val_folder_is_cleaned_and_its_copies_are_not_learned_from(tmp_path):
    photos = {f"train/{i}.jpg": jpeg(i) for i in range(5)} | {"val/copy.jpg": jpeg(2), "val/gray.jpg": gray(7)}
    learned, held_out = datasets.clean_sides([album_of(tmp_path / "a", photos)])
    assert names_of(learned) == ["0.jpg", "1.jpg", "3.jpg", "4.jpg"] and names_of(held_out) == ["copy.jpg"]


def test_clean_photos_are_split_as_ever(tmp_path):
    """A run begun before photos were cleaned first resumes with the same ones."""
    album = album_of(tmp_path / "a", {f"{i}.jpg": jpeg(i) for i in range(12)})
    assert datasets.clean_sides([album]) == [*datasets.sides(album)]


@pytest.mark.parametrize(
    ("photos", "words"),
    [
        ({f"{i}.jpg": jpeg(i, (30, 30)) for i in range(3)}, "0 photos are left .*left out: 3 tiny, such as .*jpg"),
        (
            {f"{i}.jpg": jpeg(1) for i in range(3)},
            "1 photos are left to learn from and 0 to hold out.* 2 duplicate, such",
        ),
        ({"train/1.jpg": jpeg(1), "val/2.jpg": gray(2)}, "1 photos .* and 0 to hold out, of 2 .* 1 near-gray, such as"),
    ],
)
def test_when_nothing_is_left_it_says_why(tmp_path, photos, words):
    with pytest.raises(PhotoError, match=words):
        datasets.clean_sides([album_of(tmp_path / "a", photos)])
