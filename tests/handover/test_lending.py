"""The ward's tablet: whose it is, how it comes in, and that it is nobody."""

from __future__ import annotations

import pytest

from handover import joining, lending, presenting
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.join_links import Standing
from handover.errors import Conflict, Expired, HandoverError, NotAllowed, NotFound
from handover.lending import Tablet
from handover.store import audit, tablets, talks
from handover.store.engine import Row
from handover.store.sqlite import SqliteStore
from tests import booked, catalogue
from tests.booked import ENDS_AT, PLACE, STARTS_AT, Booked, book
from tests.cast import NOW, Cast

KEY = bytes(range(32))
DOORS_OPEN = STARTS_AT - 60


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Booked:
    return store.write_now(book, cast)


@pytest.fixture
def tablet(store: SqliteStore, cast: Cast, talk: Booked) -> Row:
    store.write_now(lending.lend, talk.talk, by=cast.astrid, now=NOW)
    row = store.read_now(tablets.of_talk, talk.talk)
    assert row is not None
    return row


def opened(
    store: SqliteStore, tablet: Row, *, generation: int = 1, purpose: str = "device", now: int = DOORS_OPEN
) -> Tablet | None:
    parsed = join_links.parse(join_links.token(KEY, purpose, tablet["id"], generation))  # type: ignore[arg-type]
    assert parsed is not None
    return store.read_now(lending.open_tablet, parsed, key=KEY, now=now)


def test_lending_twice_gives_one_way_in(store: SqliteStore, cast: Cast, talk: Booked, tablet: Row) -> None:
    store.write_now(lending.lend, talk.talk, by=cast.astrid, now=NOW)
    assert store.read_now(tablets.of_talk, talk.talk) == tablet
    assert [row["action"] for row in store.read_now(audit.of_talk, talk.talk)] == ["tablet:lend"]


def test_its_address_leads_to_the_talk_in_the_wards_language(store: SqliteStore, tablet: Row) -> None:
    found = opened(store, tablet)
    assert found is not None
    assert (found.id, found.name, found.language, found.standing) == (tablet["id"], PLACE, "da", "open")


@pytest.mark.parametrize(
    ("now", "standing"), [(NOW, "early"), (DOORS_OPEN, "open"), (ENDS_AT + 86400, "over")]
)
def test_its_address_keeps_the_rooms_hours(
    store: SqliteStore, tablet: Row, now: int, standing: Standing
) -> None:
    found = opened(store, tablet, now=now)
    assert found is not None and found.standing == standing


def test_a_tablets_token_is_good_for_nothing_else_and_no_other_is_good_for_a_tablet(
    store: SqliteStore, talk: Booked, tablet: Row
) -> None:
    assert opened(store, tablet, purpose="join") is None
    assert opened(store, tablet, generation=2) is None
    parsed = join_links.parse(join_links.token(KEY, "device", tablet["id"], 1))
    assert parsed is not None
    assert store.read_now(joining.open_link, parsed, key=KEY, now=DOORS_OPEN) is None
    join = store.write_now(booked.join_token, KEY, talk.talk, talk.dag)
    link = join_links.parse(join)
    assert link is not None
    assert store.read_now(lending.open_tablet, link, key=KEY, now=DOORS_OPEN) is None


def test_it_knocks_is_let_in_and_stays_in(store: SqliteStore, cast: Cast, talk: Booked, tablet: Row) -> None:
    seat = tablet["id"]
    store.write_now(joining.knock, talk.talk, seat, "", "", now=DOORS_OPEN)
    store.write_now(joining.let_in, talk.talk, seat, "digest", by=cast.bo, now=DOORS_OPEN)
    store.write_now(joining.sit_down, talk.talk, seat, by=Scope("guest", seat, PLACE), now=DOORS_OPEN)
    promised = store.read_now(joining.admission_of, talk.talk, seat, now=DOORS_OPEN)
    assert promised is not None and promised.devices == {"digest"}
    found = store.read_now(talks.load, talk.talk)
    assert found is not None and seat not in [person.id for person in found.participants]
    trail = [(row["actor_kind"], row["action"], row["object_kind"]) for row in
             store.read_now(audit.of_talk, talk.talk)]  # fmt: skip
    assert trail[1:] == [
        ("guest", "seat:knock", "tablet"),
        ("staff", "seat:let-in", "tablet"),
        ("guest", "seat:join", "tablet"),
    ]


