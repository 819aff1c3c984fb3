"""The demo: figures worth looking at, a talk near at every start, and one right now on request."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from click.testing import CliRunner

from handover import booking, cataloguing, demo, summarising
from handover.__main__ import main
from handover.demo.people import scope_of
from handover.domain import join_links
from handover.domain.months import Period, month_of, months_before
from handover.domain.talks import LIVE_STATES
from handover.errors import Conflict
from handover.evaluating import working_view
from handover.joining import open_link
from handover.setting_up import furnish
from handover.settings import load_or_make_secret
from handover.store import accounts, audit, meta, talks
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import bookings
from tests.cast import NOW, Cast

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def seeded(store: SqliteStore) -> SqliteStore:
    """A demo that has just been made."""
    store.write_now(demo.seed, now=NOW)
    return store


def counts(tx: Tx) -> dict[str, int]:
    tables = ("talks", "patients", "decisions", "accounts", "offers", "outbox", "audit")
    return {table: tx.value(f"select count(*) from {table}") for table in tables}


def near(tx: Tx, now: int) -> list[str]:
    """Astrid's talks with Bo that begin within two hours."""
    bo = scope_of(tx, "bo@kommune.example").actor
    found = talks.between(tx, scope_of(tx, "astrid@ward.example"), now, now + 2 * HOUR, LIVE_STATES)
    return [talk.id for talk in found if talk.nurse == bo]


def test_courses_begin_soon_and_a_summary_has_dates_for_the_calendar(seeded: SqliteStore) -> None:
    def look(tx: Tx) -> tuple[set[str], list[int]]:
        today, in_two_months = "2026-11-30", "2027-01-31"
        offers = cataloguing.find(tx, municipality="0540", programme="cancer")
        soon = {
            offer.id for offer in offers if today <= (offer.facts.next_start(today) or "9") <= in_two_months
        }
        bo = scope_of(tx, "bo@kommune.example")
        held = talks.between(tx, bo, NOW - 300 * DAY, NOW, ("held",))
        return soon, [len(summarising.dated(summarising.summary_of(tx, talk.id, by=bo))) for talk in held]

    soon, dates = seeded.read_now(look)
    assert {"sdb-genoptraening", "sdb-rygestop"} <= soon
    assert sum(dates) > 5


def test_every_kind_of_ending_is_there_to_be_counted(seeded: SqliteStore) -> None:
    def look(tx: Tx) -> set[object]:
        return {
            *tx.tuples("select state, stopped_because from talks"),
            *tx.tuples("select decision from decisions"),
            *tx.tuples("select for_whom from decisions"),
            *tx.tuples("select form from outcomes"),
            *tx.tuples("select delivery from participants"),
            *tx.tuples("select 'no nurse' from talks where nurse is null and state = 'booked'"),
        }

    assert seeded.read_now(look) >= {
        ("held", None), ("not-held", None), ("cancelled", None), ("cancelled", "readmitted"), ("booked", None),
        ("confirmed", None), ("accepted",), ("undecided",), ("declined",), ("has-already",), ("not-relevant",), (None,),
        ("patient",), ("relative",), ("child",), ("video",), ("phone",), ("in-person",), ("refused",), ("no nurse",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "fewest"), [("ida@kommune.example", 30), ("astrid@ward.example", 35), ("siri@ward.example", 8)]
)
def test_each_side_has_its_own_talks_in_the_working_view(seeded: SqliteStore, who: str, fewest: int) -> None:
    by = seeded.read_now(scope_of, who)
    month = month_of(NOW, by.zone)
    figures, _ = seeded.write_now(working_view, Period(months_before(month, 11), month), None, by=by, now=NOW)
    assert figures.total.patients >= fewest
    assert figures.total.held.count < figures.total.held.of
    assert figures.total.accepted.count < figures.total.accepted.of
    assert figures.reasons


def test_a_second_start_changes_nothing(seeded: SqliteStore) -> None:
    before = seeded.read_now(counts)
    seeded.write_now(demo.seed, now=NOW + DAY)
    assert seeded.read_now(counts) == before


def test_no_mail_goes_out_about_what_is_past(seeded: SqliteStore) -> None:
    def waiting(tx: Tx) -> list[tuple[int, int]]:
        rows = tx.tuples(
            "select o.created_at, t.starts_at from outbox o join talks t on t.id = o.talk where o.state = 'queued'"
        )
        return [(written, starts) for written, starts in rows if written < NOW or starts < NOW]

    assert seeded.read_now(waiting) == []


def test_what_happened_stands_in_the_trail_in_its_order(seeded: SqliteStore) -> None:
    def at(tx: Tx) -> list[int]:
        return [row[0] for row in tx.tuples("select at from audit where talk is not null order by seq")]

    happened = seeded.read_now(at)
    assert happened == sorted(happened)
    assert len(happened) > 200
    assert seeded.read_now(audit.broken_at) is None


@pytest.mark.parametrize("later", [0, 16 * HOUR, 5 * DAY, 24 * DAY + 9 * HOUR])
def test_a_start_at_any_hour_leaves_a_talk_within_two_hours(seeded: SqliteStore, later: int) -> None:
    now = NOW + later
    seeded.write_now(demo.ensure_soon, now=now)
    first = seeded.read_now(near, now)
    assert len(first) >= 1
    seeded.write_now(demo.ensure_soon, now=now + 60)
    assert seeded.read_now(near, now + 60) == first
    seeded.write_now(demo.ensure_soon, now=now + 3 * HOUR)
    assert set(seeded.read_now(near, now + 3 * HOUR)).isdisjoint(first)


