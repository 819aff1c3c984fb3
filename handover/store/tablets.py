"""The way in for a ward's shared tablet: one for a talk, no participant, without its token, which is derived."""

from __future__ import annotations

from handover.store.engine import Row, Tx


def by_id(tx: Tx, tablet: str) -> Row | None:
    """One tablet: id, talk, generation."""
    return tx.one("select * from tablets where id = :tablet", tablet=tablet)


def of_talk(tx: Tx, talk: str) -> Row | None:
    """The talk's tablet, if one was ever asked for."""
    return tx.one("select * from tablets where talk = :talk", talk=talk)


def ensure(tx: Tx, talk: str, *, now: int) -> Row:
    """The talk's tablet, made at the first asking."""
    tx.run(
        """
        insert into tablets (id, talk, created_at) values (:id, :talk, :now) on conflict (talk) do nothing
        """,
        id=tx.new_id(),
        talk=talk,
        now=now,
    )
    row = of_talk(tx, talk)
    assert row is not None
    return row


def renew(tx: Tx, tablet: str) -> None:
    """Make every copy of the old address worthless."""
    tx.run("update tablets set generation = generation + 1 where id = :tablet", tablet=tablet)
