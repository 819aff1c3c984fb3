"""`/talks/new`: who, when, check. Each press posts the whole form, so that the page works before its script arrives."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn

from aiohttp import web

from handover import asking_now, booking
from handover.domain.access import Scope
from handover.domain.bookings import Wanted, length_faults
from handover.domain.days import local_date
from handover.domain.talks import STEP_MINUTES, Talk
from handover.entering import check, site_for
from handover.errors import Conflict, FieldError, Invalid, look_again
from handover.picking import Place, pick, room_taken
from handover.sealing import Seal
from handover.store import idempotency, talks
from handover.store.engine import Tx
from handover.web import free_times
from handover.web.booking_choices import Choices, read_choices
from handover.web.booking_form import GUESTS, Typed, only_of_who, step_of, wanted_from
from handover.web.booking_warnings import warnings
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader
from handover.web.free_times import Times
from handover.web.keys import CLOCK, LANGUAGE, SECRET, STORE, scope_of
from handover.web.pages import page
from handover.web.slot_pages import minutes_options, monday_in, taken, taken_sentence, week_context
from handover.web.time_fields import at_its_field
from handover.words import Speaker

NEXT = {"who": "when", "when": "check", "check": "book"}
LONGEST_KEY = 64


@staff("talks:write")
async def form(request: web.Request) -> web.Response:
    """GET /talks/new"""
    by = scope_of(request)
    choices = await _choices(request)
    only = choices.bookable[0] if len(choices.bookable) == 1 else ""
    typed = Typed(
        [
            ("key", secrets.token_urlsafe(16)),
            ("municipality", only),
            ("programme", choices.usual_programme or ""),
            ("language", by.language),
            ("minor_children", "not-asked"),
            ("consent.0.how", "spoken"),
            ("consent.0.asked_by", by.name),
        ]
    )
    return _draw(request, "who", typed, choices)


@staff("talks:write")
async def submit(request: web.Request) -> web.StreamResponse:
    """POST /talks/new: go on, go back, see other times, ask who can join now, or book."""
    fields = await request.post()
    typed = Typed.posted(fields)
    step = typed("step") if typed("step") in NEXT else "who"
    go = "when" if typed("week") else typed("go") or NEXT[step]
    choices = await _choices(request)
    if go in ("who", "add"):
        return _draw(request, "who", typed, choices, one_more=go == "add")
    try:
        timed = go in ("check", "book")
        wanted = _wanted(request, typed, choices, timed=timed)
        if go == "book":
            await _once(request, booking.book, typed, wanted)
        if go == "now":
            await _once(request, asking_now.ask_now, typed, wanted)
        by, now = scope_of(request), request.app[CLOCK]()
        if go == "check":
            found = await request.app[STORE].read(_checked, wanted, request[LANGUAGE], by=by, now=now)
            return _draw(request, "check", typed, choices, wanted=wanted, checked=found)
        times = await request.app[STORE].read(_times, typed, wanted, by=by, now=now)
    except (Invalid, Conflict) as error:
        return await _draw_again(request, typed, choices, error)
    return _draw(request, "when", typed, choices, wanted=wanted, times=times)


@staff("talks:write")
async def slots(request: web.Request) -> web.Response:
    """GET /talks/slots?municipality=Sønderborg&from=2026-12-07&minutes=30: a week of free times, for the script.
    With `moving` they are for that talk, which is not in its own way. A name that is still being typed
    has no answer yet: 204."""
    asked = Typed(request.query.items())
    choices = await _choices(request)
    reader = Reader(asked)
    code = choices.code_of(reader.line("municipality"))
    if code is None:
        return web.Response(status=204)
    length = reader.line("minutes")
    minutes = int(length) if length.isascii() and length.isdigit() and len(length) < 4 else STEP_MINUTES
    reader.errors += length_faults(minutes)
    reader.done()
    by = scope_of(request)
    times = await request.app[STORE].read(
        _week,
        code,
        minutes,
        monday_in(asked("from")),
        asked,
        by=by,
        now=request.app[CLOCK](),
    )
    return web.json_response(week_context(times, by.zone, request[LANGUAGE]))


def _week(
    tx: Tx, code: str, minutes: int, monday: date | None, asked: Typed, *, by: Scope, now: int
) -> Times:
    moving = talks.get(tx, by, asked("moving"), "talks:write") if asked("moving") else None
    team, nurse = asked("team") or None, asked("nurse") or None
    return free_times.times_of(
        tx, code, minutes, by=by, now=now, team=team, nurse=nurse, monday=monday, moving=moving
    )


def _wanted(request: web.Request, typed: Typed, choices: Choices, *, timed: bool) -> Wanted:
    return wanted_from(
        typed,
        by=scope_of(request),
        code_of=choices.code_of,
        seal=Seal(request.app[SECRET]),
        language=request[LANGUAGE],
        timed=timed,
    )


async def _once(request: web.Request, story: Callable[..., Talk], typed: Typed, wanted: Wanted) -> NoReturn:
    """Run the story, once for one form however often somebody presses, and go on to the talk."""
    by, now = scope_of(request), request.app[CLOCK]()
    talk, done = await request.app[STORE].write(
        _book_once, story, typed("key")[:LONGEST_KEY], typed.digest(), wanted, by=by, now=now
    )
    raise web.HTTPSeeOther(f"/talks/{talk}?done={done}")


def _book_once(
    tx: Tx, story: Callable[..., Talk], key: str, digest: str, wanted: Wanted, *, by: Scope, now: int
) -> tuple[str, str]:
    """The talk's id and what to say about it. The same form again gives the same talk; a changed one is told so."""
    organisation = by.organisation or ""
    known = idempotency.answered(tx, organisation, f"page:{key}", "page") if key else None
    if known is not None:
        talk, before = json.loads(known[1])
        return str(talk), "booked" if before == digest else "booked-before"
    booked = story(tx, wanted, by=by, now=now)
    if key:
        answer = json.dumps([booked.id, digest])
        idempotency.keep(tx, organisation, f"page:{key}", "page", 303, answer, now=now)
    return booked.id, "asked" if booked.state == "asked" else "booked"


