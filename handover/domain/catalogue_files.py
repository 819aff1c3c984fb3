"""Catalogue files: JSON whole, CSV one offer a row; bytes in, a document for `catalogue.import_offers`, and back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Literal

from handover.errors import N_, FieldError, Invalid

FileKind = Literal["csv", "json"]

# One cell each; a list's parts are parted by `|`. Texts have a column a language: name_da, summary_da, …
_LISTS = (
    "reach",
    "programmes",
    "themes",
    "diagnosis",
    "audience",
    "format",
    "referral",
    "weekday",
    "starts",
    "next_steps",
)
_NUMBERS = ("capacity", "sessions")
_LINES = ("id", "provider", "kind", "sex", "place", "time", "price", "checked_on", "source")
_PROVIDER = ("provider_name", "provider_kind", "provider_municipality")
_COLUMNS = (
    "id", "provider", *_PROVIDER, "kind", "reach", "programmes", "themes", "sex", "age_from", "age_to", "diagnosis",
    "audience", "format", "place", "referral", "capacity", "sessions", "weekday", "time", "starts", "price",
    "next_steps", "checked_on", "source",
)  # fmt: skip
# A spreadsheet runs a cell that begins with one of these; the quote makes it text again.
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
_TEXT_MARK = "'"


def parse(content: bytes, kind: FileKind) -> dict[str, Any]:
    """The document in a file. Raises `Invalid` for one that cannot be read at all, or whose columns are unknown."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("unreadable", N_("Save the file as UTF-8, then import it again.")) from None
    return _from_json(text) if kind == "json" else _from_csv(text)


def format_document(document: Mapping[str, Any], kind: FileKind) -> bytes:
    """A file that `parse` reads back. CSV holds offers and their providers; JSON everything."""
    if kind == "json":
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    # With the mark by which spreadsheets see that it is UTF-8.
    return _to_csv(document).encode("utf-8-sig")


def _from_json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Invalid(
            "malformed", N_("The file is not a JSON object. See the starting catalogue for an example.")
        )
    return document


def _from_csv(text: str) -> dict[str, Any]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [line for line in rows if any(cell.strip() for cell in line)]
    except csv.Error:
        raise Invalid("malformed", N_("The file is not a table with commas between its cells.")) from None
    head = [cell.strip() for cell in lines[0]] if lines else []
    _check_columns(head)
    offers, providers, errors = [], {}, []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(head):
            message = N_("Line {line}: there are {found} cells and {wanted} columns.")
            values = (("line", str(number)), ("found", str(len(line))), ("wanted", str(len(head))))
            errors.append(FieldError(f"line.{number}", "cells", message, values))
            continue
        row = {column: _plain(cell.strip()) for column, cell in zip(head, line, strict=True)}
        offers.append(_offer(row))
        if row.get("provider_name"):
            providers[row["provider"]] = {
                "id": row["provider"],
                "name": row["provider_name"],
                "kind": row.get("provider_kind", ""),
                "municipality": row.get("provider_municipality") or None,
            }
    if errors:
        raise Invalid("bad-rows", N_("Nothing was imported. See what is wrong below."), errors)
    return {"providers": list(providers.values()), "offers": offers}


def _check_columns(head: list[str]) -> None:
    texts = [column for column in head if column.startswith(("name_", "summary_"))]
    missing = {"id", "provider", "kind", "reach", "programmes"} - set(head)
    unknown = set(head) - set(_COLUMNS) - set(texts)
    errors = [
        FieldError(column, "missing", N_("The column {column} is missing."), (("column", column),))
        for column in sorted(missing)
    ]
    errors += [
        FieldError(column, "unknown", N_("There is no column called {column}."), (("column", column),))
        for column in sorted(unknown)
    ]
    errors += [
        FieldError(column, "twice", N_("The column {column} stands here twice."), (("column", column),))
        for column in sorted({column for column in head if head.count(column) > 1})
    ]
    if errors:
        raise Invalid("bad-columns", N_("The columns of the file are not those of the catalogue."), errors)


def _offer(row: Mapping[str, str]) -> dict[str, Any]:
    offer: dict[str, Any] = {name: row.get(name) or None for name in _LINES}
    offer |= {
        name: [part.strip() for part in row.get(name, "").split("|") if part.strip()] for name in _LISTS
    }
    offer |= {name: _number(row.get(name, "")) for name in _NUMBERS}
    if row.get("age_from") or row.get("age_to"):
        offer["age"] = [_number(row.get("age_from") or "0"), _number(row.get("age_to") or "120")]
    for text in ("name", "summary"):
        start = f"{text}_"
        offer[text] = {
            column.removeprefix(start): cell
            for column, cell in row.items()
            if column.startswith(start) and cell
        }
    return offer


def _number(cell: str) -> int | str | None:
    """A whole number; anything else stays as it is, for the import to name."""
    if not cell:
        return None
    return int(cell) if cell.isascii() and cell.removeprefix("-").isdigit() else cell


def _to_csv(document: Mapping[str, Any]) -> str:
    providers = {one["id"]: one for one in document["providers"]}
    languages = sorted({language for offer in document["offers"] for language in offer["name"]})
    texts = [f"{text}_{language}" for text in ("name", "summary") for language in languages]
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow([*_COLUMNS, *texts])
    for offer in document["offers"]:
        row = _cells(offer, providers[offer["provider"]])
        for text in ("name", "summary"):
            row |= {f"{text}_{language}": said for language, said in offer[text].items()}
        table.writerow([_safe(row.get(column, "")) for column in (*_COLUMNS, *texts)])
    return out.getvalue()


def _cells(offer: Mapping[str, Any], provider: Mapping[str, Any]) -> dict[str, str]:
    cells = {name: str(offer.get(name) or "") for name in _LINES}
    cells |= {name: "|".join(offer.get(name) or ()) for name in _LISTS}
    cells |= {name: "" if offer.get(name) is None else str(offer[name]) for name in _NUMBERS}
    low, high = offer.get("age") or ("", "")
    return cells | {
        "age_from": str(low),
        "age_to": str(high),
        "provider_name": provider["name"],
        "provider_kind": provider["kind"],
        "provider_municipality": provider["municipality"] or "",
    }


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs, and that `_plain` turns back into itself."""
    return _TEXT_MARK + cell if cell.startswith(_RUN_BY_SPREADSHEETS) or _is_marked(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if _is_marked(cell) else cell


def _is_marked(cell: str) -> bool:
    return cell.startswith(_TEXT_MARK) and cell[1:].startswith((*_RUN_BY_SPREADSHEETS, _TEXT_MARK))
