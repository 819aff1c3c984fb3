"""Faces of staff, kept with the accounts they belong to."""

from __future__ import annotations

from handover.store.engine import Row, Tx


def put(tx: Tx, account: str, media_type: str, content: bytes, *, now: int) -> str:
    """Make this the account's photo in place of the one before; returns its id."""
    remove(tx, account)
    photo = tx.new_id()
    tx.run(
        """
        insert into photos (id, account, media_type, content, created_at)
        values (:id, :account, :media_type, :content, :now)
        """,
        id=photo,
        account=account,
        media_type=media_type,
        content=content,
        now=now,
    )
    tx.run("update accounts set photo = :photo where id = :account", photo=photo, account=account)
    return photo


def remove(tx: Tx, account: str) -> None:
    """Forget the account's photo."""
    tx.run("update accounts set photo = null where id = :account", account=account)
    tx.run("delete from photos where account = :account", account=account)


def get(tx: Tx, photo: str) -> Row | None:
    """A photo: media_type, content."""
    return tx.one("select media_type, content from photos where id = :photo", photo=photo)
