"""Astrid's and Bo's browsers, the catalogue, and for the sweeps a session for everybody and a store that undoes."""

from __future__ import annotations

from collections.abc import Iterator

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
