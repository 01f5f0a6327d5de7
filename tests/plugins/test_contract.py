"""Hydra's own suites for plug-ins, run against the sweeper as a plain Hydra program would use it."""

from pathlib import Path

import pytest
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.test_utils.launcher_common_tests import BatchedSweeperTestSuite, IntegrationTestSuite, LauncherTestSuite
from hydra.version import _UNSPECIFIED_, VersionBase

CONF = Path(__file__).resolve().parents[2] / "conf"
SEARCHPATH = f"hydra.searchpath=[file://{CONF}]"
PLAIN = [
    SEARCHPATH,
    "hydra/sweeper=optuna",
    "hydra/sweeper/sampler=grid",
    "hydra/sweeper/executor=launcher",
    "hydra.sweeper.platform=null",
    "hydra.sweeper.storage=null",
    "hydra.sweeper.plots=false",
    "hydra.sweeper.max_failure_rate=1",
]


# The suites themselves use an old version base, which warns of what Hydra 1.2 changed.
pytestmark = pytest.mark.filterwarnings("ignore:Future Hydra versions will no longer change working directory")


@pytest.fixture(autouse=True)
def _no_version_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hydra keeps the version base of whoever composed last; the suites start from none."""
    monkeypatch.setattr(VersionBase.instance(), "version_base", _UNSPECIFIED_)


def test_hydra_finds_the_sweeper() -> None:
    assert "BitjaruSweeper" in {plugin.__name__ for plugin in Plugins.instance().discover(Sweeper)}


@pytest.mark.parametrize(("launcher_name", "overrides"), [("basic", [*PLAIN, "hydra.sweeper.n_jobs=2"])])
class TestLauncher(LauncherTestSuite): ...


@pytest.mark.parametrize(("launcher_name", "overrides"), [("basic", [*PLAIN, "hydra.sweeper.n_jobs=2"])])
class TestBatches(BatchedSweeperTestSuite): ...


@pytest.mark.parametrize(
    ("task_launcher_cfg", "extra_flags"),
    [({"defaults": [{"override hydra/launcher": "basic"}]}, ["-m", *PLAIN])],
)
class TestIntegration(IntegrationTestSuite): ...
