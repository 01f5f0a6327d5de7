"""All figures of finals in one JSON file among their artifacts, for the report and for anybody's own analysis."""

import dataclasses
import json
import math
from typing import Any

from bitjaru.data.reviews import Corpus
from bitjaru.finals.analysis.budgets import expected_best
from bitjaru.finals.analysis.calibration import reliability
from bitjaru.finals.analysis.mistakes import mistakes
from bitjaru.finals.learning import Curves
from bitjaru.finals.listing import Analysis, calibration_error, sentences, wording
from bitjaru.reporting.statistics import Interval
from bitjaru.tracking.registry.last_group import Group

FORMAT = 1
SPEED = "milliseconds_per_review"


def record(analysis: Analysis, searched: Group, curves: Curves, corpus: Corpus, test: list[str]) -> str:
    """Writes the figures.

    Args:
        analysis: Of the finals.
        searched: Where the finalists come from.
        curves: Their accuracy by how much they have learned from.
        corpus: The data.
        test: The texts of its test part.
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
            }
            for place, one in enumerate(scores.by_mean)
            for other in scores.by_mean[place + 1 :]
            for verdict in [analysis.against(one, other)]
        ],
        "budgets": {each.name: _budgets(searched, each.name) for each in plan.finalists},
        "learning": {name: [dataclasses.asdict(point) for point in points] for name, points in curves.items()},
        "mistakes": dataclasses.asdict(mistakes(scores, test, corpus.language)) | {"finalists": list(scores.names)},
        "data": {
            "name": corpus.name,
            "language": corpus.language,
            "licence": corpus.licence,
            "sha256": corpus.sha256,
            "classes": list(corpus.classes),
        },
    }
    return json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n"


def _finalist(analysis: Analysis, place: int) -> dict[str, Any]:
    scores, plan, outcomes = analysis.scores, analysis.plan.finalists[place], analysis.outcomes[place]
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
        "commands": [plan.command(seed) for seed in analysis.plan.seeds],
    }


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
