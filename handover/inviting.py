"""Invite people to a talk, tell them that it moved, or call it off: links and letters, in the story's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from handover.domain.talks import GUEST_ROLES, Participant, Talk
from handover.store import links, outbox
from handover.store.engine import Tx

Why = Literal["new", "moved", "changed"]


def invite(tx: Tx, talk: Talk, people: Sequence[Participant], why: Why, *, now: int) -> None:
    """Give guests their join links and write to everybody with an address."""
    give_links(tx, talk, people, now=now)
    _write(tx, "invitation", talk, people, {**_facts(talk), "why": why}, now=now)


def give_links(tx: Tx, talk: Talk, people: Sequence[Participant], *, now: int) -> None:
    """Join links for the guests among them; also for those without mail, for the printed slip."""
    links.ensure_many(
        tx, "join", talk.id, [person.id for person in people if person.role in GUEST_ROLES], now=now
    )


def call_off(tx: Tx, talk: Talk, people: Sequence[Participant], *, now: int) -> None:
    """Take the talk out of their calendars: everybody with an address was invited."""
    _write(tx, "cancellation", talk, people, _facts(talk), now=now)


def shut_out(tx: Tx, talk: Talk, people: Sequence[Participant], *, now: int) -> None:
    """For people taken off a talk: their links end, what was still to be sent is dropped, and they are told."""
    cut_links(tx, people, now=now)
    outbox.drop_of_participants(tx, [person.id for person in people])
    call_off(tx, talk, people, now=now)


def cut_links(tx: Tx, people: Sequence[Participant], *, now: int) -> None:
    """No link of these people opens anything any more."""
    links.revoke_of_participants(tx, [person.id for person in people], now=now)


def next_stamp(talk: Talk, now: int) -> int:
    """When the next letter is stamped: later than the one before, whatever the clock says, or calendars ignore it."""
    return max(now, talk.stamp + 1)


def _facts(talk: Talk) -> dict[str, object]:
    return {
        "sequence": talk.sequence,
        "stamp": talk.stamp,
        "starts_at": talk.starts_at,
        "ends_at": talk.ends_at,
    }


def _write(
    tx: Tx,
    letter: Literal["invitation", "cancellation"],
    talk: Talk,
    people: Sequence[Participant],
    facts: dict[str, object],
    *,
    now: int,
) -> None:
    reached = [person for person in people if person.email]
    if not reached:
        return
    outbox.write_letters(
        tx,
        letter,
        [person.id for person in reached],
        talk=talk.id,
        facts=facts,
        marked=all(person.delivery == "queued" for person in reached),
        now=now,
    )
