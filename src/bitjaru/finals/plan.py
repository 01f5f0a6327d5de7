"""What the finals will run, frozen before the first of them: nothing that the test part says can change it."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitjaru.errors import DataError
from bitjaru.files import sealed, unsealed, write_text
from bitjaru.finals import ensemble
from bitjaru.finals.finalists import Finalist, seeded

FILE = "plan.json"
CURVE_SEEDS = 3  # of the learning curves, which show a course and decide nothing


@dataclass(frozen=True)
class Final:
    """One run: a finalist with a seed.

    Attributes:
        finalist: Its name.
        seed: Of weights, order, dropout and validation part.
        fraction: Of the training part that it learns from.
        overrides: After `python train.py`.
        folder: Below the finals' own.
    """

    finalist: str
    seed: int
    fraction: float
    overrides: tuple[str, ...]
    folder: str


@dataclass(frozen=True)
class Plan:
    """The finals as they are meant.

    Attributes:
        groups: Run ids of the searches or grids.
        searched: Their names.
        dataset: On which.
        finalists: F of them.
        seeds: S.
        margin: Differences of accuracy below it do not matter.
        fractions: Shares of the training part, below 1, with which the learning curves are drawn.
        ensemble: Whether one out of the finalists is judged beside them.
        commit: Of the code, as git names it; empty where it is not known.
    """

    groups: tuple[str, ...]
    searched: str
    dataset: str
    finalists: tuple[Finalist, ...]
    seeds: tuple[int, ...]
    margin: float
    fractions: tuple[float, ...]
    ensemble: bool
    commit: str

    @property
    def identity(self) -> str:
        """Names what is asked: the same question goes on where it was interrupted."""
        finalists = [(each.name, each.overrides) for each in self.finalists]
        asked = [self.groups, self.seeds, self.margin, self.fractions, self.ensemble, finalists]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:10]

    @property
    def names(self) -> list[str]:
        """Returns the names of all that are judged: the finalists, and last the ensemble of them."""
        return [*(each.name for each in self.finalists), *([ensemble.NAME] if self.ensemble else [])]

    def finals(self) -> Iterator[Final]:
        """Yields the runs that are judged, seed by seed, so that after each seed all finalists can be compared."""
        for seed in self.seeds:
            for finalist in self.finalists:
                overrides = (*finalist.overrides, *seeded(seed))
                yield Final(finalist.name, seed, 1.0, overrides, f"{finalist.name}/{seed}")

    def learning(self) -> Iterator[Final]:
        """Yields the runs on shares of the training part, with the first seeds."""
        for seed in self.seeds[:CURVE_SEEDS]:
            for fraction in self.fractions:
                for finalist in self.finalists:
                    overrides = (*finalist.overrides, *seeded(seed), f"train_fraction={fraction:g}")
                    yield Final(finalist.name, seed, fraction, overrides, f"{finalist.name}/{seed}-of-{fraction:g}")

    def save(self, folder: Path) -> None:
        """Writes it."""
        write_text(folder / FILE, json.dumps(sealed(dataclasses.asdict(self)), ensure_ascii=False, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Plan":
        """Reads it.

        Raises:
            DataError: If it is missing or damaged.
        """
        path = folder / FILE
        try:
            kept: dict[str, Any] = unsealed(json.loads(path.read_text()))
            entries: Sequence[dict[str, Any]] = kept.pop("finalists")
            finalists = tuple(Finalist(**{**each, "overrides": tuple(each["overrides"])}) for each in entries)
            several: dict[str, Any] = {name: tuple(kept.pop(name)) for name in ("groups", "seeds", "fractions")}
            return cls(finalists=finalists, **several, **kept)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"`{path}` must hold the plan of finals. Received: {error}. Begin anew: delete `{folder}`."
            ) from error
