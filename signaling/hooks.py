"""What the owner of the rooms is told, and may refuse, before a room changes."""

import logging
from collections.abc import Awaitable

from signaling.errors import Refused, SignalingError, Unavailable
from signaling.passes import Pass

log = logging.getLogger(__name__)


class Hooks:
    """Told of each change before it happens; a hook that returns False or raises stops the change.

    They run under the room's lock: never call `Rooms.expel` or `Rooms.close` from one; `Rooms.tell` is safe.
    """

    async def knocked(self, pass_: Pass, name: str, relation: str) -> bool | None:
        """A guest asks to be let in, or corrects the name given before."""
        return None

    async def let_in(self, by: Pass, pass_: Pass) -> bool | None:
        """A host answers a knock with yes."""
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
        """A host sends an admitted guest out."""
        return None

    async def ended(self, by: Pass) -> bool | None:
        """A host closes the room for everybody."""
        return None


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


async def tell(hook: Awaitable[None]) -> None:
    """For what has already happened: a failing owner is logged, and the room goes on."""
    try:
        await hook
    except Exception:
        log.exception("a hook failed after the change")
