"""`/talks/{talk}/people` and `/talks/{talk}/edit`: who comes, and what stands on the talk besides its time."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from handover import moving
from handover.domain.bookings import Changes
from handover.domain.talks import FORMS, INTERPRETER_STATES, Participant, Talk
from handover.errors import Conflict, Invalid
from handover.store import programmes
from handover.store.engine import Tx
from handover.web.booking_form import GUESTS, Typed, children_of, guests_of
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader, version_in
from handover.web.in_step import keep_in_step
from handover.web.keys import CLOCK, LANGUAGE, STORE, scope_of
from handover.web.pages import page
from handover.web.talk_history import since
from handover.web.talks import read_whole, show_context
from handover.web.time_fields import day_of
from handover.web.vocabulary import INTERPRETED
from handover.words import LANGUAGES


@staff("talks:write")
async def people_form(request: web.Request) -> web.Response:
    """GET /talks/{talk}/people"""
    return await _draw(request, "talks/people_of.html", None)


@staff("talks:write")
async def people(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/people: one more line, or the whole list as it is to be."""
    typed = Typed.posted(await request.post())
    if typed("go") == "add":
        return await _draw(request, "talks/people_of.html", typed, one_more=True)
    reader = Reader(typed)
    listed = tuple(guests_of(reader, typed.rows(), request[LANGUAGE]))
    return await _change(request, "talks/people_of.html", typed, reader, Changes(participants=listed))


@staff("talks:write")
async def edit_form(request: web.Request) -> web.Response:
    """GET /talks/{talk}/edit"""
    return await _draw(request, "talks/edit.html", None)


@staff("talks:write")
async def edit(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/edit"""
    typed = Typed.posted(await request.post())
    reader = Reader(typed)
    form = reader.choice("form", FORMS, default="video")
    interpreter = reader.choice("interpreter", INTERPRETED) or None
    ordered = reader.choice("interpreter_state", INTERPRETER_STATES, default="needed")
    changes = Changes(
        language=reader.choice("language", LANGUAGES, required=True),
        place=reader.line("place"),
        interpreter=interpreter,
        interpreter_state=ordered,
        interpreter_reference=reader.line("interpreter_reference") or None,
        themes=tuple(typed.all("themes")),
        discharge_on=day_of(reader, "discharge_on"),
        minor_children=children_of(reader),
        intended_form=next((one for one in FORMS if one == form), "video"),
        override=reader.line("override") or None,
    )
    return await _change(request, "talks/edit.html", typed, reader, changes)


async def _change(
    request: web.Request, template: str, typed: Typed, reader: Reader, changes: Changes
) -> web.StreamResponse:
    talk = request.match_info["talk"]
    try:
        reader.done()
        await request.app[STORE].write(
            moving.change,
            talk,
            changes,
            version=version_in(typed),
            by=scope_of(request),
            now=request.app[CLOCK](),
        )
    except (Conflict, Invalid) as error:
        return await _draw(request, template, typed, error=error)
    await keep_in_step(request, talk)
    raise web.HTTPSeeOther(f"/talks/{talk}?done=changed")


async def _draw(
    request: web.Request,
    template: str,
    typed: Typed | None,
    *,
    one_more: bool = False,
    error: Conflict | Invalid | None = None,
) -> web.Response:
    by, now, language = scope_of(request), request.app[CLOCK](), request[LANGUAGE]
    store = request.app[STORE]
    whole = await store.read(read_whole, request.match_info["talk"], language, by=by)
    typed = typed or Typed([*_people_in(whole.talk), *_facts_in(whole.talk)])
    stale = isinstance(error, Conflict) and error.code == "stale-version"
    told = complaints(request, error)
    if isinstance(error, Conflict) and error.code == "slot-taken":  # only the place can be taken here
        told["wrong"]["place"] = told["errors"][0][1]
        told["errors"] = [("place", told["wrong"]["place"])]
    rows = typed.rows()
    context: dict[str, Any] = {
        **show_context(request, whole, by, now),
        **told,
        "typed": typed,
        "rows": [*rows, len(rows)] if one_more else rows,
        "guest_roles": GUESTS,
        "all_themes": await store.read(_themes, language),
        "changed": since(whole.events, typed("seen"), language) if stale else [],
    }
    return page(request, template, context, status=error.status if error else 200)


def _themes(tx: Tx, language: str) -> dict[str, str]:
    return programmes.themes(tx, language)


def _people_in(talk: Talk) -> list[tuple[str, str]]:
    """Everybody but the nurse, as the form has them: the nurse is changed where the talk is moved."""
    listed = [person for person in talk.participants if person.role != "nurse"]
    return [
        (f"participants.{number}.{name}", value)
        for number, person in enumerate(listed)
        for name, value in _line(person)
    ]


def _line(person: Participant) -> list[tuple[str, str]]:
    return [
        ("id", person.id),
        ("role", person.role),
        ("name", person.name),
        ("email", person.email),
        ("phone", person.phone),
        ("relation", person.relation),
        ("language", person.language),
    ]


def _facts_in(talk: Talk) -> list[tuple[str, str]]:
    return [
        ("language", talk.language),
        ("place", talk.place),
        ("interpreter", talk.interpreter or ""),
        ("interpreter_state", talk.interpreter_state or "needed"),
        ("interpreter_reference", talk.interpreter_reference or ""),
        *(("themes", theme) for theme in talk.themes),
        ("discharge_on", talk.discharge_on or ""),
        ("minor_children", talk.minor_children),
        ("form", talk.intended_form),
    ]


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks/{talk}/people", people_form),
        web.post("/talks/{talk}/people", people),
        web.get("/talks/{talk}/edit", edit_form),
        web.post("/talks/{talk}/edit", edit),
    ]
