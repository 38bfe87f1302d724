"""Access control: every request to the page's server is checked here before it is answered."""

import asyncio
import hmac
import ipaddress
import logging
import socket
from collections.abc import Awaitable
from http import HTTPStatus
from http.client import responses
from urllib.parse import urlsplit

FOREIGN = ("cross-site", "same-site")  # Sec-Fetch-Site of other pages' requests; another port is same-site
LEFT = 499  # the status of a request whose browser is gone, as nginx counts it
GUESSES, SLOWEST = 8, 4.0  # how many wrong tokens may wait at once; the longest wait of each in seconds
log = logging.getLogger(__name__)


class Guard:
    """Checks requests: the host name, the page they come from, and the token.

    Args:
        host: The address that the server listens on.
        token: The token that opens the page.
    """

    def __init__(self, host, token):
        self.local, self.token = is_local(host), token
        own = socket.gethostname().lower()
        self._names = (
            {"localhost"} if self.local else {"localhost", host.lower(), own, f"{own}.local", socket.getfqdn()}
        )
        self._wrong, self._waiting, self._turn = 0, 0, asyncio.Lock()

    def refusal(self, request):
        """A sentence that says why a request is refused; None if it is not."""
        if not self._is_own_name(request.host):
            return "The page does not have this address. Open it with the address that colorlib demo has printed."
        origin = request.headers.get("Origin")
        foreign = request.headers.get("Sec-Fetch-Site") in FOREIGN or (
            origin is not None and urlsplit(origin).netloc != request.host
        )
        if foreign and not self._is_link_with_token(request):
            return "Another web page has asked for this. Open the page with the address that colorlib demo has printed."
        return None

    def _is_own_name(self, host):
        """Whether a Host header names this computer. A foreign name that resolves to it is refused (DNS rebinding)."""
        name = urlsplit(f"//{host}").hostname or ""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return not self.local or address.is_loopback

    def _is_link_with_token(self, request):
        """Whether the request follows a link with the token, from a message or from the file that opens the page."""
        headers = request.headers
        opened = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
        return opened and request.method == "GET" and self._is_right(_given_token(request))

    def _is_right(self, token):
        return token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    async def slow_guesses(self, request):
        """Delay a request with a wrong token; each one waits longer than the one before.

        Returns:
            Whether the request may continue; False if too many wait already.
        """
        token = _given_token(request)
        if token is None or self._is_right(token):
            return True
        if self._waiting >= GUESSES:
            return False
        self._waiting += 1
        try:
            async with self._turn:
                self._wrong += 1
                await asyncio.sleep(min(SLOWEST, 0.05 * 2 ** min(self._wrong, 10)))
        finally:
            self._waiting -= 1
        return True


class Guarded:
    """A mixin that checks each request before its handler; the server's `settings["guard"]` is the Guard."""

    async def prepare(self):
        guard = self.settings["guard"]
        if refusal := guard.refusal(self.request):
            return self._answer(HTTPStatus.FORBIDDEN, refusal)
        if not await guard.slow_guesses(self.request):
            return self._answer(HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong tokens. Try again in a minute.")
        prepared = super().prepare()
        if isinstance(prepared, Awaitable):
            await prepared
        return None

    def _answer(self, status, sentence):
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(sentence)

    def log_exception(self, kind, error, traceback):
        """Log one line for an error of the server, and nothing for a bad request or one whose browser is gone."""
        if getattr(error, "status_code", 500) >= 500 and not self._is_left():
            log.error("%s %s: %s: %s", self.request.method, self.request.path, kind.__name__, error)

    def send_error(self, status_code=500, **details):
        super().send_error(LEFT if self._is_left() else status_code, **details)

    def _is_left(self):
        """Whether the browser has gone: Jupyter cannot open a connection that is closed already."""
        stream = getattr(self.request.connection, "stream", None)
        return stream is not None and stream.closed()

    def write_error(self, status_code, **_):
        self._answer(status_code, f"{status_code}: {responses.get(status_code, 'Closed')}")


def guarded(handlers):
    """A list of Tornado handlers, each combined with Guarded."""
    classes = {handler[1]: type(handler[1].__name__, (Guarded, handler[1]), {}) for handler in handlers}
    return [(handler[0], classes[handler[1]], *handler[2:]) for handler in handlers]


def is_local(host):
    """Whether only this computer can reach an address, a text such as "127.0.0.1" or "localhost"."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _given_token(request):
    """The token in a request's address, form or header; None if there is none."""
    for arguments, name in [(request.query_arguments, "token"), (request.body_arguments, "password")]:
        if name in arguments:
            return arguments[name][-1].decode(errors="replace")
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() in ("token", "bearer") else None
