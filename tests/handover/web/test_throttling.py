"""How long somebody waits who guesses, and who does not."""

from __future__ import annotations

import ipaddress

import pytest

from handover.web.throttling import (
    FREE_TRIES,
    FREE_TRIES_OF_A_NETWORK,
    LONGEST_WAIT,
    Throttle,
    _address,
    _prefix,
    wait_sentence,
)

HOME, HOSPITAL = "198.51.100.0/24", "203.0.113.0/24"


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def throttle(watch: Watch) -> Throttle:
    return Throttle(watch)


def waits(throttle: Throttle, watch: Watch, account: str, network: str) -> list[int]:
    """What each of fifteen patient guesses has to wait."""
    found = []
    for _ in range(15):
        wait = throttle.try_now(account, network)
        found.append(wait)
        if wait:
            watch.now += wait
            assert throttle.try_now(account, network) == 0
    return found


def test_waits_double_up_to_a_minute(throttle: Throttle, watch: Watch) -> None:
    found = waits(throttle, watch, "astrid", HOSPITAL)
    assert found[:FREE_TRIES] == [0] * FREE_TRIES
    assert found[FREE_TRIES : FREE_TRIES + 4] == [2, 3, 5, 9]
    assert max(found) == int(LONGEST_WAIT) + 1


def test_guesses_from_elsewhere_lock_nobody_out(throttle: Throttle, watch: Watch) -> None:
    for number in range(1000):
        throttle.try_now("astrid", f"10.0.{number % 250}.0/24")
    assert throttle.try_now("astrid", HOME) == 0


def test_right_password_forgives_typing_errors(throttle: Throttle) -> None:
    for _ in range(FREE_TRIES):
        throttle.try_now("astrid", HOSPITAL)
    throttle.succeeded("astrid", HOSPITAL)
    assert throttle.try_now("astrid", HOSPITAL) == 0


def test_trying_many_accounts_stops_but_not_for_those_who_work_there(throttle: Throttle) -> None:
    throttle.try_now("astrid", HOSPITAL)
    throttle.succeeded("astrid", HOSPITAL)
    for number in range(FREE_TRIES_OF_A_NETWORK):
        assert throttle.try_now(f"guess-{number}", HOSPITAL) == 0
    assert throttle.try_now("one-more", HOSPITAL) > 0
    assert throttle.try_now("astrid", HOSPITAL) == 0
    assert throttle.try_now("one-more", HOME) == 0


def test_a_day_of_honest_signing_in_costs_a_network_nothing(throttle: Throttle) -> None:
    for number in range(500):
        assert throttle.try_now(f"nurse-{number}", HOSPITAL) == 0
        throttle.succeeded(f"nurse-{number}", HOSPITAL)


def test_a_hundred_at_once_are_not_a_hundred_free_tries(throttle: Throttle) -> None:
    assert [throttle.try_now("astrid", HOSPITAL) for _ in range(100)].count(0) == FREE_TRIES


def test_one_second_is_not_seconds() -> None:
    assert "one second" in wait_sentence(1) and "{seconds} seconds" in wait_sentence(2)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1234:5678::1", "2001:db8:1234:5600::/56"),
        ("", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_a_household_is_one_network(address: str, network: str) -> None:
    assert _prefix(address) == network


def test_only_our_proxies_are_believed() -> None:
    proxies = (ipaddress.ip_network("10.0.0.0/8"),)
    assert _address("10.0.0.1", ["198.51.100.9"], proxies) == "198.51.100.9"
    assert _address("10.0.0.1", ["forged, 198.51.100.9, 10.0.0.2"], proxies) == "198.51.100.9"
    assert _address("198.51.100.9", ["203.0.113.1"], proxies) == "198.51.100.9"
    assert _address("198.51.100.9", ["203.0.113.1"], ()) == "198.51.100.9"
