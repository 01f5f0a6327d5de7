"""What is left of a run: one small record that tracking, comparison and search all read."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bitjaru import formats
from bitjaru.errors import BundleError
from bitjaru.files import sealed, unsealed, write_text

Status = Literal["FINISHED", "KILLED", "FAILED"]
FILE = "outcome.json"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of one run, complete or not.

    Attributes:
        status: MLflow's word for how the run ended.
        reason: Why it did not finish: `pruned`, `interrupted`, or an error in one line; None when FINISHED.
        number: The job's number in its grid or search, from 0; None for a single run.
        choices: The option chosen in each config group: `{"architecture": "lstm", …}`.
        overrides: As given on the command line or by the sweeper.
        seed: Of the weights, the shuffling and the dropout.
        data_sha256: Of the data set's files.
        rows: Rows in each part: `{"train": 4800, "valid": 600, "test": 600}`.
        weights: Number of weights of the model.
        history: A list over epochs for each of `train_loss`, `valid_loss`, `train_accuracy`, ….
        best_epoch: From 1; the best by what early stopping monitors.
        objective: The validation objective at `kept_epoch`; None where there is no validation part.
        metrics: Final figures by part: `valid_accuracy`, `test_accuracy`, `test_loss`, ….
        epoch_seconds: Median seconds of an epoch.
        seconds: Whole run, loading included.
        run_id: The MLflow run; None while it is not tracked.
        kept_epoch: The epoch whose weights were kept: the best, or the last where `restore_best` is false.
    """

    status: Status
    reason: str | None
    number: int | None
    choices: Mapping[str, str]
    overrides: Sequence[str]
    seed: int | None
    data_sha256: str | None
    rows: Mapping[str, int]
    weights: int | None
    history: Mapping[str, Sequence[float]]
    best_epoch: int | None
    objective: float | None
    metrics: Mapping[str, float]
    epoch_seconds: float | None
    seconds: float
    run_id: str | None
    kept_epoch: int | None = None

    @classmethod
    def failed(cls, *, number: int | None, overrides: Sequence[str], reason: str) -> "Outcome":
        """Makes the outcome of a run that failed before anything was known of it."""
        return cls(
            status="FAILED",
            reason=reason,
            number=number,
            choices={},
            overrides=list(overrides),
            seed=None,
            data_sha256=None,
            rows={},
            weights=None,
            history={},
            best_epoch=None,
            objective=None,
            metrics={},
            epoch_seconds=None,
            seconds=0.0,
            run_id=None,
        )

    def save(self, folder: Path) -> None:
        """Writes `outcome.json` into the run's folder, atomically."""
        fields = sealed({"format": formats.RUN} | dataclasses.asdict(self))
        write_text(folder / FILE, json.dumps(fields, ensure_ascii=False, indent=2))

    @classmethod
    def load(cls, folder: Path) -> "Outcome":
        """Reads `outcome.json`.

        Raises:
            BundleError: If it is missing or is not such a record.
            FormatError: If another version of bitjaru wrote it.
        """
        try:
            stored = unsealed(json.loads((folder / FILE).read_text(encoding="utf-8")))
            formats.check(f"The run in `{folder}`", stored.pop("format", None), formats.RUN, advice="Run it again.")
            return cls(**stored)
        except (OSError, ValueError, TypeError) as error:
            raise BundleError(
                f"`{folder}` must hold a run's outcome. Received: {error}. Run it again in another folder."
            ) from error
