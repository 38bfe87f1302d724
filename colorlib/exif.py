"""Exif directories: which tags of a photo's file are true of its result, and how they are written."""

import contextlib
import struct

from PIL import Image, TiffImagePlugin

from colorlib.containers import photoshop_bytes, text_of

EXIF, GPS, INTEROPERABILITY = 0x8769, 0x8825, 0xA005  # directories
CAPTION, SOFTWARE, ORIENTATION, USER_COMMENT = 0x010E, 0x0131, 0x0112, 0x9286
COLOR_SPACE, WIDTH, HEIGHT, MAKER_NOTE = 0xA001, 0xA002, 0xA003, 0x927C
XMP, IPTC, PHOTOSHOP = 700, 33723, 34377
X_RESOLUTION, Y_RESOLUTION, UNIT = 282, 283, 296
DPI = "dpi"
OF_THE_FILE = {  # tags of TIFF that describe a file's own pixels and parts
    *(254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284, 288, 289, 290),
    *(291, 292, 293, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 326, 327, 328, 330, 332, 333, 334, 336),
    *(338, 339, 340, 341, 342, 343, 347, 400, *range(512, 522), 529, 530, 531, 532, 559, 34675, 37724, 59932),
    *range(50706, 51200),  # of raw data
    *(X_RESOLUTION, Y_RESOLUTION, UNIT, EXIF, GPS, INTEROPERABILITY),
}
TEXT = {"Description": CAPTION, "Author": 0x013B, "Copyright": 0x8298, "Software": SOFTWARE, "Source": 0x0110}
MOST = 1 << 20  # bytes of one value


def exif_of(data):
    """Pillow's Exif of Exif's bytes, or of a TIFF: their directories are alike."""
    exif = Image.Exif()
    exif.load(data if data[:4] == b"Exif" else b"Exif\0\0" + data)
    return exif


def merged(exif, found):
    """(main, details, places) of an Exif and of `found`, a Metadata: tag -> value, without what is the file's own."""
    main = {}
    for tag, value in _items(exif):
        if tag not in OF_THE_FILE:
            main[tag] = as_bytes(value) if tag in (XMP, IPTC, PHOTOSHOP) else _as_text(value)
    if dpi := _resolution(exif):
        main[DPI] = dpi
    details, places = ({tag: _as_text(value) for tag, value in _directory(exif, which)} for which in (EXIF, GPS))
    details = {tag: value for tag, value in details.items() if tag not in (INTEROPERABILITY, EXIF)}
    return main, found.details | details, found.places | places


def _items(exif):
    for tag in list(exif):
        with contextlib.suppress(Exception):  # a damaged tag takes no other with it
            value = exif[tag]
            if not isinstance(value, (bytes, str)) or len(value) < MOST:
                yield tag, value


def _directory(exif, which):
    with contextlib.suppress(Exception):
        return list(exif.get_ifd(which).items())
    return []


def _resolution(exif):
    with contextlib.suppress(Exception):
        scale = {2: 1, 3: 2.54}[exif.get(UNIT, 2)]
        return float(exif[X_RESOLUTION]) * scale, float(exif[Y_RESOLUTION]) * scale


def _as_text(value):
    """A tag's value, text read as UTF-8 where it is: Pillow takes each byte for a letter of Latin-1."""
    return text_of(value.encode("latin-1")) if isinstance(value, str) else value


def as_bytes(value):
    """The bytes of a tag, which Pillow and tifffile give as a tuple of numbers or of bytes, as a number, or as text."""
    if isinstance(value, str):
        return value.encode("latin-1")
    if isinstance(value, bytes):
        return value
    values = value if isinstance(value, tuple) else (value,)
    if values and isinstance(values[0], bytes):
        return b"".join(values)
    if max(values, default=0) < 256:
        return bytes(values)
    for order in "<>":  # four bytes a number, as many programs write IPTC
        data = struct.pack(f"{order}{len(values)}I", *values)
        if data.startswith((b"\x1c", b"8BIM", b"<")):
            return data
    return b""


class _UTF8(str):
    """Text that Pillow writes as UTF-8 where it asks for ASCII."""

    __slots__ = ()

    def encode(self, *_):
        return str.encode(self, "utf-8", "replace")


