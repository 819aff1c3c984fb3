"""The audit trail's arithmetic: each event carries the hash of the one before it, so that a gap or an edit shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
FIRST = "0" * 64  # what stands before the first event


@dataclass(frozen=True)
class AuditEvent:
    """Who did what to which object, when. `action` is `noun:verb`; `detail` holds names of fields and ids, no values
    that tell about a person's health."""

    at: int
    actor_kind: str
    actor: str
    actor_name: str
    organisation: str | None
    role: str | None
    action: str
    object_kind: str
    object: str
    talk: str | None
    detail: Mapping[str, Any]


def chained(previous: str, seq: int, event: AuditEvent) -> str:
    """SHA-256 over the previous hash and this event in canonical JSON; 64 hexadecimal characters."""
    text = _canonical(
        [
            previous, seq, event.at, event.actor_kind, event.actor, event.actor_name, event.organisation,
            event.role, event.action, event.object_kind, event.object, event.talk, dict(event.detail),
        ]
    )  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()
