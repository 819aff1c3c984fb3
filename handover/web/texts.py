"""Texts from outside: what a name, a paragraph, a mail address and a phone number may look like."""

from __future__ import annotations

import re

# Controls, marks that turn the direction of text round, and what takes no room: they hide what a name really says.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("[\r\n\t\u2028\u2029\u0085]")
_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@[^\s@<>\"(),:;\[\]\\]+\.[^\s@<>\"(),:;\[\]\\.]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{3,24}")


def is_clean(text: str, *, lines: bool = False) -> bool:
    """Whether people can read all of it: no controls, no lone surrogates, no hidden turns; `lines` allows breaks."""
    if any("\ud800" <= character <= "\udfff" for character in text) or _UNSEEN.search(text):
        return False
    return lines or not _BREAKS.search(text)


def is_email(text: str) -> bool:
    """Whether it is one plain mail address that a header can carry."""
    return text.isascii() and _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether it is a phone number: digits, spaces, brackets, a leading plus."""
    return _PHONE.fullmatch(text) is not None
