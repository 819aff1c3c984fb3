"""The catalogue: filled from a file, given out again, and searched."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import pytest

from handover.cataloguing import Imported, export_offers, find, import_offers
from handover.domain.access import OPERATOR
from handover.errors import Invalid, NotAllowed
from handover.store import audit
from handover.store import catalogue as store_catalogue
from handover.store.sqlite import SqliteStore
from tests.cast import NOW, Cast


@pytest.fixture
def document() -> dict[str, Any]:
    text = (files("handover") / "data" / "offers.json").read_text("utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def put(store: SqliteStore, document: dict[str, Any], now: int = NOW) -> Imported:
    return store.write_now(import_offers, document, by=OPERATOR, now=now)


def version_of(store: SqliteStore, offer: str) -> str:
    found = store.read_now(store_catalogue.get, offer)
    assert found is not None
    return found.version


def test_the_starting_catalogue_goes_in_whole_and_once(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    assert put(store, document) == Imported(41, 0, 0)
    before = version_of(store, "sdb-psykolog")
    assert put(store, document) == Imported(0, 0, 41)
    assert version_of(store, "sdb-psykolog") == before


def test_what_goes_out_goes_in_again_without_a_change(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    put(store, document)
    given_out = store.read_now(export_offers)
    assert put(store, given_out) == Imported(0, 0, 41)
    assert store.read_now(export_offers) == given_out
    assert {offer["id"] for offer in given_out["offers"]} == {offer["id"] for offer in document["offers"]}
    assert given_out["themes"] == document["themes"]


def test_a_changed_text_makes_a_new_version_and_keeps_the_old_one(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    put(store, document)
    old = version_of(store, "sdb-psykolog")
    changed = copy.deepcopy(document)
    offer = next(one for one in changed["offers"] if one["id"] == "sdb-psykolog")
    offer["summary"]["da"] = "Op til ti samtaler."
    assert put(store, changed) == Imported(0, 1, 40)
    new = version_of(store, "sdb-psykolog")
    versions = store.read_now(store_catalogue.in_versions, [old, new])
    assert versions[old].text("da").summary != "Op til ti samtaler."
    assert versions[new].text("da").summary == "Op til ti samtaler."


def test_a_wider_reach_needs_no_new_version(store: SqliteStore, cast: Cast, document: dict[str, Any]) -> None:
    put(store, document)
    old = version_of(store, "sdb-psykolog")
    changed = copy.deepcopy(document)
    next(one for one in changed["offers"] if one["id"] == "sdb-psykolog")["reach"].append("0580")
    assert put(store, changed) == Imported(0, 1, 40)
    assert version_of(store, "sdb-psykolog") == old
    assert "sdb-psykolog" in {offer.id for offer in store.read_now(find, municipality="0580")}


def test_bad_rows_are_all_listed_and_nothing_goes_in(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    document["offers"][0]["kind"] = "miracle"
    document["offers"][1]["reach"] = ["9999"]
    document["offers"][2]["starts"] = ["2027-02-30"]
    document["offers"][3]["capacity"] = -1
    document["offers"][4]["name"] = {}
    document["offers"][5]["next_steps"] = ["nowhere"]
    document["offers"][6]["id"] = "Ikke et id"
    document["offers"][8]["id"] = document["offers"][7]["id"]
    with pytest.raises(Invalid) as caught:
        put(store, document)
    assert caught.value.code == "bad-rows"
    assert {error.field for error in caught.value.fields} >= {
        "offers.0.kind",
        "offers.1.reach",
        "offers.2.starts",
        "offers.3.capacity",
        "offers.4.name",
        "offers.5.next_steps",
        "offers.6.id",
        "offers.7.id",
    }
    assert store.read_now(find) == []
    first = next(error for error in caught.value.fields if error.field == "offers.0.kind")
    assert (
        first.message.format(**dict(first.values)) == "offers.0 (sdb-genoptraening): kind cannot be miracle."
    )


@pytest.mark.parametrize("part", ["offers", "providers", "themes"])
def test_a_file_of_another_shape_is_refused(store: SqliteStore, cast: Cast, part: str) -> None:
    with pytest.raises(Invalid):
        put(store, {part: {"id": "x"}})
    with pytest.raises(Invalid):
        put(store, {part: ["x"]})
    with pytest.raises(Invalid):
        put(store, {part: [{}]})


def test_ward_nurse_may_not_import(store: SqliteStore, cast: Cast, document: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        store.write_now(import_offers, document, by=cast.astrid, now=NOW)


def test_an_import_is_noted(store: SqliteStore, cast: Cast, document: dict[str, Any]) -> None:
    put(store, document)
    events = store.read_now(
        lambda tx: tx.all("select action, detail from audit where object_kind = 'catalogue'")
    )
    assert events == [{"action": "offers:import", "detail": '{"added": 41, "changed": 0}'}]
    assert store.read_now(audit.broken_at) is None


def test_somebody_finds_their_own_shared_and_national_offers(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    put(store, document)
    lyngby = {offer.id for offer in store.read_now(find, municipality="0173", programme="cancer")}
    assert "ltk-sundhedsraadgiver" in lyngby  # its own
    assert "vsk-mandehold" in lyngby  # Ballerup's, shared by the nine
    assert "idraet-motion" in lyngby  # the whole country's
    assert "sdb-psykolog" not in lyngby
    assert "no-likeperson" not in lyngby


def test_finder_narrows_by_sex_age_diagnosis_theme_and_words(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    put(store, document)

    def ids(**wanted: Any) -> set[str]:
        return {offer.id for offer in store.read_now(find, municipality="0173", **wanted)}

    assert "vsk-mandehold" not in ids(sex="female")
    assert "vsk-mandehold" in ids(sex="other") & ids(sex="male") & ids()
    assert "aeldre-besoeg" not in ids(age=40)
    assert "aeldre-besoeg" in ids(age=70) & ids()
    assert "vsk-prostata" not in ids(diagnosis="breast")
    assert ids(q="LIVSKRAFT") == {"vsk-livskraft"}
    assert ids(q="livskraft gladsaxe") == {"vsk-livskraft"}
    assert ids(q="findes ikke") == set()
    assert all(
        "fatigue" in offer.themes for offer in store.read_now(find, municipality="0173", theme="fatigue")
    )


def test_offers_that_answer_the_ticked_needs_come_first(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    put(store, document)
    found = store.read_now(find, municipality="0540", needs=("mind", "family"))
    assert found[0].id == "sdb-psykolog"
    assert found[0].fits(("mind", "family")) == ("mind", "family")


def test_reader_gets_the_text_they_read_best_and_is_told_its_language(
    store: SqliteStore, cast: Cast, document: dict[str, Any]
) -> None:
    put(store, document)
    livskraft = store.read_now(store_catalogue.get, "vsk-livskraft")
    likeperson = store.read_now(store_catalogue.get, "no-likeperson")
    assert livskraft is not None and likeperson is not None
    assert livskraft.text("nb").language == "da"
    assert livskraft.text("en").language == "en"
    assert livskraft.text("pl").language == "en"
    assert likeperson.text("da").language == "nb"
