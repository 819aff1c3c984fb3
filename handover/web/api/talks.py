"""Talks by API: the same stories as the pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from handover import booking, moving, stopping
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.bookings import Changes, as_guest
from handover.domain.talks import GUEST_ROLES, STATES, Talk
from handover.errors import N_, Conflict, FieldError, refuse
from handover.sealing import Seal, is_national_id
from handover.stopping import Because
from handover.store import idempotency, links, talks
from handover.store.engine import Row, Tx
from handover.web.api.answers import TalkList, TalkOut, slot_out, talk_out
from handover.web.api.models import CancelIn, ParticipantIn, TalkChanges, TalkIn
from handover.web.api.openapi import Operation, Parameter
from handover.web.api.parsing import body_of, idempotency_of, instant_of
from handover.web.doors import program
from handover.web.in_step import keep_in_step
from handover.web.keys import CLOCK, SECRET, SETTINGS, STORE, scope_of

PAGE = 100  # talks in one answer
EARLIEST, LATEST = 0, 4102444800  # without `from` and `to`: 1970 to 2100


@program("talks:write")
async def book(request: web.Request) -> web.Response:
    """POST /talks"""
    wanted = await body_of(request, TalkIn)
    sealed = _sealed(request, wanted.patient.national_id)
    return await _answer_once(request, booking.book, wanted.wanted(sealed), with_links=True)


@program("talks:write")
async def add_participant(request: web.Request) -> web.Response:
    """POST /talks/{talk}/participants"""
    person = await body_of(request, ParticipantIn)
    return await _answer_once(request, _add_participant, request.match_info["talk"], person)


@program("talks:read")
async def index(request: web.Request) -> web.Response:
    """GET /talks?from&to&state&after"""
    by, query = scope_of(request), request.query
    start = instant_of(query["from"], by.zone, "from") if query.get("from") else EARLIEST
    end = instant_of(query["to"], by.zone, "to") if query.get("to") else LATEST
    states = [state for state in STATES if state == query.get("state")]
    if query.get("state") and not states:
        refuse([FieldError("state", "unknown", N_("Choose one of the choices."))])
    found = await request.app[STORE].read(
        talks.between, by, start, end, states or None, limit=PAGE + 1, after=_after(query)
    )
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    following = f"{last.starts_at}-{last.id}" if last else None
    return web.json_response(TalkList(items=[talk_out(talk) for talk in shown], next=following))


@program("talks:read")
async def show(request: web.Request) -> web.Response:
    """GET /talks/{talk}"""
    talk = await request.app[STORE].read(talks.get, scope_of(request), request.match_info["talk"])
    return web.json_response(talk_out(talk))


@program("talks:write")
async def change(request: web.Request) -> web.Response:
    """PATCH /talks/{talk}"""
    wanted = await body_of(request, TalkChanges)
    by = scope_of(request)
    store, talk_id = request.app[STORE], request.match_info["talk"]
    try:
        talk = await store.write(_change, talk_id, wanted, by=by, now=request.app[CLOCK]())
    except Conflict as conflict:
        if conflict.code == "stale-version":
            current = talk_out(await store.read(talks.get, by, talk_id))
            raise Conflict(conflict.code, conflict.message, {"current": current}) from None
        raise _told(conflict, by.zone) from None
    await keep_in_step(request, talk_id)
    return web.json_response(talk_out(talk))


@program("talks:write")
async def cancel(request: web.Request) -> web.Response:
    """POST /talks/{talk}/cancel, and DELETE /talks/{talk}"""
    wanted = await body_of(request, CancelIn) if await request.read() else CancelIn()
    by, now = scope_of(request), request.app[CLOCK]()
    talk_id = request.match_info["talk"]
    if wanted.silent:
        because: Because = next((one for one in stopping.REASONS if one == wanted.reason), "other")
        talk = await request.app[STORE].write(stopping.stop, talk_id, because, by=by, now=now)
    else:
        talk = await request.app[STORE].write(stopping.cancel, talk_id, wanted.reason, by=by, now=now)
    await keep_in_step(request, talk_id)
    return web.json_response(talk_out(talk))


def _change(tx: Tx, talk_id: str, wanted: TalkChanges, *, by: Scope, now: int) -> Talk:
    changes = wanted.changes(talks.get(tx, by, talk_id, "talks:write"))
    return moving.change(tx, talk_id, changes, version=wanted.version, by=by, now=now)


def _told(conflict: Conflict, zone: str) -> Conflict:
    """The conflict with its alternatives as programs read times."""
    if "alternatives" not in conflict.details:
        return conflict
    slots = [slot_out(slot, zone) for slot in conflict.details["alternatives"]]
    details: Mapping[str, Any] = {**conflict.details, "alternatives": slots}
    return Conflict(conflict.code, conflict.message, details, **conflict.values)


async def _answer_once(
    request: web.Request, make: Callable[..., Talk], *args: Any, with_links: bool = False
) -> web.Response:
    """Create something, once for each Idempotency-Key, and answer with it."""
    by, now = scope_of(request), request.app[CLOCK]()
    once = idempotency_of(request, await request.read())
    try:
        status, body, guests = await request.app[STORE].write(_once, once, make, *args, by=by, now=now)
    except Conflict as conflict:
        raise _told(conflict, by.zone) from None
    if with_links:
        _give_links(request, body, guests)
    return web.json_response(body, status=status)


def _once(
    tx: Tx, once: tuple[str, str] | None, make: Callable[..., Talk], *args: Any, by: Scope, now: int
) -> tuple[int, dict[str, Any], list[Row]]:
    """The answer kept under this key, or a new one, and the guests' links: they are derived, never kept."""
    assert by.organisation is not None
    kept = idempotency.answered(tx, by.organisation, *once) if once else None
    if kept is not None:
        status, body = kept[0], json.loads(kept[1])
        return status, body, links.of_talk(tx, "join", body["id"])
    talk = make(tx, *args, by=by, now=now)
    body = dict(talk_out(talk))
    if once:
        idempotency.keep(tx, by.organisation, *once, 201, json.dumps(body, ensure_ascii=False), now=now)
    return 201, body, links.of_talk(tx, "join", talk.id)


