from __future__ import annotations

import email
import itertools
import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
import vobject
from icalendar import Calendar

from handover.letters import Letters, Post
from handover.store import outbox, posting
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import booked
from tests.booked import Booked, book
from tests.cast import NOW, Cast

KEY = bytes(range(32))
BASE = "https://talks.hospital.example"
LANGUAGES = ("da", "nb", "en")
TALK_LETTERS = ("invitation", "cancellation", "summary-ready", "new-link", "right-now", "no-nurse")
FACTS = {"sequence": 0, "stamp": NOW, "starts_at": booked.STARTS_AT, "ends_at": booked.ENDS_AT, "why": "new"}

# Whatever tells who the patient is, what they have, where they lie or live, or what they were offered.
TELLING = [
    "Ellen", "Sørensen", "Sorensen", booked.NATIONAL_ID, "010203", "HO-17", "ES,",
    "Onkolog", "oncolog", "Lungemedicin", "afsnit", "kræft", "kreft", "cancer", "Kræftteam",
    "stue 4", "sengebord", "Sønderborg", "Soenderborg", "0540",
    "Livskraft", "Rehabilitering", "psykolog", "rehabilitation", "diætist", "diagnos",
]  # fmt: skip


def letters() -> Letters:
    return Letters(base_url=BASE, mailbox="talks@handover.example", key=KEY)


def post_of(tx: Tx, letter: Any, facts: dict[str, Any], **to: Any) -> Post | None:
    """Write a letter, take it out, and gather what it is made from, as the post room does."""
    letter_id = outbox.write_letter(tx, letter, facts=facts, now=NOW, **to)
    claimed = posting.claim(tx, now=NOW, lease_until=NOW + 60, most=20)
    (attempt,) = (attempt for one, attempt in claimed if one == letter_id)
    post = letters().gather(tx, letter_id, attempt, now=NOW)
    posting.sent(tx, letter_id, attempt, now=NOW)
    return post


def mail_of(store: SqliteStore, letter: str, facts: dict[str, Any] | None = None, **to: Any) -> EmailMessage:
    post = store.write_now(post_of, letter, FACTS if facts is None else facts, **to)
    assert post is not None
    return parsed(letters().compose(post))


