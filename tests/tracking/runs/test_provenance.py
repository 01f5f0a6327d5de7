import os
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from bitjaru.tracking.runs import provenance

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path))
    return tmp_path


def test_the_commit_and_the_state_of_the_tree_are_told(home: Path) -> None:
    (home / "file").write_text("1")
    for arguments in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*GIT, *arguments], cwd=home, check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=home, check=True, capture_output=True, text=True)
    clean = provenance.tags()
    assert clean["mlflow.source.git.commit"] == commit.stdout.strip()
    assert clean["mlflow.source.git.dirty"] == "false"
    (home / "file").write_text("2")
    assert provenance.tags()["mlflow.source.git.dirty"] == "true"


def test_a_repository_is_only_read(home: Path) -> None:
    """A git that is killed while it writes leaves a lock, and nobody can commit any more."""
    (home / "file").write_text("1")
    for arguments in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*GIT, *arguments], cwd=home, check=True)
    os.utime(home / "file", (1, 1))  # git would note the new time in its index
    index = home / ".git" / "index"
    before = index.read_bytes()
    assert provenance.tags()["mlflow.source.git.dirty"] == "false"
    assert index.read_bytes() == before
    subprocess.run(["git", "status"], cwd=home, check=True, capture_output=True)
    assert index.read_bytes() != before, "git itself does"


def test_a_home_without_a_repository_is_told_as_such(home: Path) -> None:
    tags = provenance.tags()
    assert tags["git"] == "no repository"
    assert "mlflow.source.git.commit" not in tags


def test_a_machine_without_git_is_told_as_such(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    assert provenance.tags()["git"] == "not installed"


def test_packages_are_those_that_pip_would_list() -> None:
    lines = provenance.packages().splitlines()
    for name in ("mlflow", "hydra-core", "bitjaru"):
        assert f"{name}=={metadata.version(name)}" in lines
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))
