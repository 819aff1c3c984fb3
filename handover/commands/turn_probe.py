"""Ask a TURN server whether it is there: one STUN Binding request (RFC 8489), by the transport its address names."""

from __future__ import annotations

import secrets
import socket
import ssl
import struct

MAGIC = 0x2112A442
BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
PATIENCE = 3.0  # seconds


def ask(server: str) -> None:
    """Return when `turn:host:port?transport=udp` answers; raise `OSError` when it does not."""
    host, port, transport, tls = _parts(server)
    request = struct.pack(">HHI", BINDING_REQUEST, 0, MAGIC) + secrets.token_bytes(12)
    datagrams = transport == "udp"
    reply = _by_datagram(host, port, request) if datagrams else _by_stream(host, port, request, tls)
    if (
        len(reply) < 20
        or struct.unpack(">H", reply[:2])[0] != BINDING_SUCCESS
        or reply[4:20] != request[4:20]
    ):
        raise OSError("what answers there is no TURN server")


def _by_datagram(host: str, port: int, request: bytes) -> bytes:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.settimeout(PATIENCE / 3)
        line.connect(address)
        for last in (False, False, True):  # a datagram may get lost
            line.send(request)
            try:
                return line.recv(2048)
            except TimeoutError:
                if last:
                    raise
    raise AssertionError("unreachable")


def _by_stream(host: str, port: int, request: bytes, tls: bool) -> bytes:
    with socket.create_connection((host, port), timeout=PATIENCE) as plain:
        if not tls:
            plain.sendall(request)
            return plain.recv(2048)
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as line:
            line.sendall(request)
            return line.recv(2048)


def _parts(server: str) -> tuple[str, int, str, bool]:
    scheme, _, rest = server.partition(":")
    where, _, query = rest.partition("?")
    tls = scheme == "turns"
    host, _, port = where.rpartition(":") if ":" in where.rpartition("]")[2] else (where, "", "")
    transport = query.removeprefix("transport=") or ("tcp" if tls else "udp")
    return host.strip("[]"), int(port or (5349 if tls else 3478)), transport, tls
