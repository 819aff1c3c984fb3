"""The summary: printed by staff, opened by patient and relatives with a link and four digits, copied for the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from handover import summarising, words
from handover.domain.outcomes import Decision
from handover.errors import N_, Expired, TooMany
from handover.summarising import Agreed, Refused, Summary
from handover.web import paper
from handover.web.doors import anyone, staff
from handover.web.forms import Reader
from handover.web.guessing import WRONG_LINKS
from handover.web.keys import CLOCK, LANGUAGE, SCOPE, SECRET, STORE, scope_of
from handover.web.offer_words import OfferWords, in_words, when
from handover.web.outcomes import redrawn
from handover.web.pages import page
from handover.web.record_texts import record_of
from handover.web.sessions import chosen_language
from handover.web.throttling import network_of
from handover.web.vocabulary import vocabulary
from handover.words import Speaker

RING_SENTENCE = (
    " We will ring you on 28 September and hear what you have thought."  # how long it is, for the paper
)


@staff("outcomes:read")
async def printed(request: web.Request) -> web.Response:
    """GET /talks/{talk}/summary: one A4 in the patient's language."""
    talk = request.match_info["talk"]
    back = words.translations(request[LANGUAGE]).gettext(N_("Back to the outcome"))
    summary = await request.app[STORE].read(summarising.summary_of, talk, by=scope_of(request))
    context = _sheet(summary, words.best_language(summary.patient.language, otherwise="en"))
    return page(request, "summaries/printed.html", {**context, "back": back, "own_lang": request[LANGUAGE]})


@staff("outcomes:write")
async def let_see(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/summary/let-see: the patient says yes."""
    return await _about_reader(request, summarising.let_see, "let-see")


@staff("outcomes:write")
async def new_code(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/summary/code"""
    return await _about_reader(request, summarising.new_code, "code")


@staff("outcomes:write")
async def send(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/summary/send"""
    now = request.app[CLOCK]()
    await request.app[STORE].write(
        summarising.send, request.match_info["talk"], by=scope_of(request), now=now
    )
    return await redrawn(request, "sent")


@staff("outcomes:read")
async def record_text(request: web.Request) -> web.Response:
    """GET /talks/{talk}/outcome/text: the outcome as plain text for the record system."""
    record = await request.app[STORE].read(
        record_of, request.match_info["talk"], request[LANGUAGE], by=scope_of(request)
    )
    return page(request, "summaries/record.html", {"record": record})


@anyone
async def door(request: web.Request) -> web.Response:
    """GET /summary/{token}: asks for the code, says nothing else and changes nothing."""
    try:
        talk, reader = await request.app[STORE].read(
            summarising.addressee,
            request.match_info["token"],
            key=request.app[SECRET],
            now=request.app[CLOCK](),
        )
    except Expired:
        return _over(request)
    _speak(request, reader.language)
    return _asking(request, talk.ward_phone)


@anyone
async def open_(request: web.Request) -> web.Response:
    """POST /summary/{token} with the code: the summary itself."""
    summary = await _unlocked(request)
    if isinstance(summary, web.Response):
        return summary
    code = str((await request.post()).get("code", ""))
    context = _sheet(summary, request[LANGUAGE]) | {
        "address": f"/summary/{request.match_info['token']}",
        "code": code,
        "dated": summarising.dated(summary),
    }
    return page(request, "summaries/show.html", context)


@anyone
async def calendar(request: web.Request) -> web.Response:
    """POST /summary/{token}/calendar with the code: the dates as a calendar file."""
    summary = await _unlocked(request)
    if isinstance(summary, web.Response):
        return summary
    return web.Response(
        body=summarising.calendar_of(summary, request[LANGUAGE]),
        content_type="text/calendar",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="dates.ics"'},
    )


async def _unlocked(request: web.Request) -> Summary | web.Response:
    """The summary for the code that was sent, else the page to answer with."""
    token, key, now = request.match_info["token"], request.app[SECRET], request.app[CLOCK]()
    code = Reader(await request.post()).line("code", longest=20)
    store = request.app[STORE]
    try:
        talk, reader = await store.read(summarising.addressee, token, key=key, now=now)
        _speak(request, reader.language)
        opened = await store.write(summarising.unlock, token, code, key=key, now=now)
    except Expired:
        return _over(request)
    return _asking(request, talk.ward_phone, opened.left) if isinstance(opened, Refused) else opened


def _asking(request: web.Request, phone: str, left: int | None = None) -> web.Response:
    say = words.translations(request[LANGUAGE]).gettext
    error = ""
    if left:
        error = say(N_("These are not the four digits. You can try {left} more times.")).format(left=left)
        if left == 1:
            error = say(N_("These are not the four digits. You can try once more."))
    context = {
        "address": f"/summary/{request.match_info['token']}",
        "error": error,
        "used_up": left == 0,
        "help_phone": phone,
    }
    return page(request, "summaries/code.html", context, status=200 if left is None else 403)


def _over(request: web.Request) -> web.Response:
    """Wrong, run out and taken back look alike; a network that tries many is told to wait."""
    if not request.app[WRONG_LINKS].take(network_of(request)):
        raise TooMany("too-many-links", N_("Too many wrong links were tried from here. Wait a few minutes."))
    return page(request, "summaries/over.html", status=404)


def _speak(request: web.Request, language: str) -> None:
    """The reader's language, unless this browser's person has chosen another."""
    if chosen_language(request) is None and request[SCOPE] is None:
        request[LANGUAGE] = words.best_language(language, otherwise=request[LANGUAGE])


async def _about_reader(request: web.Request, story: Callable[..., None], done: str) -> web.StreamResponse:
    participant = Reader(await request.post()).line("participant")
    talk, now = request.match_info["talk"], request.app[CLOCK]()
    await request.app[STORE].write(story, talk, participant, by=scope_of(request), now=now)
    return await redrawn(request, done)


def _sheet(summary: Summary, language: str) -> dict[str, Any]:
    """What templates/summaries/sheet.html needs, all of it in `language`."""
    today = summary.held_on.isoformat()

    def lines(some: tuple[Agreed, ...]) -> list[tuple[OfferWords, str, Decision]]:
        return [
            (
                in_words(one.offer, language, today=today),
                when(one.offer.facts, language, today=today),
                one.decision,
            )
            for one in some
        ]

    accepted, thinking = lines(summary.accepted), lines(summary.thinking)
    setting = paper.setting(
        [
            (offer.name, offer.summary, f"{offer.provider}, {offer.place}. {times}")
            for offer, times, _ in accepted
        ],
        [offer.name + RING_SENTENCE for offer, _, _ in thinking],
        summary.outcome.words[: paper.LONGEST_WORDS],
    )
    return {
        "_": words.translations(language).gettext,
        "lang": language,
        "say": Speaker(language, summary.talk.zone),
        "word": vocabulary(language),
        "summary": summary,
        "accepted": accepted,
        "thinking": thinking,
        "initials": "".join(part[0] for part in summary.contact.name.split()[:2]).upper(),
        "setting": setting,
        "longest_words": paper.LONGEST_WORDS,
    }


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks/{talk}/summary", printed),
        web.post("/talks/{talk}/summary/let-see", let_see),
        web.post("/talks/{talk}/summary/code", new_code),
        web.post("/talks/{talk}/summary/send", send),
        web.get("/talks/{talk}/outcome/text", record_text),
        web.get("/summary/{token}", door),
        web.post("/summary/{token}", open_),
        web.post("/summary/{token}/calendar", calendar),
    ]
