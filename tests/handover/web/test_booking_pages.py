"""`/talks/new`: three steps without a script, every refusal a sentence at its field, and nothing booked twice."""

from __future__ import annotations

import json

import pytest

from handover.domain.talks import Talk
from handover.store import consents, patients, talks
from handover.store.sqlite import SqliteStore
from handover.web.booking_form import Typed
from tests.cast import NOW, Cast
from tests.handover.web.booking_pages import (
    TUESDAY_TEN,
    book,
    filled,
    hidden,
    slots,
    words_of,
    wrong_fields,
)
from tests.visitor import Clock, Visitor, signed_in

pytestmark = pytest.mark.usefixtures("offers")

HOUR = 3600


def booked_talks(store: SqliteStore, cast: Cast) -> list[Talk]:
    return store.read_now(talks.between, cast.astrid, NOW, NOW + 90 * 24 * HOUR)


async def test_ward_books_in_three_presses(astrid: Visitor, store: SqliteStore, cast: Cast) -> None:
    when = await astrid.post("/talks/new", filled(start=None, go="when"))
    assert when.status == 200
    assert TUESDAY_TEN in slots(when)
    check = await astrid.post("/talks/new", filled(step="when", go="check"))
    said = words_of(check)
    assert "Tuesday 1 December at 10:00–10:30" in said
    assert "ES · HO-17 Ellen Sørensen" in said
    assert "Dag Sørensen Son, dag@abroad.example" in said
    assert hidden(check, "participants.0.email") == "dag@abroad.example"
    booked = await astrid.post("/talks/new", filled(step="check", go="book"))
    assert booked.status == 303
    (talk,) = booked_talks(store, cast)
    assert booked.location == f"/talks/{talk.id}?done=booked"
    assert (talk.starts_at, talk.place, talk.minor_children) == (TUESDAY_TEN, "stue 4", "yes")
    assert [(person.role, person.name, person.relation) for person in talk.participants if person.guest] == [
        ("patient", "Ellen Sørensen", ""),
        ("relative", "Dag Sørensen", "son"),
    ]
    (consent,) = store.read_now(consents.of_talk, talk.id)
    assert (consent.to, consent.how, consent.asked_by, consent.stands) == (
        "municipality",
        "spoken",
        "Astrid Lund",
        True,
    )


async def test_national_id_is_sealed(astrid: Visitor, store: SqliteStore, cast: Cast) -> None:
    await book(astrid)
    patient = store.read_now(patients.get, booked_talks(store, cast)[0].patient)
    assert patient is not None and patient.national_id is not None
    assert b"010203" not in patient.national_id


async def test_pressing_twice_books_once(astrid: Visitor, store: SqliteStore, cast: Cast) -> None:
    first = await book(astrid)
    assert await book(astrid) == first
    assert len(booked_talks(store, cast)) == 1


