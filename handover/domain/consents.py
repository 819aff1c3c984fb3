"""Consent: one row per recipient, given or refused, and withdrawn in one press."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Consent:
    """What the patient said about one recipient of the talk's content. `recipient` is the municipality's code, a
    participant's id, or a name."""

    id: str
    talk: str
    to: str
    recipient: str
    given_at: int | None
    refused_at: int | None
    how: str
    basis: str
    asked_by: str
    recorded_by: str
    recorded_at: int
    withdrawn_at: int | None
    withdrawn_by: str | None

    @property
    def stands(self) -> bool:
        """Whether they may know now."""
        return self.given_at is not None and self.withdrawn_at is None
