"""Any bit of what we keep may change on a disk: what is read is what was written, or is refused in a sentence."""

import json
import logging
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from storm.damage import damaged, same

from bitjaru.configuration import build, compose_config
from bitjaru.errors import BitjaruError, ConfigError
from bitjaru.files import sealed, unsealed
from bitjaru.finals.finalists import Finalist
from bitjaru.finals.plan import Plan
from bitjaru.models.answers import Answers
from bitjaru.outcome import Outcome
from bitjaru.preparation import sharing
from bitjaru.preparation.prepare import Prepared, prepare
from bitjaru.runs import grid_folder
from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.execution.worker import saved_result, settle
from bitjaru.tracking.runs import recovery
from bitjaru.tracking.runs.journal import Journal, Progress
from bitjaru.tracking.runs.operations import Metrics, from_line

FOUND = Outcome.failed(number=3, overrides=["seed=1"], reason="none")
PLAN = Plan(
    ("a",), "a search", "sample", (Finalist("lstm", ("seed=1",), 0.9, None, 3, 1.5),), (1, 2), 0.003, (), False, ""
)


def flips(path: Path) -> Iterator[None]:
    """Flips one bit of each byte after the other."""
    content = path.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        path.write_bytes(changed)
        yield
    path.write_bytes(content)


def outcome(folder: Path) -> tuple[Path, Callable[[], Any]]:
    FOUND.save(folder)
    return folder / "outcome.json", lambda: Outcome.load(folder)


def journal(folder: Path) -> tuple[Path, Callable[[], Any]]:
    for epoch in (1, 2):
        told = Metrics(time=epoch, step=epoch, values={"valid_loss": 0.5 / epoch}, of_model=False)
        Journal(folder).append(told.line())
    return Journal(folder).path, lambda: [from_line(line) for line in Journal(folder).lines()]


def progress(folder: Path) -> tuple[Path, Callable[[], Any]]:
    kept = Progress(sent=12, experiment_id="1", run_id="ab")
    kept.save(folder)
    return (
        folder / "tracking" / "progress.json",
        lambda: None if Progress.load(folder) == Progress() else Progress.load(folder),
    )


def plan(folder: Path) -> tuple[Path, Callable[[], Any]]:
    PLAN.save(folder)
    return folder / "plan.json", lambda: Plan.load(folder)


def result(folder: Path) -> tuple[Path, Callable[[], Any]]:
    job = Job(number=0, overrides=(), config=None, choices={}, folder=folder, attempt=0, resume=False, notes={})
    settle(job, lambda *_: Result((0.875,)), None)  # type: ignore[arg-type]
    return folder / "result.json", lambda: saved_result(folder)


@pytest.mark.parametrize("kept", [outcome, journal, plan])
def test_a_record_of_which_any_byte_changed_is_refused(
    tmp_path: Path, kept: Callable[[Path], tuple[Path, Callable[[], Any]]]
) -> None:
    path, read = kept(tmp_path)
    written, refusals = read(), []
    for _ in flips(path):
        try:
            found = read()
        except BitjaruError as error:
            refusals.append(str(error))
        else:
            assert same(found, written)
    assert len(refusals) > 0.9 * path.stat().st_size
    assert all("\n" not in refusal for refusal in refusals)


@pytest.mark.parametrize("kept", [progress, result])
def test_a_record_that_can_be_made_again_counts_for_nothing_once_it_changed(
    tmp_path: Path, kept: Callable[[Path], tuple[Path, Callable[[], Any]]]
) -> None:
    path, read = kept(tmp_path)
    written = read()
    assert written is not None
    assert sum(read() is None for _ in flips(path)) > 0.9 * path.stat().st_size
    assert all(read() in (None, written) for _ in flips(path))


def test_a_seal_holds_whatever_json_makes_of_keys_and_figures(tmp_path: Path) -> None:
    fields = {"b": [1.5, None, "감성"], "a": {2: (1, 2), 10: float("inf")}}
    read = unsealed(json.loads(json.dumps(sealed(fields))))
    assert read == {"b": [1.5, None, "감성"], "a": {"2": [1, 2], "10": float("inf")}}
    assert unsealed({"old": 1}) == {"old": 1}, "what was written before there were seals is read"


