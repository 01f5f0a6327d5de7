"""The documents' recipes: each builds a model of the printed size, and runs by its name."""

from pathlib import Path
from typing import Any

import pytest
from omegaconf import DictConfig
from options import CONF, options
from small_datasets import write_all

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.runs import single_run
from bitjaru.runs.record import Request
from bitjaru.training.model import build_model

# Layer by layer, as the documents print them or as their layers give them: embedding, recurrent and other layers, head.
SIZES = {
    "nsmc_lstm": 35_000 * 128 + 4 * 128 * (128 + 128 + 1) + 129,
    "shopping_simplernn": 1_024_000 + 12_352 + 65,
    "shopping_gru": 8_000 * 100 + 3 * 128 * (128 + 100 + 2) + 129,
    "imdb_cnn_lstm": 39_053,
    "imdb_simplernn": 10_000 * 32 + 64 * (64 + 32 + 1) + 65,
    "imdb_lstm": 10_000 * 32 + 4 * 32 * (32 + 32 + 1) + 33,
    "imdb_stacked_simplernn": 328_320 + 33,
    "imdb_onehot_simplernn": 4_081,
    "imdb_embedding_simplernn": 8_209,
    "proverbs_simplernn": 12 * 10 + 32 * (32 + 10 + 1) + 12 * (32 + 1),
}
PRINTED_VOCABULARY = {"proverbs_simplernn": 12}  # the others set theirs
TRAINING = {  # optimizer, learning rate, batch, epochs, patience, share and kind of the validation part, mask
    "nsmc_lstm": ("Adam", 1e-3, 32, 5, None, 0.0, None),
    "shopping_simplernn": ("RMSprop", 1e-3, 32, 15, None, 0.2, "tail"),
    "shopping_gru": ("RMSprop", 1e-3, 60, 15, None, 0.2, "tail"),
    "imdb_cnn_lstm": ("Adam", 1e-3, 64, 5, None, 0.0, None),
    "imdb_simplernn": ("RMSprop", 1e-3, 128, 10, None, 0.2, "tail"),
    "imdb_lstm": ("RMSprop", 1e-3, 128, 10, None, 0.2, "tail"),
    "imdb_stacked_simplernn": ("RMSprop", 1e-3, 128, 10, None, 0.2, "tail"),
    "imdb_onehot_simplernn": ("RMSprop", 1e-4, 64, 100, 3, 0.2, "random"),
    "imdb_embedding_simplernn": ("RMSprop", 1e-4, 64, 100, 3, 0.2, "random"),
    "proverbs_simplernn": ("Adam", 1e-3, 32, 200, None, 0.0, None),
}
RECIPES = [name for name in options("experiment") if not name.endswith("_best")]
every_recipe = pytest.mark.parametrize("recipe", RECIPES)


def config_of(recipe: str, *overrides: str) -> DictConfig:
    return compose_config([f"experiment={recipe}", *overrides])


def test_the_ten_systems_of_the_documents_have_a_recipe() -> None:
    assert set(RECIPES) == set(SIZES)


@every_recipe
def test_the_model_has_the_printed_number_of_weights(recipe: str) -> None:
    parts = build(config_of(recipe))
    vocabulary = parts.settings.vocab_size or PRINTED_VOCABULARY[recipe]
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: vocabulary}, trimmed={OWN_VIEW: False}
    )
    assert model.count_params() == SIZES[recipe]


@every_recipe
def test_it_is_trained_as_the_document_says(recipe: str) -> None:
    parts, config = build(config_of(recipe)), config_of(recipe)
    optimizer, trainer, validation = parts.optimizer, parts.trainer, config.dataset.validation
    assert (
        type(optimizer).__name__,
        config.optimizer.learning_rate,
        trainer.batch_size,
        trainer.epochs,
        trainer.early_stopping.patience,
        validation.fraction,
        validation.how if validation.fraction else None,
    ) == TRAINING[recipe]
    assert (parts.settings.padding, config.architecture.embedding.mask) == ("pre", False)


@every_recipe
def test_a_recipe_only_changes_values_that_exist_and_says_what_was_printed(recipe: str) -> None:
    text = (CONF / "experiment" / f"{recipe}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# @package _global_\n# Printed: ")
    assert "\n# Differs: " in text
    assert "_target_" not in text


def test_the_command_line_wins_over_a_recipe() -> None:
    config = config_of("imdb_lstm", "architecture=gru", "trainer.epochs=2", "max_len=80")
    assert (config.architecture.cell, config.trainer.epochs, config.max_len) == ("gru", 2, 80)


@pytest.mark.slow
@every_recipe
def test_a_recipe_trains_and_answers_on_a_slice(
    recipe: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BITJARU_DATA", str(write_all(tmp_path / "data")))
    config = config_of(recipe, "tracking=off", "trainer.epochs=1", "dataset.minimum_tokens=2", "max_len=12")
    outcome = single_run.run(request(config, tmp_path / "run", recipe))
    assert outcome.status == "FINISHED"
    assert len(outcome.history["train_loss"]) == 1
    last = "test" if "test" in outcome.rows else "valid" if "valid" in outcome.rows else "train"
    assert f"{last}_accuracy" in outcome.metrics
    assert (tmp_path / "run" / "report" / "samples.md").read_text(encoding="utf-8").count("\n") > 3
    assert (tmp_path / "run" / "bundle" / "golden.json").exists()


def request(config: DictConfig, folder: Path, recipe: str, **more: Any) -> Request:
    return Request(
        config=config,
        folder=folder,
        number=None,
        choices={"experiment": recipe, "task": "any"},
        overrides=[f"experiment={recipe}"],
        **more,
    )
