"""What a file says about its photo is in the result; the note stands beside it."""

import io
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from odd_files import GRAYS, file_of, gray_profile, png_with, shade, tiff
from PIL import Image, PngImagePlugin, TiffImagePlugin

from colorlib import metadata, xmp
from colorlib.photos import INVENTED, read_picture, save_photo

PACKET = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="uuid:1" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:identifier="INV-42" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" '
    b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:ICCProfile="Dot Gain 20%" '
    b'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="digitised">'
    b"<dc:description><rdf:Alt><rdf:li>The mill</rdf:li></rdf:Alt></dc:description></rdf:Description>"
    b'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
IPTC = b"\x1c\x02\x78\0\x08The mill\x1c\x02\x19\0\x05flood"
MADE = {"model": "unet", "saturation": 1.2, "photo": {"bytes": 3, "sha256": "<&\"'>"}}


def exif():
    found = Image.Exif()
    found[0x010E], found[0x013B], found[0x8298], found[0x0131] = "The mill in flood", "A. Nyström", "Nobody", "Scan 8"
    found[0x0112] = 6
    found[0x8769] = {0x9003: "1911:03:02 00:00:00", 0x9286: b"ASCII\0\0\0seen by grandmother", 0xA001: 65535}
    found[0x8825] = {1: "N", 2: (60.0, 10.0, 5.0), 3: "E", 4: (24.0, 56.0, 0.0)}
    return found


def source(kind):
    """A photo's file that says much about it, in the given format."""
    image, options = shade(GRAYS), {"exif": exif(), "xmp": PACKET}
    blocks = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC + b"\0" * (len(IPTC) % 2)
    if kind == "JPEG":
        segment = b"Photoshop 3.0\0" + blocks
        options |= {"extra": b"\xff\xed" + struct.pack(">H", 2 + len(segment)) + segment, "comment": b"box 7"}
        return file_of(image, kind, dpi=(600, 600), icc_profile=gray_profile(1.8), **options)
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        text.add_text("Comment", "box 7")
        text.add_text("Raw profile type iptc", f"\niptc\n{len(blocks):8d}\n{blocks.hex()}\n", zip=True)
        return file_of(image, kind, dpi=(600, 600), exif=options["exif"], pnginfo=text)
    if kind == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        for tag, value in options["exif"].items():
            tags[tag] = value
        tags[700], tags[33723], tags[34377] = PACKET, IPTC, blocks
        return file_of(image, kind, dpi=(600, 600), tiffinfo=tags)
    return file_of(image.convert("RGB"), kind, **options)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_everything_is_kept_and_the_note_stands_beside_it(kind, ending, tmp_path):
    picture = read_picture(source(kind))
    path = save_photo(picture.photo, tmp_path / f"a{ending}", note=INVENTED, about=picture.metadata, made=MADE)
    with Image.open(path) as result:
        found = result.getexif()
        details, places = found.get_ifd(0x8769), found.get_ifd(0x8825)
        assert (
            found[0x010E] == "The mill in flood" and found[0x013B].startswith("A. Nystr") and found[0x8298] == "Nobody"
        )
        assert found.get(0x0112, 1) == 1 and details[0x9003] == "1911:03:02 00:00:00"
        assert places[1] == "N" and [float(n) for n in places[2]] == [60, 10, 5]
        assert found[0x0131].startswith("Scan 8; colorlib")
        assert b"seen by grandmother" in details[0x9286] and INVENTED.encode() in details[0x9286]
        assert details[0xA001] == 1 and (details[0xA002], details[0xA003]) == result.size
        if kind in ("JPEG", "PNG", "TIFF"):
            assert np.allclose(np.array(result.info["dpi"], float), 600, atol=0.01)
        packet = result.info["xmp"] if "xmp" in result.info else result.info["XML:com.adobe.xmp"].encode()
        assert "icc_profile" not in result.info
    again = metadata.read(path.read_bytes())
    if kind in ("JPEG", "PNG", "TIFF"):
        assert again.iptc[0x0404] == IPTC
    if kind in ("JPEG", "PNG") and ending != ".tif":
        assert again.text["Comment"] == "box 7"
    ElementTree.fromstring(packet)
    assert b"INV-42" in packet and b"The mill" in packet and b'tiff:Orientation="1"' in packet
    assert packet.count(b"DigitalSourceType>http") == 1 and b"compositeWithTrainedAlgorithmicMedia" in packet
    assert b"digitised" not in packet and b"Dot Gain" not in packet and b'rdf:about="uuid:1" xmlns:colorlib' in packet
    assert metadata.made_of(path) == MADE


