"""Free times of a team of twenty over thirty days, with 2,000 talks in the table and with 20,000 over ten years."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from handover.booking import book, free_slots
from handover.store import accounts
from handover.store.sqlite import SqliteStore
from tests import cast as people
from tests.bookings import at, wanted, words

ROUNDS = 30
NURSES = 20
DAY = 24 * 3600
FIRST = date(2026, 12, 1)


def run() -> list[tuple[str, float, str]]:
    """Milliseconds of the whole question, median of interleaved rounds over both tables, and how they compare."""
    with TemporaryDirectory() as folder:
        small, few = _service(Path(folder) / "few.db", years=1, talks=2_000)
        large, many = _service(Path(folder) / "many.db", years=10, talks=20_000)
        few_times, many_times = [], []
        for _ in range(ROUNDS):
            few_times.append(_ask(small, few))
            many_times.append(_ask(large, many))
        small.close_now()
        large.close_now()
    return [
        ("Free times, 20 nurses, 30 days, 2,000 talks (ms)", median(few_times) * 1000, "<= 25"),
        (
            "Free times with 20,000 talks over ten years / with 2,000",
            median(many_times) / median(few_times),
            "<= 1.5",
        ),
    ]


def _ask(store: SqliteStore, cast: people.Cast) -> float:
    begun = perf_counter()
    found = store.read_now(free_slots, "0540", FIRST, 30, 30, by=cast.astrid, now=people.NOW)
    assert found
    return perf_counter() - begun


def _service(path: Path, *, years: int, talks: int) -> tuple[SqliteStore, people.Cast]:
    """A database whose talks are spread over the years behind and the month ahead, one at a time for each nurse."""
    store = SqliteStore(path)
    cast = store.write_now(people.gather)
    store.write_now(words)
    store.write_now(_more_nurses, cast)
    store.write_now(book, wanted(), by=cast.astrid, now=people.NOW)
    store.write_now(_fill, years, talks)
    return store, cast


def _more_nurses(tx: Any, cast: people.Cast) -> None:
    for number in range(2, NURSES):
        nurse = accounts.add(
            tx, organisation=cast.soenderborg, role="nurse", name=f"Nurse {number}", title="", phone="", hours="",
            email=f"nurse{number}@kommune.example", language="da", password_hash=None, now=people.NOW,
        )  # fmt: skip
        accounts.join_unit(tx, nurse, cast.team)
        accounts.set_working_hours(tx, nurse, people.OFFICE_WEEK, "Europe/Copenhagen")
        accounts.add_absence(
            tx,
            nurse,
            at("2026-12-10 00:00") + number * 3600,
            at("2026-12-11 00:00"),
            entered_by=nurse,
            now=people.NOW,
        )


def _fill(tx: Any, years: int, talks: int) -> None:
    """Copies of the one talk there is. A tenth of the first 2,000 lies ahead in both tables, the rest behind."""
    (talk,) = tx.all("select * from talks")
    nurses = [row["id"] for row in accounts.nurses_of(tx, talk["team"]) if row["id"] != talk["nurse"]]
    ahead = 200
    behind = -(-(talks - ahead) // len(nurses))
    step = years * 365 * DAY // behind // 1800 * 1800
    columns = list(talk)
    rows = []
    for number in range(talks - 1):
        turn, nurse = divmod(number, len(nurses))
        if number < ahead:
            start = at("2026-12-01 08:00") + turn * 3 * DAY + nurse % 8 * 3600
        else:
            start = at("2026-11-29 08:00") - (turn - ahead // len(nurses)) * step
        rows.append(
            {
                **talk,
                "id": tx.new_id(),
                "uid": tx.new_id(),
                "nurse": nurses[nurse],
                "starts_at": start,
                "ends_at": start + 1800,
                "state": "booked" if number < ahead else "held",
                "override_reason": None,
            }
        )
    tx.run_many(
        f"insert into talks ({', '.join(columns)}) values ({', '.join(':' + column for column in columns)})",
        rows,
    )
