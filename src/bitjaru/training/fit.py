"""What a training did."""

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Fit:
    """What a training did.

    Attributes:
        history: Lists over epochs: `train_loss`, `valid_accuracy`, …, and `seconds`.
        best_epoch: From 1; the best by what early stopping monitors. None before the first epoch ended.
        kept_epoch: From 1; the epoch whose weights the model has now: the best or, by the trainer's wish, the last.
        stopped: Why it was ended from outside (`pruned`, `interrupted`); None if it was not.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    best_epoch: int | None = None
    kept_epoch: int | None = None
    stopped: str | None = None

    @property
    def epochs(self) -> int:
        """How many epochs ended."""
        return len(self.history.get("seconds", ()))

    @property
    def epoch_seconds(self) -> float | None:
        """Median seconds of an epoch."""
        return median(self.history["seconds"]) if self.epochs else None
