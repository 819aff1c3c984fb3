"""The patient as the staff's pages know them. Nothing of this but the language ever reaches a mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patient:
    """Somebody in hospital. `national_id` is encrypted; the key is not in the database."""

    id: str
    hospital: str
    reference: str
    initials: str
    name: str
    phone: str
    email: str
    language: str
    sex: str | None
    birth_year: int | None
    national_id: bytes | None
    protected_address: bool
    version: int
