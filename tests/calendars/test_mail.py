"""What both mailers do alike, what each does beside, and how a setting names them."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from calendars.errors import MailError, Refused, TryLater
from calendars.imip import message
from calendars.invites import request
from calendars.mail import FolderMailer, Mailer, SmtpMailer, mailer_from_url
from tests.calendars.invited import invitation, letter, meeting
from tests.calendars.mail_server import SIGN_IN, Authority, serving


@dataclass
class Post:
    """A mailer, and the mails that have come out at its other end, oldest first."""

    mailer: Mailer
    delivered: Callable[[], list[bytes]]


@pytest.fixture(params=["folder", "starttls", "implicit", "loopback"])
async def post(request: pytest.FixtureRequest, tmp_path: Path, trusted: Authority) -> AsyncIterator[Post]:
    if request.param == "folder":
        directory = tmp_path / "mail" / "new"
        yield Post(
            mailer_from_url(f"folder:{directory}"),
            lambda: [file.read_bytes() for file in sorted(directory.glob("*.eml"))],
        )
    elif request.param == "starttls":
        async with serving(trusted.context, sign_in=True) as server:
            mailer = mailer_from_url(f"smtp://{SIGN_IN}@127.0.0.1:{server.port}", trusted.ca_file)
            yield Post(mailer, lambda: server.received)
            assert all(server.protected)
            assert len(server.users) >= len(server.received)
    elif request.param == "implicit":
        async with serving(trusted.context, implicit=True, sign_in=True) as server:
            mailer = mailer_from_url(f"smtps://{SIGN_IN}@127.0.0.1:{server.port}", trusted.ca_file)
            yield Post(mailer, lambda: server.received)
            assert len(server.users) >= len(server.received)
    else:
        async with serving() as server:
            yield Post(mailer_from_url(f"smtp://127.0.0.1:{server.port}"), lambda: server.received)


async def test_a_mail_arrives_byte_for_byte(post: Post) -> None:
    mail = invitation()
    await post.mailer.send(mail)
    assert post.delivered() == [mail.as_bytes()]
    read = email.message_from_bytes(post.delivered()[0], policy=policy.default)
    (calendar,) = [part for part in read.walk() if part.get_content_type() == "text/calendar"]
    assert calendar.get_payload(decode=True) == request(meeting())


async def test_mails_arrive_in_the_order_of_sending(post: Post) -> None:
    mails = [message(letter(meeting(), message_id=f"<{number}@sygehus.example>")) for number in range(12)]
    for mail in mails:
        await post.mailer.send(mail)
    assert post.delivered() == [mail.as_bytes() for mail in mails]


async def test_many_at_once_all_arrive(post: Post) -> None:
    mails = [message(letter(meeting(), message_id=f"<{number}@sygehus.example>")) for number in range(12)]
    await asyncio.gather(*map(post.mailer.send, mails))
    assert sorted(post.delivered()) == sorted(mail.as_bytes() for mail in mails)


async def test_checking_sends_nothing(post: Post) -> None:
    await post.mailer.check()
    assert post.delivered() == []


async def test_text_that_was_not_made_seven_bit_becomes_so(post: Post) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "samtale@sygehus.example", "Åse <aase@example.org>", "Ny tid"
    mail.set_content("Ny tid på lørdag.\n.\n..\nMed venlig hilsen\n", cte="8bit")
    await post.mailer.send(mail)
    (raw,) = post.delivered()
    assert raw.isascii()
    body = email.message_from_bytes(raw, policy=policy.default).get_content()
    assert body.splitlines() == ["Ny tid på lørdag.", ".", "..", "Med venlig hilsen"]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("To", "bo@kommune.example, dag@example.org"),
        ("To", ""),
        ("Cc", "dag@example.org"),
        ("Bcc", "dag@example.org"),
    ],
)
async def test_a_mail_for_more_or_less_than_one_person_is_refused(
    post: Post, header: str, value: str
) -> None:
    mail = invitation()
    del mail[header]
    mail[header] = value
    with pytest.raises(Refused) as refusal:
        await post.mailer.send(mail)
    assert refusal.value.code == "not-one-recipient"
    assert post.delivered() == []


async def test_an_address_that_no_server_could_take_is_refused(post: Post) -> None:
    mail = invitation()
    mail.replace_header("To", "bø@example.org")
    with pytest.raises(Refused) as refusal:
        await post.mailer.send(mail)
    assert refusal.value.code == "address-invalid"
    assert post.delivered() == []


# The folder


async def test_a_mail_in_the_folder_is_for_its_owner_only_and_has_no_half_written_sister(
    tmp_path: Path,
) -> None:
    mailer = FolderMailer(tmp_path / "mail")
    await mailer.send(invitation())
    await mailer.check()
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o077 == 0


async def test_a_folder_that_cannot_be_written_keeps_the_mail_with_the_caller(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    mailer = FolderMailer(tmp_path / "mail")
    for attempt in (mailer.check(), mailer.send(invitation())):
        with pytest.raises(TryLater) as failure:
            await attempt
        assert failure.value.code == "folder-unwritable"
    (tmp_path / "mail").unlink()
    await mailer.send(invitation())
    assert len(list((tmp_path / "mail").iterdir())) == 1


# What a setting can name


@pytest.mark.parametrize(
    "host", ["mail.example", "192.0.2.1", "0.0.0.0", "::", "localhost.example", "127.0.0.1.example"]
)
def test_plain_mail_does_not_leave_the_machine(host: str) -> None:
    with pytest.raises(MailError) as refusal:
        SmtpMailer(host, 25, tls="plain")
    assert refusal.value.code == "plain-not-loopback"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_plain_mail_may_go_to_the_machine_itself(host: str) -> None:
    SmtpMailer(host, 25, tls="plain")


@pytest.mark.parametrize(
    ("url", "with_ca", "host", "port", "tls"),
    [
        ("smtp://bo:pw@mail.example", False, "mail.example", 587, "starttls"),
        ("smtp://mail.example:25", False, "mail.example", 25, "starttls"),
        ("smtps://bo:pw@mail.example", False, "mail.example", 465, "implicit"),
        ("smtps://127.0.0.1:1465", True, "127.0.0.1", 1465, "implicit"),
        ("smtp://127.0.0.1", False, "127.0.0.1", 25, "plain"),
        ("smtp://[::1]:2525", False, "::1", 2525, "plain"),
        ("smtp://localhost:2525", True, "localhost", 2525, "starttls"),
        ("smtp://bo:pw@localhost:2525", False, "localhost", 2525, "starttls"),
    ],
)
def test_a_url_names_server_port_and_protection(
    monkeypatch: pytest.MonkeyPatch,
    trusted: Authority,
    url: str,
    with_ca: bool,
    host: str,
    port: int,
    tls: str,
) -> None:
    made: list[tuple[object, ...]] = []

    def note(
        self: SmtpMailer, host: str, port: int, user: object, password: object, *, tls: str, **_: object
    ) -> None:
        made.append((host, port, tls))

    monkeypatch.setattr(SmtpMailer, "__init__", note)
    mailer_from_url(url, trusted.ca_file if with_ca else None)
    assert made == [(host, port, tls)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "folder:",
        "smtp:",
        "smtp://",
        "smtp://host:port",
        "smtp://host:99999",
        "http://mail.example",
        "mail",
    ],
)
def test_a_setting_that_names_no_mailer_is_told_without_repeating_it(url: str) -> None:
    with pytest.raises(MailError) as refusal:
        mailer_from_url(url.replace("//h", "//bo:secret@h"))
    assert refusal.value.code == "mail-url-invalid"
    assert "secret" not in str(refusal.value)


def test_an_authority_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for ca_file in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(MailError) as refusal:
            mailer_from_url("smtps://mail.example", ca_file)
        assert refusal.value.code == "ca-unreadable"
