"""What somebody who leaves still has in hand."""

from __future__ import annotations

from handover.store.engine import Tx


def planned(tx: Tx, account: str, now: int) -> list[str]:
    """Ids of the talks that are not over and have them as nurse or among those who come, by start."""
    rows = tx.tuples(
        """
        select t.id from talks t
        where t.state in ('asked', 'booked', 'confirmed') and t.ends_at > :now
            and exists (
                select 1 from participants p
                where p.talk = t.id and p.account = :account and p.removed_at is null)
        order by t.starts_at, t.id
        """,
        account=account,
        now=now,
    )
    return [row[0] for row in rows]


def contact_entries(tx: Tx, account: str) -> int:
    """In how many patients' summaries they are the person to ring."""
    return int(tx.value("select count(*) from outcomes where contact_account = :account", account=account))


def move_contact_entries(tx: Tx, account: str, successor: str) -> None:
    """Name the successor instead; summaries show name, photo and phone of the account at once."""
    tx.run(
        """
        update outcomes set contact_account = :successor, version = version + 1,
            contact_name = (select name from accounts where id = :successor),
            contact_phone = (select phone from accounts where id = :successor),
            contact_hours = (select hours from accounts where id = :successor)
        where contact_account = :account
        """,
        account=account,
        successor=successor,
    )