def _checked(tx: Tx, wanted: Wanted, language: str, *, by: Scope, now: int) -> dict[str, Any]:
    """Who would come, the question that the booking itself asks again, and what to think of before it."""
    check(tx, wanted)
    site = site_for(tx, wanted, by=by, now=now)
    end = wanted.start + wanted.length * 60
    place = Place(site.ward, wanted.place)
    picked = pick(
        tx, site.team, place, wanted.start, end, now=now, nurse=wanted.nurse, override=wanted.override
    )
    return {"nurse": picked.nurse.name, "warnings": warnings(tx, wanted, language, by=by, now=now)}


def _times(tx: Tx, typed: Typed, wanted: Wanted, *, by: Scope, now: int) -> Times:
    """Everything of the first step in order, then the free times."""
    check(tx, wanted)
    site_for(tx, wanted, by=by, now=now)
    return free_times.times_of(
        tx,
        wanted.municipality,
        wanted.length,
        by=by,
        now=now,
        team=wanted.team,
        nurse=wanted.nurse,
        monday=monday_in(typed("week") or typed("shown_week")),
    )


async def _draw_again(
    request: web.Request, typed: Typed, choices: Choices, error: Invalid | Conflict
) -> web.Response:
    """The step where it can be put right, with what was typed and what is free instead."""
    by, now, store = scope_of(request), request.app[CLOCK](), request.app[STORE]
    error = _as_typed(error, typed)
    told = complaints(request, error)
    if isinstance(error, Invalid) and step_of(told["wrong"]) == "who":
        told = complaints(request, only_of_who(error))
        return _draw(request, "who", typed, choices, told=told, status=error.status)
    usable = typed.without(told["wrong"])
    try:
        wanted = _wanted(request, usable, choices, timed=False)
        times = await store.read(_times, usable, wanted, by=by, now=now)
    except (Invalid, Conflict) as earlier:
        told = complaints(request, only_of_who(earlier))
        return _draw(request, "who", typed, choices, told=told, status=earlier.status)
    free: list[int] = []
    if isinstance(error, Conflict):
        free = free_times.alternatives_in(error.details)
        if error.code == "slot-taken":
            timed = _wanted(request, typed, choices, timed=True)
            sentence = await store.read(_who_was_booked, timed, times, request[LANGUAGE], by=by, now=now)
            told = taken(request, sentence, by_hand=typed.time_by_hand, why=typed("override"))
    return _draw(
        request, "when", typed, choices, wanted=wanted, times=times, free=free, told=told, status=error.status
    )


def _as_typed(error: Invalid | Conflict, typed: Typed) -> Invalid | Conflict:
    """The same with its faults at the fields of this form."""
    if isinstance(error, Conflict):
        if error.code != "patient-stopped":
            return error
        return look_again(FieldError("patient.reference", error.code, error.message))
    return at_its_field(error, by_hand=typed.time_by_hand, why=typed("override"))


def _who_was_booked(tx: Tx, wanted: Wanted, times: Times, language: str, *, by: Scope, now: int) -> str:
    """The room, or the nurse."""
    site = site_for(tx, wanted, by=by, now=now)
    place = Place(site.ward, wanted.place)
    room = room_taken(tx, place, wanted.start, wanted.start + wanted.length * 60)
    return taken_sentence(
        times, wanted.nurse, wanted.start, by.zone, language, place=wanted.place if room else ""
    )


async def _choices(request: web.Request) -> Choices:
    by, now = scope_of(request), request.app[CLOCK]()
    today = local_date(now, by.zone).isoformat()
    return await request.app[STORE].read(read_choices, request[LANGUAGE], today, by=by)


def _draw(
    request: web.Request,
    step: str,
    typed: Typed,
    choices: Choices,
    *,
    wanted: Wanted | None = None,
    times: Times | None = None,
    free: list[int] | None = None,
    checked: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    one_more: bool = False,
    status: int = 200,
) -> web.Response:
    by = scope_of(request)
    rows = typed.rows()
    if step == "who" and (one_more or not rows):
        rows = [*rows, len(rows)]
    speaker = Speaker(request[LANGUAGE], by.zone)
    context: dict[str, Any] = {
        **complaints(request),
        **(told or {}),
        "step": step,
        "typed": typed,
        "kept": typed.kept(step),
        "choices": choices,
        "rows": rows,
        "guest_roles": GUESTS,
        "minutes_options": minutes_options(request[LANGUAGE]),
        "wanted": wanted,
        "times": times,
        **(checked or {}),
        "free": free_times.days_with(free or [], by.zone, speaker),
    }
    if times is not None:
        context["week"] = week_context(times, by.zone, request[LANGUAGE])
    return page(request, "talks/new.html", context, status=status)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks/new", form),
        web.post("/talks/new", submit),
        web.get("/talks/slots", slots),
    ]
