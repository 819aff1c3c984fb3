"""What this package refuses: `code` is for programs and tests, `message` for whoever runs the service."""

from __future__ import annotations

from datetime import datetime


class CalendarError(Exception):
    """A value that cannot become a calendar entry or a mail."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class UnknownZone(CalendarError):
    """A time zone this package has no rules for."""

    def __init__(self, zone: str) -> None:
        super().__init__("unknown-zone", f"No time zone rules for {zone!r}.")


class NoSuchTime(CalendarError):
    """A wall-clock time that the clocks skip when summer time begins."""

    def __init__(self, wall: datetime, zone: str) -> None:
        super().__init__("no-such-time", f"{wall:%Y-%m-%d %H:%M} does not exist in {zone}: clocks skip it.")


class AmbiguousTime(CalendarError):
    """A wall-clock time that comes twice when summer time ends; `first` and `second` are the two instants."""

    def __init__(self, wall: datetime, zone: str, first: datetime, second: datetime) -> None:
        super().__init__("ambiguous-time", f"{wall:%Y-%m-%d %H:%M} comes twice in {zone}.")
        self.first = first
        self.second = second


class MailError(CalendarError):
    """A mail that was not handed over, or a mailer that cannot be set up."""


class TryLater(MailError):
    """Not handed over this time, and never sent unprotected instead: keep it and try again."""


class Refused(MailError):
    """Never deliverable as it stands; trying again changes nothing."""
