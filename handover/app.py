"""The composition root: settings in, a web application out, with its store, mailer, rooms and background work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from aiohttp import web

from calendars.errors import MailError
from calendars.mail import Mailer, mailer_from_url
from handover.letters import Letters
from handover.post_room import FINISH_WITHIN, PostRoom
from handover.sealing import RosterKey
from handover.settings import Settings, SettingsError, load_or_make_secret
from handover.store.engine import Store
from handover.store.sqlite import SqliteStore
from handover.web import keys, middleware, network_check, outbox
from handover.web.assets import ASSETS, Assets
from handover.web.guessing import NEW_LINKS, WRONG_LINKS, allowances
from handover.web.housekeeping import housekeeping
from handover.web.pages import PAGES, Pages
from handover.web.passwords import Passwords
from handover.web.room_door import make_rooms
from handover.web.room_figures import FIGURES, RoomFigures
from handover.web.room_hooks import RoomHooks
from handover.web.routes import all_routes
from handover.web.throttling import THROTTLE, Throttle
from signaling import socket

BIGGEST_REQUEST = 2 * 1024 * 1024  # a contact person's photo; everything else is far smaller


def wall_clock() -> int:
    """Now, in epoch seconds: the one clock of a running service."""
    return int(time.time())


def open_store(settings: Settings) -> SqliteStore:
    """The database the settings name, its tables up to date."""
    settings.database_path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteStore(settings.database_path)


def open_mailer(settings: Settings) -> Mailer:
    """The folder or server that the settings name."""
    try:
        return mailer_from_url(settings.mail, settings.mail_ca)
    except MailError as error:
        raise SettingsError(f"HANDOVER_MAIL cannot be used: {error.message}") from error


def make_app(
    settings: Settings,
    store: Store,
    mailer: Mailer,
    *,
    clock: keys.Clock = wall_clock,
    passwords: Passwords | None = None,
) -> web.Application:
    """The whole service as one application. The caller owns `store` and closes it."""
    app = web.Application(
        middlewares=[middleware.surroundings, middleware.errors, middleware.who_asks],
        client_max_size=BIGGEST_REQUEST,
    )
    app.on_response_prepare.append(middleware.security_headers)
    app[keys.SETTINGS] = settings
    app[keys.STORE] = store
    app[keys.CLOCK] = clock
    app[keys.MAILER] = mailer
    app[keys.SECRET] = load_or_make_secret(settings.secret_path)
    app[keys.DEMO] = settings.demo
    app[ASSETS] = Assets()
    app[PAGES] = Pages()
    app[keys.PASSWORDS] = passwords or Passwords()
    app[THROTTLE] = Throttle()
    app[WRONG_LINKS], app[NEW_LINKS] = allowances()
    roster_key = RosterKey(app[keys.SECRET])
    app[keys.ROSTER_KEY] = roster_key.public
    app[FIGURES] = RoomFigures()
    app[keys.ROOMS] = make_rooms(settings, RoomHooks(store, clock, app[FIGURES]), clock, roster_key.sign)
    socket.setup(app)
    network_check.setup(app)
    app.add_routes(all_routes())
    if settings.demo:
        app.add_routes(outbox.routes())
    app.cleanup_ctx.append(_passwords)
    app.cleanup_ctx.append(_post_room)
    app.cleanup_ctx.append(housekeeping)
    return app


async def _passwords(app: web.Application) -> AsyncIterator[None]:
    yield
    app[keys.PASSWORDS].close()


async def _post_room(app: web.Application) -> AsyncIterator[None]:
    settings = app[keys.SETTINGS]
    letters = Letters(base_url=settings.base_url, mailbox=settings.mail_from, key=app[keys.SECRET])
    post_room = PostRoom(app[keys.STORE], app[keys.MAILER], letters, clock=app[keys.CLOCK])
    task = asyncio.create_task(post_room.run())
    yield
    post_room.stop()
    await asyncio.wait([task], timeout=FINISH_WITHIN)
    task.cancel()
