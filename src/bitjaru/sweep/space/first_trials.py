"""A search's first trials, where it asks for them: every option as its files describe it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from bitjaru.sweep.space import example_configs, plan
from bitjaru.sweep.space.composition import Composition
from bitjaru.sweep.space.grammar import parse
from bitjaru.sweep.space.space import Knob, Space, holds

ENQUEUED = "defaults enqueued"


def enqueue(study: optuna.Study, space: Space, composition: Composition) -> None:
    """Puts a trial for each choice on which knobs depend into the study, ahead of all that a sampler chooses.

    A default that is not among the values that are searched is left to the sampler. Once for a study, also when it is
    broken off in the middle.
    """
    if study.user_attrs.get(ENQUEUED):
        return
    configs = example_configs.every(space, composition)
    for chosen, config in zip(plan.combinations(space), configs, strict=True):
        study.enqueue_trial(_defaults(space, chosen, config, composition.defaults), skip_if_exists=True)
    study.set_user_attr(ENQUEUED, True)


def _defaults(
    space: Space, chosen: plan.Choices, config: Mapping[str, Any], options: Mapping[str, str]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for knob in space.knobs:
        if not holds(knob.when, values):
            continue
        key = knob.key.lstrip("+")
        option = chosen.get(knob.name, options.get(key))
        setting = _setting(config, key) if option is None else option
        for value in _as_searched(knob, setting):
            values[knob.name] = value
    return values


def _setting(config: Mapping[str, Any], key: str) -> Any:
    node: Any = config
    for step in key.split("."):
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _as_searched(knob: Knob, setting: Any) -> Sequence[Any]:
    """Returns a setting as Optuna knows it, to whom a list is the text that it is written as; none if not searched."""
    match knob.distribution:
        case CategoricalDistribution(choices=choices):
            written = [parse(f"{knob.key}={text}").value() for text in knob.texts or ()]
            same = [type(value) is type(setting) and value == setting for value in written or choices]
            return [choices[same.index(True)]] if any(same) else []
        case IntDistribution(low=low, high=high, step=step):
            return [setting] if type(setting) is int and setting in range(low, high + 1, step) else []
        case FloatDistribution(low=low, high=high, step=step):
            inside = type(setting) in (int, float) and low <= setting <= high
            return [setting] if inside and (not step or abs(math.remainder(setting - low, step)) < step / 1e6) else []
    return []
