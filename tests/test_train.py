"""`train.py` as a user starts it: real processes, a real store."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import mlflow
import pytest
from conftest import CHECKOUT
from mlflow.entities import Run

from bitjaru.outcome import Outcome

SMALL = ["dataset.rows=400", "max_len=12", "trainer.epochs=2", "architecture.embedding.width=8"]


def start(*arguments: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(CHECKOUT / "train.py"), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def train(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    process = start(*arguments, folder=folder)
    out, err = process.communicate(timeout=240)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def runs(home: Path, experiment: str = "sample") -> Sequence[Run]:
    client = mlflow.MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    found = client.get_experiment_by_name(experiment)
    return client.search_runs([found.experiment_id]) if found else []


def folder_of(home: Path, kind: str) -> Path:
    (folder,) = {path.parent for path in (home / kind).glob("*/*/config.yaml")}
    return folder


@pytest.mark.slow
def test_a_grid_trains_tracks_and_compares_and_goes_on_after_a_failed_run(home: Path, tmp_path: Path) -> None:
    # with steps that large the loss is no number: those runs fail, the others do not
    values = ["architecture=average,cnn", "optimizer.learning_rate=1e-3,3e38"]
    done = train("-m", *values, "architecture.readout.units=8", *SMALL, folder=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "optimizer.learning_rate" in done.stderr
    (grid,) = (home / "multirun").glob("*/*")
    outcomes = [Outcome.load(grid / str(number)) for number in range(4)]
    assert [outcome.status for outcome in outcomes] == ["FINISHED", "FAILED", "FINISHED", "FAILED"]
    assert "train_loss" in str(outcomes[1].reason)
    table = (grid / "report" / "comparison.md").read_text(encoding="utf-8")
    assert table.count("average") >= 2
    for picture in ("validation_curves.png", "against_seconds.png"):
        assert (grid / "report" / picture).stat().st_size > 1000
    assert "bitjaru ui" in done.stdout

    tracked = runs(home)
    (parent,) = [run for run in tracked if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in tracked if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert parent.info.status == "FAILED"
    assert sorted(run.info.status for run in children) == ["FAILED", "FAILED", "FINISHED", "FINISHED"]


def test_one_run_leaves_a_model_that_answers_raw_text_in_a_fresh_process(home: Path, tmp_path: Path) -> None:
    done = train("architecture=average", *SMALL, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = runs(home)
    assert run.info.status == "FINISHED"
    assert run.data.params["architecture.embedding.width"] == "8"
    assert {"train_loss", "valid_accuracy", "test_accuracy"} <= set(run.data.metrics)
    assert run.inputs
    assert run.outputs
    assert len(run.inputs.dataset_inputs) == 3
    client = mlflow.MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    assert [point.step for point in client.get_metric_history(run.info.run_id, "valid_loss")] == [1, 2]
    assert {"curves.png", "classes.png", "lengths.png", "test_confusion.png", "test_roc.png", "layers.md"} <= {
        Path(file.path).name for file in client.list_artifacts(run.info.run_id, "report")
    }
    script = (
        "import mlflow, pandas, sys; mlflow.set_tracking_uri(sys.argv[1]);"
        "model = mlflow.pyfunc.load_model(sys.argv[2]);"
        "print(model.predict(pandas.DataFrame({'text': ['정말 좋아요', '']})).to_json(orient='records'))"
    )
    model_id = run.outputs.model_outputs[0].model_id
    answer = subprocess.run(
        [sys.executable, "-c", script, f"sqlite:///{home}/mlruns/mlflow.db", f"models:/{model_id}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    rows = json.loads(answer.stdout.splitlines()[-1])
    assert [set(row) for row in rows] == [{"label", "probability", "no_known_token"}] * 2
    assert rows[0]["label"] in {"negative", "positive"}


@pytest.mark.slow
def test_an_interrupted_run_is_killed_with_all_that_was_learned(home: Path, tmp_path: Path) -> None:
    endless = ["trainer.epochs=500", "trainer.early_stopping.patience=null"]
    process = start("architecture=average", *endless, folder=tmp_path)
    folder = wait_for(lambda: next((home / "outputs").glob("*/*/tracking"), None)).parent
    wait_for(lambda: "Metrics" in (folder / "tracking" / "journal.jsonl").read_text(encoding="utf-8"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130
    outcome = Outcome.load(folder)
    assert (outcome.status, outcome.reason) == ("KILLED", "interrupted")
    assert outcome.history["train_loss"]
    assert (folder / "bundle" / "model.keras").exists()
    assert [run.info.status for run in runs(home)] == ["KILLED"]


@pytest.mark.slow
def test_a_killed_grid_goes_on_with_what_is_missing(home: Path, tmp_path: Path) -> None:
    grid = home / "multirun" / "killed"
    knobs = [
        "trainer.epochs=2,40",
        "trainer.early_stopping.patience=null",
        "trainer.checkpoint=true",
        f"hydra.sweep.dir={grid}",
    ]
    process = start("-m", "architecture=average", *knobs, *SMALL[:2], folder=tmp_path)
    wait_for((grid / "1" / "checkpoint.npz").exists)
    process.kill()
    process.communicate()
    finished, ran = Outcome.load(grid / "0"), (grid / "0" / "outcome.json").stat().st_mtime_ns
    assert not (grid / "1" / "outcome.json").exists()

    command = [sys.executable, "-m", "bitjaru.commands.cli", "resume", str(grid)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 2 runs have finished already" in done.stdout
    assert (grid / "0" / "outcome.json").stat().st_mtime_ns == ran
    assert len(Outcome.load(grid / "1").history["train_loss"]) == 40
    found = {run.info.run_id: run for run in runs(home)}
    assert sorted(run.info.status for run in found.values()) == ["FINISHED"] * 3
    (parent,) = [run for run in found.values() if run.data.tags["kind"] == "grid"]
    children = {run.data.tags.get("mlflow.parentRunId") for run in found.values()} - {None}
    assert children == {parent.info.run_id}
    assert finished.run_id in found

    other = train("-m", "architecture=average,cnn", f"hydra.sweep.dir={grid}", *SMALL, folder=tmp_path)
    assert other.returncode == 1
    assert "only with the same runs" in other.stderr


def wait_for(look: object, seconds: float = 90) -> Path:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := look():  # type: ignore[operator]
                return found  # type: ignore[no-any-return]
        except FileNotFoundError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"This should have happened within {seconds} s.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["architecture=transformer"], "average"),
        (["architecture=lstmm"], "There are: average, bag, bilstm, "),
        (["architecture=views", "architecture/view@architecture.views=[ngram]"], "Did you mean `ngrams`?"),
        (["architecture.unit=3"], "units"),
        (["architecture.kernel_size=3"], "architecture=cnn_lstm"),
        (["-m", "architecture=choice(lstm,gru"], "architecture=choice(lstm,gru"),
        (["sweeps=architectures", "architecture.units=-3"], "`architecture.units`: Input should be greater than 0"),
        (["architecture=views", "architecture/view@architecture.views=[ngrams,ngrams]"], "must have different names"),
        (["architecture=views", "architecture/view@architecture.views=[]"], "must hold at least one view"),
        (["max_len=0"], "max_len"),
        (["-m", "architecture=lstm", "max_len=20,zero"], "max_len"),
        (["optimizer.learning_rate=fast"], "learning_rate"),
        (["dataset=nsmc", "dataset.path=/does/not/exist"], "/does/not/exist"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_told_at_once(
    arguments: list[str], told: str, home: Path, tmp_path: Path
) -> None:
    done = train(*arguments, folder=tmp_path)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "Error executing job" not in done.stderr  # Hydra's own words, for what one sentence says


def test_a_config_error_does_not_wait_for_tensorflow(home: Path, tmp_path: Path) -> None:
    script = (
        "import runpy, sys; sys.argv = ['train.py', 'architecture.units=0']\n"
        f"try: runpy.run_path({str(CHECKOUT / 'train.py')!r}, run_name='__main__')\n"
        "except SystemExit: print(sorted({'tensorflow', 'mlflow', 'optuna'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_shows_the_groups_their_options_and_examples(home: Path, tmp_path: Path) -> None:
    done = train("--help", folder=tmp_path)
    assert done.returncode == 0
    for word in ("architecture: average, bag, bilstm", "dataset: file, imdb", "python train.py -m", "bitjaru ui"):
        assert word in done.stdout


@pytest.mark.slow
def test_nothing_is_imported_before_the_first_step_that_only_tracking_and_pictures_need(
    home: Path, tmp_path: Path
) -> None:
    assert train("architecture=average", *SMALL, folder=tmp_path).returncode == 0  # MLflow makes its store
    script = (
        "import runpy, sys\n"
        "from bitjaru.training.tensorflow_start import start_tensorflow; start_tensorflow()\n"
        "from bitjaru.training.epochs import Training\n"
        "def run(training, listeners, begun):\n"
        "    print(sorted({'mlflow', 'optuna', 'bitjaru.reporting.plots'} & set(sys.modules)))\n"
        "    raise KeyboardInterrupt\n"
        "Training.run = run\n"
        f"sys.argv = ['train.py', 'architecture=average', *{SMALL}]\n"
        f"try: runpy.run_path({str(CHECKOUT / 'train.py')!r}, run_name='__main__')\n"
        "except SystemExit: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "\n[]\n" in done.stdout
    assert sorted(run.info.status for run in runs(home)) == ["FINISHED", "KILLED"]
    for folder in (home / "outputs").glob("*/*"):  # the run that never trained has its pictures too
        assert {"classes.png", "lengths.png", "data.md"} <= {file.name for file in (folder / "report").iterdir()}
        assert Outcome.load(folder).run_id is not None


def test_the_whole_config_can_be_printed(home: Path, tmp_path: Path) -> None:
    done = train("--cfg", "job", folder=tmp_path)
    assert "units: 128" in done.stdout
    assert done.returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_home_that_cannot_be_written_is_told_before_training(home: Path, tmp_path: Path) -> None:
    home.chmod(0o500)
    done = train(*SMALL, folder=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
