"""What gives way so that the summary stays on one page."""

from __future__ import annotations

import pytest

from handover.web.paper import setting

OFFER = (
    "Livskraft",
    "Et forløb på otte uger med træning, samtale og ro. " * 2,
    "Gladsaxe Kommune, Rådhuset. Onsdage",
)
THOUGHT = "Livskraft. Vi ringer til dig den 8. december og hører, hvad du har tænkt."


@pytest.mark.parametrize(
    ("accepted", "thinking", "expected"),
    [(0, 0, "roomy"), (2, 2, "roomy"), (6, 2, "small"), (16, 2, "short")],
)
def test_the_more_was_agreed_the_tighter_it_is_set(accepted: int, thinking: int, expected: str) -> None:
    assert setting([OFFER] * accepted, [THOUGHT] * thinking, "") == expected


def test_long_descriptions_count_and_not_only_many() -> None:
    long = ("Livskraft", "Et langt forløb. " * 60, "Gladsaxe")
    assert setting([long], [], "") == "roomy"
    assert setting([long, long], [], "") == "short"
