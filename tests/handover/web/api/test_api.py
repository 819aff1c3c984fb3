"""The rest of the API: who one is, free times, offers, outcomes, and the document that describes it all."""

from __future__ import annotations

import json
from typing import Any

from tests.cast import Cast
from tests.handover.web.api.conftest import SCOPES, Program, a_booking
from tests.handover.web.api.test_talks import booked, read


async def test_me_tells_organisation_wards_and_scopes(hospital: Program, cast: Cast) -> None:
    told = read(await hospital.ask("GET", "/me"), 200)
    assert told["organisation"] == {"id": cast.hospital, "name": "Sygehus Sønderjylland"}
    assert [ward["name"] for ward in told["wards"]] == ["Lungemedicinsk afsnit", "Onkologisk afsnit"]
    assert (told["teams"], told["scopes"]) == ([], sorted(SCOPES))


async def test_slots_are_what_can_be_booked(hospital: Program) -> None:
    told = read(await hospital.ask("GET", "/slots?municipality=0540&from=2026-12-01&days=1&minutes=30"), 200)
    assert (told["slots"][0]["start"], told["slots"][-1]["end"]) == (
        "2026-12-01T08:00:00+01:00",
        "2026-12-01T16:00:00+01:00",
    )
    assert {nurse["name"] for nurse in told["slots"][0]["nurses"]} == {"Bo Madsen", "Birgit Holm"}
    await booked(hospital, start=told["slots"][0]["start"])
    after = read(await hospital.ask("GET", "/slots?municipality=0540&from=2026-12-01&days=1&minutes=30"), 200)
    assert len(after["slots"][0]["nurses"]) == 1


async def test_slots_refuse_what_is_no_question(hospital: Program) -> None:
    for query in (
        "municipality=0540&from=x",
        "municipality=0540&from=2026-12-01&days=61",
        "municipality=0540&from=9999-12-31&days=60",
        "municipality=0540&from=0001-01-01",
        "municipality=0000&from=2026-12-01",
    ):
        assert read(await hospital.ask("GET", f"/slots?{query}"), 422)["fields"]


async def test_anybody_may_read_the_catalogue(hospital: Program) -> None:
    async with hospital.visitor.http.get(
        "/api/v1/offers?municipality=0540&programme=cancer&lang=da"
    ) as response:
        items = (await response.json())["items"]
    assert "Genoptræning på sundhedscenteret" in [item["name"] for item in items]
    assert {item["lang"] for item in items} <= {"da", "nb", "en"}


async def test_an_address_that_is_not_there_is_a_problem_too(hospital: Program) -> None:
    for method, path, status, code in (
        ("GET", "/nothing", 404, "not-found"),
        ("PUT", "/me", 405, "method-not-allowed"),
    ):
        answer = await hospital.ask(method, path)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert read(answer, status)["code"] == code


async def test_an_outcome_is_saved_and_read_back(hospital: Program, municipality: Program) -> None:
    talk = await booked(hospital)
    offer = read(await hospital.ask("GET", "/offers?municipality=0540&programme=cancer&lang=da"), 200)[
        "items"
    ][0]["id"]
    body = {
        "version": 0,
        "form": "video",
        "present": [talk["participants"][0]["id"]],
        "decisions": [{"offer": offer, "for": "patient", "decision": "accepted", "reason": ""}],
        "unmet": [{"theme": "work", "words": "Somebody to talk to the employer"}],
        "contact": {"name": "Bo Madsen", "phone": "+45 20 00 00 00", "hours": "8-15"},
        "follow_up_on": "2027-03-15",
    }
    saved = read(await municipality.ask("PUT", f"/talks/{talk['id']}/outcome", body), 200)
    again = read(await hospital.ask("GET", f"/talks/{talk['id']}/outcome"), 200)
    assert saved == again
    assert (again["version"], again["decisions"][0]["decision"]) == (1, "accepted")
    sent_back = read(await hospital.ask("PUT", f"/talks/{talk['id']}/outcome", again), 200)
    assert sent_back == {**again, "version": 2}
    stale = read(await hospital.ask("PUT", f"/talks/{talk['id']}/outcome", body), 409)
    assert (stale["code"], stale["current"]["version"]) == ("stale-version", 2)
    assert read(await hospital.ask("GET", f"/talks/{talk['id']}"), 200)["state"] == "held"


async def test_the_document_describes_every_operation(hospital: Program) -> None:
    async with hospital.visitor.http.get("/api/v1/openapi.json") as response:
        document = await response.json()
    assert document["openapi"] == "3.1.0"
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in hospital.visitor.app.router.routes()
        if route.resource is not None
        and route.resource.canonical.startswith("/api/v1/")
        and route.method != "HEAD"
    } - {("get", "/api/v1/openapi.json")}
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert described == routes
    _every_reference_leads_somewhere(document, document)


def _every_reference_leads_somewhere(part: Any, document: dict[str, Any]) -> None:
    if isinstance(part, dict):
        if "$ref" in part:
            assert part["$ref"].rsplit("/", 1)[1] in document["components"]["schemas"], part
        for value in part.values():
            _every_reference_leads_somewhere(value, document)
    elif isinstance(part, list):
        for value in part:
            _every_reference_leads_somewhere(value, document)


async def test_the_document_asks_for_what_the_parser_asks_for(hospital: Program) -> None:
    async with hospital.visitor.http.get("/api/v1/openapi.json") as response:
        wanted = (await response.json())["components"]["schemas"]["TalkIn"]["required"]
    for field in wanted:
        body = {name: value for name, value in a_booking().items() if name != field}
        problem = json.loads((await hospital.ask("POST", "/talks", body)).text)
        assert field in [one["field"] for one in problem["fields"]]
