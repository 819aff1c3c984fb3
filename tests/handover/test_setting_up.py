"""The first start: a link that works once, and what every installation needs."""

from __future__ import annotations

import pytest

from handover.errors import Expired
from handover.organising import WantedOrganisation
from handover.setting_up import LINK_LASTS, FirstPeople, first_link, furnish, set_up
from handover.store import one_time_links, places, programmes, sessions
from handover.store.sqlite import SqliteStore
from tests.cast import NOW, TODAY, Cast

WANTED = FirstPeople(
    WantedOrganisation("hospital", "Sygehus Sønderjylland", "DK", "+45 74 18 00 00"),
    "Mette Dam",
    "Mette@ward.example",
)


def test_first_administrator_and_organisation_come_by_a_link_that_works_once(store: SqliteStore) -> None:
    store.write_now(furnish, now=NOW)
    assert store.write_now(first_link, "token", now=NOW)
    account = store.write_now(set_up, "token", WANTED, "hash", now=NOW, today=TODAY)
    scope = store.read_now(sessions.staff_scope, account)
    assert scope is not None
    assert (scope.role, scope.organisation_name) == ("administrator", "Sygehus Sønderjylland")
    with pytest.raises(Expired):
        store.write_now(set_up, "token", WANTED, "hash", now=NOW, today=TODAY)
    assert not store.write_now(first_link, "another", now=NOW)


def test_link_runs_out_and_the_next_start_makes_a_new_one(store: SqliteStore) -> None:
    store.write_now(first_link, "old", now=NOW)
    with pytest.raises(Expired):
        store.write_now(set_up, "old", WANTED, "hash", now=NOW + LINK_LASTS, today=TODAY)
    store.write_now(first_link, "newer", now=NOW)
    store.write_now(first_link, "newest", now=NOW)
    with pytest.raises(Expired):
        store.write_now(set_up, "newer", WANTED, "hash", now=NOW, today=TODAY)
    store.write_now(set_up, "newest", WANTED, "hash", now=NOW, today=TODAY)


def test_link_for_a_password_sets_nothing_up(store: SqliteStore) -> None:
    store.write_now(one_time_links.issue, "token", "password", None, now=NOW, expires_at=NOW + 60)
    with pytest.raises(Expired):
        store.write_now(set_up, "token", WANTED, "hash", now=NOW, today=TODAY)


def test_installation_with_people_cannot_be_set_up_again(store: SqliteStore, cast: Cast) -> None:
    store.write_now(one_time_links.issue, "token", "set-up", None, now=NOW, expires_at=NOW + 60)
    with pytest.raises(Expired):
        store.write_now(set_up, "token", WANTED, "hash", now=NOW, today=TODAY)


def test_furnishing_again_leaves_what_was_renamed(store: SqliteStore) -> None:
    store.write_now(furnish, now=NOW)
    assert len(store.read_now(places.municipalities)) > 400
    store.write_now(programmes.put_programme, "cancer", {"da": "Vores kræftforløb"}, [])
    store.write_now(furnish, now=NOW)
    assert store.read_now(programmes.programmes, "da")["cancer"] == "Vores kræftforløb"
