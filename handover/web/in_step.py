"""The room follows the books: whoever may no longer be in it after a change leaves at once."""

from __future__ import annotations

from collections.abc import Set

from aiohttp import web

from handover.domain import join_links
from handover.errors import NotFound
from handover.store import sessions, tablets, talks
from handover.store.engine import Tx
from handover.web.keys import ROOMS, STORE


async def keep_in_step(request: web.Request, talk: str) -> None:
    """To be called after a talk was changed, cancelled or stopped, or a consent withdrawn."""
    rooms = request.app[ROOMS]
    here = rooms.everybody(talk)
    if not here:
        return
    may_stay = await request.app[STORE].read(_may_stay, talk, here)
    if may_stay is None:
        await rooms.close(talk, "cancelled")
        may_stay = frozenset()
    for participant in here - may_stay:
        await rooms.expel(talk, participant)


def _may_stay(tx: Tx, talk_id: str, here: Set[str]) -> frozenset[str] | None:
    """Who of those may go on; None when the talk no longer takes place. A room holds a handful of people."""
    talk = talks.load(tx, talk_id)
    if talk is None or not join_links.takes_place(talk):
        return None
    invited = {person.id: person.account for person in talk.participants}
    guests = {person.id for person in talk.participants if person.guest}
    tablet = tablets.of_talk(tx, talk_id)
    if tablet is not None:
        guests.add(tablet["id"])
    staff = {one for one in here - guests if _still_theirs(tx, talk_id, invited.get(one) or one)}
    return frozenset(here & guests | staff)


def _still_theirs(tx: Tx, talk: str, account: str) -> bool:
    scope = sessions.staff_scope(tx, account)
    if scope is None:
        return False
    try:
        talks.get(tx, scope, talk, "room")
    except NotFound:
        return False
    return True
