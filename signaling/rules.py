"""What all rooms of one server share."""

from collections.abc import Callable
from dataclasses import dataclass

from signaling.hooks import Hooks
from signaling.ice import Ice
from signaling.passes import Pass

SEATS = 6  # devices in the mesh; each encodes its picture once for every other
KEPT_FOR = (
    30.0  # seconds a seat waits for a lost socket: a lift, a tunnel, a change of network, a server's restart
)
GRACE_FOR = 120.0  # seconds a talk waits for those who dropped out: a tablet that has to start again


@dataclass(frozen=True)
class Rules:
    """What all rooms of one server share. Each role in `reserved` keeps one seat free until it is taken."""

    hooks: Hooks
    ice: Callable[[Pass], Ice]
    clock: Callable[[], float]  # epoch seconds
    sign: Callable[[bytes], str] | None = None  # base64 of the owner's signature
    seats: int = SEATS
    reserved: tuple[str, ...] = ()
    kept_for: float = KEPT_FOR
    grace_for: float = GRACE_FOR
