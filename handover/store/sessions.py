"""Sessions and API tokens: who is behind a cookie or a bearer token. Only hashes are kept."""

from __future__ import annotations

import hashlib
from typing import Any

from handover.domain.access import RIGHTS, Scope
from handover.store.engine import Row, Tx


def hashed(token: str) -> str:
    """SHA-256 of a random token, hexadecimal: enough, since the token has 256 bits of its own."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(tx: Tx, token: str, account: str, *, now: int, expires_at: int) -> None:
    """Start a session; what ran out is cleared on the way."""
    tx.run("delete from sessions where expires_at <= :now", now=now)
    tx.run(
        """
        insert into sessions (id_hash, account, created_at, seen_at, expires_at)
        values (:id_hash, :account, :now, :now, :expires_at)
        """,
        id_hash=hashed(token),
        account=account,
        now=now,
        expires_at=expires_at,
    )


def close_session(tx: Tx, token: str) -> None:
    """End a session; ending it twice changes nothing."""
    tx.run("delete from sessions where id_hash = :id_hash", id_hash=hashed(token))


def close_sessions_of(tx: Tx, account: str) -> None:
    """End every session of an account."""
    tx.run("delete from sessions where account = :account", account=account)


def touch(tx: Tx, token: str, *, now: int) -> None:
    """Note that the session is in use, so that it does not run out as idle."""
    tx.run("update sessions set seen_at = :now where id_hash = :id_hash", id_hash=hashed(token), now=now)


def staff_behind(tx: Tx, token: str, *, now: int, idle: int) -> tuple[Scope, int] | None:
    """The account behind a session, with the instant it was last noted as used; None when it has run out."""
    rows = tx.all(
        """
        select a.id, a.name, a.role, a.language, a.organisation, o.name as organisation_name,
            o.kind as organisation_kind, o.zone, s.seen_at, m.unit
        from sessions s
        join accounts a on a.id = s.account
        join organisations o on o.id = a.organisation
        left join memberships m on m.account = a.id
        where s.id_hash = :id_hash and s.expires_at > :now and s.seen_at > :idle_since and a.disabled_at is null
        """,
        id_hash=hashed(token),
        now=now,
        idle_since=now - idle,
    )
    if not rows:
        return None
    return _staff(tx, rows), int(rows[0]["seen_at"])


def staff_scope(tx: Tx, account: str) -> Scope | None:
    """The scope of an account, for stories that act in its name without a session."""
    rows = tx.all(
        """
        select a.id, a.name, a.role, a.language, a.organisation, o.name as organisation_name,
            o.kind as organisation_kind, o.zone, m.unit
        from accounts a
        join organisations o on o.id = a.organisation
        left join memberships m on m.account = a.id
        where a.id = :account and a.disabled_at is null
        """,
        account=account,
    )
    return _staff(tx, rows) if rows else None


def _staff(tx: Tx, rows: list[Row]) -> Scope:
    first = rows[0]
    units = frozenset(row["unit"] for row in rows if row["unit"])
    if first["role"] == "coordinator":
        units = _units_of(tx, first["organisation"])
    return Scope(
        "staff",
        first["id"],
        first["name"],
        first["organisation"],
        first["role"],
        units,
        RIGHTS[first["role"]],
        first["language"],
        first["zone"],
        first["organisation_name"],
        first["organisation_kind"],
    )


def program_behind(tx: Tx, token: str) -> Scope | None:
    """The organisation's program behind a bearer token, or None."""
    row: dict[str, Any] | None = tx.one(
        """
        select t.id, t.scopes, o.id as organisation, o.name, o.kind, o.zone, o.language
        from api_tokens t join organisations o on o.id = t.organisation
        where t.token_hash = :token_hash and t.revoked_at is null
        """,
        token_hash=hashed(token),
    )
    if row is None:
        return None
    return Scope(
        "program",
        row["id"],
        row["name"],
        row["organisation"],
        None,
        _units_of(tx, row["organisation"]),
        frozenset(row["scopes"].split()),
        row["language"],
        row["zone"],
        row["name"],
        row["kind"],
    )


def _units_of(tx: Tx, organisation: str) -> frozenset[str]:
    found = tx.tuples("select id from units where organisation = :organisation", organisation=organisation)
    return frozenset(row[0] for row in found)
