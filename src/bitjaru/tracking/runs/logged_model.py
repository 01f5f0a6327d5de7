"""Telling MLflow of a run's trained model."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bitjaru.models import manifest
from bitjaru.tracking.models.files import DATA
from bitjaru.tracking.runs.journal import Progress
from bitjaru.tracking.runs.operation import KEY, Context, Operation

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True, kw_only=True)
class LoggedModel(Operation):
    """The trained model.

    Attributes:
        source: Folder of the MLflow model, seen from the run's.
        key: Unique; tells whether MLflow has this model already.
    """

    source: str
    key: str

    def send(self, context: Context) -> Progress:
        """Creates the model under its run and copies its files."""
        from mlflow.entities import LoggedModelOutput
        from mlflow.models import Model

        run = context.client.get_run(context.run_id)
        found = context.client.search_logged_models(
            [run.info.experiment_id], f"tags.`{KEY}` = '{self.key}'", max_results=1
        )
        model = found[0] if found else self._create(context.client, run)
        outputs = run.outputs.model_outputs if run.outputs else []
        if model.model_id not in {output.model_id for output in outputs}:
            context.client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step=0)])
        source = context.folder / self.source
        description = Model.load(str(source))
        description.run_id, description.model_id = run.info.run_id, model.model_id
        description.model_uuid, description.artifact_path = model.model_id, model.artifact_location
        description.save(str(source / "MLmodel"))
        manifest.write(source, around=DATA)
        context.client.log_model_artifacts(model.model_id, str(source))
        context.client.finalize_logged_model(model.model_id, "READY")
        return replace(context.progress, model_id=model.model_id)

    def _create(self, client: "MlflowClient", run: Any) -> Any:
        return client.create_logged_model(
            run.info.experiment_id,
            name="model",
            source_run_id=run.info.run_id,
            tags={KEY: self.key},
            params=run.data.params,
        )
