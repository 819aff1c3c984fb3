"""Try a TURN server as a browser would (RFC 8656): take relayed addresses, and ask it to where it would carry packets.

Nothing is sent to the addresses that are asked about: a permission alone makes no packet.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import socket
import ssl
import struct
from contextlib import suppress
from types import TracebackType

MAGIC = 0x2112A442
ALLOCATE, REFRESH, SEND, DATA_ARRIVED, CREATE_PERMISSION = 0x003, 0x004, 0x016, 0x017, 0x008
SUCCESS, FAILURE = 0x100, 0x110  # added to the request's type
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, LIFETIME, PEER, DATA = 0x06, 0x08, 0x09, 0x0D, 0x12, 0x13
REALM, NONCE, RELAYED, ADDRESS_FAMILY, TRANSPORT = 0x14, 0x15, 0x16, 0x17, 0x19
UNAUTHORIZED, MISMATCH, STALE_NONCE = 401, 437, 438
FAMILIES = {4: b"\x01\0\0\0", 6: b"\x02\0\0\0"}
OVER_UDP = b"\x11\0\0\0"
PATIENCE = 3.0  # seconds


class Refused(Exception):
    """The server answered no; `code` is STUN's, `message` the server's own words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message


class Allocation:
    """One relayed address, held until `close`. `server` is a turn: or turns: address as in HANDOVER_TURN."""

    def __init__(
        self, server: str, username: str, password: str, family: int = 4, trust: ssl.SSLContext | None = None
    ) -> None:
        """Raises `Refused` when the server says no, `OSError` when it says nothing or is none."""
        self._username = username
        self._password = password
        self._signs: tuple[bytes, bytes] | None = None  # realm and nonce, once the server has told them
        for last in (False, False, True):
            self._line = _Line(server, trust)
            try:
                told = self._ask(ALLOCATE, (TRANSPORT, OVER_UDP), (ADDRESS_FAMILY, FAMILIES[family]))
                self.address = _unmask(told[RELAYED])
                return
            except (KeyError, struct.error, IndexError) as error:
                self._line.close()
                raise OSError("what answers there is no TURN server") from error
            except BaseException as error:
                self._line.close()
                # Our port was somebody's a moment ago: from another one, then (RFC 8656 section 6.4).
                if last or not isinstance(error, Refused) or error.code != MISMATCH:
                    raise

    def permit(self, host: str, port: int = 9) -> None:
        """Ask to exchange packets with an address; raises `Refused` when the server will not."""
        self._ask(CREATE_PERMISSION, (PEER, (host, port)))

    def send(self, data: bytes, to: tuple[str, int]) -> None:
        """One packet to a permitted address. Nothing tells whether it arrived."""
        self._line.send(_message(SEND, secrets.token_bytes(12), [(PEER, to), (DATA, data)]))

    def receive(self) -> bytes:
        """The next packet from a permitted address; `TimeoutError` when none comes in time."""
        while True:
            kind, _, told = _read(self._line.receive())
            if kind == DATA_ARRIVED and DATA in told:
                return told[DATA]

    def renew(self, seconds: int) -> None:
        """Keep the address for so long from now; 0 gives it back."""
        self._ask(REFRESH, (LIFETIME, struct.pack(">I", seconds)))

    def close(self) -> None:
        """Give the address back, and hang up."""
        with suppress(OSError, Refused):
            self.renew(0)
        self._line.close()

    def __enter__(self) -> Allocation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, kind: int, *attributes: tuple[int, bytes | tuple[str, int]]) -> dict[int, bytes]:
        """The answer's attributes. The first refusal brings realm and nonce, without which nothing can be signed."""
        for last in (False, True):
            try:
                return self._ask_once(kind, attributes)
            except _Challenged as challenge:
                if last or (self._signs is not None and challenge.code != STALE_NONCE):
                    raise Refused(challenge.code, challenge.message) from None
                self._signs = challenge.realm, challenge.nonce
        raise AssertionError("unreachable")

    def _ask_once(
        self, kind: int, attributes: tuple[tuple[int, bytes | tuple[str, int]], ...]
    ) -> dict[int, bytes]:
        transaction = secrets.token_bytes(12)
        key = b""
        wanted = [*attributes]
        if self._signs is not None:
            realm, nonce = self._signs
            wanted += [(USERNAME, self._username.encode()), (REALM, realm), (NONCE, nonce)]
            # RFC 8489 section 9.2.2; MD5 is what every TURN server still keys long-term passwords with.
            key = hashlib.md5(
                b":".join([self._username.encode(), realm, self._password.encode()]), usedforsecurity=False
            ).digest()
        request = _message(kind, transaction, wanted, key)
        for _ in range(self._line.tries):
            self._line.send(request)
            with suppress(TimeoutError):
                while True:
                    answered, whose, told = _read(self._line.receive())
                    if whose != transaction:
                        continue  # an answer to an earlier try, or a packet
                    if answered == kind | SUCCESS:
                        return told
                    if answered == kind | FAILURE and len(told.get(ERROR_CODE, b"")) >= 4:
                        raise _refusal(told)
                    raise OSError("what answers there is no TURN server")
        raise TimeoutError("no answer")


