from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from icalendar import Calendar

from handover.settings import Settings
from handover.store import outbox
from handover.store.sqlite import SqliteStore
from tests import booked
from tests.booked import Booked, book
from tests.cast import NOW, Cast
from tests.conftest import service
from tests.visitor import Clock, Visitor

FACTS = {"sequence": 0, "stamp": NOW, "starts_at": booked.STARTS_AT, "ends_at": booked.ENDS_AT, "why": "new"}


@pytest.fixture
def demo(settings: Settings, store: SqliteStore, clock: Clock) -> web.Application:
    return service(replace(settings, demo=True), store, clock)


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Booked:
    return store.write_now(book, cast)


async def mails_on_the_page(visitor: Visitor, how_many: int) -> str:
    """The page once the post room has written so many mails."""
    async with asyncio.timeout(30):
        while True:
            text = (await visitor.get("/outbox")).text
            if text.count("<article") >= how_many:
                return text
            await asyncio.sleep(0.05)


async def test_a_demo_shows_its_mails_newest_first_with_links_to_press(
    serve: Any, demo: web.Application, store: SqliteStore, talk: Booked
) -> None:
    visitor = await serve(demo)
    assert "No mails yet" in (await visitor.get("/outbox")).text
    store.write_now(
        outbox.write_letter, "invitation", talk=talk.talk, participant=talk.dag, facts=FACTS, now=NOW
    )
    await mails_on_the_page(visitor, 1)
    store.write_now(
        outbox.write_letter, "invitation", talk=talk.talk, participant=talk.bo, facts=FACTS, now=NOW
    )
    text = await mails_on_the_page(visitor, 2)
    assert text.index("bo@kommune.example") < text.index("dag@abroad.example")
    (link,) = set(re.findall(r'<a href="(http[^"]+/j/[a-z2-7]{53})">', text))
    assert (await visitor.get(link.removeprefix(visitor.origin))).status == 200
    invite = await visitor.get(re.findall(r'href="(/outbox/[^"]+/invite\.ics)"', text)[0])
    assert invite.status == 200
    assert str(Calendar.from_ical(invite.text.encode())["METHOD"]) == "REQUEST"


async def test_only_mails_of_the_folder_can_be_read(serve: Any, demo: web.Application) -> None:
    visitor = await serve(demo)
    for name in ("..%2Fhandover.db", "0" * 20 + "-00000000", "secret.key"):
        assert (await visitor.get(f"/outbox/{name}/invite.ics")).status == 404


async def test_outside_a_demo_there_is_no_such_page(client: Visitor) -> None:
    assert (await client.get("/outbox")).status == 404
    assert (await client.get(f"/outbox/{'0' * 20}-00000000/invite.ics")).status == 404
