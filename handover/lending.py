"""Lend a talk the ward's shared tablet: it comes by a code on staff's screen, and is no participant."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.join_links import ParsedToken, Standing
from handover.domain.talks import Talk
from handover.errors import N_, Conflict, NotFound
from handover.presenting import Showing, shown
from handover.store import admissions, audit, patients, places, tablets, talks
from handover.store.engine import Row, Tx


@dataclass(frozen=True)
class Tablet:
    """What a genuine tablet's address leads to. `language` is the ward's: staff set the tablet up."""

    id: str
    talk: Talk
    standing: Standing
    name: str
    language: str


def lent(tx: Tx, talk: str, *, by: Scope) -> tuple[Talk, Row | None]:
    """The talk and the way in for its tablet, once somebody has asked for one."""
    return _own(tx, talk, by), tablets.of_talk(tx, talk)


def lend(tx: Tx, talk: str, *, by: Scope, now: int) -> None:
    """Make the way in for the ward's tablet; asking again changes nothing."""
    _takes_place(_own(tx, talk, by), now)
    if tablets.of_talk(tx, talk) is None:
        row = tablets.ensure(tx, talk, now=now)
        audit.note(tx, by, "tablet:lend", "tablet", row["id"], at=now, talk=talk)


def renew(tx: Tx, talk: str, *, by: Scope, now: int) -> str:
    """Make a new way in and end the old: every copy of its address, and the seat of who came by it. Returns whose
    seat that is."""
    _takes_place(_own(tx, talk, by), now)
    row = tablets.ensure(tx, talk, now=now)
    tablets.renew(tx, row["id"])
    admissions.forget(tx, row["id"])
    audit.note(tx, by, "tablet:renew", "tablet", row["id"], at=now, talk=talk)
    return str(row["id"])


def open_tablet(tx: Tx, parsed: ParsedToken, *, key: bytes, now: int) -> Tablet | None:
    """Where a tablet's token leads; None when we did not make it. Looking changes nothing."""
    row = tablets.by_id(tx, parsed.link)
    if row is None or not join_links.genuine(key, parsed, "device", row["generation"]):
        return None
    talk = talks.load(tx, row["talk"])
    if talk is None:
        return None
    house = places.organisation(tx, talk.hospital)
    return Tablet(
        row["id"],
        talk,
        join_links.standing(talk, now),
        name_of(tx, talk),
        house["language"] if house else talk.language,
    )


def name_of(tx: Tx, talk: Talk) -> str:
    """Where the tablet is, with single spaces as the room writes names, or its knock would look like another name.

    Whom a patient with a protected address lies beside is for the patient to tell.
    """
    near = "" if patients.get(tx, talk.patient).protected_address else talk.place or talk.ward_name
    return " ".join((near or talk.hospital_name).split())


def shown_on(tx: Tx, talk: Talk) -> list[Showing]:
    """What the tablet shows of the offers: relatives sit before it too, so only what is for everyone."""
    return [one for one in shown(tx, talk.id) if one.audience == "everyone"]


def _own(tx: Tx, talk: str, by: Scope) -> Talk:
    """Only the house that booked lends its tablets: a municipality's nurse must not sit at the bedside unseen."""
    found = talks.get(tx, by, talk, "room")
    if found.hospital != by.organisation:
        raise NotFound()
    return found


def _takes_place(talk: Talk, now: int) -> None:
    if join_links.standing(talk, now) == "over":
        raise Conflict("talk-over", N_("This talk is over or called off, so nobody can come to it any more."))
