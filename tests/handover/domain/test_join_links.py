from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.domain.join_links import (
    closes_at,
    genuine,
    may_join,
    opens_at,
    parse,
    reply_token,
    room_shown,
    token,
)
from handover.domain.talks import Participant, Talk
from handover.store.sqlite import random_id
from tests.cast import NOW

KEY = bytes(range(32))
LINK = "taci4hlt7sqvc5aylcgvp5w2n4"
DAG = Participant("dag", "relative", "Dag", "da", email="dag@abroad.example")
STARTS = NOW + 3600
ENDS = STARTS + 1800


def talk(**changes: Any) -> Talk:
    facts: dict[str, Any] = {
        field: None
        for field in Talk.__dataclass_fields__
        if Talk.__dataclass_fields__[field].default is not None
    }
    facts |= {"id": "talk", "state": "booked", "starts_at": STARTS, "ends_at": ENDS, "participants": (DAG,)}
    return replace(Talk(**facts), **changes)


def test_a_token_is_one_word_for_a_mail_and_always_the_same() -> None:
    first = token(KEY, "join", LINK, 1)
    assert first == token(KEY, "join", LINK, 1)
    assert len(first) == 53 and first.isalnum() and first == first.lower()


def test_a_genuine_token_names_its_link() -> None:
    parsed = parse(token(KEY, "join", LINK, 1))
    assert parsed is not None and parsed.link == LINK
    assert genuine(KEY, parsed, "join", 1)


def test_a_token_in_capitals_from_a_printed_slip_is_the_same_token() -> None:
    assert parse(token(KEY, "join", LINK, 1).upper()) == parse(token(KEY, "join", LINK, 1))


@pytest.mark.parametrize(
    ("key", "purpose", "generation"),
    [(KEY, "summary", 1), (KEY, "password", 1), (KEY, "join", 2), (bytes(32), "join", 1)],
)
def test_a_token_is_good_for_one_key_one_purpose_and_one_generation(
    key: bytes, purpose: Any, generation: int
) -> None:
    parsed = parse(token(KEY, "join", LINK, 1))
    assert parsed is not None
    assert not genuine(key, parsed, purpose, generation)


def test_no_single_changed_character_gives_another_good_token() -> None:
    good = token(KEY, "join", LINK, 1)
    for place in range(len(good)):
        for letter in "abcdefghijklmnopqrstuvwxyz234567":
            if letter == good[place]:
                continue
            parsed = parse(good[:place] + letter + good[place + 1 :])
            assert parsed is None or parsed.link != LINK or not genuine(KEY, parsed, "join", 1)


@given(st.text(max_size=80))
def test_anything_else_is_no_token(text: str) -> None:
    parsed = parse(text)
    assert parsed is None or not genuine(KEY, parsed, "join", 1)


def test_ids_of_the_store_become_tokens() -> None:
    for _ in range(50):
        link = random_id()
        parsed = parse(token(KEY, "summary", link, 3))
        assert parsed is not None and parsed.link == link and genuine(KEY, parsed, "summary", 3)


def test_an_answering_address_is_everyones_own_and_never_the_links_token() -> None:
    assert reply_token(KEY, "bo") == reply_token(KEY, "bo") != reply_token(KEY, "dag")
    assert len(reply_token(KEY, "bo")) == 16


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        (NOW, "early"),
        (STARTS - 1801, "early"),
        (STARTS - 1800, "open"),
        (ENDS, "open"),
        (ENDS + 86399, "open"),
        (ENDS + 86400, "over"),
    ],
)
def test_a_link_opens_half_an_hour_before_and_lasts_a_day_after(now: int, standing: str) -> None:
    assert may_join({"revoked_at": None, "participant": "dag"}, talk(), now) == standing
    assert (opens_at(talk()), closes_at(talk())) == (STARTS - 1800, ENDS + 86400)


@pytest.mark.parametrize(
    ("link", "changes"),
    [
        ({"revoked_at": NOW, "participant": "dag"}, {}),
        ({"revoked_at": None, "participant": "somebody taken off"}, {}),
        ({"revoked_at": None, "participant": "dag"}, {"state": "cancelled"}),
        ({"revoked_at": None, "participant": "dag"}, {"state": "not-held"}),
        ({"revoked_at": None, "participant": "dag"}, {"stopped_at": NOW}),
    ],
)
def test_a_link_that_was_taken_back_is_over_at_any_hour(link: Any, changes: Any) -> None:
    for now in (NOW, STARTS, ENDS + 3600):
        assert may_join(link, talk(**changes), now) == "over"


def test_a_talk_that_was_held_can_be_come_back_to_for_a_day() -> None:
    assert may_join({"revoked_at": None, "participant": "dag"}, talk(state="held"), ENDS + 60) == "open"


@pytest.mark.parametrize(
    ("changes", "now", "shown"),
    [
        ({}, STARTS - 86400, True),
        ({"state": "held"}, STARTS + 60, True),
        ({"state": "held"}, ENDS + 3599, True),
        ({"state": "held"}, ENDS + 3600, False),
        ({"state": "cancelled"}, STARTS, False),
        ({"stopped_at": STARTS}, STARTS, False),
    ],
)
def test_staff_are_shown_the_room_until_an_hour_after_the_talk(changes: Any, now: int, shown: bool) -> None:
    assert room_shown(talk(**changes), now) is shown
