"""What every test needs: a home of its own, so that no test touches the user's runs, caches and data."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine does.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests run in as many processes as there are cores: threads beside them would only wait for each other.
for _threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
CHECKOUT = Path(__file__).parents[1]
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Tests started in the background inherit that Ctrl-C is ignored, and so would every program that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_CACHE", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def _own_hydra() -> Iterator[None]:
    """Hydra has one state for a whole process, which a sweeper that was refused half-way leaves behind."""
    yield
    from hydra.core.global_hydra import GlobalHydra

    GlobalHydra.instance().clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's home with the checkout's config, and nothing tracked yet."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("conf", "sweeps"):
        (folder / name).symlink_to(CHECKOUT / name)
    monkeypatch.setenv("BITJARU_HOME", str(folder))
    return folder


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own, in memory; only root can mount one."""
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False)
    if mount.returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    with mounted(tmp_path / "full", "size=64k") as folder:
        yield folder
