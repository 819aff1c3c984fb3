"""What is coming already: another talk of a patient, or of a colleague at the same time."""

from __future__ import annotations

from handover.domain.access import Scope
from handover.store.engine import Tx
from handover.store.scoping import talks_of
from handover.store.timetable import LONGEST_TALK


def next_of_patient(tx: Tx, scope: Scope, reference: str, *, now: int) -> int | None:
    """When the next of their talks begins with their own house's patient of this reference; one that runs counts."""
    condition, params = talks_of(scope)
    found = tx.value(
        f"""
        select min(t.starts_at) from talks t
        join pathways w on w.id = t.pathway join patients p on p.id = w.patient
        where {condition} and p.hospital = :house and p.reference = :reference and t.ends_at > :now
            and t.state not in ('cancelled', 'not-held') and t.stopped_at is null
        """,
        house=scope.organisation or "",
        reference=reference,
        now=now,
        **params,
    )
    return None if found is None else int(found)


def is_busy(tx: Tx, account: str, start: int, end: int) -> bool:
    """Whether somebody takes part in a talk in [start, end)."""
    count = tx.value(
        """
        select count(*) from participants a join talks t on t.id = a.talk
        where a.account = :account and a.removed_at is null
            and t.starts_at > :lookback and t.starts_at < :end and t.ends_at > :start
            and t.state not in ('cancelled', 'not-held') and t.stopped_at is null
        """,
        account=account,
        start=start,
        end=end,
        lookback=start - LONGEST_TALK,
    )
    return int(count or 0) > 0
