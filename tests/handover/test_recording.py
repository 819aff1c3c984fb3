"""Recording: decisions, contact, needs, and two people who write at the same time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handover import attending, joining, ringing
from handover.cataloguing import import_offers
from handover.domain.access import OPERATOR, Scope
from handover.domain.outcomes import (
    Contact,
    Decision,
    Outcome,
    Suggestion,
    Unmet,
    as_json,
    following,
    from_json,
    gaps_filled,
)
from handover.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound
from handover.presenting import show
from handover.recording import (
    Draft,
    Sheet,
    draft_of,
    drop_draft,
    keep_draft,
    mark_not_held,
    outcome_of,
    record,
    sheet_of,
)
from handover.store import audit, links, outcomes, talks
from handover.store.sqlite import SqliteStore
from tests import booked, catalogue
from tests.booked import STARTS_AT, Booked
from tests.cast import NOW, Cast

YES = Decision("sdb-psykolog", decision="accepted")
NO = Decision("sdb-diaetist", decision="declined", reason="too-far")
LATER = Decision("sdb-genoptraening", decision="undecided", ask_again="2026-12-08")
FOR_DAG = Decision("sdb-psykolog", "relative", "not-relevant")


@pytest.fixture
def ellens(store: SqliteStore, cast: Cast) -> Booked:
    store.write_now(catalogue.fill)
    return store.write_now(booked.book, cast)


def save(store: SqliteStore, by: Scope, talk: str, outcome: Outcome, version: int = 0) -> Outcome:
    return store.write_now(record, talk, outcome, version=version, by=by, now=NOW)


def saved(store: SqliteStore, by: Scope, talk: str) -> Outcome:
    return store.read_now(outcome_of, talk, by=by)[1]


def state(store: SqliteStore, talk: str) -> str:
    found = store.read_now(talks.load, talk)
    assert found is not None
    return found.state


def test_everything_comes_back_as_it_was_recorded(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    whole = Outcome(
        form="video",
        present=(ellens.astrid, ellens.ellen, ellens.dag),
        decisions=(YES, FOR_DAG, NO, LATER),
        unmet=(Unmet("sexuality", "Samtaler for par"),),
        contact=Contact("Bo Madsen", "+45 74 11 22 33", "hverdage 8-15"),
        follow_up_on="2026-12-08",
        words="Jeg vil gerne hjem til haven.",
    )
    save(store, cast.bo, ellens.talk, whole)
    back = saved(store, cast.astrid, ellens.talk)
    assert (back.version, back.saved_at, back.saved_by) == (1, NOW, "Bo Madsen")
    assert sorted(back.decisions, key=lambda one: one.key) == sorted(whole.decisions, key=lambda one: one.key)
    assert replace(back, version=0, saved_at=None, saved_by="", decisions=whole.decisions) == whole


def test_shown_without_decision_is_open_and_never_shown_is_absent(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    store.write_now(show, ellens.talk, "sdb-psykolog", "everyone", by=cast.bo, now=NOW)
    store.write_now(show, ellens.talk, "sdb-diaetist", "everyone", by=cast.bo, now=NOW + 1)
    save(store, cast.bo, ellens.talk, Outcome(decisions=(YES,)))
    assert saved(store, cast.bo, ellens.talk).decisions == (YES, Decision("sdb-diaetist"))


def test_a_decision_on_an_offer_that_was_never_on_screen_says_that_it_was_offered(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    save(store, cast.bo, ellens.talk, Outcome(form="phone", decisions=(NO,)))
    assert saved(store, cast.bo, ellens.talk).decisions == (NO,)


def test_recording_marks_the_talk_as_held_and_gives_the_summary_its_link(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    save(store, cast.bo, ellens.talk, Outcome(decisions=(YES,)))
    assert state(store, ellens.talk) == "held"
    assert store.read_now(links.of_participant, "summary", ellens.ellen) is not None
    assert store.read_now(links.of_participant, "summary", ellens.dag) is None
    assert [row["action"] for row in store.read_now(audit.of_talk, ellens.talk)] == ["outcome:record"]


def test_older_copy_does_not_overwrite_a_newer_one(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    save(store, cast.bo, ellens.talk, Outcome(decisions=(YES,)))
    with pytest.raises(Conflict) as caught:
        save(store, cast.astrid, ellens.talk, Outcome(decisions=(replace(YES, decision="declined"),)))
    assert caught.value.code == "stale-version"
    assert caught.value.details == {"current": as_json(saved(store, cast.bo, ellens.talk))}
    assert saved(store, cast.bo, ellens.talk).decisions == (YES,)


def test_what_each_recorded_alone_is_put_together() -> None:
    hers = Outcome(
        decisions=(YES, Decision("sdb-diaetist")), words="Haven", version=3, saved_by="Astrid Lund"
    )
    his = Outcome(
        decisions=(Decision("sdb-psykolog"), NO),
        contact=Contact("Bo", "1"),
        follow_up_on="2026-12-08",
        version=2,
    )
    both = gaps_filled(his, hers)
    assert both.decisions == (YES, NO)
    assert (both.words, both.contact, both.follow_up_on) == ("Haven", Contact("Bo", "1"), "2026-12-08")
    assert both.version == 3


@pytest.mark.parametrize(
    ("outcome", "field", "code"),
    [
        (Outcome(decisions=(Decision("no-such"),)), "decisions.0.offer", "unknown"),
        (Outcome(decisions=(YES, YES)), "decisions.1.offer", "twice"),
        (Outcome(decisions=(replace(NO, reason="lazy"),)), "decisions.0.reason", "unknown"),
        (Outcome(decisions=(replace(YES, reason="cost"),)), "decisions.0.reason", "misplaced"),
        (Outcome(decisions=(replace(LATER, ask_again="2026-02-30"),)), "decisions.0.ask_again", "not-a-date"),
        (Outcome(decisions=(replace(YES, ask_again="2026-12-08"),)), "decisions.0.ask_again", "misplaced"),
        (Outcome(decisions=(replace(YES, decision="perhaps"),)), "decisions.0.decision", "unknown"),  # type: ignore[arg-type]
        (Outcome(decisions=(replace(YES, for_whom="dog"),)), "decisions.0.for", "unknown"),  # type: ignore[arg-type]
        (Outcome(form="letter"), "form", "unknown"),  # type: ignore[arg-type]
        (Outcome(present=("nobody",)), "present.0", "unknown"),
        (Outcome(unmet=(Unmet("chess"),)), "unmet.0.theme", "unknown"),
        (Outcome(follow_up_on="tomorrow"), "follow_up_on", "not-a-date"),
        (Outcome(contact=Contact(account="nobody")), "contact", "unknown"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    store: SqliteStore, cast: Cast, ellens: Booked, outcome: Outcome, field: str, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        save(store, cast.bo, ellens.talk, outcome)
    assert [(one.field, one.code) for one in caught.value.fields if isinstance(one, FieldError)] == [
        (field, code)
    ]
    assert saved(store, cast.bo, ellens.talk).version == 0


def test_contact_person_with_an_account_shows_the_accounts_own_number(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    save(store, cast.bo, ellens.talk, Outcome(contact=Contact(account=cast.birgit.actor)))
    store.write_now(
        lambda tx: tx.run(
            "update accounts set phone = '+45 99 99 99 99', hours = '8-15' where id = :id",
            id=cast.birgit.actor,
        )
    )
    assert saved(store, cast.bo, ellens.talk).contact == Contact(
        "Birgit Holm", "+45 99 99 99 99", "8-15", cast.birgit.actor
    )


def test_nurse_of_another_municipality_sees_nothing_and_coordinator_records_nothing(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    with pytest.raises(NotFound):
        save(store, cast.lis, ellens.talk, Outcome())
    with pytest.raises((NotFound, NotAllowed)):
        save(store, cast.ida, ellens.talk, Outcome())


def test_a_cancelled_talk_has_no_outcome(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    store.write_now(booked.set_talk, ellens.talk, state="cancelled")
    with pytest.raises(Conflict):
        save(store, cast.bo, ellens.talk, Outcome(decisions=(YES,)))
    assert state(store, ellens.talk) == "cancelled"


def test_a_program_does_not_take_back_what_a_person_marked(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    store.write_now(mark_not_held, ellens.talk, "technical", by=cast.bo, now=NOW)
    assert state(store, ellens.talk) == "not-held"
    assert store.read_now(outcomes.not_held_because, ellens.talk) == "technical"
    program = Scope("program", "p", "Kommune", units=cast.bo.units, rights=frozenset({"outcomes:write"}))
    with pytest.raises(Conflict) as caught:
        save(store, program, ellens.talk, Outcome())
    assert caught.value.code == "marked-not-held"
    assert state(store, ellens.talk) == "not-held"
    save(store, cast.astrid, ellens.talk, Outcome())
    assert (state(store, ellens.talk), store.read_now(outcomes.not_held_because, ellens.talk)) == (
        "held",
        None,
    )


def test_a_recorded_talk_cannot_be_marked_as_not_held(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    save(store, cast.bo, ellens.talk, Outcome())
    with pytest.raises(Conflict):
        store.write_now(mark_not_held, ellens.talk, "technical", by=cast.bo, now=NOW)
    assert state(store, ellens.talk) == "held"


def test_not_held_needs_one_of_the_reasons(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    with pytest.raises(Invalid):
        store.write_now(mark_not_held, ellens.talk, "rain", by=cast.bo, now=NOW)


def test_a_draft_is_each_persons_own_and_gone_once_saved(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    half: Any = Outcome(decisions=(NO,), contact=Contact("Bo"), words="Jeg vil")
    store.write_now(keep_draft, ellens.talk, half, base_version=0, by=cast.bo, now=NOW)
    assert store.read_now(draft_of, ellens.talk, by=cast.bo) == Draft(half, 0, NOW)
    assert store.read_now(draft_of, ellens.talk, by=cast.birgit) is None
    save(store, cast.bo, ellens.talk, half)
    assert store.read_now(draft_of, ellens.talk, by=cast.bo) is None


def test_a_draft_can_be_thrown_away(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    store.write_now(keep_draft, ellens.talk, Outcome(), base_version=0, by=cast.bo, now=NOW)
    store.write_now(drop_draft, ellens.talk, by=cast.bo)
    assert store.read_now(draft_of, ellens.talk, by=cast.bo) is None


def test_json_of_an_outcome_reads_back_the_same() -> None:
    whole = Outcome(
        "phone",
        ("a",),
        (YES, NO),
        (Unmet("mind", "x"),),
        Contact("Bo", "1", "2", "acc"),
        "2026-12-08",
        "hej",
        4,
    )
    assert from_json(as_json(whole)) == whole


def test_decision_keeps_the_version_that_was_shown(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    store.write_now(show, ellens.talk, "sdb-psykolog", "everyone", by=cast.bo, now=NOW)
    document = catalogue.document()
    next(one for one in document["offers"] if one["id"] == "sdb-psykolog")["place"] = "Rådhuset"
    shown = store.read_now(lambda tx: tx.value("select offer_version from showings"))
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)
    save(store, cast.bo, ellens.talk, Outcome(decisions=(YES,)))
    assert store.read_now(outcomes.decided_versions, ellens.talk) == {("sdb-psykolog", "patient"): shown}


# Who was there, as the service saw it


def sheet(store: SqliteStore, by: Scope, talk: Booked, now: int = STARTS_AT + 1800) -> Sheet:
    return store.read_now(sheet_of, talk.talk, by=by, now=now)


def comes(store: SqliteStore, talk: Booked, seat: str, by: Scope) -> None:
    store.write_now(joining.sit_down, talk.talk, seat, by=by, now=STARTS_AT)


def test_the_form_begins_with_what_the_service_saw(store: SqliteStore, cast: Cast, ellens: Booked) -> None:
    assert (sheet(store, cast.bo, ellens).writing.form, sheet(store, cast.bo, ellens).writing.present) == (
        "video",
        (),
    )
    comes(store, ellens, ellens.astrid, cast.astrid)
    store.write_now(ringing.ring, ellens.talk, ellens.bo, by=cast.astrid, now=STARTS_AT)
    found = sheet(store, cast.bo, ellens)
    assert (found.writing.form, found.writing.present) == ("phone", (ellens.astrid, ellens.bo))
    assert found.suggested == Suggestion("phone", (ellens.astrid, ellens.bo))


def test_the_form_follows_how_the_talk_went_in_the_end(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    comes(store, ellens, ellens.astrid, cast.astrid)
    comes(store, ellens, ellens.bo, cast.bo)
    store.write_now(attending.take_form, ellens.talk, "video", now=STARTS_AT)
    store.write_now(attending.look_round, {ellens.talk: {ellens.astrid, ellens.bo}}, now=STARTS_AT + 1200)
    assert sheet(store, cast.bo, ellens, STARTS_AT + 1200).writing.form == "video"
    store.write_now(joining.leave, ellens.talk, ellens.bo, by=cast.bo, now=STARTS_AT + 1200)
    store.write_now(ringing.ring, ellens.talk, ellens.bo, by=cast.astrid, now=STARTS_AT + 1210)
    assert sheet(store, cast.bo, ellens, STARTS_AT + 1269).writing.form == "video"
    assert sheet(store, cast.bo, ellens, STARTS_AT + 1270).writing.form == "phone"


def test_a_draft_follows_who_comes_but_keeps_what_was_said_by_hand(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    comes(store, ellens, ellens.bo, cast.bo)
    comes(store, ellens, ellens.astrid, cast.astrid)
    drawn = sheet(store, cast.bo, ellens)
    assert drawn.suggested is not None
    # Bo takes Astrid off and ticks Ellen, who sat with her; then Dag comes.
    writing = replace(drawn.writing, present=(ellens.bo, ellens.ellen), words="Haven")
    store.write_now(
        keep_draft, ellens.talk, writing, base_version=0, suggested=drawn.suggested, by=cast.bo, now=NOW
    )
    store.write_now(links.ensure, "join", ellens.talk, ellens.dag, now=NOW)
    comes(store, ellens, ellens.dag, Scope("guest", ellens.dag, "Dag"))
    found = sheet(store, cast.bo, ellens)
    assert set(found.writing.present) == {ellens.bo, ellens.ellen, ellens.dag}
    assert found.writing.words == "Haven"


def test_a_form_chosen_by_hand_stays_chosen() -> None:
    drawn = Suggestion("video")
    assert following(Outcome(form="video"), drawn, Suggestion("phone")).form == "phone"
    assert following(Outcome(form="in-person"), drawn, Suggestion("phone")).form == "in-person"


def test_what_a_colleague_saved_is_not_undone_by_what_a_draft_was_drawn_with(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    comes(store, ellens, ellens.bo, cast.bo)
    drawn = sheet(store, cast.bo, ellens)
    store.write_now(
        keep_draft,
        ellens.talk,
        drawn.writing,
        base_version=0,
        suggested=drawn.suggested,
        by=cast.bo,
        now=NOW,
    )
    save(store, cast.astrid, ellens.talk, Outcome(form="in-person", present=(ellens.astrid, ellens.ellen)))
    found = sheet(store, cast.bo, ellens)
    assert found.stale
    assert (found.writing.form, set(found.writing.present)) == ("in-person", {ellens.astrid, ellens.ellen})
    assert found.suggested is None


def test_a_saved_outcome_is_never_changed_by_who_comes_later(
    store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    save(store, cast.bo, ellens.talk, Outcome(form="in-person", present=()))
    comes(store, ellens, ellens.bo, cast.bo)
    found = sheet(store, cast.bo, ellens)
    assert (found.writing.form, found.writing.present, found.suggested) == ("in-person", (), None)
    assert [one.name for one in found.facts.attended] == ["Bo Madsen"]
