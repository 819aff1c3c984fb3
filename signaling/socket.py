"""The aiohttp side: who may open a socket, how fast it may talk, and how it is written to.

`setup(app)` once, then `serve` (a seat in a room) or `watch` (a host's page) from a handler.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from aiohttp import WSMessage, WSMsgType, web

from signaling.announcements import Err
from signaling.errors import Close, SignalingError
from signaling.limits import ERROR_COSTS, Bucket
from signaling.messages import LONGEST_MESSAGE, FromClient, Hello, parse
from signaling.outbox import Outbox
from signaling.passes import Admit, Pass
from signaling.rooms import Rooms

log = logging.getLogger(__name__)

HEARTBEAT = 15.0  # seconds; a vanished client is noticed after one and a half of these
HELLO_WITHIN = 10.0  # seconds; a socket that says nothing is nobody
CLOSING_WITHIN = 2.0  # seconds for the other side to answer a close; then the connection is cut
# The system would take four megabytes for somebody who does not read, and we would notice minutes later.
SYSTEM_BUFFER = 128 * 1024

LINES = web.AppKey("signaling_lines", set["Line"])


def setup(app: web.Application) -> None:
    """Keeps account of the open sockets and closes them with 1012 when the server stops."""
    app[LINES] = set()
    app.on_shutdown.append(shutdown)


async def shutdown(app: web.Application) -> None:
    """Without this aiohttp waits a minute for open sockets before a stopped server exits.

    Nobody counts as away for it: their calls go on, and they dial the next server within seconds.
    """
    for line in app[LINES]:
        line.stopping = True
    await asyncio.gather(*(line.hang_up(Close.RESTART) for line in [*app[LINES]]))


async def serve(
    request: web.Request, room: str, rooms: Rooms, *, origin: str, admit: Admit, staff: Pass | None = None
) -> web.StreamResponse:
    """A seat in one room. A token in `hello` decides who this is; without one, the session's pass."""
    async with _line(request, origin) as line:
        hello = await line.hello()
        if hello is None:
            return line.ws
        try:
            pass_ = await admit(hello.token) if hello.token is not None else staff
        except Exception:
            # The owner could not look just now; the client tries again instead of giving up for good.
            log.exception("who is at the door could not be found out")
            line.outbox.close(Close.UNAVAILABLE)
            return line.ws
        if pass_ is None or pass_.room != room:
            line.outbox.close(Close.BAD_TOKEN)
            return line.ws
        seat = await rooms.enter(pass_, hello, line.outbox)
        try:
            await line.listen(lambda message: rooms.receive(seat, message))
        finally:
            if not line.stopping:
                await rooms.lost(seat)
    return line.ws


async def watch(
    request: web.Request, rooms: Rooms, *, origin: str, passes: Iterable[Pass]
) -> web.StreamResponse:
    """Who knocks in the rooms of these passes, for a host's page outside of them."""
    async with _line(request, origin) as line:
        if await line.hello() is None:
            return line.ws
        watcher = rooms.watch(passes, line.outbox)
        try:
            await line.listen(lambda message: rooms.receive_from_watcher(watcher, message))
        finally:
            rooms.unwatch(watcher)
    return line.ws


