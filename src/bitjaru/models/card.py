"""The model card: what a trained model is, what it was judged by, and what it is not for (Mitchell et al. 2019)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from omegaconf import DictConfig

from bitjaru.data.reviews import Corpus, Reviews
from bitjaru.files import write_text
from bitjaru.reporting.statistics import wilson

if TYPE_CHECKING:
    from bitjaru.training.evaluation import Evaluation

FILE = "card.md"
SHOWN, CHARACTERS = 3, 120


def write_card(
    config: DictConfig,
    corpus: Corpus,
    rows: Mapping[str, int],
    evaluations: Mapping[str, "Evaluation"],
    whole: Mapping[str, "Evaluation"],
    *,
    reads: Sequence[str],
    folder: Path,
) -> str:
    """Writes `card.md` into a bundle's folder, and returns it."""
    written = card(config, corpus, rows, evaluations, whole, reads=reads)
    write_text(folder / FILE, written)
    return written


def card(
    config: DictConfig,
    corpus: Corpus,
    rows: Mapping[str, int],
    evaluations: Mapping[str, "Evaluation"],
    whole: Mapping[str, "Evaluation"],
    *,
    reads: Sequence[str],
) -> str:
    """Writes the card as Markdown.

    Args:
        config: The run's.
        corpus: What it learned from; of the parts that were evaluated, with all reviews.
        rows: Reviews of each part, after preparation.
        evaluations: By part, of the reviews with enough tokens.
        whole: By part, of all labelled reviews.
        reads: How it reads a text, in a sentence for each way.
    """
    lines = [
        f"# {_class(config.architecture)} on {corpus.name}",
        "",
        f"Reads a review in the language `{corpus.language}` and answers: {', '.join(corpus.classes) or 'a word'}.",
        f"Takes raw text. {' '.join(reads)}",
        *("", "## Data", "", *_data(corpus, rows)),
        *("", "## Figures", "", *_figures(evaluations, whole)),
        *("", "## Examples", "", *_examples(corpus, evaluations)),
        *("", "## Intended use and limits", "", *_limits(corpus)),
    ]
    return "\n".join(lines) + "\n"


def _class(node: Any) -> str:
    return str(node.get("_target_", "model")).rpartition(".")[2]


def _data(corpus: Corpus, rows: Mapping[str, int]) -> Iterator[str]:
    counts = ", ".join(f"{part} {count:,}" for part, count in rows.items())
    yield f"- Source: {corpus.source}. Licence: {corpus.licence}."
    yield f"- Rows: {counts}. SHA-256 of the files: `{corpus.sha256}`."


def _figures(evaluations: Mapping[str, "Evaluation"], whole: Mapping[str, "Evaluation"]) -> Iterator[str]:
    lines = {**evaluations, **{f"{part}, all reviews": each for part, each in whole.items()}}
    yield "| part | rows | accuracy | 95 % interval | other |"
    yield "|---|---:|---:|---|---|"
    for part, evaluation in lines.items():
        accuracy, rows = evaluation.metrics["accuracy"], len(evaluation.targets)
        others = ", ".join(f"{name} {value:.4f}" for name, value in evaluation.metrics.items() if name != "accuracy")
        yield f"| {part} | {rows:,} | {accuracy:.4f} | {wilson(accuracy, rows).bounds} | {others} |"


def _examples(corpus: Corpus, evaluations: Mapping[str, "Evaluation"]) -> Iterator[str]:
    """The answers given with most confidence, right ones and wrong ones."""
    for part, reviews in reversed(list(corpus.splits.items())):
        if (
            part in evaluations
            and evaluations[part].confusion is not None
            and len(reviews) == len(evaluations[part].targets)
        ):
            yield from _confident(reviews, evaluations[part], corpus, part)
            return
    yield "None: its answers are no classes."


def _confident(reviews: Reviews, evaluation: "Evaluation", corpus: Corpus, part: str) -> Iterator[str]:
    kept = evaluation.kept
    shares = np.concatenate([1 - kept, kept], axis=1) if kept.shape[1] == 1 else kept
    answered = (kept[:, 0] > 0.5).astype(int) if kept.shape[1] == 1 else kept.argmax(axis=1)
    order = np.argsort(-shares.max(axis=1), kind="stable")
    for heading, held in (("Right", answered == evaluation.targets), ("Wrong", answered != evaluation.targets)):
        yield f"{heading}, with most confidence ({part}):"
        yield ""
        for row in order[held[order]][:SHOWN]:
            share = shares[row, answered[row]]
            text = " ".join(reviews.texts[int(row)].split())[:CHARACTERS].replace("`", "'")
            yield f"- `{text}`: {corpus.classes[answered[row]]}, {share:.2%}"
        yield ""


def _limits(corpus: Corpus) -> Iterator[str]:
    yield f"- For reviews like those of {corpus.name}. On texts of another kind, time or language it was not judged."
    yield "- Of a text that is longer than it can read, the beginning is lost."
    yield "- A text without a known token gets the answer to an empty review, flagged `no_known_token`."
    yield "- It answers for every text, also for those that are neither good nor bad. Do not judge people by it."
