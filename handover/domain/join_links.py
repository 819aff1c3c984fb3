"""Personal links: the token that a mail carries, and when a join link opens its door.

A token is base32(id ‖ key number ‖ HMAC-SHA256(key, purpose ‖ id ‖ generation)[:16]). It is derived whenever it is
needed and stored nowhere, so a stolen database opens no door; raising the generation ends every copy of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from handover.domain.talks import LINK_OUTLIVES_TALK, ROOM_OPENS_BEFORE, ROOM_SHOWN_AFTER, Talk

Purpose = Literal["join", "summary", "password", "device"]
Standing = Literal["early", "open", "over"]

# Which of the installation's keys made a token; a second one comes with its first change of keys.
KEY_NUMBER = 1
ID_BYTES = 16
MAC_BYTES = 16
REPLY_BYTES = 10  # an answer by mail changes nothing by itself, and a mailbox name has 64 characters at most


@dataclass(frozen=True)
class ParsedToken:
    """What a token claims; only `genuine` says whether it is true."""

    link: str
    key_number: int
    mac: bytes


def token(key: bytes, purpose: Purpose, link_id: str, generation: int) -> str:
    """The link's token, 53 lower-case characters; the same every time."""
    raw = _bytes_of(link_id)
    return _text_of(raw + bytes([KEY_NUMBER]) + _mac(key, purpose, raw, generation))


def parse(text: str) -> ParsedToken | None:
    """The parts of a token, or None for what cannot be one."""
    try:
        whole = _bytes_of(text)
    except (ValueError, binascii.Error):
        return None
    if len(whole) != ID_BYTES + 1 + MAC_BYTES or _text_of(whole) != text.lower():
        return None
    return ParsedToken(_text_of(whole[:ID_BYTES]), whole[ID_BYTES], whole[ID_BYTES + 1 :])


def genuine(key: bytes, parsed: ParsedToken, purpose: Purpose, generation: int) -> bool:
    """Whether we made this token, for this purpose and the link's present generation."""
    wanted = _mac(key, purpose, _bytes_of(parsed.link), generation)
    return parsed.key_number == KEY_NUMBER and hmac.compare_digest(parsed.mac, wanted)


def reply_token(key: bytes, participant: str) -> str:
    """What makes the organizer's address this participant's own: the same from the first mail to the last."""
    digest = hmac.new(key, b"reply\0" + participant.encode(), hashlib.sha256).digest()
    return _text_of(digest[:REPLY_BYTES])


def opens_at(talk: Talk) -> int:
    """When the room opens for guests, in epoch seconds."""
    return talk.starts_at - int(ROOM_OPENS_BEFORE.total_seconds())


def closes_at(talk: Talk) -> int:
    """When join links stop working, in epoch seconds."""
    return talk.ends_at + int(LINK_OUTLIVES_TALK.total_seconds())


def may_join(link: Mapping[str, Any], talk: Talk, now: int) -> Standing:
    """Whether a genuine join link (a row of `links`) opens its room now, before long, or no more."""
    gone = link["revoked_at"] is not None or talk.participant(link["participant"]) is None
    return "over" if gone else standing(talk, now)


def standing(talk: Talk, now: int) -> Standing:
    """Whether the talk's room is open to those who come by a good link."""
    if not takes_place(talk) or now >= closes_at(talk):
        return "over"
    return "open" if now >= opens_at(talk) else "early"


def room_shown(talk: Talk, now: int) -> bool:
    """Whether staff are shown the way into the room, saved outcome or not; the room itself stays open for longer."""
    return takes_place(talk) and now < talk.ends_at + int(ROOM_SHOWN_AFTER.total_seconds())


def takes_place(talk: Talk) -> bool:
    """Whether there is a conversation to come to: not called off, not stopped."""
    return talk.state not in ("cancelled", "not-held") and talk.stopped_at is None


def _mac(key: bytes, purpose: Purpose, link_id: bytes, generation: int) -> bytes:
    message = b"\0".join((purpose.encode(), link_id, str(generation).encode()))
    return hmac.new(key, message, hashlib.sha256).digest()[:MAC_BYTES]


def _text_of(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def _bytes_of(text: str) -> bytes:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
