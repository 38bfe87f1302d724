import contextlib
import json
import multiprocessing
import os
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import colorlib.learning.batches
from colorlib import PhotoError, lab_to_rgb, load_photo, rgb_to_lab, sample_photos, save_photo
from colorlib.learning.batches import Batches

SIZE = 32
SIDE = 37  # of the squares kept: 1.15 x 32, rounded up
NAMES = [f"{i:02}.png" for i in range(11)]


def flat(number):
    """A photo of one color, different for every number."""
    return np.full((40, 50, 3), [20 * number, 255 - 20 * number, 100], np.uint8)


@pytest.fixture
def folder(tmp_path):
    for i, name in enumerate(NAMES):
        save_photo(flat(i), tmp_path / "photos" / name)
    return tmp_path / "photos"


@pytest.fixture
def decoded(monkeypatch):
    """The names of the photos that were decoded, in no order."""
    names = []

    def noted(path, **options):
        names.append(path.name)
        return load_photo(path, **options)

    monkeypatch.setattr(colorlib.learning.cache, "load_photo", noted)
    return names


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COLORLIB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def texture(side=300):
    return sample_photos()["coffee"][:side, 100 : 100 + side]


def epoch(batches):
    """All L and ab of an epoch."""
    return [np.concatenate(arrays) for arrays in zip(*(batches[i] for i in range(len(batches))))]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other))


@pytest.mark.parametrize("augment", [True, False, ("crop", "flip")])
def test_shapes_and_units(augment):
    batches = Batches(sample_photos(), 64, 4, augment)
    L, ab = batches[0]
    assert L.shape == (4, 64, 64, 1) and ab.shape == (4, 64, 64, 2)
    assert L.dtype == ab.dtype == np.float32 and L.flags.c_contiguous and ab.flags.c_contiguous
    L, ab = epoch(batches)
    assert 0 <= L.min() < 5 and 95 < L.max() <= 100.001
    assert 20 < abs(ab).max() < 110


def test_without_augmentation_the_middle_of_the_stored_photo():
    batches = Batches([texture()], 128, augment=False)
    assert batches.photos.shape == (1, 148, 148, 3) and batches.photos.dtype == np.uint8
    L, ab = batches[0]
    np.testing.assert_array_equal(np.concatenate([L, ab], axis=-1)[0], rgb_to_lab(batches.photos[0, 10:138, 10:138]))


def test_the_stored_photo_is_the_middle_square_at_1_15_sizes():
    wide = np.full((200, 500, 3), [255, 0, 0], np.uint8)
    wide[:, 150:350] = np.asarray(Image.fromarray(texture()).resize((200, 200)))
    expected = Image.fromarray(wide[:, 150:350]).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(Batches({"wide": wide}, SIZE).photos[0], expected)


def test_every_photo_once_an_epoch_the_last_batch_short(folder, cache):
    batches = Batches(folder, SIZE, 4, augment=False)
    assert [len(batches[i][0]) for i in range(len(batches))] == [4, 4, 3]
    expected = rgb_to_lab(np.stack([flat(i)[0, 0] for i in range(11)]))
    orders = []
    for _ in range(3):
        colors = np.concatenate(epoch(batches), axis=-1)[:, 5, 5]
        orders.append([int(abs(expected - color).sum(axis=1).argmin()) for color in colors])
        assert sorted(orders[-1]) == list(range(11))
        np.testing.assert_allclose(colors, expected[orders[-1]], atol=1e-3)
        batches.epoch += 1
    assert orders[0] != orders[1] != orders[2]


def test_the_same_seed_epoch_and_index_give_the_same_batch(folder, cache):
    one, other = Batches(folder, SIZE, 4), Batches(folder, SIZE, 4)
    third = one[2]
    assert same(third, one[2]) and same(third, other[2])
    assert not same(Batches(folder, SIZE, 4, seed=1)[2], third)
    one.epoch = 1
    assert not same(one[2], third)
    one.epoch = 0
    assert same(one[2], third)


def test_one_photo_is_seen_in_another_way_each_epoch():
    batches = Batches([texture()], SIZE)
    first = batches[0]
    batches.epoch = 1
    assert not same(first, batches[0])


first_look = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="on JAX the first look at so few batches counts as an epoch"
)


