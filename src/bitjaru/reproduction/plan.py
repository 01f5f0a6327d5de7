"""Running what docs/results.md tells of: whatever a finished run with the same config and code does not answer yet."""

import logging
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omegaconf import OmegaConf

from bitjaru import project
from bitjaru.configuration import compose_config
from bitjaru.outcome import Outcome
from bitjaru.tracking.runs import code_digest, mlflow_values
from bitjaru.tracking.runs.finished_runs import Finished, finished, outcome

PLAN = "reproduce.yaml"
ELSEWHERE = "tracking."  # where a run is stored does not change what it is
log = logging.getLogger(__name__)


def plan() -> Any:
    """Reads `conf/reproduce.yaml`.

    Raises:
        ConfigError: If it is not there.
    """
    path = project.conf() / PLAN
    return OmegaConf.to_container(OmegaConf.load(path))


@dataclass(frozen=True)
class Job:
    """A run that is wanted: the words after `python train.py`."""

    overrides: tuple[str, ...]

    @property
    def command(self) -> str:
        """The whole command."""
        return " ".join(["python train.py", *self.overrides])

    def params(self) -> dict[str, str]:
        """Returns what MLflow keeps of its config."""
        return identity(mlflow_values.params(config_of(self.overrides)))


class Store:
    """The runs that are there.

    Attributes:
        uri: Of the MLflow store.
        failed: Commands that did not end well.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.failed: list[str] = []
        self._finished = finished(uri)

    def find(self, params: Mapping[str, str], *, kind: str = "run") -> Finished | None:
        """Returns the newest finished run with this config and the code as it is now."""
        return next(
            (
                run
                for run in self._finished
                if run.kind == kind and run.code == code_digest.digest() and identity(run.params) == params
            ),
            None,
        )

    def outcome(self, job: Job) -> Outcome | None:
        """Returns the outcome of a job's finished run."""
        found = self.find(job.params())
        return None if found is None else outcome(self.uri, found.run_id)

    def run(self, jobs: Sequence[Job]) -> None:
        """Runs those jobs that have no finished run, each in a process of its own; one that fails ends no other."""
        for number, job in enumerate(jobs, 1):
            if (found := self.find(job.params())) is not None:
                log.info("%d/%d is there already, run %s: %s", number, len(jobs), found.run_id, job.command)
                continue
            log.info("%d/%d %s", number, len(jobs), job.command)
            if subprocess.run(project.train_command(job.overrides), check=False).returncode:
                self.failed.append(job.command)
            self._finished = finished(self.uri)


def recipe_jobs(name: str, seeds: Sequence[int], extra: Sequence[str] = ()) -> list[Job]:
    """Returns a recipe's runs, one a seed."""
    return [Job((f"experiment={name}", f"seed={seed}", *extra)) for seed in seeds]


def config_of(overrides: Sequence[str]) -> dict[str, Any]:
    """Composes a config as a plain mapping."""
    plain: Any = OmegaConf.to_container(compose_config(overrides), resolve=True)
    return dict(plain)


def identity(params: Mapping[str, str]) -> dict[str, str]:
    """Returns the part of a run's params that decides what it learns."""
    return {key: value for key, value in params.items() if not key.startswith(ELSEWHERE)}
