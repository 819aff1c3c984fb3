"""Repeated requests: an organisation's key, what was asked under it, and what was answered the first time."""

from __future__ import annotations

from handover.errors import N_, Invalid
from handover.store.engine import Tx


def answered(tx: Tx, organisation: str, key: str, request_hash: str) -> tuple[int, str] | None:
    """The status and body given under this key before, or None; raises `Invalid` (`idempotency-key-reused`) when the
    key stood for another request."""
    found = tx.tuples(
        """
        select request_hash, status, response from idempotency_keys
        where organisation = :organisation and key = :key
        """,
        organisation=organisation,
        key=key,
    )
    if not found:
        return None
    asked, status, response = found[0]
    if asked != request_hash:
        raise Invalid(
            "idempotency-key-reused", N_("This Idempotency-Key belongs to another request. Use a new one.")
        )
    return status, response


def keep(
    tx: Tx, organisation: str, key: str, request_hash: str, status: int, response: str, *, now: int
) -> None:
    """Keep an answer in the transaction that earned it. Leave join links out of `response`: they are never stored."""
    tx.run(
        """
        insert into idempotency_keys (organisation, key, request_hash, status, response, created_at)
        values (:organisation, :key, :request_hash, :status, :response, :now)
        """,
        organisation=organisation,
        key=key,
        request_hash=request_hash,
        status=status,
        response=response,
        now=now,
    )
