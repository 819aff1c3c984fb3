"""On which devices somebody was let in: digests only, so that a stolen database opens no room."""

from __future__ import annotations

from collections.abc import Sequence

from handover.store.engine import Tx


def keep(tx: Tx, talk: str, seat: str, device: str, *, now: int) -> None:
    """Remember a device, and when it was let in last."""
    tx.run(
        """
        insert into admissions (talk, seat, device, let_in_at) values (:talk, :seat, :device, :now)
        on conflict (seat, device) do update set let_in_at = excluded.let_in_at
        """,
        talk=talk,
        seat=seat,
        device=device,
        now=now,
    )


def devices_of(tx: Tx, talk: str, seat: str, *, since: int) -> frozenset[str]:
    """The digests of the devices on which somebody was let in to this talk, in epoch seconds `since` or later."""
    rows = tx.tuples(
        "select device from admissions where talk = :talk and seat = :seat and let_in_at >= :since",
        talk=talk,
        seat=seat,
        since=since,
    )
    return frozenset(row[0] for row in rows)


def forget(tx: Tx, seat: str) -> None:
    """Whoever sits there has to be let in anew; forgetting nothing is fine."""
    tx.run("delete from admissions where seat = :seat", seat=seat)


def forget_all(tx: Tx, seats: Sequence[str]) -> None:
    """`forget` for several."""
    tx.run_many("delete from admissions where seat = :seat", [{"seat": seat} for seat in seats])


def forget_talk(tx: Tx, talk: str) -> None:
    """Everybody who came by a link has to be let in anew."""
    tx.run("delete from admissions where talk = :talk", talk=talk)
