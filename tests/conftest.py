"""What every test may ask for: an empty or peopled store, a clock that stands still, the whole service, a browser."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from calendars.mail import FolderMailer
from handover.app import make_app
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.passwords import Passwords
from tests import cast as people
from tests.visitor import PASSWORD, Clock, Visitor

# Argon2 is slow by design; the tests need its shape and not its strength.
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = HASHER.hash(PASSWORD)

Serve = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty database."""
    opened = SqliteStore(tmp_path / "handover.db")
    yield opened
    opened.close_now()


@pytest.fixture
def cast(store: SqliteStore) -> people.Cast:
    """The cast, put into `store`; everybody's password is tests.visitor.PASSWORD."""
    return store.write_now(people.gather, PASSWORD_HASH)


@pytest.fixture
def clock() -> Clock:
    """Stands at tests.cast.NOW until `clock.now` is set or `clock.forward(seconds)` is called."""
    return Clock(people.NOW)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A port of our own, known before the service is made, since its pages know their address."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield bound


@pytest.fixture
def settings(tmp_path: Path, listening: socket.socket) -> Settings:
    """A service on this machine that writes its mail to `tmp_path / "mail"`."""
    port = listening.getsockname()[1]
    return Settings(
        base_url=f"http://127.0.0.1:{port}",
        port=port,
        database=f"sqlite:///{tmp_path / 'handover.db'}",
        mail=f"folder:{tmp_path / 'mail'}",
        mail_from="talks@handover.example",
    )


@pytest.fixture
def app(settings: Settings, store: SqliteStore, clock: Clock) -> web.Application:
    """The whole service over `store`, `clock` and a mail folder, not yet listening."""
    return service(settings, store, clock)


def service(settings: Settings, store: SqliteStore, clock: Clock) -> web.Application:
    """The same for tests that bring settings of their own."""
    mailer = FolderMailer(settings.mail_folder or Path())
    return make_app(settings, store, mailer, clock=clock, passwords=Passwords(HASHER))


@pytest.fixture
async def serve(listening: socket.socket, store: SqliteStore) -> AsyncIterator[Serve]:
    """`await serve(app)`: a new browser at the app, which begins to listen the first time. The store outlives it."""
    servers: dict[web.Application, TestServer] = {}
    visitors: list[Visitor] = []

    async def a_visitor(app: web.Application, **headers: str) -> Visitor:
        if app not in servers:
            servers[app] = TestServer(app, socket_factory=lambda *_: listening)
            await servers[app].start_server()
        visitors.append(Visitor(app, servers[app], headers))
        return visitors[-1]

    yield a_visitor
    for visitor in visitors:
        await visitor.close()
    for server in servers.values():
        await server.close()


@pytest.fixture
async def client(serve: Serve, app: web.Application) -> Visitor:
    """A browser that has not signed in."""
    return await serve(app)
