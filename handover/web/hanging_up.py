"""Who loses an account loses the room too: open sockets are not asked about their session again."""

from __future__ import annotations

from aiohttp import web

from handover.store import sessions, talks
from handover.store.engine import Tx
from handover.web.keys import CLOCK, ROOMS, STORE
from handover.web.room_door import WATCHED_AFTER, WATCHED_BEFORE

Seats = list[tuple[str, str]]  # talk, participant


async def seats_of(request: web.Request, account: str) -> Seats:
    """Where somebody may be sitting or listening; to be asked before the account is closed."""
    return await request.app[STORE].read(_seats, account, request.app[CLOCK]())


async def hang_up(request: web.Request, seats: Seats) -> None:
    """Close their sockets now."""
    for talk, participant in seats:
        await request.app[ROOMS].expel(talk, participant)


def _seats(tx: Tx, account: str, now: int) -> Seats:
    scope = sessions.staff_scope(tx, account)
    if scope is None:
        return []
    found = talks.between(tx, scope, now - WATCHED_BEFORE, now + WATCHED_AFTER)
    return [
        (talk.id, next((one.id for one in talk.participants if one.account == account), account))
        for talk in found
    ]
