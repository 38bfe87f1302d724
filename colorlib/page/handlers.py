"""The request handlers of the page's server beside those of Voila: the page, its end, and results as files."""

import asyncio
import datetime
import zipfile
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado import web
from traitlets import Integer
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

LEFT = 600  # an open page may be ended for a new one after this many seconds without activity
CROWDED = "{pages} pages are open and at work, as many as this computer is allowed. Close one, then reload this page."


class NoRoom(Exception):
    """As many pages are open and at work as are allowed."""


class PageKernels(AsyncMappingKernelManager):
    """The kernels of the open pages, at most `pages`; a new page may end the one that has been idle the longest."""

    pages = Integer(6, config=True, help="How many pages may be open at once.")

    def __init__(self, **settings):
        super().__init__(**settings)
        self._turn = asyncio.Lock()  # kernels that start at the same time could take the same ports

    async def start_kernel(self, **settings):
        async with self._turn:
            if len(self.list_kernel_ids()) >= self.pages:
                await self._make_room()
            return await super().start_kernel(**settings)

    async def cull_kernel_if_idle(self, kernel_id):
        """End an idle kernel. A connection that closed while it opened leaves a count of -1, which means 0."""
        if self._kernel_connections.get(kernel_id, 0) < 0:
            self._kernel_connections[kernel_id] = 0
        await super().cull_kernel_if_idle(kernel_id)

    def works(self, kernel_id):
        """Whether a kernel is busy, that is, coloring."""
        return getattr(self._kernels[kernel_id], "execution_state", None) == "busy"

    async def _make_room(self):
        """End the kernel that has been idle the longest, closed pages first; NoRoom if none may be ended."""
        now, left = datetime.datetime.now(datetime.UTC), []
        for kernel_id in self.list_kernel_ids():
            kernel, connected = self._kernels[kernel_id], self._kernel_connections.get(kernel_id, 0)
            silent = (now - kernel.last_activity).total_seconds()
            if not self.works(kernel_id) and silent > (LEFT if connected else 5):
                left.append((bool(connected), -silent, kernel_id))
        if not left:
            raise NoRoom
        await self.shutdown_kernel(min(left)[-1])


class PageHandler(TornadoVoilaHandler):
    """Serves the page."""

    async def get(self, path=None):
        if self.current_user and self.get_query_argument("token", None):
            self.redirect(self.base_url)  # the cookie is enough from now on; this removes the token from the address
            return
        try:
            await super().get(path)
        except NoRoom:
            self.set_status(503)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(CROWDED.format(pages=self.kernel_manager.pages))


class EndHandler(VoilaShutdownKernelHandler):
    """Ends the kernel of a page that is closed or reloaded; a busy one is ended later, once it is idle."""

    def check_xsrf_cookie(self):
        """A closing page cannot send an XSRF token; Guard has checked that the request comes from our page."""

    @web.authenticated
    async def post(self, kernel_id):
        kernels = self.kernel_manager
        if kernel_id in kernels and not kernels.works(kernel_id):
            await kernels.shutdown_kernel(kernel_id)
        self.set_status(204)
        await self.finish()


class CancelHandler(JupyterHandler):
    """Interrupts a page that is coloring, as Interrupt does in a notebook."""

    def check_xsrf_cookie(self):
        """Guard has checked that the request comes from our page."""

    @web.authenticated
    async def post(self, kernel_id):
        if kernel_id in self.kernel_manager and self.kernel_manager.works(kernel_id):
            await self.kernel_manager.interrupt_kernel(kernel_id)
        self.set_status(204)
        await self.finish()


class PingHandler(JupyterHandler):
    """Says whether the kernel of a page is alive: 204 if it is, else 410."""

    @web.authenticated
    async def get(self, kernel_id):
        self.set_status(204 if kernel_id in self.kernel_manager else 410)
        await self.finish()


class ResultHandler(JupyterHandler, web.StaticFileHandler):
    """Serves a file of a previous prediction; the browser can resume a download."""

    def initialize(self, history):
        self.history = history
        super().initialize(path=str(history.folder))

    @web.authenticated
    async def get(self, name, kind, include_body=True):
        try:
            entry = self.history.entry(name)
        except ValueError as error:
            raise web.HTTPError(404) from error
        path = {"colored": entry.colored, "gray": entry.gray, "preview": entry.preview}[kind]
        self.saved_as = None if kind == "preview" else entry.saved_as(kind)
        await web.StaticFileHandler.get(self, str(path.relative_to(self.history.folder)), include_body)

    def set_extra_headers(self, path):
        if self.saved_as:
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(self.saved_as)}")
        self.set_header("Cache-Control", "private, no-cache")

    def compute_etag(self):
        return web.StaticFileHandler.compute_etag(self)


class ZipHandler(JupyterHandler):
    """Serves several previous predictions in one ZIP file, while it is written."""

    def initialize(self, history):
        self.history = history

    @web.authenticated
    async def get(self):
        try:
            entries = [self.history.entry(name) for name in self.get_query_argument("names").split(",")[:1000]]
        except ValueError as error:
            raise web.HTTPError(404) from error
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", "attachment; filename=colored_photos.zip")
        pieces, seen = _Pieces(), set()
        with zipfile.ZipFile(pieces, "w") as archive:  # stored, not deflated: photos are compressed already
            for entry in entries:
                archive.write(entry.colored, _unused(entry.saved_as(), seen))
                self.write(pieces.taken())
                await self.flush()
        self.write(pieces.taken())


class KeepsakeHandler(JupyterHandler):
    """Serves a picture of previous predictions; `make(entries)` returns the bytes of a JPEG."""

    def initialize(self, history, name, make):
        self.history, self.name, self.make = history, name, make

    @web.authenticated
    async def get(self):
        try:
            entries = [self.history.entry(name) for name in self.get_query_argument("names").split(",")[:1000]]
        except ValueError as error:
            raise web.HTTPError(404) from error
        picture = await asyncio.get_running_loop().run_in_executor(None, self.make, entries)
        self.set_header("Content-Type", "image/jpeg")
        self.set_header("Content-Disposition", f"attachment; filename={self.name}")
        await self.finish(picture)


class _Pieces:
    """A write-only file without seek, whose content is taken out in pieces."""

    def __init__(self):
        self._data = bytearray()

    def write(self, data):
        self._data += data
        return len(data)

    def flush(self):
        pass

    def taken(self):
        data, self._data = bytes(self._data), bytearray()
        return data


def _unused(name, seen):
    """The name, with a number if it is in the set `seen`, to which it is added."""
    stem, dot, ending = name.rpartition(".")
    numbered = (f"{stem} {i}{dot}{ending}" if i > 1 else name for i in range(1, 2000))
    free = next(candidate for candidate in numbered if candidate not in seen)
    seen.add(free)
    return free
