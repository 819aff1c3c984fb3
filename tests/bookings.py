"""Talks for tests: what Astrid wants for Ellen, said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handover.domain.bookings import ConsentGiven, Guest, PatientFacts, Wanted
from handover.store import programmes
from handover.store.engine import Row, Tx

ELLEN = PatientFacts("EH", "HO-17", "Ellen Holm", "+45 20 11 22 33", "ellen@post.example")
DAG = Guest("relative", "Dag Holm", "dag@post.example", "+46 70 1", "son", "en")
YES = ConsentGiven("municipality", True, "spoken", "Astrid Lund")


def at(local: str, zone: str = "Europe/Copenhagen") -> int:
    """The instant at which a local clock shows `2026-12-01 10:00`."""
    return int(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp())


TEN = at("2026-12-01 10:00")


def words(tx: Tx) -> None:
    """A programme and two themes to book with."""
    programmes.put_programme(tx, "cancer", {"en": "Cancer"}, [3])
    programmes.put_theme(tx, "fatigue", {"en": "Fatigue"}, 1)
    programmes.put_theme(tx, "children", {"en": "Children"}, 2)


def wanted(start: int = TEN, **facts: Any) -> Wanted:
    """Half an hour with Sønderborg for Ellen and Dag."""
    usual = Wanted("0540", start, "cancer", "da", ELLEN, (YES,), participants=(DAG,))
    return replace(usual, **facts)


def letters(tx: Tx, talk: str) -> list[tuple[str, str, int | None, str]]:
    """What waits in the outbox about a talk: letter, to whom, sequence, state; in the order written."""
    import json

    rows: list[Row] = tx.all(
        """
        select o.letter, coalesce(p.name, a.name) as name, o.facts, o.state
        from outbox o left join participants p on p.id = o.participant left join accounts a on a.id = o.account
        where o.talk = :talk order by o.number
        """,
        talk=talk,
    )
    return [
        (row["letter"], row["name"], json.loads(row["facts"]).get("sequence"), row["state"]) for row in rows
    ]
