"""The fast path learns what the documents' own way of training learns, within the noise of seeds.

The levers that are exact are tested to 1e-5 where they live: fused layers, cut batches, steps per execution. Here are
the two that are not: batches of like length, and an Adam that leaves the rows of absent words alone.
"""

from pathlib import Path

import pytest

from bitjaru.configuration import build, compose_config
from bitjaru.preparation.prepare import prepare
from bitjaru.reporting.statistics import between_seeds
from bitjaru.runs.fitting import build_network

pytestmark = pytest.mark.slow
SEEDS = (1, 2, 3)
SHARED = ("architecture=average", "trainer.epochs=8", "trainer.early_stopping.patience=null")
FAITHFUL = ("trainer=faithful", "optimizer=adam")
FAST = ("trainer=fast", "optimizer=lazy_adam")


def accuracies(folder: Path, *overrides: str) -> list[float]:
    """Trains once a seed; returns the validation accuracy after the last epoch."""
    found = []
    for seed in SEEDS:
        parts = build(compose_config([*SHARED, *overrides, f"seed={seed}"]))
        data = prepare(parts)
        model = build_network(parts, data)
        from bitjaru.training.epochs import Training

        training = Training(parts.trainer, model, data.examples, parts.task, seed=seed, folder=folder / str(seed))
        fit = training.run(listeners=())
        found.append(fit.history["valid_accuracy"][-1])
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[float], list[float]]:
    folder = tmp_path_factory.mktemp("runs")
    return accuracies(folder / "fast", *FAST), accuracies(folder / "faithful", *FAITHFUL)


def test_fast_and_faithful_training_differ_by_no_more_than_seeds_do(both: tuple[list[float], list[float]]) -> None:
    fast, faithful = both
    assert 0 in between_seeds(fast, faithful), both


def test_both_have_learned(both: tuple[list[float], list[float]]) -> None:
    assert all(min(each) > 0.65 for each in both), both
