"""Who knocked, was let in, came and went: one row a participant, the latest state of it. The trail is in `audit`."""

from __future__ import annotations

from handover.store.engine import Row, Tx


def of_participant(tx: Tx, participant: str) -> Row | None:
    """The participant's seat, if they ever came near the room."""
    return tx.one("select * from seats where participant = :participant", participant=participant)


def of_talk(tx: Tx, talk: str) -> list[Row]:
    """Every seat of a talk."""
    return tx.all("select * from seats where talk = :talk order by participant", talk=talk)


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


def send_away(tx: Tx, participant: str, *, now: int) -> None:
    """Somebody was declined, or sent out again."""
    tx.run(
        """
        update seats set declined_at = :now, admitted_at = null, admitted_by = null where participant = :participant
        """,
        participant=participant,
        now=now,
    )


def join(tx: Tx, talk: str, participant: str, name: str, *, now: int) -> None:
    """Somebody sits down; the first time is kept. Staff who are not on the talk leave no row, only an audit event."""
    tx.run(
        """
        insert into seats (participant, talk, name, joined_at)
        select id, :talk, :name, :now from participants where id = :participant and talk = :talk
        on conflict (participant) do update set
            joined_at = coalesce(seats.joined_at, excluded.joined_at), left_at = null
        """,
        participant=participant,
        talk=talk,
        name=name,
        now=now,
    )


def leave(tx: Tx, participant: str, *, now: int) -> None:
    """Somebody has gone."""
    tx.run(
        "update seats set left_at = :now where participant = :participant", participant=participant, now=now
    )
