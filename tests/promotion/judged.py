"""What the tests of the gate share: answers with known rights and wrongs, and evidence made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from bitjaru.configuration import build_part, compose_config
from bitjaru.data.vocabulary import SPECIALS, Vocabulary
from bitjaru.models.answers import Answers, keys_of
from bitjaru.models.golden_set import Golden
from bitjaru.promotion.contender import Contender
from bitjaru.promotion.evidence import Evidence
from bitjaru.promotion.gate import Gate
from bitjaru.tasks import Answer, Task
from bitjaru.tracking.models.isolated import Measured
from bitjaru.tracking.registry.candidate import Candidate

TEXTS = [f"영화 {number}" for number in range(400)]


def gate(*overrides: str) -> Gate:
    made: Gate = build_part(compose_config(["+gate=default", *overrides]), "gate")
    return made


def answers(right: int, texts: Sequence[str] = TEXTS) -> Answers:
    """The first `right` answers are right, the others wrong."""
    targets = np.arange(len(texts), dtype=np.int32) % 2
    said = np.where(np.arange(len(texts)) < right, targets, 1 - targets)
    return Answers(keys_of(texts), targets, np.where(said == 1, 0.9, 0.1)[:, None])


def run(**changes: Any) -> Candidate:
    known: dict[str, Any] = {
        "run_id": "r1",
        "name": "lstm",
        "status": "FINISHED",
        "tags": {"mlflow.source.git.commit": "abc", "mlflow.source.git.dirty": "false"},
        "params": {},
        "metrics": {"test_accuracy": 0.75},
        "licences": ["CC0 1.0", "CC0 1.0"],
        "rows": {"train": 3000, "valid": 300, "test": 400},
        "judges": ["valid_accuracy"],
        "model_id": "m-1",
        "source": "",
    }
    return Candidate(**known | changes)


@dataclass
class Model:
    """Stands where a `Contender` stands: a model with known answers, size and speed."""

    folder: Path
    kept: dict[str, Answers] = field(default_factory=lambda: {"test": answers(300)})
    data_sha256: str | None = "4a44a81d3b38"
    test_split: str = "fifth"
    megabytes: float = 10.0
    single: float = 5.0
    batch: float = 1.0
    drift: float = 0.0
    golden_rows: int = 256

    @property
    def words(self) -> Vocabulary:
        return Vocabulary((*SPECIALS, "영화"))

    @property
    def task(self) -> Task:
        task: Task = build_part(compose_config([]), "task")
        return task

    @property
    def golden(self) -> Golden:
        shares = np.linspace(0.01, 0.99, self.golden_rows)[:, None]
        return Golden(TEXTS[: self.golden_rows], shares, {})

    @property
    def measured(self) -> Measured:
        return self.measured_on(self.golden.texts)

    def measured_on(self, texts: Sequence[str]) -> Measured:
        assert texts == self.golden.texts
        vocabulary = Vocabulary((*SPECIALS, "영화"))
        again = [
            Answer(answer.label, answer.probability + self.drift)
            for answer in self.task.answers(self.golden.probabilities, vocabulary)
        ]
        return Measured(again, self.megabytes, self.single, self.batch)

    def answers(self, part: str) -> Answers | None:
        return self.kept.get(part)

    def split(self) -> dict[str, str]:
        return {"test": self.test_split}


@dataclass
class Judged:
    """What evidence is made of, with every costly part given."""

    challenger: Model
    champion: Model | None = None
    run: Candidate = field(default_factory=run)
    gate: Gate = field(default_factory=gate)
    new_data: bool = False
    linear: Answers = field(default_factory=lambda: answers(250))
    anew: Answers | None = None

    def evidence(self) -> Evidence:
        made = Evidence(
            gate=self.gate,
            tracking=cast("Any", None),
            run=self.run,
            challenger=cast("Contender", self.challenger),
            champion=cast("Contender", self.champion),
            new_data=self.new_data,
        )
        # What is cached there counts as made: no model is asked and no baseline trained.
        vars(made).update({"linear": self.linear} | ({"anew": self.anew} if self.anew else {}))
        return made
