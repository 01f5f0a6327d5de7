"""When a worker is replaced by a new one."""

from dataclasses import dataclass
from pathlib import Path

LEAST_TRIALS, GROWN = 10, 1.5  # before its memory is looked at, and how much more is too much


@dataclass
class Lifetime:
    """The trials of one worker, and what became of its memory.

    Attributes:
        trials: After so many it is replaced. None: after `LEAST_TRIALS`, once its memory has grown, for a start costs
            as much as many short trials; where nobody knows its memory, as of a GPU's, it is taken to have grown.
        done: How many it ran.
    """

    trials: int | None
    done: int = 0
    _first: int = 0
    _last: int = 0

    def ended(self, memory: int) -> None:
        """Counts a trial.

        Args:
            memory: What the worker has now, as `memory_of` says; after its first trial all is imported.
        """
        self.done += 1
        self._first, self._last = self._first if self.done > 1 else memory, memory

    @property
    def over(self) -> bool:
        """Whether it is to be replaced."""
        if self.trials is not None or self.done < LEAST_TRIALS or not self._first:
            return self.done >= (self.trials or LEAST_TRIALS)
        return self._last > GROWN * self._first


def memory_of(process: int) -> int:
    """Returns the pages of memory that a process has, as far as the kernel says so; else 0."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
