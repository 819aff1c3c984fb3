from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from handover import attending, joining
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.talks import Talk
from handover.errors import Expired, HandoverError, NotAllowed, NotFound
from handover.joining import LetIn
from handover.store import audit, links, seats, stays, talks
from handover.store.engine import Row, Tx
from handover.store.sqlite import SqliteStore
from tests import booked
from tests.booked import STARTS_AT, Booked, book
from tests.cast import NOW, Cast

KEY = bytes(range(32))
DOORS_OPEN = STARTS_AT - 60


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Booked:
    def with_links(tx: Tx) -> Booked:
        made = book(tx, cast)
        for guest in (made.ellen, made.dag):
            links.ensure(tx, "join", made.talk, guest, now=NOW)
        return made

    return store.write_now(with_links)


def link_of(store: SqliteStore, participant: str) -> Row:
    row = store.read_now(links.of_participant, "join", participant)
    assert row is not None
    return row


def opened(store: SqliteStore, participant: str, now: int = DOORS_OPEN, **changes: Any) -> Any:
    link = link_of(store, participant)
    token = join_links.token(
        KEY, changes.get("purpose", "join"), link["id"], changes.get("generation", link["generation"])
    )
    parsed = join_links.parse(token)
    assert parsed is not None
    return store.read_now(joining.open_link, parsed, key=changes.get("key", KEY), now=now)


def seat_of(store: SqliteStore, participant: str) -> dict[str, Any]:
    row = store.read_now(seats.of_participant, participant) or {}
    return {
        name: value
        for name, value in row.items()
        if value is not None and name not in ("participant", "talk")
    }


def whole(store: SqliteStore, talk: Booked) -> Talk:
    found = store.read_now(talks.load, talk.talk)
    assert found is not None
    return found


def actions(store: SqliteStore, talk: Booked) -> list[tuple[str, str]]:
    return [(row["actor_kind"], row["action"]) for row in store.read_now(audit.of_talk, talk.talk)]


def test_a_link_leads_to_its_talk_and_its_guest(store: SqliteStore, talk: Booked) -> None:
    found = opened(store, talk.dag)
    assert (found.talk.id, found.guest.id, found.standing) == (talk.talk, talk.dag, "open")
    assert (found.name, found.relation) == ("Dag Sørensen", "son")


def test_a_link_made_for_something_else_leads_nowhere(store: SqliteStore, talk: Booked) -> None:
    assert opened(store, talk.dag, purpose="summary") is None
    assert opened(store, talk.dag, generation=2) is None
    assert opened(store, talk.dag, key=bytes(32)) is None


def test_a_summary_link_is_no_way_into_the_room(store: SqliteStore, talk: Booked) -> None:
    summary = store.write_now(links.ensure, "summary", talk.talk, talk.ellen, now=NOW)
    for purpose in ("join", "summary"):
        parsed = join_links.parse(join_links.token(KEY, purpose, summary["id"], 1))  # type: ignore[arg-type]
        assert parsed is not None
        assert store.read_now(joining.open_link, parsed, key=KEY, now=DOORS_OPEN) is None


def test_opening_a_link_changes_nothing(store: SqliteStore, talk: Booked) -> None:
    before = store.read_now(lambda tx: (tx.all("select * from links"), tx.all("select * from seats")))
    for _ in range(3):
        opened(store, talk.dag)
    assert store.read_now(lambda tx: (tx.all("select * from links"), tx.all("select * from seats"))) == before


def test_raising_the_generation_ends_the_old_link_and_gives_a_new_one(
    store: SqliteStore, talk: Booked
) -> None:
    store.write_now(links.renew, link_of(store, talk.dag)["id"])
    assert opened(store, talk.dag, generation=1) is None
    assert opened(store, talk.dag).standing == "open"


def test_revoking_leaves_others_links_alone(store: SqliteStore, talk: Booked) -> None:
    assert store.write_now(links.revoke_of_participant, talk.dag, now=NOW) == 1
    assert opened(store, talk.dag).standing == "over"
    assert opened(store, talk.ellen).standing == "open"
    assert store.write_now(links.revoke_of_talk, talk.talk, now=NOW) == 1
    assert opened(store, talk.ellen).standing == "over"


def stays_of(store: SqliteStore, talk: Booked) -> list[tuple[str, str, int, int | None]]:
    return [
        (stay.name, stay.way, stay.joined_at, stay.left_at)
        for stay in store.read_now(stays.of_talk, talk.talk)
    ]


def devices(store: SqliteStore, talk: Booked, seat: str, now: int = DOORS_OPEN) -> set[str]:
    promised = store.read_now(joining.admission_of, talk.talk, seat, now=now)
    return set(promised.devices) if promised else set()


