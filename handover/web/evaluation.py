"""`/evaluation`: the working view of one's own patients, with exact numbers."""

from __future__ import annotations

import re

from aiohttp import web

from handover.domain.months import Period, month_of, months_before
from handover.errors import N_, FieldError, Invalid
from handover.evaluating import BREAKDOWNS, working_view
from handover.store import programmes
from handover.store.engine import Tx
from handover.web.doors import staff
from handover.web.keys import CLOCK, LANGUAGE, STORE, scope_of
from handover.web.pages import page

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
SHOWN_AT_FIRST = 11  # months back: a year with this month
LONGEST_MONTHS = 60


@staff("figures")
async def show(request: web.Request) -> web.Response:
    """GET /evaluation?from=2026-01&to=2026-11&by=ward"""
    by = scope_of(request)
    store, now = request.app[STORE], request.app[CLOCK]()
    this_month = month_of(now, by.zone)
    asked = request.query
    first = asked.get("from") or months_before(this_month, SHOWN_AT_FIRST)
    last = asked.get("to") or this_month
    breakdown = asked.get("by") or None
    problem = _problem(first, last, breakdown)
    if problem is not None:
        first, last, breakdown = months_before(this_month, SHOWN_AT_FIRST), this_month, None
    figures, cases = await store.write(working_view, Period(first, last), breakdown, by=by, now=now)
    programme_names, themes = await store.read(_names, request[LANGUAGE])
    context = {
        "first": first,
        "last": last,
        "by": breakdown,
        "breakdowns": BREAKDOWNS,
        "figures": figures,
        "cases": cases,
        "programmes": programme_names,
        "themes": themes,
        "problem": problem,
    }
    return page(request, "evaluation/show.html", context, status=422 if problem else 200)


def _names(tx: Tx, language: str) -> tuple[dict[str, str], dict[str, str]]:
    return programmes.programmes(tx, language), programmes.themes(tx, language)


def _problem(first: str, last: str, breakdown: str | None) -> Invalid | None:
    """What is wrong with the asked period, if anything."""
    if not (MONTH.fullmatch(first) and MONTH.fullmatch(last)):
        return Invalid("month", N_("Write months as year and month, like 2026-11."), [_field("from")])
    if first > last or months_before(last, LONGEST_MONTHS) > first:
        return Invalid(
            "period", N_("Choose a first month before the last, at most five years apart."), [_field("from")]
        )
    if breakdown is not None and breakdown not in BREAKDOWNS:
        return Invalid("breakdown", N_("Choose one of the choices."), [_field("by")])
    return None


def _field(name: str) -> FieldError:
    return FieldError(name, "unusable", N_("Choose again."))


def routes() -> list[web.RouteDef]:
    return [web.get("/evaluation", show)]
