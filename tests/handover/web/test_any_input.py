"""Whatever is sent to whichever address by whomever: a sentence, never an unexpected error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.throttling import Throttle
from tests.booked import Booked
from tests.cast import Cast
from tests.conftest import Serve, service
from tests.handover.web.api.conftest import a_booking
from tests.handover.web.booking_pages import filled
from tests.handover.web.sweep import PROGRAM, Sweep, UndoingStore, address, routes
from tests.visitor import Answer, Clock

TEMPLATES = Path(__file__).parents[3] / "templates"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=parts"

# Percent-encoded, so that bytes which are no text can be among them.
VALUES = (
    "",
    "%00",
    "%FF%FE",
    "%ED%A0%80",  # half of a surrogate pair
    "%E2%80%AE%E2%80%A8",  # turned direction, line separator
    "%0D%0ABcc%3A%20x%40y.example",
    "A" * 5_000,
    "9" * 400,
    "99999999999999999999",
    "-1",
    "1e400",
    "0001-01-01",
    "9999-12-31",
    "2027-03-28T02:30",
    "x.patient%3Aaccepted",
    "yes",
)
JSON_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "\0",
    "\r\nBcc: x@y.example",
    "A" * 10_000,
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    [],
    [[]],
    {},
)


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender of nonsense is slowed down, which is tested where signing in is."""
    monkeypatch.setattr(Throttle, "try_now", lambda *_: 0)


@pytest.fixture
async def sweep(
    serve: Serve, settings: Settings, undoing: UndoingStore, clock: Clock, swept: Booked
) -> Sweep:
    """Everybody, at a service that takes every write back."""
    return Sweep(await serve(service(settings, undoing, clock)))


def field_names() -> list[str]:
    """Every field of every form, with a first line where a form has several."""
    found: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        found |= set(re.findall(r'(?:name=|forms\.\w+\(\s*)"([\w.-]+)"', path.read_text(encoding="utf-8")))
    lines = ("name", "email", "phone", "role", "id", "relation", "language", "gone")
    found |= {f"participants.0.{part}" for part in lines}
    found |= {f"day-{day}" for day in range(7)} | {
        "present",
        "units",
        "themes",
        "agree",
        "end",
        "date",
        "where",
    }
    # A row of the outcome as VALUES has one, and what belongs to it.
    found |= {f"{part}-x.patient" for part in ("decision", "reason", "ask", "words")} | {"unmet_words-0"}
    return sorted(found - {"form_token"})


def forms() -> Iterator[tuple[str, bytes]]:
    """Content types and bodies: every field at once, twice, with each value; files; and bodies that are no form."""
    names = field_names()
    assert len(names) > 60
    for value in VALUES:
        yield FORM, "&".join(f"{name}={value}&{name}={value[:20]}" for name in names).encode()
    file = '--parts\r\nContent-Disposition: form-data; name="{}"; filename="a"\r\n\r\n\udcff\0\r\n'
    files = "".join(file.format(name) for name in names)
    yield PARTS, f"{files}--parts--\r\n".encode("utf-8", "surrogateescape")
    yield PARTS, f"{files}--par".encode("utf-8", "surrogateescape")
    part = "--parts\r\nContent-Disposition: form-data{}\r\n\r\n\udcff\r\n--parts--\r\n"
    for heading in (
        "",
        '; name="name"',
        '; name="name"\r\nContent-Type: text/plain; charset=nonsense',
        '; name="name"\r\nContent-Type: multipart/mixed; boundary=x',
        '; name="name"\r\nContent-Transfer-Encoding: nonsense',
        '; name="name"\r\nContent-Transfer-Encoding: base64',
        '; name="name"\r\nContent-Encoding: gzip',
    ):
        yield PARTS, part.format(heading).encode("utf-8", "surrogateescape")
    yield "multipart/form-data", b"--parts"
    yield f"{FORM}; charset=nonsense", b"name=x"
    yield f"{FORM}; charset=utf-16", b"name=x"
    yield "application/json", json.dumps({name: [1, {"a": None}] for name in names}).encode()
    yield "application/json", b'{"name": "\\ud800"'
    yield "application/json", b"[" * 100_000
    yield "application/json; charset=nonsense", b"{}"


