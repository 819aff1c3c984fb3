"""Audit events: written by the story's own transaction, never changed, never deleted."""

from __future__ import annotations

import json
from typing import Any

from handover.domain.access import Scope
from handover.domain.audit import FIRST, AuditEvent, chained
from handover.domain.smoke_calls import is_smoke_call
from handover.store.engine import Row, Tx


def note(
    tx: Tx,
    by: Scope,
    action: str,
    object_kind: str,
    object_id: str,
    *,
    at: int,
    talk: str | None = None,
    **detail: Any,
) -> None:
    """Append one event to the trail. `action` is `noun:verb`, as in `talk:book`.

    What happens in a smoke call is about nobody, and the trail can never be shortened again: it is not noted.
    """
    if talk is not None and is_smoke_call(talk):
        return
    event = AuditEvent(
        at, by.kind, by.actor, by.name, by.organisation, by.role, action, object_kind, object_id, talk, detail
    )
    last = tx.one("select seq, hash from audit order by seq desc limit 1")
    seq = last["seq"] + 1 if last else 1
    previous = last["hash"] if last else FIRST
    tx.run(
        """
        insert into audit (seq, at, actor_kind, actor, actor_name, organisation, role, action, object_kind, object,
            talk, detail, prev_hash, hash)
        values (:seq, :at, :actor_kind, :actor, :actor_name, :organisation, :role, :action, :object_kind, :object,
            :talk, :detail, :prev_hash, :hash)
        """,
        seq=seq,
        at=at,
        actor_kind=by.kind,
        actor=by.actor,
        actor_name=by.name,
        organisation=by.organisation,
        role=by.role,
        action=action,
        object_kind=object_kind,
        object=object_id,
        talk=talk,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
        prev_hash=previous,
        hash=chained(previous, seq, event),
    )


def of_talk(tx: Tx, talk: str) -> list[Row]:
    """The talk's history, oldest first: at, actor_name, role, action, detail (JSON text)."""
    return tx.all(
        """
        select at, actor_kind, actor_name, role, action, object_kind, detail from audit
        where talk = :talk order by seq
        """,
        talk=talk,
    )


def newest(tx: Tx) -> int | None:
    """When the last event happened."""
    found = tx.value("select at from audit order by seq desc limit 1")
    return None if found is None else int(found)


def broken_at(tx: Tx) -> int | None:
    """The first event whose hash does not follow from the one before it, or None when the chain holds."""
    previous = FIRST
    for row in tx.all("select * from audit order by seq"):
        event = AuditEvent(
            row["at"], row["actor_kind"], row["actor"], row["actor_name"], row["organisation"], row["role"],
            row["action"], row["object_kind"], row["object"], row["talk"], json.loads(row["detail"]),
        )  # fmt: skip
        if row["prev_hash"] != previous or row["hash"] != chained(previous, row["seq"], event):
            return int(row["seq"])
        previous = row["hash"]
    return None
