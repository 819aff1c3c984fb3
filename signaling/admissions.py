"""Who was let in, and on which devices: what a room remembers, and what its owner may remember for longer."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from signaling.errors import Unavailable
from signaling.passes import Pass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Admission:
    """A participant who was let in, and on which devices; any other device knocks again."""

    expires_at: float  # epoch seconds
    name: str
    relation: str
    devices: frozenset[str] = frozenset()  # digests: who reads them cannot pass for the device


def device_digest(device: str) -> str:
    """What is kept of a device's secret. Plain SHA-256 is enough: it is random, nothing that could be guessed."""
    return sha256(device.encode()).hexdigest()


class Admissions:
    """The admissions of one room. What is not in memory, as after a restart, the owner is asked for."""

    def __init__(self, owner: Callable[[Pass], Awaitable[Admission | None]]) -> None:
        self._owner = owner
        self._known: dict[str, Admission] = {}

    async def of(self, pass_: Pass, device: str) -> Admission | None:
        """The admission on this very device (a digest), if there is one; raises Unavailable."""
        known = self._still_good(pass_)
        if known is None and device:
            try:
                known = await self._owner(pass_)
            except Exception as error:
                log.exception("an admission could not be looked up")
                raise Unavailable("the admission could not be looked up") from error
            if known:
                self._known[pass_.participant] = known
        return known if known and device in known.devices else None

    def note(self, pass_: Pass, name: str, relation: str, device: str) -> None:
        """Lets a participant back in on this device; those of before stay good."""
        known = self._still_good(pass_)
        devices = (known.devices if known else frozenset()) | ({device} if device else frozenset())
        self._known[pass_.participant] = Admission(pass_.expires_at, name, relation, devices)

    def _still_good(self, pass_: Pass) -> Admission | None:
        """What is in memory. A pass with another end is for another time, and the owner is asked about that one."""
        known = self._known.get(pass_.participant)
        return known if known and known.expires_at == pass_.expires_at else None

    def forget(self, participant: str) -> None:
        self._known.pop(participant, None)

    def forget_all(self) -> None:
        self._known.clear()

    def any_left(self, now: float) -> bool:
        return any(admission.expires_at > now for admission in self._known.values())
