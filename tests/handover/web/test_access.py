"""Who comes to what: every route, for everybody, equals access.tsv; and what every answer and every form promises."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.guessing import Allowance
from handover.web.throttling import Throttle
from tests.booked import Booked
from tests.cast import Cast
from tests.conftest import Serve, service
from tests.handover.web.sweep import WHO, Sweep, UndoingStore, address, own_check, routes
from tests.visitor import Clock, Visitor

TABLE = Path(__file__).with_name("access.tsv")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "handover",
}

Row = tuple[str, ...]


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Being slowed down depends on who came before; that is tested where signing in is."""
    monkeypatch.setattr(Throttle, "try_now", lambda *_: 0)
    monkeypatch.setattr(Allowance, "take", lambda *_: True)


async def test_every_route_answers_everybody_as_the_table_says(
    serve: Serve, settings: Settings, undoing: UndoingStore, clock: Clock, cast: Cast, swept: Booked
) -> None:
    app = service(settings, undoing, clock)
    sweep = Sweep(await serve(app))
    measured: dict[tuple[str, str], Row] = {}
    for method, template, _ in routes(app):
        path = address(template, cast, swept)
        answers = [await sweep.ask(method, path, who) for who in WHO]
        for answer in answers:
            # A file needs none of a page's policies.
            if template.startswith("/static/") and answer.status == 200:
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
                assert "no-store" not in answer.headers["Cache-Control"]
                continue
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, f"{method} {template}"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], f"{method} {template}"
            assert "no-store" in answer.headers["Cache-Control"], f"{method} {template}"
        measured[method, template] = tuple(str(answer.status) for answer in answers)
    lines = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    assert tuple(lines[0][2:]) == WHO
    expected = {(line[0], line[1]): tuple(line[2:]) for line in lines[1:]}
    different = {key: row for key, row in measured.items() if expected.get(key) != row}
    assert not different, (
        "look at these rows, and put them into access.tsv when they are right:\n"
        + "\n".join("\t".join((*key, *row)) for key, row in different.items())
    )
    assert not [key for key, row in measured.items() if any(status >= "500" for status in row)]
    assert set(expected) == set(measured), "access.tsv names routes that do not exist"


async def test_looking_changes_nothing(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock, cast: Cast, swept: Booked
) -> None:
    app = service(settings, store, clock)
    sweep = Sweep(await serve(app))
    before = dump(store.path)
    for method, template, _ in routes(app):
        if method != "GET":
            continue
        for who in WHO:
            await sweep.ask("GET", address(template, cast, swept), who)
            await sweep.ask("HEAD", address(template, cast, swept), who)
    assert dump(store.path) == before


def dump(path: Path) -> list[str]:
    """Everything in the database, but for who looked at what and when a session was last used."""
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    left_out = ('INSERT INTO "audit"', 'INSERT INTO "sessions"')
    return [line for line in lines if not line.startswith(left_out)]


async def test_a_form_from_elsewhere_is_refused(
    serve: Serve, settings: Settings, undoing: UndoingStore, clock: Clock, cast: Cast, swept: Booked
) -> None:
    app = service(settings, undoing, clock)
    sweep = Sweep(await serve(app))
    evil = (
        "https://evil.example",
        f"{settings.origin}.evil.example",
        "null",
        settings.origin.replace("http", "https"),
    )
    changing = [one for one in routes(app) if one[0] not in ("GET", "HEAD") and not own_check(one[2])]
    assert len(changing) > 20
    for method, template, _ in changing:
        path = address(template, cast, swept)
        for origin in evil:
            answer = await sweep.ask(method, path, "ward", Origin=origin)
            assert (answer.status, "own page" in answer.text) == (403, True), f"{template} {origin}"
        answer = await sweep.ask(method, path, "ward", **{"X-Form-Token": "0" * 32})
        assert (answer.status, "open too long" in answer.text) == (403, True), template


async def test_a_form_without_origin_passes_when_the_browser_says_it_is_ours(
    client: Visitor, cast: Cast
) -> None:
    form = {"email": "astrid@ward.example", "password": "wrong"}
    for origin in ("null", ""):
        headers = {"Origin": origin} if origin else {}
        for site, status in (("same-origin", 422), ("same-site", 403), ("cross-site", 403), ("none", 403)):
            answer = await client.ask(
                "POST",
                "/sign-in",
                data={**form, "form_token": await client.form_token()},
                headers={**headers, "Sec-Fetch-Site": site},
            )
            assert answer.status == status, (origin, site)


async def test_camera_is_for_calls_alone(client: Visitor) -> None:
    assert "camera=()" in (await client.get("/help")).headers["Permissions-Policy"]
    assert "camera=(self)" in (await client.get("/j/" + "a" * 60)).headers["Permissions-Policy"]


async def test_unknown_address_and_wrong_method_are_pages_with_the_same_headers(client: Visitor) -> None:
    for answer, status in (
        (await client.get("/nowhere"), 404),
        (await client.get("/static/0/nothing.css"), 404),
        (await client.ask("PUT", "/help", headers={}), 405),
    ):
        assert answer.status == status
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "<h1>" in answer.text


async def test_https_brings_host_cookies_and_transport_security(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock
) -> None:
    client = await serve(service(replace(settings, base_url="https://talks.example.org"), store, clock))
    answer = await client.get("/sign-in?lang=da")
    assert all("Secure" in one and "HttpOnly" in one for one in answer.headers.getall("Set-Cookie"))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-visitor=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
