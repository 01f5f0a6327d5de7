"""What is killed in the night, and what must hold in the morning."""

import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from storm import commands, warm
from storm.kills import Subject

TRIALS = {"networks": 6, "linear models": 10}
DONE = {"FINISHED", "KILLED"}
GRID = "grid"
Make = Callable[[Path, random.Random], Sequence[str]]
Check = Callable[[Path], Sequence[str]]


def one(folder: Path, name: str) -> Subject:
    """Returns a subject; how long it takes undisturbed is measured once and kept in `folder`."""
    make, check = _KNOWN[name](folder)
    return Subject(name, make, check, _seconds(folder, name, make), _LATEST.get(name, GOES_ON), _DONE.get(name))


def _seconds(folder: Path, name: str, make: Make) -> float:
    """Runs a command once, undisturbed."""
    kept = folder / "undisturbed.json"
    known: dict[str, float] = json.loads(kept.read_text()) if kept.exists() else {}
    if name not in known:
        home = folder / "night"
        shutil.rmtree(home, ignore_errors=True)
        command, output = make(home, random.Random(0)), home / "output"
        warm.start(home, [*commands.BITJARU, "--version"], output).join()  # what is imported, is imported
        began = time.monotonic()
        process = warm.start(home, command, output)
        process.join()
        if process.exitcode:
            raise RuntimeError(f"undisturbed, {command} ended with {process.exitcode}: {output.read_text()}")
        known[name] = time.monotonic() - began
        if name == GRID:
            (folder / "grid.json").write_text(json.dumps(_figures(home / commands.GRID_FOLDER)))
        kept.write_text(json.dumps(known))
    return known[name]


def _grid(home: Path, chance: random.Random) -> Sequence[str]:  # noqa: ARG001 - every night has the same runs
    commands.make_home(home)
    return commands.grid("average,linear,simplernn")


def _grid_reference(folder: Path) -> Mapping[str, Any]:
    reference: Mapping[str, Any] = json.loads((folder / "grid.json").read_text())
    return reference


def _figures(folder: Path) -> dict[str, Any]:
    """Returns all that a grid found, but the times."""
    from bitjaru.outcome import Outcome

    found = {}
    for number in range(3):
        outcome = Outcome.load(folder / str(number))
        times = {"seconds", "epoch_seconds", "total_seconds"}
        metrics = {name: value for name, value in outcome.metrics.items() if "milliseconds" not in name}
        history = {name: list(curve) for name, curve in outcome.history.items() if name not in times}
        found[str(number)] = [outcome.status, outcome.choices["architecture"], outcome.objective, metrics, history]
    return found


def _check_grid(home: Path, reference: Mapping[str, Any]) -> Sequence[str]:
    found = _figures(home / commands.GRID_FOLDER)
    wrong = [
        f"run {number}: {found[number]} instead of {reference[number]}"
        for number in found
        if found[number] != reference[number]
    ]
    runs = _runs(home)
    finished = Counter(
        run.data.tags.get("number") for run in runs if run.info.status == "FINISHED" and "number" in run.data.tags
    )
    if finished != Counter({"0": 1, "1": 1, "2": 1}):
        wrong.append(f"finished runs in MLflow: {finished}")
    return [*wrong, *_none_is_running(runs), *_answers_load(home / commands.GRID_FOLDER)]


def _networks(home: Path, chance: random.Random) -> Sequence[str]:
    commands.make_home(home)
    pruner = chance.choice(("median", "extrapolation", "none"))
    return commands.search(trials=TRIALS["networks"], workers=2, pruner=pruner)


