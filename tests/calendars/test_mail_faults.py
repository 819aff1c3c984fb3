"""The mail server that does not do as we wish: nothing is sent unprotected, lost, or sent for nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from calendars.errors import MailError, Refused, TryLater
from calendars.mail import SmtpMailer, mailer_from_url
from tests.calendars.invited import invitation, meeting_of_dag
from tests.calendars.mail_server import SIGN_IN, USER, Authority, MailServer, authority, serving


def over_starttls(server: MailServer, trusted: Authority) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", server.port, ca_file=trusted.ca_file)


async def test_a_server_without_tls_gets_no_mail(trusted: Authority) -> None:
    async with serving() as server:
        mailer = over_starttls(server, trusted)
        for attempt in (mailer.check(), mailer.send(invitation())):
            with pytest.raises(TryLater) as failure:
                await attempt
            assert failure.value.code == "tls-refused"
        assert server.received == []


async def test_a_server_without_tls_gets_no_password(trusted: Authority) -> None:
    async with serving(sign_in=True) as server:
        with pytest.raises(TryLater) as failure:
            await mailer_from_url(f"smtp://{SIGN_IN}@127.0.0.1:{server.port}").send(invitation())
        assert failure.value.code == "tls-refused"
        assert server.users == []


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("known_authority", [False, True])
async def test_a_server_with_anothers_certificate_gets_no_mail(
    tmp_path: Path, trusted: Authority, implicit: bool, known_authority: bool
) -> None:
    impostor = authority(tmp_path, host="mail.example.net")
    ca_file = impostor.ca_file if known_authority else trusted.ca_file
    async with serving(impostor.context, implicit=implicit) as server:
        mailer = SmtpMailer(
            "127.0.0.1", server.port, tls="implicit" if implicit else "starttls", ca_file=ca_file
        )
        with pytest.raises(TryLater) as failure:
            await mailer.send(invitation())
        assert failure.value.code == "tls-refused"
        assert server.received == []


async def test_a_server_that_expects_tls_from_the_first_byte_is_not_spoken_to_plainly(
    trusted: Authority,
) -> None:
    async with serving() as server:
        mailer = SmtpMailer("127.0.0.1", server.port, tls="implicit", ca_file=trusted.ca_file)
        with pytest.raises(TryLater) as failure:
            await mailer.send(invitation())
        assert failure.value.code == "tls-refused"
        assert server.received == []


async def test_a_refused_recipient_does_not_hold_up_the_others(trusted: Authority) -> None:
    async with serving(trusted.context) as server:
        server.reply_to_recipient["dag@example.org"] = "550 5.1.1 <dag@example.org>: unknown user"
        mailer = over_starttls(server, trusted)
        with pytest.raises(Refused) as refusal:
            await mailer.send(invitation(meeting_of_dag()))
        assert refusal.value.code == "recipient-refused"
        assert "550 5.1.1" in refusal.value.message
        await mailer.send(invitation())
        assert server.envelopes == [("samtale+tokenofbo@sygehus.example", "bo@kommune.example")]


@pytest.mark.parametrize(
    ("where", "reply", "kind", "code"),
    [
        ("recipient", "451 4.7.1 Greylisted, try dag@example.org again", TryLater, "busy"),
        ("recipient", "421 4.3.2 Shutting down", TryLater, "busy"),
        ("recipient", "530 5.7.0 Authentication required", TryLater, "sign-in-refused"),
        ("recipient", "554 5.7.1 dag@example.org: relay access denied", Refused, "recipient-refused"),
        ("sender", "451 4.3.0 Later", TryLater, "busy"),
        ("sender", "553 5.7.1 samtale+tokenofdag@sygehus.example not yours", TryLater, "service-refused"),
        ("sender", "552 5.3.4 Too large", Refused, "message-refused"),
        ("data", "452 4.3.1 Disk full", TryLater, "busy"),
        ("data", "554 5.6.0 dag@example.org does not like this", Refused, "message-refused"),
    ],
)
async def test_what_a_reply_means(
    trusted: Authority, where: str, reply: str, kind: type[MailError], code: str
) -> None:
    async with serving(trusted.context) as server:
        if where == "sender":
            server.reply_to_sender = reply
        elif where == "recipient":
            server.reply_to_recipient["dag@example.org"] = reply
        else:
            server.reply_to_data = reply
        with pytest.raises(kind) as failure:
            await over_starttls(server, trusted).send(invitation(meeting_of_dag()))
        assert failure.value.code == code
        # It is kept and logged, so it holds the reply's numbers and not its words.
        assert reply[:9].strip() in failure.value.message
        assert "dag@" not in str(failure.value)
        assert "tokenofdag" not in str(failure.value)
        assert failure.value.__cause__ is None and failure.value.__suppress_context__
        assert server.received == []


async def test_a_wrong_password_keeps_the_mail_with_the_caller(trusted: Authority) -> None:
    async with serving(trusted.context, sign_in=True) as server:
        mailer = SmtpMailer("127.0.0.1", server.port, USER, "wrong", ca_file=trusted.ca_file)
        for attempt in (mailer.check(), mailer.send(invitation())):
            with pytest.raises(TryLater) as failure:
                await attempt
            assert failure.value.code == "sign-in-refused"
            assert "wrong" not in str(failure.value)
        assert server.received == []


async def test_a_server_that_is_down_leaves_the_mail_with_the_caller(trusted: Authority) -> None:
    async with serving(trusted.context) as server:
        mailer = over_starttls(server, trusted)
    for attempt in (mailer.check(), mailer.send(invitation())):
        with pytest.raises(TryLater) as failure:
            await attempt
        assert failure.value.code == "unreachable"


async def test_a_connection_cut_before_the_reply_is_tried_again_with_the_same_bytes(
    trusted: Authority,
) -> None:
    async with serving(trusted.context) as server:
        server.cuts_before_reply = True
        mailer, mail = over_starttls(server, trusted), invitation()
        with pytest.raises(TryLater) as failure:
            await mailer.send(mail)
        assert failure.value.code == "unreachable"
        server.cuts_before_reply = False
        await mailer.send(mail)
        first, second = server.received
        assert first == second


async def test_a_connection_cut_after_the_reply_is_no_failure(trusted: Authority) -> None:
    async with serving(trusted.context) as server:
        server.cuts_at_quit = True
        await over_starttls(server, trusted).send(invitation())
        assert len(server.received) == 1


async def test_a_server_that_says_nothing_is_left(trusted: Authority) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    async with server:
        mailer = SmtpMailer(
            "127.0.0.1", server.sockets[0].getsockname()[1], ca_file=trusted.ca_file, timeout=0.05
        )
        with pytest.raises(TryLater) as failure:
            await mailer.send(invitation())
        assert failure.value.code == "unreachable"
