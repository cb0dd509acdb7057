"""Runs an ASGI app over real HTTP or HTTPS in a thread of this process, by default on the loopback address."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from crm_pipeline.emulator.middleware import CUT_CONNECTION

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    host: str = HOST
    is_https: bool = False

    @property
    def url(self) -> str:
        """Base URL without a slash at the end."""
        return f"{'https' if self.is_https else 'http'}://{self.host}:{self.port}"


@contextmanager
def serving(app: ASGIApp, port: int = 0, *, host: str = HOST, certificate: Path | None = None) -> Iterator[Server]:
    """Serve `app` until the block ends; port 0 takes a free one. With a `certificate` (PEM, key included): https.

    Raises OSError when the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    config = uvicorn.Config(
        app,
        http=_protocol,  # type: ignore[arg-type]  # uvicorn only calls it; a factory will do
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,  # an emulated CRM answers its own time (middleware.py)
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,  # seconds; a client that rests between two calls must not find its connection gone
        ssl_certfile=certificate,
    )
    server = _StoppableServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("The emulator's server did not start; its log says why.")
            time.sleep(0.002)
        yield Server(listener.getsockname()[1], host, is_https=certificate is not None)
    finally:
        server.stop()
        thread.join()
        listener.close()


class _StoppableServer(uvicorn.Server):
    """Stops when told to, not at the next tick of uvicorn's 0.1 s: tests start many servers."""

    _stop: asyncio.Event | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        if not self.should_exit:
            await self._stop.wait()

    def stop(self) -> None:
        self.should_exit = True
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)


def _protocol(**arguments: Any) -> asyncio.Protocol:
    """uvicorn's HTTP protocol, with a function in the scope that closes the connection at once."""
    protocol: Any = AutoHTTPProtocol(**arguments)
    app = protocol.app

    async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
        scope[CUT_CONNECTION] = protocol.transport.abort
        await app(scope, receive, send)

    protocol.app = with_cut
    return protocol  # type: ignore[no-any-return]
