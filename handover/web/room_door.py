"""The door to a talk's room: who may open a socket, and what the talk's stories say to each move inside.

`signaling` knows rooms and passes; this is the one place that knows which talk, account or link is behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from handover import joining
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.talks import LINK_OUTLIVES_TALK, Participant, Talk
from handover.errors import Expired, NotAllowed, NotFound, TooMany
from handover.settings import Settings
from handover.store import patients, talks
from handover.store.engine import Store, Tx
from handover.web.doors import anyone_with_own_check, staff
from handover.web.guessing import genuine_link
from handover.web.keys import CLOCK, ROOMS, SCOPE, SETTINGS, STORE, scope_of
from signaling import socket
from signaling.hooks import Hooks
from signaling.ice import Ice, ice_servers
from signaling.passes import Pass
from signaling.rooms import Rooms

RESERVED = ("ward", "nurse")  # guests who come early must not take the seats of those who let them in
RELAY_LASTS = 60 * 60  # seconds of TURN credentials after the talk's end, or from now when that is past
WATCHED_BEFORE = 24 * 60 * 60  # seconds; a talk's knocks are watched from the day before it begins,
WATCHED_AFTER = 12 * 60 * 60  # and for what is left of the day it was on


@dataclass(frozen=True, kw_only=True)
class StaffPass(Pass):
    """A pass from a session, with whose it is."""

    scope: Scope


def make_rooms(settings: Settings, store: Store, clock: Callable[[], int]) -> Rooms:
    """The rooms of this service."""

    def ice(pass_: Pass) -> Ice:
        return _ice(settings, pass_, clock())

    return Rooms(RoomHooks(store, clock), ice=ice, reserved=RESERVED, clock=lambda: float(clock()))


def _ice(settings: Settings, pass_: Pass, now: int) -> Ice:
    talk_ends = int(pass_.expires_at) - int(LINK_OUTLIVES_TALK.total_seconds())
    expires_at = max(talk_ends, now) + RELAY_LASTS
    servers = ice_servers(
        (),
        settings.turn,
        settings.turn_secret,
        room=pass_.room,
        participant=pass_.participant,
        expires_at=expires_at,
    )
    return Ice(servers, expires_at=expires_at if settings.turn else 0)


class RoomHooks(Hooks):
    """Every move in a room runs its story first; a story that refuses leaves the room as it was."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def knocked(self, pass_: Pass, name: str, relation: str) -> bool:
        return await self._agreed(joining.knock, pass_.room, pass_.participant, name, relation)

    async def let_in(self, by: Pass, pass_: Pass, device: str) -> bool:
        return await self._agreed(joining.let_in, pass_.room, pass_.participant, by=_scope_of(by))

    async def declined(self, by: Pass, pass_: Pass) -> bool:
        return await self._agreed(joining.decline, pass_.room, pass_.participant, by=_scope_of(by))

    async def joined(self, pass_: Pass) -> bool:
        return await self._agreed(
            joining.sit_down, pass_.room, pass_.participant, pass_.name, by=_scope_of(pass_)
        )

    async def left(self, pass_: Pass) -> None:
        await self._agreed(joining.leave, pass_.room, pass_.participant, by=_scope_of(pass_))

    async def removed(self, by: Pass, pass_: Pass) -> bool:
        return await self._agreed(joining.remove, pass_.room, pass_.participant, by=_scope_of(by))

    async def ended(self, by: Pass) -> bool:
        return await self._agreed(joining.end, by.room, by=_scope_of(by))

    async def _agreed(self, story: Callable[..., None], *args: str, **named: Scope) -> bool:
        try:
            await self._store.write(story, *args, now=self._clock(), **named)
        except (Expired, NotAllowed, NotFound):
            return False
        return True


def _scope_of(pass_: Pass) -> Scope:
    return pass_.scope if isinstance(pass_, StaffPass) else Scope("guest", pass_.participant, pass_.name)


@anyone_with_own_check
async def seat(request: web.Request) -> web.StreamResponse:
    """GET /rooms/{talk}/ws: a seat. Guests say who they are in the first message, staff by their session."""
    talk_id, by = request.match_info["talk"], request[SCOPE]
    now = request.app[CLOCK]()
    pass_ = None
    if by is not None and by.kind == "staff":
        pass_ = await request.app[STORE].read(_staff_pass, talk_id, by, now)
    return await socket.serve(
        request,
        talk_id,
        request.app[ROOMS],
        origin=request.app[SETTINGS].origin,
        admit=partial(_admit, request),
        staff=pass_,
    )


@staff("room")
async def knocks(request: web.Request) -> web.StreamResponse:
    """GET /rooms/ws: who knocks in the rooms of their talks around now, for the badge on every staff page."""
    passes = await request.app[STORE].read(_watched, scope_of(request), request.app[CLOCK]())
    return await socket.watch(request, request.app[ROOMS], origin=request.app[SETTINGS].origin, passes=passes)


async def _admit(request: web.Request, token: str) -> Pass | None:
    try:
        opened = await genuine_link(request, token)
    except TooMany:
        return None
    if opened is None or opened.standing != "open":
        return None
    talk, guest = opened.talk, opened.guest
    return Pass(
        room=talk.id,
        participant=guest.id,
        name=opened.name,
        role=guest.role,
        organisation="",
        enters=False,
        admits=False,
        link=_link_in_words(guest),
        expires_at=join_links.closes_at(talk),
    )


def _link_in_words(guest: Participant) -> str:
    """Whose link it is, for who lets in: enough to tell two relatives apart, too little to copy."""
    if guest.email:
        local, _, domain = guest.email.partition("@")
        return f"{local[:1]}…@{domain}"
    return f"…{guest.phone[-4:]}" if guest.phone else ""


def _staff_pass(tx: Tx, talk_id: str, by: Scope, now: int) -> StaffPass | None:
    try:
        talk = talks.get(tx, by, talk_id, "room")
    except NotFound:
        return None
    if not join_links.takes_place(talk) or now >= join_links.closes_at(talk):
        return None
    patient = patients.get(tx, talk.patient)
    return _pass_of(talk, by, hides_places=patient.protected_address)


def _watched(tx: Tx, by: Scope, now: int) -> list[Pass]:
    found = talks.between(tx, by, now - WATCHED_BEFORE, now + WATCHED_AFTER)
    return [_pass_of(talk, by, hides_places=False) for talk in found if join_links.takes_place(talk)]


def _pass_of(talk: Talk, by: Scope, *, hides_places: bool) -> StaffPass:
    """A colleague who steps in comes as themselves. With a protected address, no page shows a municipality."""
    own = next((person.id for person in talk.participants if person.account == by.actor), by.actor)
    municipal = by.organisation_kind == "municipality"
    return StaffPass(
        room=talk.id,
        participant=own,
        name=by.name,
        role="nurse" if municipal else "ward",
        organisation="" if hides_places and municipal else by.organisation_name,
        enters=True,
        admits=True,
        link="",
        expires_at=join_links.closes_at(talk),
        scope=by,
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/rooms/{talk}/ws", seat), web.get("/rooms/ws", knocks)]
