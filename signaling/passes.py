"""Who somebody is, as the owner of the rooms vouches for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pass:
    """One participant's right to one room, checked again at every `hello`."""

    room: str
    participant: str
    name: str
    role: str
    organisation: str
    enters: bool  # takes a seat without knocking
    admits: bool  # a host: sees who knocks, lets in, declines, removes, ends
    link: str  # which link was used, in words for the host; empty for those without one
    expires_at: float  # epoch seconds
    reserves: tuple[str, ...] = ()  # roles this room keeps a seat for, besides those every room does
    speaks_for: str = ""  # the participant an interpreter speaks for


Admit = Callable[[str], Awaitable[Pass | None]]
