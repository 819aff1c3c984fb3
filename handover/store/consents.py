"""Consents: rows that are added and withdrawn, never changed."""

from __future__ import annotations

from handover.domain.bookings import ConsentGiven
from handover.domain.consents import Consent
from handover.store.engine import Row, Tx

_COLUMNS = """
    id, talk, recipient_kind as "to", recipient, given_at, refused_at, how, basis, asked_by, recorded_by, recorded_at,
    withdrawn_at, withdrawn_by
"""


def add(
    tx: Tx, talk: str, municipality: str, some: tuple[ConsentGiven, ...], *, recorded_by: str, now: int
) -> list[str]:
    """Write down what the patient said about each recipient; returns the new ids in their order."""
    rows: list[Row] = [
        {
            "id": tx.new_id(),
            "talk": talk,
            "kind": consent.to,
            "recipient": consent.recipient or (municipality if consent.to == "municipality" else ""),
            "given_at": now if consent.given else None,
            "refused_at": None if consent.given else now,
            "how": consent.how,
            "basis": consent.basis,
            "asked_by": consent.asked_by,
            "recorded_by": recorded_by,
            "now": now,
        }
        for consent in some
    ]
    tx.run_many(
        """
        insert into consents (id, talk, recipient_kind, recipient, given_at, refused_at, how, basis, asked_by,
            recorded_by, recorded_at)
        values (:id, :talk, :kind, :recipient, :given_at, :refused_at, :how, :basis, :asked_by, :recorded_by, :now)
        """,
        rows,
    )
    return [row["id"] for row in rows]


def of_talk(tx: Tx, talk: str) -> list[Consent]:
    """Every consent of a talk, withdrawn and refused ones too, oldest first."""
    rows = tx.all(f"select {_COLUMNS} from consents where talk = :talk order by recorded_at, id", talk=talk)
    return [Consent(**row) for row in rows]


def same(tx: Tx, talk: str, given: ConsentGiven, *, recorded_by: str, since: int) -> str | None:
    """The last consent of the talk, when the same person wrote the same down at `since` or later and it stands."""
    last = next(iter(reversed(of_talk(tx, talk))), None)
    if last is None or last.recorded_at < since or last.withdrawn_at is not None:
        return None
    before = (last.to, last.given_at is not None, last.how, last.basis, last.asked_by, last.recorded_by)
    now = (given.to, given.given, given.how, given.basis, given.asked_by, recorded_by)
    same_one = given.to == "municipality" or last.recipient == given.recipient
    return last.id if before == now and same_one else None


def get(tx: Tx, talk: str, consent: str) -> Consent | None:
    """One consent of this talk."""
    row = tx.one(
        f"select {_COLUMNS} from consents where talk = :talk and id = :consent", talk=talk, consent=consent
    )
    return None if row is None else Consent(**row)


def withdraw(tx: Tx, consents: list[str], *, by: str, now: int) -> None:
    """Mark consents as withdrawn; one that already was keeps its time."""
    tx.run_many(
        """
        update consents set withdrawn_at = :now, withdrawn_by = :by
        where id = :consent and withdrawn_at is null
        """,
        [{"consent": consent, "by": by, "now": now} for consent in consents],
    )


def municipality_may_know(tx: Tx, talk: str) -> bool:
    """Whether a consent to the talk's municipality stands."""
    return bool(
        tx.value(
            """
            select count(*) from consents
            where talk = :talk and recipient_kind = 'municipality' and given_at is not null and withdrawn_at is null
            """,
            talk=talk,
        )
    )
