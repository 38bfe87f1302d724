"""Damaged and strange files, made on the fly from a seed: each gives a photo or one PhotoError, in bounded time."""

import io
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import hostile_files
import numpy as np
import pytest
from PIL import Image, features

from colorlib import load_photo, models
from colorlib.photos import PhotoError

TIMES = int(os.environ.get("FUZZ_TIMES", 1))  # FUZZ_TIMES=100 tries a hundred times as many files
FILES = 2000 * TIMES
HOSTILE = 24 * TIMES  # of each family
SECONDS = 5  # for any one file
MEGABYTES, BYTES_PER_PIXEL = 400, 40  # of memory for one hostile file, and beside them for each pixel it really has
GROWTH = 1500  # MB of memory for all of them: a header may claim 150 megapixels and be believed until the data end

MODES = {
    "JPEG": ["L", "RGB", "CMYK"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "WEBP": ["RGB", "RGBA"],
    "TIFF": ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "LAB", "YCbCr"],
    "BMP": ["1", "L", "P", "RGB"],
    "GIF": ["L", "P", "RGB"],
    "AVIF": ["RGB", "RGBA"],
    "JPEG2000": ["L", "RGB", "RGBA"],
    "PPM": ["1", "L", "RGB"],
}


def originals(rng):
    """Whole files, (format, bytes), of every kind."""
    files = []
    for kind, modes in MODES.items():
        if kind == "AVIF" and not features.check("avif") or kind == "JPEG2000" and not features.check("jpg_2000"):
            continue
        for mode in modes:
            height, width = rng.integers(1, 40, 2)
            image = Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
            if mode == "I;16":
                image = Image.fromarray(rng.integers(0, 65536, (height, width), dtype=np.uint16))
            elif mode == "LAB":
                image = Image.frombytes("LAB", image.size, image.tobytes())
            else:
                image = image.convert(mode)
            file = io.BytesIO()
            image.save(file, kind)
            files.append((kind, file.getvalue()))
    return files


def cut(data, rng):
    return data[: rng.integers(0, len(data) + 1)]


def flipped(data, rng):
    damaged = bytearray(data)
    for place in rng.integers(0, len(data), rng.integers(1, 20)):
        damaged[place] ^= 1 << rng.integers(0, 8)
    return bytes(damaged)


def header_flipped(data, rng):
    return flipped(data[:64], rng) + data[64:]


def overwritten(data, rng):
    """A run of bytes replaced by large numbers, where sizes stand most of the time."""
    start = rng.integers(0, min(len(data), 48))
    return data[:start] + b"\x7f\xff\xff\xff"[: rng.integers(1, 5)] + data[start + 4 :]


def doubled(data, rng):
    return data + data[rng.integers(0, len(data)) :]


def noise(data, rng):
    return data[: rng.integers(0, 16)] + rng.bytes(rng.integers(0, 2000))


DAMAGES = [cut, flipped, header_flipped, overwritten, doubled, noise]


def damaged_files(count, seed=0):
    rng = np.random.default_rng(seed)
    whole = originals(rng)
    for _ in range(count):
        kind, data = whole[rng.integers(len(whole))]
        yield kind, DAMAGES[rng.integers(len(DAMAGES))](data, rng)


def test_whole_files_of_every_kind_are_read(rng):
    for kind, data in originals(rng):
        photo = load_photo(data)
        assert photo.dtype == np.uint8 and photo.ndim == 3 and photo.shape[2] == 3, kind


def test_a_damaged_file_is_a_photo_or_one_sentence():
    read, before = 0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for kind, data in damaged_files(FILES):
        start = time.perf_counter()
        try:
            photo = load_photo(data)
            read += 1
            assert photo.dtype == np.uint8 and photo.ndim == 3 and photo.shape[2] == 3
        except PhotoError as error:
            assert str(error).endswith(".") and "\n" not in str(error), kind
        assert time.perf_counter() - start < SECONDS, kind
    assert FILES / 20 < read < FILES * 19 / 20  # both happen
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < GROWTH


@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="peaks of memory are Linux's")
def test_hostile_files_cost_little():
    """Directories, claims, scans, profiles, metadata: read in a process of its own, whose memory is limited."""
    program = Path(__file__).with_name("hostile_files.py")
    done = subprocess.run([sys.executable, program, "0", str(HOSTILE)], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-300:]} {done.stderr[-2000:]}"
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == HOSTILE * len(hostile_files.FAMILIES)
    for file in found:
        assert file["seconds"] < SECONDS, file
        assert file["megabytes"] < MEGABYTES + file["pixels"] * BYTES_PER_PIXEL / 1e6, file
        assert file["outcome"] == "read" or file["outcome"].endswith(".") and "\n" not in file["outcome"], file
    read = {file["family"] for file in found if file["outcome"] == "read"}
    refused = {file["family"] for file in found if file["outcome"] != "read"}
    assert (
        read == {family.__name__ for family in hostile_files.FAMILIES} and {"directories", "claims", "scans"} <= refused
    )


def test_the_page_names_damaged_uploads_and_goes_on(gaudy):
    pytest.importorskip("ipywidgets")
    from colorlib import Colorizer
    from colorlib.page.demo import ColoringDemo

    demo = ColoringDemo(colorizer=Colorizer(gaudy), history=os.devnull)
    for i, (kind, data) in enumerate(damaged_files(FILES // 10, seed=1)):
        name = f"<b>{i}</b>.{kind.lower()}"
        demo.add({name: data})
        chosen, told = [photo.name for photo in demo.photos], " ".join(demo.notes)
        assert name in chosen or told, kind
        assert "<b>" not in demo.words.value and "Traceback" not in demo.words.value
        demo.session.photos = demo.photos[:1]


def test_the_command_line_names_them_all(tmp_path):
    models.alpha().save(tmp_path / "alpha.keras")
    (tmp_path / "in").mkdir()
    endings = {"JPEG2000": "jp2"}
    for i, (kind, data) in enumerate(damaged_files(20, seed=2)):
        (tmp_path / "in" / f"{i:02}.{endings.get(kind, kind.lower())}").write_bytes(data)
    command = [sys.executable, "-m", "colorlib", "colorize", "in", "--model", "alpha.keras", "--out", "out"]
    done = subprocess.run([*command, "--report", "report.csv"], cwd=tmp_path, capture_output=True, text=True)
    lines = (tmp_path / "report.csv").read_text().splitlines()[1:]
    colored = [line for line in lines if ",colored," in line]
    assert len(lines) == 20 and 0 < len(colored) < 20 and done.returncode == 1
    assert len(list((tmp_path / "out").glob("*.*g"))) >= len(colored) - 1
    assert f"{len(colored)} of 20 photos are in color" in done.stdout and "Traceback" not in done.stderr
