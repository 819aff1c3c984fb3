"""What is on its way to one client: a bounded queue, so that nobody ever waits for a slow reader."""

from collections.abc import Callable
from typing import NamedTuple

from signaling.announcements import Announcement, Knocking, PeerText, Roster, encode
from signaling.errors import Close

MOST_MESSAGES = 64
MOST_CHARACTERS = 256 * 1024
FEW = 4  # a quarter of either is more than should wait for anything but a slow reader


class Sealed(NamedTuple):
    """A message as it goes over the wire, written once for all who get it."""

    topic: str | None  # of messages that a newer one makes worthless
    text: str


def seal(message: Announcement) -> Sealed:
    return Sealed(_topic(message), encode(message))


class Outbox:
    """Takes messages without waiting; whoever writes them is called when there is something, and takes them out.

    A roster, a list of knocks or a line of text that has not left yet gives way to a newer one. On overflow the queue
    is thrown away and the client told to dial again: it then gets the room as it is, which is less than it missed.
    """

    __slots__ = ("_characters", "_filled", "_overflowed", "_queue", "closing")

    def __init__(self) -> None:
        self._queue: list[Sealed] = []
        self._characters = 0
        self._filled: Callable[[], None] = _nobody
        self._overflowed: Callable[[], None] = _nobody
        self.closing: Close | None = None

    def on_filled(self, callback: Callable[[], None]) -> None:
        """Calls back whenever something was put in, or there is a reason to close."""
        self._filled = callback

    def on_overflow(self, callback: Callable[[], None]) -> None:
        """Calls back at once when the queue overflows: the writer is then likely stuck in a write."""
        self._overflowed = callback

    def post(self, message: Announcement | Sealed) -> None:
        if self.closing:
            return
        sealed = message if isinstance(message, Sealed) else seal(message)
        if sealed.topic is not None:
            for queued in self._queue:
                if queued.topic == sealed.topic:
                    self._queue.remove(queued)
                    self._characters -= len(queued.text)
                    break
        self._queue.append(sealed)
        self._characters += len(sealed.text)
        if len(self._queue) > MOST_MESSAGES or self._characters > MOST_CHARACTERS:
            self.take_all()
            self.closing = Close.SLOW
            self._overflowed()
        self._filled()

    def close(self, why: Close) -> None:
        """Ends the queue after what is in it; the first reason stands."""
        if not self.closing:
            self.closing = why
            self._filled()

    def filling(self) -> bool:
        """Whether so much waits that it should leave now, and not with what else is said in this turn of the loop."""
        return len(self._queue) * FEW > MOST_MESSAGES or self._characters * FEW > MOST_CHARACTERS

    def take(self) -> str | None:
        """The next message's text; None when all is said, and the socket may close if `closing` says so."""
        if not self._queue:
            return None
        text = self._queue.pop(0).text
        self._characters -= len(text)
        return text

    def take_all(self) -> list[str]:
        """Every message's text, in order."""
        texts = [sealed.text for sealed in self._queue]
        self._queue.clear()
        self._characters = 0
        return texts


def _nobody() -> None:
    """Nobody wants to know."""


def _topic(message: Announcement) -> str | None:
    if isinstance(message, Roster):
        return "roster"
    if isinstance(message, Knocking):
        return f"knocking {message.room}"
    if isinstance(message, PeerText):
        return f"text {message.line} {message.sender}"
    return None