def parsed(mail: EmailMessage) -> EmailMessage:
    """The mail as it is read at the other end."""
    received = email.message_from_bytes(mail.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def readable(mail: EmailMessage) -> str:
    """Everything somebody who opens the mail, or whose program does, can see: headers, texts, calendar, unfolded."""
    parts = [f"{name}: {value}" for name, value in mail.items() if name != "Content-Type"]
    for part in mail.walk():
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            parts.append(payload.decode().replace("\r\n ", ""))
    return "\n".join(parts)


def calendar_of(mail: EmailMessage) -> bytes:
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", TALK_LETTERS)
def test_no_letter_tells_who_the_patient_is_or_what_they_have(
    store: SqliteStore, cast: Cast, letter: str, language: str
) -> None:
    talk = store.write_now(book, cast, language=language, protected=True)
    cases = list(itertools.product((talk.bo, talk.ellen, talk.dag), ("new", "moved", "changed")))

    def gather(tx: Tx) -> list[Post | None]:
        return [
            post_of(tx, letter, {**FACTS, "why": why}, talk=talk.talk, participant=who) for who, why in cases
        ]

    for post in store.write_now(gather):
        assert post is not None
        # The address to write to is the one thing that may not be left out.
        seen = readable(parsed(letters().compose(post))).replace("ellen@home.example", "")
        assert [word for word in TELLING if word.lower() in seen.lower()] == [], seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_invitation_of_a_guest_says_when_how_and_whom_to_ring(
    store: SqliteStore, cast: Cast, language: str
) -> None:
    talk = store.write_now(book, cast, language=language)
    mail = mail_of(store, "invitation", talk=talk.talk, participant=talk.dag)
    text = text_of(mail)
    day, hours, opens, summary = {
        "da": ("mandag den 30. november", "09.30–10.00", "09.00", "Samtale"),
        "nb": ("mandag 30. november", "09.30–10.00", "09.00", "Samtale"),
        "en": ("Monday 30 November", "09:30–10:00 (Danish time)", "09:00", "Conversation"),
    }[language]
    assert day in text and hours in text and opens in text
    assert "+45 74 11 22 33" in text and "Sygehus Sønderjylland" in text
    link = re.findall(rf"{BASE}/j/([a-z2-7]{{53}})\b", text)
    assert len(link) == 1
    assert mail["Content-Language"] == language
    event = Calendar.from_ical(calendar_of(mail)).events[0]
    assert str(event["SUMMARY"]) == summary
    for place in ("LOCATION", "DESCRIPTION", "CONFERENCE"):
        assert f"{BASE}/j/{link[0]}" in str(event[place])


def test_html_says_the_same_as_the_text(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    for letter in TALK_LETTERS:
        mail = mail_of(store, letter, talk=talk.talk, participant=talk.dag)
        html = mail.get_body(("html",))
        assert html is not None
        written = re.sub(r"<head>.*?</head>|<[^>]+>", " ", str(html.get_content()), flags=re.DOTALL)
        assert written.split() == text_of(mail).split(), letter


def test_staff_are_led_to_the_room_and_not_to_a_guests_link(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    seen = readable(mail_of(store, "invitation", talk=talk.talk, participant=talk.bo))
    assert f"{BASE}/talks/{talk.talk}/room" in seen
    assert "/j/" not in seen
    assert "Bo Madsen" in seen


def test_each_mail_carries_only_its_own_link_and_address(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    mails = {
        who: readable(mail_of(store, "invitation", talk=talk.talk, participant=who))
        for who in (talk.ellen, talk.dag)
    }
    tokens = {who: set(re.findall(r"/j/([a-z2-7]{53})", seen)) for who, seen in mails.items()}
    assert [len(found) for found in tokens.values()] == [1, 1]
    assert tokens[talk.ellen] != tokens[talk.dag]
    assert "dag@abroad.example" not in mails[talk.ellen]
    assert "ellen@home.example" not in mails[talk.dag]
    organizers = {
        who: set(re.findall(r"ORGANIZER.*mailto:(talks\+[a-z2-7]{16}@handover\.example)", seen))
        for who, seen in mails.items()
    }
    assert [len(found) for found in organizers.values()] == [1, 1]
    assert organizers[talk.ellen] != organizers[talk.dag]


def test_the_link_and_the_organizer_are_the_same_in_every_mail(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    first = mail_of(store, "invitation", talk=talk.talk, participant=talk.dag)
    moved = {**FACTS, "sequence": 1, "stamp": NOW + 60, "starts_at": booked.STARTS_AT + 3600,
             "ends_at": booked.ENDS_AT + 3600, "why": "moved"}  # fmt: skip
    second = mail_of(store, "invitation", moved, talk=talk.talk, participant=talk.dag)
    again = mail_of(store, "new-link", {}, talk=talk.talk, participant=talk.dag)
    links = [set(re.findall(r"/j/[a-z2-7]{53}", readable(mail))) for mail in (first, second, again)]
    assert links[0] == links[1] == links[2]
    assert first["From"] == second["From"]
    assert first["Message-ID"] != second["Message-ID"]
    assert "10.30–11.00" in text_of(second)


def test_a_move_and_a_cancellation_reach_the_same_calendar_entry(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    moved = {
        "sequence": 1,
        "stamp": NOW + 60,
        "starts_at": booked.STARTS_AT + 3600,
        "ends_at": booked.ENDS_AT + 3600,
    }
    made = [
        ("invitation", FACTS),
        ("invitation", {**moved, "why": "moved"}),
        ("cancellation", {**moved, "sequence": 2, "stamp": NOW + 120}),
    ]
    events = []
    for letter, facts in made:
        raw = calendar_of(mail_of(store, letter, facts, talk=talk.talk, participant=talk.dag))
        first, second = Calendar.from_ical(raw), vobject.readOne(raw.decode())
        event = first.events[0]
        assert second.vevent.uid.value == str(event["UID"]) == f"{talk.talk}@handover.example"
        assert second.vevent.dtstart.value.astimezone(UTC) == event.start.astimezone(UTC)
        events.append(
            (str(first["METHOD"]), event["SEQUENCE"], event["DTSTAMP"].dt, event.start.astimezone(UTC))
        )
    at = datetime.fromtimestamp
    assert events == [
        ("REQUEST", 0, at(NOW, UTC), at(booked.STARTS_AT, UTC)),
        ("REQUEST", 1, at(NOW + 60, UTC), at(booked.STARTS_AT + 3600, UTC)),
        ("CANCEL", 2, at(NOW + 120, UTC), at(booked.STARTS_AT + 3600, UTC)),
    ]


def test_no_calendar_entry_rings_an_alarm_that_nobody_can_take_back(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    assert b"VALARM" not in calendar_of(mail_of(store, "invitation", talk=talk.talk, participant=talk.dag))


def test_a_letter_keeps_the_time_that_was_decided_when_it_was_written(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    store.write_now(
        booked.set_talk,
        talk.talk,
        starts_at=booked.STARTS_AT + 86400,
        ends_at=booked.ENDS_AT + 86400,
        sequence=1,
    )
    mail = mail_of(store, "invitation", talk=talk.talk, participant=talk.dag)
    event = Calendar.from_ical(calendar_of(mail)).events[0]
    assert event["SEQUENCE"] == 0
    assert "30. november" in text_of(mail) and "09.00" in text_of(mail)


def test_somebody_taken_off_a_talk_is_not_told_that_it_is_cancelled(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast, dag_language="en")
    store.write_now(booked.remove_participant, talk.dag)
    removed = mail_of(store, "cancellation", talk=talk.talk, participant=talk.dag)
    assert "You no longer take part" in text_of(removed)
    assert "cancelled" not in text_of(removed)
    store.write_now(booked.set_talk, talk.talk, state="cancelled")
    assert "is cancelled" in text_of(mail_of(store, "cancellation", talk=talk.talk, participant=talk.dag))


def test_a_whole_team_is_asked_by_account_and_led_to_the_talk(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    store.write_now(
        lambda tx: tx.run("update accounts set language = 'nb' where id = :id", id=cast.birgit.actor)
    )
    for account, language in ((cast.bo.actor, "da"), (cast.birgit.actor, "nb")):
        mail = mail_of(store, "right-now", talk=talk.talk, account=account)
        assert mail["Content-Language"] == language
        assert f"{BASE}/talks/{talk.talk}" in text_of(mail).split()
        assert [word for word in TELLING if word.lower() in readable(mail).lower()] == []


def test_a_password_letter_makes_its_link_when_it_goes_and_the_same_at_every_try(
    store: SqliteStore, cast: Cast
) -> None:
    def gathered_twice(tx: Tx) -> tuple[Post | None, Post | None]:
        letter = outbox.write_letter(tx, "password", account=cast.bo.actor, now=NOW)
        posting.claim(tx, now=NOW, lease_until=NOW + 60, most=1)
        return letters().gather(tx, letter, 1, now=NOW), letters().gather(tx, letter, 1, now=NOW + 5)

    first, second = store.write_now(gathered_twice)
    assert first is not None and second is not None
    assert first.link == second.link and re.fullmatch(rf"{BASE}/password/[a-z2-7]{{53}}", first.link)
    token = first.link.rpartition("/")[2]
    assert store.read_now(lambda tx: tx.value("select count(*) from one_time_links")) == 1
    assert token not in store.path.read_bytes().decode("latin-1")
    seen = readable(letters().compose(second))
    assert first.link in seen and "bo@kommune.example" in seen


def test_the_database_holds_no_token(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast)
    token = re.findall(
        r"/j/([a-z2-7]{53})", text_of(mail_of(store, "invitation", talk=talk.talk, participant=talk.dag))
    )[0]
    files = [path for path in store.path.parent.iterdir() if path.name.startswith(store.path.name)]
    assert files
    assert not any(token[27:] in path.read_bytes().decode("latin-1") for path in files)


def test_a_language_we_do_not_write_becomes_the_countrys(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast, dag_language="ar")
    assert mail_of(store, "invitation", talk=talk.talk, participant=talk.dag)["Content-Language"] == "da"


def test_a_letter_without_an_address_goes_nowhere(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(book, cast, dag_email="")
    assert store.write_now(post_of, "invitation", FACTS, talk=talk.talk, participant=talk.dag) is None


def test_a_name_cannot_bring_a_header_or_a_second_attendee(store: SqliteStore, cast: Cast) -> None:
    talk: Booked = store.write_now(book, cast)
    store.write_now(
        lambda tx: tx.run(
            "update accounts set name = :name where id = :id",
            name='Bo"\r\nBcc: evil@example.net\r\nATTENDEE:mailto:evil@example.net',
            id=cast.bo.actor,
        )
    )
    mail = mail_of(store, "invitation", talk=talk.talk, participant=talk.bo)
    assert mail["Bcc"] is None
    assert len(re.findall(rb"^ATTENDEE", calendar_of(mail), re.MULTILINE)) == 1
