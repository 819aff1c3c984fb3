"""Programs' tokens; who is behind one is found in `handover.store.sessions`."""

from __future__ import annotations

from handover.store.engine import Tx
from handover.store.sessions import hashed


def add(tx: Tx, organisation: str, token: str, scopes: tuple[str, ...], *, now: int) -> str:
    """Keep a new token's hash and its scopes; returns the row's id."""
    made = tx.new_id()
    tx.run(
        """
        insert into api_tokens (id, token_hash, organisation, scopes, created_at)
        values (:id, :token_hash, :organisation, :scopes, :now)
        """,
        id=made,
        token_hash=hashed(token),
        organisation=organisation,
        scopes=" ".join(scopes),
        now=now,
    )
    return made
