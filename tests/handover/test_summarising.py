"""What the patient takes home, and who may see it."""

from __future__ import annotations

import json

import pytest

from handover import summarising
from handover.cataloguing import import_offers
from handover.domain import join_links, summary_codes
from handover.domain.access import OPERATOR
from handover.domain.outcomes import Contact, Decision, Outcome
from handover.errors import Conflict, Expired, NotFound
from handover.recording import record
from handover.store import audit, links
from handover.store.engine import Row
from handover.store.sqlite import SqliteStore
from handover.summarising import (
    Refused,
    Summary,
    addressee,
    let_see,
    new_code,
    readers,
    send,
    summary_of,
    unlock,
)
from tests import booked, catalogue
from tests.booked import ENDS_AT, Booked
from tests.cast import NOW, Cast

KEY = b"k" * 32
DAY = 24 * 3600


@pytest.fixture
def ellens(store: SqliteStore, cast: Cast) -> Booked:
    store.write_now(catalogue.fill)
    return store.write_now(booked.book, cast)


@pytest.fixture
def recorded(store: SqliteStore, cast: Cast, ellens: Booked) -> Booked:
    outcome = Outcome(
        decisions=(
            Decision("sdb-psykolog", decision="accepted"),
            Decision("sdb-genoptraening", decision="undecided", ask_again="2026-12-08"),
            Decision("sdb-diaetist", decision="declined"),
        ),
        contact=Contact(account=cast.bo.actor),
    )
    store.write_now(record, ellens.talk, outcome, version=0, by=cast.bo, now=NOW)
    return ellens


def link_of(store: SqliteStore, participant: str) -> Row:
    link = store.read_now(links.of_participant, "summary", participant)
    assert link is not None
    return link


def token_of(store: SqliteStore, participant: str) -> str:
    link = link_of(store, participant)
    return join_links.token(KEY, "summary", link["id"], link["generation"])


def letters(store: SqliteStore) -> list[tuple[str, str]]:
    rows = store.read_now(lambda tx: tx.tuples("select letter, participant from outbox order by number"))
    return [(letter, participant) for letter, participant in rows]


def test_summary_says_what_was_accepted_what_to_think_about_and_whom_to_ring(
    store: SqliteStore, cast: Cast, recorded: Booked
) -> None:
    summary = store.read_now(summary_of, recorded.talk, by=cast.astrid)
    assert [one.offer.id for one in summary.accepted] == ["sdb-psykolog"]
    assert [(one.offer.id, one.decision.ask_again) for one in summary.thinking] == [
        ("sdb-genoptraening", "2026-12-08")
    ]
    assert (summary.contact.name, summary.contact_phone) == ("Bo Madsen", "+45 20 00 00 00")
    assert (summary.phone, summary.emergency) == ("+45 74 11 22 33", "112")


