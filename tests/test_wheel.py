"""The wheel alone, in an environment that holds nothing else of colorlib: it colors a photo and serves the page."""

import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import colorlib

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The Python of an environment with the wheel; what colorlib depends on is borrowed from this one."""
    pytest.importorskip("setuptools", minversion="77", reason="building a wheel needs setuptools 77")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(CHECKOUT / "colorlib", source / "colorlib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "notebooks", source / "notebooks", ignore=shutil.ignore_patterns("clean"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, source], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    (home,) = (folder / "env").glob("lib/python*/site-packages")
    (home / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")  # its own .pth files are not followed
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "--python", folder / "env", "install", "--no-deps", wheel], check=True)
    return folder / "env" / "bin" / "python"


@pytest.fixture
def outside(monkeypatch, tmp_path):
    """A working folder and an environment from which the checkout cannot be seen."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_colors_a_photo(python, outside, samples):
    colorlib.save_photo(samples["camera"][::4, ::4], "camera.jpg")
    command = [python, "-m", "colorlib", "colorize", "camera.jpg", "--out", "colored.png"]
    subprocess.run(command, check=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"})
    assert np.ptp(colorlib.load_photo("colored.png"), axis=-1).max() > 20
    where = subprocess.run([python, "-c", "import colorlib; print(colorlib.__file__)"], capture_output=True, text=True)
    assert str(python.parent.parent) in where.stdout


def test_it_serves_the_page(python, outside, serve):
    pytest.importorskip("voila")
    server = serve(python=python, JUPYTER_PATH=f"{sys.prefix}/share/jupyter")  # Voila's templates, borrowed as well
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(server.address, timeout=300) as answer:
        page = answer.read().decode()
    assert "Color a black-and-white photo" in page and "kernelId" in page