def dag_is_let_in(store: SqliteStore, cast: Cast, talk: Booked, device: str = "digest") -> None:
    store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "son", now=DOORS_OPEN)
    store.write_now(joining.let_in, talk.talk, talk.dag, device, by=cast.bo, now=DOORS_OPEN + 1)


def test_a_guest_knocks_is_let_in_sits_down_and_leaves(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    guest = Scope("guest", talk.dag, "Dag")
    store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "son", now=DOORS_OPEN)
    assert seat_of(store, talk.dag) == {"name": "Dag", "relation": "son", "knocked_at": DOORS_OPEN}
    store.write_now(joining.let_in, talk.talk, talk.dag, "digest", by=cast.bo, now=DOORS_OPEN + 1)
    store.write_now(joining.sit_down, talk.talk, talk.dag, by=guest, now=DOORS_OPEN + 2)
    store.write_now(joining.leave, talk.talk, talk.dag, by=guest, now=DOORS_OPEN + 3)
    assert seat_of(store, talk.dag) == {
        "name": "Dag",
        "relation": "son",
        "knocked_at": DOORS_OPEN,
        "admitted_at": DOORS_OPEN + 1,
        "admitted_by": cast.bo.actor,
    }
    assert stays_of(store, talk) == [("Dag", "device", DOORS_OPEN + 2, DOORS_OPEN + 3)]
    assert actions(store, talk) == [
        ("guest", "seat:knock"),
        ("staff", "seat:let-in"),
        ("guest", "seat:join"),
        ("guest", "seat:leave"),
    ]


