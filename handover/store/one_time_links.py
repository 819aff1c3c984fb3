"""Links that work once: the first set-up, and choosing a password. Only the hash of the token is kept."""

from __future__ import annotations

from typing import Literal

from handover.store.engine import Row, Tx
from handover.store.sessions import hashed

Purpose = Literal["set-up", "password"]


def issue(tx: Tx, token: str, purpose: Purpose, account: str | None, *, now: int, expires_at: int) -> None:
    """Make `token` (256 random bits) good for one use; earlier links of the same purpose and account end."""
    tx.run(
        """
        delete from one_time_links where expires_at <= :now
            or (purpose = :purpose and coalesce(account, '') = coalesce(cast(:account as text), ''))
        """,
        purpose=purpose,
        account=account,
        now=now,
    )
    tx.run(
        """
        insert into one_time_links (id_hash, purpose, account, created_at, expires_at)
        values (:id_hash, :purpose, :account, :now, :expires_at)
        """,
        id_hash=hashed(token),
        purpose=purpose,
        account=account,
        now=now,
        expires_at=expires_at,
    )


def find(tx: Tx, token: str, purpose: Purpose, *, now: int) -> Row | None:
    """The link behind a token while it can still be used; `account` is whose password it changes."""
    return tx.one(
        """
        select * from one_time_links
        where id_hash = :id_hash and purpose = :purpose and used_at is null and expires_at > :now
        """,
        id_hash=hashed(token),
        purpose=purpose,
        now=now,
    )


def use(tx: Tx, token: str, *, now: int) -> None:
    """Note that the link has done its work."""
    tx.run(
        "update one_time_links set used_at = :now where id_hash = :id_hash", now=now, id_hash=hashed(token)
    )


def end_of_account(tx: Tx, account: str) -> None:
    """End the account's links."""
    tx.run("delete from one_time_links where account = :account", account=account)
