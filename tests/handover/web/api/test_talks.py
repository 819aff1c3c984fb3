"""Booking, moving and cancelling by API."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from handover import replying
from handover.store.sqlite import SqliteStore
from tests.cast import NOW, Cast
from tests.handover.web.api.conftest import Program, a_booking
from tests.visitor import Answer


def read(answer: Answer, status: int) -> Any:
    assert answer.status == status, answer.text
    return json.loads(answer.text)


async def booked(program: Program, **changes: Any) -> Any:
    return read(await program.ask("POST", "/talks", a_booking(**changes)), 201)


async def test_a_booking_tells_the_talk_the_nurse_and_the_guests_links(hospital: Program, cast: Cast) -> None:
    talk = await booked(hospital)
    assert (talk["start"], talk["end"]) == ("2026-12-01T10:00:00+01:00", "2026-12-01T10:30:00+01:00")
    assert talk["state"] == "booked"
    assert talk["nurse"]["name"] in ("Bo Madsen", "Birgit Holm")
    roles = {person["role"]: "join_url" in person for person in talk["participants"]}
    assert roles == {"ward": False, "nurse": False, "patient": True, "relative": True}


async def test_a_join_link_is_told_once_and_to_nobody_else(hospital: Program, municipality: Program) -> None:
    talk = await booked(hospital)
    for program in (hospital, municipality):
        seen = read(await program.ask("GET", f"/talks/{talk['id']}"), 200)
        assert [person for person in seen["participants"] if "join_url" in person] == []


async def test_the_same_key_gives_the_same_answer_and_one_talk(hospital: Program, store: SqliteStore) -> None:
    first = await hospital.ask("POST", "/talks", a_booking(), Idempotency_Key="k1")
    second = await hospital.ask("POST", "/talks", a_booking(), Idempotency_Key="k1")
    assert (first.status, first.text) == (second.status, second.text)
    assert store.read_now(lambda tx: tx.value("select count(*) from talks")) == 1
    kept = store.read_now(lambda tx: tx.value("select response from idempotency_keys"))
    assert "/j/" in first.text
    assert "/j/" not in kept


async def test_the_same_key_for_another_request_is_refused(hospital: Program) -> None:
    await hospital.ask("POST", "/talks", a_booking(), Idempotency_Key="k1")
    answer = read(await hospital.ask("POST", "/talks", a_booking(minutes=60), Idempotency_Key="k1"), 422)
    assert answer["code"] == "idempotency-key-reused"


async def test_of_many_bookings_of_the_last_free_nurse_one_wins(hospital: Program, cast: Cast) -> None:
    await booked(hospital, nurse=cast.birgit.actor)
    answers = await asyncio.gather(
        *(
            hospital.ask("POST", "/talks", a_booking(patient={"initials": "X", "reference": str(n)}))
            for n in range(10)
        )
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 9
    lost = json.loads(next(answer.text for answer in answers if answer.status == 409))
    assert lost["code"] == "slot-taken"
    assert lost["alternatives"][0]["start"] > "2026-12-01T10:00:00+01:00"


async def test_a_deliberate_double_booking_needs_a_reason(hospital: Program, cast: Cast) -> None:
    await booked(hospital, nurse=cast.bo.actor)
    again = {"initials": "GS", "reference": "SJ-2"}
    assert (await hospital.ask("POST", "/talks", a_booking(nurse=cast.bo.actor, patient=again))).status == 409
    talk = await booked(
        hospital, nurse=cast.bo.actor, patient=again, override="Only hour the family can come"
    )
    assert talk["override"] == "Only hour the family can come"


async def test_without_consent_to_the_municipality_nothing_is_booked(hospital: Program) -> None:
    refused = [{"to": "municipality", "given": False, "how": "spoken", "asked_by": "Astrid"}]
    without = a_booking()
    del without["consent"]
    for body in (a_booking(consent=[]), a_booking(consent=refused), without):
        assert read(await hospital.ask("POST", "/talks", body), 422)["code"] == "consent-missing"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"municipality": "9999"}, "municipality", "unknown"),
        ({"municipality": "4627"}, "municipality", "no-agreement"),
        ({"start": "2026-11-30T07:00:00+01:00"}, "start", "past"),
        ({"start": "2026-12-01T03:00:00+01:00"}, "start", "out-of-hours"),
        ({"start": "2026-12-05T10:00:00+01:00"}, "start", "out-of-hours"),
        ({"start": "2026-12-01T10:00:00"}, "start", "no-offset"),
        ({"start": "soon"}, "start", "unusable"),
        ({"start": "9999-12-31T23:59:59-14:00"}, "start", "year-unusable"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "start", "year-unusable"),
        ({"minutes": 300}, "minutes", "out-of-range"),
        ({"minutes": "30"}, "minutes", "unusable"),
        ({"programme": "unknown"}, "programme", "unknown"),
        ({"themes": ["weather"]}, "themes", "unknown"),
        ({"language": "xx"}, "language", "unknown"),
        ({"discharge_on": "2026-02-30"}, "discharge_on", "not-a-date"),
        (
            {"patient": {"initials": "E", "reference": "r", "name": "A\r\nBcc: x@y"}},
            "patient.name",
            "unreadable",
        ),
        ({"patient": {"initials": "E", "reference": "r", "name": "x" * 10_000}}, "patient.name", "too-long"),
        ({"patient": {"initials": "E", "reference": "r", "name": "\u202egnp"}}, "patient.name", "unreadable"),
        ({"patient": {"initials": "E", "reference": "r", "email": "a@b"}}, "patient.email", "not-an-address"),
        (
            {"patient": {"initials": "E", "reference": "r", "national_id": "12"}},
            "patient.national_id",
            "unusable",
        ),
        ({"nurse": "nobody"}, "nurse", "unknown"),
        ({"colour": "blue"}, "colour", "unknown-field"),
    ],
)
async def test_what_cannot_be_used_is_named_by_field_and_code(
    hospital: Program, changes: dict[str, Any], field: str, code: str
) -> None:
    problem = read(await hospital.ask("POST", "/talks", a_booking(**changes)), 422)
    assert (field, code) in [(one["field"], one["code"]) for one in problem["fields"]], problem
    assert all(one["message"] and "{" not in one["message"] for one in problem["fields"])


async def test_the_same_person_twice_is_refused(hospital: Program) -> None:
    dag = {"role": "relative", "name": "Dag", "email": "dag@example.org"}
    problem = read(await hospital.ask("POST", "/talks", a_booking(participants=[dag, dag])), 422)
    assert [(one["field"], one["code"]) for one in problem["fields"]] == [
        ("participants.1.email", "duplicate")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "null",
        '"x"',
        "[" * 20_000,
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
async def test_what_is_no_json_object_is_malformed(hospital: Program, text: str | bytes) -> None:
    headers = {"Authorization": f"Bearer {hospital.token}", "Content-Type": "application/json"}
    async with hospital.visitor.http.post("/api/v1/talks", data=text, headers=headers) as response:
        assert (response.status, response.content_type) == (400, "application/problem+json")
        assert (await response.json(content_type=None))["code"] == "malformed"


async def test_ten_megabytes_are_too_much(hospital: Program) -> None:
    headers = {"Authorization": f"Bearer {hospital.token}"}
    async with hospital.visitor.http.post(
        "/api/v1/talks", data=b"x" * 10_000_000, headers=headers
    ) as response:
        assert response.status == 413
        assert (await response.json(content_type=None))["code"] == "too-large"


async def test_moving_keeps_the_nurse_and_raises_the_sequence(hospital: Program) -> None:
    talk = await booked(hospital)
    body = {"version": talk["version"], "start": "2026-12-01T11:00:00+01:00"}
    moved = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 200)
    assert (moved["uid"], moved["nurse"], moved["sequence"]) == (talk["uid"], talk["nurse"], 1)
    assert (moved["start"], moved["end"]) == ("2026-12-01T11:00:00+01:00", "2026-12-01T11:30:00+01:00")


async def test_a_stale_change_is_told_what_stands_now(hospital: Program) -> None:
    talk = await booked(hospital)
    body = {"version": talk["version"], "place": "Room 4"}
    changed = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 200)
    problem = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 409)
    assert (problem["code"], problem["current"]) == ("stale-version", changed)
    missing = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", {"place": "Room 5"}), 422)
    assert missing["fields"][0]["field"] == "version"


async def test_cancelling_twice_is_one_cancellation(hospital: Program, store: SqliteStore) -> None:
    talk = await booked(hospital)
    first = read(await hospital.ask("POST", f"/talks/{talk['id']}/cancel", {"reason": "moved away"}), 200)
    again = read(await hospital.ask("DELETE", f"/talks/{talk['id']}"), 200)
    without_a_body = read(await hospital.ask("POST", f"/talks/{talk['id']}/cancel"), 200)
    assert (first["state"], again, without_a_body) == ("cancelled", first, first)
    letters = "select count(*) from outbox where letter = 'cancellation'"
    assert store.read_now(lambda tx: tx.value(letters)) == 3  # the nurse, Ellen, Dag


async def test_a_silent_stop_writes_to_nobody(hospital: Program, store: SqliteStore) -> None:
    talk = await booked(hospital)
    body = {"reason": "died", "silent": True}
    assert read(await hospital.ask("POST", f"/talks/{talk['id']}/cancel", body), 200)["state"] == "cancelled"
    states = store.read_now(lambda tx: {row[0] for row in tx.tuples("select state from outbox")})
    assert states == {"dropped"}


async def test_one_more_can_be_invited(hospital: Program) -> None:
    talk = await booked(hospital)
    interpreter = {"role": "interpreter", "name": "Mona Saleh", "email": "mona@example.org"}
    more = read(await hospital.ask("POST", f"/talks/{talk['id']}/participants", interpreter), 201)
    assert [person["name"] for person in more["participants"]][-1] == "Mona Saleh"
    assert len(more["participants"]) == len(talk["participants"]) + 1


async def test_the_list_may_be_sent_back_as_it_was_read(hospital: Program, store: SqliteStore) -> None:
    talk = await booked(hospital)
    read_again = read(await hospital.ask("GET", f"/talks/{talk['id']}"), 200)["participants"]
    body = {"version": talk["version"], "participants": read_again}
    same = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 200)
    assert (same["participants"], same["sequence"]) == (read_again, 0)
    addresses = store.read_now(lambda tx: {row[0] for row in tx.tuples("select email from participants")})
    assert {"ellen@example.org", "dag@example.org"} <= addresses


async def test_who_is_not_in_the_new_list_is_taken_off_and_who_has_no_id_is_added(hospital: Program) -> None:
    talk = await booked(hospital)
    mona = {"role": "interpreter", "name": "Mona Saleh", "email": "mona@example.org"}
    patient = next(person for person in talk["participants"] if person["role"] == "patient")
    body = {"version": talk["version"], "participants": [{"id": patient["id"], "name": "Ellen H."}, mona]}
    after = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 200)
    names = [person["name"] for person in after["participants"] if person["role"] not in ("ward", "nurse")]
    assert names == ["Ellen H.", "Mona Saleh"]
    assert {person["role"] for person in after["participants"]} >= {"ward", "nurse"}


async def test_nobody_is_made_staff_by_a_list(hospital: Program) -> None:
    talk = await booked(hospital)
    address = f"/talks/{talk['id']}"
    dag = next(person["id"] for person in talk["participants"] if person["role"] == "relative")
    for person in ({"role": "nurse", "name": "Somebody"}, {"role": "ward", "name": "Somebody"}):
        problem = read(await hospital.ask("POST", f"{address}/participants", person), 422)
        assert problem["fields"][0]["code"] == "unknown"
    as_staff = {"version": talk["version"], "participants": [{"id": dag, "role": "ward"}]}
    problem = read(await hospital.ask("PATCH", address, as_staff), 422)
    assert problem["fields"][0]["field"] == "participants.0.role"
    assert read(await hospital.ask("GET", address), 200)["version"] == talk["version"]


async def test_somebody_new_needs_role_and_name(hospital: Program) -> None:
    talk = await booked(hospital)
    body = {"version": talk["version"], "participants": [{"email": "x@example.org"}]}
    problem = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 422)
    assert [one["field"] for one in problem["fields"]] == ["participants.0.role", "participants.0.name"]


async def test_another_time_alone_keeps_the_nurse_or_says_when_they_are_free(
    hospital: Program, cast: Cast
) -> None:
    talk = await booked(hospital, nurse=cast.bo.actor)
    other = {"initials": "GS", "reference": "SJ-2"}
    await booked(hospital, nurse=cast.bo.actor, start="2026-12-01T11:00:00+01:00", patient=other)
    body = {"version": talk["version"], "start": "2026-12-01T11:00:00+01:00"}
    taken = read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 409)
    assert taken["code"] == "slot-taken"
    assert all(cast.bo.actor in [nurse["id"] for nurse in slot["nurses"]] for slot in taken["alternatives"])
    moved = read(
        await hospital.ask(
            "PATCH", f"/talks/{talk['id']}", {**body, "start": taken["alternatives"][0]["start"]}
        ),
        200,
    )
    assert moved["nurse"]["id"] == cast.bo.actor


async def test_answers_are_no_edits(hospital: Program, store: SqliteStore, cast: Cast) -> None:
    talk = await booked(hospital, nurse=cast.bo.actor)
    store.write_now(replying.answer, talk["id"], "accepted", by=cast.bo, now=NOW)
    answered = read(await hospital.ask("GET", f"/talks/{talk['id']}"), 200)
    assert (answered["state"], answered["version"]) == ("confirmed", talk["version"])
    body = {"version": talk["version"], "place": "Room 4"}
    assert read(await hospital.ask("PATCH", f"/talks/{talk['id']}", body), 200)["version"] == 2


async def test_somebody_elses_talk_is_no_talk(hospital: Program, other_municipality: Program) -> None:
    talk = await booked(hospital)
    theirs = await other_municipality.ask("GET", f"/talks/{talk['id']}")
    nothing = await other_municipality.ask("GET", "/talks/aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert (theirs.status, theirs.text) == (404, nothing.text)
    assert read(await other_municipality.ask("GET", "/talks"), 200) == {"items": [], "next": None}


async def test_the_list_is_filtered_by_time_and_state(hospital: Program) -> None:
    talk = await booked(hospital)
    for query, number in (
        ("", 1),
        ("?from=2026-12-01&to=2026-12-02", 1),
        ("?from=2026-12-02", 0),
        ("?state=cancelled", 0),
        ("?from=2026-12-01T09:00:00%2B01:00&to=2026-12-01T10:00:00%2B01:00", 0),
    ):
        items = read(await hospital.ask("GET", f"/talks{query}"), 200)["items"]
        assert [item["id"] for item in items] == [talk["id"]] * number, query
    assert read(await hospital.ask("GET", "/talks?from=yesterday"), 422)["fields"][0]["field"] == "from"


async def test_a_token_without_the_right_is_told_so(
    client: Any, store: SqliteStore, cast: Cast, hospital: Program
) -> None:
    from tests.handover.web.api.conftest import token_of

    reader = Program(client, store.write_now(token_of, cast.hospital, ("talks:read",)))
    assert read(await reader.ask("POST", "/talks", a_booking()), 403)["code"] == "not-allowed"
    nobody = Program(client, "guessed")
    assert read(await nobody.ask("GET", "/talks"), 401)["code"] == "token-wanted"
