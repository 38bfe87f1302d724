"""Serve the page as a web page: Voila runs notebook 03 and shows only the cells of the page."""

import asyncio
import html
import logging
import os
import secrets
import socket
import sys
import tempfile
import webbrowser
from pathlib import Path
from urllib.parse import quote

from colorlib import pretrained_networks
from colorlib.files import reason
from colorlib.page import keepsakes
from colorlib.page.guard import Guard, guarded, is_local
from colorlib.page.predictions import History
from colorlib.settings import Settings

NOTEBOOK = "03_web_demo.ipynb"
MEGABYTES = 100  # largest message, which is an upload
IDLE = 60  # the kernel of a closed page is ended after this many idle seconds
RESULTS = "results/"  # the URL path of the results
PAGE_BYTES = 1.2e9  # memory of a page that has colored a large photo
LEFT_OUT = ["jupyterlab_pygments"]  # extensions that the page does not need
POLICY = "; ".join(  # the page may contact only this server; widgets need inline code, eval and blobs
    [
        "default-src 'self' data: blob:",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "connect-src 'self' data: blob:",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "object-src 'none'",
    ]
)


def serve(
    port=8000,
    host="127.0.0.1",
    token=None,
    history="outputs/predictions",
    model=None,
    size=None,
    pages=None,
    open_browser=False,
):
    """Serve the page until Ctrl-C.

    Args:
        port: The port to listen on, 1..65535.
        host: The address to listen on. If other computers can reach it, visitors cannot color local files by path.
        token: The token that opens the page. None: $COLORLIB_TOKEN, or a new random one.
        history: The folder of the previous predictions.
        model: A name that `pretrained()` lists, or the path of a `.keras` file. None: the default network.
        size: The shorter side in pixels of the copy that the network sees. None: the network's default.
        pages: How many pages may be open at the same time. None: as many as fit into memory.
        open_browser: Whether to open the page in the browser.

    Raises:
        ValueError: The port is taken or out of range, Voila is missing, or there is no such network.
    """
    pretrained_networks.check(model, size)
    model = Path(model).resolve() if pretrained_networks.is_file(model) else model
    _check_port(host, port)
    print("Starting the page ...", flush=True)
    token = token or os.environ.pop("COLORLIB_TOKEN", None) or secrets.token_urlsafe(16)
    open_to_others, history = not is_local(host), Path(history).resolve()
    Settings(
        model=model and str(model),
        size=size,
        history=str(history),
        upload_mb=Settings.from_environment().upload_mb or MEGABYTES * 0.95,
        public=open_to_others,
        cache=Settings.from_environment().cache,
        results=RESULTS,
    ).to_environment()  # each page runs in a process of its own
    server = _server(host, port, token, History(history), pages or _pages())
    print(f"The page is at {address(host, port, token)}", "Ctrl-C ends it.", sep="\n", flush=True)
    if open_to_others:
        print("Careful: anyone who has this address can use the page and see all previous predictions.", flush=True)
    if open_browser:
        asyncio.get_event_loop_policy().get_event_loop().call_later(0.5, _open_in_browser, address(host, port, token))
    server.start()
    print("\nThe page has ended.")


def _pages():
    """How many pages fit into this computer's memory, 2..10."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return 4
    return int(min(10, max(2, memory / 2 // PAGE_BYTES)))


def _open_in_browser(url):
    """Open an address through a private file that redirects to it: other users can read the command line."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    folder = Path(tempfile.mkdtemp(prefix="colorlib_"))  # only its owner can read it
    page = folder / "open.html"
    page.write_text(f'<meta http-equiv="refresh" content="0; url={html.escape(url)}">', encoding="utf-8")
    webbrowser.open(page.as_uri())


def address(host, port, token=None):
    """The URL of the page, with its token.

    Args:
        host: The address that the server listens on. For "0.0.0.0" and "::" the URL has this computer's address in its
            network.
        port: The port.
        token: The token. None: a URL without one.
    """
    host = _own_address() if host in ("0.0.0.0", "::") else host
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/{'?token=' + quote(token, safe='') if token else ''}"