def test_it_cannot_call_itself_something_else(store: SqliteStore, talk: Booked, tablet: Row) -> None:
    store.write_now(joining.knock, talk.talk, tablet["id"], PLACE, "", now=DOORS_OPEN)
    with pytest.raises(NotAllowed):
        store.write_now(joining.knock, talk.talk, tablet["id"], "Bo Madsen", "", now=DOORS_OPEN)


def test_a_new_code_ends_the_old_one_and_what_it_was_let_in_to(
    store: SqliteStore, cast: Cast, talk: Booked, tablet: Row
) -> None:
    store.write_now(joining.let_in, talk.talk, tablet["id"], "digest", by=cast.bo, now=DOORS_OPEN)
    assert store.write_now(lending.renew, talk.talk, by=cast.astrid, now=DOORS_OPEN) == tablet["id"]
    assert opened(store, tablet) is None
    assert opened(store, tablet, generation=2) is not None
    assert store.read_now(joining.admission_of, talk.talk, tablet["id"], now=DOORS_OPEN) is None


def test_it_does_not_come_to_another_talk(store: SqliteStore, cast: Cast, tablet: Row) -> None:
    other = store.write_now(lambda tx: book(tx, cast, reference="HO-18", nurse=cast.birgit))
    with pytest.raises(Expired):
        store.write_now(joining.knock, other.talk, tablet["id"], "", "", now=DOORS_OPEN)
    with pytest.raises(NotFound):
        store.write_now(joining.let_in, other.talk, tablet["id"], "digest", by=cast.bo, now=DOORS_OPEN)


def test_with_a_protected_address_it_does_not_say_where_it_stands(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(lambda tx: book(tx, cast, protected=True))
    found = store.read_now(talks.load, talk.talk)
    assert found is not None
    assert store.read_now(lending.name_of, found) == found.hospital_name


def test_it_shows_only_what_is_for_everyone(store: SqliteStore, cast: Cast) -> None:
    store.write_now(catalogue.fill)
    talk = store.write_now(book, cast)
    store.write_now(presenting.show, talk.talk, "sdb-psykolog", "everyone", by=cast.bo, now=NOW)
    store.write_now(presenting.show, talk.talk, "sdb-diaetist", "patient-and-ward", by=cast.bo, now=NOW)
    found = store.read_now(talks.load, talk.talk)
    assert found is not None
    assert [one.offer.id for one in store.read_now(lending.shown_on, found)] == ["sdb-psykolog"]


@pytest.mark.parametrize("who", ["anton", "bo", "lis", "ida", "oda", "admin"])
def test_only_the_house_that_booked_lends_its_tablets(
    store: SqliteStore, cast: Cast, talk: Booked, who: str
) -> None:
    by: Scope = getattr(cast, who)
    with pytest.raises(HandoverError):
        store.read_now(lending.lent, talk.talk, by=by)
    for story in (lending.lend, lending.renew):
        with pytest.raises((NotFound, NotAllowed)):
            store.write_now(story, talk.talk, by=by, now=NOW)
    assert store.read_now(tablets.of_talk, talk.talk) is None


def test_nothing_is_lent_to_a_talk_that_is_over(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    for story in (lending.lend, lending.renew):
        with pytest.raises(Conflict):
            store.write_now(story, talk.talk, by=cast.astrid, now=ENDS_AT + 86400)
