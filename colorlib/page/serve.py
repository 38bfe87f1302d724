"""The demo as a web page: notebook 03, of which only the page itself is shown, served by Voila."""

import ipaddress
import logging
import os
import socket
from pathlib import Path
from urllib.parse import quote

from colorlib import pretrained_networks
from colorlib.files import reason
from colorlib.settings import Settings

NOTEBOOK = "03_web_demo.ipynb"
MEGABYTES = 100  # of one message: an upload
IDLE = 3600  # seconds after which the Python behind a closed page is ended
POLICY = "; ".join(  # the page talks to nobody but this server; the widgets need inline code, eval and blobs
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


def serve(port=8000, host="127.0.0.1", token=None, history="outputs/predictions", model=None, size=None):
    """Serve the page until Ctrl-C. `history` is the folder of the previous predictions.

    `host` other than this computer's own opens the page to the network: then nobody may color files
    of this computer by their path. With a `token`, only who knows it gets in. `model` is a name that
    `pretrained()` lists, or a `.keras` file; it sees photos with a shorter side of `size` pixels.
    Raises ValueError when the port is taken, or Voila or the network is missing.
    """
    pretrained_networks.check(model, size)
    model = Path(model).resolve() if pretrained_networks.is_file(model) else model
    _check_port(host, port)
    print("Starting the page ...", flush=True)
    open_to_others = not _is_local(host)
    Settings(
        model=model and str(model),
        size=size,
        history=str(Path(history).resolve()),
        upload_mb=Settings.from_environment().upload_mb or MEGABYTES * 0.95,
        public=open_to_others,
        cache=Settings.from_environment().cache,
    ).to_environment()  # the page runs in a process of its own
    server = _server(host, port, token, open_to_others)
    print(f"The page is at {address(host, port, token)}", "Ctrl-C ends it.", sep="\n", flush=True)
    if open_to_others:
        who = "with the token" if token else "on the network, without a password,"
        print(f"Careful: everybody {who} can use this page and see all previous predictions.", flush=True)
    server.start()
    print("\nThe page has ended.")


def address(host, port, token=None):
    """What to type into a browser, on another computer where `host` is all of this one's addresses."""
    host = _own_address() if host in ("0.0.0.0", "::") else host
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/{'?token=' + quote(token, safe='') if token else ''}"


def _own_address():
    """This computer's address in its network; nothing is sent. Its own name for itself where there is no network."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address of documentation, nobody's
            return probe.getsockname()[0]
    except OSError:
        return "127.0.0.1"


def notebook():
    """The path of notebook 03: beside the package in a checkout, inside it where it was installed."""
    here = Path(__file__).parents[1]
    places = [here.parent / "notebooks" / NOTEBOOK, here / "notebooks" / NOTEBOOK]
    return next(path for path in places if path.is_file())


def only_the_page(_handler, notebook, cwd):
    """The notebook without all cells but those that make the page: Voila runs and shows what is left."""
    notebook.cells = [cell for cell in notebook.cells if "page" in cell.metadata.get("tags", [])]
    notebook.metadata["title"] = "Color a black-and-white photo"
    return notebook


def _is_local(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_port(host, port):
    """ValueError with a sentence when nobody can listen there."""
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


def _server(host, port, token, open_to_others):
    """A Voila server of the page alone, its settings ours, whatever configuration files lie about."""
    try:
        from jupyter_client import KernelManager
        from traitlets.config import Config
        from voila.app import Voila
    except ImportError as error:
        raise ValueError('The page needs Voila. Install it with: pip install "colorlib[demo]"') from error

    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # else it tells of Jupyter's seconds and milliseconds
    config = Config()
    config.VoilaConfiguration.file_allowlist = []  # else every picture beside the notebook is served
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.prelaunch_hook = only_the_page
    if hasattr(KernelManager, "transport_encryption"):  # else it says at each visit that there is none
        config.KernelManager.transport_encryption = "auto"
    config.MappingKernelManager.cull_idle_timeout = IDLE
    config.MappingKernelManager.cull_interval = 60
    settings = {
        "websocket_max_message_size": MEGABYTES * 1024 * 1024,  # 10 MiB else; what is larger is lost in silence
        "allow_remote_access": open_to_others,  # else a name that was pointed at this computer is let in
        "headers": {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
    }
    server = Voila(
        config=config,
        config_file_paths=[],
        notebook_path=str(notebook()),
        ip=host,
        port=port,
        port_retries=0,
        open_browser=False,
        token=token or "",
        log_level="ERROR",
        tornado_settings=settings,
    )
    server.initialize([])
    return server
