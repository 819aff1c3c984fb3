"""A real coturn from deploy/coturn.conf: addresses, ports, secret and certificate replaced, every other line kept.

Replaced are the values an operator has to fill in as well, and the two ports, because 3478 may be taken and 443 needs
root. The relay stands on this machine's own address and not on 127.0.0.1: browsers gather nothing on loopback, and the
file's refusal of loopback peers has to be tried as it is.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SHIPPED = Path(__file__).parents[1] / "deploy" / "coturn.conf"
PROGRAM = "/usr/bin/turnserver"
SCHEMA = Path(
    "/usr/share/coturn/schema.sql"
)  # of its user database; Debian installs one that is made from it
SECRET = "7c1d0a54e2b94f6f8a3e5d1c"
STARTS_WITHIN = 30.0  # seconds on a machine that does much else
TRIES = 5  # between choosing a free port and taking it, somebody else may


@dataclass(frozen=True)
class Relay:
    """A running coturn. `certificate` is what to trust for `tls`; what it says is in `log`."""

    address: str
    port: int
    tls_port: int
    secret: str
    certificate: Path
    log: Path

    @property
    def udp(self) -> str:
        return f"turn:{self.address}:{self.port}?transport=udp"

    @property
    def tcp(self) -> str:
        return f"turn:{self.address}:{self.port}?transport=tcp"

    @property
    def tls(self) -> str:
        return f"turns:{self.address}:{self.tls_port}?transport=tcp"

    @property
    def urls(self) -> tuple[str, str, str]:
        """The three ways in, as in HANDOVER_TURN."""
        return self.udp, self.tcp, self.tls


@contextmanager
def coturn(folder: Path, *more: str, without: tuple[str, ...] = ()) -> Iterator[Relay]:
    """Starts it in `folder` and ends it by its process id.

    For a relay that somebody has set up badly: lines that begin with one of `without` are left out, `more` are added.
    """
    for _ in range(TRIES):
        relay, process = _started(folder, more, without)
        try:
            if _answers(relay, process):
                yield relay
                return
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    raise AssertionError(f"coturn did not start: {relay.log.read_text()}")


def _make_database(path: Path) -> None:
    """The empty user database, as Debian installs one. Two threads of a coturn that finds none make its tables at the
    same moment, and a browser that comes just then is refused: "database is locked", "no such table"."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA.read_text(encoding="utf-8"))


def own_address() -> str:
    """The IPv4 address by which this machine reaches others. No packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("198.51.100.1", 9))
        return str(probe.getsockname()[0])


def _started(
    folder: Path, more: tuple[str, ...], without: tuple[str, ...]
) -> tuple[Relay, subprocess.Popen[bytes]]:
    address = own_address()
    certificate = _certificate(folder, address)
    relay = Relay(
        address, _free_port(address), _free_port(address), SECRET, certificate, folder / "coturn.log"
    )
    filled_in = {
        "listening-ip": address,
        "relay-ip": address,
        "allowed-peer-ip": address,
        "listening-port": str(relay.port),
        "tls-listening-port": str(relay.tls_port),
        "static-auth-secret": relay.secret,
        "cert": str(certificate),
        "pkey": str(folder / "coturn.key"),
    }
    text = SHIPPED.read_text(encoding="utf-8")
    for name, value in filled_in.items():
        text, count = re.subn(rf"^#?{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        assert count == 1, f"{name} stands {count} times in {SHIPPED}"
    kept = [line for line in text.splitlines() if not (without and line.startswith(without))]
    settings = folder / "coturn.conf"
    settings.write_text("\n".join([*kept, *more]) + "\n", encoding="utf-8")
    _make_database(folder / "turndb")
    with relay.log.open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "-c", settings, f"--pidfile={folder / 'coturn.pid'}", f"--userdb={folder / 'turndb'}"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    return relay, process


def _answers(relay: Relay, process: subprocess.Popen[bytes]) -> bool:
    """Both ports take connections, and a datagram is answered. coturn goes on without a port that it did not get."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            for port in (relay.port, relay.tls_port):
                socket.create_connection((relay.address, port), timeout=1).close()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
                line.settimeout(1)
                line.connect((relay.address, relay.port))
                line.send(bytes.fromhex("000100002112a442") + bytes(12))  # a STUN binding request
                if line.recv(2048)[:2] == b"\x01\x01":
                    return True
        time.sleep(0.05)
    return False


def _free_port(address: str) -> int:
    """Free for datagrams and for connections."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            stream.bind((address, 0))
            port = int(stream.getsockname()[1])
            with suppress(OSError):
                datagrams.bind((address, port))
                return port


def _certificate(folder: Path, address: str) -> Path:
    """A certificate for this address that signs itself, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "coturn.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "coturn.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path