def _give_links(request: web.Request, body: dict[str, Any], guests: list[Row]) -> None:
    """Put the guests' join links into the answer to the booking, the only answer that has them."""
    base, secret = request.app[SETTINGS].base_url, request.app[SECRET]
    tokens = {
        row["participant"]: join_links.token(secret, "join", row["id"], row["generation"]) for row in guests
    }
    for person in body["participants"]:
        if person["id"] in tokens and person["role"] in GUEST_ROLES:
            person["join_url"] = f"{base}/j/{tokens[person['id']]}"


def _add_participant(tx: Tx, talk_id: str, person: ParticipantIn, *, by: Scope, now: int) -> Talk:
    talk = talks.get(tx, by, talk_id, "talks:write")
    guests = [as_guest(one) for one in talk.participants if one.guest]
    changes = Changes(participants=(*guests, person.guest()))
    return moving.change(tx, talk_id, changes, version=talk.version, by=by, now=now)


def _sealed(request: web.Request, national_id: str | None) -> bytes | None:
    if not national_id:
        return None
    if not is_national_id(national_id):
        refuse([FieldError("patient.national_id", "unusable", N_("Write all digits of the number."))])
    return Seal(request.app[SECRET]).close(national_id)


def _after(query: Mapping[str, str]) -> tuple[int, str] | None:
    """Where the page before ended."""
    start, _, talk = query.get("after", "").partition("-")
    return (int(start), talk) if start.isascii() and start.isdigit() and len(start) < 12 and talk else None


_RANGE = {"type": "string", "description": "a date, or a time with its offset"}
OPERATIONS = (
    Operation(
        "POST", "/talks", book, "Book a talk", "talks:write", TalkIn, TalkOut, 201, problems=(400, 409, 422)
    ),
    Operation(
        "GET",
        "/talks",
        index,
        "Talks of the organisation's wards or teams",
        "talks:read",
        response=TalkList,
        problems=(422,),
        parameters=(
            Parameter("from", _RANGE),
            Parameter("to", _RANGE),
            Parameter("state", {"type": "string", "enum": list(STATES)}),
            Parameter("after", {"type": "string", "description": "`next` of the page before"}),
        ),
    ),
    Operation("GET", "/talks/{talk}", show, "One talk", "talks:read", response=TalkOut, problems=(404,)),
    Operation(
        "PATCH",
        "/talks/{talk}",
        change,
        "Move or change a talk",
        "talks:write",
        TalkChanges,
        TalkOut,
        problems=(400, 404, 409, 422),
    ),
    Operation(
        "POST",
        "/talks/{talk}/cancel",
        cancel,
        "Cancel a talk",
        "talks:write",
        CancelIn,
        TalkOut,
        problems=(400, 404, 409, 422),
    ),
    Operation(
        "DELETE",
        "/talks/{talk}",
        cancel,
        "Cancel a talk without a reason",
        "talks:write",
        response=TalkOut,
        problems=(404, 409),
    ),
    Operation(
        "POST",
        "/talks/{talk}/participants",
        add_participant,
        "Invite one more",
        "talks:write",
        ParticipantIn,
        TalkOut,
        201,
        problems=(400, 404, 409, 422),
    ),
)
