"""From a data set and a tokenizer to examples: everything that happens before a model exists."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bitjaru import project
from bitjaru.configuration import Parts
from bitjaru.data.examples import Examples
from bitjaru.data.reviews import Corpus, Splits
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.errors import DataError
from bitjaru.preparation.token_cache import tokenize

SHOWN = 2  # reviews of the training part that a tracked model brings as examples
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Data that a model can be trained on.

    Attributes:
        loaded: The data set before reviews were dropped for having too few tokens.
        corpus: The same with the reviews that are left.
        tokens: Of those reviews.
        token_key: Key of the token cache.
        vocabulary: Of the training part.
        examples: Inputs (N, T) and targets (N,) of each part.
    """

    loaded: Corpus
    corpus: Corpus
    tokens: Splits[Tokens]
    token_key: str
    vocabulary: Vocabulary
    examples: Splits[Examples]

    @property
    def rows(self) -> Mapping[str, int]:
        """Examples in each part."""
        return {part: len(examples) for part, examples in self.examples.items()}

    def once_shown(self) -> "Prepared":
        """Returns what a training and its evaluation ask for: without texts and tokens that only fill memory meanwhile.

        Of the training part a few reviews stay, as examples; the tokens of the last part stay, since samples are
        taken from it. Where there is no other part to be evaluated, all of it stays.
        """
        parts = self.corpus.splits
        if parts.valid is None and parts.test is None:
            return self
        corpus = replace(
            self.corpus, splits=replace(parts, train=parts.train.take(np.arange(min(SHOWN, len(parts.train)))))
        )
        none = np.arange(0)
        tokens = replace(
            self.tokens,
            train=self.tokens.train.take(none),
            valid=self.tokens.valid
            if parts.test is None or self.tokens.valid is None
            else self.tokens.valid.take(none),
        )
        return replace(self, loaded=corpus, corpus=corpus, tokens=tokens)


def prepare(parts: Parts, *, loaded: Corpus | None = None) -> Prepared:
    """Loads, tokenizes and encodes.

    Args:
        parts: What the configuration describes.
        loaded: The data set, where it was loaded before.

    Raises:
        DataError: If the data is missing or damaged, or too little of it has enough tokens.
        TokenizerError: If the analyser cannot start.
    """
    settings = parts.settings
    loaded = loaded or parts.dataset.load()
    tokenized = tokenize(parts.tokenizer, loaded.splits.map(lambda reviews: reviews.texts), project.cache() / "tokens")
    corpus, tokens = _keep_long_enough(loaded, tokenized.tokens, parts.dataset.minimum_tokens)
    vocabulary = Vocabulary.build(tokens.train, size=settings.vocab_size, unknown_words=parts.task.unknown_words)
    if settings.vocab_size is not None and len(vocabulary) < settings.vocab_size:
        log.info("The training part has only %s of vocab_size=%s words.", f"{len(vocabulary):,}", settings.vocab_size)
    examples = tokens.zip(corpus.splits).map(
        lambda part: parts.task.examples(
            part[0], part[1].labels, vocabulary, length=settings.max_len, padding=settings.padding
        )
    )
    return Prepared(
        loaded=loaded, corpus=corpus, tokens=tokens, token_key=tokenized.key, vocabulary=vocabulary, examples=examples
    )


def _keep_long_enough(corpus: Corpus, tokens: Splits[Tokens], minimum: int) -> tuple[Corpus, Splits[Tokens]]:
    """Drops the reviews with fewer tokens than `minimum`."""
    if minimum == 0:
        return corpus, tokens
    rows = tokens.map(lambda part: np.flatnonzero(part.lengths >= minimum))
    for part, left in rows.items():
        if not len(left):
            raise DataError(
                f"Each part needs reviews with at least {minimum} tokens. Received: none of them in `{part}`. "
                "Lower `dataset.minimum_tokens`, or choose another `tokenizer`."
            )
    if all(len(part) == len(left) for _, (part, left) in tokens.zip(rows).items()):  # no copy where none is dropped
        return corpus, tokens
    kept = corpus.splits.zip(rows).map(lambda part: part[0].take(part[1]))
    return replace(corpus, splits=kept), tokens.zip(rows).map(lambda part: part[0].take(part[1]))
