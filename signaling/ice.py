"""STUN and TURN servers for an admitted seat, with coturn's time-limited credentials (use-auth-secret)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class IceServer:
    """A dictionary of the browser's `RTCConfiguration.iceServers`."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


def ice_servers(
    stun: Sequence[str], turn: Sequence[str], secret: str, *, room: str, expires_at: float
) -> list[IceServer]:
    """Servers whose TURN credentials open the relay until `expires_at` (epoch seconds), for one room.

    The user name travels in clear and lands in the relay's log, so it carries a keyed digest of the room,
    never an id that a page or a database knows (draft-uberti-behave-turn-rest-00).
    """
    servers = [IceServer([*stun])] if stun else []
    if turn:
        digest = hmac.new(secret.encode(), b"room:" + room.encode(), hashlib.sha256).hexdigest()[:24]
        username = f"{int(expires_at)}:{digest}"
        mac = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
        servers.append(IceServer([*turn], username, base64.b64encode(mac).decode()))
    return servers
