"""Counting patients, and the interval around each share."""

from __future__ import annotations

import pytest

from handover.domain.figures import CountedOffer, CountedTalk, Share, count, share, wilson


# Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (Wilson score without continuity correction).
@pytest.mark.parametrize(
    ("number", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(number: int, of: int, low: float, high: float) -> None:
    assert [round(bound, 4) for bound in wilson(number, of)] == [low, high]


@pytest.mark.parametrize(("number", "of"), [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_proportion(number: int, of: int) -> None:
    with pytest.raises(ValueError, match="proportion"):
        wilson(number, of)


def test_a_share_of_nobody_has_no_percentage() -> None:
    assert share(0, 0) == Share(0, 0, None, None, None)


def talk(
    name: str, patient: str, state: str = "held", *, stopped: bool = False, month: str = "2026-11"
) -> CountedTalk:
    return CountedTalk(
        name, patient, state, stopped, month, "Onkologisk afsnit", "Sønderborg", "cancer", "video"
    )


def said(
    talk_name: str,
    decision: str | None,
    kind: str = "rehabilitation",
    who: str = "patient",
    why: str | None = None,
) -> CountedOffer:
    return CountedOffer(talk_name, kind, who, decision, why)


def test_a_patient_with_two_talks_counts_once() -> None:
    figures = count(
        [talk("t1", "ellen"), talk("t2", "ellen")], [said("t1", "accepted"), said("t2", "accepted")], {}
    )
    assert (figures.total.patients, figures.total.held.count, figures.total.accepted.count) == (1, 1, 1)


def test_not_relevant_and_has_already_leave_the_denominator_of_yes() -> None:
    talks = [talk("t1", "ellen"), talk("t2", "per"), talk("t3", "grethe"), talk("t4", "hans")]
    offers = [
        said("t1", "accepted"),
        said("t2", "not-relevant"),
        said("t3", "has-already"),
        said("t4", "declined"),
    ]
    total = count(talks, offers, {}).total
    assert (total.offered.count, total.offered.of) == (4, 4)
    assert (total.accepted.count, total.accepted.of) == (1, 2)


def test_shown_without_a_decision_is_offered_and_could_have_been_a_yes() -> None:
    total = count([talk("t1", "ellen")], [said("t1", None)], {}).total
    assert (total.offered.count, total.accepted.count, total.accepted.of) == (1, 0, 1)


def test_what_was_said_in_a_talk_that_was_not_held_is_not_counted() -> None:
    figures = count([talk("t1", "ellen", "not-held")], [said("t1", "accepted")], {})
    assert (figures.total.held.count, figures.total.offered.count, figures.kinds) == (0, 0, ())


def test_stopped_talks_are_shown_apart_and_leave_every_denominator() -> None:
    total = count([talk("t1", "ellen", "cancelled", stopped=True), talk("t2", "per")], [], {}).total
    assert (total.stopped, total.patients, total.held) == (1, 1, share(1, 1))


def test_a_relatives_yes_is_not_the_patients() -> None:
    figures = count([talk("t1", "ellen")], [said("t1", "accepted", who="relative")], {})
    assert (figures.total.accepted.count, figures.for_relatives) == (0, 1)


def test_reasons_are_shares_of_all_noes() -> None:
    offers = [
        said("t1", "declined", "group", why="too-far"),
        said("t1", "declined", "psychologist", why="too-far"),
    ]
    offers.append(said("t1", "declined", "dietitian"))
    reasons = dict(count([talk("t1", "ellen")], offers, {}).reasons)
    assert {reason: (part.count, part.of) for reason, part in reasons.items()} == {
        "too-far": (2, 3),
        "not-said": (1, 3),
    }


def test_a_breakdown_has_a_line_for_each_month() -> None:
    talks = [talk("t1", "ellen"), talk("t2", "per", month="2026-10"), talk("t3", "ellen", month="2026-10")]
    lines = count(talks, [], {}, "month").by
    assert [(line.key, line.chain.patients) for line in lines] == [("2026-10", 2), ("2026-11", 1)]


def test_an_empty_period_is_all_zeros() -> None:
    figures = count([], [], {})
    assert (figures.total.patients, figures.total.held, figures.by, figures.kinds) == (0, share(0, 0), (), ())
