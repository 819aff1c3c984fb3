"""Reads typed, bounded fields from a decoded JSON object; whatever does not fit is Malformed."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from signaling.errors import Malformed

LARGEST_INTEGER = 2**53 - 1  # what a JavaScript number holds exactly
# Format characters can reorder or hide what a host reads before letting somebody in; joiners belong to emoji
# and to several scripts and stay.
JOINERS = "\u200c\u200d"


class Fields:
    """The members of one JSON object. Others than asked for are ignored, so that a newer client can say more."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    @classmethod
    def of(cls, decoded: object) -> "Fields":
        """The outermost object."""
        if not isinstance(decoded, dict):
            raise Malformed("the message is not an object")
        return cls(decoded)

    def check_depth(self, deepest: int) -> None:
        """Refuses what nests deeper than any message does."""
        level: list[object] = [self._members]
        for _ in range(deepest):
            level = [
                inner
                for value in level
                if isinstance(value, (dict, list))
                for inner in (value.values() if isinstance(value, dict) else value)
            ]
        if level:
            raise Malformed("the message nests too deep")

    def given(self, name: str) -> bool:
        return self._members.get(name) is not None

    def text(self, name: str, longest: int) -> str:
        return _text(self._members.get(name), name, longest)

    def optional(self, name: str, longest: int) -> str | None:
        return self.text(name, longest) if self.given(name) else None

    def line(self, name: str, longest: int) -> str:
        """A line somebody typed, without control and direction characters; missing reads as empty."""
        return _line(self._members.get(name) or "", name, longest)

    def lines(self, name: str, *, at_most: int, longest: int) -> tuple[str, ...]:
        lines = (_line(value, name, longest) for value in self._list(name, at_most))
        return tuple(line for line in lines if line)

    def integer(self, name: str) -> int:
        value = self._members.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_INTEGER:
            raise Malformed(f"{name} must be a whole number")
        return value

    def boolean(self, name: str, default: bool | None = None) -> bool:
        """True or false; without a default it must be there."""
        value = self._members.get(name, default)
        if not isinstance(value, bool):
            raise Malformed(f"{name} must be true or false")
        return value

    def matching(self, name: str, pattern: re.Pattern[str], longest: int) -> str:
        """Text of one fixed form."""
        value = self.text(name, longest)
        if not pattern.fullmatch(value):
            raise Malformed(f"{name} is not of the expected form")
        return value

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        value = self.text(name, 64)
        if value not in choices:
            raise Malformed(f"{name} must be one of {', '.join(choices)}")
        return value

    def object(self, name: str) -> "Fields":
        return _object(self._members.get(name), name)

    def objects(self, name: str, at_most: int) -> list["Fields"]:
        return [_object(value, name) for value in self._list(name, at_most)]

    def _list(self, name: str, at_most: int) -> list[Any]:
        value = self._members.get(name, [])
        if not isinstance(value, list) or len(value) > at_most:
            raise Malformed(f"{name} must be a list of at most {at_most}")
        return value


def _object(value: object, name: str) -> Fields:
    if not isinstance(value, dict):
        raise Malformed(f"{name} must be an object")
    return Fields(value)


def _text(value: object, name: str, longest: int) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{name} must be text")
    if len(value) > longest:
        raise Malformed(f"{name} is longer than {longest} characters")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can spell it, UTF-8 cannot carry it
        raise Malformed(f"{name} is not valid text") from None
    return value


def one_line(text: str) -> str:
    """Text without control and direction characters, and with single spaces."""
    visible = (
        " " if character.isspace() else character
        for character in text
        if character in JOINERS or character.isspace() or unicodedata.category(character) not in ("Cc", "Cf")
    )
    return " ".join("".join(visible).split())


def _line(value: object, name: str, longest: int) -> str:
    return _text(one_line(value) if isinstance(value, str) else value, name, longest)
