"""Links to a talk: one per participant and purpose, without its token, which is derived (domain/join_links.py)."""

from __future__ import annotations

from collections.abc import Sequence

from handover.domain.join_links import Purpose
from handover.domain.talks import LINK_OUTLIVES_TALK, LONGEST
from handover.store import admissions
from handover.store.engine import Row, Tx
from handover.store.scoping import in_list


def ensure(tx: Tx, purpose: Purpose, talk: str, participant: str, *, now: int) -> Row:
    """The participant's link for this purpose, made at the first asking: id, generation, revoked_at and the rest."""
    tx.run(
        """
        insert into links (id, purpose, talk, participant, created_at)
        values (:id, :purpose, :talk, :participant, :now)
        on conflict (participant, purpose) do nothing
        """,
        id=tx.new_id(),
        purpose=purpose,
        talk=talk,
        participant=participant,
        now=now,
    )
    row = of_participant(tx, purpose, participant)
    assert row is not None
    return row


def ensure_many(tx: Tx, purpose: Purpose, talk: str, participants: Sequence[str], *, now: int) -> None:
    """`ensure` for several participants of a talk at once."""
    tx.run_many(
        """
        insert into links (id, purpose, talk, participant, created_at)
        values (:id, :purpose, :talk, :participant, :now)
        on conflict (participant, purpose) do nothing
        """,
        [
            {"id": tx.new_id(), "purpose": purpose, "talk": talk, "participant": participant, "now": now}
            for participant in participants
        ],
    )


def of_participant(tx: Tx, purpose: Purpose, participant: str) -> Row | None:
    """The participant's link for this purpose, revoked ones too."""
    return tx.one(
        "select * from links where participant = :participant and purpose = :purpose",
        participant=participant,
        purpose=purpose,
    )


def of_talk(tx: Tx, purpose: Purpose, talk: str) -> list[Row]:
    """The talk's links of one purpose that still hold: id, participant, generation."""
    return tx.all(
        """
        select id, participant, generation from links
        where talk = :talk and purpose = :purpose and revoked_at is null order by id
        """,
        talk=talk,
        purpose=purpose,
    )


def by_id(tx: Tx, link_id: str) -> Row | None:
    """One link, revoked ones too."""
    return tx.one("select * from links where id = :id", id=link_id)


def to_send_again(tx: Tx, email: str, *, now: int, asked_since: int) -> list[tuple[str, str]]:
    """(talk, participant) of the guests with this address whose join links still work.

    Those who were sent it again after `asked_since` are left out.
    """
    lasts, longest = int(LINK_OUTLIVES_TALK.total_seconds()), int(LONGEST.total_seconds())
    return [
        (row[0], row[1])
        for row in tx.tuples(
            """
            select l.talk, l.participant
            from talks t
            join participants p on p.talk = t.id and p.account is null and p.removed_at is null
            join links l on l.participant = p.id and l.purpose = 'join' and l.revoked_at is null
            where t.starts_at > :over - :longest and t.ends_at > :over
                and t.state not in ('cancelled', 'not-held') and t.stopped_at is null
                and lower(p.email) = :email and not exists (
                    select 1 from outbox o
                    where o.participant = p.id and o.letter = 'new-link' and o.created_at > :asked_since)
            order by t.starts_at
            """,
            email=email.lower(),
            over=now - lasts,
            longest=longest,
            asked_since=asked_since,
        )
    ]


def revoke_of_participant(tx: Tx, participant: str, *, now: int) -> int:
    """End every link of a participant; returns how many were alive."""
    admissions.forget(tx, participant)
    return tx.run(
        "update links set revoked_at = :now where participant = :participant and revoked_at is null",
        participant=participant,
        now=now,
    )


def revoke_of_participants(tx: Tx, participants: Sequence[str], *, now: int) -> None:
    """End every link of these participants."""
    admissions.forget_all(tx, participants)
    tx.run_many(
        "update links set revoked_at = :now where participant = :participant and revoked_at is null",
        [{"participant": participant, "now": now} for participant in participants],
    )


def revoke_of_talk(tx: Tx, talk: str, *, now: int) -> int:
    """End every link of a talk; returns how many were alive."""
    admissions.forget_talk(tx, talk)
    return tx.run(
        "update links set revoked_at = :now where talk = :talk and revoked_at is null", talk=talk, now=now
    )


def revoke_of_talks(tx: Tx, talks: Sequence[str], *, now: int) -> int:
    """End every link of these talks; returns how many were alive."""
    for talk in talks:
        admissions.forget_talk(tx, talk)
    names, params = in_list("talk", list(talks))
    return tx.run(
        f"update links set revoked_at = :now where talk in {names} and revoked_at is null", now=now, **params
    )


def renew_of_participants(tx: Tx, participants: Sequence[str]) -> None:
    """Make the old links of these participants worthless: their mail went to somebody else."""
    admissions.forget_all(tx, participants)
    tx.run_many(
        "update links set generation = generation + 1, tries = 0 where participant = :participant",
        [{"participant": participant} for participant in participants],
    )


def renew(tx: Tx, link_id: str) -> int:
    """Make every copy of the old link worthless and give it a new token; returns the new generation."""
    row = tx.one(
        """
        update links set generation = generation + 1, tries = 0, revoked_at = null where id = :id
        returning generation, participant
        """,
        id=link_id,
    )
    assert row is not None
    admissions.forget(tx, row["participant"])
    return int(row["generation"])