def test_the_talk_in_ten_minutes_is_put_over_another_talk(seeded: SqliteStore) -> None:
    """Bo has a long talk that began before the start, so that the two overlap."""
    start = NOW + 25 * HOUR  # Tuesday morning, when everybody works
    with_bo = seeded.read_now(scope_of, "bo@kommune.example").actor
    wanted = bookings.wanted(start - HOUR, minutes=240, nurse=with_bo, override="long")
    seeded.write_now(booking.book, wanted, by=seeded.read_now(scope_of, "astrid@ward.example"), now=NOW)
    seeded.write_now(demo.ensure_soon, now=start)
    assert seeded.read_now(near, start)


def test_the_talk_in_ten_minutes_mails_everybody(seeded: SqliteStore) -> None:
    now = NOW + 16 * HOUR
    seeded.write_now(demo.ensure_soon, now=now)

    def letters(tx: Tx) -> list[tuple[str, str]]:
        return tx.tuples(
            """
            select p.role, o.state from outbox o join participants p on p.id = o.participant
            where o.talk = :talk order by p.position
            """,
            talk=near(tx, now)[0],
        )

    assert seeded.read_now(letters) == [
        ("ward", "queued"),
        ("nurse", "queued"),
        ("patient", "queued"),
        ("relative", "queued"),
    ]


def test_without_bo_it_says_who_is_missing(seeded: SqliteStore) -> None:
    def close(tx: Tx) -> None:
        account = accounts.by_email(tx, "bo@kommune.example")
        assert account is not None
        accounts.disable(tx, account["id"], now=NOW)

    seeded.write_now(close)
    with pytest.raises(Conflict, match="demo-changed"):
        seeded.write_now(demo.ensure_soon, now=NOW)


# demo-talk


@pytest.fixture
def folder(tmp_path: Path, store: SqliteStore) -> Path:
    """The folder of `store`, as `handover demo --data` would have it."""
    load_or_make_secret(tmp_path / "secret.key")
    return tmp_path


def demo_talk(folder: Path) -> tuple[int, str]:
    told = CliRunner().invoke(main, ["demo-talk", "--data", str(folder)])
    return told.exit_code, told.output


def test_demo_talk_tells_everybody_where_to_go(seeded: SqliteStore, folder: Path) -> None:
    seeded.write_now(meta.put, "base_url", "http://127.0.0.1:8099")
    status, output = demo_talk(folder)
    assert status == 0, output
    lines = [line.split("\t") for line in output.splitlines()]
    assert [(role, name) for role, name, _ in lines][:2] == [("ward", "Astrid Lund"), ("nurse", "Bo Madsen")]
    assert [role for role, _, _ in lines][2:] == ["patient", "relative"]
    assert re.fullmatch(r"http://127\.0\.0\.1:8099/talks/[a-z2-7]{26}/room", lines[0][2])
    assert lines[1][2] == lines[0][2]


def test_guests_of_a_demo_talk_may_come_in_at_once(seeded: SqliteStore, folder: Path) -> None:
    seeded.write_now(meta.put, "base_url", "http://127.0.0.1:8099")
    _, output = demo_talk(folder)
    key = load_or_make_secret(folder / "secret.key")
    for line in output.splitlines()[2:]:
        _, name, url = line.split("\t")
        parsed = join_links.parse(url.removeprefix("http://127.0.0.1:8099/j/"))
        assert parsed is not None

        def opened(tx: Tx, parsed: join_links.ParsedToken = parsed) -> tuple[str, str, str] | None:
            talk = tx.value("select max(starts_at) from talks where override_reason is not null")
            found = open_link(tx, parsed, key=key, now=talk + 60)
            return found and (found.name, found.standing, found.talk.nurse_name)

        assert seeded.read_now(opened) == (name, "open", "Bo Madsen")


def test_demo_talk_leaves_a_real_database_alone(store: SqliteStore, cast: Cast, folder: Path) -> None:
    store.write_now(furnish, now=NOW)
    before = store.read_now(counts)
    status, output = demo_talk(folder)
    assert (status, "real database" in output) == (1, True)
    assert store.read_now(counts) == before


def test_demo_talk_asks_for_a_demo_where_there_is_none(tmp_path: Path) -> None:
    status, output = demo_talk(tmp_path / "nowhere")
    assert (status, "Make one with: handover demo" in output) == (1, True)
    assert not (tmp_path / "nowhere").exists()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A demo that is being served by a process of its own: its address and folder."""
    folder = tmp_path / "demo"
    server = subprocess.Popen(
        [sys.executable, "-m", "handover", "demo", "--port", "0", "--data", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().split()[1].rstrip("/"), folder
    finally:
        server.terminate()
        server.wait(timeout=30)


async def test_demo_talk_works_while_the_demo_is_served(running: tuple[str, Path]) -> None:
    address, folder = running
    status, output = demo_talk(folder)
    assert status == 0, output
    relative = output.splitlines()[-1].split("\t")
    assert relative[0] == "relative"
    assert relative[2].startswith(address + "/j/")
    async with (
        ClientSession() as session,
        session.get(relative[2], params={"lang": "en"}) as page,
    ):
        assert page.status == 200
        assert "I am ready" in await page.text()
