"""What a search's workers do ahead of their first trial."""

import subprocess
import sys

import pytest
from omegaconf import OmegaConf

from bitjaru.configuration import compose_config
from bitjaru.trials import Trials


@pytest.mark.parametrize(("option", "mlflow"), [("local", True), ("off", False)])
def test_workers_import_ahead_what_trials_need_and_mlflow_only_where_runs_are_tracked(
    option: str, mlflow: bool
) -> None:
    platform = Trials()
    platform.directions(dict(OmegaConf.to_container(compose_config([f"tracking={option}"]), resolve=True)))  # type: ignore[arg-type]
    module, _, function = platform.warm_up.partition(":")
    code = f"import sys, {module}; {module}.{function}(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"tensorflow", "keras", "bitjaru.fitting"} <= loaded
    assert ("mlflow.store.tracking.sqlalchemy_store" in loaded) is mlflow
