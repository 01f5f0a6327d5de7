"""A small search, for tests: two architectures with knobs of their own."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
from optuna.samplers import BaseSampler

from bitjaru.sweep.execution.executors import Executor, Inline, Sink
from bitjaru.sweep.execution.jobs import Runner
from bitjaru.sweep.execution.platform import Watcher
from bitjaru.sweep.failure_limits import Limits
from bitjaru.sweep.loop import Loop
from bitjaru.sweep.space.composition_cache import Composed
from bitjaru.sweep.space.grammar import distribution, parse
from bitjaru.sweep.space.space import Knob, Space
from bitjaru.sweep.study.identity import Identity
from bitjaru.sweep.study.study import open_study
from bitjaru.tasks import Direction
from sweep import runners


def knob(line: str, **when: str) -> Knob:
    values, texts = distribution(parse(line))
    key, _, said = line.partition("=")
    name = ".".join([*when.values(), key])
    return Knob(name=name, key=key, distribution=values, texts=texts, when=(when,) if when else (), said=said)


SPACE = Space((knob("x=interval(-5,5)"),))
IDENTITY = Identity(directions=("maximize",), space=SPACE.describe(), settings={}, data="d" * 64, code="1")


def limits(**changes: Any) -> Limits:
    usual: dict[str, Any] = {
        "max_failure_rate": 1.0,
        "identical_failures": 100,
        "retries": 2,
        "trial_timeout": None,
        "timeout": None,
    }
    return Limits(**{**usual, **changes})


LIMITS = limits()


def search(  # noqa: PLR0913 - everything that a test may change
    folder: Path,
    *,
    n_trials: int,
    space: Space = SPACE,
    runner: Runner = runners.square,
    sampler: BaseSampler | None = None,
    pruner: optuna.pruners.BasePruner | None = None,
    storage: optuna.storages.BaseStorage | None = None,
    directions: tuple[Direction, ...] = ("minimize",),
    executor: Any = None,
    limits: Limits = LIMITS,
    watchers: Sequence[Watcher] = (),
) -> optuna.Study:
    study = open_study(
        "study",
        storage or optuna.storages.InMemoryStorage(),
        replace(IDENTITY, space=space.describe(), directions=directions),
        sampler=sampler or optuna.samplers.RandomSampler(seed=7),
        pruner=pruner or optuna.pruners.NopPruner(),
    )

    def inline(sink: Sink) -> Executor:
        return Inline(runner, sink)

    loop = Loop(study, space, limits, n_trials, lambda _, number: Composed({}, {}, folder / str(number)), watchers)
    engine: Executor = (executor or inline)(loop)
    try:
        loop.run(engine)
    finally:
        engine.shutdown()
    return study
