"""The five stories: everything comes in by HTTP, and goes out by mail and figures."""

from __future__ import annotations

import asyncio
import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.resources import files
from pathlib import Path

import pytest
from aiohttp import web

from handover.cataloguing import import_offers
from handover.domain.access import OPERATOR
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from tests.cast import NOW, Cast
from tests.conftest import Serve
from tests.visitor import Clock, Visitor, signed_in


class House:
    """The service, and what its people find in their mail."""

    def __init__(
        self, app: web.Application, serve: Serve, store: SqliteStore, clock: Clock, folder: Path
    ) -> None:
        self.app = app
        self.store = store
        self.clock = clock
        self._serve = serve
        self._folder = folder

    async def somebody(self) -> Visitor:
        """A browser of somebody without an account."""
        return await self._serve(self.app)

    async def staff(self, email: str) -> Visitor:
        """A browser of somebody signed in."""
        return await signed_in(await self._serve(self.app), email)

    def _mails(self) -> list[EmailMessage]:
        read = [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(self._folder.glob("*.eml"))
        ]
        return [message for message in read if isinstance(message, EmailMessage)]

    async def mails_to(self, address: str, at_least: int = 1) -> list[EmailMessage]:
        """The mails somebody has got, oldest first, once there are so many."""
        deadline = asyncio.get_running_loop().time() + 15
        while True:
            found = [mail for mail in self._mails() if address in str(mail["To"])]
            if len(found) >= at_least:
                return found
            assert asyncio.get_running_loop().time() < deadline, f"{address} got {len(found)} mails"
            await asyncio.sleep(0.05)


def text_of(mail: EmailMessage) -> str:
    """The plain part."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def calendar_of(mail: EmailMessage) -> str:
    """The calendar part, its lines unfolded."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return str(part.get_content()).replace("\r\n ", "").replace("\n ", "")


def link_in(mail: EmailMessage, path: str) -> str:
    """The path of the link to `path` in the mail."""
    found = re.search(rf"https?://[^/\s]+({path}[^\s]*)", text_of(mail))
    assert found is not None, text_of(mail)
    return found[1]


@pytest.fixture
def house(
    app: web.Application,
    serve: Serve,
    store: SqliteStore,
    cast: Cast,
    clock: Clock,
    settings: Settings,
) -> House:
    """The service with its people and the starting catalogue."""
    document = json.loads((files("handover") / "data" / "offers.json").read_text("utf-8"))
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)
    folder = settings.mail_folder
    assert folder is not None
    return House(app, serve, store, clock, folder)


BOOKING = {
    "municipality": "Sønderborg",
    "programme": "cancer",
    "language": "da",
    "patient.initials": "EH",
    "patient.reference": "HO-17",
    "patient.name": "Ellen Holm",
    "patient.phone": "+45 20 11 22 33",
    "patient.email": "ellen@post.example",
    "themes": "fatigue",
    "minor_children": "no",
    "participants.0.role": "relative",
    "participants.0.name": "Dag Holm",
    "participants.0.email": "dag@post.example",
    "participants.0.relation": "Son",
    "participants.0.language": "en",
    "consent": "yes",
    "consent.0.how": "spoken",
    "consent.0.asked_by": "Astrid Lund",
}


async def book(astrid: Visitor, start: int, key: str = "k1", **more: str) -> str:
    """Astrid fills in the form and presses Book; the talk's id."""
    fields = {
        **BOOKING,
        "key": key,
        "step": "check",
        "go": "book",
        "start": str(start),
        "minutes": "30",
        **more,
    }
    answer = await astrid.post("/talks/new", fields)
    assert answer.status == 303, answer.text
    return answer.location.split("/talks/")[1].split("?")[0]
