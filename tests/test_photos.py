import io
import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms

import colorlib
from colorlib import PhotoError, find_photos, load_photo, save_photo


@pytest.fixture
def photo(rng):
    """A smooth photo `(40, 60, 3)`, so that lossy formats bring it back."""
    y, x = np.mgrid[:40, :60]
    return np.stack([4 * x, 6 * y, 2 * (x + y)], axis=-1).astype(np.uint8)


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def near(photo, other, levels=6):
    assert photo.dtype == np.uint8 and photo.shape == other.shape
    assert np.abs(photo.astype(int) - other.astype(int)).mean() < levels


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000", "PPM"])
def test_formats(photo, kind):
    near(load_photo(encoded(Image.fromarray(photo), kind)), photo)


def test_sources(photo, tmp_path):
    path = save_photo(photo, tmp_path / "a.png")
    with open(path, "rb") as file:
        assert (load_photo(file) == photo).all()
    for source in (path, str(path), path.read_bytes(), memoryview(path.read_bytes()), Image.fromarray(photo)):
        assert (load_photo(source) == photo).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation(photo, orientation):
    turned = {
        2: np.fliplr, 3: lambda p: np.rot90(p, 2), 4: np.flipud, 5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, 1), 7: lambda p: np.rot90(p, 2).transpose(1, 0, 2), 8: lambda p: np.rot90(p, -1),
    }.get(orientation, lambda p: p)(photo)  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    near(load_photo(encoded(Image.fromarray(np.ascontiguousarray(turned)), "JPEG", exif=exif, quality=95)), photo)


def test_sixteen_bit_gray(photo):
    gray = photo[..., 0]
    for kind in ("PNG", "TIFF"):
        found = load_photo(encoded(Image.fromarray(gray.astype(np.uint16) * 257), kind))
        assert (found == gray[..., None]).all()


def test_thirty_two_bit_and_float_gray(photo):
    gray = photo[..., 0].astype(np.float32)
    for stored in (gray / 255, gray, gray * 257, (gray * 257).astype(np.int32)):
        found = load_photo(encoded(Image.fromarray(stored), "TIFF"))
        assert np.abs(found[..., 0].astype(int) - gray).max() <= 1
    broken = gray.copy()
    broken[0, 0] = np.nan
    assert load_photo(encoded(Image.fromarray(broken), "TIFF"))[0, 0, 0] == 0


def test_one_bit_and_gray(photo):
    bits = Image.fromarray(photo[..., 0] > 128)
    assert set(np.unique(load_photo(encoded(bits, "PNG")))) == {0, 255}
    gray = load_photo(encoded(Image.fromarray(photo[..., 0]), "PNG"))
    assert (gray == photo[..., :1]).all()


def test_palette_and_cmyk(photo):
    image = Image.fromarray(photo)
    near(load_photo(encoded(image.quantize(256), "PNG")), photo)
    near(load_photo(encoded(image.convert("CMYK"), "JPEG", quality=95)), photo)
    near(load_photo(encoded(image.convert("CMYK"), "TIFF")), photo)


