"""A database with more talks of Astrid's ward than a page shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from handover.booking import book
from handover.domain.access import Scope
from handover.store import accounts, sessions
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import bookings
from tests import cast as people

ROWS = 20
TALKS = 30
SESSION = "the-session-of-astrid"
DAY = 24 * 3600


def prepare(folder: Path) -> None:
    """Astrid is signed in with SESSION, and has booked."""
    store = SqliteStore(folder / "handover.db")
    store.write_now(people.gather)
    store.write_now(bookings.words)
    store.write_now(_fill)
    store.close_now()


def astrid(tx: Tx) -> Scope:
    """Astrid, as somebody who asks."""
    account = accounts.by_email(tx, "astrid@ward.example")
    scope = sessions.staff_scope(tx, account["id"]) if account else None
    assert scope is not None
    return scope


def _fill(tx: Tx) -> None:
    by = astrid(tx)
    sessions.open_session(tx, SESSION, by.actor, now=people.NOW, expires_at=people.NOW + DAY)
    for number in range(TALKS):
        start = bookings.TEN + number // 3 * 7 * DAY // 5 + number % 3 * 3600
        book(
            tx,
            bookings.wanted(
                start,
                patient=replace(bookings.ELLEN, reference=f"HO-{number}"),
                place=f"Stue {number % 9 + 1}",
                minor_children="yes" if number % 7 == 0 else "no",
                interpreter="pl" if number % 10 == 0 else None,
                minutes=30,
                override="as busy as a ward is",
            ),
            by=by,
            now=people.NOW,
        )
