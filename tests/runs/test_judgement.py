"""A run's figures: over the reviews with enough tokens, and over all of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from omegaconf import DictConfig

from bitjaru.configuration import build, compose_config
from bitjaru.models.answers import Answers, keys_of
from bitjaru.models.bundle import Bundle
from bitjaru.outcome import Outcome
from bitjaru.runs import single_run
from bitjaru.runs.record import Request

SMALL = ["dataset.rows=400", "tracking=off", "dataset.minimum_tokens=8"]
MODELS = {
    "one view": ["architecture=average", "trainer.epochs=2"],
    "no view": ["architecture=linear"],
    "hashed n-grams": [
        "architecture=ngrams",
        "trainer.epochs=1",
        "architecture.views.ngrams.vocabulary=hashed",
        "architecture.views.ngrams.vocab_size=5000",
    ],
    "two views": [
        "architecture=views",
        "architecture/view@architecture.views=[tokens,syllables]",
        "trainer.epochs=1",
        "architecture.views.tokens.encoder.units=4",
        "architecture.views.syllables.encoder.filters=4",
    ],
}


@pytest.fixture(scope="module", params=list(MODELS))
def ended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[DictConfig, Path, Outcome]:
    config, folder = compose_config([*SMALL, *MODELS[request.param]]), tmp_path_factory.mktemp("run")
    asked = Request(config=config, folder=folder, number=None, choices={}, overrides=[])
    return config, folder, single_run.run(asked)


def test_the_kept_answers_are_those_of_the_saved_model_to_every_review(ended: Any) -> None:
    config, folder, _ = ended
    test = build(config).dataset.load().splits.test
    assert test is not None
    kept = Answers.load(folder / "bundle" / "answers" / "test.npz")
    np.testing.assert_array_equal(kept.keys, keys_of(test.texts))
    np.testing.assert_array_equal(kept.targets, test.labels)
    again = Bundle.load(folder / "bundle").probabilities(test.texts)
    np.testing.assert_allclose(kept.probabilities, again, atol=1e-5)


def test_the_accuracy_on_all_reviews_counts_those_that_were_left_out(ended: Any) -> None:
    _, folder, outcome = ended
    for part in ("valid", "test"):
        kept = Answers.load(folder / "bundle" / "answers" / f"{part}.npz")
        right = (kept.probabilities[:, 0] > 0.5) == (kept.targets == 1)
        assert outcome.metrics[f"{part}_accuracy_all"] == pytest.approx(right.mean())
        assert outcome.rows[part] < len(right)
    assert outcome.metrics["test_accuracy_all"] != outcome.metrics["test_accuracy"]
