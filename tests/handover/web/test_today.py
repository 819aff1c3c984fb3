"""Everybody's start page: what today holds, and what waits."""

from __future__ import annotations

import pytest

from handover.asking_now import ask_now
from handover.booking import book
from handover.domain.talks import Talk
from handover.replying import answer
from handover.store.sqlite import SqliteStore
from tests.booked import set_talk
from tests.bookings import at, wanted, words
from tests.cast import NOW, Cast
from tests.visitor import Clock, Visitor, signed_in

NINE = at("2026-11-30 09:00")
ASTRID, BO = "astrid@ward.example", "bo@kommune.example"
PEOPLE = (
    ASTRID,
    BO,
    "ida@kommune.example",
    "oda@forening.example",
    "admin@ward.example",
    "admin@kommune.example",
)


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Talk:
    """Ellen's talk, today at nine."""
    store.write_now(words)
    nine = wanted(NINE, nurse=cast.bo.actor, themes=("fatigue",), minor_children="yes", place="stue 4")
    return store.write_now(book, nine, by=cast.astrid, now=NOW)


async def today(client: Visitor, email: str) -> str:
    await signed_in(client, email)
    answered = await client.get("/")
    assert answered.status == 200
    return answered.text


async def test_citizens_are_told_what_this_is_and_where_to_go(client: Visitor) -> None:
    answered = await client.get("/")
    assert answered.status == 200
    for address in ("/offers", "/new-link", "/sign-in", "/privacy"):
        assert f'href="{address}"' in answered.text


@pytest.mark.parametrize("email", PEOPLE)
async def test_every_role_has_a_start_page_with_one_primary_button(
    client: Visitor, cast: Cast, email: str
) -> None:
    assert (await today(client, email)).count("button primary") == 1


async def test_ward_sees_its_talk_with_nurse_answers_and_flag(
    client: Visitor, cast: Cast, talk: Talk
) -> None:
    text = await today(client, ASTRID)
    assert "<h1>Monday 30 November</h1>" in text
    for said in (
        "09:00",
        ">EH</a>",
        "stue 4",
        "Bo Madsen",
        "Nurse: No answer yet",
        "Dag Holm: Mail is on its way",
    ):
        assert said in text, said
    assert "Children as relatives" in text
    assert f"/talks/{talk.id}/room" not in text


async def test_room_opens_half_an_hour_before(client: Visitor, cast: Cast, talk: Talk, clock: Clock) -> None:
    clock.now = NINE - 30 * 60
    text = await today(client, ASTRID)
    assert f'href="/talks/{talk.id}/room"' in text and ">Start</a>" in text


async def test_room_can_be_entered_after_the_outcome_is_saved(
    client: Visitor, cast: Cast, talk: Talk, clock: Clock, store: SqliteStore
) -> None:
    store.write_now(set_talk, talk.id, state="held")
    clock.now = talk.ends_at + 5 * 60
    for email, label in ((ASTRID, "Start"), (BO, "Join")):
        text = await today(client, email)
        assert f'href="/talks/{talk.id}/room"' in text and f">{label}</a>" in text
        assert f'primary" href="/talks/{talk.id}/room"' in (await client.get(f"/talks/{talk.id}")).text
        await client.post("/sign-out")
    clock.now = talk.ends_at + 2 * 60 * 60
    await signed_in(client, ASTRID)
    for address in ("/", f"/talks/{talk.id}"):
        assert "/room" not in (await client.get(address)).text


async def test_nurse_sees_when_the_next_talk_is_and_what_it_is_about(
    client: Visitor, cast: Cast, talk: Talk, clock: Clock
) -> None:
    clock.now = NINE - 12 * 60
    text = await today(client, BO)
    assert "Next: 09:00, in 12 minutes" in text
    assert "Fatigue" in text and "Children as relatives" in text
    assert text.count(f'href="/talks/{talk.id}/room"') == 1
    assert "Onkologisk afsnit" in text


async def test_one_minute_is_not_minutes(client: Visitor, cast: Cast, talk: Talk, clock: Clock) -> None:
    clock.now = NINE - 90
    assert "Next: 09:00, in one minute<" in await today(client, BO)


async def test_colleagues_next_talk_is_in_the_list_but_not_mine(
    client: Visitor, cast: Cast, talk: Talk
) -> None:
    text = await today(client, "birgit@kommune.example")
    assert "Next:" not in text and ">EH</a>" in text


async def test_other_wards_and_municipalities_see_nothing(client: Visitor, cast: Cast, talk: Talk) -> None:
    for email in ("anton@ward.example", "lis@kommune.example", "kari@kommune.example"):
        text = await today(client, email)
        assert talk.id not in text and "EH" not in text
        await client.post("/sign-out")


async def test_talk_without_a_nurse_needs_the_ward(
    client: Visitor, cast: Cast, talk: Talk, store: SqliteStore
) -> None:
    store.write_now(answer, talk.id, "declined", by=cast.bo, now=NOW)
    store.write_now(answer, talk.id, "declined", by=cast.birgit, now=NOW)
    text = await today(client, ASTRID)
    assert "EH, Monday 30 November at 09:00" in text and "no nurse can come" in text
    for page in (text, (await client.get("/talks")).text, (await client.get(f"/talks/{talk.id}")).text):
        assert "No nurse yet</span>" in page and "Booked</span>" not in page


async def test_mail_that_was_not_delivered_needs_the_ward(
    client: Visitor, cast: Cast, talk: Talk, store: SqliteStore
) -> None:
    store.write_now(
        lambda tx: tx.run(
            "update participants set delivery = 'refused' where talk = :talk and role = 'relative'",
            talk=talk.id,
        )
    )
    text = await today(client, ASTRID)
    assert "Dag Holm did not get the mail" in text and "Mail not delivered to Dag Holm" in text


async def test_outcome_that_is_missing_waits_for_both_sides(
    client: Visitor, cast: Cast, talk: Talk, clock: Clock
) -> None:
    clock.now = talk.ends_at + 60
    for email in (ASTRID, BO):
        text = await today(client, email)
        assert "the outcome is missing" in text and f'href="/talks/{talk.id}/outcome"' in text
        await client.post("/sign-out")


async def test_nurses_see_that_a_ward_asks_right_now(client: Visitor, cast: Cast, store: SqliteStore) -> None:
    store.write_now(words)
    asked = store.write_now(ask_now, wanted(NOW), by=cast.astrid, now=NOW)
    text = await today(client, BO)
    assert "asks who can join a talk now" in text and f'href="/talks/{asked.id}"' in text


async def test_coordinator_sees_how_many_and_not_who(client: Visitor, cast: Cast, talk: Talk) -> None:
    text = await today(client, "ida@kommune.example")
    assert "Booked" in text and '<td class="number">1</td>' in text
    assert talk.id not in text and "EH" not in text


async def test_administrator_is_told_what_is_missing(client: Visitor, cast: Cast, store: SqliteStore) -> None:
    store.write_now(lambda tx: tx.run("delete from working_hours where account = :bo", bo=cast.bo.actor))
    assert "missing for Bo Madsen" in await today(client, "admin@kommune.example")
