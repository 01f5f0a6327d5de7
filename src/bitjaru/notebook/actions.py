"""What a notebook or program does with bitjaru: train, run grids, search, load a model."""

import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf, open_dict

from bitjaru import project
from bitjaru.commands.model.registered_model import open_bundle
from bitjaru.configuration import GROUPS, register_resolvers
from bitjaru.errors import ConfigError, TrainingError
from bitjaru.notebook.results import Model, Run, Runs
from bitjaru.preparation import own_reviews
from bitjaru.runs import single_run
from bitjaru.runs.record import Request


def train(*overrides: str) -> Run:
    """Trains one model, as `bitjaru train` does, in this process.

    Args:
        overrides: As on the command line: `"dataset=nsmc", "architecture=gru", "max_len=30"`.

    Raises:
        ConfigError: Before anything is read, if a key or value cannot be used.
        BitjaruError: If the data, the tokenizer, the store or the training fails.
    """
    if several := [each for each in overrides if each.startswith("-") or "choice(" in each]:
        raise ConfigError(f"`train` trains one model. Received: {several[0]}. Use `bitjaru.grid` or `bitjaru.search`.")
    with _said():
        return _train(overrides)


def grid(*overrides: str) -> Runs:
    """Runs every combination of values, as `bitjaru train -m` does, each run in a process of the grid's own.

    Args:
        overrides: `"architecture=lstm,gru", "max_len=20,30"`.

    Raises:
        TrainingError: If it ended without a run; its output tells why.
    """
    return _several("-m", *overrides)


def search(*overrides: str) -> Runs:
    """Searches with Optuna, as `bitjaru train sweeps=…` does; the same call goes on where it was broken off.

    Args:
        overrides: `"sweeps=architectures", "dataset=nsmc", "hydra.sweeper.n_trials=20"`.

    Raises:
        TrainingError: If it ended without a run; its output tells why.
    """
    ready_made = any(each.startswith("sweeps=") for each in overrides)
    return _several(*([] if ready_made else ["-m", "hydra/sweeper=optuna"]), *overrides)


def load(name: str | None = None, *, signers: str | Path | None = None) -> Model:
    """Loads a registered model or that of a run's folder.

    Args:
        name: `NAME@ALIAS`, `NAME/VERSION`, `NAME` for its champion, or a run's folder; None for the only model.
        signers: A file of allowed signers, one of whom must have signed it; None asks for no signature.

    Raises:
        BitjaruError: If there is none of that name, it cannot be loaded, or is not signed.
    """
    return Model(open_bundle(name, [], None if signers is None else Path(signers)))


def _train(overrides: Sequence[str]) -> Run:
    lines = own_reviews.completed(overrides) if own_reviews.is_meant(overrides) else list(overrides)
    register_resolvers()
    project.make_importable()
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(project.conf()), version_base="1.3"):
        config = compose("config", overrides=lines, return_hydra_config=True)
    choices = {group: str(config.hydra.runtime.choices[group]) for group in GROUPS}
    with open_dict(config):
        own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    folder = _new_folder("outputs")
    outcome = single_run.run(Request(config=own, folder=folder, number=None, choices=choices, overrides=lines))
    return Run(folder, outcome)


@contextmanager
def _said() -> Iterator[None]:
    """Shows what the command would say, where the program has no log of its own."""
    own, root = logging.getLogger("bitjaru"), logging.getLogger()
    if own.handlers or root.handlers:
        yield
        return
    handler, level = logging.StreamHandler(sys.stdout), own.level
    handler.setFormatter(logging.Formatter("%(message)s"))
    own.addHandler(handler)
    own.setLevel(logging.INFO)
    try:
        yield
    finally:
        own.removeHandler(handler)
        own.setLevel(level)


def _several(*arguments: str) -> Runs:
    folder = _new_folder("multirun")
    lines = [each for each in arguments if not each.startswith("hydra.sweep.dir=")]
    command = project.train_command([*lines, f"hydra.sweep.dir={project.quoted(folder)}"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        said = []
        for line in process.stdout or ():
            print(line, end="")  # noqa: T201 - a notebook shows it as it comes
            said.append(line)
    found = Runs.of(_where(said, folder))
    if not found.runs:
        raise TrainingError(f"A grid or search must leave runs. Received: none. {''.join(said[-3:]).strip()}")
    return found


def _where(said: list[str], folder: Path) -> Path:
    """A search goes on in its first folder, which it names in its last line."""
    named = [line.rpartition("files in ")[2].strip() for line in said if "files in " in line]
    return Path(named[-1]) if named and Path(named[-1]).is_dir() else folder


def _new_folder(kind: str) -> Path:
    folder = project.home() / kind / f"{datetime.now(UTC):%Y-%m-%d/%H-%M-%S-%f}"
    folder.mkdir(parents=True)
    return folder
