"""Does a TURN server do what a talk needs, and nothing that would hurt the hospital? If not: what to do about it."""

from __future__ import annotations

import ssl

from handover.commands.common import CommandError
from handover.commands.turn_probe import UNAUTHORIZED, Allocation, Refused
from signaling.ice import ice_servers

PROBE_LASTS = 10 * 60  # seconds; long enough for a slow line, useless to whoever finds it in a log
QUOTA_REACHED = 486
# One of each kind that a guest must not reach through the relay. Being asked about sends nothing to them.
INNER = ("127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1")
# What Debian's coturn 4.6.1 lets through once it relays on IPv6 at all (CVE-2026-27624).
INNER_BY_IPV6 = ("::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "fd00::1", "64:ff9b::a00:1")
GREETING = b"handover check"


def look(server: str, secret: str, *, now: int) -> None:
    """Return when `server`, an address of HANDOVER_TURN, is as deploy/coturn.conf makes it; else `CommandError`."""
    username, password = _credentials(secret, now)
    try:
        with (
            Allocation(server, username, password) as one,
            Allocation(server, username, password) as other,
        ):
            _relays_to_itself(server, one, other)
            for inner in INNER:
                _refuses(server, one, inner)
        _reaches_nothing_by_ipv6(server, username, password)
    except Refused as refused:
        raise CommandError(_in_words(server, refused)) from refused
    except ssl.SSLCertVerificationError as error:
        raise CommandError(
            f"{server} shows a certificate that browsers do not trust: {error.verify_message}."
        ) from error
    except OSError as error:
        raise CommandError(
            f"{server} does not answer: {error.strerror or error}. Does the TURN server run, does the firewall "
            "let this port through, and may coturn read its certificate?"
        ) from error


def _credentials(secret: str, now: int) -> tuple[str, str]:
    [server] = ice_servers((), ("turn:",), secret, room="", participant="check", expires_at=now + PROBE_LASTS)
    return server.username or "", server.credential or ""


def _relays_to_itself(server: str, one: Allocation, other: Allocation) -> None:
    try:
        one.permit(*other.address)
        other.permit(*one.address)
    except Refused as refused:
        raise CommandError(
            f"{server} refuses its own address {one.address[0]}, so two people who both need it do not meet. "
            "Put allowed-peer-ip with the address of its relay-ip line into its configuration."
        ) from refused
    try:
        one.send(GREETING, other.address)
        if other.receive() != GREETING:
            raise CommandError(f"{server} carries something else than what was sent.")
    except TimeoutError as error:
        raise CommandError(
            f"{server} carries nothing between two addresses of its own ({one.address[0]}). "
            "Let its firewall pass UDP on min-port to max-port, and look at relay-ip and external-ip."
        ) from error


def _refuses(server: str, one: Allocation, inner: str) -> None:
    try:
        one.permit(inner)
    except Refused:
        return
    raise CommandError(
        f"{server} would carry strangers' packets to {inner}, into your own network. "
        "Take the denied-peer-ip lines of deploy/coturn.conf over into its configuration."
    )


def _reaches_nothing_by_ipv6(server: str, username: str, password: str) -> None:
    try:
        with Allocation(server, username, password, family=6) as one:
            for inner in INNER_BY_IPV6:
                try:
                    one.permit(inner)
                except Refused:
                    continue
                raise CommandError(
                    f"{server} would carry strangers' packets to {inner}, into your own network. "
                    "Name one IPv4 address as relay-ip and no IPv6 address, or use coturn 4.9.0 or later."
                )
    except Refused:
        return  # it relays on IPv4 only


def _in_words(server: str, refused: Refused) -> str:
    if refused.code == UNAUTHORIZED:
        return (
            f"{server} does not take our passwords. HANDOVER_TURN_SECRET must be its static-auth-secret, "
            "and both clocks must be right."
        )
    if refused.code == QUOTA_REACHED:
        return f"{server} has no room left: total-quota is used up, or user-quota is below 2."
    return f"{server} refuses to relay: {refused}."
