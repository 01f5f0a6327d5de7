"""A database that is away for a while costs that while: calls are repeated, each only as far as it may be."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from bitjaru.errors import TrackingError

SECONDS = 90.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
LASTING = (
    *("disk is full", "readonly", "read-only", "no such table", "no such column", "malformed"),
    *("not a database", "unable to open"),
)
T = TypeVar("T")
log = logging.getLogger(__name__)


def patient(storage: BaseStorage, named: str) -> BaseStorage:
    """Returns a storage that waits for its database.

    Args:
        storage: Of which this process is the only writer: what a call that failed has done shows in what is there.
        named: The address, for people.
    """
    return cast("BaseStorage", _Patient(storage, named))


def patiently(call: Callable[[bool], T], named: str) -> T:
    """Calls until it succeeds.

    Args:
        call: Told whether an attempt before it may have been carried out.
        named: What is waited for.

    Raises:
        TrackingError: If it cannot succeed, or is away for longer than `SECONDS`.
    """
    until, pause, again = time.monotonic() + SECONDS, FIRST_PAUSE, False
    while True:
        try:
            done = call(again)
        except (StorageInternalError, SQLAlchemyError) as error:
            if not _is_away(error) or time.monotonic() > until:
                raise TrackingError(
                    f"The study storage must answer. Received: {named}: {_reason(error)}. Trials that have ended are "
                    "kept, and what ran is taken up again: mend it, and run the same command."
                ) from error
            if not again:
                log.warning("The study storage is away (%s): waiting, %.0f seconds at most.", _reason(error), SECONDS)
            again = True
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            continue
        if again:
            log.info("The study storage answers again.")
        return done


@dataclass
class _Patient:
    """Fits `BaseStorage`. Reading, and writing what is only replaced, may be repeated as it is."""

    _behind: BaseStorage
    _named: str
    _trials: dict[int, int] = field(default_factory=dict)  # of each study

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_behind":  # a copy in the making has nothing behind it yet
            raise AttributeError(name)
        found = getattr(self._behind, name)
        return partial(self._again, found) if callable(found) else found

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Looks first whether an attempt that failed made the trial: it would be there twice."""
        if study_id not in self._trials:
            self._trials[study_id] = self._again(self._behind.get_n_trials, study_id)

        def make(again: bool) -> int:
            if again and len(trials := self._behind.get_all_trials(study_id, deepcopy=False)) > self._trials[study_id]:
                return trials[-1]._trial_id
            return self._behind.create_new_trial(study_id, template_trial)

        made = patiently(make, self._named)
        self._trials[study_id] += 1
        return made

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Any = None) -> bool:
        """Looks, after an attempt that failed, whether the trial has this state already."""

        def change(again: bool) -> bool:
            try:
                changed = self._behind.set_trial_state_values(trial_id, state, values)
            except UpdateFinishedTrialError:
                if again and self._behind.get_trial(trial_id).state == state:
                    return True
                raise
            return changed or (again and self._behind.get_trial(trial_id).state == state)

        return patiently(change, self._named)

    def _again(self, call: Callable[..., T], *arguments: Any, **named: Any) -> T:
        return patiently(lambda _: call(*arguments, **named), self._named)


def _is_away(error: Exception) -> bool:
    cause = error if isinstance(error, SQLAlchemyError) else error.__cause__ or error.__context__
    if not isinstance(cause, DBAPIError):
        return False
    if any(word in str(cause.orig).lower() for word in LASTING):
        return False
    return cause.connection_invalidated or isinstance(cause, OperationalError | InterfaceError)


def _reason(error: Exception) -> str:
    cause = error if isinstance(error, SQLAlchemyError) else error.__cause__ or error.__context__ or error
    said = str(cause.orig if isinstance(cause, DBAPIError) else cause)
    return (said.splitlines() or [type(error).__name__])[0]
