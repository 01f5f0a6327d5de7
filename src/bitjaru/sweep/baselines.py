"""A search's first trials, where it asks for them: every option as its files describe it."""

import math
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from bitjaru.sweep import plan, representatives
from bitjaru.sweep.composing import Composition
from bitjaru.sweep.space import Knob, Space, holds

ENQUEUED = "defaults enqueued"


def enqueue(study: optuna.Study, space: Space, composition: Composition) -> None:
    """Puts a trial for each choice on which knobs depend into the study, ahead of all that a sampler chooses.

    A default that is not among the values that are searched is left to the sampler. Once for a study, also when it is
    broken off in the middle.
    """
    if study.user_attrs.get(ENQUEUED):
        return
    configs = representatives.every(space, composition)
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
        value = _setting(config, key) if option is None else option
        if _is_searched(knob, value):
            values[knob.name] = value
    return values


def _setting(config: Mapping[str, Any], key: str) -> Any:
    node: Any = config
    for step in key.split("."):
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _is_searched(knob: Knob, value: Any) -> bool:
    match knob.distribution:
        case CategoricalDistribution(choices=choices):
            return any(type(choice) is type(value) and choice == value for choice in choices)
        case IntDistribution(low=low, high=high, step=step):
            return type(value) is int and low <= value <= high and (value - low) % step == 0
        case FloatDistribution(low=low, high=high, step=step):
            if type(value) not in (int, float) or not low <= value <= high:
                return False
            return step is None or abs(math.remainder(value - low, step)) < step / 1e6
    return False