async def test_no_form_makes_an_unexpected_error(sweep: Sweep, cast: Cast, swept: Booked) -> None:
    changing = [
        (method, template) for method, template, _ in routes(sweep.app) if method not in ("GET", "HEAD")
    ]
    assert len(changing) > 50
    bodies = list(forms())
    for method, template in changing:
        path = address(template, cast, swept)
        who = await who_may(sweep, method, path)
        for kind, body in bodies:
            answer = await sweep.ask(method, path, who, body, **{"Content-Type": kind})
            told(answer, f"{method} {template} {who} {kind} {body[:60]!r}")


async def who_may(sweep: Sweep, method: str, path: str) -> str:
    """The first whom the door lets through to the handler."""
    for who in ("none", "ward", "nurse", "administrator", "program"):
        if (await sweep.ask(method, path, who)).status not in (401, 403):
            return who
    raise AssertionError(f"nobody may {method} {path}")


def told(answer: Answer, what: str) -> None:
    """Everything but a yes has its own page or problem, with a sentence in it."""
    assert answer.status < 500, what
    assert "Traceback" not in answer.text, what
    if answer.status >= 400:
        assert "<h1" in answer.text or '"detail": "' in answer.text, f"{what}: {answer.text[:200]}"


async def test_no_field_of_a_booking_makes_an_unexpected_error(sweep: Sweep) -> None:
    form = filled(step="check", go="book", minutes="30", date="", time="", nurse="", team="", override="")
    for name in (
        *form,
        "ward",
        "themes",
        "discharge_on",
        "participants.0.language",
        "patient.birth_year",
        "week",
    ):
        for value in VALUES:
            pairs = {**{field: quote(typed) for field, typed in form.items()}, name: value}
            body = "&".join(f"{field}={typed}" for field, typed in pairs.items()).encode()
            told(
                await sweep.ask("POST", "/talks/new", "ward", body, **{"Content-Type": FORM}),
                f"{name}={value[:60]}",
            )


def bent(value: Any) -> Iterator[Any]:
    """The same JSON value with one thing in it replaced, at every place."""
    yield from JSON_VALUES
    if isinstance(value, dict):
        for name, inside in value.items():
            yield {other: one for other, one in value.items() if other != name}
            yield from ({**value, name: other} for other in bent(inside))
        yield {**value, "hospital": "x", "role": "administrator"}
    if isinstance(value, list) and value:
        yield from ([other, *value[1:]] for other in bent(value[0]))
        yield value * 50


async def test_no_json_makes_an_unexpected_error(sweep: Sweep, swept: Booked) -> None:
    talk = f"/api/v1/talks/{swept.talk}"
    person = a_booking()["participants"][0]
    outcome = {
        "version": 0,
        "form": "video",
        "present": [swept.dag],
        "decisions": [{"offer": "x", "for": "patient", "decision": "accepted", "ask_again": "2027-01-01"}],
        "unmet": [{"theme": "work", "words": "words"}],
        "contact": {"name": "Bo", "phone": "+45 20 00 00 00", "hours": "8-15", "account": swept.bo},
        "follow_up_on": "2027-03-15",
        "words": "words",
    }
    change = {
        "version": 0,
        "start": "2026-12-02T10:00:00+01:00",
        "minutes": 30,
        "nurse": "x",
        "place": "stue 4",
        "themes": ["fatigue"],
        "discharge_on": "2026-12-03",
        "participants": [{**person, "id": swept.dag}],
        "override": "because",
    }
    booking = a_booking(nurse="x", themes=["fatigue"], discharge_on="2026-12-03", override="because")
    for method, path, body in (
        ("POST", "/api/v1/talks", booking),
        ("PATCH", talk, change),
        ("POST", f"{talk}/participants", person),
        ("POST", f"{talk}/cancel", {"reason": "because", "silent": True}),
        ("PUT", f"{talk}/outcome", outcome),
    ):
        for other in bent(body):
            sent = json.dumps(other).encode()
            answer = await sweep.ask(method, path, "program", sent, **{"Content-Type": "application/json"})
            told(answer, f"{method} {path} {sent[:300]!r}")


