"""`handover check` and the TURN server: one line when a talk will have a relay, and else what to do about it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from handover.__main__ import main
from handover.commands import relay_check
from handover.commands.turn_probe import Allocation, Refused
from handover.settings import load_or_make_secret
from handover.store.sqlite import SqliteStore
from tests.coturn import SECRET, Relay, coturn, own_address

Check = Callable[..., str]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """`check(servers, secret)`: what it says about TURN in an installation where all else is in order."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HANDOVER_")]:
        monkeypatch.delenv(name)
    SqliteStore(tmp_path / "handover.db").close_now()
    load_or_make_secret(tmp_path / "secret.key")

    def run(*servers: str, secret: str = SECRET) -> str:
        monkeypatch.setenv("HANDOVER_TURN", ",".join(servers))
        monkeypatch.setenv("HANDOVER_TURN_SECRET", secret)
        answer = CliRunner().invoke(main, ["check"])
        lines = {line.split()[1]: line for line in answer.stdout.splitlines()}
        assert (answer.exit_code == 1) == lines["TURN"].startswith("RED"), answer.output
        assert "Traceback" not in answer.output
        assert secret not in answer.output
        return lines["TURN"]

    return run


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with coturn(tmp_path_factory.mktemp("coturn")) as relay:
        yield relay


def test_relay_as_it_is_shipped_is_in_order_by_udp_tcp_and_tls(
    check: Check, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.certificate))
    assert check(*relay.urls) == "ok   TURN      3 of 3 relay, and into no network of yours"


def test_no_relay_is_no_fault_and_says_what_is_missing(check: Check) -> None:
    assert "HANDOVER_TURN" in check()


def test_certificate_that_browsers_do_not_trust(check: Check, relay: Relay) -> None:
    assert f"{relay.tls} shows a certificate that browsers do not trust" in check(*relay.urls)


def test_another_secret_than_the_relays(check: Check, relay: Relay) -> None:
    assert "HANDOVER_TURN_SECRET must be its static-auth-secret" in check(relay.udp, secret="x1" * 12)


def test_relay_into_the_hospitals_own_network(check: Check, tmp_path: Path) -> None:
    with coturn(tmp_path, without=("denied-peer-ip=10.",)) as careless:
        line = check(careless.udp)
    assert "10.0.0.1, into your own network" in line
    assert "denied-peer-ip" in line


def test_relay_on_which_two_who_need_it_do_not_meet(check: Check, tmp_path: Path) -> None:
    refused = f"denied-peer-ip={own_address()}"
    with coturn(tmp_path, refused, without=("allowed-peer-ip",)) as lonely:
        line = check(lonely.udp)
    assert f"refuses its own address {own_address()}" in line
    assert "allowed-peer-ip" in line


def test_relay_with_no_room_left(check: Check, tmp_path: Path) -> None:
    with coturn(tmp_path, "total-quota=1", without=("total-quota",)) as small:
        assert "total-quota" in check(small.udp)


def test_nobody_is_there(check: Check) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line, socket.socket() as stream:
        for bound in (line, stream):
            bound.bind(("127.0.0.1", 0))
        port, tcp_port = line.getsockname()[1], stream.getsockname()[1]
        stream.close()
        line.close()
        assert "does not answer" in check(f"turn:127.0.0.1:{port}?transport=udp")
        assert "does not answer" in check(f"turn:127.0.0.1:{tcp_port}?transport=tcp")


def test_something_else_is_there(check: Check) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(30)

        def answer() -> None:
            _, peer = other.recvfrom(2048)
            other.sendto(b"220 mail.example.org ready", peer)

        answering = threading.Thread(target=answer)
        answering.start()
        line = check(f"turn:127.0.0.1:{other.getsockname()[1]}")
        answering.join()
    assert "what answers there is no TURN server" in line


class Elsewhere(Allocation):
    """A relay that a test machine cannot have: with an IPv6 address, or with a firewall on its ports."""

    carries = True
    by_ipv6 = False

    def __init__(self, server: str, username: str, password: str, family: int = 4, **_: Any) -> None:
        self.family = family
        self.address = ("192.0.2.10", 50000)
        if family == 6 and not self.by_ipv6:
            raise Refused(440, "Unsupported address family")

    def permit(self, host: str, port: int = 9) -> None:
        if self.family == 4 and host != self.address[0]:
            raise Refused(403, "Forbidden IP")

    def send(self, data: bytes, to: tuple[str, int]) -> None:
        self.sent = data

    def receive(self) -> bytes:
        if not self.carries:
            raise TimeoutError
        return relay_check.GREETING

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("has", "says"),
    [
        ({}, "1 of 1 relay"),
        ({"by_ipv6": True}, "to ::1, into your own network. Name one IPv4 address as relay-ip"),
        ({"carries": False}, "Let its firewall pass UDP on min-port to max-port"),
    ],
)
def test_relay_with_ipv6_or_a_firewall(
    check: Check, monkeypatch: pytest.MonkeyPatch, has: dict[str, bool], says: str
) -> None:
    for name, value in has.items():
        monkeypatch.setattr(Elsewhere, name, value)
    monkeypatch.setattr(relay_check, "Allocation", Elsewhere)
    assert says in check("turn:turn.example:3478")