def test_a_result_made_again_says_it_once(tmp_path):
    path = save_photo(np.zeros((8, 8, 3), np.uint8), tmp_path / "a.jpg", note=INVENTED, made={"model": "alpha"})
    assert Image.open(path).getexif()[0x010E] == INVENTED  # there is no caption of the owner's
    picture = read_picture(path)
    save_photo(picture.photo, path, note=INVENTED, about=picture.metadata, made=MADE)
    data = path.read_bytes()
    assert data.count(b"<colorlib:Made>") == 1 and metadata.made_of(path) == MADE
    assert data.count(b"colorlib:Tool>colorlib") == 1


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_without_the_note_the_metadata_stay(ending, tmp_path):
    picture = read_picture(source("JPEG"))
    path = save_photo(picture.photo, tmp_path / f"a{ending}", about=picture.metadata, made=MADE)
    data = path.read_bytes()
    assert b"invented" not in data and b"compositeWith" not in data and b"The mill in flood" in data
    assert Image.open(path).getexif()[0x0131] == "Scan 8" and metadata.made_of(path) == MADE


def test_stale_previews_are_left_out(tmp_path):
    small = file_of(shade(GRAYS[:8, :8]), "JPEG")
    found = exif()
    first = found.tobytes()
    order = ">" if first[6:8] == b"MM" else "<"
    place = struct.unpack_from(order + "I", first, 10)[0] + 6  # the main directory, whose last four bytes lead on
    next_at = place + 2 + 12 * struct.unpack_from(order + "H", first, place)[0]
    entries = (0x0201, 4, 1, len(first) - 6 + 30), (0x0202, 4, 1, len(small))
    directory = struct.pack(order + "H", 2) + b"".join(struct.pack(order + "HHII", *entry) for entry in entries)
    linked = first[:next_at] + struct.pack(order + "I", len(first) - 6) + first[next_at + 4 :]
    linked += directory + bytes(4) + small
    data = file_of(shade(GRAYS), "JPEG", exif=linked)
    assert data.count(b"\xff\xd8\xff") == 2
    picture = read_picture(data)
    path = save_photo(picture.photo, tmp_path / "a.jpg", about=picture.metadata)
    assert path.read_bytes().count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize(
    "broken",
    [
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(range(256)) * 3,
        b"Exif\0\0MM\0*\0\0\0\x08\0\2\x01\x0e\0\2\xff\xff\xff\xff\0\0\0\0\x87\x69\0\4\0\0\0\1\0\0\0\x08" + bytes(8),
        b"Exif\0\0nonsense",
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_damaged_metadata_harm_nothing(broken, kind, ending, tmp_path):
    for packet in (b"<rdf:RDF", b"\xff\xfe<\0", b"<!DOCTYPE x [<!ENTITY a 'b'>]><rdf:RDF></rdf:RDF>"):
        image = shade(GRAYS).convert("RGB")
        options = {"xmp": packet} if kind != "PNG" else {}
        data = file_of(image, kind, exif=broken, **options)
        data = png_with(data, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)) if kind == "PNG" else data
        picture = read_picture(data)
        path = save_photo(picture.photo, tmp_path / f"a{ending}", note=INVENTED, about=picture.metadata, made=MADE)
        assert metadata.made_of(path) == MADE and b"ENTITY" not in path.read_bytes()


def test_much_metadata_is_cut_to_what_a_jpeg_holds(tmp_path):
    found = exif()
    found[0x8769] = {0x9003: "1911:03:02 00:00:00", 0x927C: bytes(60_000)}
    found[0x010E] = "c" * 20_000
    picture = read_picture(file_of(shade(GRAYS), "PNG", exif=found))
    path = save_photo(picture.photo, tmp_path / "a.jpg", note=INVENTED, about=picture.metadata)
    result = Image.open(path).getexif()
    assert result[0x010E] == "c" * 20_000 and result.get_ifd(0x8769)[0x9003] == "1911:03:02 00:00:00"
    found = metadata.Metadata(exif={0x010E: "c" * 200_000, 0x013B: "A"}, xmp=xmp.EMPTY + " " * 100_000)
    path = save_photo(picture.photo, tmp_path / "b.jpg", about=found)
    assert Image.open(path).getexif()[0x013B] == "A"


def test_texts_of_a_png_go_into_a_jpeg(tmp_path):
    text = PngImagePlugin.PngInfo()
    for keyword, value in {"Description": "The mill", "Author": "A", "Shelf": "7"}.items():
        text.add_text(keyword, value)
    picture = read_picture(file_of(shade(GRAYS), "PNG", pnginfo=text))
    path = save_photo(picture.photo, tmp_path / "a.jpg", about=picture.metadata, note=INVENTED)
    with Image.open(path) as result:
        assert result.getexif()[0x010E] == "The mill" and result.getexif()[0x013B] == "A"
        assert result.info["comment"] == b"Shelf: 7"


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
@pytest.mark.parametrize("letters", ["utf-8", "latin-1"])
def test_captions_of_all_scripts_come_through(letters, ending, tmp_path):
    words = "A. Nyström, Мельница" if letters == "utf-8" else "A. Nyström"
    found = Image.Exif()
    found[0x010E], found[0x013B] = words.encode(letters), words.encode(letters)
    found[0x8769] = {0xA430: b"owner", 0x9003: "1911:03:02 00:00:00"}
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        options = {"tiffinfo": {0x010E: words.encode(letters)}} if kind == "TIFF" else {"exif": found}
        picture = read_picture(file_of(shade(GRAYS), kind, **options))
        assert picture.metadata.exif[0x010E] == words
        path = save_photo(picture.photo, tmp_path / f"a{ending}", about=picture.metadata, note=INVENTED)
        assert words.encode() in path.read_bytes() and metadata.read(path.read_bytes()).exif[0x010E] == words


def test_several_comments_and_texts_of_one_name_are_all_kept(tmp_path):
    jpeg = file_of(shade(GRAYS), "JPEG")
    jpeg = jpeg[:2] + b"".join(b"\xff\xfe\0\x05" + word for word in (b"one", b"two", b"M\xfcn")) + jpeg[2:]
    png = png_with(
        file_of(shade(GRAYS), "PNG"), *[(b"tEXt", b"Comment\0" + word) for word in (b"one", b"two", b"M\xfcn")]
    )
    for data in (jpeg, png):
        picture = read_picture(data)
        assert picture.metadata.text["Comment"] == "one\ntwo\nMün"
        for ending in (".jpg", ".png"):
            path = save_photo(picture.photo, tmp_path / f"a{ending}", about=picture.metadata)
            assert metadata.read(path.read_bytes()).text["Comment"] == "one\ntwo\nMün"
        path = save_photo(picture.photo, tmp_path / "a.tif", about=picture.metadata)  # which has no such place
        comment = metadata.read(path.read_bytes()).details[0x9286]
        assert comment == b"UNICODE\0" + "one\ntwo\nMün".encode("utf-16-le")


@pytest.mark.parametrize("order", "<>")
def test_iptc_that_a_tiff_keeps_as_numbers(order):
    iptc = IPTC + bytes(-len(IPTC) % 4)
    numbers = struct.unpack(f"{order}{len(iptc) // 4}I", iptc)
    data = tiff(40, 24, GRAYS.tobytes(), order=order, t33723=(4, numbers))
    assert metadata.read(data).iptc[0x0404] == iptc
    claim = tiff(40, 24, GRAYS.tobytes(), order=order, t33723=(4, [4_000_000_000]))  # never so many zeros
    assert metadata.read(claim).iptc.get(0x0404, b"") == b""


def test_resolution_in_other_units_and_places(tmp_path):
    jpeg = file_of(shade(GRAYS), "JPEG")
    in_cm = jpeg[:13] + b"\2" + struct.pack(">2H", 236, 236) + jpeg[18:]
    unstated = jpeg[:13] + b"\0" + struct.pack(">2H", 1, 1) + jpeg[18:]
    block = struct.pack(">IHHIHH", 600 << 16, 1, 1, 600 << 16, 1, 1)
    block = b"Photoshop 3.0\x008BIM\x03\xed\0\0" + struct.pack(">I", len(block)) + block
    adobe = jpeg[:2] + b"\xff\xed" + struct.pack(">H", 2 + len(block)) + block + jpeg[20:]  # without JFIF
    assert metadata.read(in_cm).dpi == (236 * 2.54,) * 2 and metadata.read(adobe).dpi == (600, 600)
    assert metadata.read(unstated).dpi is None
    picture = read_picture(in_cm)
    path = save_photo(picture.photo, tmp_path / "a.jpg", about=picture.metadata)
    with Image.open(path) as result:
        assert result.info["dpi"] == (599, 599) and float(result.getexif()[282]) == pytest.approx(236 * 2.54)


def test_xmp_too_large_for_a_segment_of_a_jpeg(tmp_path):
    large = PACKET.replace(b"The mill", b"The mill" + b" by the river" * 20_000)
    picture = read_picture(png_with(file_of(shade(GRAYS), "PNG"), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + large)))
    for _ in range(2):  # and a result made again says it once
        path = save_photo(picture.photo, tmp_path / "a.jpg", note=INVENTED, about=picture.metadata, made=MADE)
        data = path.read_bytes()
        assert metadata.made_of(path) == MADE and not metadata.is_changed(path)
        assert data.count(b"<colorlib:Made>") == 1 and data.count(b"compositeWithTrained") == 1
        picture = read_picture(data)
        ElementTree.fromstring(xmp.WRAPPER.sub("", picture.metadata.xmp).strip())
        assert picture.metadata.xmp.count(" by the river") == 20_000 and "HasExtendedXMP" not in picture.metadata.xmp


