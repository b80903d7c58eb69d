"""Load on an HTTP server, by two laws, and what came of it.

`closed_loop`: so many clients, each sends its next request when it has its answer: what a server can do.
`open_loop`: requests arrive by the clock, however long the answers take, and each one's latency counts
from the moment at which it was due: what people meet. Requests are whole bytes (`wire.build_request`).
"""

import asyncio
import gc
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.result import Result
from bench.wire import Answer, Connection, Target

MakeRequest = Callable[[int], bytes]
OnAnswer = Callable[[int, Answer], None]

TIMEOUT_S = 10.0
# What one process may hold open at once without running out of files.
MOST_OPEN = 900
# Our server closes a connection that was idle for 10 s. A request sent at that moment gets no answer, so a
# client closes earlier.
KEEP_IDLE_S = 5.0


def closed_loop(
    url: str,
    make_request: MakeRequest,
    *,
    clients: int = 8,
    requests: int | None = None,
    seconds: float | None = None,
    timeout_s: float = TIMEOUT_S,
    on_answer: OnAnswer | None = None,
) -> Result:
    """Send `requests`, or for `seconds`, by `clients` who each wait for their answer.

    `make_request` is given 0, 1, 2, …; `on_answer` the same number with the answer.
    """
    if requests is None and seconds is None:
        raise ValueError("Say how many requests, or how many seconds.")
    load = _Load(Target.of(url), make_request, clients, timeout_s, on_answer)
    return _run(load.run_closed(clients, requests, seconds))


def open_loop(
    url: str,
    make_request: MakeRequest,
    *,
    rate: float,
    seconds: float,
    most_open: int = MOST_OPEN,
    timeout_s: float = TIMEOUT_S,
    on_answer: OnAnswer | None = None,
) -> Result:
    """Send `rate` requests a second for `seconds`, whatever becomes of them.

    One that finds all `most_open` connections busy waits for one, and its latency and its time-out
    go on counting from the moment at which it was due.
    """
    load = _Load(Target.of(url), make_request, most_open, timeout_s, on_answer)
    return _run(load.run_open(rate, seconds))


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` in a thread of its own: in ours somebody else's event loop may be running."""
    with ThreadPoolExecutor(1, thread_name_prefix="load") as thread:
        return thread.submit(asyncio.run, work).result()


class _Load:
    """One run: its idle connections and its result."""

    def __init__(
        self,
        target: Target,
        make_request: MakeRequest,
        most_open: int,
        timeout_s: float,
        on_answer: OnAnswer | None,
    ) -> None:
        self.target = target
        self.make_request = make_request
        self.most_open = most_open
        self.timeout_s = timeout_s
        self.on_answer = on_answer
        self.result = Result()
        self.idle: list[tuple[float, Connection]] = []

    async def run_closed(self, clients: int, requests: int | None, seconds: float | None) -> Result:
        began = time.perf_counter()
        last = math.inf if seconds is None else began + seconds
        numbers = iter(range(requests)) if requests is not None else iter(int, 1)

        async def client() -> None:
            for _ in numbers:
                due = time.perf_counter()
                if due >= last:
                    return
                await self._send(self._next_number(), due)

        await self._measure(began, asyncio.gather(*(client() for _ in range(clients))))
        return self.result

    async def run_open(self, rate: float, seconds: float) -> Result:
        began = time.perf_counter()
        places = asyncio.Semaphore(self.most_open)
        await self._measure(began, self._send_by_the_clock(began, rate, int(rate * seconds), places))
        return self.result

    async def _send_by_the_clock(
        self, began: float, rate: float, count: int, places: asyncio.Semaphore
    ) -> None:
        under_way: set[asyncio.Task[None]] = set()
        for number in range(count):
            due = began + number / rate
            pause_s = due - time.perf_counter()
            if pause_s > 0:
                await asyncio.sleep(pause_s)
            elif number % 16 == 0:
                await asyncio.sleep(0)  # late: let answers in all the same
            task = asyncio.create_task(self._send_with_place(self._next_number(), due, places))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        while under_way:
            await asyncio.wait(under_way)

    async def _send_with_place(self, number: int, due: float, places: asyncio.Semaphore) -> None:
        async with places:
            await self._send(number, due)

    async def _measure(self, began: float, work: Awaitable[Any]) -> None:
        gc.freeze()  # a collection shall not look through all that was imported: its pause would be booked
        try:
            await work
        finally:
            gc.unfreeze()
            self.result.seconds = time.perf_counter() - began
            for _, connection in self.idle:
                connection.close()
        # Transports say good-bye in the next turn of the loop.
        await asyncio.sleep(0)

    def _next_number(self) -> int:
        number = self.result.sent
        self.result.sent += 1
        return number

    async def _send(self, number: int, due: float) -> None:
        """Send one request and note what becomes of it."""
        request = self.make_request(number)
        left_s = due + self.timeout_s - time.perf_counter()
        if left_s <= 0:  # it waited too long for a place
            self.result.timed_out += 1
            return
        connection: Connection | None = None
        try:
            async with asyncio.timeout(left_s):
                connection = await self._connect()
                answer = await connection.send(request)
        except TimeoutError:
            self.result.timed_out += 1
        except OSError:
            if connection is None:
                self.result.refused += 1
            else:
                self.result.broken += 1
        else:
            self._note(number, due, answer, connection)
            return
        if connection is not None:
            connection.close()

    def _note(self, number: int, due: float, answer: Answer, connection: Connection) -> None:
        self.result.latencies[answer.status].append(time.perf_counter() - due)
        if answer.closes:
            connection.close()
        else:
            self.idle.append((time.perf_counter(), connection))
        if self.on_answer is not None:
            self.on_answer(number, answer)

    async def _connect(self) -> Connection:
        too_old = time.perf_counter() - KEEP_IDLE_S
        while self.idle:
            idle_since, connection = self.idle.pop()
            if connection.is_open and idle_since > too_old:
                return connection
            connection.close()
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, self.target.host, self.target.port)
        return connection
