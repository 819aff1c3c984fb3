"""Booking: what it writes, whom it invites, whom it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handover.domain.access import Scope
from handover.domain.bookings import ConsentGiven, Guest, PatientFacts
from handover.errors import Conflict, Invalid, NotAllowed, NotFound
from handover.store import audit, consents, patients, places, talks
from handover.store.sqlite import SqliteStore
from tests.bookings import DAG, ELLEN, TEN, YES, at, letters
from tests.cast import NOW, Cast
from tests.handover.conftest import Book, fields


def test_what_is_booked_is_what_is_read(booked: Book, store: SqliteStore, cast: Cast) -> None:
    talk = booked(
        themes=("fatigue",), place="Stue 4", interpreter="ar", minor_children="yes", discharge_on="2026-12-03"
    )
    assert store.read_now(talks.get, cast.astrid, talk.id) == talk
    assert talk.minutes == 60
    assert talk.interpreter_state == "needed"


def test_ward_nurse_patient_and_guests_are_invited_in_the_same_transaction(
    booked: Book, store: SqliteStore
) -> None:
    talk = booked(nurse=None)
    people = [(one.role, one.name, one.account is None) for one in talk.participants]
    assert people[0] == ("ward", "Astrid Lund", False)
    assert [role for role, _, _ in people] == ["ward", "nurse", "patient", "relative"]
    assert [row[0:4:3] for row in store.read_now(letters, talk.id)] == [("invitation", "queued")] * 4
    linked = store.read_now(lambda tx: tx.tuples("select participant from links where talk = :t", t=talk.id))
    assert {row[0] for row in linked} == {one.id for one in talk.participants if one.guest}


def test_who_has_no_mail_gets_a_link_for_the_slip_and_no_letter(booked: Book, store: SqliteStore) -> None:
    talk = booked(patient=replace(ELLEN, email=""), participants=())
    assert [name for _, name, _, _ in store.read_now(letters, talk.id)] == ["Astrid Lund", talk.nurse_name]
    linked = store.read_now(lambda tx: tx.value("select count(*) from links where talk = :t", t=talk.id))
    assert linked == 1


def test_booking_is_audited_without_a_word_about_the_patient(booked: Book, store: SqliteStore) -> None:
    talk = booked()
    (event,) = store.read_now(audit.of_talk, talk.id)
    assert (event["action"], event["actor_name"]) == ("talk:book", "Astrid Lund")
    assert "Ellen" not in event["detail"] and "HO-17" not in event["detail"]


def test_a_refused_booking_leaves_nothing_behind(booked: Book, store: SqliteStore, cast: Cast) -> None:
    booked(nurse=cast.bo.actor)
    with pytest.raises(Conflict):
        booked(nurse=cast.bo.actor, patient=replace(ELLEN, reference="HO-18"))
    counts = store.read_now(
        lambda tx: [tx.value(f"select count(*) from {table}") for table in ("talks", "patients", "consents")]
    )
    assert counts == [1, 1, 1]


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"minutes": 5}, "minutes", "out-of-range"),
        ({"minutes": 300}, "minutes", "out-of-range"),
        ({"programme": "magic"}, "programme", "unknown"),
        ({"themes": ("magic",)}, "themes", "unknown"),
        ({"municipality": "9999"}, "municipality", "unknown"),
        ({"discharge_on": "3/12"}, "discharge_on", "not-a-date"),
        ({"minor_children": "two"}, "minor_children", "unknown"),
        ({"ward": "Ortopædkirurgisk"}, "ward", "unknown"),
        ({"ward": "Lungemedicinsk afsnit"}, "ward", "unknown"),
        ({"patient": replace(ELLEN, reference=" ")}, "patient.reference", "missing"),
        ({"participants": (DAG, replace(DAG, name="D. Holm"))}, "participants.1.email", "duplicate"),
        (
            {"participants": (DAG, replace(DAG, email="", name="dag holm"))},
            "participants.1.name",
            "duplicate",
        ),
        (
            {"participants": (Guest("patient", "A"), Guest("patient", "B"))},
            "participants.1.name",
            "duplicate",
        ),
        ({"participants": (Guest("nurse", "Bo"),)}, "participants.0.role", "unknown"),
        (
            {"participants": (Guest("ward", "Anton", "anton@ward.example"),)},
            "participants.0.email",
            "unknown",
        ),
        ({"consent": (replace(YES, how="behalf"),)}, "consent.0.basis", "missing"),
        ({"consent": (replace(YES, asked_by=""),)}, "consent.0.asked_by", "missing"),
    ],
)
def test_fields_that_cannot_be_used_are_named(booked: Book, facts: Any, field: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        booked(**facts)
    assert fields(caught.value) == [(field, code)]


@pytest.mark.parametrize(
    "consent", [(), (replace(YES, given=False),), (ConsentGiven("gp", True, "spoken", "A"),)]
)
def test_without_a_given_consent_to_the_municipality_nothing_is_booked(booked: Book, consent: Any) -> None:
    with pytest.raises(Invalid) as caught:
        booked(consent=consent)
    assert caught.value.code == "consent-missing"


def test_consents_are_rows_for_each_recipient(booked: Book, store: SqliteStore, cast: Cast) -> None:
    gp = ConsentGiven("gp", False, "written", "Astrid Lund", recipient="Lægerne i Byen")
    talk = booked(consent=(YES, gp))
    rows = store.read_now(consents.of_talk, talk.id)
    assert {(row.to, row.recipient, row.stands) for row in rows} == {
        ("municipality", "0540", True),
        ("gp", "Lægerne i Byen", False),
    }


def test_a_hospital_books_only_by_agreement(booked: Book, cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        booked(municipality="4627")
    assert caught.value.code == "no-agreement"


def test_an_agreement_counts_from_its_day(booked: Book, store: SqliteStore, cast: Cast) -> None:
    store.write_now(places.agree, cast.haukeland, cast.soenderborg, "2026-12-24")
    ward = replace(
        cast.astrid, organisation=cast.haukeland, units=frozenset({cast.haukeland_ward}), zone="Europe/Oslo"
    )
    with pytest.raises(Invalid) as caught:
        booked(by=ward)
    assert caught.value.code == "no-agreement"


@pytest.mark.parametrize("who", ["ida", "oda", "admin"])
def test_other_roles_do_not_book(booked: Book, cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        booked(by=getattr(cast, who))


def test_the_patient_is_known_again_by_reference(booked: Book, store: SqliteStore) -> None:
    first = booked()
    second = booked(TEN + 3600, patient=PatientFacts("EH", "HO-17", phone="+45 99 99 99 99"))
    assert (second.patient, second.pathway) == (first.patient, first.pathway)
    ellen = store.read_now(patients.get, first.patient)
    assert ellen is not None
    assert (ellen.name, ellen.phone, ellen.email) == ("Ellen Holm", "+45 99 99 99 99", "ellen@post.example")


def test_an_interpreter_speaks_for_the_patient(booked: Book) -> None:
    talk = booked(interpreter="ar", participants=(Guest("interpreter", "Samir", "samir@tolk.example"),))
    patient = next(one for one in talk.participants if one.role == "patient")
    assert talk.participants[-1].speaks_for == patient.id


def program(cast: Cast, organisation: str, *units: str) -> Scope:
    return Scope(
        "program", "token", "EPJ", organisation, None, frozenset(units), frozenset({"talks:read", "talks:write"}),
        organisation_kind="hospital",
    )  # fmt: skip


def test_a_program_books_for_a_ward_by_name_and_the_ward_gets_no_mail(
    booked: Book, store: SqliteStore, cast: Cast
) -> None:
    by = program(cast, cast.hospital, cast.ward, cast.other_ward)
    with pytest.raises(Invalid) as caught:
        booked(by=by)
    assert fields(caught.value) == [("ward", "missing")]
    talk = booked(by=by, ward="Onkologisk afsnit")
    assert (talk.ward, talk.participants[0].name, talk.participants[0].guest) == (
        cast.ward,
        "Onkologisk afsnit",
        False,
    )
    assert len(store.read_now(letters, talk.id)) == 3
    named = booked(
        TEN + 3600, by=by, ward=cast.ward, participants=(Guest("ward", "A", "Astrid@ward.example"),)
    )
    assert named.participants[0].account == cast.astrid.actor


def test_a_municipality_hosts_a_talk_of_its_own(booked: Book, cast: Cast) -> None:
    talk = booked(by=cast.bo, nurse=cast.bo.actor)
    assert (talk.hospital, talk.ward, [one.role for one in talk.participants]) == (
        cast.soenderborg,
        None,
        ["nurse", "patient", "relative"],
    )
    with pytest.raises(Invalid):
        booked(TEN + 3600, by=cast.bo, municipality="0173")


def test_talks_are_seen_by_their_ward_and_team_alone(booked: Book, store: SqliteStore, cast: Cast) -> None:
    talk = booked()
    for who in (cast.astrid, cast.bo, cast.birgit):
        assert store.read_now(talks.get, who, talk.id).id == talk.id
        assert [one.id for one in store.read_now(talks.between, who, TEN, TEN + 1)] == [talk.id]
    for who in (cast.anton, cast.lis, cast.kari, cast.oda, cast.ida):
        with pytest.raises(NotFound):
            store.read_now(talks.get, who, talk.id)
        assert store.read_now(talks.between, who, TEN, TEN + 1) == []


def test_the_list_goes_on_where_it_stopped(booked: Book, store: SqliteStore, cast: Cast) -> None:
    some = [booked(at(f"2026-12-01 {hour:02}:00")) for hour in (8, 9, 10)]
    page = store.read_now(talks.between, cast.astrid, NOW, NOW + 10**6, limit=2)
    rest = store.read_now(
        talks.between, cast.astrid, NOW, NOW + 10**6, limit=2, after=(page[-1].starts_at, page[-1].id)
    )
    assert [one.id for one in [*page, *rest]] == [one.id for one in some]
    assert store.read_now(talks.between, cast.astrid, NOW, NOW + 10**6, ["cancelled"]) == []
