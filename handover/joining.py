"""Come to a talk: open a join link, knock, let in, sit down, leave. Who lets in is always a person."""

from __future__ import annotations

from dataclasses import dataclass

from handover import attending, lending
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.join_links import ParsedToken, Standing
from handover.domain.presence import CONTINUES_WITHIN
from handover.domain.talks import Participant, Talk
from handover.errors import N_, Expired, NotAllowed, NotFound
from handover.store import admissions, audit, links, outbox, seats, stays, tablets, talks
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


@dataclass(frozen=True)
class LetIn:
    """Somebody who need not knock again: how they introduced themselves, and on which devices (digests)."""

    name: str
    relation: str
    devices: frozenset[str]


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
    _comer(tx, talk, participant, now)
    _introduce(tx, talk, participant, name, relation)


def knock(tx: Tx, talk: str, seat: str, name: str, relation: str, *, now: int) -> None:
    """Somebody with a link asks to be let in; knocking again corrects the name. A tablet has no name of its own."""
    comer = _comer(tx, talk, seat, now)
    if comer.guest is not None:
        _introduce(tx, talk, seat, name or comer.guest.name, relation)
        seats.knock(tx, seat, now=now)
    elif name not in ("", comer.name):
        raise NotAllowed("not-allowed", N_("The ward's tablet cannot call itself something else."))
    audit.note(tx, comer.scope, "seat:knock", comer.kind, seat, at=now, talk=talk)


def let_in(tx: Tx, talk: str, seat: str, device: str, *, by: Scope, now: int) -> None:
    """Staff of the talk's ward or team let somebody in, on the device with this digest; "" when it named none."""
    kind = _host_and_comer(tx, talk, seat, by)
    _comer(tx, talk, seat, now)
    seats.let_in(tx, seat, by.actor, now=now)
    if device:
        admissions.keep(tx, talk, seat, device, now=now)
    audit.note(tx, by, "seat:let-in", kind, seat, at=now, talk=talk)


def admission_of(tx: Tx, talk: str, seat: str, *, now: int) -> LetIn | None:
    """What was promised to somebody who was let in before, while their link still opens the room; else None.

    Since the talk was moved to another day, nobody has been let in: it may begin with something for fewer ears.
    """
    try:
        comer = _comer(tx, talk, seat, now)
    except Expired:
        return None
    devices = admissions.devices_of(tx, talk, seat, since=comer.opens_at)
    if not devices:
        return None
    said = seats.of_participant(tx, seat) or {"name": comer.name, "relation": ""}
    return LetIn(said["name"] or comer.name, said["relation"], devices)


def decline(tx: Tx, talk: str, seat: str, *, by: Scope, now: int) -> None:
    """Staff send away somebody who knocks. The link stays good: knocking again is allowed.

    Who is inside on another device stays there: a relative who forwarded their link has done nothing wrong.
    """
    kind = _host_and_comer(tx, talk, seat, by)
    if seat in stays.here(tx, talk, "device"):
        seats.decline(tx, seat, now=now)
    else:
        _forget(tx, seat, now)
    audit.note(tx, by, "seat:decline", kind, seat, at=now, talk=talk)


def remove(tx: Tx, talk: str, seat: str, *, by: Scope, now: int) -> None:
    """Staff send out somebody who was let in; coming back needs a new knock and a new yes."""
    kind = _host_and_comer(tx, talk, seat, by)
    _forget(tx, seat, now)
    audit.note(tx, by, "seat:remove", kind, seat, at=now, talk=talk)


