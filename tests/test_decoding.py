"""Files of every depth, layout and meaning give the photo that their owner sees, or one sentence."""

import io
import zlib

import numpy as np
import pytest
import tifffile
from odd_files import GRAYS, file_of, gray_profile, packed, png_with, rgb_profile, shade, tiff
from PIL import Image

from colorlib import color, decoding, formats, load_photo, profiles
from colorlib.photos import PhotoError

HEIGHT, WIDTH = GRAYS.shape
COLORS = np.stack([GRAYS, GRAYS[::-1], GRAYS[:, ::-1]], axis=-1)


def is_near(data, wanted, levels=1):
    found = load_photo(data).astype(int)
    wanted = wanted if wanted.ndim == 3 else wanted[..., None]
    assert found.shape[:2] == wanted.shape[:2]
    assert np.abs(found - wanted).max() <= levels


def scaled(bits, photo=GRAYS):
    return np.round(photo / 255 * ((1 << bits) - 1)).astype(np.uint32)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [3, 6, 9, 10, 12, 14, 24])
def test_packed_bits(bits, order):
    data = tiff(WIDTH, HEIGHT, packed(scaled(bits), bits), bits, order=order)
    is_near(data, GRAYS, levels=1 if bits > 8 else 128 >> (bits - 1))
    negative = tiff(WIDTH, HEIGHT, packed(scaled(bits), bits), bits, photometric=0, order=order)
    is_near(negative, 255 - GRAYS, levels=1 if bits > 8 else 128 >> (bits - 1))


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("compressed", [False, True])
def test_deep_colors(bits, compressed):
    numbers = scaled(bits, COLORS)
    if bits == 16:
        file = io.BytesIO()
        tifffile.imwrite(file, numbers.astype(np.uint16), photometric="rgb", compression="zlib" if compressed else None)
        is_near(file.getvalue(), COLORS)
    else:
        pixels = packed(numbers.reshape(HEIGHT, -1), bits)
        pixels = zlib.compress(pixels) if compressed else pixels
        compression = {"t259": (3, 8 if compressed else 1)}
        is_near(tiff(WIDTH, HEIGHT, pixels, bits, photometric=2, samples=3, **compression), COLORS)


def test_twelve_bits_kept_in_sixteen():
    twelve = scaled(12).astype("<u2").tobytes()
    is_near(tiff(WIDTH, HEIGHT, twelve, 16, t281=(3, 4095)), GRAYS)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.int16, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_every_number_and_layout(kind, samples, planar, compression):
    photo = GRAYS if samples == 1 else COLORS
    most = 1 if np.dtype(kind).kind == "f" else np.iinfo(kind).max
    numbers = (photo / 255 * most).astype(kind)
    numbers.flat[0] = most  # white is somewhere: 32-bit numbers and floats do not say where
    if samples == 3 and planar == "separate":
        numbers = np.moveaxis(numbers, -1, 0)
    elif samples == 1 and planar == "separate":
        pytest.skip("one plane is one plane")
    file = io.BytesIO()
    options = {"photometric": "rgb" if samples == 3 else "minisblack", "compression": compression}
    tifffile.imwrite(file, numbers, planarconfig=planar if samples == 3 else None, **options)
    found = load_photo(file.getvalue()).astype(int)
    wanted = photo if samples == 3 else photo[..., None]
    assert np.abs(found - wanted)[1:].max() <= 1


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("colors", [1, 3])
def test_alpha_of_a_tiff_is_laid_on_white(kind, colors):
    most = np.iinfo(kind).max
    numbers = (COLORS[..., :colors] / 255 * most).round().astype(kind)
    alpha = np.full((HEIGHT, WIDTH, 1), most, kind)
    alpha[:5] = 0
    file = io.BytesIO()
    options = {"photometric": "rgb" if colors == 3 else "minisblack", "extrasamples": ["unassalpha"]}
    tifffile.imwrite(file, np.concatenate([numbers, alpha], axis=-1), planarconfig="contig", **options)
    found = load_photo(file.getvalue())
    assert (found[:5] == 255).all()
    assert np.abs(found[5:].astype(int) - COLORS[5:, :, :colors]).max() <= 1


