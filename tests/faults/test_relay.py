"""The relay as it is shipped: whom it lets in, by which ways, and what it never carries a packet to."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from handover.commands.turn_probe import Allocation, Refused
from signaling.ice import ice_servers
from tests.coturn import SHIPPED, Relay, coturn

INNER = [
    "0.0.0.0",
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]
# The ways in which an address of IPv6, or one of IPv4 dressed as such, leads inside (CVE-2026-27624).
INNER_BY_IPV6 = [
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.5",
    "::ffff:169.254.169.254",
    "fd00::1",
    "fe80::1",
    "64:ff9b::a00:5",
    "2002:a00:5::1",
]


def password(relay: Relay, *, room: str = "5f2c", who: str = "dag", lasts: float = 600) -> tuple[str, str]:
    """What an admitted seat is given."""
    [server] = ice_servers(
        (), relay.urls, relay.secret, room=room, participant=who, expires_at=time.time() + lasts
    )
    assert server.username and server.credential
    return server.username, server.credential


def refusal(allocation: Allocation, peer: str) -> int:
    with pytest.raises(Refused) as refused:
        allocation.permit(peer)
    return refused.value.code


@pytest.fixture
def allocation(relay: Relay) -> Iterator[Allocation]:
    with Allocation(relay.udp, *password(relay)) as allocation:
        yield allocation


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
def test_two_who_were_let_in_exchange_packets_by_every_way_in(relay: Relay, way: str) -> None:
    server, trust = getattr(relay, way), ssl.create_default_context(cafile=relay.certificate)
    with (
        Allocation(server, *password(relay, who="dag"), trust=trust) as dag,
        Allocation(server, *password(relay, who="bo"), trust=trust) as bo,
    ):
        assert dag.address[0] == bo.address[0] == relay.address
        dag.permit(*bo.address)
        bo.permit(*dag.address)
        dag.send(b"ciphertext", bo.address)
        assert bo.receive() == b"ciphertext"


def test_it_carries_packets_to_the_internet_and_to_no_inner_address(allocation: Allocation) -> None:
    allocation.permit("8.8.8.8")
    assert {peer: refusal(allocation, peer) for peer in INNER} == dict.fromkeys(INNER, 403)
    allocation.permit("8.8.8.8")


def test_no_address_of_ipv6_is_reached_or_given_out(relay: Relay, allocation: Allocation) -> None:
    assert {peer: refusal(allocation, peer) for peer in INNER_BY_IPV6} == dict.fromkeys(INNER_BY_IPV6, 443)
    with pytest.raises(Refused) as refused:
        Allocation(relay.udp, *password(relay), family=6)
    assert refused.value.code == 440


def test_it_is_the_files_list_that_refuses(tmp_path: Path) -> None:
    """Without those lines the same questions are answered with yes, so the tests above can fail."""
    with (
        coturn(tmp_path, without=("denied-peer-ip",)) as careless,
        Allocation(careless.udp, *password(careless)) as allocation,
    ):
        for peer in ("10.0.0.5", "169.254.169.254", "192.168.1.1"):
            allocation.permit(peer)


def test_password_that_has_run_out_or_is_somebody_elses_is_refused(relay: Relay) -> None:
    name, good = password(relay)
    another = password(relay, room="a talk elsewhere")[1]
    for username, wrong in [password(relay, lasts=-1), (name, another), (name, ""), ("9" * 10, good)]:
        with pytest.raises(Refused) as refused:
            Allocation(relay.udp, username, wrong)
        assert refused.value.code == 401


def test_talk_that_runs_over_keeps_the_relay_it_has(relay: Relay) -> None:
    """coturn looks at the hour when an address is given out, not when it is renewed."""
    lasts = 2.0
    with Allocation(relay.udp, *password(relay, lasts=lasts)) as allocation:
        name, late = password(relay, lasts=lasts)
        while time.time() <= int(name.partition(":")[0]) + 1:
            time.sleep(0.1)
        allocation.renew(600)
        with pytest.raises(Refused):
            Allocation(relay.udp, name, late)


def test_one_person_cannot_use_up_the_relay(relay: Relay) -> None:
    quota = next(line for line in SHIPPED.read_text().splitlines() if line.startswith("user-quota="))
    most = int(quota.partition("=")[2])
    with ExitStack() as held:
        with pytest.raises(Refused) as refused:
            for _ in range(most + 1):
                held.enter_context(Allocation(relay.udp, *password(relay, who="greedy")))
        assert refused.value.code == 486
        held.enter_context(Allocation(relay.udp, *password(relay, who="ellen")))


def test_log_names_nobody_who_was_let_in(relay: Relay) -> None:
    name, secret = password(relay, room="logged")
    with Allocation(relay.udp, name, secret) as one, Allocation(relay.tcp, name, secret) as other:
        one.permit(*other.address)
    log = relay.log.read_text()
    assert "Relay ports initialization done" in log
    assert name not in log
    assert name.partition(":")[2] not in log
    assert secret not in log
    assert relay.secret not in log