def test_a_damaged_journal_does_not_keep_the_doctor_from_other_runs(home: Path) -> None:
    for name in ("one", "two"):
        journal(home / "outputs" / name)
    path = Journal(home / "outputs" / "one").path
    path.write_bytes(path.read_bytes().replace(b"0.25", b"0.26"))
    (wrong,) = recovery.damaged(home / "outputs")
    assert f"{path}, line 2: its checksum is another one" in wrong
    assert recovery.abandoned(home / "outputs") == [home / "outputs" / "two"]


def test_a_journal_whose_end_was_cut_off_is_no_run_that_nobody_ended(home: Path) -> None:
    folder = home / "outputs" / "one"
    path, _ = journal(folder)
    Progress(sent=2, experiment_id="1", run_id="ab").save(folder)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    (wrong,) = recovery.damaged(home / "outputs")
    assert "with 1 lines, of which 2 were sent" in wrong
    assert recovery.abandoned(home / "outputs") == []
    Journal(folder).mend()
    assert Progress.load(folder).sent == 1, "or the next line would count as sent"


@pytest.mark.parametrize("content", ["", "jobs: [", "jobs: 1\narguments: []", "- a", "jobs: {a: ${b}}\narguments: []"])
def test_a_damaged_plan_of_a_grid_is_one_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "grid.yaml").write_text(content)
    with pytest.raises(ConfigError, match="must hold what the grid was asked for"):
        grid_folder.missing(tmp_path, [["architecture=lstm"]])


def test_a_finished_run_of_a_grid_whose_outcome_is_damaged_is_run_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = [["architecture=lstm"]]
    grid_folder.write(tmp_path, jobs, [])
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "outcome.json").write_text("{")
    assert grid_folder.missing(tmp_path, jobs) == [0]
    assert "run again, since what is left of it is damaged" in caplog.text


@pytest.fixture(scope="module")
def data() -> Prepared:
    return prepare(build(compose_config(["dataset.rows=200", "max_len=4", "tokenizer=whitespace"])))


def test_arrays_that_workers_share_are_prepared_again_when_one_changed(
    data: Prepared, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sharing.write(data, tmp_path / "shared")
    assert sharing.read(tmp_path / "shared") is not None
    inputs = tmp_path / "shared" / "train_inputs.npy"
    inputs.write_bytes(inputs.read_bytes()[:-1] + b"\7")
    assert sharing.read(tmp_path / "shared") is None
    assert "train_inputs.npy changed" in caplog.text


def test_kept_answers_of_which_bytes_changed_are_refused_or_are_the_same(tmp_path: Path) -> None:
    written = Answers(np.arange(5, dtype=np.uint64), np.ones(5, np.int32), np.linspace(0, 1, 5)[:, None])
    written.save(tmp_path / "test.npz")
    chance, refused = random.Random(0), 0
    for _ in range(150):
        with damaged(tmp_path / "test.npz", chance):
            try:
                assert same(vars(Answers.load(tmp_path / "test.npz")), vars(written))
            except BitjaruError:
                refused += 1
    assert refused > 75


def test_a_checkpoint_of_which_bytes_changed_starts_the_run_anew_or_is_the_same(tmp_path: Path) -> None:
    import keras

    from bitjaru.training.checkpoint import Checkpoint

    logging.disable(logging.WARNING)
    ids = keras.Input((2,))
    model = keras.Model(ids, keras.layers.Dense(1)(ids))
    model.compile(optimizer="sgd", loss="mse")
    checkpoint, anew = Checkpoint(tmp_path / "checkpoint"), 0
    weights = [np.asarray(each) for each in model.weights]
    checkpoint.write(model, weights, {"valid_loss": [0.5]})
    chance = random.Random(0)
    for _ in range(150):
        with damaged(tmp_path / "checkpoint.npz", chance):
            state = checkpoint.restore(model)
        anew += state is None
        assert state is None or same([state.best_weights, state.history], [weights, {"valid_loss": [0.5]}])
        assert same([np.asarray(each) for each in model.weights], weights)
    logging.disable(logging.NOTSET)
    assert anew > 75