@pytest.mark.parametrize("bits", [8, 16])
def test_alpha_beside_gray_whose_white_is_zero(bits):
    alpha = np.full(GRAYS.shape, 255, np.uint8)
    alpha[:5] = 0
    both = np.stack([GRAYS, alpha], axis=-1).astype(f"<u{bits // 8}") * (257 if bits == 16 else 1)
    found = load_photo(tiff(WIDTH, HEIGHT, both.tobytes(), bits, 0, 2, t338=(3, [2])))
    assert (found[:5] == 255).all() and (found[5:, :, 0] == 255 - GRAYS[5:]).all()


@pytest.mark.parametrize("bits", [1, 8, 12])
def test_bits_that_begin_with_the_last(bits):
    first = np.frombuffer(packed(scaled(bits), bits), np.uint8)
    last = np.packbits(np.unpackbits(first[:, None], axis=1)[:, ::-1], axis=1).tobytes()
    is_near(tiff(WIDTH, HEIGHT, last, bits, t266=(3, [2])), np.round(scaled(bits) / ((1 << bits) - 1) * 255))


def test_a_palette_of_eight_bits_in_a_tiff():
    levels = np.concatenate([np.arange(256)] * 3)
    for palette in (levels, levels * 257):
        is_near(tiff(WIDTH, HEIGHT, GRAYS.tobytes(), 8, 3, t320=(3, palette)), GRAYS)


@pytest.mark.parametrize("photometric", [8, 9])
def test_lab_of_sixteen_bits_is_lab_of_eight(photometric):
    gray = 0 if photometric == 8 else 128
    eight = np.stack([GRAYS, np.full_like(GRAYS, gray + 20), np.full_like(GRAYS, (gray - 30) % 256)], axis=-1)
    deep = load_photo(tiff(WIDTH, HEIGHT, (eight.astype("<u2") << 8).tobytes(), 16, photometric, 3))
    is_near(tiff(WIDTH, HEIGHT, eight.tobytes(), 8, photometric, 3), deep)
    wanted = color.lab_to_rgb(np.float32([[[GRAYS[12, 20] / 2.55, 20, -30]]]))[0, 0]
    assert np.abs(deep[12, 20].astype(int) - wanted).max() < 8  # D65 here, D50 there


def test_orientation_of_deep_tiffs():
    turned = np.ascontiguousarray(np.rot90(scaled(16).astype(np.uint16)))
    data = tiff(HEIGHT, WIDTH, turned.astype("<u2").tobytes(), 16, t274=(3, 6))
    is_near(data, GRAYS)
    is_near(tiff(HEIGHT, WIDTH, packed(np.rot90(scaled(12)), 12), 12, t274=(3, 6)), GRAYS)


def test_the_photo_of_a_file_that_begins_with_a_preview():
    preview = np.full((6, 10, 3), 200, np.uint8)
    for first in ("sub-image", "page"):
        file = io.BytesIO()
        with tifffile.TiffWriter(file) as writer:
            writer.write(preview, photometric="rgb", subfiletype=1, subifds=1 if first == "sub-image" else 0)
            writer.write(GRAYS, photometric="minisblack")
        is_near(file.getvalue(), GRAYS)


def test_pages_and_animations_say_which_was_taken():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for page in (GRAYS, 255 - GRAYS, GRAYS[:10]):
            writer.write(page, photometric="minisblack")
    photo, notes = decoding.decoded_file(file.getvalue(), "album.tif", 10)
    assert (photo[..., 0] == GRAYS).all() and notes == ["has 3 pages; page 1 was taken"]
    frames = {"save_all": True, "append_images": [shade(255 - GRAYS)]}
    for kind in ("GIF", "WEBP", "PNG"):
        _, notes = decoding.decoded_file(file_of(shade(GRAYS), kind, **frames), "a", 10)
        assert notes == ["has 2 pictures, as an animation has; the first was taken"], kind
    assert decoding.decoded_file(file_of(shade(GRAYS), "PNG"), "a", 10)[1] == []


