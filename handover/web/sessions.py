"""Cookies: the staff session, the visitor's form secret, and the chosen language."""

from __future__ import annotations

import contextlib
import secrets

from aiohttp import web

from handover import words
from handover.domain.access import Scope
from handover.errors import Unavailable
from handover.store import sessions as store_sessions
from handover.web.doors import Door
from handover.web.keys import CLOCK, LANGUAGE, SCOPE, SETTINGS, STORE, VISITOR

IDLE = 60 * 60  # a ward PC left open; a running call keeps its session in use
LONGEST = 12 * 60 * 60  # a long shift
NOTED_EVERY = 5 * 60  # how exactly "last used" is kept: a write on every page would cost more than it tells
UNATTENDED = "/rooms/ws"  # every open page asks for it by itself, which does not mean that somebody is there

SESSION = "session"
FORM = "visitor"
LANGUAGE_COOKIE = "lang"


def _name(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if request.app[SETTINGS].secure else name


def _cookie(request: web.Request, name: str) -> str | None:
    """What we gave this browser; what is no text of ours is nothing."""
    value = request.cookies.get(_name(request, name))
    return value if value and value.isascii() else None


def _set(request: web.Request, response: web.StreamResponse, name: str, value: str, age: int | None) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=age,
        path="/",
        secure=request.app[SETTINGS].secure,
        httponly=True,
        samesite="Lax",
    )


async def scope(request: web.Request, door: Door | None) -> Scope | None:
    """Who asks: a bearer token at the API, a session cookie elsewhere."""
    store = request.app[STORE]
    if door is not None and door.kind == "program":
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.isascii():
            return None
        return await store.read(store_sessions.program_behind, token.strip())
    cookie = _cookie(request, SESSION)
    if not cookie or request.path.startswith("/static/"):
        return None
    now = request.app[CLOCK]()
    found = await store.read(store_sessions.staff_behind, cookie, now=now, idle=IDLE)
    if found is None:
        return None
    staff, seen_at = found
    if now - seen_at > NOTED_EVERY and request.path != UNATTENDED:
        with contextlib.suppress(Unavailable):  # the next page notes it; this one may only want to read
            await store.write(store_sessions.touch, cookie, now=now)
    return staff


async def begin(request: web.Request, response: web.StreamResponse, account: str) -> None:
    """Sign this browser in: always a new session, whatever cookie came with the request."""
    now = request.app[CLOCK]()
    token = secrets.token_urlsafe(32)
    await request.app[STORE].write(
        store_sessions.open_session, token, account, now=now, expires_at=now + LONGEST
    )
    _set(request, response, SESSION, token, None)
    request[VISITOR] = secrets.token_urlsafe(24)
    _set(request, response, FORM, request[VISITOR], None)


async def end(request: web.Request, response: web.StreamResponse) -> None:
    """Sign this browser out."""
    cookie = _cookie(request, SESSION)
    if cookie:
        await request.app[STORE].write(store_sessions.close_session, cookie)
    response.del_cookie(_name(request, SESSION), path="/", secure=request.app[SETTINGS].secure, httponly=True)


def visitor(request: web.Request) -> str:
    """The secret behind this browser's form tokens; a new one for a new browser."""
    return _cookie(request, FORM) or secrets.token_urlsafe(24)


def remember_visitor(request: web.Request, response: web.StreamResponse) -> None:
    """Give a new browser its secret, on pages only."""
    if _cookie(request, FORM) is None and response.content_type == "text/html":
        _set(request, response, FORM, request[VISITOR], None)


def language(request: web.Request) -> str:
    """`?lang=`, else the cookie it left, else the account's, else the browser's."""
    asked = request.query.get("lang")
    if asked in words.LANGUAGES:
        return asked
    kept = request.cookies.get(LANGUAGE_COOKIE)
    if kept in words.LANGUAGES:
        return kept
    staff = request[SCOPE]
    return staff.language if staff is not None and staff.kind == "staff" else request[LANGUAGE]


def remember_language(request: web.Request, response: web.StreamResponse) -> None:
    """Keep what `?lang=` chose."""
    asked = request.query.get("lang")
    if asked in words.LANGUAGES and request.cookies.get(LANGUAGE_COOKIE) != asked:
        secure = request.app[SETTINGS].secure
        response.set_cookie(
            LANGUAGE_COOKIE,
            asked,
            max_age=365 * 86400,
            path="/",
            secure=secure,
            httponly=True,
            samesite="Lax",
        )


def chosen_language(request: web.Request) -> str | None:
    """The language this browser's person chose by `?lang=`, now or before, if any: it wins over an invitation's."""
    for value in (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if value in words.LANGUAGES:
            return value
    return None


def follow_account_language(response: web.StreamResponse) -> None:
    """Forget what `?lang=` chose, so that the account's own language holds again."""
    response.del_cookie(LANGUAGE_COOKIE, path="/", samesite="Lax")
