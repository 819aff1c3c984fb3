"""What all rooms of one server share, and what a room remembers of those it has let in."""

from collections.abc import Callable
from dataclasses import dataclass, field

from signaling.hooks import Hooks
from signaling.ice import IceServer
from signaling.passes import Pass

SEATS = 4  # devices in the mesh; each encodes its picture once for every other


@dataclass(frozen=True)
class Rules:
    """What all rooms of one server share. Each role in `reserved` keeps one seat free until it is taken."""

    hooks: Hooks
    ice: Callable[[Pass], list[IceServer]]
    clock: Callable[[], float]  # epoch seconds
    seats: int = SEATS
    reserved: tuple[str, ...] = ()
    kept_for: float = 30.0  # seconds a seat waits for a lost socket: a lift, a tunnel, a change of network


@dataclass
class Admission:
    """A participant who was let in, and on which devices; any other device knocks again."""

    expires_at: float
    name: str
    relation: str
    devices: set[str] = field(default_factory=set)