def _linears(home: Path, chance: random.Random) -> Sequence[str]:  # noqa: ARG001 - every night has the same space
    commands.make_home(home)
    own = [
        "hydra.sweeper.study_name=storm",
        f"hydra.sweeper.n_trials={TRIALS['linear models']}",
        "hydra.sweeper.n_jobs=1",
    ]
    knobs = ["hydra.sweeper.spaces=[]", "hydra.sweeper.plots=false", "hydra.sweeper.defaults_first=false"]
    space = ["architecture=linear", "architecture.inverse_regularization=tag(log,interval(0.1,10))", "dataset.rows=300"]
    return [*commands.TRAIN, "-m", "hydra/sweeper=optuna", *own, *knobs, *space]


def _check_networks(home: Path) -> Sequence[str]:
    return [*_search_is_whole(home, TRIALS["networks"])]


def _check_linears(home: Path) -> Sequence[str]:
    return [*_search_is_whole(home, TRIALS["linear models"])]


def _search_is_whole(home: Path, trials: int) -> Iterator[str]:
    import optuna
    import yaml
    from optuna.trial import TrialState

    from bitjaru.outcome import Outcome
    from bitjaru.sweep.storage.opening import open_storage

    study = optuna.load_study(study_name="storm", storage=open_storage(f"sqlite:///{home}/mlruns/optuna.db"))
    if [trial.number for trial in study.trials] != list(range(trials)):
        yield f"trials {[trial.number for trial in study.trials]}"
    if strange := {
        t.number: t.state.name for t in study.trials if t.state not in {TrialState.COMPLETE, TrialState.PRUNED}
    }:
        yield f"states {strange}"
    (folder,) = [path for path in (home / "multirun").glob("*/*") if (path / "0").is_dir()]
    for trial in study.trials:
        place = folder / str(trial.number)
        config, outcome = yaml.safe_load((place / "config.yaml").read_text(encoding="utf-8")), Outcome.load(place)
        for name, value in trial.params.items():
            group, _, key = name.partition(".")
            if key and config[group][key] != value:
                yield f"trial {trial.number} trained with {key}={config[group][key]} instead of {value}"
        if trial.state == TrialState.COMPLETE and trial.values != [outcome.objective]:
            yield f"trial {trial.number}: {trial.values} in the study, {outcome.objective} in its folder"
        if outcome.run_id != trial.user_attrs["notes"]["run_id"]:
            yield f"trial {trial.number}: run {outcome.run_id} is noted as {trial.user_attrs['notes']}"
        epochs = [len(curve) for curve in outcome.history.values()]
        if len(set(epochs)) > 1:
            yield f"trial {trial.number}: curves of {epochs} epochs"
    runs = _runs(home)
    children = Counter(run.data.tags["number"] for run in runs if "mlflow.parentRunId" in run.data.tags)
    if children != Counter(map(str, range(trials))) or len(runs) != trials + 1:
        yield f"runs in MLflow: {len(runs)}, of trials {children}"
    yield from _none_is_running(runs)


def _promotion(folder: Path) -> Make:
    def make(home: Path, chance: random.Random) -> Sequence[str]:
        _take_base(folder, home)
        run = chance.choice([run for run in _runs(home) if run.data.tags.get("kind") == "run"])
        return [*commands.BITJARU, "promote", "--run", run.info.run_id, "--force", "--reason", "a storm"]

    return make


def _check_promotion(home: Path) -> Sequence[str]:
    from mlflow import MlflowClient

    from bitjaru.models import manifest

    client = MlflowClient(_uri(home), registry_uri=_uri(home))
    models = list(client.search_registered_models())
    if len(models) != 1:
        return [f"{len(models)} registered models"]
    versions = client.search_model_versions(f"name='{models[0].name}'")
    champion = client.get_model_version_by_alias(models[0].name, "champion")
    wrong = [] if set(models[0].aliases) == {"champion"} else [f"aliases {models[0].aliases}"]
    by_run = Counter(version.run_id for version in versions)
    if len(by_run) != len(versions):
        wrong.append(f"versions of runs {by_run}")
    from bitjaru.tracking.models.files import local_folder

    source = local_folder(_uri(home), str(champion.source))
    manifest.check(source / "data")
    if champion.tags.get("manifest_sha256", manifest.sum_of(source / "data")) != manifest.sum_of(source / "data"):
        wrong.append("the champion's manifest is another one")
    return [*wrong, *_none_is_running(_runs(home))]


