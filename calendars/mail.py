"""Handing over mail: into a folder, or to an SMTP server that must speak TLS. Both behave alike."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import ssl
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from calendars import text
from calendars.errors import CalendarError, MailError, Refused, TryLater

Tls = Literal["starttls", "implicit", "plain"]

# 7bit: no relay on the way has a reason to re-encode, so what was signed or compared stays the same.
_WIRE = policy.SMTP.clone(cte_type="7bit")
_ENHANCED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_SIGN_IN_FIRST = 530
_TOO_LARGE = 552
_DEFAULT_PORT: dict[Tls, int] = {"starttls": 587, "implicit": 465, "plain": 25}


class Mailer(Protocol):
    """Somewhere to hand a mail to."""

    async def send(self, message: EmailMessage) -> None:
        """Returns when the mail is safely handed over, else raises TryLater or Refused.

        A connection cut at the very end leaves it open whether the mail was taken; sending it again with the same
        Message-ID is then right (RFC 5321, 6.1).
        """

    async def check(self) -> None:
        """Raises TryLater when `send` could not work just now; sends nothing."""


class FolderMailer:
    """Writes each mail as an .eml file whose name sorts by time; a file is there whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def send(self, message: EmailMessage) -> None:
        _envelope(message)
        await asyncio.to_thread(self._write, message.as_bytes(policy=_WIRE))

    async def check(self) -> None:
        await asyncio.to_thread(self._probe)

    def _write(self, content: bytes) -> None:
        # Bodies hold personal links, so nobody but the service's own account reads them.
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.eml"
            descriptor, temporary = tempfile.mkstemp(dir=self._directory, prefix=".", suffix=".part")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).rename(self._directory / name)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
            _sync_directory(self._directory)
        except OSError as error:
            raise _unwritable(error) from error

    def _probe(self) -> None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._directory) as file:
                file.write(b"\r\n")
        except OSError as error:
            raise _unwritable(error) from error


class SmtpMailer:
    """Hands each mail to an SMTP server over TLS 1.2 or later with a checked certificate.

    `tls` is "starttls", "implicit" or "plain", and plain is for the machine itself only. `ca_file` names the only
    authority then trusted. A server that refuses TLS leaves the mail with the caller: TryLater.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str | None = None,
        password: str | None = None,
        *,
        tls: Tls = "starttls",
        ca_file: Path | None = None,
        timeout: float = 30.0,
    ) -> None:
        if tls == "plain" and not _is_loopback(host):
            raise MailError(
                "plain-not-loopback", "Mail leaves this machine over TLS only; use smtps:// or port 587."
            )
        self._host, self._port, self._timeout = host, port, timeout
        self._user, self._password = user, password or ""
        self._tls = tls
        self._context = None if tls == "plain" else _tls_context(ca_file)

    async def send(self, message: EmailMessage) -> None:
        sender, recipient = _envelope(message)
        async with self._session() as server:
            try:
                await server.sendmail(sender, [recipient], message.as_bytes(policy=_WIRE))
            except aiosmtplib.SMTPException as error:
                raise _failure(error) from None

    async def check(self) -> None:
        async with self._session() as server:
            try:
                await server.noop()
            except aiosmtplib.SMTPException as error:
                raise _failure(error) from None

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=self._timeout,
            use_tls=self._tls == "implicit",
            start_tls=False,
            tls_context=self._context,
        )
        try:
            await self._connect(server)
            yield server
            # What was accepted stays accepted, however the server takes its leave: sending again would double it.
            with suppress(aiosmtplib.SMTPException):
                await server.quit()
        finally:
            server.close()

    async def _connect(self, server: aiosmtplib.SMTP) -> None:
        try:
            await server.connect()
        except aiosmtplib.SMTPException as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise _no_tls(error.__cause__) from error
            raise _failure(error) from None
        if self._tls == "starttls":
            try:
                await server.starttls()
            except (aiosmtplib.SMTPException, ssl.SSLError) as error:
                raise _no_tls(error) from error
        if self._user is not None:
            try:
                await server.login(self._user, self._password)
            except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError) as error:
                raise _failure(error) from None
            except aiosmtplib.SMTPException as error:
                raise TryLater(
                    "sign-in-refused", "The mail server did not accept the user and password."
                ) from error


def mailer_from_url(url: str, ca_file: Path | None = None) -> Mailer:
    """The mailer that a setting names.

    `folder:DIR` | `smtps://user:pw@host` | `smtp://user:pw@host:587` with STARTTLS | `smtp://127.0.0.1:25`, which is
    plain: the machine itself, without credentials or `ca_file`. User and password are percent-encoded.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "folder" and rest:
        return FolderMailer(Path(rest))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if scheme not in ("smtp", "smtps") or not host:
        raise MailError(
            "mail-url-invalid", "Write folder:DIR, smtp://user:password@host:587 or smtps://…@host."
        )
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    tls: Tls = "starttls"
    if scheme == "smtps":
        tls = "implicit"
    elif user is None and ca_file is None and _is_loopback(host):
        tls = "plain"
    return SmtpMailer(host, port or _DEFAULT_PORT[tls], user, password, tls=tls, ca_file=ca_file)


def _envelope(message: EmailMessage) -> tuple[str, str]:
    """Sender and recipient. One mail has one recipient, so that no copy shows another's address or link."""
    senders, recipients = (
        [address.addr_spec for header in message.get_all(name, []) for address in header.addresses]
        for name in ("From", "To")
    )
    if len(senders) != 1 or len(recipients) != 1 or "Cc" in message or "Bcc" in message:
        raise Refused("not-one-recipient", "A mail goes from one address to one address.")
    try:
        return text.address(senders[0]), text.address(recipients[0])
    except CalendarError as error:
        raise Refused(error.code, error.message) from error


def _failure(error: aiosmtplib.SMTPException) -> MailError:
    """What a refusal means: for good only when it is about this recipient or this mail.

    Raised without its cause, whose words may repeat addresses and tokens into a log.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        return TryLater("unreachable", "The mail server cannot be reached or went away.")
    reason = _reason(error)
    if error.code == _SIGN_IN_FIRST:
        return TryLater("sign-in-refused", f"The mail server wants to be signed in to ({reason}).")
    if error.code < 500:
        return TryLater("busy", f"The mail server asked to come back later ({reason}).")
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return Refused(
            "recipient-refused", f"The mail server does not take mail for this address ({reason})."
        )
    if isinstance(error, aiosmtplib.SMTPDataError) or error.code == _TOO_LARGE:
        return Refused("message-refused", f"The mail server does not take this mail ({reason}).")
    # A refused sender or greeting is about our settings: every mail waits until somebody has mended them.
    return TryLater("service-refused", f"The mail server does not take mail from this service ({reason}).")


def _reason(error: aiosmtplib.SMTPResponseException) -> str:
    """The numbers of a reply, not its words."""
    enhanced = _ENHANCED_STATUS.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)


def _no_tls(error: Exception) -> TryLater:
    why = getattr(error, "verify_message", "") or type(error).__name__
    return TryLater("tls-refused", f"No protected connection to the mail server: {why}")


def _unwritable(error: OSError) -> TryLater:
    return TryLater("folder-unwritable", f"The mail folder cannot be written to ({error.strerror}).")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise MailError(
            "ca-unreadable", f"The file of the mail server's authority cannot be read: {ca_file}"
        ) from error


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