def test_without_a_contact_person_the_team_is_rung(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    store.write_now(record, ellens.talk, Outcome(), version=0, by=cast.bo, now=NOW)
    summary = store.read_now(summary_of, ellens.talk, by=cast.bo)
    assert (summary.contact.name, summary.contact_phone) == ("", "+45 74 11 22 33")


def test_there_is_no_summary_before_the_outcome(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    with pytest.raises(Conflict) as caught:
        store.read_now(summary_of, ellens.talk, by=cast.bo)
    assert caught.value.code == "no-outcome"
    with pytest.raises(Conflict):
        store.write_now(send, ellens.talk, by=cast.bo, now=NOW)
    assert letters(store) == []


def test_link_and_code_open_the_summary_and_it_is_noted(
    store: SqliteStore, cast: Cast, recorded: Booked
) -> None:
    token = token_of(store, recorded.ellen)
    code = summary_codes.code(KEY, link_of(store, recorded.ellen))
    summary = store.write_now(unlock, token, code, key=KEY, now=NOW)
    assert isinstance(summary, Summary) and summary.patient.name == booked.PATIENT_NAME
    last = store.read_now(audit.of_talk, recorded.talk)[-1]
    assert (last["action"], last["actor_kind"], last["actor_name"]) == (
        "summary:read",
        "guest",
        booked.PATIENT_NAME,
    )


def test_five_wrong_codes_close_the_link_until_there_is_a_new_code(
    store: SqliteStore, cast: Cast, recorded: Booked
) -> None:
    token = token_of(store, recorded.ellen)
    right = summary_codes.code(KEY, link_of(store, recorded.ellen))
    wrong = f"{(int(right) + 1) % 10_000:04d}"
    left = [store.write_now(unlock, token, wrong, key=KEY, now=NOW) for _ in range(5)]
    assert left == [Refused(4), Refused(3), Refused(2), Refused(1), Refused(0)]
    assert store.write_now(unlock, token, right, key=KEY, now=NOW) == Refused(0)
    [ellen, _] = store.read_now(readers, recorded.talk, key=KEY, by=cast.bo)
    assert ellen.used_up
    store.write_now(new_code, recorded.talk, recorded.ellen, by=cast.bo, now=NOW)
    new = summary_codes.code(KEY, link_of(store, recorded.ellen))
    assert isinstance(store.write_now(unlock, token, new, key=KEY, now=NOW), Summary)


def test_the_right_code_forgives_the_wrong_ones(store: SqliteStore, cast: Cast, recorded: Booked) -> None:
    token = token_of(store, recorded.ellen)
    right = summary_codes.code(KEY, link_of(store, recorded.ellen))
    for _ in range(4):
        store.write_now(unlock, token, "x", key=KEY, now=NOW)
    store.write_now(unlock, token, right, key=KEY, now=NOW)
    assert link_of(store, recorded.ellen)["tries"] == 0


def test_link_ends_after_thirty_days_and_with_the_talk(
    store: SqliteStore, cast: Cast, recorded: Booked
) -> None:
    token = token_of(store, recorded.ellen)
    store.read_now(addressee, token, key=KEY, now=ENDS_AT + 30 * DAY - 1)
    with pytest.raises(Expired):
        store.read_now(addressee, token, key=KEY, now=ENDS_AT + 30 * DAY)
    store.write_now(booked.set_talk, recorded.talk, stopped_at=NOW)
    with pytest.raises(Expired):
        store.read_now(addressee, token, key=KEY, now=NOW)


def test_wrong_revoked_and_join_tokens_open_nothing(store: SqliteStore, cast: Cast, recorded: Booked) -> None:
    token = token_of(store, recorded.ellen)
    link = link_of(store, recorded.ellen)
    for wrong in (
        "nonsense",
        token[:-1] + ("a" if token[-1] != "a" else "b"),
        join_links.token(KEY, "join", link["id"], 1),
        join_links.token(b"o" * 32, "summary", link["id"], 1),
    ):
        with pytest.raises(Expired):
            store.read_now(addressee, wrong, key=KEY, now=NOW)
    store.write_now(links.revoke_of_participant, recorded.ellen, now=NOW)
    with pytest.raises(Expired):
        store.read_now(addressee, token, key=KEY, now=NOW)


def test_relative_gets_nothing_before_the_patients_yes(
    store: SqliteStore, cast: Cast, recorded: Booked
) -> None:
    assert store.write_now(send, recorded.talk, by=cast.bo, now=NOW) == [booked.PATIENT_NAME]
    assert letters(store) == [("summary-ready", recorded.ellen)]
    store.write_now(links.ensure, "summary", recorded.talk, recorded.dag, now=NOW)
    with pytest.raises(Expired):
        store.read_now(addressee, token_of(store, recorded.dag), key=KEY, now=NOW)
    store.write_now(let_see, recorded.talk, recorded.dag, by=cast.bo, now=NOW)
    store.write_now(let_see, recorded.talk, recorded.dag, by=cast.bo, now=NOW)
    assert [row["action"] for row in store.read_now(audit.of_talk, recorded.talk)].count(
        "summary:let-see"
    ) == 1
    assert store.read_now(addressee, token_of(store, recorded.dag), key=KEY, now=NOW)[1].id == recorded.dag
    store.write_now(send, recorded.talk, by=cast.bo, now=NOW)
    assert letters(store)[1:] == [("summary-ready", recorded.dag)]


def test_pressing_send_twice_writes_once_and_again_when_a_mail_may_be_lost(
    store: SqliteStore, cast: Cast, recorded: Booked
) -> None:
    store.write_now(send, recorded.talk, by=cast.bo, now=NOW)
    assert store.write_now(send, recorded.talk, by=cast.astrid, now=NOW + 2) == []
    assert letters(store) == [("summary-ready", recorded.ellen)]
    assert [row["action"] for row in store.read_now(audit.of_talk, recorded.talk)].count("summary:send") == 1
    assert store.write_now(send, recorded.talk, by=cast.bo, now=NOW + 600) == [booked.PATIENT_NAME]
    assert len(letters(store)) == 2


def test_summary_that_was_not_delivered_can_be_sent_again_at_once(
    store: SqliteStore, cast: Cast, recorded: Booked
) -> None:
    store.write_now(send, recorded.talk, by=cast.bo, now=NOW)
    store.write_now(lambda tx: tx.run("update outbox set state = 'refused'"))
    assert store.write_now(send, recorded.talk, by=cast.bo, now=NOW + 2) == [booked.PATIENT_NAME]


def test_nothing_is_sent_about_a_stopped_talk(store: SqliteStore, cast: Cast, recorded: Booked) -> None:
    store.write_now(booked.set_talk, recorded.talk, stopped_at=NOW)
    with pytest.raises(Conflict) as caught:
        store.write_now(send, recorded.talk, by=cast.bo, now=NOW)
    assert caught.value.code == "patient-stopped"
    assert letters(store) == []


def test_the_letter_says_nothing_of_the_outcome(store: SqliteStore, cast: Cast, recorded: Booked) -> None:
    store.write_now(send, recorded.talk, by=cast.bo, now=NOW)
    facts = store.read_now(lambda tx: tx.value("select facts from outbox"))
    assert json.loads(facts) == {}


def test_who_has_no_address_is_given_paper(store: SqliteStore, cast: Cast, recorded: Booked) -> None:
    store.write_now(
        lambda tx: tx.run("update participants set email = '' where talk = :talk", talk=recorded.talk)
    )
    with pytest.raises(Conflict) as caught:
        store.write_now(send, recorded.talk, by=cast.bo, now=NOW)
    assert caught.value.code == "no-address"


def test_there_is_a_code_to_tell_as_soon_as_somebody_asks_for_one(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    assert [one.code for one in store.read_now(readers, ellens.talk, key=KEY, by=cast.bo)] == ["", ""]
    store.write_now(new_code, ellens.talk, ellens.ellen, by=cast.bo, now=NOW)
    code = summary_codes.code(KEY, link_of(store, ellens.ellen))
    assert [one.code for one in store.read_now(readers, ellens.talk, key=KEY, by=cast.bo)] == [code, ""]


def test_only_patient_and_relatives_get_codes(store: SqliteStore, cast: Cast, recorded: Booked) -> None:
    for participant in (recorded.bo, "nobody"):
        with pytest.raises(NotFound):
            store.write_now(new_code, recorded.talk, participant, by=cast.bo, now=NOW)
    with pytest.raises(NotFound):
        store.write_now(new_code, recorded.talk, recorded.ellen, by=cast.lis, now=NOW)


def test_dated_offers_become_calendar_entries(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    document = catalogue.document()
    dated = next(one for one in document["offers"] if one["id"] == "sdb-psykolog")
    dated["starts"], dated["time"] = ["2026-01-05", "2026-12-15"], "10:00"
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)
    outcome = Outcome(
        decisions=(
            Decision("sdb-psykolog", decision="accepted"),
            Decision("sdb-diaetist", decision="accepted"),
        )
    )
    store.write_now(record, ellens.talk, outcome, version=0, by=cast.bo, now=NOW)
    summary = store.read_now(summary_of, ellens.talk, by=cast.bo)
    assert [one.offer.id for one in summarising.dated(summary)] == ["sdb-psykolog"]
    calendar = summarising.calendar_of(summary, "da").decode()
    assert calendar.count("BEGIN:VEVENT") == 1
    assert "DTSTART;TZID=Europe/Copenhagen:20261215T100000" in calendar
    assert "SUMMARY:Samtaler med psykolog" in calendar
    assert "METHOD" not in calendar
    assert calendar == summarising.calendar_of(summary, "da").decode()
