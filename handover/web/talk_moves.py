"""`/talks/{talk}/move`: another time for everybody, with the same nurse unless another is chosen."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from handover import moving
from handover.domain.access import Scope
from handover.errors import Conflict, Invalid
from handover.store.engine import Tx
from handover.web import free_times
from handover.web.booking_form import Typed
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader, version_in
from handover.web.free_times import Times
from handover.web.keys import CLOCK, LANGUAGE, STORE, scope_of
from handover.web.pages import page
from handover.web.slot_pages import minutes_options, monday_in, taken, taken_sentence, week_context
from handover.web.talk_history import since
from handover.web.talks import Whole, read_whole, show_context
from handover.web.time_fields import MINUTES, at_its_field, minutes_of, start_of
from handover.words import Speaker


@staff("talks:write")
async def form(request: web.Request) -> web.Response:
    """GET /talks/{talk}/move"""
    return await _draw(request, Typed([]))


@staff("talks:write")
async def submit(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/move: other times to choose from, or the move."""
    typed = Typed.posted(await request.post())
    if typed("week") or typed("go") == "times":
        return await _draw(request, typed)
    by, now, talk = scope_of(request), request.app[CLOCK](), request.match_info["talk"]
    reader = Reader(typed)
    start, minutes = start_of(reader, by.zone), minutes_of(reader)
    nurse, override = reader.line("nurse") or None, reader.line("override") or None
    try:
        reader.done()
        await request.app[STORE].write(
            moving.move,
            talk,
            start,
            version=version_in(typed),
            by=by,
            now=now,
            minutes=minutes,
            nurse=nurse,
            override=override,
        )
    except (Conflict, Invalid) as error:
        if isinstance(error, Invalid):
            error = at_its_field(error, by_hand=typed.time_by_hand, why=typed("override"))
        return await _draw(request, typed, error)
    raise web.HTTPSeeOther(f"/talks/{talk}?done=moved")


async def _draw(request: web.Request, typed: Typed, error: Conflict | Invalid | None = None) -> web.Response:
    by, now, language = scope_of(request), request.app[CLOCK](), request[LANGUAGE]
    whole, times = await request.app[STORE].read(
        _gather, request.match_info["talk"], typed, language, by=by, now=now
    )
    told: dict[str, Any] = complaints(request, error)
    free: list[int] = []
    changed = []
    if isinstance(error, Conflict) and error.code == "slot-taken":
        free = free_times.alternatives_in(error.details)
        start = start_of(Reader(typed), by.zone)
        sentence = taken_sentence(times, typed("nurse") or whole.talk.nurse, start, by.zone, language)
        told = taken(request, sentence, by_hand=typed.time_by_hand, why=typed("override"))
    elif isinstance(error, Conflict) and error.code == "stale-version":
        changed = since(whole.events, typed("seen"), language)
    speaker = Speaker(language, by.zone)
    context = {
        **show_context(request, whole, by, now),
        **told,
        "typed": typed,
        "times": times,
        "week": week_context(times, by.zone, language),
        "minutes_options": minutes_options(language),
        "free": free_times.days_with(free, by.zone, speaker),
        "changed": changed,
    }
    return page(request, "talks/move.html", context, status=error.status if error else 200)


def _gather(tx: Tx, talk_id: str, typed: Typed, language: str, *, by: Scope, now: int) -> tuple[Whole, Times]:
    whole = read_whole(tx, talk_id, language, by=by)
    talk = whole.talk
    minutes = int(typed("minutes")) if typed("minutes") in MINUTES else talk.minutes
    times = free_times.times_of(
        tx,
        talk.municipality,
        minutes,
        by=by,
        now=now,
        team=talk.team,
        nurse=typed("nurse") or talk.nurse,
        monday=monday_in(typed("week") or typed("shown_week")),
        moving=talk,
    )
    return whole, times


def routes() -> list[web.RouteDef]:
    return [web.get("/talks/{talk}/move", form), web.post("/talks/{talk}/move", submit)]