class WrittenExif:
    """The Exif of a result: the photo's own, upright, its size, and the note beside the caption."""

    def __init__(self, metadata, size, note, tool):
        self.main, self.details = dict(metadata.exif), dict(metadata.details)
        self.places = dict(metadata.places)
        if self.details:
            self.details |= {COLOR_SPACE: 1, WIDTH: size[0], HEIGHT: size[1]}
        if note:
            software = str(self.main.get(SOFTWARE, "")).strip("\0 ")
            self.main[SOFTWARE] = software if tool in software else "; ".join(filter(None, [software, tool]))
            self.details[USER_COMMENT] = _with_note(self.details.get(USER_COMMENT), note)
            if not metadata.has_caption:
                self.main[CAPTION] = note
        if self.main or self.details or self.places:
            self.main[ORIENTATION] = 1

    def add_text(self, text):
        """Take over PNG's texts that have a tag and are not there yet; the others, "Keyword: text" each."""
        others = []
        for keyword, value in text.items():
            tag = TEXT.get(keyword)
            if tag and not self.main.get(tag):
                self.main[tag] = value
            elif self.main.get(tag) != value:
                others.append(value if keyword == "Comment" else f"{keyword}: {value}")
        return others

    def add_comment(self, lines):
        """Put lines behind the owner's comment, for a format that has no other place for them."""
        if lines:
            comment = self.details.get(USER_COMMENT)
            self.details[USER_COMMENT] = _with_note(comment, "\n".join(lines), "\n")

    def add_dpi(self, dpi):
        self.main |= {X_RESOLUTION: float(dpi[0]), Y_RESOLUTION: float(dpi[1]), UNIT: 2}

    def tobytes(self, most=None):
        """As bytes of at most `most`: a maker's note, then the largest values, are left out first; b"" for none."""
        data = self._exif().tobytes() if self.main or self.details or self.places else b""
        while most and len(data) > most:
            if MAKER_NOTE in self.details:
                del self.details[MAKER_NOTE]
            elif self.main or self.details:
                directory = max(self.main, self.details, key=lambda d: max([_size(v) for v in d.values()], default=0))
                del directory[max(directory, key=lambda tag: _size(directory[tag]))]
            else:
                return b""
            data = self._exif().tobytes()
        return data

    def for_tiff(self, packet, iptc):
        """As the directory of a TIFF, with an XMP packet and IPTC's blocks."""
        directory = TiffImagePlugin.ImageFileDirectory_v2()
        for tag, value in _writable(self.main).items():
            directory[tag] = value
        for which, values in ((EXIF, self.details), (GPS, self.places)):
            if values := _writable(values, which):
                directory[which] = values
        if packet:
            directory[XMP] = packet
        if iptc:
            directory[PHOTOSHOP] = photoshop_bytes(iptc)
            if 0x0404 in iptc:
                directory[IPTC] = iptc[0x0404]
        return directory

    def _exif(self):
        exif = Image.Exif()
        for tag, value in _writable(self.main).items():
            exif[tag] = value
        for which, directory in ((EXIF, self.details), (GPS, self.places)):
            if directory := _writable(directory, which):
                exif[which] = directory
        return exif


def _writable(directory, which=None):
    """The tags that Pillow can write: all, or each that it can by itself."""
    directory = {tag: _UTF8(value) if isinstance(value, str) else value for tag, value in directory.items()}
    with contextlib.suppress(Exception):
        _written(directory, which)
        return directory
    good = {}
    for tag, value in directory.items():
        with contextlib.suppress(Exception):
            _written({tag: value}, which)
            good[tag] = value
    return good


def _written(directory, which):
    exif = Image.Exif()
    for tag, value in (directory if which is None else {which: directory}).items():
        exif[tag] = value
    return exif.tobytes()


def _size(value):
    return len(value) if isinstance(value, (bytes, str, tuple)) else 8


def _with_note(comment, note, between=" "):
    """The bytes of the owner's comment and, beside it, the note."""
    own = _comment(comment)
    text = own if note in own else between.join(filter(None, [own, note]))
    return b"ASCII\0\0\0" + text.encode() if text.isascii() else b"UNICODE\0" + text.encode("utf-16-le")


def _comment(comment):
    """The text of Exif's UserComment, whose first eight bytes name its letters."""
    if not isinstance(comment, bytes):
        return str(comment or "").strip("\0 ")
    letters, text = comment[:8], comment[8:]
    if letters.startswith(b"UNICODE"):
        large_first = text[::2].count(0) > text[1::2].count(0)
        return text.decode("utf-16-be" if large_first else "utf-16-le", "replace").strip("\0 \ufeff")
    return text.decode("latin-1").strip("\0 ")