def test_raw_data_is_named():
    data = tiff(WIDTH, HEIGHT, scaled(16).astype("<u2").tobytes(), 16, photometric=32803)
    with pytest.raises(PhotoError, match="x.dng is a camera's raw data .*: develop it") as caught:
        load_photo(named(data, "x.dng"))
    assert str(caught.value).endswith(".")


def named(data, name):
    file = io.BytesIO(data)
    file.name = name
    return file


def test_what_no_reader_reads_is_named_with_the_way_out():
    data = tiff(WIDTH, HEIGHT, packed(scaled(12), 12), 12, t259=(3, 34712))
    with pytest.raises(PhotoError, match="is a 12-bit gray TIFF, compressed by .*: save it as"):
        load_photo(data)


SRGB = profiles.SRGB
LINEAR = np.round(65535 * np.where(GRAYS > 10, ((GRAYS / 255 + 0.055) / 1.055) ** 2.4, GRAYS / 255 / 12.92))
GAMMA_18 = {8: 255 * (LINEAR / 65535) ** (1 / 1.8), 16: 65535 * (LINEAR / 65535) ** (1 / 1.8)}


@pytest.mark.parametrize("mode", ["L", "LA", "P", "I;16", "RGB", "RGBA", "CMYK-free TIFF 16"])
def test_profiles_are_heeded_in_every_mode(mode):
    eight, sixteen = GAMMA_18[8].round().astype(np.uint8), GAMMA_18[16].round().astype(np.uint16)
    gray, color = gray_profile(1.8), rgb_profile(1.8, b"eighteen")
    if mode == "I;16":
        data = file_of(Image.fromarray(sixteen), "PNG", icc_profile=gray)
        is_near(file_of(Image.fromarray(sixteen), "TIFF", icc_profile=gray), GRAYS, 2)
    elif mode == "P":
        data = file_of(shade(eight).convert("P"), "PNG", icc_profile=color)
    elif mode == "CMYK-free TIFF 16":
        file = io.BytesIO()
        tifffile.imwrite(file, np.repeat(sixteen[..., None], 3, axis=2), photometric="rgb", iccprofile=color)
        data = file.getvalue()
    else:
        data = file_of(shade(eight).convert(mode), "PNG", icc_profile=gray if mode[0] == "L" else color)
    is_near(data, GRAYS, 2)


