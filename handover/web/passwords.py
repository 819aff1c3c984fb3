"""Passwords: argon2id, off the event loop, no more at once than the machine has cores."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


def typed(fields: Mapping[str, Any], name: str = "password") -> str:
    """The password in a form: ø typed on a Mac and on a PC is the same, and nothing is trimmed."""
    value = fields.get(name)
    text = unicodedata.normalize("NFC", value) if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode("utf-8")


class Passwords:
    """Hashes and checks. One hash takes tens of milliseconds and 64 MiB by design; a crowd of tries waits its turn."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="passwords")
        # Checked against when there is no such account, so that both answers take the same time.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The argon2id hash to keep."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether the password belongs to the kept hash. With no hash it takes as long and says no."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._verify, kept or self._nobody, password
        )
        return found and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
