"""Hydra's own suites for plug-ins, run against the sweeper as a plain Hydra program would use it."""

import pytest
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.test_utils.launcher_common_tests import BatchedSweeperTestSuite, IntegrationTestSuite, LauncherTestSuite
from hydra.version import _UNSPECIFIED_, VersionBase

# Everything else at its default: the number of trials at a time, the share that may fail.
PLAIN = [
    "hydra/sweeper=bitjaru",
    "hydra/sweeper/sampler=grid",
    "hydra.sweeper.storage=null",
    "hydra.sweeper.plots=false",
]


# The suites themselves use an old version base, which warns of what Hydra 1.2 changed.
pytestmark = pytest.mark.filterwarnings("ignore:Future Hydra versions will no longer change working directory")


@pytest.fixture(autouse=True)
def _no_version_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hydra keeps the version base of whoever composed last; the suites start from none."""
    monkeypatch.setattr(VersionBase.instance(), "version_base", _UNSPECIFIED_)


def test_hydra_finds_the_sweeper() -> None:
    assert "BitjaruSweeper" in {plugin.__name__ for plugin in Plugins.instance().discover(Sweeper)}


@pytest.mark.parametrize(("launcher_name", "overrides"), [("basic", PLAIN)])
class TestLauncher(LauncherTestSuite): ...


@pytest.mark.parametrize(("launcher_name", "overrides"), [("basic", PLAIN)])
class TestBatches(BatchedSweeperTestSuite): ...


@pytest.mark.parametrize(
    ("task_launcher_cfg", "extra_flags"),
    [({"defaults": [{"override hydra/launcher": "basic"}]}, ["-m", *PLAIN])],
)
class TestIntegration(IntegrationTestSuite): ...
