"""A service in a process of its own, and what the system knows about it: CPU time, memory."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web


@dataclass
class Service:
    """A process that has said at which address it listens."""

    process: subprocess.Popen[str]
    url: str
    seconds_to_ready: float

    def cpu(self) -> float:
        """Seconds of CPU that its living threads have used so far."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    def children(self) -> list[int]:
        """The processes that it has started and that have not ended."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]

    def memory(self) -> float:
        """Megabytes (10^6) resident in memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_of(process: int) -> float:
    """Seconds of CPU of any process, those of its ended threads among them; the system counts in hundredths."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def many_files() -> None:
    """Lets this process, and those it starts, hold as many sockets as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def served(*arguments: str) -> Iterator[Service]:
    """`python -m …` until the block ends; its first line must hold the address it listens at."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline().split()
        ready = time.perf_counter() - began
        if not first:
            raise RuntimeError(f"{' '.join(arguments)} did not start; it says why above")
        yield Service(process, first[-1].rstrip("/"), ready)
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


@contextmanager
def demo(folder: Path) -> Iterator[Service]:
    """`handover demo` in a folder, on a free port."""
    with served("handover", "demo", "--port", "0", "--data", str(folder)) as service:
        yield service


def announce(app: web.Application, bound: socket.socket) -> None:
    """Serve, after saying where: the other side of `served`."""
    print(f"http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
    web.run_app(app, sock=bound, print=None, access_log=None, shutdown_timeout=2.0)
