"""The summary: on paper in the patient's language, by link and code, and as text for the record."""

from __future__ import annotations

import re
from html import unescape

import pytest
from aiohttp import web

from handover.cataloguing import import_offers
from handover.domain import join_links, summary_codes
from handover.domain.access import OPERATOR
from handover.domain.bookings import ConsentGiven
from handover.domain.outcomes import Contact, Decision, Outcome, Unmet
from handover.recording import record
from handover.store import consents, links, photos
from handover.store.engine import Row, Tx
from handover.store.sqlite import SqliteStore
from handover.web.keys import SECRET
from tests import booked, catalogue
from tests.booked import Booked
from tests.cast import NOW, Cast
from tests.conftest import Serve
from tests.visitor import Visitor


@pytest.fixture
def ellens(store: SqliteStore, cast: Cast) -> Booked:
    document = catalogue.document()
    dated = next(one for one in document["offers"] if one["id"] == "sdb-psykolog")
    dated["starts"], dated["time"], dated["place"] = ["2026-12-15"], "10:00", "Rådhuset"
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)
    talk = store.write_now(booked.book, cast)
    outcome = Outcome(
        decisions=(
            Decision("sdb-psykolog", decision="accepted"),
            Decision("sdb-genoptraening", decision="undecided", ask_again="2026-12-08"),
            Decision("sdb-diaetist", decision="declined", reason="too-ill"),
            Decision("sdb-rygestop"),
        ),
        present=(talk.ellen, talk.bo),
        unmet=(Unmet("sexuality", "Samtaler for par"),),
        contact=Contact(account=cast.bo.actor),
        follow_up_on="2026-12-10",
        words="Jeg vil hjem til haven.",
    )
    store.write_now(record, talk.talk, outcome, version=0, by=cast.bo, now=NOW)
    return talk


def link_of(store: SqliteStore, participant: str) -> Row:
    link = store.read_now(links.of_participant, "summary", participant)
    assert link is not None
    return link


def address_of(store: SqliteStore, app: web.Application, participant: str) -> str:
    link = link_of(store, participant)
    return f"/summary/{join_links.token(app[SECRET], 'summary', link['id'], link['generation'])}"


def code_of(store: SqliteStore, app: web.Application, participant: str) -> str:
    return summary_codes.code(app[SECRET], link_of(store, participant))


async def test_staff_prints_it_in_the_patients_language(bo: Visitor, ellens: Booked) -> None:
    answer = await bo.get(f"/talks/{ellens.talk}/summary")
    assert answer.status == 200
    assert '<html lang="da"' in answer.text
    text = unescape(re.sub(r"<[^>]+>", " ", answer.text))
    for words in (
        "Samtaler med psykolog",
        "Rådhuset",
        "Bo Madsen",
        "+45 20 00 00 00",
        "112",
        "Jeg vil hjem til haven.",
    ):
        assert words in text
    assert "Diætist" not in text  # what was declined is not rubbed in
    assert ">BM<" in answer.text  # no photo: initials


