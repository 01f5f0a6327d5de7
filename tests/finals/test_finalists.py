"""Who comes into the finals, and with which command."""

from dataclasses import replace
from pathlib import Path

import pytest

from bitjaru.errors import ConfigError, DataError
from bitjaru.finals.finalists import finalists, same_data, spent, unequal
from bitjaru.finals.plan import FILE, Plan
from bitjaru.tracking.registry.last_group import Group, Tried


def tried(architecture: str, objective: float | None, *more: str, status: str = "FINISHED", **tags: str) -> Tried:
    metrics = {} if objective is None else {"objective": objective, "weights": 10.0}
    overrides = " ".join([f"architecture={architecture}", "dataset=sample", "seed=7", *more])
    own = {"architecture": architecture, "overrides": overrides, **tags}
    return Tried(
        run_id=f"{architecture}{objective}",
        name="",
        status=status,
        tags=own,
        metrics=metrics,
        seconds=10.0,
        started=0,
        rows={},
        params={},
    )


def search(*runs: Tried) -> Group:
    return Group(run_ids=("g",), name="search s", tried=runs)


RUNS = search(
    tried("gru", 0.8, "optimizer.learning_rate=0.1"),
    tried("gru", 0.9, "optimizer.learning_rate=0.01", "sweeps=architectures"),
    tried("lstm", 0.85),
    tried("lstm", 0.99, status="KILLED"),
    tried("cnn", None, status="FAILED"),
)


def test_of_each_architecture_the_best_finished_run_comes_in_the_best_first() -> None:
    found = finalists(RUNS, top=None, against=[])
    assert [(each.name, each.objective, each.trials, each.seconds) for each in found] == [
        ("gru", 0.9, 2, 20.0),
        ("lstm", 0.85, 2, 20.0),
    ]
    assert found[0].command(3) == (
        "python train.py architecture=gru dataset=sample optimizer.learning_rate=0.01 sweeps=architectures "
        "hydra.mode=RUN seed=3 dataset.validation.seed=3"
    )


def test_a_loss_is_better_when_it_is_smaller() -> None:
    runs = search(tried("gru", 0.8, direction="minimize"), tried("lstm", 0.2, direction="minimize"))
    assert [each.name for each in finalists(runs, top=None, against=[])] == ["lstm", "gru"]


def test_what_was_not_searched_comes_in_at_its_defaults_on_the_same_data() -> None:
    found = finalists(RUNS, top=1, against=["linear"])
    assert [each.name for each in found] == ["gru", "linear"]
    assert found[1].overrides[:2] == ("architecture=linear", "dataset=sample")
    assert found[1].objective is None
    assert [each.name for each in finalists(RUNS, top=1, against=["lstm"])] == ["gru", "lstm"]


def test_one_finalist_is_none() -> None:
    with pytest.raises(ConfigError, match=r"at least two architectures .* Received: gru, of 'search s'"):
        finalists(RUNS, top=1, against=[])


def test_unequal_searches_are_told() -> None:
    assert unequal(finalists(RUNS, top=None, against=[])) is None
    more = search(*RUNS.tried, tried("lstm", 0.7))
    assert "gru 2 trials in 20 s, lstm 3 trials in 30 s" in str(unequal(finalists(more, top=None, against=[])))


def test_an_equal_search_says_its_trials_and_its_seconds() -> None:
    slow = replace(tried("lstm", 0.8), seconds=1_500.0)
    told = spent(finalists(search(tried("gru", 0.9), slow), top=None, against=[]))
    assert told == "Searched equally in trials, 1 of each; in seconds from 10 (gru) to 1,500 (lstm)."
    assert spent(finalists(search(*RUNS.tried, tried("lstm", 0.7)), top=None, against=[])) is None
    assert spent(finalists(RUNS, top=1, against=["linear"])) is None


def test_a_value_with_spaces_stays_one_override() -> None:
    file = "dataset.path='my reviews (1).csv'"
    found = finalists(search(tried("gru", 0.9, file), tried("lstm", 0.8, file)), top=None, against=[])
    assert all(file in each.overrides for each in found)


def test_a_plan_is_read_back_as_it_was_frozen(tmp_path: Path) -> None:
    plan = Plan(
        ("g",), "search s", "sample", tuple(finalists(RUNS, top=None, against=[])), (1, 2), 0.003, (0.3,), True, "abc"
    )
    plan.save(tmp_path)
    assert Plan.load(tmp_path) == plan
    assert [(each.finalist, each.seed, each.folder) for each in plan.finals()] == [
        ("gru", 1, "gru/1"),
        ("lstm", 1, "lstm/1"),
        ("gru", 2, "gru/2"),
        ("lstm", 2, "lstm/2"),
    ]
    assert plan.names == ["gru", "lstm", "ensemble"]
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(DataError, match="must hold the plan of finals"):
        Plan.load(tmp_path)


def test_finalists_that_learned_from_different_data_are_refused() -> None:
    gru = replace(tried("gru", 0.9), params={"dataset.rows": "5000", "dataset.validation.seed": "1", "max_len": "30"})
    lstm = replace(tried("lstm", 0.8), params={"dataset.rows": "5000", "dataset.validation.seed": "2", "max_len": "60"})
    same = search(gru, lstm)
    same_data(finalists(same, top=None, against=[]), same)
    other = search(gru, replace(lstm, params={"dataset.rows": "10000"}))
    with pytest.raises(ConfigError, match=r"different `dataset\.rows`: gru 5000, lstm 10000"):
        same_data(finalists(other, top=None, against=[]), other)


def test_a_run_that_is_older_than_a_setting_had_its_default() -> None:
    old = replace(tried("gru", 0.9), params={"dataset.rows": "5000"})
    new = replace(tried("lstm", 0.8), params={"dataset.rows": "5000", "train_fraction": "1.0"})
    both = search(old, new)
    same_data(finalists(both, top=None, against=[]), both)
    part = search(old, replace(new, params={"dataset.rows": "5000", "train_fraction": "0.3"}))
    with pytest.raises(ConfigError, match=r"different `train_fraction`: gru 1\.0, lstm 0\.3"):
        same_data(finalists(part, top=None, against=[]), part)
