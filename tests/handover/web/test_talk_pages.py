"""`/talks` and `/talks/{id}`: the list, a page at a time; one talk for those who work with it; slips on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from handover.store import audit, patients, sqlite, talks
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import booked
from tests.cast import NOW, Cast
from tests.handover.web.booking_pages import book, words_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("offers")

HALF_HOUR = 30 * 60
DAY = 24 * 60 * 60


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the database while a test runs."""
    asked: list[str] = []

    def listening(name: str) -> None:
        plain = getattr(sqlite.SqliteTx, name)

        def listened(self: Tx, sql: str, **params: object) -> object:
            asked.append(sql)
            return plain(self, sql, **params)

        monkeypatch.setattr(sqlite.SqliteTx, name, listened)

    for name in ("all", "one", "value", "tuples", "run"):
        listening(name)
    yield asked


def fill_days(tx: Tx, cast: Cast, first: int, count: int) -> None:
    """So many talks of Astrid's ward with Bo, half an hour each."""
    for number in range(count):
        booked.book(tx, cast, starts_at=first + number * HALF_HOUR, reference=f"HO-{number:02}")


def links_to_talks(text: str) -> list[str]:
    return re.findall(r'<h3><a href="(/talks/[a-z2-7]+)">', text)


async def test_list_turns_pages_without_losing_or_repeating_a_talk(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    store.write_now(fill_days, cast, NOW + DAY, 45)
    address, seen = "/talks", []
    while address:
        answer = await astrid.get(address)
        seen.append(links_to_talks(answer.text))
        more = re.search(r'href="(/talks\?[^"]*after=[^"]+)"', answer.text)
        address = more[1].replace("&amp;", "&") if more else ""
    assert [len(page) for page in seen] == [20, 20, 5]
    assert len({talk for page in seen for talk in page}) == 45


async def test_list_takes_three_statements_however_many_talks_there_are(
    astrid: Visitor, store: SqliteStore, cast: Cast, statements: list[str]
) -> None:
    store.write_now(fill_days, cast, NOW + DAY, 25)
    statements.clear()
    await astrid.get("/talks")
    assert len(statements) <= 3, statements


async def test_list_keeps_past_and_coming_and_states_apart(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    past = store.write_now(booked.book, cast, starts_at=NOW - DAY, reference="HO-past")
    store.write_now(booked.set_talk, past.talk, state="held")
    store.write_now(booked.book, cast, starts_at=NOW + DAY, reference="HO-coming")
    store.write_now(booked.book, cast, starts_at=NOW - 60, reference="HO-running", nurse=cast.birgit)
    coming = words_of(await astrid.get("/talks"))
    assert ("HO-coming" in coming, "HO-running" in coming, "HO-past" in coming) == (True, True, False)
    held = words_of(await astrid.get("/talks?past=1&state=held"))
    assert ("HO-coming" in held, "HO-running" in held, "HO-past" in held) == (False, False, True)


async def test_tampered_page_address_begins_again(astrid: Visitor) -> None:
    for after in ("x.y", "99999999999999999999.a", "1", "."):
        assert (await astrid.get(f"/talks?after={after}&state=nonsense")).status == 200


async def test_municipality_sees_the_name_but_never_the_wards_own_number(
    astrid: Visitor, bo: Visitor, cast: Cast
) -> None:
    at = await book(astrid, nurse=cast.bo.actor)
    ward, nurse = words_of(await astrid.get(at)), words_of(await bo.get(at))
    assert ("ES · HO-17" in ward, "HO-17" in nurse) == (True, False)
    assert "HO-17" not in words_of(await bo.get("/talks"))
    assert "Ellen Sørensen" in nurse
    assert "+45 30 30 30 30" in nurse


async def test_children_as_relatives_cannot_be_missed(astrid: Visitor, bo: Visitor, cast: Cast) -> None:
    at = await book(astrid, nurse=cast.bo.actor)
    for page in (await bo.get(at), await bo.get("/talks")):
        assert '<p class="flag">' in page.text
        assert "Children as relatives" in words_of(page)


async def test_national_id_opens_by_a_press_that_is_noted(
    astrid: Visitor, bo: Visitor, store: SqliteStore, cast: Cast
) -> None:
    at = await book(astrid, nurse=cast.bo.actor)
    assert "010203-1234" not in (await bo.get(at)).text
    assert "010203-1234" in words_of(await bo.post(f"{at}/national-id"))
    last = store.read_now(audit.of_talk, at.removeprefix("/talks/"))[-1]
    assert (last["action"], last["actor_name"]) == ("patient:look-up", "Bo Madsen")
    assert "looked at the CPR number" in words_of(await astrid.get(at))


async def test_mail_that_did_not_arrive_is_said(astrid: Visitor, store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(booked.book, cast)
    store.write_now(
        lambda tx: tx.run("update participants set delivery = 'refused' where id = :id", id=talk.dag)
    )
    assert "Mail not delivered to dag@abroad.example" in words_of(await astrid.get(f"/talks/{talk.talk}"))
    assert "Mail not delivered" in words_of(await astrid.get("/talks"))


async def test_only_the_nurse_owes_an_answer(astrid: Visitor, store: SqliteStore, cast: Cast) -> None:
    at = await book(astrid, nurse=cast.bo.actor)
    said = words_of(await astrid.get(at))
    assert said.count("No answer yet") == 1
    assert "dag@abroad.example Mail is on its way" in said
    assert "Afterwards" in said


async def test_cancelled_talk_waits_for_nobody(astrid: Visitor, store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(booked.book, cast).talk
    store.write_now(booked.set_talk, talk, state="cancelled")
    said = words_of(await astrid.get(f"/talks/{talk}"))
    assert "Cancelled" in said
    assert "No answer yet" not in said and "Afterwards" not in said


async def test_slip_gives_each_guest_the_link_in_their_language(
    astrid: Visitor, bo: Visitor, store: SqliteStore, cast: Cast
) -> None:
    at = await book(astrid, nurse=cast.bo.actor, participants__0__language="nb")
    slip = await astrid.get(f"{at}/slip")
    sheets = slip.text.split('<article class="sheet"')[1:]
    assert [re.findall(r"lang=\"(\w+)\"", sheet)[0] for sheet in sheets] == ["da", "nb"]
    links = [re.findall(r"http://[^<\s]+/j/([a-z2-7]+)", sheet) for sheet in sheets]
    assert all(len(found) == 1 for found in links)
    assert "Samtale om tiden etter sykehuset" in sheets[1]
    for (token,) in links:
        assert (await astrid.get(f"/j/{token}")).status == 200
    assert (await bo.get(f"{at}/slip")).status == 404


async def test_slip_of_a_protected_patient_tells_the_place_to_the_patient_alone(
    astrid: Visitor, store: SqliteStore, cast: Cast
) -> None:
    at = await book(astrid, patient__protected_address="yes")
    sheets = (await astrid.get(f"{at}/slip")).text.split('<article class="sheet"')[1:]
    assert ["stue 4" in sheet for sheet in sheets] == [True, False]
    talk = store.read_now(talks.get, cast.astrid, at.removeprefix("/talks/"))
    patient = store.read_now(patients.get, talk.patient)
    assert patient is not None and patient.protected_address