def _doctor(folder: Path) -> Make:
    def make(home: Path, chance: random.Random) -> Sequence[str]:  # noqa: ARG001 - every night is the same
        _take_base(folder, home)
        for file in (home / "mlruns").glob("mlflow.db*"):
            file.unlink()
        return [*commands.BITJARU, "doctor", "--anew"]

    return make


def _check_doctor(home: Path) -> Sequence[str]:
    from mlflow import MlflowClient

    from bitjaru.tracking.runs.journal import Journal, Progress

    client, wrong = MlflowClient(_uri(home)), []
    journals = [path.parents[1] for path in home.rglob("tracking/journal.jsonl")]
    if len(_runs(home)) != len(journals):
        wrong.append(f"{len(_runs(home))} runs in MLflow, {len(journals)} journals")
    for folder in journals:
        told = [line for line in Journal(folder).lines() if line["operation"] == "Metrics"]
        run_id = str(Progress.load(folder).run_id)
        for name in {name for line in told for name in line["values"]}:
            points = sorted((line["step"], line["values"][name]) for line in told if name in line["values"])
            there = sorted((point.step, point.value) for point in client.get_metric_history(run_id, name))
            if points != there:
                wrong.append(f"{folder.name}: {name} is {there} instead of {points}")
    return [*wrong, *_none_is_running(_runs(home))]


def _take_base(folder: Path, home: Path) -> None:
    """Puts a home with a finished grid where nights happen: databases hold absolute paths."""
    base = folder / "base"
    if not (base / "ready").exists():
        shutil.rmtree(base, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        commands.make_home(home)
        if (done := commands.run(home, commands.grid("linear,average"))).returncode:
            raise RuntimeError(f"the grid ended with {done.returncode}: {done.stdout}{done.stderr}")
        shutil.copytree(home, base, symlinks=True)
        (base / "ready").touch()
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(base, home, symlinks=True)


def _runs(home: Path) -> list[Any]:
    from mlflow import MlflowClient

    from storm.written import fresh_connections

    fresh_connections()
    client = MlflowClient(_uri(home))
    return list(client.search_runs([each.experiment_id for each in client.search_experiments()]))


def _uri(home: Path) -> str:
    return f"sqlite:///{home}/mlruns/mlflow.db"


def _none_is_running(runs: Sequence[Any]) -> list[str]:
    left = [run.info.run_name for run in runs if run.info.status not in DONE]
    return [f"neither finished nor killed: {left}"] if left else []


def _answers_load(folder: Path) -> list[str]:
    """No half-written bundle: each is what its manifest says."""
    from bitjaru.errors import BundleError
    from bitjaru.models import manifest

    wrong = []
    for place in folder.glob("*/bundle"):
        try:
            manifest.check(place)
        except BundleError as error:
            if "unfinished" not in place.parent.name:
                wrong.append(str(error))
    return wrong


_KNOWN: Mapping[str, Callable[[Path], tuple[Make, Check]]] = {
    "search of linear models": lambda folder: (_linears, _check_linears),  # noqa: ARG005
    "doctor --anew": lambda folder: (_doctor(folder), _check_doctor),
    GRID: lambda folder: (_grid, lambda home: _check_grid(home, _grid_reference(folder))),
    "promotion": lambda folder: (_promotion(folder), _check_promotion),
    "search of networks, two workers": lambda folder: (_networks, _check_networks),  # noqa: ARG005
}
GOES_ON = 0.3
_LATEST = {"promotion": 1.0}  # it begins anew
_DONE = {"promotion": "A challenger must be another model than the champion"}
NAMES = tuple(_KNOWN)
