"""A stored model on data that it has not been judged on."""

import numpy as np

from bitjaru.data.reviews import Corpus
from bitjaru.errors import DataError
from bitjaru.models.answers import Answers, keys_of
from bitjaru.promotion.contender import Contender
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
    # An answer names the likelier class; the column is the probability of class 1.
    positive = [
        answer.probability if corpus.classes.index(answer.label) == 1 else 1 - answer.probability for answer in said
    ]
    return Answers(keys[rows], test.labels[rows], np.array(positive, np.float64)[:, None])
