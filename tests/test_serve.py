"""The server of the page: what it refuses, and how it begins and ends."""

import asyncio
import contextlib
import http.cookiejar
import io
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

from colorlib import cli
from colorlib.page import serve as serving
from colorlib.page.predictions import History

websocket = pytest.importorskip(
    "websocket", reason="THE SERVER'S TESTS WERE SKIPPED: voila's websocket-client is missing"
)
pytest.importorskip("voila", reason="THE SERVER'S TESTS WERE SKIPPED: voila is missing. pip install .[test]")


def browser():
    """Something that keeps cookies, as a browser does."""
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def ask(opener, url, data=None, **headers):
    """(status, body, headers) of a request."""
    request = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with opener.open(request, timeout=300) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def get(url, **headers):
    """(status, body) of a request without a cookie."""
    status, body, _ = ask(urllib.request.build_opener(), url, **headers)
    return status, body.decode(errors="replace")


@pytest.fixture(scope="module")
def visitor(server):
    """A browser that has opened the page; `visitor.page` is its HTML."""
    opener = browser()
    status, body, headers = ask(opener, server.address)
    assert status == 200
    opener.page, server.policy = body.decode(), headers["Content-Security-Policy"]
    return opener


@pytest.fixture(scope="module")
def page(visitor):
    """The HTML of the page; its kernel runs as long as nobody closes it."""
    return visitor.page


def cookie_of(opener):
    jar = next(handler for handler in opener.handlers if hasattr(handler, "cookiejar")).cookiejar
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def kernel_of(page):
    return re.search(r'"kernelId": ?"([\w-]+)"', page)[1]


@pytest.fixture
def connect(server, visitor):
    """A function that connects to the Python of a new page; one that nobody connects to ends after a minute."""
    kernel = kernel_of(ask(visitor, server.url)[1].decode())

    def connected(**options):
        url = f"ws://127.0.0.1:{server.port}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        options = {"origin": f"http://127.0.0.1:{server.port}", "cookie": cookie_of(visitor)} | options
        return websocket.create_connection(url, timeout=60, **options)

    return connected


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
def test_no_file_beside_the_notebook_is_served(server, visitor, path):
    assert ask(visitor, f"{server.url}voila/files/{path}")[0] in (403, 404)
    status, body, _ = ask(visitor, server.url + path)  # Voila sends a path on to its files
    assert status in (403, 404) and b"colorlib" not in body


@pytest.fixture
def entry(server, rng):
    photo = rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)
    return History(server.out / "predictions").add(photo[..., 0], photo, "Großmutter, 1924.jpg")


def test_the_history_is_no_folder_of_files(server, visitor, entry):
    for place in (entry.colored, entry.colored.relative_to(server.out), f"predictions/{entry.folder.name}/colored.jpg"):
        assert ask(visitor, f"{server.url}voila/files/{str(place).lstrip('/')}")[0] in (403, 404)
        assert ask(visitor, f"{server.url}voila/files/{'../' * 12}{str(place).lstrip('/')}")[0] in (403, 404)
    for place in ("voila/tree", "voila/api/contents", "api/contents", "files/run.py", "api/kernels", "api/sessions"):
        assert ask(visitor, server.url + place)[0] in (403, 404, 405)


def test_a_result_is_an_ordinary_file_that_can_be_resumed(server, visitor, entry):
    url = f"{server.url}results/{entry.folder.name}/colored"
    status, body, headers = ask(visitor, url)
    assert status == 200 and body == entry.colored.read_bytes()
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''Gro%C3%9Fmutter%2C%201924_in_color.jpg"
    status, rest, _ = ask(visitor, url, Range="bytes=100-")
    assert status == 206 and rest == body[100:]
    assert ask(visitor, url.replace("colored", "gray"))[1] == entry.gray.read_bytes()


def test_results_are_for_this_page_only(server, visitor, entry):
    url = f"{server.url}results/{entry.folder.name}/colored"
    assert b"JFIF" not in ask(browser(), url)[1]  # the login
    assert ask(visitor, url, Sec_Fetch_Site="cross-site")[0] == 403
    assert ask(visitor, url, Origin="http://evil.example")[0] == 403
    for path in ("about.json", "preview.jpg", "..%2fcolored", "colored/../../../x"):
        assert ask(visitor, f"{server.url}results/{entry.folder.name}/{path}")[0] in (403, 404)
    assert ask(visitor, f"{server.url}results/20260101-000000-000000-00000000/colored")[0] == 404


