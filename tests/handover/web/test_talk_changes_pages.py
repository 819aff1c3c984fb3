"""What is done to a talk through its pages: move, change people, answer, cancel, stop, consent; old pages say so."""

from __future__ import annotations

import re

import pytest

from handover.domain.talks import Talk
from handover.store import consents, talks
from handover.store.sqlite import SqliteStore
from tests.cast import NOW, Cast
from tests.conftest import Serve
from tests.handover.web.booking_pages import (
    TUESDAY_TEN,
    book,
    filled,
    hidden,
    slots,
    words_of,
    wrong_fields,
)
from tests.visitor import Answer, Visitor, signed_in

pytestmark = pytest.mark.usefixtures("offers")

HOUR = 3600


@pytest.fixture
async def at(astrid: Visitor, cast: Cast) -> str:
    """The address of Ellen's talk with Bo, Tuesday at ten."""
    return await book(astrid, nurse=cast.bo.actor)


def talk_at(store: SqliteStore, cast: Cast, at: str) -> Talk:
    return store.read_now(talks.get, cast.astrid, at.removeprefix("/talks/"))


def form_of(answer: Answer) -> dict[str, str]:
    """What a page's form would send if nothing were touched."""
    form = answer.text.partition('<form method="post" id="people"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    chosen = re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S)
    for name, options in chosen:
        found = re.search(r'value="([^"]*)" selected', options)
        fields[name] = found[1] if found else ""
    return {name: value for name, value in fields.items() if not name.endswith(".gone")}


async def test_move_keeps_the_nurse_and_says_so(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    page = await astrid.get(f"{at}/move")
    assert TUESDAY_TEN not in slots(page)
    fields = {"version": hidden(page, "version"), "start": str(TUESDAY_TEN + 3 * HOUR), "go": "move"}
    moved = await astrid.post(f"{at}/move", fields)
    assert moved.location == f"{at}?done=moved"
    talk = talk_at(store, cast, at)
    assert (talk.starts_at, talk.nurse) == (TUESDAY_TEN + 3 * HOUR, cast.bo.actor)
    assert "Everybody gets the new time." in words_of(await astrid.get(moved.location))


async def test_an_hours_talk_can_be_moved_by_half_an_hour_from_the_list(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    page = await astrid.get(f"{at}/move")
    longer = {"version": hidden(page, "version"), "start": str(TUESDAY_TEN + 3 * HOUR), "minutes": "60"}
    assert (await astrid.post(f"{at}/move", {**longer, "go": "move"})).status == 303
    later = TUESDAY_TEN + 3 * HOUR + HOUR // 2
    assert later in slots(await astrid.get(f"{at}/move"))
    talk = talk_at(store, cast, at)
    query = "municipality=0540&from=2026-12-01&minutes=60&moving="
    asked = {"Accept": "application/json"}
    by_script = await astrid.get(f"/talks/slots?{query}{talk.id}", headers=asked)
    assert str(later) in by_script.text
    assert (await astrid.get(f"/talks/slots?{query}nobodys", headers=asked)).status == 404


async def test_old_page_shows_what_changed_instead_of_moving_over_it(
    astrid: Visitor, bo: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    page = await astrid.get(f"{at}/move")
    old = {"version": hidden(page, "version"), "seen": hidden(page, "seen"), "go": "move"}
    theirs = await bo.get(f"{at}/move")
    await bo.post(
        f"{at}/move",
        {"version": hidden(theirs, "version"), "start": str(TUESDAY_TEN + 3 * HOUR), "go": "move"},
    )
    refused = await astrid.post(f"{at}/move", {**old, "start": str(TUESDAY_TEN + 5 * HOUR)})
    assert refused.status == 409
    said = words_of(refused)
    assert "Somebody else changed this conversation a moment ago." in said
    assert "Bo Madsen moved the talk" in said
    assert talk_at(store, cast, at).starts_at == TUESDAY_TEN + 3 * HOUR
    again = {"version": hidden(refused, "version"), "start": str(TUESDAY_TEN + 5 * HOUR), "go": "move"}
    assert (await astrid.post(f"{at}/move", again)).status == 303


async def test_move_to_a_taken_time_shows_free_ones(
    astrid: Visitor, cast: Cast, at: str, store: SqliteStore
) -> None:
    await book(
        astrid,
        key="another",
        nurse=cast.bo.actor,
        place="stue 9",
        start=str(TUESDAY_TEN + HOUR),
        patient__reference="HO-18",
    )
    page = await astrid.get(f"{at}/move")
    fields = {"version": hidden(page, "version"), "start": str(TUESDAY_TEN + HOUR), "go": "move"}
    refused = await astrid.post(f"{at}/move", fields)
    assert refused.status == 409
    assert "Bo was booked for 11:00 a moment ago." in words_of(refused)
    assert slots(refused) and TUESDAY_TEN + HOUR not in slots(refused)


async def test_move_without_a_time_and_into_a_skipped_hour_is_explained(astrid: Visitor, at: str) -> None:
    assert wrong_fields(await astrid.post(f"{at}/move", {"go": "move"})) == ["start"]
    skipped = {"go": "move", "date": "2027-03-28", "time": "02:30"}
    assert wrong_fields(await astrid.post(f"{at}/move", skipped)) == ["time"]
    weekend = {"go": "move", "date": "2026-12-05", "time": "10:00", "version": "1"}
    assert wrong_fields(await astrid.post(f"{at}/move", weekend)) == ["time", "override"]


async def test_people_page_sent_back_untouched_changes_nobody(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    before = talk_at(store, cast, at).participants
    form = form_of(await astrid.get(f"{at}/people"))
    assert (await astrid.post(f"{at}/people", {**form, "go": "save"})).status == 303
    assert talk_at(store, cast, at).participants == before


async def test_people_are_taken_off_and_added(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    form = form_of(await astrid.get(f"{at}/people"))
    dag = next(name for name, value in form.items() if value == "Dag Sørensen").rpartition(".")[0]
    form |= {
        f"{dag}.gone": "yes",
        "participants.9.role": "interpreter",
        "participants.9.name": "Amal Hansen",
        "participants.9.email": "amal@tolk.example",
    }
    assert (await astrid.post(f"{at}/people", {**form, "go": "save"})).status == 303
    talk = talk_at(store, cast, at)
    assert sorted(person.name for person in talk.participants) == [
        "Amal Hansen",
        "Astrid Lund",
        "Bo Madsen",
        "Ellen Sørensen",
    ]


async def test_interpreter_is_ordered_with_a_number(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    page = await astrid.get(f"{at}/edit")
    fields = {
        "version": hidden(page, "version"),
        "language": "da",
        "interpreter": "ar",
        "interpreter_state": "ordered",
        "interpreter_reference": "T-55",
        "place": "dagligstuen",
        "minor_children": "no",
        "form": "phone",
    }
    assert (await astrid.post(f"{at}/edit", fields)).location == f"{at}?done=changed"
    talk = talk_at(store, cast, at)
    assert (talk.interpreter, talk.interpreter_state, talk.interpreter_reference) == ("ar", "ordered", "T-55")
    assert (talk.place, talk.minor_children, talk.intended_form) == ("dagligstuen", "no", "phone")


async def test_nurse_answers_and_a_no_hands_the_talk_to_a_colleague(
    bo: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    await bo.post(f"{at}/answer", {"response": "accepted"})
    assert talk_at(store, cast, at).state == "confirmed"
    await bo.post(f"{at}/answer", {"response": "declined"})
    assert talk_at(store, cast, at).nurse == cast.birgit.actor


async def test_first_nurse_who_says_yes_has_the_talk_and_the_second_is_told(
    astrid: Visitor, bo: Visitor, serve: Serve, store: SqliteStore, cast: Cast
) -> None:
    asked = await astrid.post("/talks/new", filled(step="when", go="now", start=None))
    at = asked.location.partition("?")[0]
    assert "I can join" in words_of(await bo.get(at))
    assert "I can join" not in words_of(await astrid.get(at))
    assert (await bo.post(f"{at}/join-now")).location == f"{at}?done=joined"
    birgit = await signed_in(await serve(astrid.app), "birgit@kommune.example")
    late = await birgit.post(f"{at}/join-now")
    assert late.status == 409
    assert "Bo Madsen has taken it." in words_of(late)
    assert talk_at(store, cast, at).nurse == cast.bo.actor


async def test_cancelling_is_asked_first_and_ends_the_talk(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    assert "the links stop working" in words_of(await astrid.get(f"{at}/cancel"))
    assert talk_at(store, cast, at).state == "booked"
    await astrid.post(f"{at}/cancel", {"reason": "Ellen is too tired"})
    talk = talk_at(store, cast, at)
    assert (talk.state, talk.cancel_reason) == ("cancelled", "Ellen is too tired")
    assert "Ellen is too tired" in words_of(await astrid.get(at))


async def test_stop_needs_its_reason_and_can_be_taken_back(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    unsaid = await astrid.post(f"{at}/stop", {})
    assert (unsaid.status, wrong_fields(unsaid)) == (422, ["because"])
    assert talk_at(store, cast, at).stopped_at is None
    await astrid.post(f"{at}/stop", {"because": "died"})
    assert talk_at(store, cast, at).stopped_because == "died"
    page = await astrid.get(at)
    assert "Everything was stopped because the patient has died." in words_of(page)
    assert f'href="{at}/room"' not in page.text
    refused = await astrid.post("/talks/new", filled(step="check", go="book", key="another"))
    assert (refused.status, wrong_fields(refused)) == (422, ["patient.reference"])
    assert (await astrid.post(f"{at}/undo-stop")).location == f"{at}?done=undone"
    await book(astrid, key="another")


async def test_withdrawn_consent_takes_the_talk_from_the_nurse_in_one_press(
    astrid: Visitor, bo: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    (consent,) = store.read_now(consents.of_talk, at.removeprefix("/talks/"))
    pressed = await bo.post(f"{at}/consents/{consent.id}/withdraw")
    assert pressed.location == "/talks?done=withdrawn"
    assert (await bo.get(at)).status == 404
    assert "The nurse has left and will learn no more." in words_of(await bo.get(pressed.location))
    assert "The patient does not want the municipality to take part." in words_of(await astrid.get(at))


async def test_consent_for_a_relative_is_a_row_of_its_own(
    astrid: Visitor, store: SqliteStore, cast: Cast, at: str
) -> None:
    dag = next(person for person in talk_at(store, cast, at).participants if person.role == "relative")
    fields = {"to": f"relative:{dag.id}", "said": "yes", "how": "written", "asked_by": "Astrid Lund"}
    assert (await astrid.post(f"{at}/consents", fields)).location == f"{at}?done=consented"
    rows = store.read_now(consents.of_talk, at.removeprefix("/talks/"))
    assert [(row.recipient, row.how, row.stands) for row in rows if row.to == "relative"] == [
        (dag.id, "written", True)
    ]
    unsaid = await astrid.post(f"{at}/consents", {"to": "everybody", "said": "perhaps"})
    assert unsaid.status == 422
    assert {"to", "said"} <= set(wrong_fields(unsaid))


async def test_somebody_elses_talk_is_not_there_whatever_is_pressed(
    astrid: Visitor, serve: Serve, store: SqliteStore, cast: Cast, at: str
) -> None:
    anton = await signed_in(await serve(astrid.app), "anton@ward.example")
    before = talk_at(store, cast, at)
    for action in ("cancel", "stop", "move", "undo-stop", "national-id", "answer"):
        fields = {"because": "died", "response": "declined", "start": str(NOW + HOUR), "version": "1"}
        assert (action, (await anton.post(f"{at}/{action}", fields)).status) == (action, 404)
    assert talk_at(store, cast, at) == before
