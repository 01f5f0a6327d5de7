"""What happens ahead of a search's first trial."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from bitjaru.configuration import compose_config
from bitjaru.trials import Trials


def config(*overrides: str) -> dict[str, Any]:
    plain: Any = OmegaConf.to_container(compose_config(overrides), resolve=True)
    return dict(plain)


@pytest.mark.parametrize(("option", "mlflow"), [("local", True), ("off", False)])
def test_workers_import_ahead_what_trials_need_and_mlflow_only_where_runs_are_tracked(
    option: str, mlflow: bool
) -> None:
    platform = Trials()
    platform.directions(config(f"tracking={option}"))
    module, _, function = platform.warm_up.partition(":")
    code = f"import sys, {module}; {module}.{function}(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"tensorflow", "keras", "bitjaru.fitting"} <= loaded
    assert ("mlflow.store.tracking.sqlalchemy_store" in loaded) is mlflow


def test_what_is_prepared_alike_is_prepared_once(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    configs = [config("architecture=lstm"), config("architecture=gru"), config("architecture=gru", "max_len=20")]
    with caplog.at_level(logging.INFO, logger="bitjaru"):
        Trials().prepare(configs)
    assert sum(record.message.startswith("Tokens of 6,000 texts") for record in caplog.records) == 2
