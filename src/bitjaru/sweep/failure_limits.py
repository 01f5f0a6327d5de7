"""When a search is hopeless: too many trials fail, or the same failure comes again and again."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bitjaru.errors import BitjaruError, ConfigError
from bitjaru.sweep.execution.failures import NO_VALUE, Failure

ENOUGH_TRIALS = 5
log = logging.getLogger(__name__)


AGAIN = "Mend the cause and run the same command again."
# The same command would find nothing left to do.
MORE = (
    "Mend the cause; then ask for more trials by a larger hydra.sweeper.n_trials, or begin anew with another "
    "hydra.sweeper.study_name."
)


class HopelessError(BitjaruError):
    """A search was ended because its trials keep failing."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may go wrong, and for how long.

    Attributes:
        max_failure_rate: Share of finished trials that may fail. Looked at from the fifth finished trial on, and at
            the end; 0 ends the search at the first failure.
        identical_failures: So many trials in a row with the same failure end the search.
        retries: How often a trial with a transient failure is tried again without having come further.
        trial_timeout: Seconds that one attempt may take; None: any.
        timeout: Seconds after which no further trial is begun; None: any.
    """

    max_failure_rate: float
    identical_failures: int
    retries: int
    trial_timeout: float | None
    timeout: float | None

    def __post_init__(self) -> None:
        if not 0 <= self.max_failure_rate <= 1:
            raise ConfigError(
                f"`hydra.sweeper.max_failure_rate` must lie from 0 to 1. Received: {self.max_failure_rate}."
            )
        if self.identical_failures < 1 or self.retries < 0:
            raise ConfigError(
                "`hydra.sweeper.identical_failures` must be at least 1 and `retries` at least 0. "
                f"Received: {self.identical_failures} and {self.retries}."
            )
        for name, seconds in (("trial_timeout", self.trial_timeout), ("timeout", self.timeout)):
            if seconds is not None and seconds <= 0:
                raise ConfigError(f"`hydra.sweeper.{name}` must be seconds above 0, or null. Received: {seconds}.")

    def check(self, ended: Sequence[Failure | None], *, left: int | None = None) -> None:
        """Looks at how trials ended so far, in the order in which they ended.

        Args:
            ended: The failure of each; None means well.
            left: Where the search ends here anyway, how many trials the same command would still begin: none, or
                more after a timeout. None where it goes on.

        Raises:
            HopelessError: If going on makes no sense; the message says why.
        """
        failures = [failure for failure in ended if failure is not None]
        what_to_do = MORE if left == 0 else AGAIN
        if not failures:
            return
        if all(one is not None and one.reason == NO_VALUE for one in ended):
            # A program that returns nothing ran all the same: only it can tell whether that was all that was wanted.
            if left is not None:
                log.warning("No trial returned a number, so that none is the best: %s", failures[-1].message)
            return
        if left is not None and len(failures) == len(ended):
            raise HopelessError(
                f"A search must have a trial that does not fail. Received: {len(failures)} of {len(ended)} failed, "
                f"the last one: {_said(failures[-1])}. {what_to_do}"
            )
        rate = len(failures) / len(ended)
        if rate > self.max_failure_rate and (
            left is not None or len(ended) >= ENOUGH_TRIALS or self.max_failure_rate == 0
        ):
            raise HopelessError(
                f"At most {self.max_failure_rate:.0%} of the trials may fail (hydra.sweeper.max_failure_rate). "
                f"Received: {len(failures)} failures in {len(ended)} trials, the last one: {_said(failures[-1])}. "
                f"Finished trials are kept. {what_to_do}"
            )
        row = ended[-self.identical_failures :]
        if (
            len(row) == self.identical_failures
            and row[0] is not None
            and all(_said(one) == _said(row[0]) for one in row)
        ):
            raise HopelessError(
                f"Trials must not fail the same way {self.identical_failures} times in a row "
                f"(hydra.sweeper.identical_failures). Received: {_said(row[0])}. "
                f"Finished trials are kept. {AGAIN}"
            )


def _said(failure: Failure | None) -> str:
    return "" if failure is None else f"{failure.reason}: {failure.message}".removesuffix(".")