@pytest.fixture
def fit():
    """Fits a tiny network to batches; gives the mean ab of each batch it saw, in order."""

    def fit(batches, epochs, **options):
        seen = []

        def loss(y_true, y_pred):
            with contextlib.suppress(TypeError):  # JAX asks once without values, to learn the shapes
                seen.append(float(keras.ops.mean(y_true)))
            return keras.ops.mean(0 * y_pred)

        L = keras.Input((None, None, 1))
        model = keras.Model(L, keras.layers.Conv2D(2, 1)(L))
        model.compile("sgd", loss, run_eagerly=True)
        model.fit(batches, epochs=epochs, shuffle=False, verbose=0, **options)
        return seen

    return fit


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("batch_size", [4, 6, 11])  # 3, 2 and 1 batches
@first_look
def test_fit_sees_the_batches_in_their_order_after_a_resume_too(folder, cache, fit, batch_size, workers):
    batches = Batches(folder, SIZE, batch_size)
    expected = []
    for batches.epoch in range(4):
        expected += [batches[i][1].mean() for i in range(len(batches))]
    batches.epoch, batches.workers = 0, workers
    seen = fit(batches, 2)
    assert batches.epoch == 2
    resumed = Batches(folder, SIZE, batch_size)
    resumed.epoch = 2
    seen += fit(resumed, 4, initial_epoch=2)
    np.testing.assert_allclose(seen, expected, rtol=1e-4)


@first_look
def test_validation_between_epochs_disturbs_nothing(folder, cache, fit):
    batches, validation = Batches(folder, SIZE, 4), Batches(folder, SIZE, 4, augment=False)
    alone = fit(batches, 2)
    batches.epoch = 0
    both = fit(batches, 2, validation_data=validation)
    assert both[:3] == alone[:3] and both[6:9] == alone[3:] and len(both) == 12


def coordinates(augment, epochs=40):
    """What comes of a photo whose red is x, green y, and blue 50, at size 128: `(epochs, 128, 128, 3) uint8`."""
    y, x = np.mgrid[:148, :148]
    photo = np.stack([x, y, np.full_like(x, 50)], axis=-1).astype(np.uint8)
    batches = Batches([photo] * epochs, 128, epochs, augment)
    np.testing.assert_array_equal(batches.photos[0], photo)  # it has the size of a stored square
    return lab_to_rgb(np.concatenate(batches[0], axis=-1))


def affine(photos):
    """For each photo x and y in the stored photo as affine functions of x, y: `(N, 2, 3)`; how far off, at most."""
    y, x = np.mgrid[:128, :128]
    places = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    seen = photos[..., :2].reshape(len(photos), -1, 2).astype(float)
    found = np.stack([np.linalg.lstsq(places, one, rcond=None)[0].T for one in seen])
    return found, abs(places @ found.swapaxes(1, 2) - seen).max()


def test_crop_and_flip_move_whole_pixels():
    photos = coordinates(("crop", "flip"))
    found, off = affine(photos)
    assert off < 0.5 and abs(photos[..., 2].astype(int) - 50).max() <= 1
    np.testing.assert_allclose(abs(found[..., :2]), [np.eye(2)] * len(found), atol=1e-3)
    assert (found[:, 1, 1] > 0).all()  # never upside down
    flipped = found[:, 0, 0] < 0
    assert 8 < flipped.sum() < 32
    left, top = np.where(flipped, found[:, 0, 2] - 127, found[:, 0, 2]), found[:, 1, 2]
    assert left.min() < 3 and left.max() > 17 and top.min() < 3 and top.max() > 17  # of 0..20


@pytest.mark.parametrize("augment", [("shear", "zoom"), True])
def test_shear_and_zoom_are_the_ones_promised(augment):
    photos = coordinates(augment)
    found, off = affine(photos)
    assert off < 2 and abs(photos[..., 2].astype(int) - 50).max() <= 1
    (wide, slope, _), (tilt, tall, _) = found.transpose(1, 2, 0)
    for scale in (abs(wide), tall):
        assert 0.79 < scale.min() < 0.85 and 1.1 < scale.max() < 1.16
    slope = slope / tall
    assert abs(tilt).max() < 1e-3 and -0.21 < slope.min() < -0.1 and 0.1 < slope.max() < 0.21
    assert (wide > 0).all() == ("flip" not in augment if augment is not True else False)
    middle = photos[:, 63:65, 63:65, :2].mean((1, 2, 3))
    assert (abs(middle - 73.5) < 1).all() == (augment is not True)  # without crop it looks at the middle


