"""The four digits."""

from __future__ import annotations

from typing import Any

from handover.domain.summary_codes import TRIES, code, fits, used_up

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
LINK: dict[str, Any] = {"id": "a" * 26, "generation": 1, "code_number": 1, "tries": 0}


def test_code_is_four_digits_and_the_same_every_time() -> None:
    assert code(KEY, LINK) == code(KEY, dict(LINK))
    assert len(code(KEY, LINK)) == 4 and code(KEY, LINK).isdigit()


def test_code_follows_key_link_generation_and_number() -> None:
    others = [
        code(OTHER_KEY, LINK),
        *(
            code(KEY, LINK | {name: value})
            for name, value in (("id", "b" * 26), ("generation", 2), ("code_number", 2))
        ),
    ]
    assert code(KEY, LINK) not in others


def test_codes_are_spread_over_all_ten_thousand() -> None:
    found = {code(KEY, LINK | {"code_number": number}) for number in range(2_000)}
    assert len(found) > 1_700  # 1,813 are expected of 2,000 fair draws


def test_spaces_do_not_matter_and_nothing_else_fits() -> None:
    right = code(KEY, LINK)
    assert fits(KEY, LINK, f" {right[:2]} {right[2:]} ")
    for wrong in ("", right[:3], right + "0", "١٢٣٤", "0x12", f"{(int(right) + 1) % 10_000:04d}"):
        assert not fits(KEY, LINK, wrong)


def test_five_wrong_tries_use_it_up() -> None:
    assert not used_up(LINK | {"tries": TRIES - 1})
    assert used_up(LINK | {"tries": TRIES})
