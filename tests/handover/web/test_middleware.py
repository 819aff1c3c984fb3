"""Around every handler: a database that is held, and addresses that would lead away from us."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from aiohttp import web
from yarl import URL

from handover import setting_up
from handover.settings import Settings
from handover.store import sqlite
from handover.store.sqlite import SqliteStore
from tests.booked import Booked, book
from tests.cast import NOW, Cast
from tests.conftest import Serve, service
from tests.visitor import Clock, Visitor, signed_in


@pytest.fixture
def impatient(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    """The same database by a store that does not wait for others."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.05)
    opened = SqliteStore(store.path)
    yield opened
    opened.close_now()


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Booked:
    store.write_now(setting_up.furnish, now=NOW)
    return store.write_now(book, cast)


@pytest.fixture
def held_app(settings: Settings, impatient: SqliteStore, clock: Clock) -> web.Application:
    return service(settings, impatient, clock)


async def test_a_database_that_another_program_holds_saves_nothing_and_says_so(
    serve: Serve, held_app: web.Application, store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    astrid = await signed_in(await serve(held_app), "astrid@ward.example")
    with closing(sqlite3.connect(store.path, isolation_level=None, timeout=30)) as other:
        other.execute("begin immediate")
        pressed = await astrid.post(f"/talks/{talk.talk}/cancel", {"reason": "no time"})
        assert (pressed.status, pressed.headers["Retry-After"]) == (503, "10")
        assert "It was not saved" in pressed.text and "<h1" in pressed.text
        told = await astrid.post_json(f"/talks/{talk.talk}/shown", {"offer": "x"})
        assert (told.status, json.loads(told.text)["code"]) == (503, "busy")
        clock.forward(1800)  # even when it is time to note that somebody is there
        assert (await astrid.get(f"/talks/{talk.talk}")).status == 200
        other.execute("rollback")
    again = await astrid.post(f"/talks/{talk.talk}/cancel", {"reason": "no time"})
    assert again.status == 303


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/%5Cevil.example", "/%2F/evil.example", "/%22%3E%3Cb%3E"]
)
async def test_no_address_becomes_a_link_to_somebody_else(client: Visitor, path: str) -> None:
    async with client.http.session.get(URL(client.origin + path, encoded=True)) as answer:
        text = await answer.text()
    assert answer.status == 404
    assert 'href="//' not in text and 'href="/\\' not in text and "<b>" not in text
    assert "lang=da" in text
