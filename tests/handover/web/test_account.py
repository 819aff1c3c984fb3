"""What people change about themselves, and the links with which they choose a password."""

from __future__ import annotations

import re

from aiohttp import FormData

from handover import choosing_password, setting_up
from handover.booking import book
from handover.domain.passwords import LINK_LASTS
from handover.store import accounts, places
from handover.store.sqlite import SqliteStore
from tests.bookings import wanted, words
from tests.cast import NOW, Cast
from tests.handover.domain.test_pictures import WHERE, jpeg
from tests.visitor import Answer, Clock, Visitor, signed_in

BO = "bo@kommune.example"
GOOD = "tre ugler i mosen"


async def upload(client: Visitor, content: bytes) -> Answer:
    form = FormData()
    form.add_field("form_token", await client.form_token())
    form.add_field("photo", content, filename="../../me.jpg", content_type="text/html")
    return await client.ask("POST", "/account/photo", headers={"Origin": client.origin}, data=form)


async def test_photo_is_shown_as_what_it_is_without_where_it_was_taken(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    await signed_in(client, BO)
    assert (await upload(client, jpeg())).status == 303
    address = re.search(r'src="(/photos/\w+)"', (await client.get("/account")).text)
    assert address is not None
    async with client.http.get(address[1]) as response:
        content = await response.read()
        assert (response.status, response.content_type) == (200, "image/jpeg")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert content.startswith(b"\xff\xd8") and WHERE not in content
    await client.post("/account/photo/remove")
    assert (await client.get(address[1])).status == 404


async def test_what_is_no_photo_is_refused_in_a_sentence(client: Visitor, cast: Cast) -> None:
    await signed_in(client, BO)
    answer = await upload(client, b"<script>alert(1)</script>")
    assert answer.status == 422 and "JPEG, PNG or WebP" in answer.text
    assert (await client.post("/account/photo", {"photo": "text"})).status == 422
    assert (await upload(client, b"\xff\xd8\xff" + b"\0" * 3_000_000)).status == 413


async def test_language_of_the_account_speaks_as_soon_as_it_is_saved(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    await signed_in(client, BO)
    form = {
        "name": "Bo Madsen",
        "phone": "+45 88 72 40 11",
        "hours": "kl. 8–12",
        "language": "nb",
        "version": "1",
    }
    answer = await client.post("/account", form)
    assert answer.status == 303 and 'lang=""; ' in answer.headers["Set-Cookie"]
    client.http.session.cookie_jar.clear(lambda cookie: cookie.key == "lang")
    assert '<html lang="nb"' in (await client.get("/account")).text
    row = store.read_now(accounts.by_email, BO)
    assert row is not None and row["hours"] == "kl. 8–12"


async def test_what_cannot_be_saved_stays_in_the_fields(client: Visitor, cast: Cast) -> None:
    await signed_in(client, BO)
    form = {"name": "Bo", "phone": "ring mig", "language": "da", "version": "1"}
    answer = await client.post("/account", form)
    assert answer.status == 422
    assert 'value="ring mig"' in answer.text and "Write a phone number" in answer.text


async def test_names_that_would_harm_are_refused(client: Visitor, cast: Cast) -> None:
    await signed_in(client, BO)
    for name in ("Bo\r\nBcc: x@y.example", "Bo\u202e", "B" * 10_000, "", "Bo\x00"):
        answer = await client.post("/account", {"name": name, "language": "da", "version": "1"})
        assert answer.status == 422, repr(name)
    await client.post("/account", {"name": "<img src=x onerror=alert(1)>", "language": "en", "version": "1"})
    assert "&lt;img src=x" in (await client.get("/account")).text


async def test_own_absence_over_a_talk_lists_it_first(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    store.write_now(words)
    talk = store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)
    await signed_in(client, BO)
    form = {"from": "2026-11-30", "until": "2026-12-04"}
    warned = await client.post("/account/absences", form)
    assert warned.status == 409
    assert f'href="/talks/{talk.id}"' in warned.text and 'value="2026-12-04"' in warned.text
    assert (await client.post("/account/absences", {**form, "anyway": "yes"})).status == 303
    absence = store.read_now(accounts.absences_of, cast.bo.actor, NOW)[0]
    assert (absence["ends_at"] - absence["starts_at"]) == 5 * 24 * 3600
    await client.post(f"/account/absences/{absence['id']}/end")
    assert store.read_now(accounts.absences_of, cast.bo.actor, NOW) == []


async def test_absence_over_the_clock_change_is_whole_days(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    await signed_in(client, BO)
    await client.post("/account/absences", {"from": "2027-03-28", "until": "2027-03-28"})
    absence = store.read_now(accounts.absences_of, cast.bo.actor, NOW)[0]
    assert absence["ends_at"] - absence["starts_at"] == 23 * 3600


async def test_absence_that_cannot_be_read_is_said_at_its_field(client: Visitor, cast: Cast) -> None:
    await signed_in(client, BO)
    for form in (
        {"from": "", "until": "2026-12-01"},
        {"from": "2026-02-30", "until": "2026-12-01"},
        {"from": "2026-12-02", "until": "2026-12-01"},
        {"from": "2026-12-01", "until": "2026-12-01", "from_time": "25:00"},
        {"from": "99999-01-01", "until": "2026-12-01"},
    ):
        answer = await client.post("/account/absences", form)
        assert answer.status == 422 and "field-" in answer.text, form


async def test_password_link_works_once_and_signs_in(client: Visitor, cast: Cast, store: SqliteStore) -> None:
    store.write_now(choosing_password.issue_link, cast.bo.actor, "a-token", now=NOW)
    for _ in range(3):  # a mail scanner opens it as often as it likes
        assert "Bo Madsen" in (await client.get("/password/a-token")).text
    weak = await client.post("/password/a-token", {"password": "kort"})
    assert weak.status == 422 and "at least 12" in weak.text
    assert (await client.post("/password/a-token", {"password": GOOD})).status == 303
    assert (await client.get("/account")).status == 200
    for answer in (
        await client.get("/password/a-token"),
        await client.post("/password/a-token", {"password": GOOD}),
    ):
        assert answer.status == 410
    await client.post("/sign-out")
    await signed_in(client, BO, GOOD)


async def test_old_wrong_and_closed_links_look_alike(
    client: Visitor, cast: Cast, store: SqliteStore, clock: Clock
) -> None:
    store.write_now(choosing_password.issue_link, cast.bo.actor, "old", now=NOW)
    clock.forward(LINK_LASTS)
    store.write_now(choosing_password.issue_link, cast.anton.actor, "closed", now=clock.now)
    store.write_now(accounts.disable, cast.anton.actor, now=clock.now)
    answers = [(await client.get(f"/password/{token}"), token) for token in ("old", "closed", "wrong")]
    texts = {answer.text.replace(f"/password/{token}", "") for answer, token in answers}
    assert ({answer.status for answer, _ in answers}, len(texts)) == ({410}, 1)


async def test_password_with_letters_typed_in_two_ways_is_one_password(
    client: Visitor, cast: Cast, store: SqliteStore
) -> None:
    store.write_now(choosing_password.issue_link, cast.bo.actor, "a-token", now=NOW)
    await client.post("/password/a-token", {"password": "å på åen i Ålborg"})
    await client.post("/sign-out")
    await signed_in(client, BO, "å på åen i Ålborg".replace("å", "a\u030a").replace("Å", "A\u030a"))


async def test_first_start_is_set_up_by_its_link(client: Visitor, store: SqliteStore) -> None:
    store.write_now(setting_up.furnish, now=NOW)
    store.write_now(setting_up.first_link, "first", now=NOW)
    assert (await client.get("/set-up/first")).status == 200
    form = {
        "kind": "municipality",
        "organisation": "Sønderborg Kommune",
        "country": "DK",
        "municipality": "sønderborg",
        "phone": "+45 88 72 64 00",
        "name": "Jens Toft",
        "email": "jens@kommune.example",
        "password": GOOD,
    }
    for field, value in (("municipality", "Nowhere"), ("password", "kort"), ("phone", ""), ("kind", "shop")):
        answer = await client.post("/set-up/first", {**form, field: value})
        assert answer.status == 422 and f'href="#field-{field}"' in answer.text, field
        assert 'value="Jens Toft"' in answer.text and GOOD not in answer.text
    assert (await client.post("/set-up/first", form)).status == 303
    organisation = store.read_now(places.organisation, "Sønderborg Kommune")
    assert organisation is not None and organisation["municipality"] == "0540"
    assert (await client.get("/admin")).status == 200
    assert (await client.get("/set-up/first")).status == 410
