"""Presence as fact: who was there and for how long, in which form people talked, and when that is forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from handover.domain.presence import (
    CONTINUES_WITHIN,
    HELD_FROM,
    KEPT,
    SEEN_EVERY,
    Attendance,
    HeldAs,
    Run,
    attendance,
    held_as,
)
from handover.domain.talks import Talk
from handover.store import stays
from handover.store.engine import Tx

UNCOUNTED = 2 * SEEN_EVERY  # seconds; a longer time without a look was not talked away, the service was


@dataclass(frozen=True)
class Facts:
    """What the service itself saw of a talk. `held` is None when nobody met; `present` are participants' ids."""

    held: HeldAs | None
    present: tuple[str, ...]
    attended: tuple[Attendance, ...]


def facts_of(tx: Tx, talk: Talk, *, now: int) -> Facts:
    """Who was there, by any way, and which form the talk took in the end. Who asks may see the talk.

    Where the ward's tablet took part the patient counts as present: it stands at the patient's bed.
    """
    known = stays.of_talk(tx, talk.id)
    came = {stay.participant for stay in known}
    tablet = stays.tablet_was_there(tx, talk.id)
    ends = {person.id for person in talk.participants if person.role in ("patient", "nurse")}
    on_phone = [
        Run("phone", stay.joined_at, now if stay.left_at is None else stay.left_at)
        for stay in known
        if stay.way == "phone" and stay.participant in ends
    ]
    return Facts(
        held_as(stays.forms_of(tx, talk.id, now=now, at_most=UNCOUNTED), on_phone),
        tuple(
            person.id
            for person in talk.participants
            if person.id in came or (tablet and person.role == "patient")
        ),
        tuple(attendance(known, now)),
    )


def take_form(tx: Tx, talk: str, form: str, *, now: int) -> None:
    """From now on they talk by "video" or by "sound" alone; "" when fewer than two are left to talk."""
    stays.count_form(tx, talk, form, now=now)
    stays.forget_short_forms(tx, talk, held_from=HELD_FROM)


def begin(tx: Tx) -> None:
    """To be called when the service starts: whoever talked when it was last killed has to be heard of anew."""
    stays.finish_forms(tx)


def look_round(tx: Tx, rooms: Mapping[str, Set[str]], *, now: int) -> None:
    """Note who still sits in which room, so that of a service that is killed it is known until when people were there.

    Stays that nobody has seen for a while end at the moment they were last seen. Looking twice changes nothing.
    """
    stays.see(tx, rooms, now=now)
    stays.see_forms(tx, list(rooms), now=now)
    stays.finish_unseen_since(tx, before=now - CONTINUES_WITHIN)


def anybody_left(tx: Tx) -> bool:
    """Whether somebody's stay still has to be ended."""
    return stays.anybody(tx)


def forget(tx: Tx, *, now: int) -> int:
    """Forget the presence in talks that ended more than 90 days ago; returns how many stays that were."""
    return stays.forget_before(tx, ended_before=now - int(KEPT.total_seconds()))
