"""Astrid's and Bo's browsers, the catalogue, and for the sweeps a session for everybody and a store that undoes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web

from handover import setting_up
from handover.domain.access import API_SCOPES, OPERATOR
from handover.organising import make_token
from handover.store import sessions
from handover.store.sqlite import SqliteStore
from tests import catalogue
from tests.booked import Booked, book
from tests.cast import NOW, Cast
from tests.conftest import Serve
from tests.handover.web.lines import DEVICE, Come, Line
from tests.handover.web.sweep import PROGRAM, UndoingStore, people
from tests.visitor import Visitor, signed_in


@pytest.fixture
async def astrid(serve: Serve, app: web.Application, cast: Cast) -> Visitor:
    """Astrid's browser, signed in."""
    return await signed_in(await serve(app), "astrid@ward.example")


@pytest.fixture
async def bo(serve: Serve, app: web.Application, cast: Cast) -> Visitor:
    """Bo's browser, signed in."""
    return await signed_in(await serve(app), "bo@kommune.example")


@pytest.fixture
def offers(store: SqliteStore, cast: Cast) -> None:
    """The starting catalogue, with the programmes and themes that a talk is booked by."""
    store.write_now(catalogue.fill)


@pytest.fixture
def swept(cast: Cast, store: SqliteStore) -> Booked:
    """Astrid's talk with Bo, a program of the hospital, and a session for everybody of the sweep."""
    store.write_now(setting_up.furnish, now=NOW)
    talk = store.write_now(book, cast)
    store.write_now(make_token, cast.hospital, API_SCOPES, PROGRAM, by=OPERATOR, now=NOW)
    for name, scope in people(cast).items():
        store.write_now(sessions.open_session, name, scope.actor, now=NOW, expires_at=NOW + 3600)
    return talk


@pytest.fixture
def undoing(swept: Booked, store: SqliteStore) -> Iterator[UndoingStore]:
    opened = UndoingStore(store.path)
    yield opened
    opened.close_now()


@pytest.fixture
async def come(serve: Any, app: web.Application, talk: Booked) -> AsyncIterator[Come]:
    """`await come(token=…)` or `await come(email=…)`: a socket that has said hello."""
    open_lines: list[Line] = []

    async def a_line(
        *, token: str | None = None, email: str | None = None, path: str | None = None, **hello: str
    ) -> Line:
        visitor: Visitor = await serve(app)
        if email is not None:
            await signed_in(visitor, email)
        socket = await visitor.http.ws_connect(
            path or f"/rooms/{talk.talk}/ws", headers={"Origin": visitor.origin}
        )
        line = Line(socket)
        open_lines.append(line)
        who = {} if token is None else {"token": token}
        await line.say("hello", version=1, device=DEVICE, **who, **hello)
        return line

    yield a_line
    for line in open_lines:
        await line.socket.close()