class Line:
    """One open socket: reads within limits, and writes what is in its outbox."""

    def __init__(self, request: web.Request, ws: web.WebSocketResponse) -> None:
        self.ws = ws
        self.outbox = Outbox()
        self.stopping = False  # the whole server is
        self._request = request
        self._bucket = Bucket()
        self._flushing = False
        self._writer: asyncio.Task[None] | None = None  # while the other side reads slower than we write
        self._closing: asyncio.Task[None] | None = None
        self.outbox.on_filled(self._filled)
        self.outbox.on_overflow(self._cut_short)

    async def hello(self) -> Hello | None:
        """The first message, or None when the socket is closing for want of a good one."""
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                async for frame in self.ws:
                    if message := self._parse(frame):
                        if isinstance(message, Hello):
                            return message
                        break
        except TimeoutError:
            log.info("a socket said no hello")
        self.outbox.close(Close.HELLO_MISSING)
        return None

    async def listen(self, carry_out: Callable[[FromClient], Awaitable[None]]) -> None:
        """Has every message carried out until the socket closes; of one that is refused only its sender learns."""
        async for frame in self.ws:
            if message := self._parse(frame):
                try:
                    await carry_out(message)
                except SignalingError as error:
                    self._complain(error, about=message.type)
            if self.outbox.closing:
                return

    def _parse(self, frame: WSMessage) -> FromClient | None:
        """None for a frame that is answered or passed over."""
        if self.outbox.closing:
            return None
        if frame.type is not WSMsgType.TEXT:
            self.outbox.close(Close.BINARY)
        elif not self._bucket.take():
            self.outbox.close(Close.FLOOD)
        else:
            try:
                return parse(frame.data)
            except SignalingError as error:
                self._complain(error, about="")
        return None

    async def hang_up(self, why: Close) -> None:
        """Closes at once; a side that does not answer is cut off.

        The writer goes last: it may wait for the transport to drain, and aiohttp lets all who wait share one future,
        so that cancelling the writer first would cancel this as well.
        """
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CLOSING_WITHIN):
                await self.ws.close(code=why.code, message=why.reason.encode())
        if self._request.transport:
            self._request.transport.abort()
        if self._writer:
            self._writer.cancel()

    async def finish(self) -> None:
        """Says what is left to say, and waits until the socket is closed."""
        self.outbox.close(Close.LEFT)
        if self._closing:
            await self._closing
        writer = self._writer or asyncio.create_task(self._write())
        self._writer = writer
        await asyncio.wait([writer], timeout=CLOSING_WITHIN)
        writer.cancel()

    def _filled(self) -> None:
        """Writes once a turn of the loop: what is said to one socket in a turn leaves in one packet. Somebody who
        reads well never has more than a part of a full queue waiting, however much arrives together."""
        if self._writer:
            return
        if self.outbox.filling():
            self._flush()
        elif not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Straight to the transport while it takes all it gets; else, and to close, a task writes and waits."""
        self._flushing = False
        if self._writer:
            return
        transport = self._request.transport
        if self.ws.closed or transport is None or transport.is_closing():
            self.outbox.take_all()
        elif self.outbox.closing or transport.get_write_buffer_size():
            self._writer = asyncio.create_task(self._write())
        else:
            transport.write(b"".join(map(_frame, self.outbox.take_all())))

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while (text := self.outbox.take()) is not None:
                await self.ws.send_str(text)
            if why := self.outbox.closing:
                await self.ws.close(code=why.code, message=why.reason.encode())
            else:
                self._writer = None

    def _cut_short(self) -> None:
        self._closing = asyncio.create_task(self.hang_up(Close.SLOW))

    def _complain(self, error: SignalingError, about: str) -> None:
        self.outbox.post(Err(error.code, about, error.detail))
        if not self._bucket.take(ERROR_COSTS):
            self.outbox.close(Close.FLOOD)


def _frame(text: str) -> bytes:
    """A server's text frame, whole and not compressed (RFC 6455, 5.2)."""
    content = text.encode()
    size = len(content)
    if size < 126:
        return bytes((0x81, size)) + content
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + content
    return b"\x81\x7f" + size.to_bytes(8, "big") + content


@contextlib.asynccontextmanager
async def _line(request: web.Request, origin: str) -> AsyncIterator[Line]:
    if request.headers.getall("Origin", []) != [origin]:
        raise web.HTTPForbidden(text="Open this page from its own address.")
    # Compression would keep 90 KB of window per socket for messages of a few hundred bytes.
    ws = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE)
    await ws.prepare(request)
    if request.transport and (connection := request.transport.get_extra_info("socket")):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BUFFER)
    line = Line(request, ws)
    lines = request.config_dict[LINES]
    lines.add(line)
    try:
        yield line
    finally:
        await line.finish()
        lines.discard(line)
