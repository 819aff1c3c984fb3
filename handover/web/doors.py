"""Who may come to a handler. Every handler carries one of these; one without is closed to everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from handover.domain.access import Scope
from handover.errors import N_, NotAllowed, NotSignedIn

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Door:
    """`kind` is `anyone`, `staff` or `program`; `right` is what staff or a program must have, if anything.

    `own_check` says that the request brings its own proof (a bearer token, a socket's first message), so that
    no form token is asked for.
    """

    kind: str
    right: str = ""
    own_check: bool = False


_doors: dict[Handler, Door] = {}


def _with(door: Door) -> Callable[[Handler], Handler]:
    def remember(handler: Handler) -> Handler:
        _doors[handler] = door
        return handler

    return remember


anyone = _with(Door("anyone"))
anyone_with_own_check = _with(Door("anyone", own_check=True))
signed_in = _with(Door("staff"))


def staff(right: str) -> Callable[[Handler], Handler]:
    """Open to signed-in staff whose role has this right."""
    return _with(Door("staff", right))


def program(right: str = "") -> Callable[[Handler], Handler]:
    """Open to programs with this scope on their token."""
    return _with(Door("program", right, own_check=True))


def door_of(handler: object) -> Door | None:
    """The handler's door, or None for one that nobody opened."""
    return _doors.get(handler)  # type: ignore[call-overload, no-any-return]


def pass_through(door: Door | None, scope: Scope | None) -> None:
    """Raise unless this door lets this scope in."""
    if door is None:
        raise NotAllowed("closed", N_("This page is closed."))
    if door.kind == "anyone":
        return
    if door.kind == "program" and (scope is None or scope.kind != "program"):
        raise NotSignedIn("token-wanted", N_("Send a token that is valid here: Authorization: Bearer …"))
    if scope is None or scope.kind != door.kind:
        raise NotSignedIn("sign-in", N_("Sign in to go on."))
    if door.right:
        scope.require(door.right)
