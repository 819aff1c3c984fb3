"""From the text an operator wrote to the value a setting has, or one sentence that says how to write it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handover.errors import HandoverError

LANGUAGES = ("da", "nb", "en")

# RFC 7065, without the transports that no browser speaks to a relay.
TURN_SERVER = re.compile(
    r"(turn:{0}(\?transport=(udp|tcp))?|turns:{0}(\?transport=tcp)?)".format(
        r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    )
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(HandoverError):
    """The service cannot start like this; the sentence says which setting to change."""

    def __init__(self, message: str) -> None:
        super().__init__("settings-unusable", message)

    def __str__(self) -> str:
        return self.message


def is_loopback(host: str) -> bool:
    """Whether `host` can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bracketed(host: str) -> str:
    """`host` as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def base_url(text: str) -> str:
    """Scheme, host and port, in the one spelling that browsers use for an origin."""
    try:
        address = urlsplit(text)
        given_port = address.port
    except ValueError:
        address, given_port = urlsplit(""), None
    if address.scheme not in ("http", "https") or not address.hostname:
        raise SettingsError("HANDOVER_BASE_URL must be an address like https://talks.example.org.")
    if address.path.strip("/") or address.query or address.fragment or address.username:
        raise SettingsError(
            "HANDOVER_BASE_URL may not have anything but a host and a port: the service needs a host of its own."
        )
    own = {"http": 80, "https": 443}[address.scheme]
    port = "" if given_port in (None, own) else f":{given_port}"
    return f"{address.scheme}://{bracketed(address.hostname)}{port}"


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise SettingsError(f"HANDOVER_PORT must be a number from 0 to 65535, not {text}.")
    return int(text)


def database(text: str) -> str:
    if not text.startswith("sqlite:///") or text == "sqlite:///":
        raise SettingsError(
            "HANDOVER_DATABASE must be sqlite:///path (from the working directory) or sqlite:////absolute/path."
        )
    return text


def mail(text: str) -> str:
    """Where mail goes; what stands behind the scheme is calendars.mail's to read."""
    scheme, _, rest = text.partition(":")
    if scheme not in ("folder", "smtp", "smtps") or not rest.strip("/"):
        raise SettingsError(
            "HANDOVER_MAIL must be folder:DIR, smtp://user:password@host:587 or smtps://user:password@host:465."
        )
    return text


def stays_here(text: str) -> bool:
    """Whether mail is written to a folder, or given to a server on this machine."""
    try:
        return text.startswith("folder:") or is_loopback(urlsplit(text).hostname or "")
    except ValueError:
        return False


def mail_from(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not (local and domain) or any(character.isspace() or character in '<>,"' for character in text):
        raise SettingsError("HANDOVER_MAIL_FROM must be one bare address like talks@hospital.example.")
    return text


def turn(text: str) -> tuple[str, ...]:
    """Browsers throw on an address they cannot read, and then nobody in the talk meets anybody."""
    servers = _listed(text)
    for server in servers:
        if not TURN_SERVER.fullmatch(server):
            raise SettingsError(
                "HANDOVER_TURN must be addresses with commas between, like turn:turn.example.org:3478?transport=udp or "
                f"turns:turn.example.org:443?transport=tcp, not {server}."
            )
    return servers


def guests_relay_only(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise SettingsError(f"HANDOVER_GUESTS_RELAY_ONLY must be yes or no, not {text}.")
    return text.lower() == "yes"


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in _listed(text))
    except ValueError as error:
        raise SettingsError(
            f"HANDOVER_TRUSTED_PROXIES must be addresses or networks with commas between: {error}."
        ) from error


def timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"HANDOVER_TIMEZONE must be a name like Europe/Copenhagen, not {text}."
        ) from error
    return text


def language(text: str) -> str:
    if text not in LANGUAGES:
        raise SettingsError(f"HANDOVER_LANGUAGE must be one of {', '.join(LANGUAGES)}, not {text}.")
    return text


PARSERS: dict[str, Callable[[str], Any]] = {
    "base_url": base_url,
    "port": port,
    "database": database,
    "mail": mail,
    "mail_ca": Path,
    "mail_from": mail_from,
    "turn": turn,
    "guests_relay_only": guests_relay_only,
    "trusted_proxies": networks,
    "secret_file": Path,
    "timezone": timezone,
    "language": language,
}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
