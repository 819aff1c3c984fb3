"""What the owner of the rooms is told, and may refuse, before a room changes."""

import logging
from collections.abc import Awaitable, Callable

from signaling.admissions import Admission
from signaling.errors import Refused, SignalingError, Unavailable
from signaling.messages import Report
from signaling.passes import Pass

log = logging.getLogger(__name__)


class Hooks:
    """Told of each change before it happens; a hook that returns False or raises stops the change.

    They run under the room's lock: never call `Rooms.expel` or `Rooms.close` from one; `Rooms.tell` is safe. After a
    restart of the server those who come back join again, and are to be let in on the devices noted by `let_in`.
    """

    async def admission(self, pass_: Pass) -> Admission | None:
        """Whether this guest was let in before this server started, on which devices and under which name."""
        return None

    async def knocked(self, pass_: Pass, name: str, relation: str) -> bool | None:
        """A guest asks to be let in, or corrects the name given before."""
        return None

    async def let_in(self, by: Pass, pass_: Pass, device: str) -> bool | None:
        """A host answers a knock with yes. `device` is the digest to note, empty when the device named none."""
        return None

    async def declined(self, by: Pass, pass_: Pass) -> bool | None:
        """A host answers a knock with no."""
        return None

    async def joined(self, pass_: Pass) -> bool | None:
        """A participant takes a seat; coming back within the time a seat is kept is not a second joining."""
        return None

    async def left(self, pass_: Pass) -> None:
        """A participant's seat is empty; cannot be stopped."""

    async def removed(self, by: Pass, pass_: Pass) -> bool | None:
        """A host sends an admitted guest out; the admission is forgotten."""
        return None

    async def ended(self, by: Pass) -> bool | None:
        """A host closes the room for everybody; every admission is forgotten."""
        return None

    async def formed(self, room_id: str, form: str) -> None:
        """The talk takes this form from now on: `video` while a picture flows, else `sound`; empty when it pauses."""

    async def connected(self, pass_: Pass) -> None:
        """Somebody's own line works, for the first time or after it was lost, as their page says."""

    def returned(self, pass_: Pass) -> None:
        """Somebody is back, in a seat kept or by an earlier admission, for counting; must be quick."""

    def reported(self, pass_: Pass, report: Report) -> None:
        """How a participant's call began, for counting; must be quick, and nobody's name belongs to it."""


async def ask(hook: Awaitable[bool | None]) -> None:
    """Raises when the owner refuses or fails; the caller has changed nothing yet."""
    try:
        agreed = await hook
    except SignalingError:
        raise
    except Exception as error:
        log.exception("a hook failed; the change was not made")
        raise Unavailable("the change could not be noted") from error
    if agreed is False:
        raise Refused("the owner of the room refused")


def count(hook: Callable[[], None]) -> None:
    """For figures: a failing owner is logged, and the room goes on."""
    try:
        hook()
    except Exception:
        log.exception("a hook failed; something was not counted")


async def tell(hook: Awaitable[None]) -> None:
    """For what has already happened: a failing owner is logged, and the room goes on."""
    try:
        await hook
    except Exception:
        log.exception("a hook failed after the change")
