"""Where finalists err: on which kinds of reviews, on which of them all, and on which only one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitjaru.finals.analysis.scores import Scores
from bitjaru.models.answers import keys_of

# Words that turn a sentence, and words that concede: crude, and told as such.
NEGATIONS: Mapping[str, str] = {
    "ko": r"(?:^|\s)(?:안|못)\s|않|없|아니|지\s?못|지\s?마|말고",
    "en": r"\b(?:not|no|never|without|nothing|nobody|hardly|barely)\b|n't\b",
}
CONCESSIONS: Mapping[str, str] = {
    "ko": r"지만|그러나|그런데|그래도|는데|은데|더라도|비록",
    "en": r"\b(?:but|although|though|however|despite|yet|even if|nevertheless)\b",
}
SHORT, LONG = 1 / 3, 2 / 3
SHOWN = 10


@dataclass(frozen=True)
class Kind:
    """Reviews of one kind.

    Attributes:
        name: `short`, `middle`, `long`, `negation`, `concession` or `neither`.
        limit: Characters, of `short` at most, of `middle` at most, of `long` at least; None of the others.
        reviews: How many.
        wrong: Share that each finalist gets wrong, over its seeds, (F,).
    """

    name: str
    limit: int | None
    reviews: int
    wrong: Sequence[float]


@dataclass(frozen=True)
class Mistake:
    """A review that most seeds of a finalist get wrong.

    Attributes:
        text: All of it.
        truth: The class that it has.
        wrong: How sure each finalist is of the truth, over its seeds, (F,).
    """

    text: str
    truth: int
    wrong: Sequence[float]


@dataclass(frozen=True)
class Mistakes:
    """What the finalists get wrong. A finalist errs on a review where more than half of its seeds do.

    Attributes:
        kinds: Of reviews.
        by_all: How many reviews all finalists err on.
        by_one: How many each errs on alone, (F,).
        examples: Reviews on which all err, those of which they are most sure first.
    """

    kinds: Sequence[Kind]
    by_all: int
    by_one: Sequence[int]
    examples: Sequence[Mistake]


def mistakes(scores: Scores, texts: Sequence[str], language: str) -> Mistakes:
    """Sorts what is wrong.

    Args:
        scores: Answers to N reviews.
        texts: The reviews, in any order.
        language: Of which the lists of negations and concessions are taken, where there are such.
    """
    text_of = dict(zip(keys_of(texts).tolist(), texts, strict=True))
    ordered = [text_of[key] for key in scores.keys.tolist()]
    wrong = 1 - scores.right.mean(axis=1)
    erring = wrong > 0.5
    alone = erring & (erring.sum(axis=0) == 1)
    return Mistakes(
        kinds=[
            Kind(name, limit, int(rows.sum()), [float(value) for value in wrong[:, rows].mean(axis=1)])
            for name, limit, rows in _kinds(ordered, language)
            if rows.any()
        ],
        by_all=int(erring.all(axis=0).sum()),
        by_one=[int(count) for count in alone.sum(axis=1)],
        examples=list(_examples(scores, ordered, erring.all(axis=0))),
    )


def _kinds(texts: Sequence[str], language: str) -> Iterator[tuple[str, int | None, NDArray[np.bool_]]]:
    lengths = np.array([len(text) for text in texts])
    short, long = np.quantile(lengths, [SHORT, LONG])
    yield "short", int(short), lengths <= short
    yield "middle", int(long), (lengths > short) & (lengths <= long)
    yield "long", int(long), lengths > long
    if language not in NEGATIONS:
        return
    negation, concession = (
        np.array([re.search(words[language], text, re.IGNORECASE) is not None for text in texts])
        for words in (NEGATIONS, CONCESSIONS)
    )
    yield "negation", None, negation
    yield "concession", None, concession
    yield "neither", None, ~negation & ~concession


def _examples(scores: Scores, texts: Sequence[str], by_all: NDArray[np.bool_]) -> Iterator[Mistake]:
    of_truth = _of_truth(scores)
    rows = np.flatnonzero(by_all)
    for row in rows[np.argsort(of_truth[:, rows].mean(axis=0), kind="stable")][:SHOWN]:
        yield Mistake(texts[row], int(scores.targets[row]), [float(value) for value in of_truth[:, row]])


def _of_truth(scores: Scores) -> NDArray[np.float64]:
    """The probability that each finalist gives to the true class, over its seeds, (F, N)."""
    shares = scores.probabilities.mean(axis=1)
    if shares.shape[2] == 1:
        return np.asarray(np.where(scores.targets == 1, shares[:, :, 0], 1 - shares[:, :, 0]))
    return np.take_along_axis(shares, scores.targets[None, :, None].astype(np.int64), axis=2)[:, :, 0]
