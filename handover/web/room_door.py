"""The door to a talk's room: who may open a socket, with which pass, and through which relay.

`signaling` knows rooms and passes; here and in `room_hooks` stands which talk, account or link is behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from handover import joining, lending
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.join_links import ParsedToken
from handover.domain.talks import LINK_OUTLIVES_TALK, Participant, Talk
from handover.errors import NotFound, TooMany
from handover.settings import Settings
from handover.store import patients, talks
from handover.store.engine import Tx
from handover.web.doors import anyone_with_own_check, staff
from handover.web.guessing import behind
from handover.web.keys import CLOCK, ROOMS, SCOPE, SETTINGS, STORE, scope_of
from handover.web.room_hooks import GuestPass, RoomHooks, StaffPass
from signaling import socket
from signaling.ice import Ice, ice_servers
from signaling.passes import Pass
from signaling.rooms import Rooms

RESERVED = ("ward", "nurse")  # guests who come early must not take the seats of those who let them in
TABLET = "room"  # the role of the ward's tablet: several people before one camera, and no participant
RELAY_LASTS = 60 * 60  # seconds of TURN credentials after the talk's end, or from now when that is past
WATCHED_BEFORE = 24 * 60 * 60  # seconds; a talk's knocks are watched from the day before it begins,
WATCHED_AFTER = 12 * 60 * 60  # and for what is left of the day it was on


def make_rooms(
    settings: Settings, hooks: RoomHooks, clock: Callable[[], int], sign: Callable[[bytes], str]
) -> Rooms:
    """The rooms of this service."""

    def ice(pass_: Pass) -> Ice:
        return _ice(settings, pass_, clock())

    rooms = Rooms(hooks, ice=ice, sign=sign, reserved=RESERVED, clock=lambda: float(clock()))
    hooks.rooms = rooms
    return rooms


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
    # A home's network address says roughly where it is. Staff's is their employer's, and shows nobody's home.
    hides = isinstance(pass_, GuestPass) and (settings.guests_relay_only or pass_.protected)
    return Ice(
        servers, relay_only=hides and bool(settings.turn), expires_at=expires_at if settings.turn else 0
    )


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
        answer = await behind(request, token, _at_the_door)
    except TooMany:
        return None
    return answer.pass_ if answer else None


@dataclass(frozen=True)
class _Answer:
    """To a link that we made; no pass when it does not open the room just now. Only a wrong link is a guess."""

    pass_: GuestPass | None


def _at_the_door(tx: Tx, parsed: ParsedToken, *, key: bytes, now: int) -> _Answer | None:
    """The pass of a guest, or of the ward's tablet; None for a link that we did not make."""
    opened = joining.open_link(tx, parsed, key=key, now=now)
    if opened is not None:
        guest, standing, talk = opened.guest, opened.standing, opened.talk
        who = {
            "participant": guest.id,
            "name": opened.name,
            "role": guest.role,
            "link": _link_in_words(guest),
            "speaks_for": guest.speaks_for or "",
        }
    else:
        tablet = lending.open_tablet(tx, parsed, key=key, now=now)
        if tablet is None:
            return None
        standing, talk = tablet.standing, tablet.talk
        who = {"participant": tablet.id, "name": tablet.name, "role": TABLET, "link": ""}
    if standing != "open":
        return _Answer(None)
    return _Answer(
        GuestPass(
            room=talk.id,
            organisation="",
            enters=False,
            admits=False,
            expires_at=join_links.closes_at(talk),
            reserves=_reserves(talk),
            protected=patients.get(tx, talk.patient).protected_address,
            **who,
        )
    )


def _reserves(talk: Talk) -> tuple[str, ...]:
    """An interpreter who finds the room full leaves two people without a word in common."""
    return ("interpreter",) if talk.interpreter else ()


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
        reserves=_reserves(talk),
        scope=by,
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/rooms/{talk}/ws", seat), web.get("/rooms/ws", knocks)]
