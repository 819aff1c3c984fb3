"""Come to a talk: open a join link, knock, let in, sit down, leave. Who lets in is always a person."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.join_links import ParsedToken, Standing
from handover.domain.talks import Participant, Talk
from handover.errors import N_, Expired, NotFound
from handover.store import audit, links, outbox, seats, talks
from handover.store.engine import Tx

NEW_LINK_EVERY = 10 * 60  # seconds; a mail that has not come yet is not sent for faster by asking again


@dataclass(frozen=True)
class Opened:
    """What a genuine join link leads to; `name` and `relation` as the guest last gave them."""

    link: str
    talk: Talk
    guest: Participant
    standing: Standing
    name: str
    relation: str


def open_link(tx: Tx, parsed: ParsedToken, *, key: bytes, now: int) -> Opened | None:
    """Where a token leads; None when we did not make it. Changes nothing, however often a mail scanner looks."""
    link = links.by_id(tx, parsed.link)
    if link is None or link["purpose"] != "join":
        return None
    if not join_links.genuine(key, parsed, "join", link["generation"]):
        return None
    talk = talks.load(tx, link["talk"])
    guest = talk.participant(link["participant"]) if talk else None
    if talk is None or guest is None:
        return None
    seat = seats.of_participant(tx, guest.id) or {"name": guest.name, "relation": guest.relation}
    standing = join_links.may_join(link, talk, now)
    return Opened(link["id"], talk, guest, standing, seat["name"] or guest.name, seat["relation"])


def introduce(tx: Tx, talk: str, participant: str, name: str, relation: str, *, now: int) -> None:
    """A guest says who they are, before knocking; saying it again corrects it."""
    _guest_of(tx, talk, participant, now)
    seats.introduce(tx, talk, participant, name, relation)


def knock(tx: Tx, talk: str, participant: str, name: str, relation: str, *, now: int) -> None:
    """A guest asks to be let in; knocking again corrects the name."""
    guest = _guest_of(tx, talk, participant, now)
    seats.introduce(tx, talk, participant, name or guest.name, relation)
    seats.knock(tx, participant, now=now)
    audit.note(tx, _scope(guest), "seat:knock", "participant", participant, at=now, talk=talk)


def let_in(tx: Tx, talk: str, participant: str, *, by: Scope, now: int) -> None:
    """Staff of the talk's ward or team let a guest in."""
    _host_and_guest(tx, talk, participant, by)
    seats.let_in(tx, participant, by.actor, now=now)
    audit.note(tx, by, "seat:let-in", "participant", participant, at=now, talk=talk)


def decline(tx: Tx, talk: str, participant: str, *, by: Scope, now: int) -> None:
    """Staff send away a guest who knocks. The link stays good: knocking again is allowed."""
    _host_and_guest(tx, talk, participant, by)
    seats.send_away(tx, participant, now=now)
    audit.note(tx, by, "seat:decline", "participant", participant, at=now, talk=talk)


def remove(tx: Tx, talk: str, participant: str, *, by: Scope, now: int) -> None:
    """Staff send out a guest who was let in."""
    _host_and_guest(tx, talk, participant, by)
    seats.send_away(tx, participant, now=now)
    seats.leave(tx, participant, now=now)
    audit.note(tx, by, "seat:remove", "participant", participant, at=now, talk=talk)


def sit_down(tx: Tx, talk: str, participant: str, name: str, *, by: Scope, now: int) -> None:
    """Somebody takes a seat: a guest who was let in, or staff of the talk's ward or team."""
    if by.kind == "staff":
        talks.get(tx, by, talk, "room")
    else:
        _guest_of(tx, talk, participant, now)
    seats.join(tx, talk, participant, name, now=now)
    audit.note(tx, by, "seat:join", "participant", participant, at=now, talk=talk)


def leave(tx: Tx, talk: str, participant: str, *, by: Scope, now: int) -> None:
    """Somebody's seat is empty."""
    seats.leave(tx, participant, now=now)
    audit.note(tx, by, "seat:leave", "participant", participant, at=now, talk=talk)


def end(tx: Tx, talk: str, *, by: Scope, now: int) -> None:
    """Staff close the room for everybody. Whether the talk was held, people say in its outcome."""
    talks.get(tx, by, talk, "room")
    audit.note(tx, by, "room:end", "talk", talk, at=now, talk=talk)


def ask_for_link(tx: Tx, email: str, *, now: int) -> int:
    """Mail their links again to the guests with this address; returns how many letters. Asking twice sends once."""
    people = links.to_send_again(tx, email, now=now, asked_since=now - NEW_LINK_EVERY)
    outbox.write_links_again(tx, people, now=now)
    return len(people)


def _guest_of(tx: Tx, talk_id: str, participant: str, now: int) -> Participant:
    """The guest, while their link opens the room: it may have been taken back since the page was opened."""
    link = links.of_participant(tx, "join", participant)
    talk = talks.load(tx, talk_id)
    guest = talk.participant(participant) if talk else None
    if link is None or talk is None or guest is None or join_links.may_join(link, talk, now) != "open":
        raise Expired("link-over", N_("The link no longer works. We can send you a new one."))
    return guest


def _host_and_guest(tx: Tx, talk: str, participant: str, by: Scope) -> None:
    if talks.get(tx, by, talk, "room").participant(participant) is None:
        raise NotFound()


def _scope(guest: Participant) -> Scope:
    return Scope("guest", guest.id, guest.name)
