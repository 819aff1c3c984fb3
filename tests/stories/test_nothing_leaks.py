"""One talk from booking to summary, every logger at its loudest: what is secret stands only where it is meant to."""

from __future__ import annotations

import json
import logging
import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from handover.domain.access import API_SCOPES, OPERATOR
from handover.organising import make_token
from tests.bookings import TEN
from tests.cast import NOW, Cast
from tests.handover.web.api.conftest import Program, a_booking
from tests.stories.conftest import House, book, link_in
from tests.stories.test_nurse_records import PSYCHOLOGIST, REHABILITATION
from tests.stories.test_relative_joins import dial
from tests.visitor import Visitor

NATIONAL_ID = "010203-1234"
NAMES = (
    "Ellen Holm",
    "Dag Holm",
    "Dag Abroad",
    "Ellen Hansen",
    "Dag Hansen",
    "Astrid",
    "Madsen",
    "Nina Juul",
)
ADDRESSES = ("ellen@post.example", "dag@post.example", "astrid@ward.example", "nina@ward.example")
WORDS = ("Uden det havde jeg valgt sofaen", "stue 4, ved vinduet")


async def test_a_whole_talk_leaves_no_secret_where_it_does_not_belong(
    house: House, cast: Cast, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    astrid = await house.staff("astrid@ward.example")
    talk = await book(
        astrid, TEN, nurse=cast.bo.actor, place=WORDS[1], **{"patient.national_id": NATIONAL_ID}
    )
    sessions = [*secrets_of(astrid), *await live_through(house, cast, talk)]
    (colleague,) = await house.mails_to("nina@ward.example")
    links = {
        "dag": link_in((await house.mails_to("dag@post.example"))[0], "/j/"),
        "ellen": link_in((await house.mails_to("ellen@post.example"))[0], "/j/"),
        "summary": link_in((await house.mails_to("ellen@post.example", 2))[-1], "/summary/"),
        "nina": link_in(colleague, "/password/"),
    }
    program = await ask_as_program(house, cast)
    tokens = {name: link.rpartition("/")[2] for name, link in links.items()}
    assert all("?" not in link and "#" not in link for link in links.values())
    secrets = [*tokens.values(), *sessions, *program, NATIONAL_ID, NATIONAL_ID.replace("-", "")]

    logged = "\n".join(
        logging.Formatter("%(name)s %(message)s").format(record)
        for record in caplog.records
        if record.name != "aiohttp.access"  # which the service does without; see tests/handover/commands
    )
    assert "/j/{token}" in logged
    assert [word for word in (*secrets, *NAMES, *ADDRESSES, *WORDS) if word in logged] == []

    kept = b"".join(path.read_bytes() for path in tmp_path.glob("handover.db*"))
    assert [word for word in secrets if word.encode() in kept] == []

    for mail in (tmp_path / "mail").glob("*.eml"):
        text = readable(mail)
        inside = [name for name, token in tokens.items() if token in text]
        assert len(inside) <= 1, f"{mail}: {inside}"
        assert [word for word in (*sessions, *program, NATIONAL_ID, *WORDS) if word in text] == []


async def live_through(house: House, cast: Cast, talk: str) -> list[str]:
    """Knock, talk, record, send and read the summary, invite a colleague; the sessions that were used."""
    (mail,) = await house.mails_to("dag@post.example")
    link = link_in(mail, "/j/")
    house.clock.now = TEN + 60
    astrid, bo = await house.staff("astrid@ward.example"), await house.staff("bo@kommune.example")
    host = await dial(bo, talk)
    await host.hear("admitted")
    dag = await house.somebody()
    await dag.get(link)
    assert (await dag.post(link, {"name": "Dag Abroad", "relation": "son"})).status == 303
    line = await dial(dag, talk, token=link.rpartition("/")[2])
    await line.say(type="knock", name="Dag Abroad", relation="son")
    waits = (await host.hear("knocking"))["knocking"] or (await host.hear("knocking"))["knocking"]
    await host.say(type="admit", participant=waits[0]["participant"])
    await line.hear("admitted")
    await line.say(type="company", people=["Ellen Holm"])
    await line.say(type="nonsense", name="Dag Abroad")
    await line.hear("err")
    await line.socket.close()
    await host.socket.close()

    assert NATIONAL_ID in (await astrid.post(f"/talks/{talk}/national-id")).text
    form = [
        ("version", "0"),
        ("form", "video"),
        ("row", f"{REHABILITATION}.patient"),
        (f"decision-{REHABILITATION}.patient", "accepted"),
        ("row", f"{PSYCHOLOGIST}.patient"),
        (f"decision-{PSYCHOLOGIST}.patient", "declined"),
        (f"reason-{PSYCHOLOGIST}.patient", "other"),
        ("contact_account", cast.bo.actor),
        ("words", WORDS[0]),
    ]
    assert (await bo.post(f"/talks/{talk}/outcome/draft", form)).status == 200
    assert (await bo.post(f"/talks/{talk}/outcome", form)).status == 303
    page = (await bo.get(f"/talks/{talk}/outcome")).text
    code = re.findall(r"<[^>]*data-code[^>]*>\s*(\d{4})|\b(\d{4})</strong>", page)[0]
    assert (await bo.post(f"/talks/{talk}/summary/send")).status == 303
    summary = link_in((await house.mails_to("ellen@post.example", 2))[-1], "/summary/")
    ellen = await house.somebody()
    assert (await ellen.post(summary, {"code": "0000"})).status == 403
    assert WORDS[0] in (await ellen.post(summary, {"code": code[0] or code[1]})).text

    admin = await house.staff("admin@ward.example")
    colleague = {"name": "Nina Juul", "email": "nina@ward.example", "role": "ward", "unit": cast.ward}
    assert (await admin.post("/admin/people/new", colleague)).status == 303
    return [one for who in (astrid, bo, admin, dag, ellen) for one in secrets_of(who)]


def secrets_of(visitor: Visitor) -> list[str]:
    """A browser's session and the secret of its forms."""
    return [value for name, value in visitor.cookies().items() if name != "lang"]


async def ask_as_program(house: House, cast: Cast) -> list[str]:
    """Book another talk by program; the tokens that came and went."""
    token = "program-" * 6
    house.store.write_now(make_token, cast.hospital, API_SCOPES, token, by=OPERATOR, now=NOW)
    program = Program(await house.somebody(), token)
    patient = {**a_booking()["patient"], "national_id": NATIONAL_ID}
    answer = await program.ask(
        "POST", "/talks", a_booking(start="2026-12-02T10:00:00+01:00", patient=patient), Idempotency_Key="k"
    )
    assert answer.status == 201, answer.text
    assert (await program.ask("GET", "/talks?from=Ellen Hansen")).status == 422
    guests = [
        person["join_url"] for person in json.loads(answer.text)["participants"] if "join_url" in person
    ]
    assert len(guests) == 2
    return [token, *(url.rpartition("/")[2] for url in guests)]


def readable(mail: Path) -> str:
    """A mail with its parts decoded, and their folded lines put together."""
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    parts = [str(part.get_content()) for part in message.walk() if not part.is_multipart()]
    return re.sub(r"\r?\n[ \t]", "", "\n".join([str(message.items()), *parts]))
