"""What is known of a run while it goes on, and how it is written down however the run ends."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from bitjaru.configuration import Parts
from bitjaru.errors import BitjaruError
from bitjaru.files import write_text
from bitjaru.outcome import Outcome, Status
from bitjaru.runs import description

if TYPE_CHECKING:
    from bitjaru.preparation.prepare import Prepared
    from bitjaru.tracking.runs.run import Run
    from bitjaru.training.fit import Fit


OWN_FILE = "file"  # the option of one's own reviews
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which run is wanted, and where it goes.

    Attributes:
        config: Composed; Hydra's own node is left out of everything that is stored.
        folder: Of the run; everything that it leaves is there.
        number: Of the job in its grid or search; None for a run of its own.
        choices: The option chosen in each config group.
        overrides: As given on the command line or by the sweeper.
        resume: Whether the folder may hold this very run, broken off earlier.
    """

    config: DictConfig
    folder: Path
    number: int | None
    choices: Mapping[str, str]
    overrides: Sequence[str]
    resume: bool = False


class Record:
    """A run that is going on. Leaving its context stores the outcome in the folder and in MLflow.

    Attributes:
        tracked: The run in MLflow.
        data: Known once it is prepared.
        weights: Of the model, once it is built.
        fit: Known once training ended.
        metrics: Final figures so far.
    """

    def __init__(self, request: Request, parts: Parts) -> None:
        request = replace(request, choices=named(request.choices, request.config))
        self._request, self._parts = request, parts
        self._started = time.perf_counter()
        self._error: BaseException | None = None
        self.data: Prepared | None = None
        self.weights: int | None = None
        self.fit: Fit | None = None
        self.metrics: dict[str, float] = {}
        plain = OmegaConf.to_container(request.config, resolve=True)
        write_text(request.folder / "config.yaml", OmegaConf.to_yaml(plain))
        write_text(request.folder / "overrides.yaml", OmegaConf.to_yaml(list(request.overrides)))
        self.tracked = _track(request, parts, plain)

    def __enter__(self) -> "Record":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._error = error
        if error is not None and not isinstance(error, BitjaruError | KeyboardInterrupt):
            log.error("The run failed, and this is a mistake in the program:", exc_info=error)
        self.tracked.catch_up()  # or the outcome could not name the run
        outcome = self.outcome()
        if outcome.status == "FINISHED":
            (self._request.folder / "checkpoint.npz").unlink(missing_ok=True)
        else:
            self.tracked.tag({description.TAG: description.of_unfinished(outcome)})
        outcome.save(self._request.folder)
        self.tracked.finish(outcome)

    def outcome(self) -> Outcome:
        """Puts together what is known."""
        status, reason = self._ending()
        kept_epoch = self.fit.kept_epoch if self.fit else None
        watched = self.fit.history.get(f"valid_{self._parts.task.objective}") if self.fit else None
        return Outcome(
            status=status,
            reason=reason,
            number=self._request.number,
            choices=dict(self._request.choices),
            overrides=list(self._request.overrides),
            seed=self._parts.settings.seed,
            data_sha256=self.data.corpus.sha256 if self.data else None,
            rows=self.data.rows if self.data else {},
            weights=self.weights,
            history=self.fit.history if self.fit else {},
            best_epoch=self.fit.best_epoch if self.fit else None,
            kept_epoch=kept_epoch,
            objective=watched[kept_epoch - 1] if watched and kept_epoch else None,
            metrics=self.metrics,
            epoch_seconds=self.fit.epoch_seconds if self.fit else None,
            seconds=time.perf_counter() - self._started,
            run_id=self.tracked.run_id,
        )

    def _ending(self) -> tuple[Status, str | None]:
        if isinstance(self._error, KeyboardInterrupt):
            return "KILLED", "interrupted"
        if self._error is not None:
            return "FAILED", f"{type(self._error).__name__}: {_first_line(self._error)}"
        if self.fit is not None and self.fit.stopped is not None:
            return "KILLED", self.fit.stopped
        return "FINISHED", None


def named(choices: Mapping[str, str], config: Any) -> dict[str, str]:
    """Returns the choices with the data's own name instead of `file`: a table of one's own is no option."""
    own = {"dataset": str(config.dataset.name)} if choices.get("dataset") == OWN_FILE else {}
    return {**choices, **own}


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")


def _name(request: Request, parts: Parts, architecture: str) -> str:
    """Tells a run from its siblings: by its number, or, where all have none, by what finals vary."""
    if request.number is not None:
        return f"{request.number} {architecture}"
    if parts.tracking.parent is None:
        return architecture
    share = parts.settings.train_fraction
    learned = "" if share == 1 else f", {100 * share:g}% of the training part"
    return f"{architecture}, seed {parts.settings.seed}{learned}"


def _track(request: Request, parts: Parts, config: Any) -> "Run":
    from bitjaru.tracking.runs import code_digest, recovery
    from bitjaru.tracking.runs.run import Run

    if request.resume and recovery.holds_run(request.folder):
        return Run.reopen(request.folder)
    dataset, architecture = (request.choices.get(group, "custom") for group in ("dataset", "architecture"))
    parts.tracking.prepare(dataset)
    tracked: Run = parts.tracking.start(
        request.folder,
        name=_name(request, parts, architecture),
        kind="run",
        experiment=dataset,
        config=config,
        tags={
            "seed": parts.settings.seed,
            "number": request.number,
            "overrides": " ".join(request.overrides),
            "engine": ", ".join(parts.engines),
            "objective": f"valid_{parts.task.objective}",
            "direction": parts.task.direction,
            "code": code_digest.digest(),
            **request.choices,
        },
    )
    return tracked