@pytest.mark.parametrize("augment", [("shear",), ("zoom",), ("crop", "shear"), ("crop", "zoom"), True])
@pytest.mark.parametrize("size", [8, 32, 65])
def test_no_border_is_made_up(augment, size):
    batches = Batches([np.full((90, 70, 3), 255, np.uint8)] * 100, size, 100, augment)
    for batches.epoch in range(3):
        L, ab = batches[0]
        assert L.min() > 99.99 and abs(ab).max() < 0.01


def test_augmentation_keeps_the_colors():
    plain, augmented = (epoch(Batches([texture()] * 64, 64, 32, augment)) for augment in (False, True))
    for before, after in zip(plain, augmented):
        assert abs(before.mean() - after.mean()) < 1 and abs(before.std() - after.std()) < 1.5


def test_the_cache_is_used_again_with_other_batches_too(folder, cache, decoded):
    first = Batches(folder, SIZE)
    assert sorted(decoded) == NAMES
    second = Batches(str(folder), SIZE, 5, augment=False, seed=3)
    assert sorted(decoded) == NAMES and second.photos.shape == (11, SIDE, SIDE, 3)
    np.testing.assert_array_equal(first.photos, second.photos)
    assert Batches(folder, 2 * SIZE).photos.shape == (11, 74, 74, 3) and len(decoded) == 22


def test_the_cache_follows_the_folder(folder, cache, decoded):
    Batches(folder, SIZE)
    save_photo(flat(12), folder / "12.png")  # added
    assert len(Batches(folder, SIZE).photos) == 12 and len(decoded) == 11 + 12
    (folder / "00.png").unlink()  # removed
    assert len(Batches(folder, SIZE).photos) == 11 and len(decoded) == 11 + 12 + 11
    save_photo(flat(3), folder / "07.png")  # changed
    photos = Batches(folder, SIZE).photos
    np.testing.assert_array_equal(photos[6], photos[2])
    assert len(decoded) == 11 + 12 + 11 + 11


def test_a_list_of_paths_keeps_its_order(folder, cache):
    paths = [folder / name for name in reversed(NAMES[:4])]
    np.testing.assert_array_equal(Batches(paths, SIZE).photos[:, 0, 0], [flat(i)[0, 0] for i in (3, 2, 1, 0)])


def test_unused_caches_are_removed_and_nothing_else(folder, cache):
    Batches(folder, SIZE)
    (old,) = cache.iterdir()
    (cache / "mine").mkdir()
    month = time.time() - 31 * 24 * 3600
    for place in (old, cache / "mine"):
        os.utime(place, (month, month))
    Batches(folder, SIZE)
    assert old.exists()  # used just now
    killed = [cache / f"{old.name}.0a1b2c3d.part", cache / f".{old.name}.0a1b2c3d.part"]  # as version 0.1, and now
    for place in (*killed, cache / ".colorlib-batches-new.0a1b2c3d.part"):
        place.mkdir()
    for place in (old, *killed):
        os.utime(place, (month, month))
    Batches([folder / NAMES[0]], SIZE)
    assert not old.exists() and (cache / "mine").exists() and not any(place.exists() for place in killed)
    assert (cache / ".colorlib-batches-new.0a1b2c3d.part").exists()  # somebody may be making it