def test_transparency_is_laid_on_white(photo):
    alpha = np.full((40, 60, 1), 255, np.uint8)
    alpha[:20] = 0
    rgba = np.concatenate([photo, alpha], axis=-1)
    for found in (
        load_photo(encoded(Image.fromarray(rgba), "PNG")),
        load_photo(encoded(Image.fromarray(rgba), "WEBP", lossless=True)),
    ):
        assert (found[:20] == 255).all() and (found[20:] == photo[20:]).all()
    gray_alpha = load_photo(encoded(Image.fromarray(rgba[..., [0, 3]]), "PNG"))
    assert (gray_alpha[:20] == 255).all() and (gray_alpha[20:] == photo[20:, :, :1]).all()
    palette = Image.fromarray(photo).quantize(8)
    clear = load_photo(encoded(palette, "PNG", transparency=palette.getpixel((0, 0))))
    assert (clear[0, 0] == 255).all()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame(photo, kind):
    frames = [Image.fromarray(photo), Image.fromarray(255 - photo)]
    near(load_photo(encoded(frames[0], kind, save_all=True, append_images=frames[1:])), photo)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_truncated(photo, kind):
    data = encoded(Image.fromarray(photo), kind)
    with pytest.raises(PhotoError, match="cut off or damaged|not a photo") as caught:
        load_photo(data[: len(data) // 2])
    assert "\n" not in str(caught.value)


def test_unreadable_sources(tmp_path):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a photo at all")
    for source, words in [
        (tmp_path / "empty.jpg", r"empty.jpg is empty \(0 bytes\)"),
        (tmp_path / "text.jpg", "text.jpg is not a photo"),
        (tmp_path / "none.jpg", "There is no file .*none.jpg"),
        (tmp_path, "is a folder"),
        (b"", "empty"),
        (io.StringIO("text"), "opened as text"),
        ("nul\0byte.jpg", "could not be opened"),
        (42, "A int was given; wanted a path"),
        (None, "A NoneType was given"),
    ]:
        with pytest.raises(PhotoError, match=words):
            load_photo(source)


def test_a_bomb_is_named_and_never_decoded():
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    started = time.perf_counter()
    with pytest.raises(PhotoError, match="20000 x 20000 pixels, 400 megapixels; the limit is 150"):
        load_photo(bomb)
    assert time.perf_counter() - started < 5


def test_the_limit_is_settable_and_pillows_own_stays_as_it_was(photo):
    before = Image.MAX_IMAGE_PIXELS
    data = encoded(Image.new("L", (10_000, 19_000)), "PNG")  # beyond what Pillow itself refuses
    assert load_photo(data, max_megapixels=200).shape == (19_000, 10_000, 3)
    with pytest.raises(PhotoError, match="limit is 0.001"):
        load_photo(encoded(Image.fromarray(photo), "PNG"), max_megapixels=0.001)
    assert before == Image.MAX_IMAGE_PIXELS


def test_save_by_ending(photo, tmp_path):
    assert (load_photo(save_photo(photo, tmp_path / "new" / "a.PNG")) == photo).all()
    near(load_photo(save_photo(photo, str(tmp_path / "a.jpeg"))), photo)
    assert (load_photo(save_photo(photo[..., 0], tmp_path / "gray.png")) == photo[..., :1]).all()
    with pytest.raises(PhotoError, match="a.gif does not end in"):
        save_photo(photo, tmp_path / "a.gif")
    with pytest.raises(ValueError, match=r"float64 of shape \(40, 60, 3\); wanted"):
        save_photo(photo / 255, tmp_path / "a.png")
    (tmp_path / "file").touch()
    with pytest.raises(PhotoError, match="could not be written"):
        save_photo(photo, tmp_path / "file" / "a.png")


def test_a_failed_save_leaves_the_old_file_and_nothing_else(photo, tmp_path, monkeypatch):
    path = save_photo(photo, tmp_path / "a.png")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(PhotoError, match="No space left"):
        save_photo(255 - photo, path)
    assert os.listdir(tmp_path) == ["a.png"] and (load_photo(path) == photo).all()


def test_a_killed_save_leaves_no_half_file(tmp_path):
    code = """
import sys, numpy as np, colorlib
photo = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
print("ready", flush=True)
while True:
    colorlib.save_photo(photo, sys.argv[1])
"""
    path = tmp_path / "a.png"
    for wait in (0.05, 0.4, 0.6, 0.8):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not path.exists() or load_photo(path).shape == (1500, 1500, 3)
    assert find_photos(tmp_path) == ([path] if path.exists() else [])


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": 6}])
def test_a_smaller_copy_that_is_enough_is_near_the_full_decoding(options, samples):
    image = Image.fromarray(samples["china"]).resize((1280, 856), Image.Resampling.LANCZOS)
    if "exif" in options:
        exif = Image.Exif()
        exif[0x0112] = options["exif"]
        options = {"exif": exif}
    data = encoded(image, "JPEG", quality=90, **options)
    full, copy = load_photo(data), load_photo(data, least=200)
    assert 200 <= min(copy.shape[:2]) < 400 and copy.shape[0] < full.shape[0] // 2
    small = [Image.fromarray(photo).resize((96, 96), Image.Resampling.BOX) for photo in (full, copy)]
    assert np.abs(np.asarray(small[0]).astype(int) - np.asarray(small[1])).mean() < 2.5
    assert load_photo(data, least=2000).shape == full.shape
    assert load_photo(encoded(image, "PNG"), least=100).shape == (856, 1280, 3)


def test_the_cache_and_measures_see_nearly_the_same(samples, tmp_path):
    from colorlib import metrics
    from colorlib.learning import cache

    path = tmp_path / "a.jpg"
    Image.fromarray(samples["china"]).resize((2560, 1712), Image.Resampling.LANCZOS).save(path, quality=92)
    photo = load_photo(path)
    for square, wanted in [
        (cache._read(path, 128), cache.square_of(photo, 128)),
        (next(metrics.squares([path])), next(metrics.squares([photo]))),
    ]:
        assert np.abs(square.astype(int) - wanted).mean() < 2.5


def test_find_photos(photo, tmp_path):
    for name in ("b.jpg", "a.PNG", "sub/c.tif", "sub/deep/d.webp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("notes.txt", ".hidden.jpg", ".trash/e.jpg", "jpg", "sub/f.jpg.part"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in find_photos(tmp_path)]
    assert found == ["a.PNG", "b.jpg", "sub/c.tif", "sub/deep/d.webp"]
    with pytest.raises(PhotoError, match="There is no folder"):
        find_photos(tmp_path / "none")
    with pytest.raises(PhotoError, match="is not a folder"):
        find_photos(tmp_path / "b.jpg")


def test_samples_are_photos_and_one_is_black_and_white(samples):
    assert len(samples) >= 8
    colorful = {name: np.ptp(photo.astype(int), axis=-1).mean() for name, photo in samples.items()}
    assert colorful["camera"] == 0 and min(value for name, value in colorful.items() if name != "camera") > 1
    assert all(photo.dtype == np.uint8 and photo.ndim == 3 for photo in samples.values())


def test_photo_error_is_a_value_error():
    assert issubclass(colorlib.PhotoError, ValueError)


def test_one_sample_is_the_same_and_quick(samples):
    assert (colorlib.photos.sample_photo("camera") == samples["camera"]).all()
    with pytest.raises(ValueError, match="no sample photo 'cameraman'; there are astronaut, camera"):
        colorlib.photos.sample_photo("cameraman")
    program = (
        "import sys, colorlib; assert colorlib.photos.sample_photo('china').shape; sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_ycbcr_of_a_tiff_is_read_alike_packed_or_not_opened_or_in_memory(samples):
    image = Image.fromarray(samples["astronaut"][:64, :48])
    want = np.asarray(image.convert("YCbCr").convert("RGB"))
    for compression in (None, "tiff_lzw"):
        file = io.BytesIO()
        image.convert("YCbCr").save(file, "TIFF", compression=compression)
        for source in (file.getvalue(), loaded(file)):
            assert np.abs(load_photo(source).astype(int) - want).max() <= 2, compression


def loaded(file):
    """The photo in a file as an image that Pillow has read; where Pillow 11 cannot, its bytes."""
    image = Image.open(file)
    try:
        image.load()
    except OSError:
        return file.getvalue()
    return image


def test_a_color_profile_is_heeded_and_a_damaged_one_does_no_harm(photo):
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.find(b"rXYZ"), profile.find(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    swapped = bytes(profile).replace("sRGB".encode("utf-16-be"), "abcd".encode("utf-16-be")).replace(b"sRGB", b"abcd")
    for mode in ("RGB", "RGBA"):
        file = io.BytesIO()
        Image.fromarray(photo).convert(mode).save(file, "PNG", icc_profile=swapped)
        np.testing.assert_allclose(load_photo(file.getvalue()), photo[..., ::-1].astype(int), atol=2)
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG", icc_profile=swapped[:200])
    np.testing.assert_array_equal(load_photo(file.getvalue()), photo)


def test_sixteen_bits_whose_white_is_zero():
    gray = np.uint16(np.linspace(0, 65535, 64).reshape(8, 8))
    usual, negative = io.BytesIO(), io.BytesIO()
    Image.fromarray(gray).save(usual, "TIFF")
    Image.fromarray(gray).save(negative, "TIFF", tiffinfo={262: 0})
    np.testing.assert_array_equal(load_photo(negative.getvalue()), 255 - load_photo(usual.getvalue()))


def test_threads_that_read_leave_the_warnings_as_they_were(photo, tmp_path):
    paths = [save_photo(photo, tmp_path / f"{i}.png") for i in range(40)]
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(load_photo, paths))
    assert warnings.filters == before
