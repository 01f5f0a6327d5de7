"""A run that is going on: what the rest of the platform tells, kept first and sent when MLflow answers."""

import logging
import os
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bitjaru.data.reviews import Corpus
from bitjaru.outcome import Outcome, Status
from bitjaru.tracking.runs import mlflow_values
from bitjaru.tracking.runs.journal import FOLDER, Journal, Progress
from bitjaru.tracking.runs.logged_model import LoggedModel
from bitjaru.tracking.runs.operation import Operation
from bitjaru.tracking.runs.operations import REASON, Artifacts, End, Inputs, Metrics, Reopen, Start, Tags
from bitjaru.tracking.runs.run_lock import take
from bitjaru.tracking.runs.synchronization import first, look, send
from bitjaru.tracking.store.client import NotSent
from bitjaru.tracking.store.presence import Vanished

RETRY_SECONDS, LOOK_SECONDS = 30.0, 2.0
log = logging.getLogger(__name__)


class Run:
    """One run, or the parent of a grid's or a search's runs. `Tracking.start` makes new ones.

    Attributes:
        folder: Of the run.
    """

    def __init__(self, folder: Path, *, may_wait: bool = False) -> None:
        """Takes the folder for this process.

        Args:
            folder: Of the run.
            may_wait: Whether MLflow, if it was not imported yet, hears of the run when its training has begun.

        Raises:
            TrackingError: If another process has it, or it cannot be written.
        """
        self.folder = folder
        self._journal = Journal(folder)
        self._alive = take(folder)
        self._away: NotSent | None = None
        self._ask_again = 0.0
        # Importing MLflow takes seconds, in which a first training would not begin: the journal has it all until then.
        self._waits = may_wait and "mlflow" not in sys.modules
        self._sending: Future[None] | None = None

    @classmethod
    def reopen(cls, folder: Path) -> "Run":
        """Goes on with a run that ended or died, under the same MLflow run, which is RUNNING again.

        Raises:
            TrackingError: If the folder holds no run, or another process is at it.
        """
        first(Journal(folder))
        run = cls(folder)
        run._journal.mend()
        run._tell(Reopen(time=now()))
        return run

    @property
    def run_id(self) -> str | None:
        """The id of the MLflow run; None while MLflow has none."""
        return Progress.load(self.folder).run_id

    def begin(self, start: Start) -> None:
        """Tells the first line of the journal."""
        self._tell(start)

    def send_meanwhile(self) -> None:
        """Sends what was told so far, while the caller goes on; whatever is told next waits for that to end."""
        if not self._waits:
            return
        self._waits = False
        thread = ThreadPoolExecutor(1, thread_name_prefix="tracking")
        self._sending = thread.submit(self._send)
        thread.shutdown(wait=False)  # it ends when that is done

    def catch_up(self) -> None:
        """Sends what was kept back, and returns when MLflow has it or is known to be away."""
        self.send_meanwhile()
        if self._sending is not None:
            self._sending.result()
            self._sending = None

    def look(self) -> None:
        """Warns where MLflow has lost the run: one who only hears of other runs would not notice before the end."""
        if time.monotonic() < self._ask_again:
            return
        self._ask_again = time.monotonic() + LOOK_SECONDS
        try:
            look(self.folder)
        except NotSent as error:
            self._miss(error)

    def log(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Tells an epoch's figures, in one call; a `Listener`."""
        self._tell(Metrics(time=now(), values=_floats(metrics), step=epoch, of_model=False))

    def tag(self, tags: Mapping[str, Any]) -> None:
        """Tells what was learned after the start; a tag that is None is left out."""
        self._tell(Tags(time=now(), values=mlflow_values.tags(tags)))

    def data(self, corpus: Corpus) -> None:
        """Tells what data it learns from: one dataset input for each part, and the tag `data_sha256`."""
        self._tell(Inputs(time=now(), datasets=mlflow_values.datasets(corpus)))
        self.tag({"data_sha256": corpus.sha256})

    def artifacts(self, source: Path, target: str | None = None) -> None:
        """Tells that a folder of files is complete.

        Args:
            source: A folder inside the run's folder.
            target: Folder among the run's artifacts; None for the top.
        """
        self._tell(Artifacts(time=now(), source=os.path.relpath(source, self.folder), target=target))

    def model(self, bundle: Path, *, examples: Sequence[str]) -> None:
        """Tells of the trained model: a raw-text MLflow model around a bundle.

        Args:
            bundle: Folder of a saved `bitjaru.models.bundle.Bundle`, inside the run's folder.
            examples: One or two texts that show what it takes.
        """
        if first(self._journal).uri is None:
            return
        from bitjaru.tracking.models import raw_text_model

        source = self.folder / FOLDER / "model"
        raw_text_model.save(source, bundle, examples=examples)
        self._tell(LoggedModel(time=now(), source=os.path.relpath(source, self.folder), key=uuid.uuid4().hex))

    def finish(self, outcome: Outcome) -> None:
        """Tells how it came out, and ends it.

        A figure whose name has a curve is told as `best_…`, so that the curve does not get a point that is no epoch.
        Where other weights than the best were kept, `best_valid_accuracy` is the curve's at the best epoch, and
        `kept_valid_accuracy` that of the weights that were kept.
        """
        counts = {
            "objective": outcome.objective,
            "weights": outcome.weights,
            "best_epoch": outcome.best_epoch,
            "kept_epoch": outcome.kept_epoch,
            "epoch_seconds": outcome.epoch_seconds,
            "total_seconds": outcome.seconds,  # `seconds` is a curve over epochs
        }
        best_kept = outcome.kept_epoch in (outcome.best_epoch, None)
        own = "best" if best_kept else "kept"
        finals = {f"{own}_{name}" if name in outcome.history else name: x for name, x in outcome.metrics.items()}
        if not best_kept and outcome.best_epoch is not None:
            at_best = {name: curve[outcome.best_epoch - 1] for name, curve in outcome.history.items()}
            finals |= {f"best_{name}": x for name, x in at_best.items() if name in outcome.metrics}
        figures = finals | {name: value for name, value in counts.items() if value is not None}
        self._tell(Metrics(time=now(), values=_floats(figures), step=outcome.best_epoch or 0, of_model=True))
        self.end(outcome.status, outcome.reason)

    def end(self, status: Status, reason: str | None) -> None:
        """Ends the run and lets its folder go.

        Args:
            status: How it ended.
            reason: Why it did not finish; None when FINISHED.
        """
        if reason is not None:
            self.tag({REASON: reason})
        self._ask_again = 0.0
        self._tell(End(time=now(), status=status))
        self._alive.release()
        if self._away is not None:
            log.warning("MLflow does not have all of this run. %s keeps it; %s.", self.folder, _mended_by(self._away))

    def _tell(self, operation: Operation) -> None:
        self._journal.append(operation.line())
        if self._waits and isinstance(operation, Start | Tags | Inputs | Artifacts):
            return
        self.catch_up()
        self._send()

    def _send(self) -> None:
        if self._away is not None and time.monotonic() < self._ask_again:
            return
        try:
            send(self.folder)
        except NotSent as error:
            self._miss(error)
            return
        if self._away is not None:
            log.info("MLflow answers again and has everything of this run so far.")
        self._away = None

    def _miss(self, error: NotSent) -> None:
        if isinstance(error, Vanished) and not isinstance(self._away, Vanished):
            log.warning(
                "The tracking store vanished: %s. The run goes on and is kept in %s; when it has ended, %s.",
                *(error, self.folder, _mended_by(error)),
            )
        elif self._away is None:
            log.warning("MLflow is away or refuses: the run goes on and is kept in %s. %s", self.folder, error)
        if not isinstance(self._away, Vanished):
            self._away = error
        self._ask_again = time.monotonic() + RETRY_SECONDS


def now() -> int:
    """Returns milliseconds since 1970, as MLflow counts."""
    return time.time_ns() // 1_000_000


def _mended_by(error: NotSent) -> str:
    if isinstance(error, Vanished):
        return "`bitjaru doctor --anew` sends every run into a fresh store"
    return "`bitjaru doctor` sends it"


def _floats(values: Mapping[str, float]) -> dict[str, float]:
    """NumPy's and Keras's numbers are none to JSON."""
    return {name: float(value) for name, value in values.items()}
