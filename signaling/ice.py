"""STUN and TURN servers for an admitted seat, with coturn's time-limited credentials (use-auth-secret)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class IceServer:
    """A dictionary of the browser's `RTCConfiguration.iceServers`."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True)
class Ice:
    """What one participant may connect through."""

    servers: list[IceServer] = field(default_factory=list)
    relay_only: bool = False  # the browser shows its addresses to nobody but the relay
    expires_at: float = 0  # epoch seconds until which the relay's credentials are good; 0 when there are none


def ice_servers(
    stun: Sequence[str], turn: Sequence[str], secret: str, *, room: str, participant: str, expires_at: float
) -> list[IceServer]:
    """Servers whose TURN credentials open the relay until `expires_at` (epoch seconds), for one seat of one room.

    The user name travels in clear and lands in the relay's log, so it carries a keyed digest of room and participant,
    never an id that a page or a database knows (draft-uberti-behave-turn-rest-00). Each participant has a name of
    their own because relays count what one name holds: nobody can use up the relay for the others.
    """
    servers = [IceServer([*stun])] if stun else []
    if turn:
        whose = f"seat:{room}\0{participant}".encode()
        digest = hmac.new(secret.encode(), whose, hashlib.sha256).hexdigest()[:24]
        username = f"{int(expires_at)}:{digest}"
        mac = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
        servers.append(IceServer([*turn], username, base64.b64encode(mac).decode()))
    return servers
