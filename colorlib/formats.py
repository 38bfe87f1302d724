"""The kinds of image files: which are read, which are not and what their owner can do; known by ending and first bytes.

This is the one list of endings. `kind_of` judges a file by its first bytes, since a HEIC file is often called .jpg.
"""

import importlib
import importlib.util
from pathlib import Path

READ = {  # Pillow's format -> endings
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff", ".btf", ".tf8"),
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "AVIF": (".avif", ".avifs"),
    "JPEG2000": (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"),
    "PSD": (".psd",),
    "TGA": (".tga", ".icb", ".vda", ".vst"),
    "PCX": (".pcx",),
    "SGI": (".sgi", ".rgb", ".rgba", ".bw"),
    "SUN": (".ras", ".sun"),
}
PLUGINS = {  # Pillow's format -> endings, the package that reads it, how to install it
    "HEIF": ((".heic", ".heif", ".hif", ".heics"), "pillow_heif", 'pip install "colorlib[heif]"'),
    "JXL": ((".jxl",), "pillow_jxl", "pip install pillow-jxl-plugin"),
}
WANTED = "JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or JPEG 2000"
DEVELOP = "develop it with the camera's program, darktable or RawTherapee, and save it as TIFF or JPEG"
NOT_READ = {  # kind -> endings, what it is, the way out
    "raw": (
        ".dng .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .orf .raf .rw2 .raw .pef .srw .x3f .erf .mrw .dcr .kdc .mef .mos "
        ".iiq .3fr .fff .rwl .gpr",
        "a camera's raw data",
        DEVELOP,
    ),
    "PDF": (".pdf", "a PDF", "save its pages as images (pdftoppm -png FILE PAGES)"),
    "XCF": (".xcf .ora .kra .afphoto .cpt .pdn .procreate .sketch", "a paint program's own file", "export it as PNG"),
    "PSB": (".psb", "a large Photoshop file", "save it as TIFF"),
    "EPS": (".eps .ps .ai", "a PostScript file", "save it as PNG"),
    "EXR": (".exr .hdr .rgbe .dpx .cin", "a high-dynamic-range image", "save it as a 16-bit TIFF"),
    "DJVU": (".djvu .djv", "a DjVu book", "save its pages as images (ddjvu -format=tiff FILE PAGES.tif)"),
    "JXR": (".jxr .wdp .hdp", "a JPEG XR file", "save it as PNG"),
    "old": (".pcd .fpx .pict .pct .jng .pam .xpm .ppf .jls .jpm .qoi", "an image of a rare format", "save it as PNG"),
    "FITS": (".fits .fit .fts .dcm .nii", "a scientific image", "save it as PNG"),
    "SVG": (".svg .svgz .emf .wmf .cdr", "a drawing", "save it as PNG"),
    "icon": (".ico .cur .icns", "an icon", "save it as PNG"),
    "film": (".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .wmv .3gp .mts .m2ts .ogv", "a film", "run colorlib film"),
    "archive": (".zip .rar .7z .tar .tgz .gz .bz2 .xz .cbz .cbr", "an archive", "unpack it first"),
    "page": ("", "a web page instead of a photo", "download the photo itself"),
}
PHOTOS_NOT_READ = ("raw", "PDF", "XCF", "PSB", "EPS", "EXR", "DJVU", "JXR", "old")  # their owner misses these
ENDINGS = tuple(ending for endings in READ.values() for ending in endings)
JPEG_ENDINGS = READ["JPEG"][:5]
WRITTEN = (*JPEG_ENDINGS, ".png", ".tif", ".tiff")
SIGNATURES = (  # (offset, first bytes, kind): the longer before the shorter
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBP", "WEBP"),
    (8, b"CR\x02", "raw"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"IIU\0", "raw"),
    (0, b"IIRO", "raw"),
    (0, b"IIRS", "raw"),
    (0, b"FUJIFILM", "raw"),
    (0, b"FOVb", "raw"),
    (0, b"GIF8", "GIF"),
    (0, b"\0\0\0\x0cjP  ", "JPEG2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG2000"),
    (0, b"8BPS\0\1", "PSD"),
    (0, b"8BPS\0\2", "PSB"),
    (0, b"\0\0\0\x0cJXL ", "JXL"),
    (0, b"\xff\x0a", "JXL"),
    (0, b"%PDF", "PDF"),
    (0, b"gimp xcf", "XCF"),
    (0, b"%!PS", "EPS"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (0, b"v/1\x01", "EXR"),
    (0, b"#?", "EXR"),
    (0, b"AT&TFORM", "DJVU"),
    (0, b"II\xbc", "JXR"),
    (0, b"SIMPLE  =", "FITS"),
    (0, b"\x1aE\xdf\xa3", "film"),
    (0, b"PK\3\4", "archive"),
    (0, b"<svg", "SVG"),
    (0, b"\x59\xa6\x6a\x95", "SUN"),
    (0, b"\x01\xda", "SGI"),
    (0, b"BM", "BMP"),
    (0, b"\0\0\1\0", "icon"),
)
BRANDS = {  # of the ISO container: the first that is found among a file's brands
    "AVIF": (b"avif", b"avis"),
    "HEIF": (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"heif", b"mif1", b"msf1"),
    "raw": (b"crx ",),
}
LOOKS_AT = 512  # bytes of a file that `kind_of` wants


def kind_of(head, name=""):
    """The kind of a file by its first bytes: a format of READ or PLUGINS, a kind of NOT_READ, or None.

    Args:
        head: The file's first LOOKS_AT bytes.
        name: The file's name, by which TGA is known: its files begin with anything.
    """
    for offset, signature, kind in SIGNATURES:
        if head.startswith(signature, offset):
            return kind
    if head[4:8] == b"ftyp":
        brands = head[8 : 8 + min(int.from_bytes(head[:4], "big"), 256)]
        return next((kind for kind, names in BRANDS.items() if any(name in brands for name in names)), "film")
    if head[:1] == b"P" and head[1:2] in b"123456fFy" and len(head) > 2:
        return "PPM"
    if head[:1] == b"\x0a" and head[1:2] in (b"\0", b"\2", b"\3", b"\5") and head[2:3] == b"\1":
        return "PCX"
    if head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "page"
    return "TGA" if str(name).lower().endswith(READ["TGA"]) else None


def by_ending(path):
    """The kind that a file's ending says: a format of READ or PLUGINS, a kind of NOT_READ, or None."""
    ending = Path(path).suffix.lower()
    return _KIND_OF_ENDING.get(ending)


def is_read(kind):
    """Whether files of a kind are read, here and now: for some a package must be installed."""
    return kind in READ or (kind in PLUGINS and importlib.util.find_spec(PLUGINS[kind][1]) is not None)


def read_endings():
    """The endings of all files that are read, here and now."""
    return ENDINGS + tuple(e for kind, (endings, *_) in PLUGINS.items() if is_read(kind) for e in endings)


def plug_in(kind):
    """Let Pillow read a kind of PLUGINS, whose package is installed."""
    module = importlib.import_module(PLUGINS[kind][1])
    if kind == "HEIF":
        module.register_heif_opener()


def refusal(name, kind):
    """The sentence about a file of a kind that is not read: what it is, and the way out."""
    if kind in PLUGINS:
        _, _, install = PLUGINS[kind]
        what = "a HEIC file" if kind == "HEIF" else "a JPEG XL file"
        return f"{name} is {what}, which needs a package that is not installed: {install}, or save the photo as JPEG."
    if kind in NOT_READ:
        _, what, way_out = NOT_READ[kind]
        return f"{name} is {what} and cannot be read: {way_out}."
    return f"{name} is not a photo that can be read; wanted {WANTED}."


_KIND_OF_ENDING = (
    {ending: kind for kind, (endings, _, _) in NOT_READ.items() for ending in endings.split()}
    | {ending: kind for kind, (endings, _, _) in PLUGINS.items() for ending in endings}
    | {ending: kind for kind, endings in READ.items() for ending in endings}
)
