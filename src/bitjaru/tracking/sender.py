"""Sends to MLflow what runs on other machines told, beside the search."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from bitjaru.outcome import FILE, Outcome
from bitjaru.tracking.runs import recovery, run_lock
from bitjaru.tracking.runs.journal import Progress
from bitjaru.tracking.runs.synchronization import send
from bitjaru.tracking.store.client import NotSent
from bitjaru.tracking.store.presence import Vanished

log = logging.getLogger(__name__)


class Sender:
    """One thread that sends one run after the other; a run of this machine, which sends itself, is left alone."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: dict[Path, Future[None]] = {}

    def send(self, folder: Path) -> None:
        """Has what is new of a run sent soon."""
        if not recovery.holds_run(folder) or run_lock.is_alive(folder):
            return
        known = self._waiting.get(folder)
        if known is not None and not known.running() and not known.done():
            return  # it will see what has come since
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="sender")
        self._waiting[folder] = self._pool.submit(_send, folder)

    def wait(self) -> None:
        """Returns when everything has been sent, or is known to wait for `bitjaru doctor`."""
        for future in self._waiting.values():
            future.result()
        self._waiting.clear()


def _send(folder: Path) -> None:
    try:
        send(folder)
        _name(folder)
    except Vanished:
        return  # the search's own run says it once, for all of them
    except NotSent as error:
        log.warning("MLflow is away or refuses: %s keeps the run, and `bitjaru doctor` sends it. %s", folder, error)


def _name(folder: Path) -> None:
    """Writes the run's id into its outcome: where it ran nobody knew it."""
    if not (folder / FILE).exists():
        return
    outcome = Outcome.load(folder)
    if outcome.run_id is None:
        replace(outcome, run_id=Progress.load(folder).run_id).save(folder)
