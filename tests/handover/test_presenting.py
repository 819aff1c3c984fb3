"""Showing offers: who sees what, in which version, while they talk and afterwards."""

from __future__ import annotations

import pytest

from handover import presenting, recording
from handover.cataloguing import import_offers
from handover.domain.access import OPERATOR
from handover.domain.offers import Audience
from handover.domain.outcomes import Decision, Outcome
from handover.errors import Conflict, NotAllowed, NotFound
from handover.presenting import show
from handover.store import audit, stays, talks
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import booked, catalogue
from tests.booked import Booked
from tests.cast import NOW, Cast


@pytest.fixture
def ellens(store: SqliteStore, cast: Cast) -> Booked:
    store.write_now(catalogue.fill)
    return store.write_now(booked.book, cast)


def seat(tx: Tx, talk: str, participant: str, left_at: int | None = None) -> None:
    """Let somebody in behind the stories' backs."""
    tx.run(
        """
        insert into seats (participant, talk, name, admitted_at) values (:participant, :talk, '', 1)
        on conflict (participant) do nothing
        """,
        participant=participant,
        talk=talk,
    )
    if left_at is not None:
        stays.begin(tx, talk, participant, "device", account=None, now=left_at - 1)
        stays.finish(tx, talk, participant, "device", now=left_at)


def seen_by(tx: Tx, talk: str, participant: str) -> list[str]:
    found = talks.load(tx, talk)
    assert found is not None
    person = found.participant(participant)
    assert person is not None
    return [one.offer.id for one in presenting.shown_to(tx, found, person)]