def test_several_results_in_one_zip(server, visitor, entry):
    other = History(server.out / "predictions").add(
        np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3), np.uint8), entry.title
    )
    names = f"{entry.folder.name},{other.folder.name}"
    status, body, _ = ask(visitor, f"{server.url}results/photos.zip?names={names}")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["Großmutter, 1924_in_color.jpg", "Großmutter, 1924_in_color 2.jpg"]
        assert archive.read(archive.namelist()[0]) == entry.colored.read_bytes() and archive.testzip() is None
    assert status == 200 and ask(visitor, f"{server.url}results/photos.zip?names=../x")[0] == 404


def test_another_web_page_cannot_open_pages(server, visitor):
    before = pythons(server)
    for site in ("cross-site", "same-site"):
        status, body, _ = ask(
            visitor, server.url, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image"
        )
        assert status == 403 and b"Another web page has asked for this" in body
    frame = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}
    assert ask(visitor, server.address, **frame)[0] == 403
    assert pythons(server) == before


def pythons(server):
    """How many pages have a Python."""
    count = 0
    for child in psutil.Process(server.process.pid).children():
        with contextlib.suppress(psutil.Error):  # it ends at this moment
            count += "ipykernel" in " ".join(child.cmdline())
    return count


def end(opener, server, page, **headers):
    return ask(opener, f"{server.url}voila/api/shutdown/{kernel_of(page)}", b"", **headers)[0]


def test_a_closed_page_ends_its_python_at_once_and_only_its_own(serve):
    server, opener = serve(), browser()
    html = ask(opener, server.address)[1].decode()
    assert pythons(server) == 1
    assert end(opener, server, html, Origin="http://evil.example") == 403 and pythons(server) == 1
    assert end(browser(), server, html) in (403, 404) and pythons(server) == 1
    assert end(opener, server, html, Origin=server.url.rstrip("/")) == 204
    wait_until(lambda: pythons(server) == 0)
    assert end(opener, server, html) == 204  # once more: no error


def wait_until(happens, seconds=300):
    limit = time.monotonic() + seconds
    while not happens() and time.monotonic() < limit:
        time.sleep(0.5)
    assert happens()


def test_pages_that_nobody_looks_at_end_by_themselves_and_a_crowd_is_told(serve):
    server, opener = serve("--pages", "1"), browser()
    html = ask(opener, server.address)[1].decode()
    url = f"ws://127.0.0.1:{server.port}/api/kernels/{kernel_of(html)}/channels?session_id=1"
    looking = websocket.create_connection(url, cookie=cookie_of(opener), origin=server.url.rstrip("/"))
    time.sleep(6)
    status, body, _ = ask(opener, server.url)
    assert status == 503 and b"1 pages are open" in body and pythons(server) == 1
    looking.close()
    wait_until(lambda: pythons(server) == 0)  # a minute later
    assert ask(opener, server.url)[0] == 200 and pythons(server) == 1


def test_wrong_tokens_are_slowed_and_foreign_requests_leave_no_traceback(serve):
    server = serve()
    began = time.monotonic()
    for guess in range(5):
        assert "widget-view" not in get(f"{server.url}?token=guess{guess}")[1]
    assert time.monotonic() - began > 0.1 + 0.2 + 0.4 + 0.8 + 1.6
    opener = browser()
    ask(opener, server.address + "x")
    for path in (
        "api/kernels/00000000-0000-0000-0000-000000000000/channels",
        "voila/api/shutdown/x",
        "voila/static/no",
    ):
        assert ask(opener, server.url + path)[0] in (400, 403, 404, 405)
    assert "Traceback" not in server.stop()