async def test_no_question_makes_an_unexpected_error(sweep: Sweep, cast: Cast, swept: Booked) -> None:
    """Every page, asked with each value in every place where one can be put into an address."""
    names = sorted(
        {*field_names(), "from", "to", "days", "after", "state", "q", "for", "done", "next", "by", "as"}
    )
    for method, template, _ in routes(sweep.app):
        if method != "GET" or template.endswith("/ws"):
            continue
        path = address(template, cast, swept)
        who = "program" if template.startswith("/api/") else "coordinator" if "evaluation" in path else "ward"
        for value in VALUES:
            query = "&".join(f"{name}={value[:30]}" for name in names if name != "lang")
            told(await sweep.ask("GET", f"{path}?{query}", who), f"{template} {value[:60]}")
        for value in ("%00", "%FF", "%ED%A0%80", "x" * 300, "%0D%0ASet-Cookie:a=b", "..%2F..", "%C3%B8" * 60):
            place = re.sub(r"{\w+}", value, template)
            told(await sweep.ask("GET", place, who), f"{place}")


async def test_a_free_times_question_about_another_age_is_refused(sweep: Sweep) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        answer = await sweep.ask("GET", f"/api/v1/slots?municipality=0540&from={day}&days=60", "program")
        assert answer.status == 422, answer.text


@pytest.mark.parametrize("strange", [b"\xff\xfe", "æ".encode(), b"\x80" * 200])
async def test_headers_and_cookies_of_no_browser_are_strangers(
    sweep: Sweep, strange: bytes, store: SqliteStore
) -> None:
    text = strange.decode("utf-8", "surrogateescape")
    for headers, method, path, status in (
        ({"Cookie": f"session={text}"}, "GET", "/talks", 303),
        ({"Cookie": f"visitor={text}"}, "GET", "/sign-in", 200),
        ({"Cookie": f"lang={text}", "Accept-Language": f"{text};q={text}"}, "GET", "/", 200),
        ({"Cookie": f"visitor={text}", "X-Form-Token": text, "Origin": ""}, "POST", "/sign-in", 403),
        ({"X-Form-Token": text}, "POST", "/sign-in", 403),
        ({"Authorization": f"Bearer {text}"}, "GET", "/api/v1/me", 401),
        ({"Authorization": f"Bearer {PROGRAM}", "Idempotency-Key": text}, "POST", "/api/v1/talks", 400),
        ({"X-Forwarded-For": text}, "GET", "/new-link", 200),
    ):
        answer = await sweep.bare(method, path, {"Origin": sweep.origin, **headers})
        assert answer.status == status, f"{headers} {answer.text}"


async def test_ten_megabytes_are_too_much_wherever_they_are_sent(
    sweep: Sweep, cast: Cast, swept: Booked
) -> None:
    part = b'--parts\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    much = b"x" * 10_000_000
    for kind, body in ((FORM, b"name=" + much), (PARTS, part + much + b"\r\n--parts--\r\n")):
        for path in ("/sign-in", "/talks/new", "/account/photo"):
            answer = await sweep.ask("POST", path, "ward", body, **{"Content-Type": kind})
            assert (answer.status, "Make it shorter" in answer.text) == (413, True), path
    many = "&".join(f"row={number}" for number in range(5000)).encode()
    answer = await sweep.ask("POST", "/talks/new", "ward", many, **{"Content-Type": FORM})
    assert (answer.status, "Make it shorter" in answer.text) == (413, True)


async def test_a_body_that_is_not_packed_as_it_says_is_no_form(sweep: Sweep) -> None:
    packed = {"Content-Encoding": "gzip", "Content-Type": FORM, "Connection": "close"}
    answer = await sweep.ask("POST", "/sign-in", "none", b"name=x", **packed)
    assert (answer.status, "our own page" in answer.text) == (400, True)
    packed["Content-Type"] = "application/json"
    answer = await sweep.ask("POST", "/api/v1/talks", "program", b"{}", **packed)
    assert (answer.status, json.loads(answer.text)["code"]) == (400, "malformed")