def test_srgb_is_known_by_what_it_does_not_by_its_name():
    linear = rgb_profile(1, b"GIMP built-in Linear sRGB")
    sixteen = np.repeat(LINEAR.astype(np.uint16)[..., None], 3, axis=2)
    file = io.BytesIO()
    tifffile.imwrite(file, sixteen, photometric="rgb", iccprofile=linear)
    is_near(file.getvalue(), GRAYS)
    assert np.abs(load_photo(file_of(shade(LINEAR // 257).convert("RGB"), "TIFF", icc_profile=linear))).mean() > 100


def test_gamma_without_a_profile():
    eight = GAMMA_18[8].round().astype(np.uint8)
    chunk = (b"gAMA", round(100000 / 1.8).to_bytes(4, "big"))
    for image in (shade(eight), shade(eight).convert("RGB")):
        is_near(png_with(file_of(image, "PNG"), chunk), GRAYS, 2)
        is_near(png_with(file_of(image, "PNG"), (b"sRGB", b"\0"), chunk), eight, 0)  # sRGB says more
    is_near(png_with(file_of(Image.fromarray(GAMMA_18[16].round().astype(np.uint16)), "PNG"), chunk), GRAYS, 2)
    usual = (b"gAMA", (45455).to_bytes(4, "big"))
    is_near(png_with(file_of(shade(GRAYS), "PNG"), usual), GRAYS, 0)


def test_the_codes_of_a_png_go_before_all_others():
    linear = Image.fromarray(LINEAR.astype(np.uint16))
    codes = {"sRGB": bytes([1, 13, 0, 1]), "linear": bytes([1, 8, 0, 1]), "unknown": bytes([1, 99, 0, 1])}
    is_near(png_with(file_of(linear, "PNG"), (b"cICP", codes["linear"])), GRAYS)
    other = (b"gAMA", (100_000).to_bytes(4, "big"))
    is_near(png_with(file_of(shade(GRAYS), "PNG"), (b"cICP", codes["sRGB"]), other), GRAYS)
    is_near(png_with(file_of(linear, "PNG"), (b"cICP", codes["unknown"]), other), GRAYS)
    wide = profiles.meaning_of({"cicp": bytes([12, 13, 0, 1])}).rgb(
        np.uint8([[[0, 255, 0], [90, 90, 90], [200, 100, 100]]])
    )
    assert wide[0, 0].tolist() == [0, 255, 0] and wide[0, 1].tolist() == [90, 90, 90]
    assert wide[0, 2, 0] > 205 and wide[0, 2, 1] < 97
    for damaged in (b"", b"\1", b"\1\x08"):
        is_near(png_with(file_of(linear, "PNG"), (b"cICP", damaged), other), GRAYS)


def test_adobe_rgb_that_only_exif_tells():
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 2}
    red = np.full((8, 8, 3), (200, 40, 40), np.uint8)
    plain, adobe = (load_photo(file_of(Image.fromarray(red), "PNG", **options)) for options in ({}, {"exif": exif}))
    assert (plain == red).all() and adobe[0, 0, 0] > 220


def big_text(kind):
    text = bytes(range(256)) * 8000  # 2 MB, more than Pillow takes
    if kind == b"iCCP":
        return kind, b"big\0\0" + zlib.compress(gray_profile(1.8) + text)
    if kind == b"iTXt":
        return kind, b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"x" * len(text))
    return kind, b"Comment\0" + (b"\0" + zlib.compress(text) if kind == b"zTXt" else b"y" * len(text))


@pytest.mark.parametrize("kind", [b"iCCP", b"iTXt", b"zTXt", b"tEXt"])
def test_metadata_never_decides_whether_a_png_is_read(kind):
    gray = GAMMA_18[8].round().astype(np.uint8) if kind == b"iCCP" else GRAYS
    is_near(png_with(file_of(shade(gray), "PNG"), big_text(kind)), GRAYS, 2)
    broken = png_with(file_of(shade(GRAYS), "PNG"), (kind, b"\xff\0\0" + b"\x12" * 40))
    is_near(broken, GRAYS, 0)


@pytest.mark.parametrize("marker", [0xE1, 0xE2, 0xED, 0xFE])
@pytest.mark.parametrize("contents", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"MPF\0II*\0", b"Photoshop 3.0\08BIM\4", b""])
def test_metadata_never_decides_whether_a_jpeg_is_read(marker, contents):
    data = file_of(shade(GRAYS), "JPEG", quality=95)
    segment = bytes([0xFF, marker]) + (2 + len(contents)).to_bytes(2, "big") + contents
    is_near(data[:2] + segment + data[2:], load_photo(data), 0)


def test_a_claim_that_the_bytes_cannot_hold():
    blank = file_of(Image.new("L", (3000, 3000)), "JPEG2000")
    claim = blank.replace((3000).to_bytes(4, "big"), (12000).to_bytes(4, "big"))
    with pytest.raises(PhotoError, match=r"claims 12000 x 12000 pixels, more than its \d+ bytes can hold"):
        load_photo(claim)
    jpeg = file_of(Image.new("L", (64, 64)), "JPEG")
    place = jpeg.index(b"\xff\xc0") + 5
    with pytest.raises(PhotoError, match="more than its"):
        load_photo(jpeg[:place] + (9000).to_bytes(2, "big") * 2 + jpeg[place + 4 :])


def test_a_blank_page_is_believed():
    page = Image.new("1", (2480, 3508), 1)
    assert load_photo(file_of(page, "TIFF", compression="group4")).min() == 255


def test_scans_are_bounded():
    data = file_of(shade(np.tile(GRAYS, (5, 5))), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    assert load_photo(data).shape == (120, 200, 3)
    with pytest.raises(PhotoError, match=r"has \d+ scans"):
        load_photo(data[:-2] + scan * 1000 + data[-2:])


def test_memory_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr(decoding.bounds, "available", lambda: 5_000_000)
    with pytest.raises(PhotoError, match="There is not enough memory to read .*: it needs about"):
        load_photo(file_of(Image.new("L", (8000, 8000)), "PNG"))

    def full(*_):
        raise MemoryError

    monkeypatch.setattr(decoding.pixels, "of_image", full)
    with pytest.raises(PhotoError, match="There is not enough memory to read"):
        load_photo(file_of(shade(GRAYS), "PNG"))


def test_large_claims_are_bounded_by_memory(monkeypatch):
    monkeypatch.setattr(decoding.bounds, "DECODING", 1_000_000)
    with pytest.raises(PhotoError, match="needs about .* GB of memory"):
        load_photo(file_of(Image.new("RGB", (900, 900)), "PNG"))


@pytest.mark.parametrize("kind", ["PSD", "TGA", "PCX", "SGI", "JPEG", "JPEG2000", "PPM", "PFM", "J2K"])
def test_what_ordinary_viewers_show(kind):
    ending = {"PSD": ".psd", "TGA": ".tga", "PCX": ".pcx", "SGI": ".sgi"}.get(kind, ".jpf")
    if kind == "PSD":
        head = b"8BPS\0\1" + bytes(6) + b"\0\1" + HEIGHT.to_bytes(4, "big") + WIDTH.to_bytes(4, "big") + b"\0\10\0\1"
        data = head + bytes(12) + b"\0\0" + GRAYS.tobytes()
    elif kind == "PFM":
        data = b"Pf\n%d %d\n-1.0\n" % (WIDTH, HEIGHT) + (GRAYS[::-1] / np.float32(255)).astype("<f4").tobytes()
        is_near(data, GRAYS, 3)
        return
    elif kind == "J2K":
        data = file_of(shade(GRAYS), "JPEG2000", no_jp2=True)
    else:
        data = file_of(shade(GRAYS), kind, **({"quality": 95} if kind == "JPEG" else {}))
    is_near(named(data, f"a{ending}"), GRAYS, 6 if kind == "JPEG" else 0)


def photoshop_file(planes, mode, bits=8, blocks=b"", layers=b"", packed_lines=False):
    """A Photoshop file of the planes `(C, H, W)`; `layers` is the contents of its section of layers."""
    kind = {1: None, 8: ">u1", 16: ">u2", 32: ">f4"}[bits]
    rows = [np.packbits(row) if bits == 1 else row.astype(kind) for plane in planes for row in plane]
    pixels = b"\0\0" + b"".join(row.tobytes() for row in rows)
    if packed_lines:  # each line as runs of at most 128 bytes that differ
        lines = [
            b"".join(bytes([len(part) - 1]) + part for part in (line[i : i + 128] for i in range(0, len(line), 128)))
            for line in (row.tobytes() for row in rows)
        ]
        pixels = b"\0\1" + b"".join(len(line).to_bytes(2, "big") for line in lines) + b"".join(lines)
    head = (
        b"8BPS\0\1"
        + bytes(6)
        + b"".join(
            n.to_bytes(size, "big") for n, size in ((len(planes), 2), (HEIGHT, 4), (WIDTH, 4), (bits, 2), (mode, 2))
        )
    )
    sections = b"".join(len(part).to_bytes(4, "big") + part for part in (b"", blocks, layers))
    return head + sections + pixels


def block(number, contents):
    return b"8BIM" + number.to_bytes(2, "big") + b"\0\0" + len(contents).to_bytes(4, "big") + contents


@pytest.mark.parametrize("packed_lines", [False, True])
@pytest.mark.parametrize("planes", [GRAYS[None], np.moveaxis(COLORS, -1, 0)])
def test_photoshop_files_of_sixteen_bits(planes, packed_lines):
    mode = 1 if len(planes) == 1 else 3
    deep = photoshop_file(planes.astype(np.uint16) * 257, mode, 16, packed_lines=packed_lines)
    is_near(deep, np.moveaxis(planes, 0, -1), 0)
    with pytest.raises(PhotoError, match="cut off"):
        load_photo(deep[:-900])
    if mode == 1:
        eighteen = GAMMA_18[16].round()[None]
        is_near(photoshop_file(eighteen, mode, 16, block(1039, gray_profile(1.8) + b"\0")[:-1]), GRAYS, 2)


def test_what_is_no_transparency_in_a_photoshop_file():
    planes = np.concatenate([np.moveaxis(COLORS, -1, 0), np.zeros((1, HEIGHT, WIDTH), np.uint8)])
    is_near(photoshop_file(planes, 3), COLORS, 0)  # a selection that was saved
    clear = photoshop_file(planes, 3, layers=b"\0\0\0\4\xff\xff\0\0")
    assert (load_photo(clear) == 255).all()
    is_near(photoshop_file((GRAYS < 128)[None], 0, 1), np.where(GRAYS < 128, 0, 255), 0)


def test_photoshop_files_without_a_picture_are_named_with_the_way_out():
    white = np.full((3, HEIGHT, WIDTH), 255, np.uint8)
    for data, words in (
        (photoshop_file(white, 3, blocks=block(1057, b"\0\0\0\1\0\0")), "no merged picture: save it with Maximize"),
        (photoshop_file(GRAYS[None] / 255, 1, 32), "of 32 bits in color mode 1: save it as a 16-bit TIFF"),
    ):
        with pytest.raises(PhotoError, match=words):
            load_photo(data)


def test_views_of_stereo_cameras_are_told_and_previews_are_not():
    for second, notes in (
        (GRAYS[:, ::-1], ["has 2 pictures, as stereo cameras take; the first was taken"]),
        (GRAYS[::4, ::4], []),
    ):
        data = file_of(shade(GRAYS), "MPO", save_all=True, append_images=[shade(second)], quality=95)
        photo, found = decoding.decoded_file(data, "a.mpo", 10)
        assert found == notes and np.abs(photo[..., 0].astype(int) - GRAYS).max() <= 6


def test_the_main_picture_of_a_heic_file():
    heif = pytest.importorskip("pillow_heif")
    album = heif.HeifFile()
    for gray in (GRAYS, GRAYS[:, ::-1]):
        album.add_from_pillow(shade(gray).convert("RGB"))
    file = io.BytesIO()
    album.save(file, primary_index=1, quality=95)
    photo, notes = decoding.decoded_file(file.getvalue(), "a.heic", 10)
    assert notes == ["has 2 pictures; the main one was taken"]
    assert np.abs(photo[..., 0].astype(int) - GRAYS[:, ::-1]).max() <= 12


def test_heic_is_read_or_named(monkeypatch):
    head = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    for name in ("phone.heic", "phone.jpg"):
        monkeypatch.setattr(formats, "is_read", lambda kind: kind in formats.READ)
        with pytest.raises(PhotoError, match=rf'{name} is a HEIC file, .*pip install "colorlib\[heif\]"'):
            load_photo(named(head, name))
    monkeypatch.undo()
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    is_near(named(file_of(shade(GRAYS).convert("RGB"), "HEIF", quality=95), "phone.jpg"), GRAYS, 12)


@pytest.mark.parametrize(
    "head, words",
    [
        (b"%PDF-1.7 ", "is a PDF"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"\0\0\0\x20ftypisom\0\0\0\0isommp42", "is a film"),
        (b"\0\0\0\x18ftypcrx \0\0\0\0crx isom", "raw data"),
        (b"FUJIFILMCCD-RAW 0201", "raw data"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"gimp xcf file", "paint program"),
        (b"8BPS\0\2", "large Photoshop"),
        (b"PK\3\4", "an archive"),
    ],
)
def test_what_is_not_read_is_named_with_the_way_out(head, words):
    with pytest.raises(PhotoError, match=words) as caught:
        load_photo(named(head + bytes(40), "photo.jpg"))
    assert str(caught.value).endswith(".") and ":" in str(caught.value)


def test_endings_are_in_one_list_and_each_in_one_place():
    endings = [e for endings in formats.READ.values() for e in endings]
    endings += [e for endings, *_ in formats.PLUGINS.values() for e in endings]
    endings += [e for endings, _, _ in formats.NOT_READ.values() for e in endings.split()]
    assert len(endings) == len(set(endings)) and all(e[0] == "." and e == e.lower() for e in endings)
    assert formats.by_ending("A.HEIC") == "HEIF" and formats.by_ending("a.txt") is None
