"""The post room: takes letters out of the outbox after their story has committed, and hands them to the mailer.

A letter that cannot go now is tried again after 5 s, 10 s, … up to an hour, for a week. One that is taken out has a
lease: when this process is killed while sending, the lease runs out and the letter goes again, under the same
Message-ID.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable

from calendars.errors import CalendarError, TryLater
from calendars.mail import Mailer
from handover.domain.access import SYSTEM
from handover.errors import HandoverError
from handover.letters import Letters, Post
from handover.store import audit, posting
from handover.store.engine import Store, Tx

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # another process (the command line, an import) may write letters, and cannot tell us
AT_ONCE = 4  # a mail server that is slow for one recipient does not keep the others waiting
SEND_WITHIN = 45.0  # seconds for one letter, all told
LEASE_SECONDS = 60  # longer than SEND_WITHIN, so that no two senders ever have the same letter
FIRST_WAIT, LONGEST_WAIT = 5, 60 * 60
GIVE_UP_AFTER = 7 * 24 * 60 * 60  # a mail server that is away for a long weekend is forgiven
# Seconds for what is on its way when the service stops; its lease runs out, so it is sent again.
FINISH_WITHIN = 2.0


def wait_before(attempt: int, jitter: float) -> int:
    """Seconds until the next try after this one failed; `jitter` from 0 to 1 spreads what failed together."""
    doubled = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt - 1, 20))
    return min(LONGEST_WAIT, int(doubled * (1 + jitter / 4)))


class PostRoom:
    """One sender over one store. Several may run; leases keep them from sending the same letter."""

    def __init__(
        self,
        store: Store,
        mailer: Mailer,
        letters: Letters,
        *,
        clock: Callable[[], int],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._mailer = mailer
        self._letters = letters
        self._clock = clock
        self._jitter = jitter
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Post what is due, every second, until `stop`."""
        while not self._stopping.is_set():
            handled = 0
            try:
                handled = await self.post_due()
            except HandoverError as error:
                log.warning("the post room cannot reach the database: %s", error.code)
            except Exception:
                log.exception("the post room failed and goes on")
            if handled < AT_ONCE:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), POLL_SECONDS)

    def stop(self) -> None:
        """Take no more letters; those on their way are finished."""
        self._stopping.set()

    async def post_due(self) -> int:
        """One round: try up to four letters that are due; returns how many were taken out."""
        if not await self._store.read(posting.is_due, now=self._clock()):
            return 0
        now = self._clock()
        claimed = await self._store.write(
            posting.claim, now=now, lease_until=now + LEASE_SECONDS, most=AT_ONCE
        )
        await asyncio.gather(*(self._post(letter_id, attempt) for letter_id, attempt in claimed))
        return len(claimed)

    async def _post(self, letter_id: str, attempt: int) -> None:
        try:
            await self._send(letter_id, attempt)
        except HandoverError as error:
            # The lease will run out, and the letter is tried again.
            log.warning("letter %s: its state could not be noted: %s", letter_id, error.code)
        except Exception:
            log.exception("letter %s could not be made", letter_id)
            await self._store.write(self._put_back, letter_id, attempt, "unexpected", now=self._clock())

    async def _send(self, letter_id: str, attempt: int) -> None:
        # Read again here, right before it goes: somebody may have stopped the talk since the letter was taken out.
        post = await self._store.write(self._letters.gather, letter_id, attempt, now=self._clock())
        if post is None:
            await self._store.write(posting.drop, letter_id, attempt)
            return
        try:
            await self._hand_over(post)
        except TryLater as error:
            log.warning("letter %s (%s) waits: %s", letter_id, post.row["letter"], error.code)
            await self._store.write(self._put_back, letter_id, attempt, error.code, now=self._clock())
        except CalendarError as error:
            log.error("letter %s (%s) is undeliverable: %s", letter_id, post.row["letter"], error.code)
            await self._store.write(refuse, letter_id, attempt, error.code, now=self._clock())
        else:
            await self._store.write(posting.sent, letter_id, attempt, now=self._clock())

    async def _hand_over(self, post: Post) -> None:
        message = await asyncio.to_thread(self._letters.compose, post)
        try:
            async with asyncio.timeout(SEND_WITHIN):
                await self._mailer.send(message)
        except TimeoutError as error:
            raise TryLater("too-slow", "The mail server did not take the mail in time.") from error

    def _put_back(self, tx: Tx, letter_id: str, attempt: int, trouble: str, *, now: int) -> None:
        written = posting.written_at(tx, letter_id)
        if written is not None and now - written >= GIVE_UP_AFTER:
            refuse(tx, letter_id, attempt, trouble, now=now)
            return
        posting.wait(tx, letter_id, attempt, trouble, due_at=now + wait_before(attempt, self._jitter()))


def refuse(tx: Tx, letter_id: str, attempt: int, trouble: str, *, now: int) -> None:
    """Note on the talk that somebody did not get their mail, so that the ward rings instead."""
    refused = posting.refuse(tx, letter_id, attempt, trouble)
    if refused is not None:
        audit.note(
            tx,
            SYSTEM,
            "letter:refuse",
            "letter",
            letter_id,
            at=now,
            talk=refused["talk"],
            letter=refused["letter"],
            participant=refused["participant"],
            trouble=trouble,
        )
