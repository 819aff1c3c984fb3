"""Somebody leaves: their account closes, and their talks and contact entries get a new owner in the same moment."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain.access import Scope
from handover.domain.talks import Participant, Talk
from handover.errors import N_, Conflict, FieldError, NotAllowed, NotFound, look_again
from handover.inviting import invite, shut_out
from handover.replying import hand_over
from handover.store import accounts, audit, leavings, one_time_links, participants, sessions, talks
from handover.store.engine import Row, Tx


@dataclass(frozen=True)
class Left:
    """What became of their work."""

    handed_over: int
    without_nurse: int
    contacts: int


def leave(tx: Tx, account: str, successor: str | None, *, anyway: bool = False, by: Scope, now: int) -> Left:
    """Close an account, sign it out everywhere, and give its work to `successor`.

    Talks that the successor cannot take go to a free colleague of the team; where there is none the ward is told.
    Without a successor it is a `Conflict` (`needs-successor`) as long as there is work, until `anyway`.
    """
    leaver = _may_leave(tx, account, by)
    follower = _follower(tx, leaver, successor)
    planned = [talk for talk in (talks.load(tx, one) for one in leavings.planned(tx, account, now)) if talk]
    contacts = leavings.contact_entries(tx, account)
    if (planned or contacts) and follower is None and not anyway:
        raise Conflict(
            "needs-successor",
            N_(
                "Planned conversations: {talks}. Contact person in summaries: {contacts}. Say who takes over."
            ),
            talks=len(planned),
            contacts=contacts,
        )
    accounts.disable(tx, account, now=now)
    sessions.close_sessions_of(tx, account)
    one_time_links.end_of_account(tx, account)
    handed = [_hand_on(tx, talk, leaver, follower, now=now) for talk in planned]
    if follower is not None:
        leavings.move_contact_entries(tx, account, follower["id"])
    for talk in planned:
        audit.note(tx, by, "talk:hand-over", "talk", talk.id, at=now, talk=talk.id, account=account)
    audit.note(tx, by, "account:leave", "account", account, at=now, successor=successor, talks=len(planned))
    return Left(sum(handed), len(handed) - sum(handed), contacts if follower else 0)


def _may_leave(tx: Tx, account: str, by: Scope) -> Row:
    by.require("accounts")
    found = accounts.by_id(tx, account)
    if found is None or not by.administers(found["organisation"]):
        raise NotFound()
    if found["disabled_at"] is not None:
        raise Conflict("already-left", N_("This account is closed already."))
    if by.kind == "staff" and by.actor == account:
        raise NotAllowed("yourself", N_("You cannot close your own account. Another administrator can."))
    if found["role"] == "administrator" and accounts.administrators(tx, found["organisation"]) == 1:
        raise NotAllowed("last-administrator", N_("This is the last administrator. Make another one first."))
    return found


def _follower(tx: Tx, leaver: Row, successor: str | None) -> Row | None:
    if successor is None:
        return None
    found = accounts.by_id(tx, successor)
    fits = found is not None and found["disabled_at"] is None and found["id"] != leaver["id"]
    if (
        not fits
        or found is None
        or (found["organisation"], found["role"]) != (leaver["organisation"], leaver["role"])
    ):
        wrong = FieldError("successor", "unknown", N_("Choose a colleague with the same role."))
        raise look_again(wrong)
    return found


def _hand_on(tx: Tx, talk: Talk, leaver: Row, follower: Row | None, *, now: int) -> bool:
    """Whether somebody has it now."""
    person = next((one for one in talk.participants if one.account == leaver["id"]), None)
    if person is None:
        return True
    if person.role == "nurse":
        team = {row["id"] for row in accounts.units_of(tx, follower["id"])} if follower else set()
        first = follower["id"] if follower and talk.team in team else None
        return hand_over(tx, talk, person, first=first, now=now)
    participants.remove(tx, [person], now=now)
    shut_out(tx, talk, [person], now=now)
    if follower is not None and all(one.account != follower["id"] for one in talk.participants):
        colleague = Participant(
            tx.new_id(),
            person.role,
            follower["name"],
            follower["language"],
            follower["id"],
            email=follower["email"],
            phone=follower["phone"],
        )
        participants.add(tx, talk.id, [colleague], now=now, position=participants.next_position(tx, talk.id))
        invite(tx, talk, [colleague], "new", now=now)
    return True
