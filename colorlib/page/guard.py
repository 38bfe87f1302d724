"""Who may come in: every request to the page's server is checked here before it is answered."""

import asyncio
import hmac
import ipaddress
import logging
import socket
from collections.abc import Awaitable
from http import HTTPStatus
from urllib.parse import urlsplit

FOREIGN = ("cross-site", "same-site")  # Sec-Fetch-Site of a request that another page made; another port is same-site
GUESSES, SLOWEST = 8, 4.0  # wrong tokens that may wait at once; seconds that each of many waits
log = logging.getLogger(__name__)


class Guard:
    """Checks requests.

    Args:
        host: The address at which the server listens.
        token: The word that opens the page.
    """

    def __init__(self, host, token):
        self.local, self.token = is_local(host), token
        own = socket.gethostname().lower()
        self._names = (
            {"localhost"} if self.local else {"localhost", host.lower(), own, f"{own}.local", socket.getfqdn()}
        )
        self._wrong, self._waiting, self._turn = 0, 0, asyncio.Lock()

    def refusal(self, request):
        """Why a request is refused, as a sentence; None when it is not."""
        if not self._is_own_name(request.host):
            return "This page is not at that address. Open it by the address that colorlib demo has printed."
        origin = request.headers.get("Origin")
        foreign = request.headers.get("Sec-Fetch-Site") in FOREIGN or (
            origin is not None and urlsplit(origin).netloc != request.host
        )
        if foreign and not self._is_link_with_token(request):
            return "Another web page has asked for this. Open it by the address that colorlib demo has printed."
        return None

    def _is_own_name(self, host):
        """Whether a Host header names this computer; a name of somebody else could have been pointed at it."""
        name = urlsplit(f"//{host}").hostname or ""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return not self.local or address.is_loopback

    def _is_link_with_token(self, request):
        """Whether somebody has followed a link that has the token: from a message, or from the file that opens it."""
        headers = request.headers
        opened = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
        return opened and request.method == "GET" and self._is_right(_given_token(request))

    def _is_right(self, token):
        return token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    async def slow_guesses(self, request):
        """Wait, one after the other and ever longer, for requests with a wrong token; False when too many wait."""
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
    """Comes before a request handler's own class; `settings["guard"]` is the Guard."""

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
        """One line for what went wrong here; nothing for a request that was only wrong itself."""
        if getattr(error, "status_code", 500) >= 500:
            log.error("%s %s: %s: %s", self.request.method, self.request.path, kind.__name__, error)

    def write_error(self, status_code, **_):
        self._answer(status_code, f"{status_code}: {HTTPStatus(status_code).phrase}")


def guarded(handlers):
    """Tornado's list of handlers, each of them guarded."""
    classes = {handler[1]: type(handler[1].__name__, (Guarded, handler[1]), {}) for handler in handlers}
    return [(handler[0], classes[handler[1]], *handler[2:]) for handler in handlers]


def is_local(host):
    """Whether only this computer itself can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _given_token(request):
    """The token that comes with a request: in its address, its form or its header; None without one."""
    for arguments, name in [(request.query_arguments, "token"), (request.body_arguments, "password")]:
        if name in arguments:
            return arguments[name][-1].decode(errors="replace")
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() in ("token", "bearer") else None
