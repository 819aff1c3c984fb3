"""Catalogue files: what a spreadsheet may do to them, and what it may not do to us."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from handover.cataloguing import Imported, export_offers, import_offers
from handover.domain.access import OPERATOR
from handover.domain.catalogue_files import format_document, parse
from handover.errors import Invalid
from handover.store.sqlite import SqliteStore
from tests import catalogue
from tests.cast import NOW, Cast

HEAD = "id,provider,kind,reach,programmes,name_da,summary_da"


@pytest.fixture
def exported(store: SqliteStore, cast: Cast) -> dict[str, Any]:
    store.write_now(catalogue.fill)
    return store.read_now(export_offers)


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_file_given_out_goes_in_again_without_a_change(
    store: SqliteStore, exported: dict[str, Any], kind: Any
) -> None:
    content = format_document(exported, kind)
    assert store.write_now(import_offers, parse(content, kind), by=OPERATOR, now=NOW) == Imported(0, 0, 41)
    assert store.read_now(export_offers) == exported


@pytest.mark.parametrize(
    "text", ["=cmd|'/c calc'!A0", "+45 74", "-1", "@sum(a1)", "'=cmd", "''x", "'s aften", "=1+1"]
)
def test_nothing_in_a_given_out_table_is_run_and_every_text_comes_back(
    store: SqliteStore, exported: dict[str, Any], text: str
) -> None:
    offer = exported["offers"][0]
    offer["name"]["da"] = offer["summary"]["da"] = offer["place"] = text
    content = format_document(exported, "csv")
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    back = parse(content, "csv")["offers"][0]
    assert (back["name"]["da"], back["summary"]["da"], back["place"]) == (text, text, text)


def test_a_formula_that_somebody_imports_is_given_out_as_text(
    store: SqliteStore, exported: dict[str, Any]
) -> None:
    table = f'{HEAD}\nx,soenderborg,group,0540,cancer,"=HYPERLINK(""http://evil.example"")",Tekst\n'
    store.write_now(import_offers, parse(table.encode(), "csv"), by=OPERATOR, now=NOW)
    given_out = format_document(store.read_now(export_offers), "csv").decode("utf-8-sig")
    assert "'=HYPERLINK" in given_out
    assert ",=HYPERLINK" not in given_out and ',"=HYPERLINK' not in given_out


def test_a_short_table_brings_offers_and_their_provider(store: SqliteStore, exported: dict[str, Any]) -> None:
    table = (
        f"{HEAD},provider_name,provider_kind,provider_municipality,age_from,weekday\r\n"
        'ny-gruppe,hjaelp,group,0540|vi-samler-kraefterne,cancer,Ny gruppe,"Kom, og\nvær med",'
        "Hjælp,civil-society,,65,mon|tue\r\n"
    )
    done = store.write_now(import_offers, parse(table.encode("utf-8-sig"), "csv"), by=OPERATOR, now=NOW)
    assert done == Imported(1, 0, 0)
    [offer] = [one for one in store.read_now(export_offers)["offers"] if one["id"] == "ny-gruppe"]
    assert (offer["age"], offer["weekday"], offer["summary"]) == (
        [65, 120],
        ["mon", "tue"],
        {"da": "Kom, og\nvær med"},
    )


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"\xe6\xf8\xe5", "csv", "unreadable"),
        (b"[1, 2]", "json", "malformed"),
        (b"{", "json", "malformed"),
        (b"[" * 100_000, "json", "malformed"),
        (b"", "csv", "bad-columns"),
        (b"id,provider\nx,y\n", "csv", "bad-columns"),
        (f"{HEAD},colour\n".encode(), "csv", "bad-columns"),
        (f"{HEAD},id\n".encode(), "csv", "bad-columns"),
        (f"{HEAD}\nx,y\n".encode(), "csv", "bad-rows"),
        (b'id,"provider\n', "csv", "malformed"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_in_a_sentence(content: bytes, kind: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(content, kind)
    assert caught.value.code == code


def test_a_number_that_is_none_is_named_by_the_import(store: SqliteStore, exported: dict[str, Any]) -> None:
    table = f"{HEAD},capacity\nx,soenderborg,group,0540,cancer,Navn,Tekst,mange\n"
    with pytest.raises(Invalid) as caught:
        store.write_now(import_offers, parse(table.encode(), "csv"), by=OPERATOR, now=NOW)
    [error] = caught.value.fields
    assert error.message.format(**dict(error.values)) == "offers.0 (x): capacity must be a number, not mange."
