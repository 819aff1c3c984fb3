"""Where tests post mail to, and how they read it: a folder, a real server, or a recorder that does as it is told."""

from __future__ import annotations

import email
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import policy
from email.message import EmailMessage
from pathlib import Path

from calendars.mail import FolderMailer, Mailer, SmtpMailer
from tests.calendars.mail_server import authority, serving


def parsed(content: bytes) -> EmailMessage:
    """The mail as it is read at the other end."""
    mail = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


class Recorder:
    """A mailer that takes everything, or does first what the test wants."""

    def __init__(self, before: Callable[[EmailMessage], Awaitable[None]] | None = None) -> None:
        self.taken: list[EmailMessage] = []
        self._before = before

    async def send(self, message: EmailMessage) -> None:
        if self._before is not None:
            await self._before(message)
        self.taken.append(message)

    async def check(self) -> None:
        return None

    def sequences(self) -> list[int]:
        """SEQUENCE of each invitation taken, in order."""
        return [
            int(found)
            for mail in self.taken
            for found in re.findall(r"^SEQUENCE:(\d+)", calendar_of(mail), re.MULTILINE)
        ]


def calendar_of(mail: EmailMessage) -> str:
    """The calendar part."""
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


@asynccontextmanager
async def a_folder(tmp_path: Path) -> AsyncIterator[tuple[Mailer, Callable[[], list[bytes]]]]:
    """A mailer into a folder, and what is in it."""
    directory = tmp_path / "mail"
    yield (
        FolderMailer(directory),
        lambda: [path.read_bytes() for path in sorted(directory.glob("*.eml"))],
    )


@asynccontextmanager
async def a_server(tmp_path: Path) -> AsyncIterator[tuple[Mailer, Callable[[], list[bytes]]]]:
    """A mailer to a real server over STARTTLS, and what has arrived there."""
    trusted = authority(tmp_path / "authority")
    async with serving(trusted.context) as server:
        yield SmtpMailer("127.0.0.1", server.port, ca_file=trusted.ca_file), lambda: server.received
