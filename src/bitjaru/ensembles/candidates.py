"""The runs that may join an ensemble, with their answers to the validation part."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bitjaru.errors import BundleError, ConfigError, DataError
from bitjaru.models.answers import FOLDER, Answers
from bitjaru.tracking.models.files import local_file
from bitjaru.tracking.registry.best_run import all_of_last_group
from bitjaru.tracking.registry.candidate import Candidate, candidate

PARTS = {"valid": "validation", "test": "test"}
SPEED, TOKEN_KEYS = "milliseconds_per_review", "token_cache_key"


@dataclass(frozen=True)
class Candidates:
    """M runs that have answered the same reviews.

    Attributes:
        runs: M of them.
        valid: Of each run, its answers to all N validation reviews, in one order.
        left_out: Runs of the last search or grid that cannot join, and why.
    """

    runs: Sequence[Candidate]
    valid: Sequence[Answers]
    left_out: Mapping[str, str]

    def tokenizers(self, member: int) -> list[str]:
        """Returns names of the tokenizers that a run's model needs; equal names are equal tokenizers."""
        return [key for key in self.runs[member].tags.get(TOKEN_KEYS, "").split(", ") if key]


def named(uri: str, run_ids: Sequence[str]) -> Candidates:
    """Reads these runs.

    Raises:
        ConfigError: If there are not two different ones, or they do not fit together.
        TrackingError: If there is no such run, or it left no model.
        BundleError: If the model of one is gone.
    """
    if twice := [run for run, often in Counter(run_ids).items() if often > 1]:
        raise ConfigError(f"Every run can be named once. Received: {', '.join(twice)}, named more often.")
    runs = [candidate(uri, run_id) for run_id in run_ids]
    return _fitting(runs, [_validation(uri, run) for run in runs], {})


def of_last_group(uri: str) -> Candidates:
    """Reads the finished runs of the last search or grid; those whose answers are gone are left out.

    Raises:
        ConfigError: If there are not two, or they do not fit together.
        TrackingError: If there is no search or grid.
    """
    runs, given, left_out = [], [], {}
    for run in all_of_last_group(uri):
        try:
            kept = _validation(uri, run)
        except (BundleError, DataError) as error:
            left_out[f"{run.name} ({run.run_id})"] = str(error)
            continue
        runs.append(run)
        given.append(kept)
    return _fitting(runs, given, left_out)


def answers(uri: str, run: Candidate, part: str) -> Answers:
    """Returns a run's answers to all reviews of a part.

    Raises:
        BundleError: If they are gone.
        DataError: If the run had no such part.
    """
    if part not in run.rows:
        name = PARTS[part]
        raise DataError(
            f"A run must have answered a {name} part. Received: run {run.name} ({run.run_id}), which has none. "
            f"Train with `dataset.{name}.fraction` above 0."
        )
    return Answers.load(_file(uri, run, part))


def _validation(uri: str, run: Candidate) -> Answers:
    """Sorted, so that those of all candidates stand in one order."""
    kept = answers(uri, run, "valid")
    return kept.take(np.argsort(kept.keys, kind="stable"))


def _file(uri: str, run: Candidate, part: str) -> Path:
    try:
        return local_file(uri, run.source, f"data/{FOLDER}/{part}.npz")
    except BundleError as error:
        raise BundleError(
            f"A member's answers must be there. Received: run {run.name} ({run.run_id}): {error} Its task may "
            "keep none, or its files were deleted. Name other runs with `--runs`."
        ) from error


def _fitting(runs: Sequence[Candidate], answers: Sequence[Answers], left_out: Mapping[str, str]) -> Candidates:
    if len(runs) < 2:
        said = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise ConfigError(
            f"An ensemble needs at least two runs with answers. Received: {len(runs)}. {said or 'Train more of them'}. "
            "Name them with `--runs A,B,C`."
        )
    first = runs[0]
    for run, kept in zip(runs, answers, strict=True):
        for what, tag in (("task", "task"), ("data", "data_sha256")):
            if run.tags.get(tag) != first.tags.get(tag):
                raise _misfit(what, first, str(first.tags.get(tag)), run, str(run.tags.get(tag)))
        if not np.array_equal(kept.keys, answers[0].keys):
            raise _misfit("split", first, f"{len(answers[0]):,} validation reviews", run, f"{len(kept):,} others")
        if kept.probabilities.shape != answers[0].probabilities.shape:
            raise _misfit(
                "classes", first, str(answers[0].probabilities.shape[1]), run, str(kept.probabilities.shape[1])
            )
    return Candidates(runs, answers, left_out)


def _misfit(what: str, one: Candidate, its: str, other: Candidate, others: str) -> ConfigError:
    return ConfigError(
        f"All members must have the same {what}. Received: run {one.name} ({one.run_id}) with {its[:40]}, run "
        f"{other.name} ({other.run_id}) with {others[:40]}. Name runs that fit with `--runs`."
    )
