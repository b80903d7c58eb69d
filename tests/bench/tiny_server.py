"""A server of a few lines in a thread of its own, to try the load generator on."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

# Given the request's bytes and its number on this server; writes the answer to the stream.
Respond = Callable[[bytes, int, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, body: bytes = b"{}", *more: str) -> bytes:
    """An answer with its length."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *more, "", ""]
    return "\r\n".join(lines).encode() + body


class TinyServer:
    """What the tests ask of it afterwards."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.url = ""
        self.requests: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.most_open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                self.requests.append(head + await reader.readexactly(length))
                await self.respond(self.requests[-1], len(self.requests), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            writer.close()


@contextmanager
def tiny_server(respond: Respond) -> Iterator[TinyServer]:
    """The server, running."""
    server = TinyServer(respond)
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def run() -> None:
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            server.url = f"http://127.0.0.1:{port}/"
            ready.set()
            await stop.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.01)

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=5)
        loop.close()