def test_who_was_let_in_is_remembered_with_the_device_and_the_name(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    assert store.read_now(joining.admission_of, talk.talk, talk.dag, now=DOORS_OPEN) is None
    dag_is_let_in(store, cast, talk, "first")
    store.write_now(joining.let_in, talk.talk, talk.dag, "second", by=cast.astrid, now=DOORS_OPEN + 2)
    promised = store.read_now(joining.admission_of, talk.talk, talk.dag, now=DOORS_OPEN + 3)
    assert promised == LetIn("Dag", "son", frozenset({"first", "second"}))
    assert store.read_now(joining.admission_of, "another talk", talk.dag, now=DOORS_OPEN) is None


def test_somebody_with_a_forwarded_link_does_not_rename_who_is_inside(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    dag_is_let_in(store, cast, talk)
    guest = Scope("guest", talk.dag, "Dag")
    store.write_now(joining.sit_down, talk.talk, talk.dag, by=guest, now=DOORS_OPEN + 1)
    store.write_now(joining.knock, talk.talk, talk.dag, "Astrid Lund", "doctor", now=DOORS_OPEN + 2)
    store.write_now(joining.introduce, talk.talk, talk.dag, "Astrid Lund", "doctor", now=DOORS_OPEN + 2)
    promised = store.read_now(joining.admission_of, talk.talk, talk.dag, now=DOORS_OPEN + 3)
    assert promised == LetIn("Dag", "son", frozenset({"digest"}))
    store.write_now(joining.leave, talk.talk, talk.dag, by=guest, now=DOORS_OPEN + 4)
    store.write_now(joining.introduce, talk.talk, talk.dag, "Dag Holm", "son", now=DOORS_OPEN + 5)
    promised = store.read_now(joining.admission_of, talk.talk, talk.dag, now=DOORS_OPEN + 6)
    assert promised == LetIn("Dag Holm", "son", frozenset({"digest"}))


def test_a_guest_whose_browser_names_no_device_knocks_again(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    dag_is_let_in(store, cast, talk, device="")
    assert store.read_now(joining.admission_of, talk.talk, talk.dag, now=DOORS_OPEN) is None


@pytest.mark.parametrize(
    "forgetting",
    [
        lambda talk, bo: (joining.remove, (talk.talk, talk.dag), {"by": bo, "now": DOORS_OPEN + 2}),
        lambda talk, bo: (joining.decline, (talk.talk, talk.dag), {"by": bo, "now": DOORS_OPEN + 2}),
        lambda talk, bo: (joining.end, (talk.talk,), {"by": bo, "now": DOORS_OPEN + 2}),
        lambda talk, bo: (links.revoke_of_participant, (talk.dag,), {"now": DOORS_OPEN}),
        lambda talk, bo: (links.revoke_of_participants, ([talk.dag],), {"now": DOORS_OPEN}),
        lambda talk, bo: (links.revoke_of_talk, (talk.talk,), {"now": DOORS_OPEN}),
        lambda talk, bo: (links.revoke_of_talks, ([talk.talk],), {"now": DOORS_OPEN}),
        lambda talk, bo: (links.renew_of_participants, ([talk.dag],), {}),
    ],
    ids=["removed", "declined", "ended", "revoked", "several", "talk", "talks", "new address"],
)
def test_an_admission_is_forgotten_with_its_reason(
    store: SqliteStore, cast: Cast, talk: Booked, forgetting: Any
) -> None:
    dag_is_let_in(store, cast, talk)
    story, args, named = forgetting(talk, cast.bo)
    store.write_now(story, *args, **named)
    assert devices(store, talk, talk.dag) == set()
    assert store.read_now(lambda tx: tx.value("select count(*) from admissions")) == 0


def test_an_admission_ends_with_the_link(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    dag_is_let_in(store, cast, talk)
    assert devices(store, talk, talk.dag, booked.ENDS_AT + 86399) == {"digest"}
    assert devices(store, talk, talk.dag, booked.ENDS_AT + 86400) == set()
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, state="cancelled"))
    assert devices(store, talk, talk.dag) == set()


def test_nobody_is_let_in_by_a_link_taken_back_while_they_waited(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "", now=DOORS_OPEN)
    store.write_now(links.revoke_of_participant, talk.dag, now=NOW)
    with pytest.raises(Expired):
        store.write_now(joining.let_in, talk.talk, talk.dag, "digest", by=cast.bo, now=DOORS_OPEN)
    assert store.read_now(lambda tx: tx.value("select count(*) from admissions")) == 0


def test_declining_a_forwarded_link_leaves_alone_who_is_inside(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    dag_is_let_in(store, cast, talk)
    guest = Scope("guest", talk.dag, "Dag")
    store.write_now(joining.sit_down, talk.talk, talk.dag, by=guest, now=DOORS_OPEN + 2)
    store.write_now(joining.decline, talk.talk, talk.dag, by=cast.astrid, now=DOORS_OPEN + 3)
    assert devices(store, talk, talk.dag) == {"digest"}
    assert seat_of(store, talk.dag)["admitted_at"] == DOORS_OPEN + 1


def test_coming_back_later_is_a_second_stay(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    store.write_now(joining.sit_down, talk.talk, talk.bo, by=cast.bo, now=DOORS_OPEN)
    store.write_now(joining.leave, talk.talk, talk.bo, by=cast.bo, now=DOORS_OPEN + 60)
    store.write_now(joining.sit_down, talk.talk, talk.bo, by=cast.bo, now=DOORS_OPEN + 90)
    assert stays_of(store, talk) == [
        ("Bo Madsen", "device", DOORS_OPEN, DOORS_OPEN + 60),
        ("Bo Madsen", "device", DOORS_OPEN + 90, None),
    ]


@pytest.mark.parametrize(("away", "continues"), [(120, True), (121, False)])
def test_coming_back_after_the_service_was_killed_goes_on_with_the_same_stay(
    store: SqliteStore, cast: Cast, talk: Booked, away: int, continues: bool
) -> None:
    store.write_now(joining.sit_down, talk.talk, talk.bo, by=cast.bo, now=DOORS_OPEN)
    store.write_now(attending.look_round, {talk.talk: {talk.bo}}, now=DOORS_OPEN + 300)
    back = DOORS_OPEN + 300 + away
    store.write_now(joining.sit_down, talk.talk, talk.bo, by=cast.bo, now=back)
    known = [("Bo Madsen", "device", DOORS_OPEN, None)]
    if not continues:
        known = [("Bo Madsen", "device", DOORS_OPEN, DOORS_OPEN + 300), ("Bo Madsen", "device", back, None)]
    assert stays_of(store, talk) == known


def test_a_declined_guest_may_knock_again(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "", now=DOORS_OPEN)
    store.write_now(joining.decline, talk.talk, talk.dag, by=cast.astrid, now=DOORS_OPEN + 1)
    assert seat_of(store, talk.dag)["declined_at"] == DOORS_OPEN + 1
    store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "", now=DOORS_OPEN + 2)
    assert "declined_at" not in seat_of(store, talk.dag)


def test_a_guest_who_is_sent_out_is_no_longer_admitted(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    dag_is_let_in(store, cast, talk)
    store.write_now(joining.remove, talk.talk, talk.dag, by=cast.astrid, now=DOORS_OPEN + 2)
    assert "admitted_at" not in seat_of(store, talk.dag)


def test_a_colleague_of_the_ward_steps_in_without_becoming_somebody_else(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    store.write_now(joining.sit_down, talk.talk, cast.birgit.actor, by=cast.birgit, now=DOORS_OPEN)
    assert stays_of(store, talk) == [("Birgit Holm", "device", DOORS_OPEN, None)]
    assert store.read_now(attending.facts_of, whole(store, talk), now=DOORS_OPEN).present == ()
    assert actions(store, talk) == [("staff", "seat:join")]


@pytest.mark.parametrize("story", [joining.let_in, joining.decline, joining.remove])
@pytest.mark.parametrize("who", ["anton", "lis", "kari", "ida", "oda", "admin"])
def test_nobody_elses_staff_answers_a_knock(
    store: SqliteStore, cast: Cast, talk: Booked, story: Callable[..., None], who: str
) -> None:
    store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "", now=DOORS_OPEN)
    before = seat_of(store, talk.dag)
    with pytest.raises((NotFound, NotAllowed)):
        device = ("digest",) if story is joining.let_in else ()
        store.write_now(story, talk.talk, talk.dag, *device, by=getattr(cast, who), now=DOORS_OPEN)
    assert seat_of(store, talk.dag) == before


@pytest.mark.parametrize("who", ["anton", "lis", "ida"])
def test_nobody_elses_staff_sits_down_or_ends_the_talk(
    store: SqliteStore, cast: Cast, talk: Booked, who: str
) -> None:
    by: Scope = getattr(cast, who)
    for story in (
        lambda tx: joining.sit_down(tx, talk.talk, by.actor, by=by, now=DOORS_OPEN),
        lambda tx: joining.end(tx, talk.talk, by=by, now=DOORS_OPEN),
    ):
        with pytest.raises(HandoverError):
            store.write_now(story)
    assert actions(store, talk) == []


@pytest.mark.parametrize(
    ("change", "now"),
    [
        ({"state": "cancelled"}, DOORS_OPEN),
        ({"stopped_at": NOW}, DOORS_OPEN),
        ({}, NOW),
        ({}, booked.ENDS_AT + 86400),
    ],
)
def test_nobody_knocks_at_a_room_that_is_not_open(
    store: SqliteStore, talk: Booked, change: dict[str, Any], now: int
) -> None:
    if change:
        store.write_now(lambda tx: booked.set_talk(tx, talk.talk, **change))
    with pytest.raises(Expired):
        store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "", now=now)
    assert seat_of(store, talk.dag) == {}


def test_a_link_taken_back_while_the_page_is_open_no_longer_knocks(store: SqliteStore, talk: Booked) -> None:
    store.write_now(links.revoke_of_participant, talk.dag, now=NOW)
    with pytest.raises(Expired):
        store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "", now=DOORS_OPEN)


def test_a_guest_of_one_talk_does_not_knock_at_another(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    other = store.write_now(
        lambda tx: book(tx, cast, starts_at=STARTS_AT, reference="HO-18", nurse=cast.birgit)
    )
    with pytest.raises(Expired):
        store.write_now(joining.knock, other.talk, talk.dag, "Dag", "", now=DOORS_OPEN)


def letters_again(store: SqliteStore) -> list[str]:
    return [
        row[0]
        for row in store.read_now(
            lambda tx: tx.tuples("select participant from outbox where letter = 'new-link' order by number")
        )
    ]


def test_a_guest_who_lost_the_mail_gets_the_link_again_once(store: SqliteStore, talk: Booked) -> None:
    assert store.write_now(joining.ask_for_link, "DAG@abroad.example", now=NOW) == 1
    assert store.write_now(joining.ask_for_link, "dag@abroad.example", now=NOW + 60) == 0
    assert letters_again(store) == [talk.dag]
    assert store.write_now(joining.ask_for_link, "dag@abroad.example", now=NOW + 3600) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"state": "cancelled"},
        {"state": "not-held"},
        {"stopped_at": NOW},
        {"ends_at": NOW - 86400, "starts_at": NOW - 90000},
    ],
)
def test_no_link_is_sent_for_a_talk_that_is_over_or_stopped(
    store: SqliteStore, talk: Booked, change: dict[str, Any]
) -> None:
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, **change))
    assert store.write_now(joining.ask_for_link, "dag@abroad.example", now=NOW) == 0
    assert letters_again(store) == []


def test_staff_strangers_and_guests_taken_off_get_no_link(store: SqliteStore, talk: Booked) -> None:
    store.write_now(booked.remove_participant, talk.dag)
    store.write_now(links.revoke_of_participant, talk.ellen, now=NOW)
    for address in (
        "bo@kommune.example",
        "eve@elsewhere.example",
        "dag@abroad.example",
        "ellen@home.example",
        "",
    ):
        assert store.write_now(joining.ask_for_link, address, now=NOW) == 0
    assert letters_again(store) == []
