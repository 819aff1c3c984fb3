"""What is done to a talk in one press or after one question: answer, join now, cancel, stop, consent."""

from __future__ import annotations

from typing import Any, NoReturn

from aiohttp import web

from handover import asking_now, consenting, replying, stopping
from handover.domain.bookings import RECIPIENTS, ConsentGiven
from handover.domain.talks import Response
from handover.errors import N_, Conflict, Invalid, NotFound
from handover.looking_up import look_up_national_id
from handover.sealing import Seal
from handover.stopping import REASONS
from handover.store import talks
from handover.web.booking_form import consent_from
from handover.web.complaints import complaints
from handover.web.doors import staff
from handover.web.forms import Reader
from handover.web.in_step import keep_in_step
from handover.web.keys import CLOCK, LANGUAGE, SECRET, STORE, scope_of
from handover.web.pages import page
from handover.web.talks import read_whole, show_context

RESPONSES: tuple[Response, ...] = ("accepted", "tentative", "declined")


@staff("talks:write")
async def answer(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/answer: I can come, I cannot."""
    reader = Reader(await request.post())
    wanted = reader.choice("response", RESPONSES, required=True)
    reader.done()
    response = next(one for one in RESPONSES if one == wanted)
    await _do(request, replying.answer, response)
    _go(request, "handed-over" if response == "declined" else "answered")


@staff("talks:write")
async def join_now(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/join-now: the nurse says yes to a talk right now."""
    try:
        await _do(request, asking_now.join_now)
    except (Conflict, Invalid) as error:
        return await _with_trouble(request, error)
    _go(request, "joined")


@staff("talks:write")
async def cancel_form(request: web.Request) -> web.Response:
    """GET /talks/{talk}/cancel"""
    return await _asked(request, "talks/cancel.html", {"reason": ""})


@staff("talks:write")
async def cancel(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/cancel"""
    fields = await request.post()
    reader = Reader(fields)
    reason = reader.line("reason")
    try:
        reader.done()
        await _do(request, stopping.cancel, reason)
    except (Conflict, Invalid) as error:
        return await _asked(request, "talks/cancel.html", {"reason": str(fields.get("reason", ""))}, error)
    _go(request, "cancelled")


@staff("talks:write")
async def stop_form(request: web.Request) -> web.Response:
    """GET /talks/{talk}/stop"""
    return await _asked(request, "talks/stop.html", {"because": ""})


@staff("talks:write")
async def stop(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/stop: silently, in this one press."""
    reader = Reader(await request.post())
    wanted = reader.choice("because", REASONS, required=True)
    try:
        reader.done()
        await _do(request, stopping.stop, next(one for one in REASONS if one == wanted))
    except (Conflict, Invalid) as error:
        return await _asked(request, "talks/stop.html", {"because": wanted}, error)
    _go(request, "stopped")


@staff("talks:write")
async def undo_stop(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/undo-stop"""
    await _do(request, stopping.undo_stop)
    _go(request, "undone")


@staff("talks:write")
async def consent_form(request: web.Request) -> web.Response:
    """GET /talks/{talk}/consents"""
    typed = {"to": "municipality", "said": "yes", "how": "spoken", "asked_by": scope_of(request).name}
    return await _asked(request, "talks/consent.html", _consent_fields(typed))


@staff("talks:write")
async def record_consent(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/consents: what the patient says about somebody who may know."""
    fields = await request.post()
    try:
        await _do(request, consenting.record_consent, _consent(Reader(fields)))
    except (Conflict, Invalid) as error:
        typed = {name: str(value) for name, value in fields.items()}
        return await _asked(request, "talks/consent.html", _consent_fields(typed), error)
    await _still_there(request)
    _go(request, "consented")


@staff("talks:write")
async def withdraw_consent(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/consents/{consent}/withdraw: one press. For the municipality's nurse the talk is gone then."""
    await _do(request, consenting.withdraw_consent, request.match_info["consent"])
    await _still_there(request, "withdrawn")
    _go(request, "withdrawn")


@staff("talks:write")
async def national_id(request: web.Request) -> web.Response:
    """POST /talks/{talk}/national-id: the talk's page with the number open, once, and noted."""
    by, now = scope_of(request), request.app[CLOCK]()
    talk = request.match_info["talk"]
    sealed = await request.app[STORE].write(look_up_national_id, talk, by=by, now=now)
    whole = await request.app[STORE].read(read_whole, talk, request[LANGUAGE], by=by)
    opened = Seal(request.app[SECRET]).open(sealed)
    context = {**show_context(request, whole, by, now), "national_id": opened}
    return page(request, "talks/show.html", context)


def _consent(reader: Reader) -> ConsentGiven:
    # A relative is named by the participant's id.
    to, _, person = reader.line("to", required=True).partition(":")
    if to and to not in RECIPIENTS:
        reader.wrong("to", "unknown", N_("Choose who may know."))
    said = reader.choice("said", ("yes", "no"), required=True)
    recipient = reader.line("recipient") if to == "association" else person
    consent = consent_from(reader, to, "", given=said == "yes", recipient=recipient)
    reader.done()
    return consent


def _consent_fields(typed: dict[str, str]) -> dict[str, Any]:
    names = ("to", "said", "how", "asked_by", "basis", "recipient")
    return {"typed": {name: typed.get(name, "") for name in names}}


async def _do(request: web.Request, story: Any, *given: Any) -> None:
    """Run a story on the talk of the address."""
    by, now = scope_of(request), request.app[CLOCK]()
    talk = request.match_info["talk"]
    await request.app[STORE].write(story, talk, *given, by=by, now=now)
    await keep_in_step(request, talk)


def _go(request: web.Request, done: str) -> NoReturn:
    raise web.HTTPSeeOther(f"/talks/{request.match_info['talk']}?done={done}")


async def _still_there(request: web.Request, done: str = "consented") -> None:
    """Back to the list when the talk is no longer this person's to see."""
    try:
        await request.app[STORE].read(talks.get, scope_of(request), request.match_info["talk"])
    except NotFound:
        raise web.HTTPSeeOther(f"/talks?done={done}") from None


async def _asked(
    request: web.Request, template: str, more: dict[str, Any], error: Conflict | Invalid | None = None
) -> web.Response:
    """A page that asks before something is done, or asks again."""
    whole = await request.app[STORE].read(
        read_whole, request.match_info["talk"], request[LANGUAGE], by=scope_of(request)
    )
    context = {
        **show_context(request, whole, scope_of(request), request.app[CLOCK]()),
        **complaints(request, error),
        **more,
    }
    return page(request, template, context, status=error.status if error else 200)


async def _with_trouble(request: web.Request, error: Conflict | Invalid) -> web.Response:
    """The talk's page with what kept the press from working."""
    by = scope_of(request)
    whole = await request.app[STORE].read(read_whole, request.match_info["talk"], request[LANGUAGE], by=by)
    context = show_context(request, whole, by, request.app[CLOCK]())
    context["trouble"] = complaints(request, error)["errors"][0][1]
    return page(request, "talks/show.html", context, status=error.status)


def routes() -> list[web.RouteDef]:
    return [
        web.post("/talks/{talk}/answer", answer),
        web.post("/talks/{talk}/join-now", join_now),
        web.get("/talks/{talk}/cancel", cancel_form),
        web.post("/talks/{talk}/cancel", cancel),
        web.get("/talks/{talk}/stop", stop_form),
        web.post("/talks/{talk}/stop", stop),
        web.post("/talks/{talk}/undo-stop", undo_stop),
        web.get("/talks/{talk}/consents", consent_form),
        web.post("/talks/{talk}/consents", record_consent),
        web.post("/talks/{talk}/consents/{consent}/withdraw", withdraw_consent),
        web.post("/talks/{talk}/national-id", national_id),
    ]