def test_an_offer_shown_by_mistake_leaves_the_screens_and_was_never_shown(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    store.write_now(show, ellens.talk, "sdb-psykolog", "everyone", by=cast.bo, now=NOW)
    for _ in range(2):
        store.write_now(presenting.take_away, ellens.talk, "sdb-psykolog", by=cast.bo, now=NOW)
    assert on_screens(store, ellens.talk) == []
    _, outcome = store.read_now(recording.outcome_of, ellens.talk, by=cast.bo)
    assert outcome.decisions == ()


def test_an_offer_in_the_saved_outcome_stays_on_the_screens(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    store.write_now(show, ellens.talk, "sdb-psykolog", "everyone", by=cast.bo, now=NOW)
    yes = Outcome(decisions=(Decision("sdb-psykolog", decision="accepted"),))
    store.write_now(recording.record, ellens.talk, yes, version=0, by=cast.bo, now=NOW)
    with pytest.raises(Conflict) as refused:
        store.write_now(presenting.take_away, ellens.talk, "sdb-psykolog", by=cast.bo, now=NOW)
    assert refused.value.code == "offer-recorded"
    with pytest.raises(NotFound):
        store.write_now(presenting.take_away, ellens.talk, "sdb-psykolog", by=cast.lis, now=NOW)


def on_screens(store: SqliteStore, talk: str) -> list[tuple[str, str]]:
    return [(one.offer.id, one.audience) for one in store.read_now(presenting.shown, talk)]


def put_up(
    store: SqliteStore, cast: Cast, talk: str, offer: str, audience: Audience = "everyone", at: int = 0
) -> None:
    store.write_now(show, talk, offer, audience, by=cast.bo, now=NOW + at)


def test_newest_offer_stands_first(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    put_up(store, cast, ellens.talk, "sdb-diaetist", at=60)
    assert on_screens(store, ellens.talk) == [("sdb-diaetist", "everyone"), ("sdb-psykolog", "everyone")]


def test_showing_again_changes_nothing_and_is_noted_once(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    before = store.read_now(lambda tx: tx.all("select * from showings"))
    put_up(store, cast, ellens.talk, "sdb-psykolog", at=60)
    assert store.read_now(lambda tx: tx.all("select * from showings")) == before
    actions = [row["action"] for row in store.read_now(audit.of_talk, ellens.talk)]
    assert actions == ["offer:show"]


def test_a_showing_can_be_made_narrower_and_wider(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    put_up(store, cast, ellens.talk, "sdb-psykolog", "patient-and-ward")
    assert on_screens(store, ellens.talk) == [("sdb-psykolog", "patient-and-ward")]
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    assert on_screens(store, ellens.talk) == [("sdb-psykolog", "everyone")]


def test_son_does_not_see_what_is_for_the_patient_only(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    for person in (ellens.ellen, ellens.dag):
        store.write_now(seat, ellens.talk, person)
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    put_up(store, cast, ellens.talk, "dk-boern", "patient-and-ward", at=60)
    assert store.read_now(seen_by, ellens.talk, ellens.ellen) == ["dk-boern", "sdb-psykolog"]
    assert store.read_now(seen_by, ellens.talk, ellens.dag) == ["sdb-psykolog"]


def test_interpreter_reads_what_the_patient_reads(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    store.write_now(seat, ellens.talk, ellens.dag)
    store.write_now(
        lambda tx: tx.run(
            "update participants set role = 'interpreter', speaks_for = :ellen where id = :dag",
            ellen=ellens.ellen,
            dag=ellens.dag,
        )
    )
    put_up(store, cast, ellens.talk, "dk-boern", "patient-and-ward")
    assert store.read_now(seen_by, ellens.talk, ellens.dag) == ["dk-boern"]


def test_somebody_who_was_never_let_in_sees_nothing(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    with pytest.raises(NotFound):
        store.read_now(seen_by, ellens.talk, ellens.dag)


def test_relative_who_has_left_looks_back_only_with_the_patients_yes(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    for person in (ellens.ellen, ellens.dag):
        store.write_now(seat, ellens.talk, person, NOW)
    assert store.read_now(seen_by, ellens.talk, ellens.ellen) == ["sdb-psykolog"]
    with pytest.raises(NotFound):
        store.read_now(seen_by, ellens.talk, ellens.dag)
    store.write_now(
        lambda tx: tx.run("update participants set may_look_back = 1 where id = :dag", dag=ellens.dag)
    )
    assert store.read_now(seen_by, ellens.talk, ellens.dag) == ["sdb-psykolog"]


def test_what_was_shown_keeps_its_text_when_the_catalogue_changes(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    document = catalogue.document()
    offer = next(one for one in document["offers"] if one["id"] == "sdb-psykolog")
    old = offer["summary"]["da"]
    offer["summary"]["da"] = "Op til ti samtaler."
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)
    [showing] = store.read_now(presenting.shown, ellens.talk)
    assert showing.offer.text("da").summary == old
    put_up(store, cast, ellens.talk, "sdb-psykolog")
    [showing] = store.read_now(presenting.shown, ellens.talk)
    assert showing.offer.text("da").summary == "Op til ti samtaler."


def test_only_staff_of_the_talk_show_offers(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    with pytest.raises(NotFound):
        store.write_now(show, ellens.talk, "sdb-psykolog", "everyone", by=cast.lis, now=NOW)
    with pytest.raises(NotAllowed):
        store.write_now(show, ellens.talk, "sdb-psykolog", "everyone", by=cast.ida, now=NOW)
    with pytest.raises(NotFound):
        store.write_now(show, ellens.talk, "no-such-offer", "everyone", by=cast.bo, now=NOW)


def test_nothing_is_shown_in_a_cancelled_talk(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    store.write_now(booked.set_talk, ellens.talk, state="cancelled")
    with pytest.raises(Conflict):
        store.write_now(show, ellens.talk, "sdb-psykolog", "everyone", by=cast.bo, now=NOW)


def test_panel_offers_what_is_for_this_patient_with_their_needs_first(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    store.write_now(
        lambda tx: tx.run_many(
            "insert into talk_themes (talk, theme) values (:talk, :theme)",
            [{"talk": ellens.talk, "theme": theme} for theme in ("mind", "family")],
        )
    )
    store.write_now(lambda tx: tx.run("update patients set sex = 'female', birth_year = 1980"))
    found = [
        offer.id
        for offer in store.read_now(
            presenting.open_to_patient, ellens.talk, language="da", by=cast.bo, now=NOW
        )
    ]
    assert found[0] == "sdb-psykolog"
    assert "aeldre-besoeg" not in found  # from 65 years
    assert "sdb-kol" not in found  # another programme
    assert "ltk-puls-styrke" not in found  # another municipality


def test_offers_shown_within_one_second_keep_the_order_in_which_they_were_shown(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    order = ["sdb-psykolog", "sdb-genoptraening", "sdb-kol"]
    for offer in order:
        put_up(store, cast, ellens.talk, offer)
    put_up(store, cast, ellens.talk, order[0], "patient-and-ward")
    assert [offer for offer, _ in on_screens(store, ellens.talk)] == order[::-1]
    _, outcome = store.read_now(recording.outcome_of, ellens.talk, by=cast.bo)
    assert [decision.offer for decision in outcome.decisions] == order
