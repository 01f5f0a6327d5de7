"""What a report is made from: looked up in MLflow, whatever machine this is."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bitjaru.errors import ReportError
from bitjaru.html_report.sections.finals import Record
from bitjaru.reporting.statistics import difference, wilson
from bitjaru.tracking.registry.last_group import Group, Tried, group
from bitjaru.tracking.registry.single_runs import DataInput, Profile, curves, data_of, last_of, named
from bitjaru.tracking.runs.finished_runs import artifact

FINALS = "report/finals.json"
KINDS = ("finals", "search", "grid")
CURVE = "valid_accuracy"


@dataclass(frozen=True)
class Searched:
    """A search or grid as the report needs it.

    Attributes:
        group: With its runs.
        curves: By run id, the validation curve of the best run of each architecture.
        data: By part, what is known of the data.
        about: `name`, `language`, `licence` and `sha256` of the data.
    """

    group: Group
    curves: Mapping[str, Sequence[float]]
    data: Mapping[str, Profile]
    about: Mapping[str, str]

    @property
    def valid_rows(self) -> int:
        """Reviews of the validation part; 0 where there is none."""
        return self.data["valid"].rows if "valid" in self.data else 0

    @property
    def alone(self) -> bool:
        """Whether it is a single run, which nothing stands beside."""
        return len(self.group.tried) == 1

    @cached_property
    def finished(self) -> list[Tried]:
        """Runs with a validation figure, the best first."""
        judged = [run for run in self.group.tried if run.status == "FINISHED" and run.objective is not None]
        return sorted(judged, key=lambda run: -self.sign * (run.objective or 0.0))

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return -1 if {run.tags.get("direction") for run in self.group.tried} == {"minimize"} else 1

    @property
    def objective(self) -> str:
        """What the runs were judged by: `valid_accuracy`, or another figure of the validation part."""
        return next((run.tags["objective"] for run in self.group.tried if "objective" in run.tags), CURVE)

    @cached_property
    def by_architecture(self) -> Mapping[str, Sequence[Tried]]:
        """Runs of each architecture, in the order of their best."""
        found = defaultdict[str, dict[str, Tried]](dict)
        for run in [*self.finished, *self.group.tried]:
            found[run.tags.get("architecture", "–")].setdefault(run.run_id, run)
        return {name: list(its.values()) for name, its in found.items()}


@dataclass(frozen=True)
class Source:
    """One result that is shown.

    Attributes:
        run_id: Of its own run.
        name: Of its own run.
        found: Figures of finals, or a search or grid with its runs.
    """

    run_id: str
    name: str
    found: Record | Searched


def sources(uri: str, run_ids: Sequence[str]) -> list[Source]:
    """Reads what is to be shown.

    Args:
        uri: Of the store.
        run_ids: Of finals, searches, grids or single runs; none for the last of the first three.

    Raises:
        ReportError: If one cannot be shown, or there is none.
        TrackingError: If the store does not answer or has no such run.
    """
    return [_source(uri, named(uri, run_id)) for run_id in run_ids] or [_source(uri, _last(uri))]


def _last(uri: str) -> Tried:
    found = last_of(uri, KINDS)
    if found is None:
        raise ReportError(
            "A report needs finals, a search or a grid. Received: a store without one. Run "
            "`bitjaru train -m architecture=lstm,gru` first, or name a run."
        )
    return found


def _source(uri: str, run: Tried) -> Source:
    kind = run.tags.get("kind")
    if kind == "finals":
        return Source(run.run_id, run.name, _finals(uri, run))
    if kind in {"search", "grid"}:
        return Source(run.run_id, run.name, _searched(uri, group(uri, [run.run_id])))
    return Source(run.run_id, run.name, _searched(uri, Group(run_ids=(run.run_id,), name=run.name, tried=(run,))))


def _finals(uri: str, run: Tried) -> Record:
    with tempfile.TemporaryDirectory() as folder:
        path = artifact(uri, run.run_id, FINALS, Path(folder))
        if path is None:
            raise ReportError(
                f"Finals must have ended before they are shown. Received: {run.name!r} ({run.run_id}, {run.status}), "
                f"without {FINALS}. `bitjaru finals` goes on with them."
            )
        found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found


def _searched(uri: str, found: Group) -> Searched:
    plain = Searched(found, {}, {}, {})
    best = [its[0].run_id for its in plain.by_architecture.values() if its[0].objective is not None]
    known = best or [run.run_id for run in found.tried[:1]]
    data = data_of(uri, known[0]) if known else DataInput({}, {})
    return Searched(found, curves(uri, best, CURVE), data.parts, data.about)


def ties(searched: Searched) -> list[Tried]:
    """Returns the runs that the validation part alone cannot tell from the best, by accuracy."""
    rows, finished = searched.valid_rows, searched.finished
    if not rows or not finished or searched.objective != CURVE:
        return []
    best = wilson(finished[0].objective or 0.0, rows)
    return [run for run in finished[1:] if 0.0 in difference(best, wilson(run.objective or 0.0, rows))]
