"""The server of the page: what it refuses, and how it begins and ends."""

import json
import re
import signal
import socket
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import nbformat
import numpy as np
import pytest

from colorlib import cli
from colorlib.page import serve as serving
from colorlib.page.predictions import History

websocket = pytest.importorskip(
    "websocket", reason="THE SERVER'S TESTS WERE SKIPPED: voila's websocket-client is missing"
)
pytest.importorskip("voila", reason="THE SERVER'S TESTS WERE SKIPPED: voila is missing. pip install .[test]")


def get(url, **headers):
    """(status, body) of a request."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


@pytest.fixture(scope="module")
def page(server):
    """The HTML of the page; its kernel runs as long as nobody closes it."""
    with urllib.request.urlopen(server.url, timeout=120) as answer:
        server.policy = answer.headers["Content-Security-Policy"]
        return answer.read().decode()


def connect(server, page, **options):
    kernel = re.search(r'"kernelId": ?"([\w-]+)"', page)[1]
    url = f"ws://127.0.0.1:{server.port}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    return websocket.create_connection(url, timeout=20, **options)


def message(kind, content):
    header = {
        "msg_id": uuid.uuid4().hex,
        "username": "",
        "session": uuid.uuid4().hex,
        "msg_type": kind,
        "version": "5.3",
    }
    return json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})


def test_the_page_shows_the_demo_and_no_code(page):
    assert "<title>" in page and "widget-view" in page
    for hidden in ("ColoringDemo", "import colorlib", "How it is built", "%pip"):
        assert hidden not in page
    assert str(Path(__file__).parent.parent) not in page


@pytest.mark.parametrize(
    "path",
    ["03_web_demo.ipynb", "run.py", "../README.md", "..%2fREADME.md", "%2e%2e/colorlib/demo.py", "..\\README.md"],
)
def test_no_file_beside_the_notebook_is_served(server, path):
    assert get(f"{server.url}voila/files/{path}")[0] in (403, 404)
    status, body = get(server.url + path)  # Voila sends a path on to its files
    assert status in (403, 404) and "colorlib" not in body


def test_the_history_is_not_served(server):
    gray = np.zeros((40, 40), np.uint8)
    entry = History(server.out / "predictions").add(gray, np.stack([gray] * 3, -1), "x")
    for place in (entry.colored, entry.colored.relative_to(server.out), f"predictions/{entry.folder.name}/colored.jpg"):
        assert get(f"{server.url}voila/files/{str(place).lstrip('/')}")[0] in (403, 404)
        assert get(f"{server.url}voila/files/{'../' * 12}{str(place).lstrip('/')}")[0] in (403, 404)
    for place in ("voila/tree", "voila/api/contents", "api/contents", "files/run.py", "api/kernels", "api/sessions"):
        assert get(server.url + place)[0] in (403, 404, 405)


def test_a_foreign_origin_is_refused(server, page):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(server, page, origin="http://evil.example")
    connect(server, page, origin=f"http://127.0.0.1:{server.port}").close()


def test_a_foreign_host_is_refused(server, page):
    """A name of somebody else's that was pointed at this computer would be of one origin with itself."""
    assert get(server.url, Host=f"evil.example:{server.port}")[0] == 403
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(server, page, host=f"evil.example:{server.port}", origin=f"http://evil.example:{server.port}")


def test_code_from_the_page_is_not_run(server, page, tmp_path):
    connection = connect(server, page)
    for kind in ("execute_request", "complete_request", "inspect_request"):
        code = f"open({str(tmp_path / 'ran')!r}, 'w').close()"
        connection.send(message(kind, {"code": code, "silent": False, "cursor_pos": 0, "detail_level": 0}))
    connection.send(message("kernel_info_request", {}))  # answered, so what came before has been dealt with
    answers = []
    while "kernel_info_reply" not in answers:
        answers.append(json.loads(connection.recv())["header"]["msg_type"])
    time.sleep(1)
    connection.close()
    assert not (tmp_path / "ran").exists()
    assert not {"execute_reply", "execute_input", "complete_reply", "inspect_reply"} & set(answers)


def test_the_browser_is_told_to_talk_to_nobody_else(server, page):
    assert "connect-src 'self'" in server.policy and "frame-ancestors 'none'" in server.policy


def test_token_port_and_end(serve, network, capsys):
    server = serve("--token", "secret-word")
    assert "token=secret-word" in serving.address("127.0.0.1", server.port, "secret-word")
    status, html = get(server.url)
    assert "widget-view" not in html and "assword" in html  # the login
    assert get(server.url + "?token=wrong")[1].count("widget-view") == 0
    assert "widget-view" in get(server.url + "?token=secret-word")[1]

    arguments = ["demo", "--port", str(server.port), "--out", str(server.out), "--model", str(network)]
    assert cli.main(arguments) == 1
    error = capsys.readouterr().err
    assert f"port {server.port}" in error and f"--port {server.port + 1}" in error and error.count("\n") == 1

    printed = server.stop(signal.SIGINT)
    assert server.process.returncode == 0 and "Traceback" not in printed
    assert f"http://127.0.0.1:{server.port}/?token=secret-word" in printed and "The page has ended." in printed
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_open_to_the_network_comes_with_a_warning(serve):
    server = serve("--host", "0.0.0.0")
    printed = server.stop()
    assert "Careful: everybody on the network, without a password, can use this page" in printed


def test_what_is_wrong_is_one_sentence(network, capsys):
    for arguments, words in [
        (["--model", "none.keras"], "There is no network file none.keras"),
        (["--model", "none"], "There is no trained network 'none'"),
        (["--size", "7"], "size is 7; wanted a whole number of pixels, at least 32"),
        (["--port", "99999"], "The port is 99999"),
        (["--host", "no.such.host.invalid"], "The page cannot be at no.such.host.invalid"),
    ]:
        assert cli.main(["demo", *arguments]) == 1
        assert words in capsys.readouterr().err


def test_the_notebook_keeps_only_the_page():
    notebook = nbformat.read(serving.notebook(), as_version=4)
    shown = serving.only_the_page(None, notebook, "")
    text = "\n".join(cell.source for cell in shown.cells)
    assert [cell.cell_type for cell in shown.cells] == ["code"] * 3
    assert "ColoringDemo(" in text and "google.colab" not in text and "How it is built" not in text