def test_much_iptc_goes_on_in_further_segments(tmp_path):
    iptc = IPTC + b"".join(b"\x1c\x02\x19\x03\xe8" + b"k" * 1000 for _ in range(150))
    path = save_photo(GRAYS, tmp_path / "a.jpg", about=metadata.Metadata(iptc={0x0404: iptc}))
    assert metadata.read(path.read_bytes()).iptc[0x0404] == iptc


@pytest.mark.parametrize(
    "opening",
    ["<xmp:Thumbnails>", "<rdf:Description xmlns:colorlib=", "<rdf:RDF ", "<photoshop:ColorMode>", "<?xpacket "],
)
def test_openings_without_an_end_cost_no_more_than_others(opening):
    """In a process of its own, whose CPU time is limited: looking for each one's end took minutes."""
    program = f"""
import resource
from colorlib import xmp
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
packet = "<rdf:RDF>" + {opening!r} * (2_000_000 // {len(opening)}) + "</rdf:RDF>"
xmp.with_ours(xmp.joined(xmp.kept(packet.encode()), xmp.EMPTY), True, dict(a=1))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]


def test_xmp_of_jpeg_2000_and_blocks_of_photoshop():
    jp2 = file_of(shade(GRAYS), "JPEG2000")
    box = struct.pack(">I4s", 24 + len(PACKET), b"uuid") + metadata.JP2_XMP + PACKET
    place = jp2.index(b"jp2c") - 4
    assert "INV-42" in metadata.read(jp2[:place] + box + jp2[place:]).xmp
    blocks = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC + b"\0" * (len(IPTC) % 2)
    height, width = GRAYS.shape
    head = b"8BPS\0\1" + bytes(6) + b"\0\1" + height.to_bytes(4, "big") + width.to_bytes(4, "big") + b"\0\10\0\1"
    psd = head + bytes(4) + struct.pack(">I", len(blocks)) + blocks + bytes(4) + b"\0\0" + GRAYS.tobytes()
    assert metadata.read(psd).iptc[0x0404] == IPTC


def test_letters_of_other_scripts_in_a_comment(tmp_path):
    found = exif()
    found[0x8769] = {0x9286: b"UNICODE\0" + "Мельница".encode("utf-16-le")}
    picture = read_picture(file_of(shade(GRAYS), "JPEG", exif=found))
    path = save_photo(picture.photo, tmp_path / "a.jpg", about=picture.metadata, note=INVENTED)
    comment = Image.open(path).getexif().get_ifd(0x8769)[0x9286]
    assert comment[8:].decode("utf-16-le") == f"Мельница {INVENTED}"


def test_a_file_without_metadata_has_none():
    assert metadata.read(file_of(shade(GRAYS), "PNG")) == metadata.Metadata()
    assert metadata.read(io.BytesIO().getvalue()) == metadata.Metadata()
