"""`handover …` as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
HANGS = 30  # seconds; a server that waits for its connections to go by themselves takes a minute


class Service:
    """One process; what it prints is read as it comes, and what it logs is in `stderr` of its folder."""

    def __init__(self, folder: Path, *arguments: str, **environ: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "handover", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environ},
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("w"),
            text=True,
        )
        self.lines: list[str] = []

    def until(self, word: str) -> str:
        """The first line from here on with this word in it."""
        assert self.process.stdout is not None
        guard = threading.Timer(60, self.process.kill)  # a test that waits for a line must end
        guard.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line)
                if word in line:
                    return line
        finally:
            guard.cancel()
        raise AssertionError(f"ended without saying {word}: {self.lines}")

    def stop(self, name: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(name)
        return self.process.wait(HANGS)

    def end(self) -> None:
        """End it as a power cut would, when it has not ended yet."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def serving(folder: Path, **environ: str) -> Iterator[tuple[Service, str, int]]:
    """`handover serve` over the folder's database; the process, and the host and port it listens at."""
    service = Service(folder, "serve", "--port", "0", **environ)
    try:
        address = service.until("Ready: ").split()[1]
        host, _, port = address.removeprefix("http://").rstrip("/").rpartition(":")
        yield service, host, int(port)
    finally:
        service.end()
