"""`bitjaru compare`."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Annotated

import typer

from bitjaru.commands.arguments import Override

if TYPE_CHECKING:
    from bitjaru.models.answers import Answers
    from bitjaru.reporting.sheet import Sheet
    from bitjaru.tracking.registry.candidate import Candidate

SEED = 42  # of the bootstrap
LEVEL = 0.05
ELSEWHERE = ("tracking.", "hydra.")  # where a run is stored does not change what it is


def compare(
    runs: Annotated[list[str], typer.Argument(help="Run ids, two or more.")],
    *,
    part: Annotated[str, typer.Option(help="test or valid.")] = "test",
    overrides: Override = None,
) -> None:
    """Sets runs beside each other on the same reviews: what differs, and the paired test of every pair."""
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.ensembles.candidates import answers
    from bitjaru.errors import ConfigError
    from bitjaru.reporting.sheet import show
    from bitjaru.terminal import console
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.registry.candidate import candidate

    if part not in ("test", "valid"):
        raise ConfigError(f"`--part` must be test or valid. Received: {part!r}.")
    named = list(dict.fromkeys(runs))
    if len(named) < 2:
        raise ConfigError(f"A comparison needs two different runs. Received: {len(named)}. `bitjaru runs` lists them.")
    uri = store_of(build_part(compose_config(overrides or []), "tracking"))
    found = [candidate(uri, run_id) for run_id in named]
    _same_data(found)
    given = [answers(uri, run, part) for run in found]
    show(_figures(found, given, part), console())
    console().print()
    show(_pairs(found, given, part), console())


def _same_data(found: "Sequence[Candidate]") -> None:
    from bitjaru.errors import ConfigError

    for tag in ("task", "data_sha256"):
        values = {run.tags.get(tag, "") for run in found}
        if len(values) > 1:
            said = ", ".join(f"{run.name} ({run.tags.get(tag, '')[:12]})" for run in found)
            raise ConfigError(f"Runs can be compared on the same data and task. Received different {tag}: {said}.")


def _figures(found: "Sequence[Candidate]", given: "Sequence[Answers]", part: str) -> "Sheet":
    from bitjaru.models.answers import accuracy
    from bitjaru.reporting.overrides import shortened
    from bitjaru.reporting.sheet import Column, Sheet
    from bitjaru.reporting.statistics import wilson

    differing = _differing([run.params for run in found])
    names = shortened(differing)
    rows = []
    for run, kept in zip(found, given, strict=True):
        milliseconds = run.metrics.get("milliseconds_per_review")
        knobs = " ".join(f"{names[key]}={run.params[key]}" for key in differing if key in run.params)
        figure = str(wilson(accuracy(kept), len(kept)))
        rows.append([run.run_id, run.name, figure, "–" if milliseconds is None else f"{milliseconds:.2f}", knobs])
    return Sheet(
        title=f"{len(found)} runs, all {part} reviews ({len(given[0]):,})",
        columns=[
            *(Column(name, figures=False) for name in ("id", "run")),
            *(Column(name) for name in (f"{part} accuracy", "ms")),
            Column("what differs", figures=False, breaks=True),
        ],
        rows=rows,
    )


def _differing(params: Sequence[Mapping[str, str]]) -> list[str]:
    keys = dict.fromkeys(key for each in params for key in each if not key.startswith(ELSEWHERE))
    return [key for key in keys if len({each.get(key) for each in params}) > 1]


def _pairs(found: "Sequence[Candidate]", given: "Sequence[Answers]", part: str) -> "Sheet":
    from bitjaru.finals.analysis.verdicts import holm
    from bitjaru.models.answers import right
    from bitjaru.reporting.paired import Pairs, bootstrap, mcnemar
    from bitjaru.reporting.sheet import Column, Sheet

    places = list(combinations(range(len(found)), 2))
    counted = [Pairs.count(*map(right, given[one].shared(given[other]))) for one, other in places]
    tests = [mcnemar(pairs) for pairs in counted]
    rows = []
    for (one, other), pairs, test, corrected in zip(
        places, counted, tests, holm([each.p for each in tests]), strict=True
    ):
        gap = bootstrap(pairs, seed=SEED)
        found_word = "better" if gap.value > 0 else "worse"
        rows.append(
            [
                f"{_name(found, one)} – {_name(found, other)}",
                f"{100 * gap.value:+z.2f}",
                f"[{100 * gap.low:+z.2f}, {100 * gap.high:+z.2f}]",
                f"{pairs.first_only:,} : {pairs.second_only:,}",
                f"{test.p:.2g}",
                f"{corrected:.2g}",
                found_word if corrected < LEVEL else "tie",
            ]
        )
    return Sheet(
        title="every pair",
        columns=[
            Column("", figures=False),
            *(Column(name) for name in ("points", "95 %", "only one right", "McNemar p", "Holm p")),
            Column("the first is", figures=False),
        ],
        rows=rows,
        notes=[
            f"Paired, on the same {part} reviews. One training each: noise between seeds comes on top.",
            "With many seeds: `bitjaru finals`.",
            *(["Whoever chooses by the test part has none left to judge by."] if part == "test" else []),
        ],
    )


def _name(found: "Sequence[Candidate]", place: int) -> str:
    names = [run.name for run in found]
    return names[place] if names.count(names[place]) == 1 else f"{names[place]} {found[place].run_id[:6]}"
