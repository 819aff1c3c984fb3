"""Talks that are still to come: this week's and next week's, the one in ten minutes, and one right now."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from handover import booking, replying
from handover.demo import invented
from handover.demo.people import scope_of
from handover.demo.talks import deliver, wanted_talk
from handover.domain.access import Scope
from handover.domain.bookings import Wanted
from handover.domain.days import local_date
from handover.domain.talks import LIVE_STATES, Talk
from handover.post_room import refuse
from handover.store import posting, sessions, talks
from handover.store.engine import Tx

ASTRID, BO, BIRGIT = "astrid@ward.example", "bo@kommune.example", "birgit@kommune.example"
SIRI, KARI, LIS = "siri@ward.example", "kari@kommune.example", "lis@kommune.example"
SOENDERBORG, LYNGBY, ASKOEY = "0540", "0173", "4627"

SOON = 10 * 60
NEAR = 2 * 3600  # with a talk nearer than this there is something to try
ON_PURPOSE = "Demo"  # the reason noted when the talk had to be put over another one


def seed_coming(tx: Tx, rng: Random, now: int) -> None:
    """Nine talks in the next two weeks, as they look when people have answered, or not."""
    refused = _book(tx, rng, now, 0, ASTRID, SOENDERBORG, nurse=BO, place="Stue 4")
    _refuse_mail_to_relative(tx, refused, now)
    nobody = _book(tx, rng, now, 1, ASTRID, SOENDERBORG, nurse=BIRGIT)
    deliver(tx, now)
    while nobody.nurse is not None:  # whoever gets it next declines too
        nurse = sessions.staff_scope(tx, nobody.nurse)
        assert nurse is not None
        nobody = replying.answer(tx, nobody.id, "declined", by=nurse, now=now)
    family = _book(
        tx,
        rng,
        now,
        2,
        ASTRID,
        SOENDERBORG,
        nurse=BO,
        minor_children="yes",
        themes=("family", "children", "fatigue"),
    )
    replying.answer(tx, family.id, "accepted", by=scope_of(tx, BO), now=now)
    _book(tx, rng, now, 3, ASTRID, SOENDERBORG, interpreter="pl", minutes=60, themes=("everyday", "work"))
    for number, (booker, municipality, who) in enumerate(
        (
            (ASTRID, SOENDERBORG, BO),
            (ASTRID, SOENDERBORG, BIRGIT),
            (ASTRID, LYNGBY, LIS),
            (SIRI, ASKOEY, KARI),
            (SIRI, ASKOEY, KARI),
        ),
        start=4,
    ):
        talk = _book(tx, rng, now, number, booker, municipality, nurse=who, themes=("body", "mind"))
        if number % 2:
            replying.answer(tx, talk.id, "accepted", by=scope_of(tx, who), now=now)


def ensure_soon(tx: Tx, *, now: int) -> None:
    """Book Astrid and Bo a talk in ten minutes, unless they have one within two hours."""
    astrid, bo = scope_of(tx, ASTRID), scope_of(tx, BO)
    near = talks.between(tx, astrid, now, now + NEAR, LIVE_STATES)
    if not any(talk.nurse == bo.actor for talk in near):
        _over_everything(tx, (now + SOON + 59) // 60 * 60, astrid, bo, now)


def talk_now(tx: Tx, *, now: int) -> Talk:
    """A talk of Astrid and Bo that has just begun, whatever else they should be doing."""
    return _over_everything(tx, now // 60 * 60, scope_of(tx, ASTRID), scope_of(tx, BO), now)


def _over_everything(tx: Tx, start: int, astrid: Scope, bo: Scope, now: int) -> Talk:
    rng = Random(start)  # noqa: S311 - invents names
    wanted = _wanted(rng, start, SOENDERBORG, "da", start // 60 % 1_000_000, now, astrid)
    return booking.book(tx, replace(wanted, nurse=bo.actor, override=ON_PURPOSE), by=astrid, now=now)


def _book(
    tx: Tx,
    rng: Random,
    now: int,
    number: int,
    booker: str,
    municipality: str,
    *,
    nurse: str | None = None,
    minutes: int = 30,
    **more: Any,
) -> Talk:
    """Book at a time when the wanted nurse is free: the first on the first day, later ones further ahead."""
    by = scope_of(tx, booker)
    account = scope_of(tx, nurse).actor if nurse else None
    today = local_date(now, by.zone)
    slots = [
        slot
        for slot in booking.free_slots(tx, municipality, today, 14, minutes, by=by, now=now)
        if slot.start > now + NEAR and account in (None, *(one.id for one in slot.nurses))
    ]
    start = slots[len(slots) * number // 10 + rng.randrange(3)].start
    language = "nb" if municipality == ASKOEY else "da"
    wanted = _wanted(rng, start, municipality, language, 900 + number, now, by)
    return booking.book(tx, replace(wanted, nurse=account, minutes=minutes, **more), by=by, now=now)


def _wanted(
    rng: Random, start: int, municipality: str, language: str, number: int, now: int, by: Scope
) -> Wanted:
    """A patient and a relative who both get mail."""
    person = invented.patient(rng, language, number, local_date(now, by.zone).year)
    wanted = wanted_talk(
        person, invented.relative(rng, language, person), start, municipality, language, asked_by=by.name
    )
    return replace(
        wanted,
        patient=replace(wanted.patient, email=person.email),
        themes=("fatigue", "everyday"),
        minor_children="no",
    )


def _refuse_mail_to_relative(tx: Tx, talk: Talk, now: int) -> None:
    """As when the address has a typing mistake: the mail server does not know it, and the ward rings instead."""
    relative = next(person for person in talk.participants if person.role == "relative")
    for letter, attempt in posting.claim(tx, now=now, lease_until=now + 60, most=100):
        sent = posting.being_sent(tx, letter, attempt)
        if sent is not None and sent["participant"] == relative.id:
            refuse(tx, letter, attempt, "recipient-refused", now=now)
        else:
            posting.sent(tx, letter, attempt, now=now)
