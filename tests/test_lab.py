"""The canvas of ColorByHand in JupyterLab itself: a notebook is opened, run and clicked in a real browser."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from test_browser import browser as browser, expect

pytest.importorskip("jupyterlab", reason="THE CANVAS WAS NOT TRIED IN JUPYTERLAB: it is missing. pip install .[test]")

SOURCE = """from colorlib import Colorizer
from colorlib.page import ColorByHand
from colorlib.photos import sample_photo
ColorByHand(sample_photo("astronaut")[::4, ::4], Colorizer("unet", size=64)).show()"""


@pytest.fixture
def lab(tmp_path):
    """The address of a notebook in JupyterLab."""
    cell = nbformat.v4.new_code_cell(SOURCE)
    python = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # else it asks for one
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=python), tmp_path / "hand.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=word", f"--ServerApp.root_dir={tmp_path}", "--expose-app-in-browser"]
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / f".{name}") for name in ("CONFIG", "DATA", "RUNTIME")}
    folders["JUPYTERLAB_SETTINGS_DIR"] = folders["JUPYTERLAB_WORKSPACES_DIR"] = str(tmp_path / ".lab")
    process = subprocess.Popen(
        command, env=os.environ | folders, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/lab/tree/hand.ipynb?token=word"
    wait_for(f"http://127.0.0.1:{port}/api")
    yield address
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def wait_for(address):
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("JupyterLab did not come.")


def test_the_canvas_is_clicked_in_jupyterlab(browser, lab):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(lab)
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_be_visible()
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()  # before that nothing is run
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    canvas, status = page.locator("canvas.cl-hand-photo"), page.locator(".cl-hand-status")
    expect(status).to_have_text("0 points de couleur. Cliquez sur la photo pour en ajouter.")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    expect(page.locator(".cl-hand-swatch").first).to_be_visible()  # Python has answered
    expect(status).to_contain_text("1 point de couleur")
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(status).to_contain_text("0 points de couleur")
    if folder := os.environ.get("COLORLIB_SHOTS"):
        page.screenshot(path=f"{folder}/lab.png")
    context.close()
