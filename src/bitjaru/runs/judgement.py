"""What a model is worth, and the answers that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bitjaru.configuration import Parts
from bitjaru.models.answers import FOLDER as ANSWERS
from bitjaru.models.answers import Answers, keys_of
from bitjaru.models.golden_set import Golden
from bitjaru.models.tokenized_texts import TokenizedTexts
from bitjaru.runs.fitting import Fitted
from bitjaru.tasks import Writer

if TYPE_CHECKING:
    from bitjaru.preparation.prepare import Prepared
    from bitjaru.training.evaluation import Evaluation

SPEED = "milliseconds_per_review"
SAMPLES = 10  # answers for people to read


@dataclass(frozen=True)
class Judgement:
    """What a model is worth.

    Attributes:
        metrics: Final figures, as in `test_accuracy`, `test_accuracy_all` and `milliseconds_per_review`.
        kept: By part, the evaluation of the reviews with enough tokens.
        whole: By part, that of all labelled reviews; of tasks with classes only.
    """

    metrics: Mapping[str, float]
    kept: Mapping[str, "Evaluation"]
    whole: Mapping[str, "Evaluation"]


def judge(fitted: Fitted, parts: Parts, data: "Prepared") -> Judgement:
    """Evaluates a model on every part that it did not learn from; on the training part only where there is no other."""
    from bitjaru.training.evaluation import evaluate, milliseconds_per_review, together

    metrics: dict[str, float] = {}
    kept, whole = {}, {}
    for part, examples in data.examples.items():
        if part == "train" and (data.examples.valid or data.examples.test):
            continue
        kept[part] = evaluate(fitted.predict, examples, parts.task, outputs=fitted.outputs)
        metrics |= {f"{part}_{name}": value for name, value in kept[part].metrics.items()}
        if isinstance(parts.task, Writer):
            continue
        whole[part] = kept[part]
        if (left := data.left_out.get(part)) is not None:
            others = evaluate(fitted.predict, left.examples, parts.task, outputs=fitted.outputs)
            whole[part] = together(parts.task, kept[part], others, left.rows)
        metrics[f"{part}_accuracy_all"] = whole[part].metrics["accuracy"]
    metrics[SPEED] = milliseconds_per_review(fitted.predict, data.examples.train)
    return Judgement(metrics, kept, whole)


def keep_answers(judgement: Judgement, data: "Prepared", bundle: Path) -> None:
    """Keeps the answers to all reviews in the bundle: promotions and ensembles compare models by them."""
    for part, reviews in data.loaded.splits.items():
        if part != "train" and part in judgement.whole:
            whole = judgement.whole[part]
            Answers(keys_of(reviews.texts), whole.targets, whole.kept).save(bundle / ANSWERS / f"{part}.npz")


def answer_first_texts(fitted: Fitted, parts: Parts, data: "Prepared", bundle: Path) -> list[Mapping[str, str]]:
    """Keeps a golden set in the bundle, by which a promotion is judged; returns a few answers for people to read."""
    *_, (reviews, tokens) = (both for _, both in data.corpus.splits.zip(data.tokens).items())
    texts = list(reviews.texts[: Golden.size(fitted.outputs)])
    first = {name: view.first.take(np.arange(len(texts))) for name, view in data.views.items()}
    cut = [(parts.reading.views[name].tokenizer, tokens) for name, tokens in first.items()]
    probabilities = fitted.model.probabilities(TokenizedTexts(texts, cut))
    Golden.first(texts, probabilities, first).save(bundle)
    if isinstance(parts.task, Writer):
        length, padding = parts.settings.max_len, parts.settings.padding
        return parts.task.samples(fitted.predict, tokens, data.vocabulary, length=length, padding=padding)
    answers = parts.task.answers(probabilities[:SAMPLES], fitted.model.words)
    return [
        {
            "review": texts[row],
            "label": data.corpus.classes[int(reviews.labels[row])],
            "answer": answer.label,
            "probability": f"{answer.probability:.2%}",
        }
        for row, answer in enumerate(answers)
    ]
