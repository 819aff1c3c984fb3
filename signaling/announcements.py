"""What the server says, and how it is written on the wire. PROTOCOL.md has an example of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from signaling.ice import IceServer


@dataclass(frozen=True)
class RosterEntry:
    participant: str
    name: str
    role: str
    organisation: str
    relation: str
    admits: bool
    away: bool
    microphone: bool
    camera: bool
    pictures: bool
    hand: bool
    sharing: bool
    signing: bool
    quality: str
    fingerprint: str
    speaks_for: str
    company: tuple[str, ...]


@dataclass(frozen=True)
class KnockingEntry:
    participant: str
    name: str
    role: str
    relation: str
    link: str
    second_device: bool
    away: bool
    since: int


@dataclass(frozen=True)
class Welcome:
    type: ClassVar[str] = "welcome"
    version: int
    participant: str
    name: str
    role: str
    admits: bool


@dataclass(frozen=True)
class Waiting:
    type: ClassVar[str] = "waiting"
    notice: str = ""


@dataclass(frozen=True)
class Admitted:
    type: ClassVar[str] = "admitted"
    ice: list[IceServer]
    relay_only: bool
    lasts: int
    roster: list[RosterEntry]
    signature: str


@dataclass(frozen=True)
class FreshIce:
    type: ClassVar[str] = "ice"
    ice: list[IceServer]
    relay_only: bool
    lasts: int


@dataclass(frozen=True)
class Roster:
    type: ClassVar[str] = "roster"
    roster: list[RosterEntry]
    signature: str = ""


@dataclass(frozen=True)
class Knocking:
    type: ClassVar[str] = "knocking"
    room: str
    state: str
    talking: bool
    knocking: list[KnockingEntry]


@dataclass(frozen=True)
class Make:
    type: ClassVar[str] = "make"
    peer: str
    generation: int
    offerer: str


@dataclass(frozen=True)
class RestartIce:
    type: ClassVar[str] = "restart"
    peer: str
    generation: int


@dataclass(frozen=True)
class PeerDescription:
    type: ClassVar[str] = "description"
    sender: str
    generation: int
    description: Mapping[str, str]


@dataclass(frozen=True)
class PeerCandidate:
    type: ClassVar[str] = "candidate"
    sender: str
    generation: int
    candidate: Mapping[str, str | int | None] | None


@dataclass(frozen=True)
class PeerText:
    type: ClassVar[str] = "text"
    sender: str
    line: int
    text: str
    done: bool


@dataclass(frozen=True)
class Notice:
    type: ClassVar[str] = "notice"
    message: str


@dataclass(frozen=True)
class Event:
    type: ClassVar[str] = "event"
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Declined:
    type: ClassVar[str] = "declined"


@dataclass(frozen=True)
class Removed:
    type: ClassVar[str] = "removed"


@dataclass(frozen=True)
class Replaced:
    type: ClassVar[str] = "replaced"


@dataclass(frozen=True)
class Ended:
    type: ClassVar[str] = "ended"
    reason: str


@dataclass(frozen=True)
class Pong:
    type: ClassVar[str] = "pong"


@dataclass(frozen=True)
class Err:
    type: ClassVar[str] = "err"
    code: str
    about: str = ""
    detail: str = ""


ANNOUNCEMENTS = (
    Welcome, Waiting, Notice, Admitted, FreshIce, Roster, Knocking, Make, RestartIce, PeerDescription,
    PeerCandidate, PeerText, Event, Declined, Removed, Replaced, Ended, Pong, Err,
)  # fmt: skip
Announcement = (
    Welcome | Waiting | Notice | Admitted | FreshIce | Roster | Knocking | Make | RestartIce | PeerDescription
    | PeerCandidate | PeerText | Event | Declined | Removed | Replaced | Ended | Pong | Err
)  # fmt: skip


_ENCODER = json.JSONEncoder(default=vars, separators=(",", ":"))


def encode(message: Announcement) -> str:
    """The text frame for a server's message."""
    members = dict(vars(message))
    if "sender" in members:
        members = {"from": members.pop("sender"), **members}
    return _ENCODER.encode({"type": message.type, **members})
