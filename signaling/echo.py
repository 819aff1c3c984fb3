"""An echo for testing a line before a call: sends a browser's sound and messages back, from a process of its own.

Media costs an eighth of a core for each check and parses what strangers send, so none of it happens in the process
that introduces people to each other: `signaling.echo_worker` starts at the first check, rests when nobody tests, and
is replaced when it dies. This file opens no UDP socket and imports no media library.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from signaling.ice import IceServer

log = logging.getLogger("signaling.echo")

COMMAND = (sys.executable, "-m", "signaling.echo_worker")
LONGEST_OFFER = 16_384  # characters; a browser's offer with sound and a data channel has 3,000 to 6,000
MOST_CANDIDATES = 10
LOWEST_PORT = 1024  # browsers have none below; services that answer to anybody do
# Bytes of a worker's line: it repeats names of the offer twice, with up to twelve bytes for a character.
LONGEST_ANSWER = 2**20
# Outside of it IPv6 has no public hosts; what translators make of IPv4 addresses is mostly there (NAT64: 64:ff9b::/96).
PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")


class EchoError(Exception):
    """The echo does not answer this offer; the kinds say why."""


class Unusable(EchoError):
    """Not an offer of one sound and one data channel."""


class Busy(EchoError):
    """As many checks as are allowed run already."""


class Failed(EchoError):
    """The worker died, or gave no answer in time. The next offer gets a new one."""


@dataclass(frozen=True)
class Limits:
    """How much the echo may use. Times in seconds."""

    most: int = 10  # checks at once; more would make each other's figures worse
    lasts: float = 20.0  # one check, from its offer on
    answers_within: float = 15.0  # a cold start of the worker takes one to three on a busy machine
    idle: float = 60.0  # without a check, until the worker's 70 MB are given back


@dataclass(eq=False)
class _Worker:
    """One process, the offers it has not answered yet, and the checks that run in it."""

    process: asyncio.subprocess.Process
    asked: dict[int, asyncio.Future[str]]
    running: dict[int, asyncio.TimerHandle]

    def send(self, message: dict[str, object]) -> None:
        assert self.process.stdin is not None
        if not self.process.stdin.is_closing():
            self.process.stdin.write(json.dumps(message).encode() + b"\n")

    def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()


class Echo:
    """Answers offers, by a worker that is started when one comes. `close()` when the service ends."""

    def __init__(self, limits: Limits = Limits(), command: Sequence[str] = COMMAND) -> None:
        self.limits = limits
        self._command = command
        self._worker: _Worker | None = None
        self._starting = asyncio.Lock()
        self._readers: dict[asyncio.Task[None], _Worker] = {}  # of every worker that has not ended yet
        self._rest: asyncio.TimerHandle | None = None
        self._ids = itertools.count(1)
        self.running = 0  # checks from their offer on; what `limits.most` is about
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The worker's process, or None while it rests."""
        return self._worker.process.pid if self._worker else None

    async def warm(self) -> None:
        """Start the worker, so that it is ready when the browser has made its offer. Repeating it changes nothing."""
        await self._start()
        self._rest_later()

    async def answer(self, offer: str, servers: Sequence[IceServer] = (), *, relay: bool = False) -> str:
        """The echo's answer, with all its candidates; the check then runs until the browser ends it or time is up.

        With `relay` both sides use the TURN server among `servers` and nothing else.
        Raises `Unusable`, `Busy` or `Failed`.
        """
        cleaned = offer_for_echo(offer, relay=relay)
        if self.running >= self.limits.most:
            raise Busy
        self.running += 1
        try:
            worker = await self._start()
        except BaseException:
            self._free()
            raise
        number = next(self._ids)
        answered = asyncio.get_running_loop().create_future()
        worker.asked[number] = answered
        # The worker ends each check itself; this frees the place should it ever forget to say so.
        worker.running[number] = asyncio.get_running_loop().call_later(
            self.limits.answers_within + self.limits.lasts, self._over, worker, number
        )
        worker.send(
            {
                "id": number,
                "offer": cleaned,
                "servers": [asdict(server) for server in servers],
                "relay": relay,
                "lasts": self.limits.lasts,
            }
        )
        try:
            return await asyncio.wait_for(answered, self.limits.answers_within)
        except TimeoutError:
            self._give_up(worker)  # it hangs, and so does everybody in it
            raise Failed from None
        except BaseException:
            worker.send({"id": number, "close": True})
            raise
        finally:
            worker.asked.pop(number, None)

    async def close(self) -> None:
        """End the worker and whatever runs in it; nothing is answered after that."""
        self._closed = True
        if self._rest:
            self._rest.cancel()
        for worker in self._readers.values():
            worker.kill()
        if self._readers:
            await asyncio.wait(self._readers)

    async def _start(self) -> _Worker:
        async with self._starting:
            if self._closed:
                raise Failed
            if self._worker is None:
                try:
                    process = await asyncio.create_subprocess_exec(
                        *self._command,
                        stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE,
                        limit=LONGEST_ANSWER,
                        env=_without_secrets(),
                    )
                except OSError as error:
                    log.error("the echo's worker cannot be started: %s", error)
                    raise Failed from error
                self._worker = _Worker(process, {}, {})
                reader = asyncio.create_task(self._read(self._worker))
                self._readers[reader] = self._worker
                reader.add_done_callback(self._readers.pop)
            return self._worker

    async def _read(self, worker: _Worker) -> None:
        """Hear what the worker says until it ends, then let go of everything that was in it."""
        assert worker.process.stdout is not None
        try:
            async for line in worker.process.stdout:
                self._told(worker, json.loads(line))
        except ValueError:
            self._give_up(worker)  # a line that is none of ours
        code = await worker.process.wait()
        if self._worker is worker:
            self._worker = None
            if not self._closed:
                log.warning("the echo's worker ended with code %s; the next check starts another", code)
        for answered in worker.asked.values():
            if not answered.done():
                answered.set_exception(Failed())
        for number in [*worker.running]:
            self._over(worker, number)

    def _give_up(self, worker: _Worker) -> None:
        log.warning("the echo's worker is stopped: it does not answer; the next check starts another")
        if self._worker is worker:
            self._worker = None
        worker.kill()

    def _told(self, worker: _Worker, message: dict[str, object]) -> None:
        number = message["id"]
        assert isinstance(number, int)
        answered = worker.asked.get(number)
        if answered and not answered.done():
            if isinstance(answer := message.get("answer"), str):
                answered.set_result(answer)
            elif "refused" in message:
                answered.set_exception(Unusable())
        if "refused" in message or "over" in message:
            self._over(worker, number)

    def _over(self, worker: _Worker, number: int) -> None:
        timer = worker.running.pop(number, None)
        if timer:
            timer.cancel()
            self._free()

    def _free(self) -> None:
        self.running -= 1
        self._rest_later()

    def _rest_later(self) -> None:
        if self._rest:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(self.limits.idle, self._go_to_rest)

    def _go_to_rest(self) -> None:
        worker = self._worker
        if worker and not self.running:
            self._worker = None
            assert worker.process.stdin is not None
            worker.process.stdin.close()  # the worker ends when nobody can speak to it any more


