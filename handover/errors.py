"""What can go wrong, said once for programs (`code`) and once for people (`message`).

`message` is an English sentence that says what to do next; the web layer translates it with gettext, so it is
written as a plain string marked by `N_` where it is raised. `values` fill its named braces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


def N_(text: str) -> str:
    """Mark a sentence for translation where it is written; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class FieldError:
    """One field of a form or request that cannot be used: its dotted name, a stable code, a sentence."""

    field: str
    code: str
    message: str
    values: tuple[tuple[str, str], ...] = ()


class HandoverError(Exception):
    """Anything a person can be told about. `code` is stable, hyphenated and documented in docs/errors.md."""

    status = 500

    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.values: Mapping[str, Any] = values


class NotFound(HandoverError):
    """No such thing, or somebody else's: the two look alike on purpose."""

    status = 404

    def __init__(self, code: str = "not-found", message: str = "", **values: Any) -> None:
        super().__init__(
            code,
            message
            or N_("There is nothing here that you can see. Check the address, or go to the start page."),
            **values,
        )


class NotSignedIn(HandoverError):
    """The page needs somebody signed in."""

    status = 401


class NotAllowed(HandoverError):
    """Seen, but not theirs to do."""

    status = 403


class Invalid(HandoverError):
    """What was sent cannot be used; `fields` say which part and why."""

    status = 422

    def __init__(self, code: str, message: str, fields: Sequence[FieldError] = (), **values: Any) -> None:
        super().__init__(code, message, **values)
        self.fields = tuple(fields)


LOOK_AGAIN = N_("Something needs another look. See the marked fields.")


def look_again(*fields: FieldError) -> Invalid:
    """What to raise when nothing but these fields is wrong."""
    return Invalid("invalid", LOOK_AGAIN, fields)


def refuse(faults: Iterable[FieldError]) -> None:
    """Raise `Invalid` when there is any fault."""
    found = tuple(faults)
    if found:
        raise look_again(*found)


class Malformed(HandoverError):
    """Not even readable as what it should be."""

    status = 400


class Conflict(HandoverError):
    """Somebody was there first. `details` carry what a program needs to go on (alternatives, current)."""

    status = 409

    def __init__(
        self, code: str, message: str, details: Mapping[str, Any] | None = None, **values: Any
    ) -> None:
        super().__init__(code, message, **values)
        self.details: Mapping[str, Any] = details or {}


class Expired(HandoverError):
    """A link or code that has run out."""

    status = 410


class TooMany(HandoverError):
    """Too many tries; wait."""

    status = 429


class Unavailable(HandoverError):
    """The service cannot do it now (database busy or full); nothing was saved."""

    status = 503
