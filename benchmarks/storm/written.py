"""One of each file that we write, made by the commands that write them, and how each is read again."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from storm import commands
from storm.damage import AGAIN, Subject

READY = "ready"
KEY, SIGNERS = "key", "signers"
TEXTS = ["the plot was great and the cast was good", "boring and far too long"]


def make(home: Path) -> None:
    """Fills a home: a grid with a network and a linear model, a champion, a search, an exported and a signed model.

    Raises:
        RuntimeError: If a command fails.
    """
    if (home / READY).exists():
        return
    shutil.rmtree(home, ignore_errors=True)
    commands.make_home(home)
    network, linear = (f"{commands.GRID_FOLDER}/{job}" for job in "01")
    made = [
        commands.grid(),
        commands.search(trials=2, workers=1),
        [*commands.BITJARU, "promote", "--force", "--reason", "for the storm"],
        [*commands.BITJARU, "export", network, "--to", "onnx", "--output", "exported"],
        [*commands.BITJARU, "export", linear, "--to", "folder", "--output", "signed"],
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KEY],
        [*commands.BITJARU, "sign", "signed", "--key", KEY],
    ]
    for command in made:
        if (done := commands.run(home, command)).returncode:
            raise RuntimeError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
    (home / SIGNERS).write_text(f"storm@example.org {(home / KEY).with_suffix('.pub').read_text()}")


def subjects(home: Path) -> list[Subject]:
    """Returns every kind of file that stands in a home, with its reader."""
    os.environ.update(commands.environment(home))
    prepared = _Prepared(home)
    network, linear = (home / commands.GRID_FOLDER / job for job in "01")
    (search,) = {path.parents[1] for path in home.glob("multirun/*/*/*/result.json")}
    kinds: dict[str, tuple[list[Path], Callable[[], Any]]] = {
        "bundle of a network": (_files(network / "bundle"), lambda: _answers(network / "bundle")),
        "bundle of a linear model": (_files(linear / "bundle"), lambda: _answers(linear / "bundle")),
        "exported model": (_files(home / "exported"), lambda: _answers(home / "exported")),
        "signed model": (_files(home / "signed"), lambda: _answers(home / "signed", home / SIGNERS)),
        "registered model": (_files(_registered()), lambda: _answers(None)),
        "kept answers, read alone": (_files(network / "bundle" / "answers"), lambda: _kept_answers(network)),
        "outcome.json": ([network / "outcome.json"], lambda: _outcome(network)),
        "journal": ([network / "tracking" / "journal.jsonl"], lambda: _journal(network)),
        "progress of sending": ([network / "tracking" / "progress.json"], lambda: _sends_all(network)),
        "grid.yaml": ([home / commands.GRID_FOLDER / "grid.yaml"], lambda: _grid(home / commands.GRID_FOLDER)),
        "result of a trial": ([search / "0" / "result.json"], lambda: _result(search / "0")),
        "study database": ([home / "mlruns" / "optuna.db"], lambda: _study(home)),
        "MLflow's database": ([home / "mlruns" / "mlflow.db"], lambda: _mlflow(home)),
        "note of MLflow's version": ([home / "mlruns" / "mlflow.db.opened"], lambda: _store_prepares(home)),
        "token cache": (prepared.token_files(), prepared.tokens),
        "shared arrays": (_files(prepared.shared), prepared.read_shared),
        "checkpoint": ([prepared.checkpoint.with_suffix(".npz")], prepared.restored),
        "plan of finals": ([prepared.plan / "plan.json"], prepared.read_plan),
    }
    return [Subject(name, tuple(files), read) for name, (files, read) in kinds.items()]


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"]


def _answers(place: Path | None, signers: Path | None = None) -> Any:
    from bitjaru.commands.model.registered_model import open_bundle

    fresh_connections()
    return open_bundle(None if place is None else str(place), [], signers).probabilities(TEXTS)


def _registered() -> Path:
    from bitjaru.commands.model.registered_model import model_folder

    return model_folder(None, []) / "data"


def _kept_answers(run: Path) -> Any:
    from bitjaru.models.answers import Answers

    return [
        (kept.keys, kept.targets, kept.probabilities)
        for kept in (Answers.load(path) for path in sorted((run / "bundle" / "answers").glob("*.npz")))
    ]


def _outcome(run: Path) -> Any:
    from bitjaru.outcome import Outcome

    return Outcome.load(run)


def _journal(run: Path) -> Any:
    from bitjaru.errors import TrackingError
    from bitjaru.tracking.runs import recovery
    from bitjaru.tracking.runs.journal import Journal

    for wrong in recovery.damaged(run):
        raise TrackingError(wrong)
    return Journal(run).lines()


def _sends_all(run: Path) -> Any:
    """Sends what seems to be missing; the run in the store must be what it was."""
    from bitjaru.tracking.registry.candidate import candidate
    from bitjaru.tracking.runs.journal import Progress
    from bitjaru.tracking.runs.synchronization import send

    fresh_connections()
    send(run)
    progress = Progress.load(run)
    if progress.run_id is None:
        return None
    found = candidate(_uri(run.parents[2]), progress.run_id)
    return progress.sent, found.run_id, found.metrics


def _grid(folder: Path) -> Any:
    from bitjaru.runs import grid_folder

    own = ["dataset.rows=300", "trainer.epochs=2", "trainer.checkpoint=True", "max_len=8"]
    grid_folder.missing(folder, [[f"architecture={name}", *own] for name in ("average", "linear")])
    return grid_folder.command(folder)


def _result(folder: Path) -> Any:
    from bitjaru.sweep.execution.worker import saved_result

    found = saved_result(folder)
    return AGAIN if found is None else (found.values, found.pruned)


def _study(home: Path) -> Any:
    import optuna

    from bitjaru.sweep.storage.opening import open_storage
    from bitjaru.sweep.study import agreement

    try:
        study = optuna.load_study(study_name="storm", storage=open_storage(f"sqlite:///{home}/mlruns/optuna.db"))
    except KeyError:
        return AGAIN  # an empty file holds no study, and the search begins
    agreement.check(study, *{path.parents[1] for path in home.glob("multirun/*/*/*/result.json")})
    return [(trial.number, trial.state, trial.values, trial.params, trial.user_attrs) for trial in study.trials]


def _mlflow(home: Path) -> Any:
    from bitjaru.tracking.runs.finished_runs import finished, outcome

    fresh_connections()
    return [outcome(_uri(home), run.run_id) for run in finished(_uri(home))]


def _store_prepares(home: Path) -> Any:
    from bitjaru.configuration import build_part, compose_config

    fresh_connections()
    build_part(compose_config([]), "tracking").prepare("sample")
    return _mlflow(home)


def _uri(home: Path) -> str:
    return f"sqlite:///{home}/mlruns/mlflow.db"


def fresh_connections() -> None:
    """Has MLflow open its databases anew: a connection that is open answers from what it has read before."""
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking

    for engines in (getattr(Tracking, "_engine_map", {}), getattr(Registry, "_engine_map", {})):
        for engine in engines.values():
            engine.dispose()


class _Prepared:
    """Files that live only while a search runs, made by the code that makes them there."""

    def __init__(self, home: Path) -> None:
        from bitjaru.configuration import build, compose_config
        from bitjaru.preparation import sharing
        from bitjaru.preparation.prepare import prepare
        from bitjaru.training.checkpoint import Checkpoint

        self.folder = home / "only while it runs"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.shared, self.plan = self.folder / "shared", self.folder / "finals"
        self.checkpoint = self.folder / "checkpoint"
        self.cache = self.folder / "tokens"
        data = prepare(build(compose_config(["dataset.rows=300", "max_len=8"])))
        self._texts = data.corpus.splits
        sharing.write(data, self.shared)
        self._network = _network()
        Checkpoint(self.checkpoint).write(self._network, [np.ones(3, np.float32)], {"valid_loss": [0.5, 0.25]})
        self._weights = [np.asarray(each) for each in self._network.weights]
        _plan().save(self.plan)
        self.tokens()

    def token_files(self) -> list[Path]:
        return sorted(self.cache.glob("*.parquet"))

    def tokens(self) -> Any:
        from bitjaru.preparation.token_cache import tokenize
        from bitjaru.tokenizers.words import Words

        found = tokenize(Words(), self._texts.map(lambda part: part.texts), self.cache)
        return {part: list(tokens) for part, tokens in found.tokens.items()}

    def read_shared(self) -> Any:
        from bitjaru.preparation import sharing

        found = sharing.read(self.shared)
        if found is None:
            return AGAIN
        parts = [*found.examples.items()]
        return {name: (np.array(each.inputs), np.array(each.targets)) for name, each in parts}, found.vocabulary.words

    def restored(self) -> Any:
        from bitjaru.training.checkpoint import Checkpoint

        for variable, value in zip(self._network.weights, self._weights, strict=True):
            variable.assign(value * 0)
        state = Checkpoint(self.checkpoint).restore(self._network)
        if state is None:
            return AGAIN
        return [np.asarray(each) for each in self._network.weights], state.best_weights, state.history

    def read_plan(self) -> Any:
        from bitjaru.finals.plan import Plan

        return Plan.load(self.plan)


def _network() -> Any:
    import keras

    keras.utils.set_random_seed(1)
    ids = keras.Input((4,), dtype="int32")
    features = keras.layers.Flatten()(keras.layers.Embedding(5, 2)(ids))
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(features))
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


def _plan() -> Any:
    from bitjaru.finals.finalists import Finalist
    from bitjaru.finals.plan import Plan

    finalist = Finalist("lstm", ("architecture=lstm",), 0.9, "0" * 32, 3, 1.5)
    return Plan(
        groups=("1" * 32,),
        searched="a search",
        dataset="sample",
        finalists=(finalist,),
        seeds=(1, 2, 3),
        margin=0.003,
        fractions=(0.1, 0.3),
        ensemble=False,
        commit="",
    )
