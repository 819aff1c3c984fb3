"""The outcome over HTTP: a form that works without a script, drafts, and two people who write at once."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from aiohttp import web

from handover import joining, recording, ringing
from handover.domain.access import Scope
from handover.domain.outcomes import Decision, Outcome, Unmet
from handover.presenting import show
from handover.store import outcomes, talks
from handover.store.sqlite import SqliteStore
from tests import booked, catalogue
from tests.booked import Booked
from tests.cast import NOW, Cast
from tests.conftest import Serve
from tests.visitor import Answer, Visitor, signed_in

PSYCHOLOGIST = "sdb-psykolog.patient"
DIETITIAN = "sdb-diaetist.patient"


@pytest.fixture
def ellens(store: SqliteStore, cast: Cast) -> Booked:
    store.write_now(catalogue.fill)
    talk = store.write_now(booked.book, cast)
    for second, offer in enumerate(("sdb-psykolog", "sdb-diaetist")):
        store.write_now(show, talk.talk, offer, "everyone", by=cast.bo, now=NOW + second)
    return talk


def form(**more: Any) -> list[tuple[str, str]]:
    """The form as it comes from a browser; `_` in a name stands for the dash of `decision-…`."""
    fields: list[tuple[str, str]] = [
        ("row", PSYCHOLOGIST),
        ("row", DIETITIAN),
        ("form", "video"),
        ("unmet_theme", ""),
        ("unmet_words-0", ""),
        ("words", ""),
    ]
    given = {"version": "0"} | more
    return [one for one in fields if one[0] not in given] + list(given.items())


def saved(store: SqliteStore, by: Scope, talk: str) -> Outcome:
    return store.read_now(recording.outcome_of, talk, by=by)[1]


def pressed(answer: Answer) -> list[str]:
    """Which decisions stand pressed."""
    return re.findall(r'value="([^"]+)" aria-pressed="true"', answer.text)


async def test_page_lists_what_was_shown_with_nothing_decided(bo: Visitor, ellens: Booked) -> None:
    answer = await bo.get(f"/talks/{ellens.talk}/outcome")
    assert answer.status == 200
    assert "Talks with a psychologist" in answer.text and "Dietitian" in answer.text
    assert pressed(answer) == []
    there = answer.text.partition("Who was there?")[2].partition("</fieldset>")[0]
    assert "Son" in there and ">son<" not in there
    for label in ("Accepted", "Wants to think", "Declined", "Has it already", "Not relevant", "Save outcome"):
        assert label in answer.text


async def test_outcome_is_saved_by_the_form_alone(
    bo: Visitor, store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    fields = form(
        **{
            f"decision-{PSYCHOLOGIST}": "accepted",
            f"reason-{PSYCHOLOGIST}": "cost",  # left over from another press
            f"decision-{DIETITIAN}": "undecided",
            f"ask-{DIETITIAN}": "2026-12-08",
            "contact_account": cast.bo.actor,
            "follow_up_on": "2026-12-10",
            "words": "Jeg vil hjem til haven.",
            "unmet_theme": "sexuality",
            "unmet_words-0": "Samtaler for par",
        }
    )
    answer = await bo.post(
        f"/talks/{ellens.talk}/outcome", [*fields, ("present", ellens.ellen), ("present", ellens.bo)]
    )
    assert (answer.status, answer.location) == (303, f"/talks/{ellens.talk}/outcome?done=saved")
    assert "The outcome is saved." in (await bo.get(answer.location)).text
    found = saved(store, cast.astrid, ellens.talk)
    assert found.decisions == (
        Decision("sdb-psykolog", decision="accepted"),
        Decision("sdb-diaetist", decision="undecided", ask_again="2026-12-08"),
    )
    assert set(found.present) == {ellens.ellen, ellens.bo}
    assert (found.contact.name, found.follow_up_on, found.words) == (
        "Bo Madsen",
        "2026-12-10",
        "Jeg vil hjem til haven.",
    )
    assert found.unmet == (Unmet("sexuality", "Samtaler for par"),)
    talk = store.read_now(talks.load, ellens.talk)
    assert talk is not None and talk.state == "held"


async def test_a_press_on_a_decision_without_script_keeps_everything_that_was_written(
    bo: Visitor, store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    fields = form(words="Jeg vil hjem", decide=f"{PSYCHOLOGIST}:declined")
    answer = await bo.post(f"/talks/{ellens.talk}/outcome", fields)
    assert (answer.status, answer.location) == (303, f"/talks/{ellens.talk}/outcome#row-{PSYCHOLOGIST}")
    page = await bo.get(f"/talks/{ellens.talk}/outcome")
    assert pressed(page) == [f"{PSYCHOLOGIST}:declined"]
    assert "Jeg vil hjem" in page.text
    assert "You have not saved yet" in page.text
    assert saved(store, cast.bo, ellens.talk).version == 0
    again = form(**{f"decision-{PSYCHOLOGIST}": "declined", "decide": f"{PSYCHOLOGIST}:declined"})
    await bo.post(f"/talks/{ellens.talk}/outcome", again)
    assert pressed(await bo.get(f"/talks/{ellens.talk}/outcome")) == []


async def test_rows_can_be_added_for_relatives_and_for_offers_that_were_only_talked_about(
    bo: Visitor, ellens: Booked
) -> None:
    await bo.post(f"/talks/{ellens.talk}/outcome", form(also="sdb-psykolog.relative"))
    fields = [*form(more="offer", other_offer="dk-boern"), ("row", "sdb-psykolog.relative")]
    await bo.post(f"/talks/{ellens.talk}/outcome", fields)
    page = await bo.get(f"/talks/{ellens.talk}/outcome")
    rows = re.findall(r'name="row" value="([^"]+)"', page.text)
    assert set(rows) == {PSYCHOLOGIST, "sdb-psykolog.relative", DIETITIAN, "dk-boern.patient"}


async def test_a_draft_survives_a_lost_session(
    bo: Visitor, serve: Serve, app: web.Application, ellens: Booked
) -> None:
    fields = form(**{f"decision-{PSYCHOLOGIST}": "accepted", "words": "Halvt skrev"})
    answer = await bo.post(
        f"/talks/{ellens.talk}/outcome/draft", fields, headers={"Accept": "application/json"}
    )
    assert (answer.status, json.loads(answer.text)) == (200, {"kept_at": "07:30"})
    await bo.post("/sign-out")
    assert (await bo.get(f"/talks/{ellens.talk}/outcome")).status == 303
    again = await signed_in(await serve(app), "bo@kommune.example")
    page = await again.get(f"/talks/{ellens.talk}/outcome")
    assert "Halvt skrev" in page.text and pressed(page) == [f"{PSYCHOLOGIST}:accepted"]
    assert "This is what you had written at 07:30" in page.text


async def test_offers_shown_after_the_draft_appear_beside_it(
    bo: Visitor, store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    await bo.post(f"/talks/{ellens.talk}/outcome/draft", form(**{f"decision-{PSYCHOLOGIST}": "accepted"}))
    store.write_now(show, ellens.talk, "sdb-genoptraening", "everyone", by=cast.bo, now=NOW + 9)
    page = await bo.get(f"/talks/{ellens.talk}/outcome/panel")
    assert pressed(page) == [f"{PSYCHOLOGIST}:accepted"]
    assert 'value="sdb-genoptraening.patient"' in page.text


async def test_stale_save_shows_both_versions_and_the_next_one_holds_both(
    bo: Visitor, astrid: Visitor, store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    hers = form(**{f"decision-{PSYCHOLOGIST}": "accepted", f"decision-{DIETITIAN}": "declined"})
    assert (await astrid.post(f"/talks/{ellens.talk}/outcome", hers)).status == 303
    his = form(**{f"decision-{PSYCHOLOGIST}": "has-already", "words": "Haven"})
    answer = await bo.post(f"/talks/{ellens.talk}/outcome", his)
    assert answer.status == 409
    text = unescape(answer.text)
    assert "Astrid Lund saved the outcome while you were writing" in text
    assert re.search(r"Talks with a psychologist</th><td>Accepted</td><td>Has it already</td>", text)
    assert re.search(r"patient's own words</th><td>nothing</td><td>Haven</td>", text)
    assert pressed(answer) == [f"{PSYCHOLOGIST}:has-already", f"{DIETITIAN}:declined"]
    assert 'name="version" value="1"' in answer.text
    assert saved(store, cast.bo, ellens.talk).of("sdb-psykolog").decision == "accepted"  # type: ignore[union-attr]
    both = form(
        version="1",
        words="Haven",
        **{f"decision-{PSYCHOLOGIST}": "has-already", f"decision-{DIETITIAN}": "declined"},
    )
    assert (await bo.post(f"/talks/{ellens.talk}/outcome", both)).status == 303
    assert [one.decision for one in saved(store, cast.bo, ellens.talk).decisions] == [
        "has-already",
        "declined",
    ]


async def test_what_is_saved_can_be_kept_instead(bo: Visitor, astrid: Visitor, ellens: Booked) -> None:
    await astrid.post(f"/talks/{ellens.talk}/outcome", form(**{f"decision-{PSYCHOLOGIST}": "accepted"}))
    await bo.post(f"/talks/{ellens.talk}/outcome", form(**{f"decision-{PSYCHOLOGIST}": "declined"}))
    assert (await bo.post(f"/talks/{ellens.talk}/outcome", {"more": "discard"})).status == 303
    page = await bo.get(f"/talks/{ellens.talk}/outcome")
    assert pressed(page) == [f"{PSYCHOLOGIST}:accepted"]
    assert "Recorded by Astrid Lund" in page.text


async def test_a_wrong_date_is_said_beside_its_field_and_nothing_is_lost(bo: Visitor, ellens: Booked) -> None:
    fields = form(
        **{f"decision-{DIETITIAN}": "undecided", f"ask-{DIETITIAN}": "2026-02-30", "words": "Bevar mig"}
    )
    answer = await bo.post(f"/talks/{ellens.talk}/outcome", fields)
    assert answer.status == 422
    assert f'href="#field-ask-{DIETITIAN}"' in answer.text
    assert "Bevar mig" in answer.text and pressed(answer) == [f"{DIETITIAN}:undecided"]


async def test_script_gets_the_panel_alone(bo: Visitor, ellens: Booked) -> None:
    answer = await bo.post(
        f"/talks/{ellens.talk}/outcome", form(where="panel", **{f"decision-{PSYCHOLOGIST}": "accepted"})
    )
    assert answer.status == 200
    assert "<html" not in answer.text and "data-outcome-form" in answer.text
    assert "The outcome is saved." in answer.text
    stale = await bo.post(f"/talks/{ellens.talk}/outcome", form(where="panel"))
    assert 'id="stale"' in stale.text and "<html" not in stale.text


async def test_not_held_is_noted_with_its_reason(
    bo: Visitor, store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    assert (await bo.post(f"/talks/{ellens.talk}/outcome/not-held", {"reason": "rain"})).status == 422
    answer = await bo.post(f"/talks/{ellens.talk}/outcome/not-held", {"reason": "patient-away"})
    assert answer.status == 303
    assert store.read_now(outcomes.not_held_because, ellens.talk) == "patient-away"


async def test_nobody_else_gets_near_it(
    serve: Serve, app: web.Application, cast: Cast, ellens: Booked
) -> None:
    address = f"/talks/{ellens.talk}/outcome"
    nobody = await serve(app)
    assert (await nobody.get(address)).status == 303
    lis = await signed_in(await serve(app), "lis@kommune.example")
    for path in ("", "/panel", "/text"):
        assert (await lis.get(address + path)).status == 404
    for path in ("", "/draft", "/not-held"):
        assert (await lis.post(address + path, form(reason="other"))).status == 404
    ida = await signed_in(await serve(app), "ida@kommune.example")
    assert (await ida.get(address)).status == 403


async def test_written_words_are_shown_as_words(bo: Visitor, ellens: Booked) -> None:
    text = "<img src=x onerror=alert(1)>"
    await bo.post(f"/talks/{ellens.talk}/outcome", form(words=text, contact_name=text))
    page = await bo.get(f"/talks/{ellens.talk}/outcome")
    assert text not in page.text and text in unescape(page.text)


async def test_who_was_seen_is_ticked_with_a_quiet_line_and_stays_ticked_after_a_press(
    bo: Visitor, store: SqliteStore, cast: Cast, ellens: Booked
) -> None:
    store.write_now(joining.sit_down, ellens.talk, ellens.bo, by=cast.bo, now=NOW)
    store.write_now(ringing.ring, ellens.talk, ellens.dag, by=cast.astrid, now=NOW)
    address = f"/talks/{ellens.talk}/outcome"
    page = (await bo.get(address)).text
    assert "Bo Madsen 1 min." in page and "Dag Sørensen 1 min. on the phone" in page
    suggested = re.findall(r'name="suggested" value="([^"]+)"', page)
    assert set(suggested) == {ellens.bo, ellens.dag} == ticked(page)
    fields = [*form(decide=f"{PSYCHOLOGIST}:accepted"), ("suggested_form", "video")]
    fields += [("suggested", one) for one in suggested]
    # Dag is taken off by hand; then Astrid comes.
    assert (await bo.post(address, [*fields, ("present", ellens.bo)])).status == 303
    store.write_now(joining.sit_down, ellens.talk, ellens.astrid, by=cast.astrid, now=NOW)
    assert ticked((await bo.get(address)).text) == {ellens.bo, ellens.astrid}


def ticked(page: str) -> set[str]:
    """Who stands as present."""
    return set(re.findall(r'name="present" value="([^"]+)"[^>]* checked', page))
