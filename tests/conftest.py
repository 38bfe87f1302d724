import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

import colorlib


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def samples():
    return colorlib.sample_photos()


@pytest.fixture(scope="session")
def gaudy():
    """A network of two weights that answers any L with colors far outside sRGB."""
    import keras

    L = keras.Input((None, None, 1))
    ab = keras.layers.Conv2D(2, 1, kernel_initializer="zeros", bias_initializer=lambda *_, **__: [150.0, -170.0])(L)
    return keras.Model(L, ab)


@pytest.fixture(scope="session")
def network(tmp_path_factory):
    """The file of an alpha network, untrained: the real code path, in small."""
    from colorlib import models

    path = tmp_path_factory.mktemp("network") / "alpha.keras"
    models.alpha().save(path)
    return path


class PageServer:
    """`colorlib demo` as a process of its own; `out` is its folder."""

    def __init__(self, out, network, *arguments, python=sys.executable, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.out, self.url, self.printed = out, f"http://127.0.0.1:{self.port}/", ""
        self.token = "a-long-word-for-tests"
        self.address = f"{self.url}?token={self.token}"
        command = [python, "-m", "colorlib", "demo", "--port", self.port, "--out", out, "--model", network]
        command.append("--no-browser")
        environment = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_NUM_INTRAOP_THREADS": "1",
            "COLORLIB_TOKEN": self.token,
        } | environment
        self.process = subprocess.Popen(
            [str(word) for word in [*command, *arguments]],
            cwd=out,  # not the checkout, which would be imported from
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | environment,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # ignored in background jobs
        )

    def wait(self, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url + "voila/static/voila.js", timeout=5):
                return self
            time.sleep(0.2)
        raise AssertionError(f"The page did not come: {self.stop()}")

    def stop(self, kind=signal.SIGINT):
        """End it as Ctrl-C does; everything it has printed."""
        if self.process.poll() is None:
            self.process.send_signal(kind)
        self.printed += self.process.communicate(timeout=60)[0]
        return self.printed


@pytest.fixture(scope="session")
def serve(network, tmp_path_factory):
    """A function that starts servers of the page; they are stopped in the end."""
    servers = []

    def start(*arguments, out=None, **environment):
        out = out or tmp_path_factory.mktemp("page")
        servers.append(PageServer(out, network, *arguments, **environment))
        return servers[-1].wait()

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.communicate(timeout=60)


@pytest.fixture(scope="session")
def server(serve):
    return serve()
