"""What people may write: every letter of every alphabet, and nothing that hides."""

from __future__ import annotations

import pytest

from handover.web.texts import is_clean, is_email


@pytest.mark.parametrize(
    "name",
    ["Ellen Ø. Sørensen", "Đặng Thị Ngọc", "محمد", "王小明", "क्षत्रिय", "می‌خواهم", "👩‍⚕️", "O’Brien-Åse"],
)
def test_names_of_all_alphabets_are_clean(name: str) -> None:
    assert is_clean(name)


@pytest.mark.parametrize(
    "hidden",
    [
        "\0",
        "\x1b",
        "\x85",
        "\ud800",
        "\u061c",
        "\u200b",
        "\u200f",
        "\u202e",
        "\u2060",
        "\u2066",
        "\ufeff",
        "\U000e0041",
    ],
)
def test_what_nobody_can_see_is_not_clean(hidden: str) -> None:
    assert not is_clean(f"Ellen{hidden}")
    assert not is_clean(f"Ellen{hidden}", lines=True)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\t", "\u2028", "\u2029"])
def test_a_line_ends_only_where_lines_are_meant(end: str) -> None:
    assert not is_clean(f"Ellen{end}Bcc: x@y.example")
    assert is_clean(f"Ellen{end}Holm", lines=True)


@pytest.mark.parametrize(
    "address", ["a@b.example\r\nBcc: c@d.example", "a@b.example,c@d.example", "<a@b.example>", "å@b.example"]
)
def test_an_address_is_one_that_a_header_can_carry(address: str) -> None:
    assert not is_email(address)
