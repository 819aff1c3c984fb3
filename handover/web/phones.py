"""Whom staff ring because they do not come or their line is lost, and who is on the phone."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from handover import recording, ringing
from handover.domain.access import Scope
from handover.errors import NotFound
from handover.ringing import Invited
from handover.store import talks
from handover.store.engine import Tx
from handover.web.doors import anyone, staff
from handover.web.forms import Reader, json_object
from handover.web.guessing import genuine_link
from handover.web.keys import CLOCK, ROOMS, STORE, scope_of
from handover.web.room_hooks import on_the_phone, tell_who_is_on_the_phone

YES_OR_NO = ("yes", "no")


@staff("room")
async def absent(request: web.Request) -> web.Response:
    """GET /talks/{talk}/absent: who is not there, with the number to ring, and who sits there, should their line be
    lost; and, while nobody has said who was there and how, what the outcome form would suggest by now."""
    talk, by = request.match_info["talk"], scope_of(request)
    here = {entry.participant for entry in request.app[ROOMS].present(talk)}
    return web.json_response(
        await request.app[STORE].read(_gather, talk, here, by=by, now=request.app[CLOCK]())
    )


@staff("room")
async def phone(request: web.Request) -> web.Response:
    """POST /talks/{talk}/phone with `{"participant", "on": "yes" | "no"}`; everybody in the room is told.

    With `"line": "lost"` also somebody who still has a seat is noted: this page has lost the connection to them.
    """
    by, talk = scope_of(request), request.match_info["talk"]
    reader = Reader(await json_object(request))
    participant = reader.line("participant", required=True)
    on = reader.choice("on", YES_OR_NO, required=True)
    lost = reader.choice("line", ("lost",)) == "lost" or line_is_lost(request, talk, participant)
    reader.done()
    store, now = request.app[STORE], request.app[CLOCK]()
    if on == "yes":
        people = await store.write(ringing.ring, talk, participant, line_lost=lost, by=by, now=now)
    else:
        people = await store.write(ringing.hang_up, talk, participant, by=by, now=now)
    tell_who_is_on_the_phone(request.app[ROOMS], talk, people)
    return web.json_response(on_the_phone(people))


@anyone
async def told_to_guest(request: web.Request) -> web.Response:
    """GET /j/{token}/people: who is on the phone, for a guest who sits in the room."""
    opened = await genuine_link(request, request.match_info["token"])
    if opened is None or not sits_in(request, opened.talk.id, opened.guest.id):
        raise NotFound()
    return web.json_response(on_the_phone(await request.app[STORE].read(ringing.on_phone, opened.talk)))


def sits_in(request: web.Request, talk: str, seat: str) -> bool:
    """Whether somebody has a seat in the talk's room just now."""
    return any(entry.participant == seat for entry in request.app[ROOMS].present(talk))


def line_is_lost(request: web.Request, talk: str, seat: str) -> bool:
    """Whether somebody's own page says that it is connected with nobody."""
    return any(
        entry.participant == seat and entry.quality == "lost" for entry in request.app[ROOMS].present(talk)
    )


def _gather(tx: Tx, talk: str, here: set[str], *, by: Scope, now: int) -> dict[str, Any]:
    people = ringing.invited(tx, talk, by=by)
    suggested = recording.sheet_of(tx, talk, by=by, now=now).suggested
    return {
        "absent": [_to_ring(one) for one in people if one.person.id not in here],
        "here": [_to_ring(one) for one in people if one.person.id in here],
        "on_phone": on_the_phone(ringing.on_phone(tx, talks.get(tx, by, talk)))["on_phone"],
        "suggested": suggested and {"form": suggested.form, "present": list(suggested.present)},
    }


def _to_ring(one: Invited) -> dict[str, Any]:
    return {
        "participant": one.person.id,
        "name": one.person.name,
        "role": one.person.role,
        "relation": one.person.relation,
        "phone": one.phone,
        "on_phone": one.on_phone,
    }


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks/{talk}/absent", absent),
        web.post("/talks/{talk}/phone", phone),
        web.get("/j/{token}/people", told_to_guest),
    ]
