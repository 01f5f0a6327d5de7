"""From a data set and its tokenizers to examples: everything that happens before a model exists."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bitjaru import project
from bitjaru.architectures.views import View
from bitjaru.configuration import Parts
from bitjaru.data.examples import Examples
from bitjaru.data.hashed_vocabulary import AnyVocabulary, HashedVocabulary
from bitjaru.data.reviews import Corpus, Splits
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.errors import DataError
from bitjaru.preparation.encoding import Read, Rows, TokenizedView, chosen, encode_views
from bitjaru.preparation.token_cache import Tokenized, tokenize
from bitjaru.tasks import Writer
from bitjaru.tokenizers import Tokenizer

SHOWN = 2  # reviews of the training part that a tracked model brings as examples
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Reviews of one part with too few tokens. Nothing is learned from them, but a model answers them too.

    Attributes:
        rows: Their places in the loaded part, (M,).
        examples: M of them.
    """

    rows: Rows
    examples: Examples


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Data that a model can be trained on.

    Attributes:
        loaded: The data set before reviews were dropped for having too few tokens.
        corpus: The same with the reviews that are left.
        tokens: Of those reviews, by the run's own tokenizer.
        vocabulary: Of those tokens in the training part.
        views: By name, what each view of the model made of them.
        examples: Inputs (N, T) and targets (N,) of each part.
        left_out: By part, the reviews of a part to be evaluated that were dropped; none where answers are words.
    """

    loaded: Corpus
    corpus: Corpus
    tokens: Splits[Tokens]
    vocabulary: Vocabulary
    views: Mapping[str, Read]
    examples: Splits[Examples]
    left_out: Mapping[str, LeftOut]

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
        none = np.arange(0)
        tokens = replace(
            self.tokens,
            train=self.tokens.train.take(none),
            valid=self.tokens.valid
            if parts.test is None or self.tokens.valid is None
            else self.tokens.valid.take(none),
        )
        corpus = _with_few_to_learn_from(self.corpus)
        loaded = corpus if self.loaded is self.corpus else _with_few_to_learn_from(self.loaded)
        return replace(self, loaded=loaded, corpus=corpus, tokens=tokens)


def prepare(parts: Parts, *, loaded: Corpus | None = None) -> Prepared:
    """Loads, tokenizes and encodes.

    Args:
        parts: What the configuration describes.
        loaded: The data set, where it was loaded before.

    Raises:
        DataError: If the data is missing or damaged, or too little of it has enough tokens.
        TokenizerError: If an analyser cannot start.
    """
    settings = parts.settings
    loaded = loaded or parts.dataset.load()
    own = _tokenize(parts.tokenizer, loaded)
    kept = _long_enough(own.tokens, parts.dataset.minimum_tokens)
    kept = replace(kept, train=_share(kept.train, settings.train_fraction, settings.seed))
    corpus, tokens = _keep(loaded, own.tokens, kept)
    vocabulary = Vocabulary.build(tokens.train, size=settings.vocab_size, unknown_words=parts.task.unknown_words)
    _tell_if_small(vocabulary, settings.vocab_size)
    views = {
        name: TokenizedView(view=view, vocabulary=vocabulary, tokens=own.tokens, token_key=own.key)
        if (view.tokenizer, view.vocab_size, view.vocabulary) == (parts.tokenizer, settings.vocab_size, "counted")
        else _tokenize_view(view, parts, loaded, own, kept.train)
        for name, view in parts.reading.views.items()
    }
    each = list(views.values())
    whole = dict(loaded.splits.zip(kept).items())
    examples = {part: encode_views(parts.task, each, part, reviews, rows) for part, (reviews, rows) in whole.items()}
    left_out = {}
    for part, (reviews, rows) in whole.items():
        if part != "train" and len(rows) < len(reviews) and not isinstance(parts.task, Writer):
            others = np.setdiff1d(np.arange(len(reviews)), rows)
            left_out[part] = LeftOut(rows=others, examples=encode_views(parts.task, each, part, reviews, others))
    return Prepared(
        loaded=loaded,
        corpus=corpus,
        tokens=tokens,
        vocabulary=vocabulary,
        views={name: view.read(kept) for name, view in views.items()},
        examples=Splits(examples["train"], examples.get("valid"), examples.get("test")),
        left_out=left_out,
    )


def _tokenize(tokenizer: Tokenizer, corpus: Corpus) -> Tokenized:
    return tokenize(tokenizer, corpus.splits.map(lambda reviews: reviews.texts), project.cache() / "tokens")


def _tokenize_view(view: View, parts: Parts, loaded: Corpus, own: Tokenized, kept: Rows) -> TokenizedView:
    """Tokenizes as a view wants it, which may be the run's own way."""
    tokenized = own if view.tokenizer == parts.tokenizer else _tokenize(view.tokenizer, loaded)
    learned_from = chosen(tokenized.tokens.train, kept)
    words: AnyVocabulary
    if view.vocabulary == "hashed" and view.vocab_size is not None:
        words = HashedVocabulary(view.vocab_size)
    else:
        words = Vocabulary.build(learned_from, size=view.vocab_size, unknown_words=parts.task.unknown_words)
    return TokenizedView(view=view, vocabulary=words, tokens=tokenized.tokens, token_key=tokenized.key)


def _long_enough(tokens: Splits[Tokens], minimum: int) -> Splits[Rows]:
    """Returns the rows of the reviews with at least so many tokens."""
    rows = tokens.map(lambda part: np.flatnonzero(part.lengths >= minimum))
    for part, left in rows.items():
        if not len(left):
            raise DataError(
                f"Each part needs reviews with at least {minimum} tokens. Received: none of them in `{part}`. "
                "Lower `dataset.minimum_tokens`, or choose another `tokenizer`."
            )
    return rows


def _share(rows: Rows, fraction: float, seed: int) -> Rows:
    """Draws rows; a smaller share by the same seed is within the larger one."""
    if fraction == 1:
        return rows
    drawn = np.random.default_rng(seed).permutation(len(rows))[: max(2, round(fraction * len(rows)))]
    return rows[np.sort(drawn)]


def _keep(corpus: Corpus, tokens: Splits[Tokens], kept: Splits[Rows]) -> tuple[Corpus, Splits[Tokens]]:
    """Takes the reviews at these rows; no copy where they are all."""
    if all(len(part) == len(rows) for _, (part, rows) in tokens.zip(kept).items()):
        return corpus, tokens
    reviews = corpus.splits.zip(kept).map(lambda part: part[0].take(part[1]))
    return replace(corpus, splits=reviews), tokens.zip(kept).map(lambda part: part[0].take(part[1]))


def _with_few_to_learn_from(corpus: Corpus) -> Corpus:
    train = corpus.splits.train
    return replace(corpus, splits=replace(corpus.splits, train=train.take(np.arange(min(SHOWN, len(train))))))


def _tell_if_small(vocabulary: Vocabulary, wanted: int | None) -> None:
    if wanted is not None and len(vocabulary) < wanted:
        log.info("The training part has only %s of vocab_size=%s words.", f"{len(vocabulary):,}", wanted)
