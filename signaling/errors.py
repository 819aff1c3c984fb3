"""The one place where what went wrong becomes a code in an `err` message or a WebSocket close code."""

from enum import Enum


class Close(Enum):
    """Why the server hangs up: close code and reason. 4xxx and 1000 are final; after others, redial."""

    LEFT = (1000, "left")
    BINARY = (1003, "text messages only")
    FLOOD = (1008, "too many messages")
    UNAVAILABLE = (1011, "try again")
    RESTART = (1012, "restart")
    SLOW = (1013, "too slow to read")
    REPLACED = (4001, "replaced")
    BAD_TOKEN = (4401, "bad token")
    NOT_ALLOWED = (4403, "not allowed")
    HELLO_MISSING = (4408, "hello expected")
    FULL = (4409, "full")
    ENDED = (4410, "ended")
    WRONG_VERSION = (4426, "wrong version")

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason


class SignalingError(Exception):
    """A message that was not carried out; `code` goes back to its sender alone."""

    code = "unavailable"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(SignalingError):
    """Not JSON, not an object, or a field of the wrong kind or size."""

    code = "malformed"


class Unsupported(SignalingError):
    """A message type this version does not know."""

    code = "unsupported"


class NotAllowed(SignalingError):
    """A known message from a seat that may not send it now."""

    code = "not-allowed"


class NotWaiting(SignalingError):
    """Somebody else has already answered this knock, or the guest has gone."""

    code = "not-waiting"


class RoomFull(SignalingError):
    """Every seat is taken or kept for somebody whose role has one reserved."""

    code = "full"


class Refused(SignalingError):
    """The owner of the rooms said no before the state changed."""

    code = "refused"


class Unavailable(SignalingError):
    """The owner of the rooms could not note the change, so it was not made; trying again may help."""

    code = "unavailable"