def offer_for_echo(offer: str, *, relay: bool) -> str:
    """The offer with only those candidates that the echo may send to. Raises `Unusable`.

    Names are left out: `.local` ones (Firefox, and every browser before the camera is allowed) cost the media library
    a second each and then the connection. So is the end-of-candidates line, or the echo would give up instead of
    waiting for the browser's first packet, which shows where it is.
    Direct candidates stay only when they are public: whoever sends an offer must not make this machine knock at
    services inside our own network. A browser inside it reaches us by its own packets. Relayed candidates are reached
    through the TURN server alone, which refuses such addresses itself.
    """
    if len(offer) > LONGEST_OFFER:
        raise Unusable
    lines = offer.splitlines()
    media = sorted(line.split(" ", 1)[0] for line in lines if line.startswith("m="))
    if lines[:1] != ["v=0"] or media != ["m=application", "m=audio"]:
        raise Unusable
    kept = itertools.islice(_candidates(lines, relay=relay), MOST_CANDIDATES)
    wanted = {*kept}
    return "".join(
        f"{line}\r\n"
        for line in lines
        if line in wanted or not line.startswith(("a=candidate:", "a=end-of-candidates"))
    )


def _candidates(lines: Sequence[str], *, relay: bool) -> Iterator[str]:
    for line in lines:
        # a=candidate:foundation component transport priority address port typ type …
        # Parted as the media library does it: by any white space. Otherwise a tab hides another address from us.
        parts = line.split()
        if not line.startswith("a=candidate:") or len(parts) < 8 or parts[2].lower() != "udp":
            continue
        try:
            address, port = ipaddress.ip_address(parts[4]), int(parts[5])
        except ValueError:
            continue
        if parts[7] == "relay" if relay else _public(address) and port >= LOWEST_PORT:
            yield line


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is on the open internet, and no inner IPv4 address written as IPv6."""
    if isinstance(address, ipaddress.IPv6Address) and (address not in PUBLIC_IPV6 or address.sixtofour):
        return False
    return address.is_global and not address.is_multicast


def _without_secrets() -> dict[str, str]:
    """The environment for a process that reads what strangers send: passwords in settings are not for it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HANDOVER_")}
