"""What a sweep may try: settings that stay, knobs that are searched, and when a knob exists at all."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from bitjaru.errors import ConfigError

Choices = Mapping[str, str]


def holds(when: Sequence[Choices], chosen: Mapping[str, Any]) -> bool:
    """Returns whether one of the combinations of options in `when` was chosen; none given means always."""
    return not when or any(all(chosen.get(group) == option for group, option in one.items()) for one in when)


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """A setting that every trial gets that has a place for it.

    Attributes:
        line: The override, complete: `max_len=40`.
        when: The choices that have a place for it; empty: all.
    """

    line: str
    when: tuple[Choices, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Knob:
    """A parameter that is searched.

    Attributes:
        name: Optuna's name of it. Options have their own ranges, so theirs carry the option: `architecture.lstm.units`.
        key: The left side of the override: `architecture.units`, or a config group.
        distribution: Optuna's description of the values.
        texts: For a choice, how each value is written in an override; None for numbers.
        when: The choices that have this knob; empty: all.
        said: The range as it was written, for people.
        unused: The choices that have no use for it. The sampler draws it for them too, or else the draws of all others
            would change and none could be modelled together with the choice; their trials do not get it.
    """

    name: str
    key: str
    distribution: BaseDistribution
    texts: tuple[str, ...] | None
    when: tuple[Choices, ...] = ()
    said: str = ""
    unused: tuple[Choices, ...] = ()

    def is_used(self, chosen: Mapping[str, Any]) -> bool:
        """Returns whether a trial that chose these options has a use for this knob."""
        return not self.unused or not holds(self.unused, chosen)

    def line(self, value: Any) -> str:
        """Returns the override that gives this knob a value."""
        if not isinstance(self.distribution, CategoricalDistribution) or self.texts is None:
            return f"{self.key}={value!r}"
        return f"{self.key}={self.texts[int(self.distribution.to_internal_repr(value))]}"

    def values(self) -> list[Any]:
        """Lists every value, in order.

        Raises:
            ConfigError: If there is no end to them.
        """
        match self.distribution:
            case CategoricalDistribution(choices=choices):
                return list(choices)
            case IntDistribution(low=low, high=high, step=step):
                return list(range(low, high + 1, step))
            case FloatDistribution(low=low, high=high, step=float(step)):
                return [low + place * step for place in range(round((high - low) / step) + 1)]
        raise ConfigError(
            f"An exhaustive search needs knobs with a list of values. Received: {self.name}={self.said}. "
            "Write choice(…) or range(…) with a step, or use another sampler."
        )


@dataclass(frozen=True)
class Space:
    """Everything that a trial is made of, in the order in which it was written.

    Attributes:
        entries: Settings and knobs. A knob on which others depend is a config group and has no condition itself.
    """

    entries: tuple[Fixed | Knob, ...]

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The searched parameters; those without a condition first."""
        knobs = [entry for entry in self.entries if isinstance(entry, Knob)]
        return tuple(sorted(knobs, key=lambda knob: bool(knob.when)))

    def suggest(self, trial: optuna.Trial) -> dict[str, Any]:
        """Lets the sampler choose: first what others depend on, then only the knobs that exist for that choice.

        Returns:
            The value of each active knob, by name.
        """
        values: dict[str, Any] = {}
        for knob in self.knobs:
            if holds(knob.when, values):
                values[knob.name] = _suggest(trial, knob)
        return values

    def overrides(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the override lines of a trial that drew these values."""
        return tuple(
            entry.line(values[entry.name]) if isinstance(entry, Knob) else entry.line
            for entry in self.entries
            if (
                entry.name in values and entry.is_used(values) if isinstance(entry, Knob) else holds(entry.when, values)
            )
        )

    def grid(self) -> Iterator[dict[str, Any]]:
        """Yields every combination once, the last knob changing fastest; where a knob has no use, its first value only.

        Raises:
            ConfigError: If a knob has no end of values.
        """
        always = [knob for knob in self.knobs if not knob.when]
        conditional = [knob for knob in self.knobs if knob.when]
        for outer in _product(always):
            active = [knob for knob in conditional if holds(knob.when, outer)]
            if all(knob.is_used(outer) or outer[knob.name] == knob.values()[0] for knob in always):
                yield from (outer | inner for inner in _product(active))

    def describe(self) -> dict[str, str]:
        """Returns what is searched and what is fixed in words: two equal spaces give equal descriptions."""
        described = {}
        for entry in self.entries:
            name, _, said = (entry.name, "", entry.said) if isinstance(entry, Knob) else entry.line.partition("=")
            described[name] = said + _condition(entry.when)
        return described


def _suggest(trial: optuna.Trial, knob: Knob) -> Any:
    match knob.distribution:
        case CategoricalDistribution(choices=choices):
            return trial.suggest_categorical(knob.name, choices)
        case IntDistribution(low=low, high=high, step=step, log=log):
            return trial.suggest_int(knob.name, low, high, step=step, log=log)
        case FloatDistribution(low=low, high=high, step=step, log=log):
            return trial.suggest_float(knob.name, low, high, step=step, log=log)
    raise TypeError(f"A knob is a choice, an integer or a float. Received: {knob.distribution}.")


def _product(knobs: Sequence[Knob]) -> Iterator[dict[str, Any]]:
    names = [knob.name for knob in knobs]
    for values in itertools.product(*(knob.values() for knob in knobs)):
        yield dict(zip(names, values, strict=True))


def _condition(when: Sequence[Choices]) -> str:
    if not when:
        return ""
    return " for " + " or ".join(", ".join(f"{group}={option}" for group, option in one.items()) for one in when)
