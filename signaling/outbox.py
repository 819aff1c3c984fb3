"""What is on its way to one client: a bounded queue, so that nobody ever waits for a slow reader."""

import asyncio
from collections import deque
from collections.abc import Callable

from signaling.announcements import Announcement, Knocking, Roster, encode
from signaling.errors import Close

MOST_MESSAGES = 64
MOST_CHARACTERS = 256 * 1024


class Outbox:
    """Takes messages without waiting; one writer takes them out with `next`.

    A roster or list of knocks that has not left yet gives way to a newer one. On overflow the queue is thrown
    away and the client told to dial again: it then gets the room as it is, which is less than what it missed.
    """

    def __init__(self) -> None:
        self._queue: deque[tuple[str | None, str]] = deque()
        self._characters = 0
        self._filled = asyncio.Event()
        self._overflowed: Callable[[], None] = lambda: None
        self.closing: Close | None = None

    def on_overflow(self, callback: Callable[[], None]) -> None:
        """Calls back at once when the queue overflows: the writer is then likely stuck in a write."""
        self._overflowed = callback

    def post(self, message: Announcement) -> None:
        if self.closing:
            return
        topic = _topic(message)
        if topic is not None:
            for queued in self._queue:
                if queued[0] == topic:
                    self._queue.remove(queued)
                    self._characters -= len(queued[1])
                    break
        text = encode(message)
        self._queue.append((topic, text))
        self._characters += len(text)
        if len(self._queue) > MOST_MESSAGES or self._characters > MOST_CHARACTERS:
            self._queue.clear()
            self.closing = Close.SLOW
            self._overflowed()
        self._filled.set()

    def close(self, why: Close) -> None:
        """Ends the queue after what is in it; the first reason stands."""
        if not self.closing:
            self.closing = why
            self._filled.set()

    async def next(self) -> str | Close:
        """The next message's text, or why the socket closes once all is said."""
        while not self._queue:
            if self.closing:
                return self.closing
            self._filled.clear()
            await self._filled.wait()
        _, text = self._queue.popleft()
        self._characters -= len(text)
        return text


def _topic(message: Announcement) -> str | None:
    if isinstance(message, Roster):
        return "roster"
    if isinstance(message, Knocking):
        return f"knocking {message.room}"
    return None
