"""An HTTPS proxy that leads the platforms' host names to the emulated CRMs, and nothing anywhere else.

A client that has api.hubapi.com or login.salesforce.com built in runs unmodified with HTTPS_PROXY set to it and the
emulators' certificate authority trusted. A client that knows no NO_PROXY (jsforce) reaches the emulators' own addresses
through it too. Belongs here: CONNECT and the tunnel. Not here: certificates.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LONGEST_HEAD = 64 * 1024
_CHUNK = 256 * 1024

Route = Callable[[str, int], int | None]
"""The local port for a host name and port, None when the proxy does not know them."""


@contextmanager
def proxying(route: Route, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Run the proxy in a thread of this process until the block ends; gives its port. Raises OSError: port taken."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server: asyncio.Server | None = None
    try:
        starting = asyncio.start_server(_Proxy(route).serve, host, port, limit=_LONGEST_HEAD)
        server = asyncio.run_coroutine_threadsafe(starting, loop).result()
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server | None) -> None:
    if server is not None:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Proxy:
    def __init__(self, route: Route) -> None:
        self._route = route

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                await _refuse(writer, 431, "The request's head is too long.")
                return
            method, _, rest = head.decode("latin-1").partition(" ")
            target = rest.partition(" ")[0]
            if method != "CONNECT":
                await _refuse(writer, 405, "This proxy tunnels https to the emulated CRMs (CONNECT) and does no more.")
                return
            host, _, wanted = target.lower().rpartition(":")
            port = self._route(host, int(wanted) if wanted.isdecimal() else 0)
            if port is None:
                await _refuse(writer, 403, f"{target} is none of the hosts that are emulated here.")
                return
            await _tunnel(reader, writer, port)


async def _refuse(writer: asyncio.StreamWriter, status: int, text: str) -> None:
    body = (text + "\n").encode()
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.closing(upstream_writer):
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        ways = [
            asyncio.create_task(_copy(reader, upstream_writer)),
            asyncio.create_task(_copy(upstream_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
