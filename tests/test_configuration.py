"""Every option of every group composes, builds, and has exactly the keys that its class has fields."""

import dataclasses
import subprocess
import sys
from typing import Any

import pytest
from hydra.utils import get_class
from omegaconf import DictConfig, OmegaConf
from options import options

from bitjaru.configuration import GROUPS, build, build_part, compose_config
from bitjaru.errors import ConfigError

EVERY_OPTION = [
    (group, option)
    for group in (*GROUPS, "architecture/embedding", "trainer/batches", "trainer/schedule")
    for option in options(group)
]


@pytest.mark.parametrize(("group", "option"), EVERY_OPTION)
def test_every_option_composes_and_builds(group: str, option: str) -> None:
    config = compose_config([f"{group}={option}"])
    build_part(config, group.partition("/")[0])


@pytest.mark.parametrize(("group", "option"), EVERY_OPTION)
def test_the_keys_of_a_yaml_are_the_fields_of_its_class(group: str, option: str) -> None:
    config = compose_config([f"{group}={option}"])
    _check_keys(config[group.partition("/")[0]], group)


def _check_keys(node: Any, place: str) -> None:
    if not isinstance(node, DictConfig):
        return
    if "_target_" in node:
        fields = {field.name for field in dataclasses.fields(get_class(node["_target_"]))}
        assert set(node) - {"_target_"} == fields, place
    for key in node:
        if not OmegaConf.is_missing(node, key):
            _check_keys(node[key], f"{place}.{key!s}")


@pytest.mark.parametrize("view", options("architecture/view"))
def test_every_view_is_named_like_its_file_and_builds_alone(view: str) -> None:
    config = compose_config(["architecture=views", f"architecture/view@architecture.views=[{view}]"])
    assert list(build(config).reading.views) == [view]
    _check_keys(config.architecture, "architecture")


@pytest.mark.parametrize("dataset", options("dataset"))
def test_a_data_set_brings_its_tokenizer_length_and_vocabulary_size(dataset: str) -> None:
    brought = {
        "nsmc": ("Komoran", 40, 35_000),
        "naver_shopping": ("Okt", 60, 8_000),
        "imdb": ("Words", 500, 10_000),
    }
    parts = build(compose_config([f"dataset={dataset}"]))
    if dataset in brought:
        assert (type(parts.tokenizer).__name__, parts.settings.max_len, parts.settings.vocab_size) == brought[dataset]


def test_what_the_command_line_says_wins_over_what_a_data_set_brings() -> None:
    parts = build(compose_config(["dataset=nsmc", "tokenizer=character", "max_len=60", "vocab_size=null"]))
    assert type(parts.tokenizer).__name__ == "Character"
    assert parts.settings.max_len == 60
    assert parts.settings.vocab_size is None


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("max_len=0", r"`max_len`.*greater than or equal to 1|`max_len`.*greater than 0"),
        ("max_len=many", r"`max_len`.*integer.*Received: 'many'"),
        ("vocab_size=2", r"`vocab_size`.*Received: 2"),
        ("seed=-1", r"`seed`.*Received: -1"),
        ("padding=left", r"`padding`.*'pre' or 'post'.*Received: 'left'"),
        ("architecture.units=0", r"`architecture.units`.*Received: 0"),
        ("architecture.units=wide", r"`architecture.units`.*Received: 'wide'"),
        ("architecture.dropout=1.0", r"`architecture.dropout`.*less than 1.*Received: 1.0"),
        ("architecture.cell=rnn", r"`architecture.cell`.*'lstm'.*Received: 'rnn'"),
        ("architecture.readout.units=-1", r"`architecture.readout.units`.*Received: -1"),
        ("+architecture.unts=3", r"`architecture.unts`"),
        ("trainer.epochs=0", r"`trainer.epochs`.*Received: 0"),
        ("trainer.early_stopping.patience=0", r"`trainer.early_stopping.patience`.*Received: 0"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_must_hold(override: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        build(compose_config([override]))


def test_a_convolution_refuses_an_embedding_that_masks() -> None:
    with pytest.raises(ConfigError, match=r"architecture\.embedding\.mask"):
        build(compose_config(["architecture=cnn_lstm", "architecture.embedding.mask=true"]))


def test_a_tokenizer_whose_package_is_missing_is_refused_with_two_ways_on_unless_nothing_is_read_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bitjaru.tokenizers.okt.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"package konlpy\..*`pip install konlpy`.*`tokenizer=kiwi`"):
        build(compose_config(["dataset=naver_shopping"]))
    build(compose_config(["dataset=naver_shopping", "tokenizer=kiwi"]))
    build(compose_config(["dataset=naver_shopping", "architecture=linear"]))
    build(compose_config(["experiment=naver_shopping_best"]))


def test_building_every_part_imports_neither_tensorflow_nor_mlflow() -> None:
    script = (
        "import sys; from bitjaru.configuration import build, compose_config; build(compose_config([]));"
        "print(sorted({'tensorflow', 'keras', 'mlflow', 'optuna', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
