"""What the application carries for its handlers, and what the middleware finds out about each request."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from calendars.mail import Mailer
from handover.domain.access import Scope
from handover.settings import Settings
from handover.store.engine import Store
from handover.web.passwords import Passwords
from signaling.rooms import Rooms

Clock = Callable[[], int]  # epoch seconds UTC

SETTINGS = web.AppKey("settings", Settings)
STORE = web.AppKey[Store]("store")
CLOCK = web.AppKey[Clock]("clock")
SECRET = web.AppKey("secret", bytes)
MAILER = web.AppKey[Mailer]("mailer")
ROOMS = web.AppKey("rooms", Rooms)
ROSTER_KEY = web.AppKey("roster_key", str)  # base64 SPKI; with it pages check who signed the roster
DEMO = web.AppKey("demo", bool)
PASSWORDS = web.AppKey("passwords", Passwords)

SCOPE = web.RequestKey[Scope | None]("scope")
LANGUAGE = web.RequestKey[str]("language")
VISITOR = web.RequestKey[str]("visitor")


def scope_of(request: web.Request) -> Scope:
    """Who asks. Only for handlers behind a door that lets nobody unknown through."""
    scope = request[SCOPE]
    assert scope is not None, "this handler is open to everyone: use request[SCOPE]"
    return scope
