"""Passwords: refused are short ones, everybody's, and one's own address. No rules about signs and digits."""

from __future__ import annotations

from typing import Literal

Trouble = Literal["too-short", "too-long", "common", "address"]

DEMO = "demo-demo-demo"  # stands on the demo's own sign-in page
SHORTEST = 12
LONGEST = 500  # a hash takes as long as the text is
LINK_LASTS = 3 * 24 * 3600  # seconds; over a weekend off, and not for ever in a mailbox

# What long passwords are made of when nobody thinks: these, in any case, with digits and signs before or behind.
_COMMON = (
    "password", "passord", "kodeord", "adgangskode", "hemmelig", "hemmeligt", "velkommen", "welcome", "qwerty",
    "qwertyuiop", "qwertyuiopå", "asdfghjkl", "asdfghjklæø", "asdfghjkløæ", "zxcvbnm", "letmein", "iloveyou",
    "administrator", "admin", "sygeplejerske", "sykepleier", "sygehus", "sykehus", "hospital", "kommune", "handover",
    "danmark", "norge", "københavn", "copenhagen", "sommer", "vinter", "efterår", "forår", "høst", "vår", "januar",
    "februar", "marts", "mars", "april", "maj", "mai", "juni", "juli", "august", "september", "oktober", "november",
    "december", "desember", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag", "demo",
    "correcthorsebatterystaple",
)  # fmt: skip


def trouble_with(password: str, email: str) -> Trouble | None:
    """Why this password is refused for this person, or None."""
    if len(password) < SHORTEST:
        return "too-short"
    if len(password) > LONGEST:
        return "too-long"
    said = password.casefold()
    local = email.casefold().partition("@")[0]
    if email.casefold() in said or (local and _bare(said) == _bare(local)):
        return "address"
    return "common" if _is_common(said) else None


def _is_common(said: str) -> bool:
    if len(set(said)) < 5:  # aaaaaaaaaaaa, 121212121212
        return True
    if any(
        said in run or said in run[::-1] for run in ("0123456789" * 4, "abcdefghijklmnopqrstuvwxyzæøå" * 2)
    ):
        return True
    letters = _bare(said)
    if not letters:  # digits and signs alone: a date, a phone number, a personal id
        return len(said) < SHORTEST + 8
    return any(
        letters == word * (len(letters) // len(word)) for word in _COMMON if len(letters) % len(word) == 0
    )


def _bare(said: str) -> str:
    """The letters alone."""
    return "".join(character for character in said if character.isalpha())