async def test_changed_form_after_booking_leads_to_the_talk_and_says_so(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    first = await book(astrid)
    again = await astrid.post("/talks/new", filled(step="check", go="book", place="stue 5"))
    assert again.location == f"{first}?done=booked-before"
    assert [talk.place for talk in booked_talks(store, cast)] == ["stue 4"]
    assert "was booked already" in words_of(await astrid.get(again.location))


async def test_who_comes_second_sees_who_was_booked_and_what_is_free(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    await book(astrid, nurse=cast.bo.actor)
    late = await astrid.post(
        "/talks/new",
        filled(step="check", go="book", key="another", nurse=cast.bo.actor, place="stue 9"),
    )
    assert late.status == 409
    assert "Bo was booked for 10:00 a moment ago. These times are free:" in words_of(late)
    assert slots(late) and TUESDAY_TEN not in slots(late)
    assert hidden(late, "patient.name") == "Ellen Sørensen"
    assert len(booked_talks(store, cast)) == 1


async def test_place_that_is_taken_is_named(astrid: Visitor) -> None:
    await book(astrid)
    late = await astrid.post("/talks/new", filled(step="when", go="check", key="another"))
    assert late.status == 409
    assert "stue 4 was booked for 10:00 a moment ago." in words_of(late)


async def test_double_booking_on_purpose_keeps_the_reason(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    await book(astrid, nurse=cast.bo.actor)
    at = await book(
        astrid,
        key="another",
        nurse=cast.bo.actor,
        place="stue 9",
        start=None,
        date="2026-12-01",
        time="10:00",
        override="Ellen goes home at noon",
    )
    talk = store.read_now(talks.get, cast.astrid, at.removeprefix("/talks/"))
    assert (talk.starts_at, talk.override_reason) == (TUESDAY_TEN, "Ellen goes home at noon")


WRONG: list[tuple[dict[str, str | None], str, str]] = [
    ({"municipality": "Utopia"}, "municipality", "We do not know this municipality."),
    ({"municipality": "Aabenraa"}, "municipality", "There is no agreement with this municipality yet."),
    ({"municipality": ""}, "municipality", "Fill this in."),
    ({"programme": "sorrow"}, "programme", "Choose a programme from the list."),
    ({"patient__initials": ""}, "patient.initials", "Fill this in."),
    ({"patient__reference": "x" * 10_000}, "patient.reference", "Use at most 64 characters."),
    ({"patient__name": "Ellen\r\nBcc: all@example.org"}, "patient.name", "Use ordinary letters"),
    ({"patient__name": "\u202enelle"}, "patient.name", "Use ordinary letters"),
    ({"patient__phone": "ring me"}, "patient.phone", "Write a phone number"),
    ({"patient__national_id": "12"}, "patient.national_id", "A CPR number has 10 digits"),
    ({"patient__birth_year": "19"}, "patient.birth_year", "Write the year with four digits."),
    ({"patient__birth_year": "19700"}, "patient.birth_year", "Write the year with four digits."),
    ({"patient__birth_year": "1850"}, "patient.birth_year", "Write a year from 1890 to 2100."),
    ({"discharge_on": "soon"}, "discharge_on", "Write the date as year-month-day."),
    ({"participants__0__email": "dag at home"}, "participants.0.email", "Write a mail address"),
    ({"participants__0__name": ""}, "participants.0.name", "Write the name."),
    ({"consent": None}, "consent", "Ask the patient first"),
    ({"consent__0__asked_by": ""}, "consent.0.asked_by", "Write who asked the patient."),
    ({"consent__0__how": "behalf"}, "consent.0.basis", "Write who speaks for the patient"),
]


async def test_first_step_says_at_the_field_what_to_put_right(astrid: Visitor) -> None:
    for changed, field, sentence in WRONG:
        answer = await astrid.post("/talks/new", filled(start=None, go="when", **changed))
        told = (answer.status, wrong_fields(answer), sentence in words_of(answer))
        assert (changed, *told) == (changed, 422, [field], True)
        assert hidden(answer, "key") == "one-press"


NOBODY_CAN = [
    ("2027-03-28", "02:30", "time", "The clocks skip this hour on that night."),
    ("2027-10-31", "02:30", "time", "The clocks show this hour twice on that night."),
    ("2026-11-29", "10:00", "time", "This time has passed."),
    ("2026-12-05", "10:00", "time override", "Nobody in the team works then."),
    ("2026-12-01", "23:00", "time override", "Write why the time is booked all the same."),
    ("2026-12-01", "ten", "time", "Write the time like 10:30."),
    ("", "10:00", "date", "Choose the day as well."),
    ("9999-12-31", "10:00", "date", "Write the date as year-month-day."),
    ("2031-01-06", "10:00", "time override", "calendar is open for"),
]


async def test_time_nobody_can_have_is_explained_where_it_was_typed(astrid: Visitor) -> None:
    for date, time, field, sentence in NOBODY_CAN:
        fields = filled(step="when", go="check", start=None, date=date, time=time)
        answer = await astrid.post("/talks/new", fields)
        told = (answer.status, wrong_fields(answer), sentence in words_of(answer))
        assert (date, time, *told) == (date, time, 422, field.split(), True)


async def test_reason_that_is_too_long_is_marked_where_it_stands(astrid: Visitor) -> None:
    by_hand = {"start": None, "date": "2026-12-05", "time": "10:00", "override": "x" * 300}
    answer = await astrid.post("/talks/new", filled(step="when", go="check", **by_hand))
    assert (answer.status, wrong_fields(answer)) == (422, ["override"])
    assert 'data-step="when"' in answer.text and "x" * 300 in answer.text


async def test_first_step_is_told_all_at_once_and_nothing_of_the_second(astrid: Visitor) -> None:
    wrong = {"patient__initials": "", "patient__phone": "ring me", "consent": None, "override": "x" * 300}
    answer = await astrid.post("/talks/new", filled(go="when", **wrong))
    assert wrong_fields(answer) == ["patient.initials", "patient.phone", "consent"]
    answer = await astrid.post("/talks/new", filled(go="when", programme="sorrow", consent=None))
    assert wrong_fields(answer) == ["programme", "consent"]


async def test_taken_time_that_was_typed_asks_for_the_reason(astrid: Visitor, cast: Cast) -> None:
    await book(astrid, nurse=cast.bo.actor)
    by_hand = {"start": None, "date": "2026-12-01", "time": "10:00", "place": "", "nurse": cast.bo.actor}
    answer = await astrid.post("/talks/new", filled(step="when", go="check", key="another", **by_hand))
    assert (answer.status, wrong_fields(answer)) == (409, ["start", "override"])


async def test_no_time_chosen_is_said_with_the_times_still_there(astrid: Visitor) -> None:
    answer = await astrid.post("/talks/new", filled(step="when", go="check", start=None))
    assert wrong_fields(answer) == ["start"]
    assert slots(answer)


async def test_same_person_twice_is_marked_on_the_second_line(astrid: Visitor) -> None:
    answer = await astrid.post(
        "/talks/new",
        filled(
            go="when",
            participants__3__role="relative",
            participants__3__name="Dag Sørensen",
        ),
    )
    assert wrong_fields(answer) == ["participants.1.name"]


async def test_another_line_for_people_comes_without_a_script(astrid: Visitor) -> None:
    answer = await astrid.post("/talks/new", filled(go="add"))
    assert 'name="participants.0.name" type="text" value="Dag Sørensen"' in answer.text
    assert 'name="participants.1.name" type="text" value=""' in answer.text


async def test_week_buttons_keep_what_was_typed(astrid: Visitor) -> None:
    answer = await astrid.post("/talks/new", filled(step="when", start=None, week="2026-12-14"))
    assert "Week 51" in words_of(answer)
    monday = TUESDAY_TEN + 12 * 24 * HOUR - 10 * HOUR
    assert slots(answer) and all(monday <= start < monday + 7 * 24 * HOUR for start in slots(answer))
    assert hidden(answer, "patient.reference") == "HO-17"


async def test_right_now_asks_the_team_whatever_the_clock(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    answer = await astrid.post("/talks/new", filled(step="when", go="now", start=None))
    (talk,) = booked_talks(store, cast)
    assert answer.location == f"/talks/{talk.id}?done=asked"
    assert (talk.state, talk.nurse) == ("asked", None)


async def test_script_gets_a_week_of_free_times(astrid: Visitor) -> None:
    answer = await astrid.get(
        "/talks/slots?municipality=sønderborg kommune&from=2026-12-01&minutes=60",
        headers={"Accept": "application/json"},
    )
    week = json.loads(answer.text)
    assert [day["label"] for day in week["days"]][:2] == ["Monday 30 November", "Tuesday 1 December"]
    assert {"value": str(TUESDAY_TEN), "label": "10:00"} in week["days"][1]["slots"]
    assert (week["earlier"], week["later"]) == (None, "2026-12-07")


async def test_script_hears_nothing_while_a_municipality_is_half_typed(astrid: Visitor) -> None:
    answer = await astrid.get("/talks/slots?municipality=Sønd", headers={"Accept": "application/json"})
    assert (answer.status, answer.text) == (204, "")


async def test_script_is_told_about_a_municipality_without_agreement(astrid: Visitor) -> None:
    answer = await astrid.get("/talks/slots?municipality=Aabenraa", headers={"Accept": "application/json"})
    assert (answer.status, json.loads(answer.text)["code"]) == (422, "no-agreement")


async def test_municipal_nurse_may_host_a_talk_and_coordinators_may_not_book(
    bo: Visitor, client: Visitor, store: SqliteStore, cast: Cast
) -> None:
    first = await bo.get("/talks/new")
    assert 'value="Sønderborg"' in first.text
    await book(bo, patient__reference="S-1")
    (talk,) = store.read_now(talks.between, cast.bo, NOW, NOW + 90 * 24 * HOUR)
    assert (talk.ward, talk.team) == (None, cast.team)
    await signed_in(client, "ida@kommune.example")
    assert (await client.get("/talks/new")).status == 403


async def test_free_nurse_on_the_check_page_is_the_one_who_is_booked(
    astrid: Visitor, store: SqliteStore, cast: Cast, clock: Clock
) -> None:
    check = await astrid.post("/talks/new", filled(step="when", go="check"))
    await book(astrid)
    assert booked_talks(store, cast)[0].nurse_name in words_of(check)


async def test_second_talk_is_warned_about_and_can_be_booked(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    check = await astrid.post("/talks/new", filled(step="when", go="check"))
    assert 'class="notice warn"' not in check.text
    await book(astrid, nurse=cast.bo.actor)
    same = {"key": "another", "nurse": cast.birgit.actor, "place": ""}
    said = words_of(await astrid.post("/talks/new", filled(step="when", go="check", **same)))
    assert "This patient already has a talk on Tuesday 1 December at 10:00." in said
    assert "You have another talk at that time yourself." in said
    later = {"key": "another", "start": str(TUESDAY_TEN + HOUR), "patient__reference": "HO-18"}
    said = words_of(await astrid.post("/talks/new", filled(step="when", go="check", **later)))
    assert "already has a talk" not in said and "another talk" not in said
    await book(astrid, **same)
    assert len(booked_talks(store, cast)) == 2


async def test_nobody_is_warned_about_what_is_cancelled(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    await book(astrid)
    store.write_now(lambda tx: tx.run("update talks set state = 'cancelled'"))
    check = await astrid.post("/talks/new", filled(step="when", go="check", key="another"))
    assert check.status == 200 and 'class="notice warn"' not in check.text


def test_lines_for_people_close_up() -> None:
    sent = {
        "participants.0.role": "relative",
        "participants.0.name": " ",
        "participants.4.name": "Dag",
        "participants.7.name": "Eva",
        "participants.7.gone": "yes",
    }
    assert Typed.posted(sent).pairs == [("participants.0.name", "Dag")]
