"""Numbers for whoever runs the service: how much there is, nothing about whom."""

from __future__ import annotations

from handover.store.engine import Tx

Counted = dict[str, int]


def talks_by_state(tx: Tx) -> Counted:
    """State → talks."""
    return dict(
        tx.tuples("select state, count(*) from talks where not lower(id) like 'smoke-call-%' group by state")
    )


def letters_by_state(tx: Tx) -> Counted:
    """State → letters in the outbox."""
    return dict(tx.tuples("select state, count(*) from outbox group by state"))


def sessions(tx: Tx, *, now: int) -> int:
    """Staff signed in."""
    return int(
        tx.value(
            """
            select count(*) from sessions where expires_at > :now and not lower(account) like 'smoke-call-%'
            """,
            now=now,
        )
    )
