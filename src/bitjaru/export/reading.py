"""What another program must know to ask an exported model: how a text becomes the graph's inputs."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from omegaconf import OmegaConf

from bitjaru.data.vocabulary import OUT_OF_VOCABULARY, PADDING
from bitjaru.models import TextModel
from bitjaru.models.bundle import Bundle
from bitjaru.models.ensemble import MEMBERS, EnsembleModel
from bitjaru.models.linear import LinearModel
from bitjaru.models.network import VOCABULARIES, Network

FILE, FORMAT = "reading.json", 1


def description(bundle: Bundle, model: TextModel) -> Mapping[str, Any]:
    """Describes it in plain values.

    Args:
        bundle: Cleans texts, and names the classes.
        model: Of the bundle, or a member of it.
    """
    return {
        "format": FORMAT,
        "classes": list(getattr(bundle.task, "classes", ())),
        "cleaning": OmegaConf.select(bundle.config, "dataset._target_"),
        **_of(model),
    }


def _of(model: TextModel) -> Mapping[str, Any]:
    if isinstance(model, EnsembleModel):
        return {"members": {f"{MEMBERS}/{run}": member.share for run, member in model.members.items()}}
    if isinstance(model, LinearModel):
        counting = {name: value for name, value in asdict(model.fitted.counting).items() if name != "minimum_count"}
        return {"inputs": {"places": "int64", "times": "float32"}, "ngrams": {"file": "ngrams.json", **counting}}
    if isinstance(model, Network):
        return {
            "inputs": {"ids": "int32"},
            "padding_id": PADDING,
            "unknown_id": OUT_OF_VOCABULARY,
            "views": _views(model),
        }
    return {}


def _views(model: Network) -> Mapping[str, Any]:
    return {
        name: {
            "columns": [columns.start, columns.stop],
            "padding": view.padding,
            "tokenizer": {"engine": view.tokenizer.engine, **_options(view.tokenizer)},
            "vocabulary": {"file": f"{VOCABULARIES}/{name}.json", "kind": view.vocabulary},
        }
        for (name, view), columns in zip(model.reading.views.items(), model.reading.columns.values(), strict=True)
    }


def _options(tokenizer: Any) -> Mapping[str, Any]:
    part = f"{type(tokenizer).__module__}.{type(tokenizer).__name__}"
    options = asdict(tokenizer) if is_dataclass(tokenizer) and not isinstance(tokenizer, type) else {}
    return {"part": part, "options": {name: value for name, value in options.items() if _is_plain(value)}}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | list | tuple)
