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
GROUPS = ("architecture", "tokenizer", "optimizer", "trainer")
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
    differences = _differences(found)
    for sheet in (_figures(found, given, part), *([differences] if differences else [])):
        show(sheet, console())
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
    from bitjaru.reporting.sheet import Column, Sheet
    from bitjaru.reporting.statistics import wilson
    from bitjaru.reporting.wording import milliseconds

    rows = []
    for place, (run, kept) in enumerate(zip(found, given, strict=True)):
        figure = str(wilson(accuracy(kept), len(kept)))
        rows.append([_name(found, place), figure, milliseconds(run.metrics.get("milliseconds_per_review")), run.run_id])
    return Sheet(
        title=f"{len(found)} runs, all {part} reviews ({len(given[0]):,})",
        columns=[
            Column("run", figures=False),
            *(Column(name) for name in (f"{part} accuracy", "ms a review")),
            Column("id", figures=False),
        ],
        rows=rows,
    )


def _differences(found: "Sequence[Candidate]") -> "Sheet | None":
    """What all runs have stands in a table; what some only have, as an architecture's own knobs are, in a line.

    Returns:
        None where the runs do not differ.
    """
    from bitjaru.reporting.overrides import shortened
    from bitjaru.reporting.sheet import Column, Sheet
    from bitjaru.reporting.wording import MISSING, short

    names = [_name(found, place) for place in range(len(found))]
    told = [_told(run) for run in found]
    differing = [key for key in dict.fromkeys(key for each in told for key in each) if not _alike(key, told)]
    if not differing:
        return None
    headed = shortened(differing)
    own: dict[str, list[str]] = {}
    rows = []
    for key in differing:
        having = [place for place, each in enumerate(told) if key in each]
        if len(having) < len(found) and _alike(key, [told[place] for place in having]):
            whose = ", ".join(names[place] for place in having)
            own.setdefault(whose, []).append(f"{headed[key]}={short(told[having[0]][key])}")
        else:
            rows.append([headed[key], *(short(each.get(key, MISSING)) for each in told)])
    return Sheet(
        title="what differs",
        columns=[Column("", figures=False, breaks=True), *(Column(name, figures=False, breaks=True) for name in names)],
        rows=rows,
        notes=[f"Only {whose}: {' '.join(knobs)}" for whose, knobs in own.items()],
    )


def _told(run: "Candidate") -> dict[str, str]:
    """The options of the config groups that a run was made of, and its knobs."""
    options = {key: run.tags[key] for key in GROUPS if key in run.tags}
    return options | {key: value for key, value in run.params.items() if not key.startswith(ELSEWHERE)}


def _alike(key: str, told: Sequence[Mapping[str, str]]) -> bool:
    return len({each.get(key) for each in told}) == 1


def _pairs(found: "Sequence[Candidate]", given: "Sequence[Answers]", part: str) -> "Sheet":
    from bitjaru.finals.analysis.sign_test import holm
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