def test_a_browser_that_goes_while_a_page_opens_leaves_no_line(serve):
    server, opener = serve(), browser()
    kernel = kernel_of(ask(opener, server.address)[1].decode())
    head = [f"GET /api/kernels/{kernel}/channels?session_id=x HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    head += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    head += ["Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==", f"Cookie: {cookie_of(opener)}"]
    head += [f"Origin: http://127.0.0.1:{server.port}", "", ""]
    for wait in (0, 0.005, 0.02, 0.05, 0.1):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall("\r\n".join(head).encode())
            time.sleep(wait)
    assert ask(opener, f"{server.url}ping/{kernel}")[0] == 204
    assert "channels" not in server.stop()


def test_a_foreign_origin_is_refused(server, connect):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(origin="http://evil.example")
    connect().close()


def test_a_foreign_host_is_refused(server, connect):
    """A name of somebody else's that was pointed at this computer would be of one origin with itself."""
    assert get(server.url, Host=f"evil.example:{server.port}")[0] == 403
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(host=f"evil.example:{server.port}", origin=f"http://evil.example:{server.port}")


def test_code_from_the_page_is_not_run(connect, tmp_path):
    connection = connect()
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
    server = serve("--token", "secret word")
    assert serving.address("127.0.0.1", server.port, "secret word").endswith("/?token=secret%20word")
    assert "secret" not in " ".join(psutil.Process(server.process.pid).cmdline())
    status, html = get(server.url)
    assert "widget-view" not in html and "assword" in html  # the login
    assert get(server.url + "?token=wrong")[1].count("widget-view") == 0
    opener = browser()
    assert "widget-view" in ask(opener, server.url + "?token=secret%20word")[1].decode()

    arguments = ["demo", "--port", str(server.port), "--out", str(server.out), "--model", str(network)]
    assert cli.main(arguments) == 1
    error = capsys.readouterr().err
    assert f"port {server.port}" in error and f"--port {server.port + 1}" in error and error.count("\n") == 1

    printed = server.stop(signal.SIGINT)
    assert server.process.returncode == 0 and "Traceback" not in printed
    assert f"http://127.0.0.1:{server.port}/?token=secret%20word" in printed and "The page has ended." in printed
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_without_the_token_one_reads_what_to_do(server):
    status, html = get(server.url, Accept_Language="de-CH, en;q=0.5")
    assert status == 200 and '<html lang="de"' in html and "colorlib demo gezeigt hat" in html
    html = get(server.url, Accept_Language="en-GB, de;q=0.5")[1]
    assert "opens with the address that colorlib demo has printed" in html and "Jupyter Server" not in html
    opener = browser()
    form = ask(opener, server.url + "login")[1].decode()
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', form)[1]
    for word, known in [("wrong", False), (server.token, True)]:
        status, body, _ = ask(opener, server.url + "login?next=%2Fping%2Fx", f"_xsrf={xsrf}&password={word}".encode())
        assert (b"not the token of this start" in body) == (not known) and status == (410 if known else 401)


def test_each_start_has_a_new_token(serve):
    first, second = (serve(COLORLIB_TOKEN="").stop() for _ in range(2))
    tokens = [re.search(r"token=(\S+)", printed)[1] for printed in (first, second)]
    assert len(set(tokens)) == 2 and all(len(token) >= 20 for token in tokens)


def test_the_browser_is_opened_by_a_private_file(monkeypatch):
    opened = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", opened.append)
    serving._open_in_browser("http://127.0.0.1:8000/?token=secret")
    path = Path(opened[0].removeprefix("file://"))
    assert "secret" not in opened[0] and "token=secret" in path.read_text()
    assert os.name != "posix" or path.parent.stat().st_mode & 0o077 == 0


def test_open_to_the_network_comes_with_a_warning(serve):
    server = serve("--host", "0.0.0.0")
    assert get(server.url, Host="evil.example")[0] == 403
    assert get(server.url, Host=f"127.0.0.1:{server.port}")[0] == 200
    printed = server.stop()
    assert "Careful: anyone who has this address can use the page" in printed


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


def test_a_page_whose_connection_closed_while_it_opened_is_ended(monkeypatch):
    from colorlib.page import handlers

    kernels, looked_at = handlers.PageKernels(), []

    async def cull(kernels, kernel_id):
        looked_at.append(kernels._kernel_connections[kernel_id])

    monkeypatch.setattr(handlers.AsyncMappingKernelManager, "cull_kernel_if_idle", cull)
    for connections in (-1, 0, 1):
        kernels._kernel_connections["page"] = connections
        asyncio.run(kernels.cull_kernel_if_idle("page"))
    assert looked_at == [0, 0, 1]
