"""How guests introduced themselves, who knocked and was let in: one row a participant, the latest state of it."""

from __future__ import annotations

from handover.store.engine import Row, Tx


def of_participant(tx: Tx, participant: str) -> Row | None:
    """The participant's seat, if they ever came near the room."""
    return tx.one("select * from seats where participant = :participant", participant=participant)


def introduce(tx: Tx, talk: str, participant: str, name: str, relation: str) -> None:
    """Keep how somebody introduced themselves."""
    tx.run(
        """
        insert into seats (participant, talk, name, relation) values (:participant, :talk, :name, :relation)
        on conflict (participant) do update set name = excluded.name, relation = excluded.relation
        """,
        participant=participant,
        talk=talk,
        name=name,
        relation=relation,
    )


def knock(tx: Tx, participant: str, *, now: int) -> None:
    """Somebody waits outside."""
    tx.run(
        "update seats set knocked_at = :now, declined_at = null where participant = :participant",
        participant=participant,
        now=now,
    )


def let_in(tx: Tx, participant: str, by: str, *, now: int) -> None:
    """Somebody was let in by a host."""
    tx.run(
        """
        update seats set admitted_at = :now, admitted_by = :by, declined_at = null where participant = :participant
        """,
        participant=participant,
        by=by,
        now=now,
    )


def decline(tx: Tx, participant: str, *, now: int) -> None:
    """Whoever knocks with this link just now was asked to wait."""
    tx.run(
        "update seats set declined_at = :now where participant = :participant",
        participant=participant,
        now=now,
    )


def send_away(tx: Tx, participant: str, *, now: int) -> None:
    """Somebody is not let in any more."""
    tx.run(
        """
        update seats set declined_at = :now, admitted_at = null, admitted_by = null where participant = :participant
        """,
        participant=participant,
        now=now,
    )