async def test_contacts_photo_stands_beside_the_name(
    bo: Visitor, store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    photo = store.write_now(photos.put, cast.bo.actor, "image/jpeg", b"\xff\xd8", now=NOW)
    assert f'src="/photos/{photo}"' in (await bo.get(f"/talks/{ellens.talk}/summary")).text


async def test_link_shows_a_neutral_page_and_changes_nothing(
    client: Visitor, store: SqliteStore, app: web.Application, ellens: Booked
) -> None:
    before = link_of(store, ellens.ellen)
    answer = await client.get(address_of(store, app, ellens.ellen))
    assert answer.status == 200
    assert "Four digits" in answer.text and "+45 74 11 22 33" in answer.text
    for secret in (booked.PATIENT_NAME, "psykolog", "psychologist", "Bo Madsen", "Onkologisk", "Sønderborg"):
        assert secret not in answer.text
    assert link_of(store, ellens.ellen) == before


async def test_the_code_opens_it(
    client: Visitor, store: SqliteStore, app: web.Application, ellens: Booked
) -> None:
    address, code = address_of(store, app, ellens.ellen), code_of(store, app, ellens.ellen)
    answer = await client.post(address, {"code": code})
    assert answer.status == 200
    assert "Talks with a psychologist" in answer.text and "Bo Madsen" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Put the dates in my calendar" in answer.text
    calendar = await client.post(f"{address}/calendar", {"code": code})
    assert calendar.headers["Content-Type"].startswith("text/calendar")
    assert "DTSTART;TZID=Europe/Copenhagen:20261215T100000" in calendar.text
    assert (await client.post(f"{address}/calendar", {"code": "x"})).status == 403
    assert (await client.get(f"{address}/calendar")).status == 405


async def test_reader_meets_their_own_language(
    serve: Serve, store: SqliteStore, app: web.Application, ellens: Booked
) -> None:
    guest = await serve(app)
    guest.http.session.cookie_jar.clear()
    address = address_of(store, app, ellens.ellen)
    assert '<html lang="da"' in (await guest.get(address)).text
    assert '<html lang="da"' in (await guest.post(address, {"code": code_of(store, app, ellens.ellen)})).text


async def test_five_wrong_codes_are_answered_with_the_wards_number(
    client: Visitor, store: SqliteStore, app: web.Application, ellens: Booked
) -> None:
    address = address_of(store, app, ellens.ellen)
    answers = [await client.post(address, {"code": "wrong"}) for _ in range(5)]
    assert [answer.status for answer in answers] == [403] * 5
    assert "You can try 4 more times" in answers[0].text
    assert "You can try once more" in answers[3].text
    assert "The code was typed wrong too often" in answers[4].text
    right = await client.post(address, {"code": code_of(store, app, ellens.ellen)})
    assert right.status == 403 and "psychologist" not in right.text


async def test_wrong_and_unshared_links_look_alike(
    client: Visitor, store: SqliteStore, app: web.Application, ellens: Booked
) -> None:
    store.write_now(links.ensure, "summary", ellens.talk, ellens.dag, now=NOW)
    wrong = await client.get("/summary/nonsense")
    not_shared = await client.get(address_of(store, app, ellens.dag))
    assert (wrong.status, not_shared.status) == (404, 404)
    assert without_address(wrong.text) == without_address(not_shared.text)
    assert (await client.post("/summary/nonsense", {"code": "1234"})).status == 404


def without_address(text: str) -> str:
    return re.sub(r"/summary/\w+|[0-9a-f]{32}", "", text)


async def test_staff_tells_the_code_gives_a_new_one_and_notes_the_patients_yes(
    bo: Visitor, store: SqliteStore, app: web.Application, ellens: Booked
) -> None:
    page = await bo.get(f"/talks/{ellens.talk}/outcome")
    first = code_of(store, app, ellens.ellen)
    assert f'<strong class="code">{first}</strong>' in page.text
    answer = await bo.post(f"/talks/{ellens.talk}/summary/code", {"participant": ellens.ellen})
    assert answer.status == 303
    second = code_of(store, app, ellens.ellen)
    assert second != first and second in (await bo.get(answer.location)).text
    assert "The patient says yes: Dag Sørensen may see it" in page.text
    await bo.post(f"/talks/{ellens.talk}/summary/let-see", {"participant": ellens.dag})
    assert "The patient says yes" not in (await bo.get(f"/talks/{ellens.talk}/outcome")).text


async def test_one_press_sends_the_neutral_mail(bo: Visitor, store: SqliteStore, ellens: Booked) -> None:
    answer = await bo.post(f"/talks/{ellens.talk}/summary/send")
    assert answer.location == f"/talks/{ellens.talk}/outcome?done=sent"
    queued = store.read_now(lambda tx: tx.tuples("select letter, participant from outbox"))
    assert queued == [("summary-ready", ellens.ellen)]
    in_place = await bo.post(f"/talks/{ellens.talk}/summary/send", {"where": "panel"})
    assert in_place.status == 200 and "<html" not in in_place.text


async def test_copy_for_the_record_is_plain_text_with_the_consent_line(
    bo: Visitor, store: SqliteStore, ellens: Booked
) -> None:
    store.write_now(_consents, ellens.talk, ellens.dag)
    answer = await bo.get(f"/talks/{ellens.talk}/outcome/text")
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.S)
    assert found is not None
    assert unescape(found[1]).splitlines() == [
        "Conversation about the time after hospital, Monday 30 November 2026 at 09:30",
        "Form: Video",
        "Who was there: Bo Madsen (municipal nurse), Ellen Sørensen (patient)",
        "Municipality: Sønderborg, Kræftteam",
        "",
        "Consent to Sønderborg: given, spoken, asked by Astrid Lund, Monday 30 November 2026 at 07:30",
        "Consent to Dag Sørensen: given, written, asked by Bo Madsen, Monday 30 November 2026 at 07:31",
        "Consent to GP: not given, spoken, asked by Bo Madsen, Monday 30 November 2026 at 07:32",
        "",
        "Offers",
        "- Dietitian (Sønderborg Kommune): Declined; Too tired or too ill right now",
        "- Physical rehabilitation at the health centre (Sønderborg Kommune): Wants to think; "
        "ask again on 8 December 2026",
        "- Talks with a psychologist (Sønderborg Kommune): Accepted",
        "- Stop smoking (Sønderborg Kommune): shown, nothing decided",
        "- Need without an offer: Intimacy and sexuality: Samtaler for par",
        "",
        "Contact person: Bo Madsen, +45 20 00 00 00",
        "Follow up on: Thursday 10 December 2026",
        "In the patient's own words: Jeg vil hjem til haven.",
        "Recorded by Bo Madsen, Monday 30 November 2026 at 07:30",
    ]


def _consents(tx: Tx, talk: str, dag: str) -> None:
    for minute, consent in enumerate(
        (
            ConsentGiven("municipality", True, "spoken", "Astrid Lund"),
            ConsentGiven("relative", True, "written", "Bo Madsen", recipient=dag),
            ConsentGiven("gp", False, "spoken", "Bo Madsen"),
        )
    ):
        consents.add(tx, talk, "0540", (consent,), recorded_by="x", now=NOW + 60 * minute)
    # Who was taken off the talk meanwhile keeps the name.
    tx.run("update participants set removed_at = :now where id = :dag", now=NOW, dag=dag)
