"""The four digits that open a summary: told in the talk, derived like the link itself, stored nowhere."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from handover.domain.talks import Talk

TRIES = (
    5  # then the ward gives a new code: five of ten thousand is what somebody with a stolen link may guess
)
LASTS = timedelta(days=30)


def code(key: bytes, link: Mapping[str, Any]) -> str:
    """The present code of a link (a row of `links`); another generation or code number gives another one."""
    message = f"summary-code\0{link['id']}\0{link['generation']}\0{link['code_number']}"
    digest = hmac.new(key, message.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10_000:04d}"


def fits(key: bytes, link: Mapping[str, Any], given: str) -> bool:
    """Whether somebody typed the present code; spaces do not matter."""
    digits = "".join(given.split())
    return digits.isascii() and hmac.compare_digest(digits, code(key, link))


def used_up(link: Mapping[str, Any]) -> bool:
    """Whether too many wrong codes were tried."""
    return int(link["tries"]) >= TRIES


def closes_at(talk: Talk) -> int:
    """When summaries can no longer be opened by link, in epoch seconds."""
    return talk.ends_at + int(LASTS.total_seconds())


def may_open(link: Mapping[str, Any], talk: Talk, now: int) -> bool:
    """Whether a genuine summary link still leads to a summary, for the patient and those the patient lets see it."""
    reader = talk.participant(link["participant"])
    if (
        link["revoked_at"] is not None
        or reader is None
        or talk.stopped_at is not None
        or now >= closes_at(talk)
    ):
        return False
    return talk.state == "held" and (reader.role == "patient" or reader.may_look_back)
