"""What can be told about a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bitjaru.tracking.runs.journal import DamagedJournalError, Progress
from bitjaru.tracking.runs.logged_model import LoggedModel
from bitjaru.tracking.runs.operation import KEY, Context, Operation
from bitjaru.tracking.store.store import experiment_id

REASON = "reason"


@dataclass(frozen=True, kw_only=True)
class Start(Operation):
    """The run begins.

    Attributes:
        format: Of the run's folder, `bitjaru.formats.RUN`.
        uri: Of the store that it goes to; None for nowhere.
        artifact_root: Of a new experiment.
        experiment: Name of the experiment.
        name: Of the run.
        key: Unique; tells whether MLflow has this run already.
        parent: Folder of the parent run, seen from this run's folder; None for a run of its own.
        tags: Of the run.
        params: The config, flat.
    """

    format: int
    uri: str | None
    artifact_root: str | None
    experiment: str
    name: str
    key: str
    parent: str | None
    tags: Mapping[str, str]
    params: Mapping[str, str]

    def send(self, context: Context) -> Progress:
        """Creates the run with its tags and params."""
        from mlflow.entities import Param

        experiment = experiment_id(context.client, self.experiment, self.artifact_root)
        found = context.client.search_runs([experiment], f"tags.`{KEY}` = '{self.key}'", max_results=1)
        run = (
            found[0]
            if found
            else context.client.create_run(experiment, self.time, self._tags(context.folder), self.name)
        )
        context.client.log_batch(run.info.run_id, params=[Param(key, value) for key, value in self.params.items()])
        return replace(context.progress, experiment_id=experiment, run_id=run.info.run_id)

    def _tags(self, folder: Path) -> dict[str, str]:
        tags = {**self.tags, KEY: self.key}
        if self.parent is not None and (parent_id := Progress.load(folder / self.parent).run_id):
            tags["mlflow.parentRunId"] = parent_id
        return tags


@dataclass(frozen=True, kw_only=True)
class Metrics(Operation):
    """Figures of one epoch, or of the whole run.

    Attributes:
        values: By name.
        step: The epoch, from 1; 0 before the first.
        of_model: Whether they are figures of the logged model too.
    """

    values: Mapping[str, float]
    step: int
    of_model: bool

    def send(self, context: Context) -> Progress:
        """Logs all of them in one call."""
        from mlflow.entities import Metric

        model_id = context.progress.model_id if self.of_model else None
        batch = [
            Metric(name, value, self.time, self.step, model_id=model_id, run_id=context.run_id)
            for name, value in self.values.items()
        ]
        context.client.log_batch(context.run_id, metrics=batch)
        return context.progress


@dataclass(frozen=True, kw_only=True)
class Tags(Operation):
    """Tags learned while it ran."""

    values: Mapping[str, str]

    def send(self, context: Context) -> Progress:
        """Sets all of them in one call."""
        from mlflow.entities import RunTag

        context.client.log_batch(context.run_id, tags=[RunTag(key, value) for key, value in self.values.items()])
        return context.progress


@dataclass(frozen=True, kw_only=True)
class Inputs(Operation):
    """The data that the run learned from.

    Attributes:
        datasets: The fields of `mlflow.entities.Dataset` of each part, and its `tags`.
    """

    datasets: Sequence[Mapping[str, Any]]

    def send(self, context: Context) -> Progress:
        """Logs dataset inputs, without a data frame: MLflow's own way would hash and copy rows."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        inputs = []
        for fields in self.datasets:
            tags = [InputTag(key, value) for key, value in fields["tags"].items()]
            entity = Dataset(**{key: value for key, value in fields.items() if key != "tags"})
            inputs.append(DatasetInput(entity, tags))
        context.client.log_inputs(context.run_id, inputs)
        return context.progress


@dataclass(frozen=True, kw_only=True)
class Artifacts(Operation):
    """Files of the run.

    Attributes:
        source: Their folder, seen from the run's.
        target: Folder among the run's artifacts; None for the top.
    """

    source: str
    target: str | None

    def send(self, context: Context) -> Progress:
        """Copies the folder as it is now."""
        context.client.log_artifacts(context.run_id, str(context.folder / self.source), self.target)
        return context.progress


@dataclass(frozen=True, kw_only=True)
class End(Operation):
    """The run is over.

    Attributes:
        status: `FINISHED`, `KILLED` or `FAILED`.
    """

    status: str

    def send(self, context: Context) -> Progress:
        """Sets the run's last status."""
        context.client.set_terminated(context.run_id, self.status, self.time)
        return context.progress


@dataclass(frozen=True, kw_only=True)
class Reopen(Operation):
    """The run goes on after it had ended, or after its process had died."""

    def send(self, context: Context) -> Progress:
        """Sets the run back to RUNNING and takes away the reason of an earlier end."""
        run = context.client.get_run(context.run_id)
        if REASON in run.data.tags:
            context.client.delete_tag(run.info.run_id, REASON)
        context.client.update_run(run.info.run_id, "RUNNING")
        return context.progress


KINDS: Mapping[str, type[Operation]] = {
    kind.__name__: kind for kind in (Start, Metrics, Tags, Inputs, Artifacts, LoggedModel, End, Reopen)
}


def from_line(line: Mapping[str, Any]) -> Operation:
    """Reads what `Operation.line` gave.

    Raises:
        DamagedJournalError: If it is no such line.
    """
    fields = dict(line)
    try:
        return KINDS[fields.pop("operation")](**fields)
    except (KeyError, TypeError) as error:
        raise DamagedJournalError(
            f"A line of a run's journal must be something that is told about a run. Received: {error}. Restore the "
            "file, or move the run's folder away and run it again."
        ) from error
