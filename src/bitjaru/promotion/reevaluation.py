"""A stored model on data that it has not been judged on."""

from collections.abc import Sequence

import numpy as np

from bitjaru.data import FloatArray
from bitjaru.data.reviews import Corpus
from bitjaru.errors import DataError
from bitjaru.models.answers import Answers, keys_of
from bitjaru.promotion.contender import Contender
from bitjaru.tasks import Answer
from bitjaru.tracking.models.isolated import ask


def evaluate_anew(model: Contender, corpus: Corpus, wanted: Answers) -> Answers:
    """Lets a model answer the reviews of the test part that another one has answered.

    Args:
        model: Answers in a fresh process, with its own tokenizer and vocabulary.
        corpus: Holds the texts.
        wanted: The other one's answers; their keys say which reviews.

    Raises:
        DataError: If there is no test part, or a class has another name.
        BundleError: If the model fails.
    """
    test = corpus.splits.test
    if test is None:
        raise DataError(f"A comparison needs a test part. Received: {corpus.name}, which has none.")
    keys = keys_of(test.texts)
    rows = np.flatnonzero(np.isin(keys, wanted.keys))
    said = ask(model.uri, model.source, test.take(rows).texts, timed=()).answers
    if strange := {answer.label for answer in said} - set(corpus.classes):
        raise DataError(
            f"Both models must tell the same classes apart. Received: {', '.join(sorted(strange))}. "
            f"The data has: {', '.join(corpus.classes)}."
        )
    return Answers(keys[rows], test.labels[rows], _shares(said, corpus.classes))


def _shares(said: Sequence[Answer], classes: Sequence[str]) -> FloatArray:
    """Of two classes the probability of class 1, (N, 1); of more, of each, (N, C): the others share what is left."""
    places = np.array([classes.index(answer.label) for answer in said], np.int64)
    likely = np.array([answer.probability for answer in said], np.float64)
    if len(classes) == 2:
        return np.where(places == 1, likely, 1 - likely)[:, None]
    shares = np.repeat(((1 - likely) / (len(classes) - 1))[:, None], len(classes), axis=1)
    shares[np.arange(len(said)), places] = likely
    return shares
