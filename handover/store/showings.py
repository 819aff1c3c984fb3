"""What was shown in talks, to whom, in which version of the offer."""

from __future__ import annotations

from handover.store.engine import Row, Tx


def of_talk(tx: Tx, talk: str) -> list[Row]:
    """What was shown in the talk, first shown first."""
    return tx.all("select * from showings where talk = :talk order by position", talk=talk)


def put(tx: Tx, talk: str, offer: str, offer_version: str, audience: str, *, by: str, now: int) -> Row:
    """Note that an offer is shown, or is now shown to others or in a newer version; its place in the order stays."""
    row = tx.one(
        """
        insert into showings (id, talk, offer, offer_version, audience, position, shown_at, shown_by)
        select :id, :talk, :offer, :offer_version, :audience, coalesce(max(position), 0) + 1, :now, :by
        from showings where talk = :talk
        on conflict (talk, offer) do update set offer_version = excluded.offer_version, audience = excluded.audience
        returning *
        """,
        id=tx.new_id(),
        talk=talk,
        offer=offer,
        offer_version=offer_version,
        audience=audience,
        now=now,
        by=by,
    )
    assert row is not None
    return row


def remove(tx: Tx, talk: str, offer: str) -> int:
    """Forget that an offer was shown; returns how many rows that were."""
    return tx.run("delete from showings where talk = :talk and offer = :offer", talk=talk, offer=offer)


def recorded(tx: Tx, talk: str, offer: str) -> bool:
    """Whether the offer stands in the talk's saved outcome."""
    found = tx.value(
        "select count(*) from decisions where talk = :talk and offer = :offer", talk=talk, offer=offer
    )
    return bool(found)