def test_broken_photos_are_named_and_left_out(folder, cache, decoded, capsys):
    whole = (folder / "04.png").read_bytes()
    (folder / "04.png").write_bytes(whole[: len(whole) // 2])
    (folder / "05.png").write_bytes(b"")
    paths = [*sorted(folder.iterdir()), folder / "gone.png"]
    for _ in range(2):  # the second time from the cache
        batches = Batches(paths, SIZE, 4)
        assert len(batches.photos) == 9 and len(decoded) == 12
        assert [Path(path).name for path in batches.broken] == ["04.png", "05.png", "gone.png"]
        assert batches.broken[str(folder / "05.png")] == "05.png is empty (0 bytes)."
        assert "3 of 12 photos cannot be read" in capsys.readouterr().out
    assert len(epoch(batches)[0]) == 9


def test_a_process_killed_while_writing_leaves_no_cache(folder, cache, monkeypatch, decoded):
    def slow(path, **options):
        time.sleep(0.05 if path.name < "08" else 60)
        return load_photo(path, **options)

    with monkeypatch.context() as patched:
        patched.setattr(colorlib.learning.cache, "load_photo", slow)
        process = multiprocessing.get_context("fork").Process(target=Batches, args=(folder, 256))
        process.start()
        while not any(file.stat().st_size > 200_000 for file in cache.glob(".*.part/squares")):
            assert process.is_alive()
            time.sleep(0.01)
        process.kill()
        process.join()
    assert [place.suffix for place in cache.iterdir()] == [".part"]
    assert len(Batches(folder, 256).photos) == len(decoded) == 11


def test_nothing_is_written_beside_the_photos(folder, cache):
    folder.chmod(0o555)
    before = {path.name: path.stat().st_mtime_ns for path in [folder, *folder.iterdir()]}
    Batches(folder, SIZE)
    assert before == {path.name: path.stat().st_mtime_ns for path in [folder, *folder.iterdir()]}
    (place,) = cache.iterdir()
    assert sorted(path.name for path in place.iterdir()) == ["cache.json", "squares"]
    assert json.loads((place / "cache.json").read_text())["broken"] == {}


def test_a_cache_that_cannot_be_written_gets_one_sentence(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(PhotoError, match=r"^The cache .*file cannot be written \(.*\); name another folder as cache"):
        Batches(folder, SIZE, cache=tmp_path / "file")
    full = tmp_path / "full"
    with Path("/dev/full").open("wb") as no_space, pytest.raises(PhotoError, match="No space left on device"):
        monkeypatch.setattr(colorlib.learning.cache, "open", lambda *_: no_space, raising=False)
        Batches(folder, SIZE, cache=full)
    assert list(full.iterdir()) == []


def test_no_photos_gets_one_sentence(tmp_path):
    with pytest.raises(PhotoError, match=f"^There are no photos in the folder {tmp_path}.$"):
        Batches(tmp_path)
    with pytest.raises(PhotoError, match="^There is no folder "):
        Batches(tmp_path / "gone")
    (tmp_path / "one.png").write_bytes(b"no photo")
    with pytest.raises(PhotoError, match="^None of the 1 photos can be read; the first: one.png is not a photo"):
        Batches(tmp_path, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("augment", ["rotate", ("crop", "colour"), None, 1, [["crop"]]])
def test_unknown_augmentation(augment):
    with pytest.raises(ValueError, match="^augment is .*; wanted True, False or names out of crop, flip, shear, "):
        Batches([texture()], augment=augment)


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"size": 12.5}, {"batch_size": 0}, {"seed": -1}, {"seed": None}, {"size": "128"}]
)
def test_a_number_out_of_place(options):
    with pytest.raises(ValueError, match=f"^{next(iter(options))} is .*; wanted a whole number, at least "):
        Batches([texture()], **options)


@pytest.mark.parametrize(
    "photos", [[], {}, 5, [texture().astype(float)], [texture()[..., 0]], [texture(), "a.png"], [texture()[:0]]]
)
def test_other_than_photos(photos):
    with pytest.raises(ValueError, match="wanted"):
        Batches(photos)


def test_an_index_out_of_range_ends_iteration():
    batches = Batches([texture()] * 5, SIZE, 2)
    assert len(list(batches)) == 3
    for index in (-1, 3):
        with pytest.raises(IndexError, match="there are batches 0..2"):
            batches[index]


def test_a_cache_half_removed_is_made_again(folder, cache, decoded):
    photos = Batches(folder, SIZE).photos
    (place,) = cache.iterdir()
    (place / "cache.json").unlink()
    times = len(decoded)
    np.testing.assert_array_equal(Batches(folder, SIZE).photos, photos)
    assert len(decoded) == 2 * times and (place / "cache.json").exists()


@pytest.mark.parametrize("damage", ["cut", "zeroed", "empty", "one bit", "missing", "marker"])
def test_a_damaged_cache_is_made_again(folder, cache, decoded, capsys, damage):
    photos = np.array(Batches(folder, SIZE).photos)
    (place,) = cache.iterdir()
    squares, times = place / "squares", len(decoded)
    whole = squares.read_bytes()
    damaged = {
        "cut": whole[: len(whole) // 2],
        "zeroed": bytes(len(whole)),
        "empty": b"",
        "one bit": bytes([whole[0] ^ 1]) + whole[1:],
    }
    if damage in damaged:
        squares.write_bytes(damaged[damage])
    elif damage == "missing":
        squares.unlink()
    else:
        (place / "cache.json").write_bytes(b"\0" * 20)
    np.testing.assert_array_equal(Batches(folder, SIZE).photos, photos)
    assert len(decoded) == 2 * times and "is damaged; it is made again" in capsys.readouterr().out
    np.testing.assert_array_equal(Batches(folder, SIZE).photos, photos)
    assert len(decoded) == 2 * times and capsys.readouterr().out == ""
