"""Configs, tags and data sets as the strings that MLflow takes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bitjaru.data.reviews import Corpus, Reviews
from bitjaru.data.text_array import Texts

PARAM_LENGTH = 6000
TAG_LENGTH = 8000
INPUT_TAG_LENGTH = 500
SOURCE_LENGTH = 65_535
KEY_LENGTH = 250
DIGEST_DIGITS = 12
LENGTHS = {"median": 0.5, "95 %": 0.95, "longest": 1.0}
SCHEMA = json.dumps({"mlflow_colspec": [{"name": "text", "type": "string"}, {"name": "label", "type": "integer"}]})


def params(config: Mapping[str, Any]) -> dict[str, str]:
    """Flattens a config: `{"architecture": {"units": 128}}` becomes `{"architecture.units": "128"}`.

    Hydra's own keys (`_target_`, …) are left out: the chosen options say the same.
    """
    return {key[:KEY_LENGTH]: cut(written(value), PARAM_LENGTH) for key, value in _leaves(config, "")}


def _leaves(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if str(key).startswith("_"):
            continue
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def tags(values: Mapping[str, Any]) -> dict[str, str]:
    """Writes every tag that is not None."""
    return {key: cut(written(value), TAG_LENGTH) for key, value in values.items() if value is not None}


def datasets(corpus: Corpus) -> list[dict[str, Any]]:
    """Describes each part as MLflow's dataset entity.

    MLflow takes two inputs of the same name and digest for one, and keeps the profile of the first that it met.
    So the digest tells the data, the part and its number of rows: `4a44a81d3b38-train-119996`.
    """
    source_type, key = ("http", "url") if corpus.source.startswith("http") else ("local", "uri")
    return [
        {
            "name": corpus.name,
            "digest": f"{corpus.sha256[:DIGEST_DIGITS]}-{part}-{len(reviews)}",
            "source_type": source_type,
            "source": cut(json.dumps({key: corpus.source}), SOURCE_LENGTH),
            "schema": SCHEMA,
            "profile": json.dumps(_profile(reviews, corpus.classes), ensure_ascii=False),
            "tags": {
                "mlflow.data.context": part,
                "sha256": corpus.sha256,
                "language": corpus.language,
                "licence": cut(corpus.licence, INPUT_TAG_LENGTH),
            },
        }
        for part, reviews in corpus.splits.items()
    ]


def _profile(reviews: Reviews, classes: Sequence[str]) -> dict[str, Any]:
    """Counts of a part, and how long its texts are; `num_rows` is MLflow's own name."""
    counts = np.bincount(reviews.labels[reviews.labels >= 0], minlength=len(classes)).tolist()
    texts = reviews.texts  # told by every trial, hence not made strings of
    lengths = texts.lengths if isinstance(texts, Texts) else [len(text) for text in texts]
    quantiles = np.quantile(lengths if len(texts) else [0], list(LENGTHS.values())).tolist()
    return {
        "num_rows": len(reviews),
        "labels": dict(zip(classes, counts, strict=False)),
        "characters": dict(zip(LENGTHS, quantiles, strict=True)),
    }


def written(value: Any) -> str:
    """Writes a value as the command line takes it: `null`, `true`, `[lstm, gru]` as JSON, words as they are.

    Lone surrogates (from broken arguments) become question marks: no database takes them.
    """
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return words.encode(errors="replace").decode()


def cut(words: str, length: int) -> str:
    """Shortens what is too long for its place and says how long it was."""
    if len(words) <= length:
        return words
    note = f"… ({len(words):,} characters)"
    return words[: length - len(note)] + note
