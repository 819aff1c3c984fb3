"""Booking through the pages, as tests of the talk's other pages need it too."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from tests.visitor import Answer, Visitor

TUESDAY_TEN = int(datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Europe/Copenhagen")).timestamp())
WHO = {
    "step": "who",
    "key": "one-press",
    "municipality": "Sønderborg",
    "programme": "cancer",
    "language": "da",
    "patient.initials": "ES",
    "patient.reference": "HO-17",
    "patient.name": "Ellen Sørensen",
    "patient.phone": "+45 30 30 30 30",
    "patient.national_id": "010203-1234",
    "place": "stue 4",
    "minor_children": "yes",
    "participants.0.role": "relative",
    "participants.0.name": "Dag Sørensen",
    "participants.0.email": "dag@abroad.example",
    "participants.0.relation": "Son",
    "consent": "yes",
    "consent.0.how": "spoken",
    "consent.0.asked_by": "Astrid Lund",
}


def filled(**changed: Any) -> dict[str, Any]:
    """The whole form with a time, changed; dots in names are written as __, None leaves a field out."""
    changes = {name.replace("__", "."): value for name, value in changed.items()}
    fields = {**WHO, "start": str(TUESDAY_TEN), **changes}
    return {name: value for name, value in fields.items() if value is not None}


async def book(client: Visitor, **changed: Any) -> str:
    """Book as the check step does; the talk's address."""
    answer = await client.post("/talks/new", filled(step="check", go="book", **changed))
    assert answer.status == 303, words_of(answer)
    return answer.location.partition("?")[0]


def words_of(answer: Answer) -> str:
    """What a page says, without its markup."""
    inside = answer.text.partition("<main")[2].partition("</main>")[0]
    inside = re.sub(r"<(script|template)\b.*?</\1>", " ", inside, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", inside))).strip()


def wrong_fields(answer: Answer) -> list[str]:
    """The fields that the summary of errors leads to."""
    summary = answer.text.partition('id="errors"')[2].partition("</ul>")[0]
    return re.findall(r'href="#field-([^"]+)"', summary)


def hidden(answer: Answer, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', answer.text)
    assert found, f"no field {name}"
    return unescape(found[1])


def slots(answer: Answer) -> list[int]:
    """The free times that can be chosen."""
    return [int(value) for value in re.findall(r'name="start" value="(\d+)"', answer.text)]