class _Challenged(Refused):
    """A refusal that says how to sign the next try."""

    def __init__(self, code: int, message: str, realm: bytes, nonce: bytes) -> None:
        super().__init__(code, message)
        self.realm = realm
        self.nonce = nonce


def _refusal(told: dict[int, bytes]) -> Refused:
    words = told[ERROR_CODE]
    code, message = words[2] * 100 + words[3], words[4:].decode(errors="replace")
    if code in (UNAUTHORIZED, STALE_NONCE) and REALM in told and NONCE in told:
        return _Challenged(code, message, told[REALM], told[NONCE])
    return Refused(code, message)


class _Line:
    """The way to the server: datagrams, or a stream of messages that say how long they are."""

    def __init__(self, server: str, trust: ssl.SSLContext | None) -> None:
        host, port, transport, tls = _parts(server)
        self._datagrams = transport == "udp"
        self.tries = 3 if self._datagrams else 1  # a datagram may get lost
        self._socket: socket.socket
        if self._datagrams:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            self._socket.connect(address)
            self._socket.settimeout(PATIENCE / self.tries)
            return
        self._socket = plain = socket.create_connection((host, port), timeout=PATIENCE)
        if tls:
            try:
                self._socket = (trust or ssl.create_default_context()).wrap_socket(
                    plain, server_hostname=host
                )
            except OSError:
                plain.close()
                raise

    def send(self, message: bytes) -> None:
        self._socket.sendall(message)

    def receive(self) -> bytes:
        if self._datagrams:
            return self._socket.recv(65536)
        head = self._exactly(20)
        return head + self._exactly(int.from_bytes(head[2:4], "big"))

    def close(self) -> None:
        self._socket.close()

    def _exactly(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            piece = self._socket.recv(count - len(read))
            if not piece:
                raise ConnectionError("it hangs up")
            read += piece
        return read


def _parts(server: str) -> tuple[str, int, str, bool]:
    scheme, _, rest = server.partition(":")
    where, _, query = rest.partition("?")
    tls = scheme == "turns"
    host, _, port = where.rpartition(":") if ":" in where.rpartition("]")[2] else (where, "", "")
    transport = query.removeprefix("transport=") or ("tcp" if tls else "udp")
    return host.strip("[]"), int(port or (5349 if tls else 3478)), transport, tls


def _message(
    kind: int, transaction: bytes, attributes: list[tuple[int, bytes | tuple[str, int]]], key: bytes = b""
) -> bytes:
    body = b""
    for name, value in attributes:
        said = value if isinstance(value, bytes) else _masked(*value, transaction)
        body += struct.pack(">HH", name, len(said)) + said + bytes(-len(said) % 4)
    if key:  # the digest covers a header that already counts the digest
        signed = struct.pack(">HHI", kind, len(body) + 24, MAGIC) + transaction + body
        body += struct.pack(">HH", MESSAGE_INTEGRITY, 20) + hmac.digest(key, signed, hashlib.sha1)
    return struct.pack(">HHI", kind, len(body), MAGIC) + transaction + body


def _read(message: bytes) -> tuple[int, bytes, dict[int, bytes]]:
    if len(message) < 20 or int.from_bytes(message[4:8], "big") != MAGIC:
        raise OSError("what answers there is no TURN server")
    kind, length = struct.unpack(">HH", message[:4])
    told: dict[int, bytes] = {}
    at = 20
    while at + 4 <= min(20 + length, len(message)):
        name, size = struct.unpack(">HH", message[at : at + 4])
        told.setdefault(name, message[at + 4 : at + 4 + size])
        at += 4 + size + (-size % 4)
    return kind, message[8:20], told


def _masked(host: str, port: int, transaction: bytes) -> bytes:
    """XOR-PEER-ADDRESS (RFC 8489 section 14.2)."""
    address = ipaddress.ip_address(host)
    mask = struct.pack(">I", MAGIC) + transaction
    hidden = bytes(one ^ other for one, other in zip(address.packed, mask, strict=False))
    return struct.pack(">BBH", 0, 1 if address.version == 4 else 2, port ^ (MAGIC >> 16)) + hidden


def _unmask(value: bytes) -> tuple[str, int]:
    family, port = value[1], struct.unpack(">H", value[2:4])[0] ^ (MAGIC >> 16)
    if family != 1:
        return "::", port  # only asked about when an IPv6 relay should not exist at all
    packed = bytes(one ^ other for one, other in zip(value[4:8], struct.pack(">I", MAGIC), strict=True))
    return str(ipaddress.ip_address(packed)), port
