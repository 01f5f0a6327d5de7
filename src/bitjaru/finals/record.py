"""All figures of finals in one JSON file among their artifacts, for the report and for anybody's own analysis."""

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bitjaru.data.reviews import Corpus
from bitjaru.ensembles.candidates import SPEED
from bitjaru.finals.analysis.budgets import expected_best
from bitjaru.finals.analysis.calibration import reliability
from bitjaru.finals.analysis.mistakes import mistakes
from bitjaru.finals.analysis.verdicts import Verdict
from bitjaru.finals.explained import Moved
from bitjaru.finals.learning import Curves
from bitjaru.finals.listing import Analysis, calibration_error, sentences, wording
from bitjaru.reporting.statistics import Interval
from bitjaru.tracking.registry.last_group import Group

FORMAT = 1
QUANTILES = (0.5, 0.95, 1.0)
UNITS: Mapping[str, Callable[[str], Sequence[str]]] = {"characters": str, "words": str.split}
Explained = tuple[str, Callable[[Sequence[str]], Sequence[Moved]]]


def record(analysis: Analysis, searched: Group, curves: Curves, corpus: Corpus, *, explained: Explained) -> str:
    """Writes the figures.

    Args:
        analysis: Of the finals.
        searched: Where the finalists come from.
        curves: Their accuracy by how much they have learned from.
        corpus: The data.
        explained: A finalist, and what moved its answers to some texts.
    """
    scores, plan = analysis.scores, analysis.plan
    found: dict[str, Any] = {
        "format": FORMAT,
        "plan": dataclasses.asdict(plan),
        "sentences": sentences(analysis),
        "reviews": len(scores.keys),
        "finalists": [_finalist(analysis, place) for place in scores.by_mean],
        "verdicts": [
            {
                "one": scores.names[verdict.one],
                "other": scores.names[verdict.other],
                "difference": _interval(verdict.difference),
                "wins": verdict.wins,
                "p": verdict.p,
                "holm": verdict.holm,
                "word": verdict.word,
                "told": wording(verdict),
                "needs": _needs(verdict),
            }
            for place, one in enumerate(scores.by_mean)
            for other in scores.by_mean[place + 1 :]
            for verdict in [analysis.against(one, other)]
        ],
        "budgets": {each.name: _budgets(searched, each.name) for each in plan.finalists},
        "learning": {name: [dataclasses.asdict(point) for point in points] for name, points in curves.items()},
        "ensemble": analysis.mean_shares,
        "mistakes": _mistakes(analysis, corpus, explained),
        "data": _data(corpus, analysis.outcomes[0][0].rows),
    }
    return json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n"


def _needs(verdict: Verdict) -> int | str | None:
    """How many seeds would decide, or that only more test reviews can; None where it is decided."""
    if verdict.seeds_needed is None:
        return None
    return int(verdict.seeds_needed) if math.isfinite(verdict.seeds_needed) else "reviews"


def _mistakes(analysis: Analysis, corpus: Corpus, explained: Explained) -> dict[str, Any]:
    test, (name, moved) = corpus.splits.test, explained
    texts = [] if test is None else list(test.texts)
    found = dataclasses.asdict(mistakes(analysis.scores, texts, corpus.language))
    for example, tokens in zip(found["examples"], moved([each["text"] for each in found["examples"]]), strict=True):
        example["moved"] = [list(token) for token in tokens]
    return found | {"finalists": list(analysis.scores.names), "explained": name}


def _data(corpus: Corpus, rows: Mapping[str, int]) -> dict[str, Any]:
    """What the finals learned from: counts of the parts as they were used, and what reviews look like."""
    parts = {part: each.texts for part, each in corpus.splits.items()}
    return {
        "name": corpus.name,
        "language": corpus.language,
        "licence": corpus.licence,
        "sha256": corpus.sha256,
        "classes": list(corpus.classes),
        "rows": dict(rows),
        "labels": {part: np.bincount(each.labels[each.labels >= 0]).tolist() for part, each in corpus.splits.items()},
        "lengths": {
            unit: {part: _quantiles([len(cut(text)) for text in texts]) for part, texts in parts.items()}
            for unit, cut in UNITS.items()
        },
    }


def _quantiles(lengths: list[int]) -> list[float]:
    return [float(value) for value in np.quantile(lengths, QUANTILES)] if lengths else []


def _finalist(analysis: Analysis, place: int) -> dict[str, Any]:
    scores, commands, outcomes = analysis.scores, _commands(analysis, place), analysis.outcomes[place]
    bins = reliability(
        scores.probabilities[place].reshape(-1, scores.probabilities.shape[3]), scores.right[place].ravel()
    )
    return {
        "name": scores.names[place],
        "mean": _interval(analysis.resampled.mean(place)),
        "seeds": [float(value) for value in scores.accuracies[place]],
        "valid": [each.objective for each in outcomes],
        "calibration": [dataclasses.asdict(each) for each in bins],
        "calibration_error": calibration_error(scores, place),
        "milliseconds": [each.metrics[SPEED] for each in outcomes if SPEED in each.metrics],
        "seconds": [each.seconds for each in outcomes],
        "weights": outcomes[0].weights,
        "curve": [list(each.history.get("valid_accuracy", ())) for each in outcomes],
        "megabytes": analysis.megabytes[place],
        "commands": commands,
    }


def _commands(analysis: Analysis, place: int) -> list[str]:
    """The ensemble has none: it is chosen out of the others."""
    finalists = analysis.plan.finalists
    return [finalists[place].command(seed) for seed in analysis.plan.seeds] if place < len(finalists) else []


def _budgets(searched: Group, name: str) -> list[dict[str, float]]:
    tried = [run for run in searched.tried if run.tags.get("architecture") == name]
    judged = [(_last(run.metrics), run.seconds) for run in tried]
    kept = [(value, seconds) for value, seconds in judged if value is not None]
    if not kept:
        return []
    return [dataclasses.asdict(each) for each in expected_best(*map(list, zip(*kept, strict=True)))]


def _last(metrics: Any) -> float | None:
    """A pruned trial counts with what it had reached."""
    value = metrics.get("objective", metrics.get("valid_accuracy"))
    return None if value is None or math.isnan(value) else float(value)


def _interval(interval: Interval) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in (interval.value, interval.low, interval.high)]
