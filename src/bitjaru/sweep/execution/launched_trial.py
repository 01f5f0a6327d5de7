"""The line from a program that Hydra launched to its search: `bitjaru.report(epoch, value)`."""

from collections.abc import Iterator
from contextlib import contextmanager

from bitjaru.errors import Stop
from bitjaru.sweep.execution.executors import Sink

_listening: list[Sink] = []  # of the search that launches in this process; one at a time


@contextmanager
def heard_by(sink: Sink) -> Iterator[None]:
    """Lets the programs that are launched meanwhile, in this process, report to a search."""
    _listening.append(sink)
    try:
        yield
    finally:
        _listening.pop()


def report(epoch: int, value: float) -> None:
    """Tells the search the objective after an epoch, so that it can end a trial that is not worth going on with.

    Outside of a search, and in a process that a launcher made elsewhere, nothing happens.

    Args:
        epoch: From 1.
        value: Of the objective.

    Raises:
        Stop: Where the trial ends here, as pruned. Let it pass.
    """
    if not _listening:
        return
    from hydra.core.hydra_config import HydraConfig

    if _listening[-1].report(int(HydraConfig.get().job.num), epoch, float(value)):
        raise Stop("pruned")