def _own_address():
    """This computer's address in its network, or 127.0.0.1 if it has none. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation
            return probe.getsockname()[0]
    except OSError:
        return "127.0.0.1"


def notebook():
    """The Path of notebook 03, which is beside the package in a checkout, and inside it in an installation."""
    here = Path(__file__).parents[1]
    places = [here.parent / "notebooks" / NOTEBOOK, here / "notebooks" / NOTEBOOK]
    return next(path for path in places if path.is_file())


def only_the_page(_handler, notebook, cwd):
    """Voila's `prelaunch_hook`: returns the notebook with only the cells that are tagged "page"."""
    notebook.cells = [cell for cell in notebook.cells if "page" in cell.metadata.get("tags", [])]
    notebook.metadata["title"] = "Color a black-and-white photo"
    return notebook


def _check_port(host, port):
    """Raise ValueError if the server cannot listen on this port."""
    if not 0 < port < 65536:
        raise ValueError(f"The port is {port}; wanted a number from 1 to 65535.")
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
            probe.bind(place)
    except OSError as error:
        raise ValueError(
            f"The page cannot be at {host}, port {port} ({reason(error)}). "
            f"Try another port: colorlib demo --port {port + 1}"
        ) from error


def _server(host, port, token, history, pages):
    """A Voila server for the page. It ignores all configuration files."""
    try:
        from jupyter_client import KernelManager
        from traitlets.config import Config
        from voila.app import Voila

        from colorlib.page import handlers, login
    except ImportError as error:
        raise ValueError('The page needs Voila. Install it with: pip install "colorlib[demo]"') from error

    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # hides warnings about Jupyter's ping settings
    logging.getLogger("tornado.access").setLevel(logging.ERROR)  # hides a line for each refused request
    config = Config()
    config.VoilaConfiguration.file_allowlist = []  # otherwise every picture beside the notebook is served
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.prelaunch_hook = only_the_page
    config.VoilaConfiguration.extension_denylist = LEFT_OUT
    if hasattr(KernelManager, "transport_encryption"):  # otherwise a warning is printed at each visit
        config.KernelManager.transport_encryption = "auto"
    config.VoilaConfiguration.multi_kernel_manager_class = handlers.PageKernels
    config.PageKernels.pages = pages
    config.MappingKernelManager.cull_idle_timeout = IDLE
    config.MappingKernelManager.cull_interval = 10
    settings = {
        "websocket_max_message_size": MEGABYTES * 1024 * 1024,  # default: 10 MiB; larger messages are silently lost
        "websocket_compression_options": {"compression_level": 3},
        "allow_remote_access": True,  # Guard checks the host names
        "guard": Guard(host, token),
        "headers": {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
    }
    server = _page_server(Voila, handlers, login, history)(
        config=config,
        config_file_paths=[],
        notebook_path=str(notebook()),
        ip=host,
        port=port,
        port_retries=0,
        open_browser=False,
        token=token,
        log_level="ERROR",
        tornado_settings=settings,
    )
    server.initialize([])
    return server


def _page_server(voila, handlers, login, history):
    """A subclass of Voila's app with our handlers besides its own; all of them are guarded."""
    name = r"(\d{8}-\d{6}-\d{6}-[0-9a-f]{8})"
    results = [
        (rf"/{RESULTS}{name}/(colored|gray|preview)", handlers.ResultHandler, {"history": history}),
        (r"/ping/([\w-]+)", handlers.PingHandler),
        (r"/cancel/([\w-]+)", handlers.CancelHandler),
        (rf"/{RESULTS}photos.zip", handlers.ZipHandler, {"history": history}),
        (
            rf"/{RESULTS}sheet.jpg",
            handlers.KeepsakeHandler,
            {"history": history, "name": "contact_sheet.jpg", "make": keepsakes.contact_sheet},
        ),
        (
            rf"/{RESULTS}both.jpg",
            handlers.KeepsakeHandler,
            {
                "history": history,
                "name": "before_and_after.jpg",
                "make": lambda entries: keepsakes.before_and_after(entries[0]),
            },
        ),
    ]
    replaced = {
        handlers.TornadoVoilaHandler: handlers.PageHandler,
        handlers.VoilaShutdownKernelHandler: handlers.EndHandler,
    }

    class PageServer(voila):
        def init_settings(self):
            return super().init_settings() | {"compress_response": True}  # `tornado_settings` are applied too late

        def init_handlers(self):
            own = [(path, replaced.get(kind, kind), *rest) for path, kind, *rest in super().init_handlers()]
            own = [(path, login.LoginHandler if path.endswith("/login") else kind, *rest) for path, kind, *rest in own]
            return guarded(results + own)

    return PageServer
