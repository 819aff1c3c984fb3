"""Slow guessing down without locking anybody out: tries are counted by network, never for an account alone.

An attacker elsewhere therefore cannot keep a nurse from signing in, and a hospital behind one address keeps working
while somebody in it guesses: people who have signed in from there before are not held up by the others.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from handover.errors import N_
from handover.settings_values import Network
from handover.web.keys import SETTINGS

WAIT = N_("That was wrong several times. Wait {seconds} seconds, then try again.")
WAIT_A_SECOND = N_("That was wrong several times. Wait one second, then try again.")

FREE_TRIES = 5  # typing errors
LONGEST_WAIT = 60.0  # seconds; more would be a lock-out for somebody who only forgot
FREE_TRIES_OF_A_NETWORK = 30  # wrong passwords over all accounts
REFILL = 10.0  # seconds until a network has one of them back
FORGOTTEN_AFTER = 15 * 60.0
MOST_REMEMBERED = 20_000  # entries of each kind; the oldest go first


def wait_sentence(seconds: int) -> str:
    """How long to wait, as a sentence to be translated."""
    return WAIT_A_SECOND if seconds == 1 else WAIT


@dataclass
class _Tries:
    count: float = 0
    last: float = 0.0


class Throttle:
    """Remembers wrong passwords in this process, by account and network, and by network."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pairs: OrderedDict[str, _Tries] = OrderedDict()
        self._networks: OrderedDict[str, _Tries] = OrderedDict()
        self._familiar: OrderedDict[str, None] = OrderedDict()

    def try_now(self, account: str, network: str) -> int:
        """Seconds to wait before trying this account from this network again; 0 means go on, and counts as a try.

        Tries count before they are checked, so that a hundred at once are not a hundred free ones.
        """
        now = self._clock()
        pair = self._tries(self._pairs, _pair(account, network), now)
        if now - pair.last > FORGOTTEN_AFTER:
            pair.count = 0
        wait = pair.last + _delay(pair.count) - now
        known = _pair(account, network) in self._familiar
        crowd = self._tries(self._networks, network, now)
        crowd.count = max(0.0, crowd.count - (now - crowd.last) / REFILL)
        crowd.last = now
        if not known and crowd.count >= FREE_TRIES_OF_A_NETWORK:
            wait = max(wait, REFILL)
        if wait > 0:
            return int(wait) + 1
        pair.count, pair.last = pair.count + 1, now
        crowd.count += 1
        return 0

    def succeeded(self, account: str, network: str) -> None:
        """The password was right: forget the tries, and remember that this person signs in from here."""
        pair = _pair(account, network)
        self._pairs.pop(pair, None)
        crowd = self._tries(self._networks, network, self._clock())
        crowd.count = max(0.0, crowd.count - 1)
        self._familiar[pair] = None
        self._familiar.move_to_end(pair)
        if len(self._familiar) > MOST_REMEMBERED:
            self._familiar.popitem(last=False)

    def _tries(self, kept: OrderedDict[str, _Tries], key: str, now: float) -> _Tries:
        found = kept.setdefault(key, _Tries(last=now))
        kept.move_to_end(key)
        if len(kept) > MOST_REMEMBERED:
            kept.popitem(last=False)
        return found


THROTTLE = web.AppKey("throttle", Throttle)


def _pair(account: str, network: str) -> str:
    return f"{network} {account}"


def _delay(tries: float) -> float:
    """1, 2, 4, … seconds after the free tries are used up."""
    over = int(tries) - FREE_TRIES
    return min(LONGEST_WAIT, 2.0**over) if over >= 0 else 0.0


def network_of(request: web.Request) -> str:
    """The network that asks: /24 of IPv4, /56 of IPv6, since one person may have all of those addresses."""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return _prefix(_address(request.remote, forwarded, request.app[SETTINGS].trusted_proxies))


def _address(peer: str | None, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """The nearest address that is not a proxy of ours; what a client writes into the header itself is not believed."""
    chain = [part.strip() for line in forwarded for part in line.split(",")]
    address = peer or ""
    while chain and _is_in(address, proxies):
        address = chain.pop()
    return address


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        return any(ipaddress.ip_address(address) in network for network in networks)
    except ValueError:
        return False


def _prefix(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 56), strict=False))
