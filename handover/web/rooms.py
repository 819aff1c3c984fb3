"""`/talks/{id}/room`: the staff's room, with the panel of offers and the outcome beside it."""

from __future__ import annotations

from aiohttp import web

from handover import words
from handover.domain.access import Scope
from handover.domain.talks import Talk
from handover.store import patients, programmes, talks
from handover.store.engine import Tx
from handover.web.doors import staff
from handover.web.keys import CLOCK, LANGUAGE, STORE, scope_of
from handover.web.pages import page


@staff("room")
async def room(request: web.Request) -> web.Response:
    """GET /talks/{id}/room"""
    by = scope_of(request)
    language = request[LANGUAGE]
    talk, initials, themes = await request.app[STORE].read(_gather, by, request.match_info["talk"], language)
    speaker = words.Speaker(language, talk.zone)
    context = {
        "talk": talk,
        "title": initials,
        "when": f"{speaker.time(talk.starts_at)}–{speaker.time(talk.ends_at)}",
        "themes": list(themes.items()),
        "now": request.app[CLOCK](),
    }
    return page(request, "room/staff.html", context)


def _gather(tx: Tx, by: Scope, talk_id: str, language: str) -> tuple[Talk, str, dict[str, str]]:
    talk = talks.get(tx, by, talk_id)
    patient = patients.get(tx, talk.patient)
    return talk, patient.initials, programmes.themes(tx, language)


def routes() -> list[web.RouteDef]:
    return [web.get("/talks/{talk}/room", room)]
