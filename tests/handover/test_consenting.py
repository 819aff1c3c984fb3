"""Consent: withdrawn in one press, the nurse leaves, access closes, sending stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handover import recording
from handover.asking_now import ask_now
from handover.booking import book
from handover.consenting import record_consent, withdraw_consent
from handover.domain.bookings import Changes, ConsentGiven
from handover.domain.outcomes import Outcome
from handover.domain.talks import Talk
from handover.errors import Invalid, NotFound
from handover.moving import change
from handover.store import audit, consents, links, talks
from handover.store.sqlite import SqliteStore
from handover.summarising import let_see, send
from tests.bookings import TEN, YES, letters, wanted, words
from tests.cast import NOW, Cast

LATER = NOW + 60


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Talk:
    store.write_now(words)
    return store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)


def withdraw(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    consent = store.read_now(consents.of_talk, talk.id)[0]
    store.write_now(withdraw_consent, talk.id, consent.id, by=cast.astrid, now=LATER)


def test_one_press_removes_the_nurse_closes_access_and_stops_sending(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    withdraw(store, cast, talk)
    after = store.read_now(talks.get, cast.astrid, talk.id)
    assert (after.state, after.nurse, [one.role for one in after.participants]) == (
        "booked",
        None,
        ["ward", "patient", "relative"],
    )
    for who in (cast.bo, cast.birgit):
        with pytest.raises(NotFound):
            store.read_now(talks.get, who, talk.id)
        assert store.read_now(talks.between, who, TEN, TEN + 1) == []
    assert [row for row in store.read_now(letters, talk.id) if row[1] == "Bo Madsen"] == [
        ("invitation", "Bo Madsen", 0, "dropped"),
        ("cancellation", "Bo Madsen", 1, "queued"),
    ]
    assert len(store.read_now(letters, talk.id)) == 5
    (consent,) = store.read_now(consents.of_talk, talk.id)
    assert (consent.stands, consent.withdrawn_at, consent.withdrawn_by) == (False, LATER, cast.astrid.actor)
    assert store.read_now(audit.of_talk, talk.id)[-1]["action"] == "consent:withdraw"


def test_withdrawing_again_changes_nothing(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    withdraw(store, cast, talk)
    before = store.read_now(talks.get, cast.astrid, talk.id)
    withdraw(store, cast, talk)
    assert store.read_now(talks.get, cast.astrid, talk.id) == before
    assert len(store.read_now(letters, talk.id)) == 5


def test_a_held_talk_is_kept_out_of_the_teams_sight(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(lambda tx: tx.run("update talks set state = 'held' where id = :t", t=talk.id))
    withdraw(store, cast, talk)
    after = store.read_now(talks.get, cast.astrid, talk.id)
    assert (after.state, after.nurse) == ("held", cast.bo.actor)
    assert [row[0] for row in store.read_now(letters, talk.id)] == ["invitation"] * 4
    with pytest.raises(NotFound):
        store.read_now(talks.get, cast.bo, talk.id)


def test_a_no_at_the_start_of_the_talk_takes_the_yes_back(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(record_consent, talk.id, replace(YES, given=False), by=cast.astrid, now=LATER)
    assert store.read_now(talks.get, cast.astrid, talk.id).nurse is None
    assert [row.stands for row in store.read_now(consents.of_talk, talk.id)] == [False, False]


def test_after_a_new_yes_a_nurse_can_be_chosen_again(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    withdraw(store, cast, talk)
    store.write_now(record_consent, talk.id, YES, by=cast.astrid, now=LATER)
    version = store.read_now(talks.get, cast.astrid, talk.id).version
    changes = Changes(nurse=cast.bo.actor)
    after = store.write_now(change, talk.id, changes, version=version, by=cast.astrid, now=LATER)
    assert after.nurse == cast.bo.actor
    assert store.read_now(talks.get, cast.bo, talk.id) == after


def test_a_relative_loses_the_link(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    dag = talk.participants[-1]
    yes = ConsentGiven("relative", True, "spoken", "Astrid Lund", recipient=dag.id)
    consent = store.write_now(record_consent, talk.id, yes, by=cast.astrid, now=LATER)
    store.write_now(withdraw_consent, talk.id, consent, by=cast.astrid, now=LATER)
    after = store.read_now(talks.get, cast.astrid, talk.id)
    assert dag.id not in {one.id for one in after.participants}
    link = store.read_now(links.of_participant, "join", dag.id)
    assert link is not None and link["revoked_at"] == LATER
    assert after.nurse == cast.bo.actor


def test_after_the_talk_a_relatives_summary_closes(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    dag = talk.participants[-1]
    yes = ConsentGiven("relative", True, "spoken", "Astrid Lund", recipient=dag.id)
    consent = store.write_now(record_consent, talk.id, yes, by=cast.astrid, now=LATER)
    store.write_now(recording.record, talk.id, Outcome(present=(dag.id,)), version=0, by=cast.bo, now=LATER)
    store.write_now(let_see, talk.id, dag.id, by=cast.bo, now=LATER)
    store.write_now(send, talk.id, by=cast.bo, now=LATER)
    store.write_now(withdraw_consent, talk.id, consent, by=cast.astrid, now=LATER)
    after = store.read_now(talks.get, cast.astrid, talk.id).participant(dag.id)
    assert after is not None and not after.may_look_back
    told = [row[3] for row in store.read_now(letters, talk.id) if row[:2] == ("summary-ready", dag.name)]
    assert told == ["dropped"]


@pytest.mark.parametrize("recipient", ["Dag Holm", ""])
def test_a_relative_may_be_named_by_a_program_or_meant_by_the_word(
    store: SqliteStore, cast: Cast, recipient: str
) -> None:
    store.write_now(words)
    yes = ConsentGiven("relative", True, "spoken", "Astrid Lund", recipient=recipient)
    talk = store.write_now(book, wanted(consent=(YES, yes)), by=cast.astrid, now=NOW)
    consent = next(one for one in store.read_now(consents.of_talk, talk.id) if one.to == "relative")
    store.write_now(withdraw_consent, talk.id, consent.id, by=cast.astrid, now=LATER)
    after = store.read_now(talks.get, cast.astrid, talk.id)
    assert [person.role for person in after.participants] == ["ward", "nurse", "patient"]
    told = [row for row in store.read_now(letters, talk.id) if row[1] == "Dag Holm" and row[3] != "dropped"]
    assert all(letter != "invitation" for letter, *_ in told)


def test_a_talk_with_nobody_left_is_cancelled(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    hosted = store.write_now(book, wanted(), by=cast.bo, now=NOW)
    consent = store.read_now(consents.of_talk, hosted.id)[0]
    store.write_now(withdraw_consent, hosted.id, consent.id, by=cast.bo, now=LATER)
    after = store.read_now(talks.load, hosted.id)
    assert after is not None and after.state == "cancelled"
    told = {name for letter, name, _, _ in store.read_now(letters, hosted.id) if letter == "cancellation"}
    assert told == {hosted.nurse_name, "Ellen Holm", "Dag Holm"}


def test_a_team_that_was_only_asked_is_asked_no_more(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    asked = store.write_now(ask_now, wanted(), by=cast.astrid, now=NOW)
    withdraw(store, cast, asked)
    after = store.read_now(talks.get, cast.astrid, asked.id)
    assert after.state == "cancelled"
    assert {row[3] for row in store.read_now(letters, asked.id)} == {"dropped"}


def test_consents_of_other_talks_are_not_found_and_bad_ones_refused(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    other = store.write_now(book, wanted(TEN + 3600), by=cast.astrid, now=NOW)
    consent = store.read_now(consents.of_talk, other.id)[0]
    with pytest.raises(NotFound):
        store.write_now(withdraw_consent, talk.id, consent.id, by=cast.astrid, now=LATER)
    with pytest.raises(Invalid):
        store.write_now(record_consent, talk.id, replace(YES, to="newspaper"), by=cast.astrid, now=LATER)


def test_pressing_twice_writes_one_consent(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    gp = ConsentGiven("gp", True, "spoken", "Astrid Lund")
    first = store.write_now(record_consent, talk.id, gp, by=cast.astrid, now=LATER)
    assert store.write_now(record_consent, talk.id, gp, by=cast.astrid, now=LATER + 1) == first
    written = replace(gp, how="written")
    assert store.write_now(record_consent, talk.id, written, by=cast.astrid, now=LATER + 2) != first
    assert [one.how for one in store.read_now(consents.of_talk, talk.id) if one.to == "gp"] == [
        "spoken",
        "written",
    ]


def test_consent_that_was_taken_back_can_be_given_again_at_once(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    withdraw(store, cast, talk)
    store.write_now(record_consent, talk.id, YES, by=cast.astrid, now=LATER + 1)
    assert [one.stands for one in store.read_now(consents.of_talk, talk.id)] == [False, True]
