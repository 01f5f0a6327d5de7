"""bitjaru without its clone: a wheel in an environment and a folder of their own, projects, and parts of one's own."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from conftest import CHECKOUT

from bitjaru import project

OWN = CHECKOUT / "examples" / "own_project"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and with this environment's packages except bitjaru itself."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(CHECKOUT / name, source / name)
    for name in ("src", "conf", "sweeps"):
        shutil.copytree(CHECKOUT / name, source / name, symlinks=True)
    wheels = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*wheels, "--wheel-dir", str(folder), str(source)], check=True, capture_output=True)
    (wheel,) = folder.glob("bitjaru-*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    (packages,) = (folder / "env").glob("lib/python*/site-packages")
    # A path in a .pth file is searched, but the .pth files in it, this checkout's among them, are not read.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    return folder / "env" / "bin"


def run(program: Path, *arguments: str, folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in ("BITJARU_HOME", "PYTHONPATH")}
    done = subprocess.run(
        [str(program), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_an_installed_wheel_trains_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    small = ["dataset.rows=300", "max_len=10", "trainer.epochs=1"]
    said = run(installed / "bitjaru", "train", "-m", "architecture=average,linear", *small, folder=tmp_path)
    assert f"Project: {tmp_path}" in said
    assert "1 best" in said
    assert (tmp_path / "mlruns" / "mlflow.db").exists()
    listed = run(installed / "bitjaru", "runs", "--last", folder=tmp_path)
    assert "0 average" in listed
    assert "1 linear" in listed
    where = run(installed / "python", "-c", "import bitjaru; print(bitjaru.__file__)", folder=tmp_path)
    assert str(installed.parent) in where
    assert "sweeps: architectures" not in run(installed / "bitjaru", "train", "--help", folder=tmp_path)
    plan = ["sweeps=learning_rate", "hydra.sweeper.plan=true", *small]
    assert "12 trials" in run(installed / "bitjaru", "train", *plan, folder=tmp_path)


@pytest.mark.slow
def test_a_project_is_made_once_and_runs_its_own_experiment(tmp_path: Path) -> None:
    bitjaru = Path(sys.executable).with_name("bitjaru")
    run(bitjaru, "init", "mine", folder=tmp_path)
    mine = tmp_path / "mine"
    assert project.is_project(mine)
    assert (mine / "mlruns" / ".gitignore").read_text() == "*\n!.gitignore\n"
    small = ["dataset.rows=300", "trainer.epochs=1"]
    said = run(Path(sys.executable), "train.py", "experiment=first", *small, folder=mine)
    assert f"Project: {mine}" in said
    assert "first" in run(Path(sys.executable), "train.py", "--help", folder=mine)
    (mine / "deeper").mkdir()
    assert "gru" in run(bitjaru, "runs", folder=mine / "deeper")
    again = subprocess.run([str(bitjaru), "init", "mine"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "must be no project yet" in again.stderr


@pytest.mark.slow
def test_parts_of_ones_own_are_options_like_any_other(tmp_path: Path) -> None:
    mine = tmp_path / "own"
    shutil.copytree(OWN, mine, ignore=shutil.ignore_patterns("mlruns", "outputs", "__pycache__"))
    small = ["trainer.epochs=2", "dataset=cafe", "tokenizer=jamo"]
    said = run(Path(sys.executable), "train.py", "architecture=widest", *small, folder=mine)
    assert "FINISHED" in said
    assert "Warning" not in said
    bitjaru = Path(sys.executable).with_name("bitjaru")
    (outcome,) = mine.glob("outputs/*/*/outcome.json")
    answered = run(bitjaru, "predict", "커피가 맛있다", "--model", str(outcome.parent), folder=mine)
    assert "%" in answered
    search = ["sweeps=architectures", 'hydra.sweeper.params.architecture="choice(widest,average)"']
    plan = run(Path(sys.executable), "train.py", *search, *small, "hydra.sweeper.plan=true", folder=mine)
    assert "architecture.units" in plan