def sit_down(tx: Tx, talk: str, seat: str, *, by: Scope, now: int) -> bool:
    """Somebody takes a seat: a guest who was let in, or staff of the talk's ward or team.

    Coming back soon after the service itself was away goes on with the same stay. Returns whether they had been on
    the phone until now.
    """
    if by.kind == "staff":
        talks.get(tx, by, talk, "room")
        kind = "participant"
    else:
        kind = _comer(tx, talk, seat, now).kind
    phoned = stays.finish(tx, talk, seat, "phone", now=now) > 0
    before = stays.open_stay(tx, talk, seat, "device")
    if before is not None and now - before["seen_at"] <= CONTINUES_WITHIN:
        stays.seen(tx, before["id"], now=now)
    else:
        if before is not None:
            stays.finish_unseen(tx, before["id"])
        stays.begin(tx, talk, seat, "device", account=by.actor if by.kind == "staff" else None, now=now)
    audit.note(tx, by, "seat:join", kind, seat, at=now, talk=talk)
    return phoned


def leave(tx: Tx, talk: str, seat: str, *, by: Scope, now: int) -> None:
    """Somebody's seat is empty."""
    stays.finish(tx, talk, seat, "device", now=now)
    left = stays.here(tx, talk, "device")
    if len(left) < 2:
        attending.take_form(tx, talk, "", now=now)
    if not left:
        stays.finish_phones(tx, talk, now=now)
    kind = "participant" if tablets.by_id(tx, seat) is None else "tablet"
    audit.note(tx, by, "seat:leave", kind, seat, at=now, talk=talk)


def end(tx: Tx, talk: str, *, by: Scope, now: int) -> None:
    """Staff close the room for everybody; who comes back knocks again. Whether it was held, its outcome says."""
    talks.get(tx, by, talk, "room")
    admissions.forget_talk(tx, talk)
    audit.note(tx, by, "room:end", "talk", talk, at=now, talk=talk)


def ask_for_link(tx: Tx, email: str, *, now: int) -> int:
    """Mail their links again to the guests with this address; returns how many letters. Asking twice sends once."""
    people = links.to_send_again(tx, email, now=now, asked_since=now - NEW_LINK_EVERY)
    outbox.write_links_again(tx, people, now=now)
    return len(people)


@dataclass(frozen=True)
class _Comer:
    """Somebody whose link opens the room just now: a guest, or the ward's tablet."""

    seat: str
    name: str
    guest: Participant | None
    opens_at: int

    @property
    def kind(self) -> str:
        """As the trail calls them."""
        return "participant" if self.guest else "tablet"

    @property
    def scope(self) -> Scope:
        return Scope("guest", self.seat, self.name)


def _comer(tx: Tx, talk_id: str, seat: str, now: int) -> _Comer:
    """Who comes, while their link opens the room: it may have been taken back since the page was opened."""
    talk = talks.load(tx, talk_id)
    guest = talk.participant(seat) if talk else None
    if talk is not None and guest is not None:
        link = links.of_participant(tx, "join", seat)
        if link is not None and join_links.may_join(link, talk, now) == "open":
            return _Comer(seat, guest.name, guest, join_links.opens_at(talk))
    elif talk is not None:
        tablet = tablets.by_id(tx, seat)
        if tablet is not None and tablet["talk"] == talk.id and join_links.standing(talk, now) == "open":
            return _Comer(seat, lending.name_of(tx, talk), None, join_links.opens_at(talk))
    raise Expired("link-over", N_("The link no longer works. We can send you a new one."))


def _host_and_comer(tx: Tx, talk: str, seat: str, by: Scope) -> str:
    if talks.get(tx, by, talk, "room").participant(seat) is not None:
        return "participant"
    tablet = tablets.by_id(tx, seat)
    if tablet is None or tablet["talk"] != talk:
        raise NotFound()
    return "tablet"


def _introduce(tx: Tx, talk: str, seat: str, name: str, relation: str) -> None:
    """Not of who sits in the room already: whoever has the same link, and only waits, must not rename them."""
    if seat not in stays.here(tx, talk, "device"):
        seats.introduce(tx, talk, seat, name, relation)


def _forget(tx: Tx, seat: str, now: int) -> None:
    seats.send_away(tx, seat, now=now)
    admissions.forget(tx, seat)
