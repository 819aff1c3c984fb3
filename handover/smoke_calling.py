"""Make a talk for two synthetic participants, and take it away again."""

from __future__ import annotations

from dataclasses import dataclass

from handover.store import links, sessions, smoke_calls
from handover.store.engine import Tx

LASTS = 10 * 60  # seconds that the talk is booked for; a call takes some seconds of it
LEFT_BEHIND_AFTER = 60  # seconds; a call that was not removed by then never will be by whoever made it


@dataclass(frozen=True)
class SmokeCall:
    """A talk, its guest, and the guest's link as join_links.token wants it."""

    id: str
    guest: str
    link: str
    generation: int


def prepare(tx: Tx, session: str, *, now: int) -> SmokeCall | None:
    """Make a talk that is open now, its guest's link, and a session of its nurse with this token; None in a database
    that was never served.

    Nobody is told, and nothing is noted about it. What an earlier call has left behind is cleared away.
    """
    smoke_calls.remove(tx, smoke_calls.left_behind(tx, made_before=now - LEFT_BEHIND_AFTER))
    call = smoke_calls.add(tx, now=now, ends_at=now + LASTS)
    if call is None:
        return None
    guest = smoke_calls.guest_of(call)
    link = links.ensure(tx, "join", call, guest, now=now)
    sessions.open_session(tx, session, call, now=now, expires_at=now + LASTS)
    return SmokeCall(call, guest, link["id"], link["generation"])


def remove(tx: Tx, call: SmokeCall) -> None:
    """Take it away with everything that happened in it; doing it again changes nothing."""
    smoke_calls.remove(tx, [call.id])
