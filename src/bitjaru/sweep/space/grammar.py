"""Hydra's override grammar as knobs. Only this file, those that read a search and those that compose know Hydra."""

import math
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, Quote, QuotedString, RangeSweep, Sweep
from hydra.errors import HydraException
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from bitjaru.errors import ConfigError
from bitjaru.override_help import FORMS, explain
from bitjaru.sweep.space.space import Knob

TAGS = frozenset({"log"})
DIGITS = 12
ROUNDING = 1e-9  # 0.3 + 0.3 + 0.3 is a little less than 0.9


@lru_cache(maxsize=1_000)  # most of a trial's lines are those of the trial before; nobody changes what they became
def parse(line: str, *, loader: Any = None) -> Override:
    """Parses one override.

    Args:
        line: As on the command line.
        loader: Hydra's config loader, which `glob(…)` asks for the options of a group.

    Raises:
        ConfigError: If the grammar does not allow it; the message shows the token.
    """
    try:
        return _parser(loader).parse_overrides([line])[0]
    except (HydraException, ValueError, TypeError) as error:
        raise ConfigError(explain(line, str(error))) from error


@cache
def _parser(loader: Any) -> OverridesParser:
    return OverridesParser.create(config_loader=loader)


def knob(name: str, override: Override, when: tuple[Mapping[str, str], ...]) -> Knob:
    """Makes a knob of a searched override.

    Args:
        name: Optuna's name of it.
        override: What is searched.
        when: The choices that have a place for it; empty: all.

    Raises:
        ConfigError: If the range is empty or contradicts itself.
    """
    values, texts = distribution(override)
    said = override.get_value_string()
    if isinstance(values, CategoricalDistribution):
        said = f"choice({', '.join(texts or ())})"
    key = override.get_key_element()
    return Knob(name=name.lstrip("+"), key=key, distribution=values, texts=texts, when=when, said=said)


def distribution(override: Override) -> tuple[BaseDistribution, tuple[str, ...] | None]:
    """Turns a searched override into Optuna's description of its values.

    Returns:
        The distribution and, for a choice, how each value is written in an override.

    Raises:
        ConfigError: If the range is empty or contradicts itself.
    """
    value = override.value()
    _check_tags(override, value)
    try:
        if override.is_choice_sweep():
            return _choice(override)
        if isinstance(value, RangeSweep):
            return _shuffled(value) if value.shuffle else (_range(value), None)
        if isinstance(value, IntervalSweep):
            return _interval(value), None
    except ValueError as error:
        raise ConfigError(
            f"What is searched must be a range or a choice with values. Received: {override.input_line} ({error})."
        ) from error
    raise ConfigError(f"A searched parameter must be one of {FORMS}. Received: {override.input_line}.")


def _check_tags(override: Override, value: Any) -> None:
    tags = value.tags if isinstance(value, Sweep) else set()
    if unknown := sorted(tags - TAGS):
        raise ConfigError(f"A tag must be `log`. Received: {', '.join(unknown)} in {override.input_line}.")
    if tags and not isinstance(value, IntervalSweep | RangeSweep):
        raise ConfigError(f"`tag(log, …)` must hold an interval or a range. Received: {override.input_line}.")


def _choice(override: Override) -> tuple[BaseDistribution, tuple[str, ...]]:
    written = tuple(zip(override.sweep_iterator(), override.sweep_string_iterator(), strict=True))
    values = tuple(_primitive(value, text) for value, text in written)
    texts = tuple(_requoted(value, text) for value, text in written)
    if not values:
        raise ValueError("no value is left")
    if len(set(texts)) < len(texts):
        raise ValueError("a value is named twice")
    return CategoricalDistribution(values), texts


def _primitive(value: Any, text: str) -> Any:
    # Optuna stores JSON primitives; a list or a dict is known by how it is written.
    if value is None or isinstance(value, bool | int | float):
        return value
    return value if isinstance(value, str) else text.strip("'\"")


def _requoted(value: Any, text: str) -> str:
    """Hydra's grammar forgets the quotes of '3' inside choice(…): they are put back where they matter."""
    if not isinstance(value, str) or parse(f"key={text}").value() == value:
        return text
    return QuotedString(value, Quote.single).with_quotes()


def _range(sweep: RangeSweep) -> IntDistribution | FloatDistribution:
    """Both ends are in, as in the official plugin, where a grid of Hydra's leaves the end of a range out."""
    start, stop, step = sweep.start or 0, sweep.stop or 0, sweep.step
    if step == 0:
        raise ValueError("the step is 0")
    steps = math.floor((stop - start) / step + ROUNDING)
    if steps < 0:
        raise ValueError(f"nothing lies from {start} to {stop} in steps of {step}")
    low, high = sorted((start, round(start + steps * step, DIGITS)))
    log = "log" in sweep.tags
    if log and abs(step) != 1:
        raise ValueError("tag(log, …) and a step exclude each other")
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, step=1 if log else int(abs(step)), log=log)
    return FloatDistribution(low, high, log=True) if log else FloatDistribution(low, high, step=abs(float(step)))


def _shuffled(sweep: RangeSweep) -> tuple[BaseDistribution, tuple[str, ...]]:
    """A shuffled range has no order that a sampler could use: its values are a choice, as in the official plugin."""
    whole = _range(sweep)
    step = whole.step or 1
    count = round((whole.high - whole.low) / step)
    values = [round(whole.low + place * step, DIGITS) for place in range(count + 1)]
    return CategoricalDistribution(values), tuple(str(value) for value in values)


def _interval(sweep: IntervalSweep) -> BaseDistribution:
    low, high, log = sweep.start, sweep.end, "log" in sweep.tags
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("both ends must be numbers")
    if low > high:
        raise ValueError(f"the lower end {low} is above the upper end {high}")
    if log and low <= 0:
        raise ValueError(f"a logarithmic range must start above 0, not at {low}")
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, log=log)
    return FloatDistribution(float(low), float(high), log=log)
