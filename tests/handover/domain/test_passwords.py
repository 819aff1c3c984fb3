"""Which passwords are refused, and which are not."""

from __future__ import annotations

import pytest

from handover.domain.passwords import trouble_with

ASTRID = "astrid@ward.example"


@pytest.mark.parametrize(
    ("password", "trouble"),
    [
        ("elleve tegn", "too-short"),
        ("x" * 501, "too-long"),
        ("password1234", "common"),
        ("Passord2026!!", "common"),
        ("KodeordKodeord", "common"),
        ("aaaaaaaaaaaaaa", "common"),
        ("123456789012", "common"),
        ("31.12.1999-1234", "common"),
        ("abcdefghijklm", "common"),
        ("correct horse battery staple", "common"),
        ("astrid@ward.example", "address"),
        ("Astrid-123456", "address"),
        ("demo-demo-demo", "common"),
    ],
)
def test_guessable_password_is_refused(password: str, trouble: str) -> None:
    assert trouble_with(password, ASTRID) == trouble


@pytest.mark.parametrize(
    "password",
    [
        "kaffe og regn i juni",
        "æbler på Grønland",
        "tre-ugler-i-mosen",
        "hG7#kQ2!mX9z",
        "            x  y z q!",
    ],
)
def test_a_few_words_are_enough(password: str) -> None:
    assert trouble_with(password, ASTRID) is None
