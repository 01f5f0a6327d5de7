"""From the tokens of every view to what a model is fed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitjaru.architectures.views import View
from bitjaru.data.examples import Examples
from bitjaru.data.hashed_vocabulary import AnyVocabulary
from bitjaru.data.reviews import Reviews, Splits
from bitjaru.data.tokens import Tokens
from bitjaru.tasks import Task

FIRST = 256  # reviews of the last part whose tokens a model keeps: they show later whether an analyser cuts as it did
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one view made of the reviews.

    Attributes:
        vocabulary: Of the training part.
        token_key: Key of the token cache.
        first: Tokens of the first reviews of the last part.
    """

    vocabulary: AnyVocabulary
    token_key: str
    first: Tokens


@dataclass(frozen=True, kw_only=True)
class TokenizedView:
    """A view with its tokens of all reviews.

    Attributes:
        view: Says how many of them are read.
        vocabulary: Of the training part.
        tokens: Of each part, also of the reviews that are left out.
        token_key: Key of the token cache.
    """

    view: View
    vocabulary: AnyVocabulary
    tokens: Splits[Tokens]
    token_key: str

    def read(self, kept: Splits[Rows]) -> Read:
        """Returns what stays of it beside the examples."""
        *_, (tokens, rows) = (both for _, both in self.tokens.zip(kept).items())
        first = Tokens.from_rows(tokens.take(rows[:FIRST]))
        return Read(vocabulary=self.vocabulary, token_key=self.token_key, first=first)


def encode_views(task: Task, views: Sequence[TokenizedView], part: str, reviews: Reviews, rows: Rows) -> Examples:
    """Makes examples of some reviews of a part: the columns of each view, side by side.

    Args:
        task: Decides what an example is.
        views: Where there is none, the model reads the texts themselves.
        part: Of the data set.
        reviews: All of that part.
        rows: Places of those that are wanted.
    """
    labels = reviews.labels[rows]
    if not views:
        return Examples(np.array([reviews.texts[row] for row in rows], dtype=object), labels)
    made = [_examples(task, each, dict(each.tokens.items())[part], labels, rows) for each in views]
    inputs = made[0].inputs if len(made) == 1 else np.concatenate([each.inputs for each in made], axis=1)
    return Examples(inputs, made[0].targets)


def chosen(tokens: Tokens, rows: Rows) -> Tokens:
    """Returns the texts at these row numbers, without a copy where those are all."""
    return tokens if len(rows) == len(tokens) else tokens.take(rows)


def _examples(task: Task, each: TokenizedView, tokens: Tokens, labels: NDArray[np.int32], rows: Rows) -> Examples:
    length, padding = each.view.max_len, each.view.padding
    return task.examples(chosen(tokens, rows), labels, each.vocabulary, length=length, padding=padding)
