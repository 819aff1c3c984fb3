"""`/talks/{talk}/outcome`: one form as page and as panel in the room; presses that are not *Save* keep a draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from handover import recording, words
from handover.domain.outcomes import NOT_HELD_REASONS, REASONS, Outcome
from handover.errors import N_, Conflict, FieldError, Invalid, look_again
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader
from handover.web.keys import CLOCK, LANGUAGE, SECRET, STORE, scope_of
from handover.web.outcome_forms import Fields, fields_of, in_form, pressed, read_outcome, suggested_in
from handover.web.outcome_views import OutcomeView, gather
from handover.web.pages import page
from handover.web.vocabulary import vocabulary

NOTICES = {
    "saved": N_("The outcome is saved."),
    "sent": N_("The mail about the summary is on its way."),
    "let-see": N_("Noted. The summary can be sent to them too."),
    "code": N_("There is a new code. Tell it to the one it is for; the old one no longer works."),
}
NOT_HELD_WORDS = {
    "patient-away": N_("The patient could not come"),
    "patient-unwilling": N_("The patient did not want to"),
    "nurse-away": N_("No nurse from the municipality came"),
    "technical": N_("The connection did not work"),
    "other": N_("Another reason"),
}


@staff("outcomes:write")
async def show(request: web.Request) -> web.Response:
    """GET /talks/{talk}/outcome"""
    return _drawn(request, await _gathered(request), notice=request.query.get("done", ""))


@staff("outcomes:write")
async def panel(request: web.Request) -> web.Response:
    """GET /talks/{talk}/outcome/panel: the form alone, for the room."""
    return _drawn(request, await _gathered(request), alone=True)


@staff("outcomes:write")
async def submit(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/outcome"""
    store, by, now, talk = (
        request.app[STORE],
        scope_of(request),
        request.app[CLOCK](),
        request.match_info["talk"],
    )
    fields = await fields_of(request)
    alone = fields.one.get("where") == "panel"
    try:
        outcome, version = read_outcome(fields)
    except Invalid as error:
        return _drawn(request, await _gathered(request), alone=alone, errors=error.fields, status=422)
    if fields.one.get("more") == "discard":
        await store.write(recording.drop_draft, talk, by=by)
        return await _on(request, alone, "")
    button = pressed(outcome, fields)
    if button is not None:
        changed, place = button
        await _keep(request, changed, version, fields)
        return await _on(request, alone, "", place)
    try:
        await store.write(recording.record, talk, outcome, version=version, by=by, now=now)
    except (Invalid, Conflict) as error:
        if isinstance(error, Conflict) and error.code != "stale-version":
            raise
        await _keep(request, outcome, version, fields)
        errors = in_form(error, outcome) if isinstance(error, Invalid) else ()
        return _drawn(request, await _gathered(request), alone=alone, errors=errors, status=error.status)
    return await _on(request, alone, "saved")


@staff("outcomes:write")
async def keep_draft(request: web.Request) -> web.Response:
    """POST /talks/{talk}/outcome/draft: what stands in the form now, for when the session is lost."""
    fields = await fields_of(request)
    outcome, version = read_outcome(fields)
    await _keep(request, outcome, version, fields)
    kept_at = words.say_time(request.app[CLOCK](), scope_of(request).zone, request[LANGUAGE])
    return web.json_response({"kept_at": kept_at})


@staff("outcomes:write")
async def not_held(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/outcome/not-held"""
    reader = Reader((await fields_of(request)).one)
    reason = reader.choice("reason", NOT_HELD_REASONS, required=True)
    if reader.errors:
        return _drawn(request, await _gathered(request), errors=reader.errors, status=422)
    talk = request.match_info["talk"]
    await request.app[STORE].write(
        recording.mark_not_held, talk, reason, by=scope_of(request), now=request.app[CLOCK]()
    )
    raise web.HTTPSeeOther(f"/talks/{talk}")


async def _keep(request: web.Request, outcome: Outcome, version: int, fields: Fields) -> None:
    await request.app[STORE].write(
        recording.keep_draft,
        request.match_info["talk"],
        outcome,
        base_version=version,
        suggested=suggested_in(fields),
        by=scope_of(request),
        now=request.app[CLOCK](),
    )


async def _gathered(request: web.Request) -> OutcomeView:
    return await request.app[STORE].read(
        gather,
        request.match_info["talk"],
        key=request.app[SECRET],
        language=request[LANGUAGE],
        by=scope_of(request),
        now=request.app[CLOCK](),
    )


async def redrawn(request: web.Request, done: str) -> web.StreamResponse:
    """The form again, after a press beside it."""
    return await _on(request, (await fields_of(request)).one.get("where") == "panel", done)


async def _on(request: web.Request, alone: bool, done: str, place: str = "") -> web.StreamResponse:
    """The form again after something was done: in place for a script, by a fresh page for a browser without one."""
    if alone:
        return _drawn(request, await _gathered(request), alone=True, notice=done)
    anchor = f"#row-{place}" if place else ""
    query = f"?done={done}" if done else ""
    raise web.HTTPSeeOther(f"/talks/{request.match_info['talk']}/outcome{query}{anchor}")


def _drawn(
    request: web.Request,
    view: OutcomeView,
    *,
    alone: bool = False,
    notice: str = "",
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> web.Response:
    say = words.translations(request[LANGUAGE]).gettext
    context: dict[str, Any] = {
        "view": view,
        "alone": alone,
        **complaints(request, look_again(*errors) if errors else None),
        "notice": say(NOTICES[notice]) if notice in NOTICES else None,
        "reasons": [(code, vocabulary(request[LANGUAGE]).reasons[code]) for code in REASONS],
        "not_held_reasons": [(code, say(text)) for code, text in NOT_HELD_WORDS.items()],
    }
    if alone:  # a script looks at what was drawn; any other status would stand in its console as an error
        return page(request, "outcomes/panel.html", context)
    return page(request, "outcomes/show.html", context, status=status)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks/{talk}/outcome", show),
        web.post("/talks/{talk}/outcome", submit),
        web.get("/talks/{talk}/outcome/panel", panel),
        web.post("/talks/{talk}/outcome/draft", keep_draft),
        web.post("/talks/{talk}/outcome/not-held", not_held),
    ]
